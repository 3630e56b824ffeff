"""A database that is full, locked, read-only, damaged or away: it is said, nothing spins, and it goes on by itself."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from postgres_server import PostgresServer, postgres_databases
from reinforce.daemon import Daemon
from reinforce.daemon.steps import LONGEST_WAIT, Steps
from reinforce.domain.sending.outbox import State
from reinforce.store.database_faults import FaultKind, database_fault
from reinforce.store.session import Database
from tests.daemon.conftest import Crew, TestHouse


def _file(crew: Crew) -> Path:
    return crew.folder / "workspace" / "reinforce.db"


def _pragma(daemon: Daemon, statement: str) -> None:
    """Have each connection of this daemon say so before it is used."""

    def say(raw: sqlite3.Connection, *_: object) -> None:
        raw.execute(statement)

    event.listen(daemon.house.database.engine, "checkout", say)


def _wait_out(daemon: Daemon) -> None:
    """As if the longest wait between two tries had passed."""
    assert isinstance(daemon.house, TestHouse)
    daemon.house.let_pass(LONGEST_WAIT)


def _nine(crew: Crew) -> Daemon:
    """A daemon at nine, whose post is planned."""
    daemon = crew.hire()
    daemon.tick()
    assert len(crew.items(State.PLANNED)) == 1
    crew.step(minutes=6)
    return daemon


def _goes_on(crew: Crew, daemon: Daemon) -> None:
    for _ in range(5):  # a machine that is busy elsewhere may hold a send up for longer than its guard
        _wait_out(daemon)
        daemon.tick()
        if crew.items(State.POSTED):
            break
    assert len(crew.items(State.POSTED)) == 1
    crew.require_nothing_twice()


def test_a_full_disk_is_named_and_the_post_goes_out_once_there_is_room(sqlite_crew: Crew) -> None:
    daemon = _nine(sqlite_crew)
    _pragma(daemon, "PRAGMA max_page_count = 1")  # SQLite takes the file's own size, so nothing can be added
    with sqlite_crew.house.database.write() as connection:
        connection.execute(text("CREATE TABLE ballast AS WITH RECURSIVE n(x) AS (SELECT 1) SELECT x FROM n"))
    with pytest.raises(DBAPIError) as full, daemon.house.database.write() as connection:
        connection.execute(text("INSERT INTO ballast SELECT zeroblob(1000000)"))
    fault = database_fault(full.value)
    assert fault is not None
    assert fault.kind is FaultKind.FULL
    assert fault.advice.startswith("Make room")
    with closing(sqlite3.connect(_file(sqlite_crew))) as connection:
        connection.execute("PRAGMA max_page_count = 1073741823")
    _pragma(daemon, "PRAGMA max_page_count = 1073741823")
    _goes_on(sqlite_crew, daemon)


def test_a_locked_file_is_named_and_does_not_make_the_daemon_spin(
    sqlite_crew: Crew, capsys: pytest.CaptureFixture[str]
) -> None:
    daemon = _nine(sqlite_crew)
    _pragma(daemon, "PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(_file(sqlite_crew), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(20):
            daemon.tick()
        other.execute("ROLLBACK")
    said = capsys.readouterr().out
    assert said.count("step failed") <= 2, "once for the heartbeat, at most once for leading"
    assert "the database is locked by another process" in said
    assert sqlite_crew.items(State.POSTED) == ()
    _goes_on(sqlite_crew, daemon)
    assert "step works again" in capsys.readouterr().out


def test_a_file_that_became_read_only_is_named(sqlite_crew: Crew, capsys: pytest.CaptureFixture[str]) -> None:
    daemon = _nine(sqlite_crew)
    _pragma(daemon, "PRAGMA query_only = ON")
    daemon.tick()
    assert "it is read-only" in capsys.readouterr().out
    assert sqlite_crew.posts() == []
    _pragma(daemon, "PRAGMA query_only = OFF")
    _goes_on(sqlite_crew, daemon)


def test_a_damaged_page_stops_what_needs_it_and_is_said_in_the_heartbeat(sqlite_crew: Crew) -> None:
    crew = sqlite_crew
    crew.hire("before").tick()
    crew.step(minutes=6)
    with closing(sqlite3.connect(_file(crew))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'outbox'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with _file(crew).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    daemon = crew.hire("after")
    crew.let_leader_die()
    daemon.tick()
    daemon.tick()
    said = crew.beats()["after"].last_error
    assert "the database is damaged" in said
    assert "db restore" in said
    assert crew.posts() == []


def test_a_postgres_that_restarts_in_mid_cycle_is_waited_for(
    postgres_server: PostgresServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with postgres_databases(postgres_server.url) as make:
        crew = Crew(tmp_path, make())
        try:
            daemon = _nine(crew)
            postgres_server.stop()
            daemon.tick()
            daemon.tick()
            assert "the database can't be reached" in capsys.readouterr().out
            postgres_server.start()
            _goes_on(crew, daemon)
            assert daemon.leads
            assert crew.beats()["a"].last_error == ""
        finally:
            crew.close()


def test_a_step_that_fails_is_tried_again_ever_more_rarely_but_within_half_a_minute() -> None:
    now, tries = 0.0, []

    def fail() -> None:
        tries.append(now)
        raise OSError("no")

    steps = Steps(lambda: now, lambda _: True, str, 1.0)
    while now < 600:
        steps.do("step", fail)
        now += 0.5
    waits = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (2.0, LONGEST_WAIT)
    assert steps.last_error == "step: no"
    steps.retry_now()
    steps.do("step", lambda: None)
    assert (steps.last_error, steps.fails("step")) == ("", False)


def test_errors_that_are_no_fault_of_the_database_are_none() -> None:
    database = Database("sqlite://")
    with pytest.raises(DBAPIError) as wrong, database.read() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))
    assert database_fault(ValueError("x")) is None
    fault = database_fault(wrong.value)
    assert fault is None or fault.kind is FaultKind.OTHER
    database.close()
