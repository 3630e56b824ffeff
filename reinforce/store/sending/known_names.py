"""Whom the texts of an account would name: indexes that are built once for each version of the roster.

Building one takes a tenth of a second for some thousand people, reading a text against it next to nothing. They are
built a little before a post is due, or where somebody looks for one to send, outside any write transaction; the last
look before the send asks only whether the roster is still the one they were built from.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, exists, select

from reinforce.domain.cohort import ConsentKind
from reinforce.domain.texts.naming_guard import NamingGuard, PersonMarks
from reinforce.store import tables as t
from reinforce.store.people import people
from reinforce.store.people.roster_version import roster_version


@dataclass(frozen=True, slots=True)
class Names:
    """`unnamable` finds those whom a post of the account may not name, `agreed` those who agreed to be named."""

    version: int
    unnamable: NamingGuard
    agreed: NamingGuard


class KnownNames:
    """The indexes of one process, by account. Safe under threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, Names] = {}

    def ready(self, connection: Connection, account_ids: Iterable[int]) -> None:
        """Build the indexes of these accounts where the roster has changed, so that their next posts need not wait."""
        version = roster_version(connection)
        for account_id in account_ids:
            self.of(connection, account_id, version)

    def of(self, connection: Connection, account_id: int, version: int) -> Names:
        """The indexes for the roster as this transaction sees it, whose version is `version`."""
        with self._lock:
            known = self._known.get(account_id)
        if known is not None and known.version == version:
            return known
        marks = people.people_marks(connection, account_id)
        names = Names(version, NamingGuard(marks), NamingGuard(_may_be_named(connection)))
        with self._lock:
            self._known[account_id] = names
        return names


def _may_be_named(connection: Connection) -> tuple[PersonMarks, ...]:
    """What names those who agreed to be named: few, so their texts are looked at once more before they go out."""
    person, c = t.learner.c, t.consent.c
    agreed = exists().where(c.learner_id == person.id, c.kind == ConsentKind.NAMING.value, c.withdrawn_at.is_(None))
    query = select(person.id, person.name, person.handle, person.employee_id).where(agreed)
    return tuple(people.marks_in(row) for row in connection.execute(query))
