"""The key that tokens are encrypted with is changed while everything runs, and whatever is killed."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from reinforce.actions.operating.rotate_keys import Rotated, Step, rotate_keys
from reinforce.domain.accounts.credentials import Credentials, OAuth1Keys, OAuth2App, OAuth2Keys, OAuth2Tokens
from reinforce.domain.errors import ReinforceError
from reinforce.secrets import KEY_VARIABLE, Keyring
from reinforce.store.accounts import accounts, credentials
from reinforce.store.operating import audit
from reinforce.store.session import Database
from tests.warm import Nursery

SCRIPT = Path(__file__).parent / "rotating_process.py"
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
SIGNED = OAuth1Keys("ck-1", "cs-2", "at-3", "as-4")
BEARER = OAuth2Keys(OAuth2App("client", "hush"), OAuth2Tokens("access", "refresh", NOW))


@pytest.fixture
def key_file(tmp_path: Path, database: Database) -> Path:
    """The key of a workspace with one account of each kind."""
    keyring = Keyring.create(tmp_path / "secret.key", {})
    with database.write() as connection:
        given: tuple[Credentials, ...] = (SIGNED, BEARER)
        for number, keys in enumerate(given, 1):
            record = accounts.add_account(connection, name=f"a{number}", base_url=f"http://127.0.0.1:{number}")
            credentials.save(connection, record.id, keys, keyring, NOW)
    return tmp_path / "secret.key"


def _keys(database: Database, keyring: Keyring) -> list[object]:
    with database.read() as connection:
        return [credentials.load(connection, number, keyring) for number in (1, 2)]


def _rotate(database: Database, keyring: Keyring, **options: bool) -> Rotated:
    return rotate_keys(database, keyring, actor="tester", now=NOW, **options)  # type: ignore[arg-type]


def test_after_a_rotation_only_the_new_key_is_there_and_opens_everything(database: Database, key_file: Path) -> None:
    before = key_file.read_text()
    assert _rotate(database, Keyring.load(key_file, {})) == Rotated(resealed=3, dropped=1)
    after = key_file.read_text()
    assert len(after.split()) == 1
    assert after != before
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert _keys(database, Keyring.load(key_file, {})) == [SIGNED, BEARER]
    with pytest.raises(ReinforceError, match="can't be decrypted"):
        _keys(database, Keyring(before.split(), "the old key"))
    with database.read() as connection:
        assert [row.verb for row in audit.entries(connection)] == ["secrets.rotate"]


def test_a_process_that_runs_already_uses_the_new_key_at_once(database: Database, key_file: Path) -> None:
    running = Keyring.load(key_file, {})
    sealed_before = running.seal(b"read just before the rotation ended")
    _rotate(database, Keyring.load(key_file, {}))
    assert _keys(database, running) == [SIGNED, BEARER]
    assert running.opens_with_first(running.seal(b"x"))
    assert Keyring.load(key_file, {}).unseal(running.seal(b"tokens")) == b"tokens"
    assert running.unseal(sealed_before).startswith(b"read just before")


@pytest.mark.parametrize("step", [Step.KEY_ADDED, Step.BEFORE_COMMIT, Step.COMMITTED, Step.OLD_DROPPED])
def test_killed_between_any_two_steps_everything_opens_and_a_second_run_ends_it(
    database: Database, key_file: Path, step: Step, nursery: Nursery, tmp_path: Path
) -> None:
    running = Keyring.load(key_file, {})
    url = database.engine.url.render_as_string(hide_password=False)
    killed = nursery.run(SCRIPT, url, str(key_file), step, folder=tmp_path)
    assert killed.wait(60) == -signal.SIGKILL
    assert _keys(database, Keyring.load(key_file, {})) == [SIGNED, BEARER]
    assert _keys(database, running) == [SIGNED, BEARER]
    _rotate(database, Keyring.load(key_file, {}))
    assert len(key_file.read_text().split()) == 1
    assert _keys(database, Keyring.load(key_file, {})) == [SIGNED, BEARER]


def test_who_connects_an_account_meanwhile_loses_nothing(database: Database, key_file: Path) -> None:
    connecting = Keyring.load(key_file, {})
    sealed, go_on, rotated = threading.Event(), threading.Event(), threading.Event()

    def connect() -> None:
        with database.write() as connection:
            credentials.save(connection, 1, SIGNED, connecting, NOW)
            sealed.set()
            go_on.wait(10)

    def rotate() -> None:
        _rotate(database, Keyring.load(key_file, {}))
        rotated.set()

    threads = [threading.Thread(target=connect), threading.Thread(target=rotate)]
    threads[0].start()
    assert sealed.wait(10)
    threads[1].start()
    assert not rotated.wait(0.2), "the rotation waits for what was sealed with the old key"
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert _keys(database, Keyring.load(key_file, {})) == [SIGNED, BEARER]


def test_the_old_key_stays_where_that_is_asked_for(database: Database, key_file: Path) -> None:
    old = key_file.read_text().strip()
    assert _rotate(database, Keyring.load(key_file, {}), keep_old=True).dropped == 0
    assert key_file.read_text().split()[1:] == [old]


def test_a_key_in_the_environment_is_changed_by_hand_and_used_by_us(database: Database, key_file: Path) -> None:
    old, new = key_file.read_text().strip(), Fernet.generate_key().decode()
    with pytest.raises(ReinforceError, match=KEY_VARIABLE) as refused:
        _rotate(database, Keyring.load(key_file, {KEY_VARIABLE: old}))
    assert "--no-new-key" in refused.value.advice
    assert _rotate(database, Keyring.load(key_file, {KEY_VARIABLE: f"{new} {old}"}), new_key=False).resealed == 3
    assert _keys(database, Keyring([new], "the new key")) == [SIGNED, BEARER]


def test_nothing_is_changed_where_something_opens_with_no_key(database: Database, key_file: Path) -> None:
    with database.write() as connection:
        credentials.save(connection, 1, SIGNED, Keyring([Fernet.generate_key().decode()], "another"), NOW)
    before = key_file.read_text().strip()
    with pytest.raises(ReinforceError, match="can't be decrypted"):
        _rotate(database, Keyring.load(key_file, {}))
    assert before in key_file.read_text()
    with database.read() as connection:
        assert credentials.load(connection, 2, Keyring([before], "the old key")) == BEARER


def test_a_draft_that_a_crash_left_is_cleared_away(database: Database, key_file: Path) -> None:
    stale = key_file.with_name(f".{key_file.name}.new-abc")
    stale.write_text("a key nobody uses")
    _rotate(database, Keyring.load(key_file, {}))
    assert not stale.exists()
