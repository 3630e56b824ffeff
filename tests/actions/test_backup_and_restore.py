"""Backups written and put back, and what the doctor says, on both databases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from postgres_server import PostgresServer
from reinforce.actions.operating.backup import backup
from reinforce.actions.operating.diagnose import diagnose
from reinforce.actions.operating.restore import restore
from reinforce.actions.operating.start_workspace import start_workspace
from reinforce.clock import Clock
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.secrets import Keyring
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.operating import heartbeats, migrations
from reinforce.store.operating.heartbeats import Heartbeat
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


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
    assert backup(live, file) == file.stat().st_size > 0
    assert file.stat().st_mode & 0o077 == 0
    with live.write() as connection:
        accounts.add_account(connection, name="later", base_url="http://127.0.0.1:2")
    kept = restore(live, file, tmp_path, now=NOW)
    assert _names(live) == [("before", "unproven")]
    restore(live, kept, tmp_path, now=NOW.replace(hour=9))
    assert _names(live) == [("before", "unproven"), ("later", "unproven")]


def test_a_backup_never_writes_over_a_file_unless_told_to(live: Database, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    file.write_text("mine")
    with pytest.raises(ReinforceError, match="is there already"):
        backup(live, file)
    assert file.read_text() == "mine"
    assert backup(live, file, force=True) > len("mine")


def test_nothing_is_restored_beside_a_daemon_or_from_what_is_no_backup(live: Database, tmp_path: Path) -> None:
    file = tmp_path / "monday.backup"
    backup(live, file)
    rubbish = tmp_path / "rubbish.db"
    rubbish.write_bytes(b"no database at all" * 100)
    with pytest.raises(ReinforceError):
        restore(live, rubbish, tmp_path, now=NOW)
    with live.write() as connection:
        heartbeats.beat(connection, Heartbeat("a", "daemon", 1, NOW, NOW))
    with pytest.raises(NotAllowed, match="daemon is running"):
        restore(live, file, tmp_path, now=NOW)
    assert _names(live) == [("before", "active")]


def test_the_doctor_names_what_is_wrong_and_what_to_do(live: Database, tmp_path: Path) -> None:
    key = tmp_path / "secret.key"
    Keyring.create(key, {})
    folder = tmp_path / "workspace"
    well = diagnose(live, folder, key, wall=Clock.wall())
    assert [finding.what for finding in well if finding.level == "fail"] == []
    key.chmod(0o644)
    with live.write() as connection:
        accounts.pause_account(connection, 1, "the keys were refused")
    ill = [finding for finding in diagnose(live, folder, key, wall=Clock.wall()) if finding.level == "fail"]
    assert [str(key) in ill[0].what, "the keys were refused" in ill[1].what] == [True, True]
    assert all(finding.advice for finding in ill)
    assert diagnose(live, tmp_path / "nowhere", key, wall=NOW)[0].level == "fail"
