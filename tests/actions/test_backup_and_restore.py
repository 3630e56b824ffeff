"""Backups written and put back, and what the doctor says, on both databases."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from postgres_server import PostgresServer
from reinforce import upkeep
from reinforce.actions.operating.backup import backup
from reinforce.actions.operating.diagnose import Surroundings, diagnose
from reinforce.actions.operating.restore import restore
from reinforce.actions.operating.start_workspace import start_workspace
from reinforce.bootstrap import House
from reinforce.clock import Clock
from reinforce.domain.accounts.credentials import OAuth1Keys
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.secrets import Keyring
from reinforce.settings import Settings
from reinforce.store import tables as t
from reinforce.store.accounts import accounts, credentials
from reinforce.store.operating import audit, copies, heartbeats, integrity, migrations, workspace
from reinforce.store.operating.heartbeats import Heartbeat
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
KEYS = OAuth1Keys("ck-1", "cs-2", "at-3", "as-4")


@pytest.fixture
def live(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """A migrated workspace with one account; Postgres' own tools are those of the test server."""
    if database_url.startswith("postgresql"):
        server: PostgresServer = request.getfixturevalue("postgres_server")
        monkeypatch.setenv("PATH", f"{server.tools}{os.pathsep}{os.environ['PATH']}")
    database = Database(database_url)
    migrations.upgrade(database)
    start_workspace(database, tmp_path / "workspace", rehearsal=False, now=NOW)
    with database.write() as connection:
        accounts.add_account(connection, name="before", base_url="http://127.0.0.1:1")
    yield database
    database.close()


def _names(database: Database) -> list[tuple[str, str]]:
    with database.read() as connection:
        rows = connection.execute(select(t.account.c.name, t.account.c.state).order_by(t.account.c.name))
        return [(row.name, row.state) for row in rows]


def test_a_restore_brings_the_backup_back_keeps_what_was_there_and_sends_nothing_yet(
    live: Database, tmp_path: Path
) -> None:
    file = tmp_path / "monday.backup"
    assert backup(live, file, now=NOW) == file.stat().st_size > 0
    assert file.stat().st_mode & 0o077 == 0
    with live.write() as connection:
        accounts.add_account(connection, name="later", base_url="http://127.0.0.1:2")
    kept = restore(live, file, tmp_path, actor="tester", now=NOW)
    assert _names(live) == [("before", "unproven")]
    restore(live, kept, tmp_path, actor="tester", now=NOW.replace(hour=9))
    assert _names(live) == [("before", "unproven"), ("later", "unproven")]


