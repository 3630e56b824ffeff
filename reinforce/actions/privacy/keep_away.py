"""Keep those erased whom a backup brought back, keep those stopped who said stop after it was made, and write the list
beside the database from which the next one is known.

The first thing a restore and a daemon do: before a database is worked with, everybody on its list is taken out of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.store.operating import audit
from reinforce.store.people.roster_version import roster_version
from reinforce.store.privacy import erasing, list_file, suppression
from reinforce.store.privacy.keeping_away import people_to_erase, stop_whom_the_list_says, write_list
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class KeptAway:
    """How many were erased and stopped once more."""

    erased: int = 0
    stopped: int = 0


@dataclass(slots=True)
class Seen:
    """What a process knows: the state of the database and of the list when it last looked. None: it never did."""

    state: tuple[int, int, int] | None = None


def keep_away(database: Database, path: Path, keyed: KeyedHash, *, now: datetime, seen: Seen | None = None) -> KeptAway:
    """Apply the list at `path` if it comes from a later state of the database, erase and stop whom the list means, and
    write the list anew if it has changed. Does nothing where nothing moved since `seen`. `now` is programme time."""
    seen = seen or Seen()
    newer, state = _look(database, path)
    if state == seen.state and not newer:
        return KeptAway()
    if newer:
        with database.write() as connection:
            suppression.add(connection, list_file.read(path).entries)
    kept = _apply(database, keyed, now) if newer or seen.state is None else KeptAway()
    write_list(database, path, keyed)
    seen.state = _look(database, path)[1]
    return kept


def _look(database: Database, path: Path) -> tuple[bool, tuple[int, int, int]]:
    version = list_file.read(path).version
    with database.read() as connection:
        known = suppression.list_version(connection)
        state = (known, roster_version(connection), len(suppression.entries(connection)))
    return version > known, state


def _apply(database: Database, keyed: KeyedHash, now: datetime) -> KeptAway:
    with database.read() as connection:
        back = people_to_erase(connection, keyed)
    for person in back:
        with database.write() as connection:
            erasing.lock(connection, person)
            held = erasing.collect(connection, person)
            erasing.take_out(connection, held)
            subject = f"learner/{person.learner_ids[0]}" if person.learner_ids else "learner/0"
            audit.record(connection, "daemon", "person.erase", subject, held.counts(), now)
    with database.write() as connection:
        stopped = stop_whom_the_list_says(connection, keyed, now)
        for learner_id in stopped:
            audit.record(connection, "daemon", "learner.stopped", f"learner/{learner_id}", {}, now)
    return KeptAway(len(back), len(stopped))
