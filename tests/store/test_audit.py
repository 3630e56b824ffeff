"""The audit log: a chain that shows what was changed, and never prose."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from reinforce.store import tables as t
from reinforce.store.operating import audit
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def log(database: Database) -> Database:
    """A database with three rows in its audit log."""
    with database.write() as connection:
        for n in range(1, 4):
            audit.record(connection, "author", "load", f"procedure/{n}", {"added": n, "ids": [1, 2]}, NOW)
    return database


def _verify(database: Database, noted: audit.Head | None = None) -> audit.Verification:
    with database.read() as connection:
        return audit.verify(connection, noted)


def _broken_at(database: Database) -> int | None:
    found = _verify(database)
    assert found.whole is (found.broken_at is None)
    return found.broken_at


def test_each_row_covers_the_one_before(log: Database) -> None:
    with log.read() as connection:
        rows = list(audit.entries(connection))
        assert [one.subject for one in audit.entries(connection, subject="procedure/2")] == ["procedure/2"]
    assert rows[0].previous == audit.FIRST
    assert [one.previous for one in rows[1:]] == [one.hash for one in rows[:-1]]
    assert rows[0].at == NOW
    assert _broken_at(log) is None


@pytest.mark.parametrize(
    "changes", [{"actor": "x"}, {"detail": {"added": 9}}, {"at": NOW.replace(microsecond=0)}, {"previous": "0" * 64}]
)
def test_a_changed_row_is_found(log: Database, changes: dict[str, Any]) -> None:
    with log.write() as connection:
        connection.execute(update(t.audit).where(t.audit.c.id == 2).values(**changes))
    assert _broken_at(log) == 2


def test_a_row_taken_out_is_found_at_the_next(log: Database) -> None:
    with log.write() as connection:
        connection.execute(delete(t.audit).where(t.audit.c.id == 2))
    assert _broken_at(log) == 3


def test_a_row_slipped_in_is_found(log: Database) -> None:
    row = {"at": NOW, "actor": "x", "verb": "x", "subject": "x/1", "detail": {}, "previous": "1" * 64, "hash": "2" * 64}
    with log.write() as connection:
        connection.execute(insert(t.audit).values(**row))
    assert _broken_at(log) == 4


def test_rows_cut_off_at_the_end_are_missed(log: Database) -> None:
    with log.write() as connection:
        connection.execute(delete(t.audit).where(t.audit.c.id == 3))
    cut = _verify(log)
    assert (cut.whole, cut.broken_at, cut.head.length) == (False, None, 2)
    assert "ends after 2 rows, and its head says 3" in cut.fault
    with log.write() as connection:
        audit.record(connection, "author", "load", "procedure/4", {}, NOW)
    shown = _verify(log)  # the next row follows the one that is gone, not the one before it
    assert (shown.broken_at is not None, shown.head.length) == (True, 2)


def test_who_cuts_the_head_as_well_is_found_out_by_a_head_that_was_noted(log: Database) -> None:
    with log.read() as connection:
        noted = audit.head(connection)
    assert str(noted).startswith("3:")
    assert _verify(log, noted).whole
    with log.write() as connection:
        audit.record(connection, "author", "load", "procedure/4", {}, NOW)
    assert _verify(log, noted).whole
    with log.write() as connection:
        last = audit.latest(connection, limit=3)[-1]
        connection.execute(delete(t.audit).where(t.audit.c.id > last.id))
        connection.execute(update(t.audit_head).values(length=2, hash=last.hash))
    assert _verify(log).whole
    assert "cut off or written anew" in _verify(log, noted).fault


def test_a_log_whose_head_was_removed_shows_it(log: Database) -> None:
    with log.write() as connection:
        connection.execute(delete(t.audit_head))
    assert not _verify(log).whole
    with log.write() as connection:
        audit.record(connection, "author", "load", "procedure/4", {}, NOW)
    assert _verify(log).broken_at == 4


def test_the_newest_rows_come_first(log: Database) -> None:
    with log.read() as connection:
        assert [row.id for row in audit.latest(connection, limit=2)] == [3, 2]
        assert [row.id for row in audit.latest(connection, limit=2, subject="procedure/1")] == [1]
        assert audit.verify(connection, audit.EMPTY).whole


@pytest.mark.parametrize(
    ("subject", "detail"),
    [
        ("learner/Pat Moreau", {}),
        ("@pat_m", {}),
        ("learner/1", {"name": "Pat Moreau"}),
        ("learner/1", {"handle": "@pat_m"}),
        ("learner/1", {"texts": ["Your lock, your key."]}),
        ("learner/1", {"nested": {"a": 1}}),
    ],
)
def test_prose_and_handles_are_refused(database: Database, subject: str, detail: dict[str, Any]) -> None:
    with database.write() as connection, pytest.raises(ValueError, match="opaque"):
        audit.record(connection, "author", "test", subject, detail, NOW)
    with database.read() as connection:
        assert list(audit.entries(connection)) == []


def test_rows_written_at_once_make_one_chain(database: Database) -> None:
    def write_ten(actor: str) -> None:
        for n in range(10):
            with database.write() as connection:
                audit.record(connection, actor, "test", f"thing/{n}", {}, NOW)

    threads = [threading.Thread(target=write_ten, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        assert len(list(audit.entries(connection))) == 40
    assert _broken_at(database) is None