def test_a_backup_never_writes_over_a_file_unless_told_to(live: Database, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    file.write_text("mine")
    with pytest.raises(ReinforceError, match="is there already"):
        backup(live, file, now=NOW)
    assert file.read_text() == "mine"
    assert backup(live, file, now=NOW, force=True) > len("mine")


def test_nothing_is_restored_beside_a_daemon_or_from_what_is_no_backup(live: Database, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    backup(live, file, now=NOW)
    rubbish = tmp_path / "rubbish.db"
    rubbish.write_bytes(b"no database at all" * 100)
    with pytest.raises(ReinforceError):
        restore(live, rubbish, tmp_path, actor="tester", now=NOW)
    with live.write() as connection:
        heartbeats.beat(connection, Heartbeat("a", "daemon", 1, NOW, NOW))
    with pytest.raises(NotAllowed, match="daemon is running"):
        restore(live, file, tmp_path, actor="tester", now=NOW)
    assert _names(live) == [("before", "active")]


def test_a_backup_is_read_back_and_the_workspace_knows_when_it_was_made(live: Database, tmp_path: Path) -> None:
    with live.read() as connection:
        assert workspace.backed_up_at(connection) is None
    backup(live, tmp_path / "monday.backup", now=NOW)
    copies.require_sound(live, tmp_path / "monday.backup")
    with live.read() as connection:
        assert workspace.backed_up_at(connection) == NOW


def test_a_backup_that_cannot_be_written_leaves_nothing_and_says_what_to_do(live: Database, tmp_path: Path) -> None:
    with pytest.raises(ReinforceError) as caught:
        backup(live, tmp_path / "no such folder" / "monday.backup", now=NOW)
    assert caught.value.advice
    with live.read() as connection:
        assert workspace.backed_up_at(connection) is None
    assert list(tmp_path.glob("**/*.partial")) == []


def test_a_copy_that_was_cut_off_or_changed_is_not_put_back(live: Database, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    backup(live, file, now=NOW)
    whole = file.read_bytes()
    for bad in (whole[: len(whole) // 2], b"", whole[:1000] + b"\0" * 5000 + whole[6000:]):
        file.write_bytes(bad)
        with pytest.raises(ReinforceError):
            restore(live, file, tmp_path, actor="tester", now=NOW)
    assert _names(live) == [("before", "active")]


def test_a_restore_is_on_record_and_seen_by_who_has_the_database_open(live: Database, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    backup(live, file, now=NOW)
    beside = Database(live.engine.url.render_as_string(hide_password=False))
    with beside.write() as connection:
        accounts.add_account(connection, name="later", base_url="http://127.0.0.1:2")
    restore(live, file, tmp_path, actor="tester", now=NOW)
    assert _names(beside) == [("before", "unproven")]
    with beside.read() as connection:
        assert [row.verb for row in audit.latest(connection, limit=1)] == ["database.restore"]
        assert audit.verify(connection).whole
    beside.close()


def test_nobody_finds_accounts_that_send_between_the_backup_and_the_doubt(live: Database, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    backup(live, file, now=NOW)
    with pytest.raises(ReinforceError):
        copies.put_back(live, file, "UPDATE no_such_table SET state = 'unproven'")
    assert _names(live) == [("before", "active")], "what can't be done whole is not done at all"


def test_a_damaged_database_is_named_by_the_doctor_and_replaced_by_a_restore(tmp_path: Path) -> None:
    house = House(Settings(workspace=tmp_path / "workspace"))
    house.make(rehearsal=False)
    with house.database.write() as connection:
        accounts.add_account(connection, name="before", base_url="http://127.0.0.1:1")
    backup(house.database, tmp_path / "monday.backup", now=NOW)
    house.close()
    place = tmp_path / "workspace" / "reinforce.db"
    for damage in (b"\0" * 200, b"not a database at all, not any more" * 10):
        with place.open("r+b") as opened:
            opened.write(damage)
        again = House(house.settings)
        ill = [finding for finding in upkeep.diagnose(again, offline=True) if finding.level == "fail"]
        assert "damaged" in ill[0].what
        assert "reinforce db restore" in ill[0].advice
        kept = upkeep.restore(again, tmp_path / "monday.backup")
        assert kept.read_bytes().startswith(damage)
        kept.unlink()
        assert _names(again.database) == [("before", "unproven")]
        again.close()


def _around(live: Database, tmp_path: Path, **changes: Any) -> Surroundings:
    wall = Clock.wall()
    keyring = Keyring.create(tmp_path / "secret.key", {})
    around = Surroundings(tmp_path / "workspace", tmp_path / "secret.key", now=wall, wall=wall, opens=keyring.opens)
    return dataclasses.replace(around, **changes)


def _found(live: Database, around: Surroundings, level: str) -> list[str]:
    found = [finding for finding in diagnose(live, around) if finding.level == level]
    assert all(finding.advice for finding in found if finding.level != "ok")
    return [finding.what for finding in found]


def test_the_doctor_finds_nothing_wrong_with_a_sound_workspace(live: Database, tmp_path: Path) -> None:
    around = _around(live, tmp_path)
    with live.write() as connection:
        credentials.save(connection, 1, KEYS, Keyring.load(around.key_file, {}), NOW)
    assert _found(live, around, "fail") == []
    assert _found(live, dataclasses.replace(around, skew=lambda _place: 0.4), "fail") == []
    fine = " | ".join(_found(live, around, "ok"))
    for words in ("is sound", "audit log is whole", "account before may send", "key opens all", "no post is in doubt"):
        assert words in fine


def test_the_doctor_names_what_is_wrong_with_the_machine(live: Database, tmp_path: Path) -> None:
    around = _around(live, tmp_path)
    around.key_file.chmod(0o644)
    assert str(around.key_file) in _found(live, around, "fail")[0]
    around.key_file.chmod(0o600)
    late = dataclasses.replace(around, wall=around.wall + timedelta(minutes=5), skew=lambda _place: -300.0)
    wrong = _found(live, late, "fail")
    assert "this machine's clock and the database's are" in wrong[0]
    assert wrong[1] == "the clock of http://127.0.0.1:1 is 300.0 s behind this machine's"
    assert "does not answer" in _found(live, dataclasses.replace(around, skew=lambda _place: None), "warn")[0]
    nowhere = dataclasses.replace(around, folder=tmp_path / "nowhere")
    assert "no workspace" in _found(live, nowhere, "fail")[0]


def test_the_doctor_names_what_is_wrong_with_accounts_and_keys(live: Database, tmp_path: Path) -> None:
    around = _around(live, tmp_path)
    assert "account before has no stored credentials" in _found(live, around, "fail")
    with live.write() as connection:
        credentials.save(connection, 1, KEYS, Keyring.load(around.key_file, {}), NOW)
        accounts.pause_account(connection, 1, "the keys were refused")
    assert _found(live, around, "fail") == ["account before is paused: the keys were refused"]
    assert "no key that could open" in _found(live, dataclasses.replace(around, opens=None), "fail")[1]
    other = Keyring.create(tmp_path / "other.key", {})
    shut = _found(live, dataclasses.replace(around, opens=other.opens), "fail")
    assert shut[1] == "the key does not open the credentials of before"
    unfinished = Keyring.load(around.key_file, {})
    unfinished.add_key()
    assert "a change of the key was not finished" in _found(live, around, "warn")


def test_the_doctor_names_posts_that_are_stuck_replies_that_wait_and_backups_that_are_old(
    live: Database, tmp_path: Path
) -> None:
    around = _around(live, tmp_path)
    hour = timedelta(hours=1)
    with live.write() as connection:
        credentials.save(connection, 1, KEYS, Keyring.load(around.key_file, {}), NOW)
        for number, (state, changes) in enumerate(
            (
                ("held", {}),
                ("planned", {}),
                ("unknown", {"unknown_since": around.wall - hour}),
            )
        ):
            connection.execute(
                insert(t.outbox).values(
                    account_id=1, form="reminder", occurrence=f"now/{number}", state=state, fence=0, owner="", rounds=0,
                    text=str(number), text_hash=str(number), alternatives=[], price_micros=0, due_at=around.now - hour,
                    grace_until=around.now + hour, reason="", decision={}, outcome="", created_at=around.now, **changes,
                )
            )  # fmt: skip
        connection.execute(
            insert(t.inbound).values(
                account_id=1, remote_id=1, author_remote_id=7, author_handle="a", text="?", created_at=around.now,
                received_at=around.now - 30 * hour, read_as=[], read_why="", needs_person=True, graded_at=around.now,
            )
        )  # fmt: skip
    wrong = _found(live, around, "fail")
    assert wrong == [
        "1 held: whether they were posted could not be told",
        "it has been unknown for 60 minutes whether a post is up",
        "1 posts are due, the oldest for 60 minutes",
    ]
    waiting = _found(live, around, "warn")
    assert "1 replies wait for a person, the oldest for 1.2 days" in waiting
    assert "there is no backup made with reinforce db backup" in waiting
    backup(live, tmp_path / "monday.backup", now=around.wall - timedelta(days=3))
    assert "the last backup is 3.0 days old" in _found(live, around, "warn")
    backup(live, tmp_path / "tuesday.backup", now=around.wall)
    assert "the last backup is 0.0 days old" in _found(live, around, "ok")


def test_the_doctor_reads_the_audit_log(live: Database, tmp_path: Path) -> None:
    with live.write() as connection:
        audit.record(connection, "tester", "test", "thing/1", {}, NOW)
    with live.write() as connection:  # the log is written to as a transaction's last act
        connection.execute(update(t.audit).values(actor="somebody-else"))
    assert "the audit log is not whole: row 1 was changed after it was written" in _found(
        live, _around(live, tmp_path), "fail"
    )


def test_damaged_indexes_of_postgres_are_found_where_amcheck_is_there(
    make_postgres: Callable[[], str], tmp_path: Path
) -> None:
    database = Database(make_postgres())
    migrations.upgrade(database)
    with database.write() as connection:
        assert "amcheck" in integrity.check(connection)[0]
        connection.execute(text("CREATE EXTENSION amcheck"))
    with database.read() as connection:
        assert integrity.check(connection) == ("checksums and every index", ())
    database.close()
