"""Indexes of names are kept for as long as the roster stays what it was, whoever changes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update

from reinforce.domain.cohort import ConsentKind, RosterRow
from reinforce.store import tables as t
from reinforce.store.people import people
from reinforce.store.people.roster_version import roster_version
from reinforce.store.sending.known_names import KnownNames
from reinforce.store.session import Database


def _names(database: Database, known: KnownNames, account_id: int, text: str) -> tuple[bool, bool]:
    """Whether `text` names anybody who may not be named, and anybody who agreed."""
    with database.read() as connection:
        found = known.of(connection, account_id, roster_version(connection))
    return bool(found.unnamable.find(text)), bool(found.agreed.find(text))


def test_a_roster_that_did_not_change_is_read_once(database: Database, sender: Any, cohort_id: int) -> None:
    known = KnownNames()
    with database.read() as connection:
        first = known.of(connection, sender.id, roster_version(connection))
        assert known.of(connection, sender.id, roster_version(connection)) is first


def test_every_change_of_people_is_seen_at_once(database: Database, sender: Any, cohort_id: int, now: datetime) -> None:
    known, text = KnownNames(), "Thanks to Eva Roth for the tip."
    assert _names(database, known, sender.id, text) == (False, False)
    with database.write() as connection:
        learner = people.add_learner(connection, RosterRow("E-1", "Eva Roth"), now)
        connection.execute(
            insert(t.enrollment).values(cohort_id=cohort_id, learner_id=learner, state="active", joined_at=now)
        )
    assert _names(database, known, sender.id, text) == (True, False)
    with database.write() as connection:
        people.give_consent(connection, learner, ConsentKind.NAMING, "test", now)
    assert _names(database, known, sender.id, text) == (False, True)
    with database.write() as connection:
        people.set_stopped(connection, learner, now)
    assert _names(database, known, sender.id, text) == (True, True)
    with database.write() as connection:
        people.update_learner(connection, learner, name="Kim Berg")
    assert _names(database, known, sender.id, text) == (False, False)


def test_the_version_moves_with_people_and_with_nothing_else(
    database: Database, sender: Any, cohort_id: int, now: datetime
) -> None:
    def version() -> int:
        with database.read() as connection:
            return roster_version(connection)

    with database.write() as connection:
        learner = people.add_learner(connection, RosterRow("E-1", "Eva Roth"), now)
    before = version()
    with database.write() as connection:
        connection.execute(update(t.cohort).values(version=7))
    assert version() == before
    with database.write() as connection:
        connection.execute(delete(t.learner).where(t.learner.c.id == learner))
    assert version() == before + 1


def test_a_change_that_was_rolled_back_leaves_the_version(database: Database, now: datetime) -> None:
    with database.read() as connection:
        before = roster_version(connection)
    try:
        with database.write() as connection:
            people.add_learner(connection, RosterRow("E-1", "Eva Roth"), now)
            raise RuntimeError
    except RuntimeError:
        pass
    with database.read() as connection:
        assert roster_version(connection) == before
