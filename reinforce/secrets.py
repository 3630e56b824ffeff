"""Keys, encryption, and where secrets are read from: the environment, or files that only their owner can read.

The encryption key never enters the database, so neither does it enter the database's backups: who steals a backup
holds ciphertext. It stands in REINFORCE_SECRET_KEY or in a file of mode 600, one Fernet key a line. The first line
encrypts, every line decrypts: a key is rotated by putting a new one on top, encrypting everything anew, and taking the
old one away (`actions.operating.rotate_keys`). A process that is running notices at once: the file is looked at before
each use.
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
SUPPRESSION_VARIABLE = "REINFORCE_SUPPRESSION_KEY"
CLIENT_SECRET_VARIABLE = "REINFORCE_OIDC_CLIENT_SECRET"  # noqa: S105 - the name of a variable
_LARGEST_FILE = 64 * 1024
_SHORTEST_KEY = 32
PRINT_A_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


class Keyring:
    """Encrypts and decrypts what the database keeps of an account. Neither repr nor errors show a key.

    Implements `actions.operating.rotate_keys.KeyFile`.
    """

    def __init__(self, keys: Sequence[str], source: str, path: Path | None = None) -> None:
        """`keys` are Fernet keys, the first of which encrypts; `source` names where they came from in messages.

        With `path` they stand in that file, and are read anew whenever it has changed.
        """
        self._source = source
        self._path = path
        self._stamp = None if path is None else _stamp(path)
        self._keys = self._checked(keys)
        self._former: tuple[Fernet, ...] = ()

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
        return cls(read_private_file(path).split(), str(path), path)

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
        return self._now()[0].encrypt(plain)

    def unseal(self, sealed: bytes) -> bytes:
        """The inverse of `seal`. Raises ReinforceError if it was sealed with another key, or damaged."""
        try:
            # The former keys: what was read just before a rotation ended may still be sealed with one.
            return MultiFernet([*self._now(), *self._former]).decrypt(sealed)
        except InvalidToken:
            raise ReinforceError(
                f"the stored credentials can't be decrypted with the key in {self._source}",
                "Put back the key they were stored with, or connect the account again (reinforce account connect).",
            ) from None

    def opens_with_first(self, sealed: bytes) -> bool:
        """True if the key that encrypts is enough to open this: then no other is needed for it any more."""
        try:
            self._now()[0].decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def opens(self, sealed: bytes) -> tuple[bool, bool]:
        """Whether any of the keys opens this, and whether the first one does."""
        first = self.opens_with_first(sealed)
        try:
            return first or bool(self.unseal(sealed)), first
        except ReinforceError:
            return False, False

    @property
    def source(self) -> str:
        """Where the keys stand: a path, or the name of the environment variable."""
        return self._source

    @property
    def size(self) -> int:
        """How many keys there are; more than one while a rotation is not finished."""
        return len(self._now())

    def add_key(self) -> None:
        """Put a new key on top of the file. Raises ReinforceError where the key stands in the environment."""
        path = self._file()
        replace_private_file(path, "\n".join([Fernet.generate_key().decode(), *read_private_file(path).split(), ""]))

    def drop_old_keys(self) -> int:
        """Leave only the first key in the file; returns how many went. Raises ReinforceError as `add_key`."""
        path = self._file()
        first, *old = read_private_file(path).split()
        if old:
            replace_private_file(path, first + "\n")
        return len(old)

    def _file(self) -> Path:
        if self._path is None:
            raise ReinforceError(
                f"the key stands in {self._source}, which only you can change",
                f"Put a new key before the old one there, a space between, start everything again, run `reinforce "
                f"secrets rotate --no-new-key`, and take the old one out. This prints a key: {PRINT_A_KEY}",
            )
        return self._path

    def _now(self) -> tuple[Fernet, ...]:
        """The keys as they are at this moment. A file that is gone or broken changes nothing for who runs already."""
        stamp = None if self._path is None else _stamp(self._path)
        if self._path is not None and stamp is not None and stamp != self._stamp:
            with contextlib.suppress(ReinforceError):
                fresh = self._checked(read_private_file(self._path).split())
                # Kept in memory, for opening only.
                self._former, self._keys, self._stamp = (*self._keys, *self._former), fresh, stamp
        return self._keys

    def _checked(self, keys: Sequence[str]) -> tuple[Fernet, ...]:
        try:
            fernets = tuple(Fernet(key) for key in keys)
        except ValueError:
            fernets = ()
        if not fernets:
            raise ReinforceError(
                f"{self._source} does not hold a key: each line must be 32 bytes in URL-safe base64",
                "Put back the key this workspace was made with; a new workspace gets one from `reinforce init`.",
            )
        return fernets

    def __repr__(self) -> str:
        return f"Keyring({self._source})"


def suppression_key(path: Path, environ: Mapping[str, str] | None = None, *, create: bool = False) -> bytes:
    """The key of the suppression list: REINFORCE_SUPPRESSION_KEY, else the file `path`; with `create` made if missing.

    Raises ReinforceError if there is none, it is too short to be one, or others than its owner may read the file.
    """
    given = (os.environ if environ is None else environ).get(SUPPRESSION_VARIABLE, "").strip()
    if not given and create and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            write_private_file(path, Fernet.generate_key().decode() + "\n")
    if not given and not path.exists():
        raise ReinforceError(
            f"there is no key at {path}: who was erased, or said stop, can't be told without it",
            f"Put back the file, or set {SUPPRESSION_VARIABLE} (docs/how-to/erase-a-person.md).",
        )
    key = (given or read_private_file(path).strip()).encode()
    if len(key) < _SHORTEST_KEY:
        raise ReinforceError(f"the key in {path} is shorter than {_SHORTEST_KEY} characters", "Put back the right one.")
    return key


def client_secret(path: Path, environ: Mapping[str, str] | None = None, *, required: bool) -> str:
    """What the console proves itself with to the company's sign-in: REINFORCE_OIDC_CLIENT_SECRET, else what stands in
    the file `path`; "" for a public client, which has none. Raises ReinforceError if others may read the file, and with
    `required` if there is none."""
    given = (os.environ if environ is None else environ).get(CLIENT_SECRET_VARIABLE, "").strip()
    if given or not (required or path.exists()):
        return given
    return read_private_file(path).strip()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What differs after the file was replaced; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


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


def write_private_file(path: Path, content: str | bytes) -> None:
    """Make the file `path`, mode 600 from its first byte on. Raises FileExistsError if there is one.

    It appears whole: nobody who waits for it reads half a key.
    """
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content.encode() if isinstance(content, str) else content)
        os.link(draft, path)
    finally:
        Path(draft).unlink()


def replace_private_file(path: Path, text: str) -> None:
    """Put `text` in the place of the file `path`, in one step and durably: after a crash it is the old or the new.

    Mode 600, and the owner stays who it was. Raises ReinforceError where it can't be written.
    """
    place = path.resolve()  # a symbolic link stays one
    for stale in place.parent.glob(f".{place.name}.new-*"):
        stale.unlink(missing_ok=True)  # from a crash: a key that nothing was sealed with
    draft = None
    try:
        owner = place.stat()
        handle, draft = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.new-")
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            if owner.st_uid != os.geteuid():
                os.fchown(opened.fileno(), owner.st_uid, owner.st_gid)
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        Path(draft).replace(place)
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        if draft is not None:
            Path(draft).unlink(missing_ok=True)
        raise ReinforceError(
            f"{path} can't be replaced: {error.strerror}", "Run this as the file's owner, with room on its disk."
        ) from None


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
