"""Erase a person: out of every table, queue and belief, with a receipt of what went and what could not.

found by employee id or handle |> put on the suppression list |> taken out by the register, in one transaction: a
daemon that runs meanwhile finds the person there or gone, and nothing in between.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from reinforce.domain.errors import Conflict, NotFound
from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.domain.privacy.receipt import Receipt
from reinforce.store.operating import audit
from reinforce.store.privacy import erasing, meanwhile, suppression
from reinforce.store.privacy.erasing import Held, Person
from reinforce.store.privacy.keeping_away import marks_of
from reinforce.store.privacy.leftovers import leftovers
from reinforce.store.privacy.suppression import Entry, Kind
from reinforce.store.session import Database

# A daemon that writes about the same person at the same moment may get in the way: Postgres ends one of the two.
TRIES = 4


@dataclass(frozen=True, slots=True)
class Around:
    """Where the workspace's files are: `folder`, and in it those of the database itself (`own_files`). `keyed` makes
    the hashes of the suppression list."""

    keyed: KeyedHash
    folder: Path | None = None
    own_files: tuple[Path, ...] = ()


def find(database: Database, who: str) -> Person:
    """The person with this employee id, this handle ("@pat_m") or this X user id ("x:123"), whether on a roster or only
    heard from.

    Raises NotFound. Nobody is guessed at: an id is right or it is not.
    """
    with database.read() as connection:
        return _find(connection, who)


def erase(
    database: Database, around: Around, who: str, *, actor: str, now: datetime, wall: datetime, dry_run: bool
) -> Receipt:
    """Erase `who` (as for `find`); with `dry_run` say only what would go. `now` is programme time, `wall` machine time.

    Raises NotFound; Conflict if somebody keeps writing about the person: try again.
    """
    if dry_run:
        with database.read() as connection:
            person = _find(connection, who)
            return _receipt(connection, around, person, erasing.collect(connection, person), wall, dry_run=True)
    for last_try in (False,) * (TRIES - 1) + (True,):
        try:
            with database.write() as connection:
                meanwhile.alone(connection)
                person = _find(connection, who)
                return _erase(connection, around, person, actor, now, wall)
        except (DBAPIError, Conflict):
            if last_try:
                raise
    raise AssertionError("unreachable")


def _find(connection: Connection, who: str) -> Person:
    if who.startswith("@"):
        handle = who.removeprefix("@")
        found = erasing.person_on_roster(connection, handle=handle) or erasing.stranger(connection, handle=handle)
    elif who.startswith("x:") and who[2:].isdecimal():
        remote_id = int(who[2:])
        found = erasing.person_linked(connection, remote_id) or erasing.stranger(connection, remote_id=remote_id)
    else:
        found = erasing.person_on_roster(connection, employee_id=who)
    if found is None:
        advice = "Give the employee id as the roster has it, the handle as @handle, or the X user id as x:123."
        raise NotFound(f"there is nobody with the employee id, handle or X user id {who}", advice)
    return found


def _erase(
    connection: Connection, around: Around, person: Person, actor: str, now: datetime, wall: datetime
) -> Receipt:
    erasing.lock(connection, person)
    held = erasing.collect(connection, person)
    receipt = _receipt(connection, around, person, held, wall, dry_run=False)
    suppression.key_for(connection, around.keyed)
    suppression.add(connection, _entries(around.keyed, person, wall))
    erasing.take_out(connection, held)
    subject = f"learner/{person.learner_ids[0]}" if person.learner_ids else "learner/0"
    audit.record(connection, actor, "person.erase", subject, dict(receipt.removed), now)
    return receipt


def _entries(keyed: KeyedHash, person: Person, wall: datetime) -> Iterable[Entry]:
    """Erased; and stopped, for one who is taken in again some day: only their own start ends a stop."""
    together = uuid.uuid4().hex
    for mark in marks_of(keyed, person):
        yield Entry(Kind.ERASED, mark, keyed.key_id, together, wall)
        if person.stopped:
            yield Entry(Kind.STOPPED, mark, keyed.key_id, together, wall)


def _receipt(
    connection: Connection, around: Around, person: Person, held: Held, wall: datetime, *, dry_run: bool
) -> Receipt:
    return Receipt(
        person=f"learner {person.learner_ids[0]}" if person.learner_ids else "an X user who is on no roster",
        erased_at=wall,
        dry_run=dry_run,
        removed=held.counts(),
        withdrawn=len(held.waiting),
        beliefs=len(held.beliefs),
        listed=len(marks_of(around.keyed, person)),
        remains=leftovers(connection, person, held, around.folder, around.own_files),
    )
