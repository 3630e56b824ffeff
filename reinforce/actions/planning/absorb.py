"""Fold what came back, and what did not, into the beliefs about memory.

A nugget whose event log has changed since its belief was saved (a post went out, its window closed, its impressions or
votes were counted, a reply was graded or a grade voided) is computed again from the log: what is kept up and what is
rebuilt cannot differ. The blobs bear a mark of the log they were computed from, so doing this twice does nothing, and a
missing blob is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from reinforce.domain.planning.exposure import MODEL, believe
from reinforce.domain.planning.memory import DEFAULT
from reinforce.store.authoring.nuggets import nuggets_by_id
from reinforce.store.people import cohorts
from reinforce.store.planning import memories
from reinforce.store.planning.event_log import read_log
from reinforce.store.planning.packing import PackedBelief
from reinforce.store.session import Database

# Counts up when the arithmetic of evidence changes, so that every belief is computed again.
_EVIDENCE_VERSION = 2
_PARAMETERS = f"fsrs6-{DEFAULT.version}"
_MODEL = f"{_PARAMETERS} evidence-{_EVIDENCE_VERSION} {MODEL!r}"
# Nuggets that are written in one transaction: enough to be quick, few enough that nobody waits for them.
_BATCH = 25


@dataclass(frozen=True, slots=True)
class AbsorbOutcome:
    """How many nuggets' beliefs were computed, and the cohorts whose plan that may change."""

    nuggets: int
    cohorts: tuple[int, ...]


def absorb(database: Database, *, now: datetime) -> AbsorbOutcome:
    """Bring every belief up to date with the event log at `now` (programme time); does nothing where it is."""
    touched: set[int] = set()
    count = 0
    for beliefs in _changed(database, now):
        count += len(beliefs)
        with database.write() as connection:
            memories.save(connection, beliefs, _PARAMETERS, now)
            procedures = {one.procedure_id for one in nuggets_by_id(connection, list(beliefs)).values()}
            concerned = {
                cohort.id for procedure in procedures for cohort in cohorts.cohorts_of_procedure(connection, procedure)
            }
            for cohort_id in sorted(concerned):
                cohorts.raise_version(connection, cohort_id)
            touched |= concerned
    return AbsorbOutcome(count, tuple(sorted(touched)))


def _changed(database: Database, now: datetime) -> Iterator[Mapping[int, PackedBelief]]:
    """The beliefs that are not of the log as it is, some at a time."""
    with database.read() as connection:
        log = read_log(connection, now)
        wanted = log.marks(connection, _MODEL)
        stored = memories.marks(connection)
    stale = sorted(nugget_id for nugget_id, mark in wanted.items() if stored.get(nugget_id) != {mark})
    for start in range(0, len(stale), _BATCH):
        with database.read() as connection:
            # Read again with the marks of this very moment: a belief must bear the mark of what it was made from.
            log = read_log(connection, now)
            fresh = log.marks(connection, _MODEL)
            logs = {nugget_id: log.of(connection, nugget_id) for nugget_id in stale[start : start + _BATCH]}
        yield {nugget_id: PackedBelief(*believe(one), fresh[nugget_id]) for nugget_id, one in logs.items()}
