"""The suppression list in the database: who was erased, and whose stop no learner's row can bear.

It holds keyed hashes only (domain/privacy/keyed_hash.py). Whoever takes people in asks it first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from reinforce.domain.errors import ReinforceError
from reinforce.domain.listening.inbound import Arrived
from reinforce.domain.privacy.keyed_hash import KeyedHash, Naming
from reinforce.store import tables as t

_s = t.suppression.c
_BATCH = 500


class Kind(StrEnum):
    """ERASED: nothing is kept of them, whatever a roster or a backup says. STOPPED: they said stop."""

    ERASED = "erased"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list. All lines about one person bear the same `person`, which says nothing else."""

    kind: Kind
    mark: str
    key_id: str
    person: str
    at: datetime


def entries(connection: Connection) -> tuple[Entry, ...]:
    """The whole list."""
    rows = connection.execute(select(_s.kind, _s.mark, _s.key_id, _s.person, _s.at).order_by(_s.kind, _s.mark))
    return tuple(Entry(Kind(row.kind), row.mark, row.key_id, row.person, row.at) for row in rows)


def add(connection: Connection, new: Iterable[Entry]) -> int:
    """Put entries on the list that are not on it; returns how many."""
    known = {(one.kind, one.mark) for one in entries(connection)}
    fresh = {(one.kind, one.mark): one for one in new if (one.kind, one.mark) not in known}
    for one in fresh.values():
        row = {"kind": one.kind.value, "mark": one.mark, "key_id": one.key_id, "person": one.person, "at": one.at}
        connection.execute(insert(t.suppression).values(row))
    return len(fresh)


def remove(connection: Connection, kind: Kind, marks: Collection[str]) -> int:
    """Take whoever has one of these marks off the list, with all their other marks; returns how many lines went."""
    meant: set[str] = set()
    for batch in _batches(marks):
        theirs = select(_s.person).where(_s.kind == kind.value, _s.mark.in_(batch))
        meant.update(connection.execute(theirs).scalars())
    found = 0
    for batch in _batches(meant):
        gone = delete(t.suppression).where(_s.kind == kind.value, _s.person.in_(batch))
        found += connection.execute(gone).rowcount
    return found


def listed(connection: Connection, kind: Kind, marks: Collection[str]) -> frozenset[str]:
    """Those of `marks` that are on the list; made with its key (`key_for`), or nobody would be found."""
    found: set[str] = set()
    for batch in _batches(marks):
        here = select(_s.mark).where(_s.kind == kind.value, _s.mark.in_(batch))
        found.update(connection.execute(here).scalars())
    return frozenset(found)


def but_erased(connection: Connection, posts: Sequence[Arrived], keyed: KeyedHash | None) -> list[Arrived]:
    """Those of `posts` whose authors were not erased. Raises ReinforceError without the key that tells."""
    keyed = key_for(connection, keyed) if posts else None
    if keyed is None:
        return list(posts)
    marks = {author: keyed.of(Naming.X_USER, author) for author in {post.author_remote_id for post in posts}}
    erased = listed(connection, Kind.ERASED, list(marks.values()))
    return [post for post in posts if marks[post.author_remote_id] not in erased]


def is_empty(connection: Connection) -> bool:
    """Whether nobody is on the list: then nobody has to be looked for, with whatever key."""
    return connection.execute(select(_s.id).limit(1)).first() is None


def key_for(connection: Connection, keyed: KeyedHash | None) -> KeyedHash | None:
    """What to look people up on the list with; None if nobody is on it, so that nobody has to be looked up. Raises
    ReinforceError without the key, or with another one than the list was made with."""
    made_with = set(connection.execute(select(_s.key_id).distinct()).scalars())
    if not made_with:
        return None
    if keyed is not None and made_with == {keyed.key_id}:
        return keyed
    raise ReinforceError(
        "who was erased, or said stop, can't be told: this is not the key that the suppression list was made with",
        "Put back suppression.key (docs/how-to/erase-a-person.md): nobody is taken in and nothing is read until then.",
    )


def list_version(connection: Connection) -> int:
    """The number of the last list that was written beside the database; 0 before the first."""
    return int(connection.execute(select(t.workspace.c.list_version)).scalar() or 0)


def set_list_version(connection: Connection, version: int) -> None:
    """Remember the number of the list that was written."""
    connection.execute(update(t.workspace).values(list_version=version))


def _batches(marks: Collection[str]) -> Iterable[list[str]]:
    ordered = sorted(marks)
    return (ordered[start : start + _BATCH] for start in range(0, len(ordered), _BATCH))
