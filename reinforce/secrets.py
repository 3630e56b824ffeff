"""Keys, encryption, and where secrets are read from: the environment, or files that only their owner can read.

The encryption key never enters the database, so neither does it enter the database's backups: who steals a backup
holds ciphertext. It stands in REINFORCE_SECRET_KEY or in a file of mode 600, one Fernet key a line. The first line
encrypts, every line decrypts: a key is rotated by putting a new one on top.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from reinforce.domain.accounts.credentials import (
    OAUTH1_NAMES,
    OAUTH2_NAMES,
    Given,
    Method,
    read_given,
)
from reinforce.domain.errors import ReinforceError

KEY_VARIABLE = "REINFORCE_SECRET_KEY"
_LARGEST_FILE = 64 * 1024


class Keyring:
    """Encrypts and decrypts what the database keeps of an account. Neither repr nor errors show a key."""

    def __init__(self, keys: Sequence[str], source: str) -> None:
        """`keys` are Fernet keys, the first of which encrypts; `source` names where they came from in messages."""
        self._source = source
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise ReinforceError(
                f"{source} does not hold a key: each line must be 32 bytes in URL-safe base64",
                "Put back the key this workspace was made with; a new workspace gets one from `reinforce init`.",
            ) from None

    @classmethod
    def load(cls, path: Path, environ: Mapping[str, str] | None = None) -> Keyring:
        """The key in REINFORCE_SECRET_KEY (several: separated by spaces or commas), else the one in the file `path`.

        Raises ReinforceError if there is none, or if others than its owner may read the file.
        """
        given = (os.environ if environ is None else environ).get(KEY_VARIABLE, "")
        if given.strip():
            return cls(re.split(r"[\s,]+", given.strip()), KEY_VARIABLE)
        if not path.exists():
            raise ReinforceError(
                f"there is no key at {path}",
                f"Put back the file, or set {KEY_VARIABLE}; `reinforce init` makes one for a new workspace.",
            )
        return cls(read_private_file(path).split(), str(path))

    @classmethod
    def create(cls, path: Path, environ: Mapping[str, str] | None = None) -> Keyring:
        """Make a key at `path`, mode 600, unless there is one (or one in the environment), and load it."""
        if not (os.environ if environ is None else environ).get(KEY_VARIABLE, "").strip():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Somebody else was first: theirs is the key.
            with contextlib.suppress(FileExistsError):
                write_private_file(path, Fernet.generate_key().decode() + "\n")
        return cls.load(path, environ)

    def seal(self, plain: bytes) -> bytes:
        """`plain`, encrypted and signed."""
        return self._fernet.encrypt(plain)

    def unseal(self, sealed: bytes) -> bytes:
        """The inverse of `seal`. Raises ReinforceError if it was sealed with another key, or damaged."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise ReinforceError(
                f"the stored credentials can't be decrypted with the key in {self._source}",
                "Put back the key they were stored with, or connect the account again (reinforce account connect).",
            ) from None

    def __repr__(self) -> str:
        return f"Keyring({self._source})"


def read_private_file(path: Path) -> str:
    """The text of a small file that only its owner may read. Raises ReinforceError with advice otherwise."""
    try:
        with path.open("rb") as opened:
            status = os.fstat(opened.fileno())
            if os.name == "posix" and stat.S_IMODE(status.st_mode) & 0o077:
                raise ReinforceError(
                    f"{path} holds secrets, and others than its owner may open it "
                    f"(mode {stat.S_IMODE(status.st_mode):03o})",
                    f"Run: chmod 600 {path}",
                )
            raw = opened.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise ReinforceError(f"{path} can't be read: {error.strerror}", "Check the path and who owns it.") from None
    try:
        if len(raw) > _LARGEST_FILE:
            raise ValueError
        return raw.decode("utf-8-sig")
    except ValueError:
        raise ReinforceError(f"{path} is not a small UTF-8 text file", "Is it the right file?") from None


def write_private_file(path: Path, text: str) -> None:
    """Make the file `path`, mode 600 from its first byte on. Raises FileExistsError if there is one.

    It appears whole: nobody who waits for it reads half a key.
    """
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
        os.link(draft, path)
    finally:
        Path(draft).unlink()


def read_credentials_file(path: Path, method: Method | None = None) -> Given:
    """The keys in a JSON file of mode 600, such as the practice account writes. Raises ReinforceError."""
    text = read_private_file(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise ReinforceError(
            f"{path} is not a JSON object", 'It should look like {"consumer_key": "…", "consumer_secret": "…", …}.'
        )
    return read_given(content, str(path), method)


def credentials_from_environment(
    account: str, method: Method | None = None, environ: Mapping[str, str] | None = None
) -> Given:
    """The keys in REINFORCE_ACCOUNT_<NAME>_CONSUMER_KEY and so on. Raises ReinforceError if there are none."""
    environ = os.environ if environ is None else environ
    prefix = account_variable(account)
    names = (*OAUTH1_NAMES, *OAUTH2_NAMES, "base_url")
    content = {name: environ.get(f"{prefix}_{name.upper()}", "") for name in names}
    return read_given(content, f"the environment ({prefix}_…)", method)


def account_variable(account: str) -> str:
    """How the environment variables of an account begin: REINFORCE_ACCOUNT_ and its name in capitals."""
    return "REINFORCE_ACCOUNT_" + re.sub(r"[^A-Z0-9]", "_", account.upper())
