"""Whom the suppression list means among the people of this database, and what it says beyond them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select

from reinforce.domain.privacy.keyed_hash import KeyedHash, Naming
from reinforce.store import tables as t
from reinforce.store.people import people
from reinforce.store.privacy import list_file, suppression
from reinforce.store.privacy.erasing import Person, person_by_learner, stranger
from reinforce.store.privacy.suppression import Entry, Kind
from reinforce.store.session import Database

_person = t.learner.c


def marks_of(keyed: KeyedHash, person: Person) -> frozenset[str]:
    """The keyed hashes of all that tells a person apart."""
    found = set(keyed.of_person(person.employee_id))
    for remote_id in person.remote_ids:
        found |= set(keyed.of_person(remote_user_id=remote_id))
    if not person.remote_ids:
        found |= set(keyed.of_person(handle=person.handle))
    return frozenset(found)


def learners_listed(connection: Connection, keyed: KeyedHash, kind: Kind) -> dict[int, frozenset[str]]:
    """The learners whom the list means, with those of their marks that stand on it."""
    on_list = {one.mark for one in suppression.entries(connection) if one.kind is kind}
    if not on_list:
        return {}
    suppression.key_for(connection, keyed)
    query = select(_person.id, _person.employee_id, _person.handle, _person.remote_user_id)
    found = {
        row.id: on_list.intersection(keyed.of_person(row.employee_id, row.handle, row.remote_user_id))
        for row in connection.execute(query)
    }
    return {key: frozenset(marks) for key, marks in found.items() if marks}


def people_to_erase(connection: Connection, keyed: KeyedHash) -> tuple[Person, ...]:
    """Everybody in this database who was erased before: learners, and X users who wrote to us."""
    there = [person_by_learner(connection, key) for key in sorted(learners_listed(connection, keyed, Kind.ERASED))]
    found = [one for one in there if one is not None]
    if not any(one.kind is Kind.ERASED for one in suppression.entries(connection)):
        return ()
    known = {remote for one in found for remote in one.remote_ids}
    authors = connection.execute(select(t.inbound.c.author_remote_id).distinct()).scalars().all()
    marks = {keyed.of(Naming.X_USER, remote): remote for remote in authors if remote not in known}
    for mark in sorted(suppression.listed(connection, Kind.ERASED, marks)):
        person = stranger(connection, remote_id=marks[mark])
        if person is not None:
            found.append(person)
    return tuple(found)


def stop_whom_the_list_says(connection: Connection, keyed: KeyedHash, now: datetime) -> tuple[int, ...]:
    """Learners whose stop this database does not know of are stopped at `now`; from then on their rows bear it, and not
    the list. Returns their ids."""
    stopped = learners_listed(connection, keyed, Kind.STOPPED)
    for learner_id, marks in stopped.items():
        people.set_stopped(connection, learner_id, now)
        suppression.remove(connection, Kind.STOPPED, marks)
    return tuple(sorted(stopped))


def whole_list(connection: Connection, keyed: KeyedHash) -> frozenset[Entry]:
    """What has to outlive this database: its list, and the stop of every learner."""
    columns = (_person.id, _person.employee_id, _person.handle, _person.remote_user_id, _person.stopped_at)
    stops = {
        Entry(Kind.STOPPED, mark, keyed.key_id, f"learner-{row.id}", row.stopped_at)
        for row in connection.execute(select(*columns).where(_person.stopped_at.is_not(None)))
        for mark in keyed.of_person(row.employee_id, row.handle, row.remote_user_id)
    }
    return frozenset(suppression.entries(connection)) | stops


def write_list(
    database: Database, path: Path, keyed: KeyedHash, *, also: Collection[Entry] = (), ahead: bool = False
) -> bool:
    """Bring the list beside the database up to date; False if it is. What is in `also` is put on it as well.
    `ahead`: from then on it counts as newer than this database, since an older one is about to take its place."""
    with database.read() as connection:
        version = max(suppression.list_version(connection), (there := list_file.read(path)).version)
        wanted = {(one.kind, one.mark): one for one in (*also, *whole_list(connection, keyed))}
        current = suppression.list_version(connection) == there.version
    if not ahead and current and {(one.kind, one.mark) for one in there.entries} == wanted.keys():
        return False
    list_file.write(path, version + 1, wanted.values())
    if not ahead:
        with database.write() as connection:
            suppression.set_list_version(connection, version + 1)
    return True
