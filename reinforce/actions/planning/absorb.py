"""Fold what came back, and what did not, into the beliefs about memory.

A nugget whose event log has changed since its belief was saved (a post went out, its window closed, its impressions or
votes were counted, a reply was graded or a grade voided) is computed again from the log: what is kept up and what is
rebuilt cannot differ. The blobs bear a mark of the log and the parameters they were computed from, so doing this twice
does nothing, a missing blob is made, and where a procedure got other parameters just its nuggets are computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from reinforce.domain.planning.exposure import NuggetLog, believe
from reinforce.domain.planning.parameters import DEFAULT_PARAMETERS, Parameters
from reinforce.store.authoring.nuggets import nuggets_by_id
from reinforce.store.operating.locks import one_at_a_time
from reinforce.store.people import cohorts
from reinforce.store.people.roster_version import roster_version
from reinforce.store.planning import memories, parameters
from reinforce.store.planning.event_log import read_log
from reinforce.store.planning.packing import PackedBelief
from reinforce.store.session import Database

# Counts up when the arithmetic of evidence changes, so that every belief is computed again.
_EVIDENCE_VERSION = 2
# Nuggets that are written in one transaction: enough to be quick, few enough that nobody waits for them.
_BATCH = 25


@dataclass(frozen=True, slots=True)
class AbsorbOutcome:
    """How many nuggets' beliefs were computed, and the cohorts whose plan that may change."""

    nuggets: int
    cohorts: tuple[int, ...]


def absorb(database: Database, *, now: datetime, most: int | None = None) -> AbsorbOutcome:
    """Bring every belief up to date with the event log at `now` (programme time); does nothing where it is.

    With `most`, stop when so many events were gone through, and leave the rest to the next call: other parameters make
    every nugget of a procedure stale at once, and nothing else should have to wait for all of them.
    """
    touched: set[int] = set()
    count = gone_through = 0
    for roster, batch in _changed(database, now):
        with database.write() as connection:
            one_at_a_time(connection, memories.SAVING)
            if roster_version(connection) != roster:
                break  # somebody may have been erased since it was computed: the next call looks again
            for version in sorted({one.version for one in batch.values()}):
                beliefs = {key: one.belief for key, one in batch.items() if one.version == version}
                memories.save(connection, beliefs, version, now)
            procedures = {one.procedure_id for one in nuggets_by_id(connection, list(batch)).values()}
            concerned = {
                cohort.id for procedure in procedures for cohort in cohorts.cohorts_of_procedure(connection, procedure)
            }
            for cohort_id in sorted(concerned):
                cohorts.raise_version(connection, cohort_id)
            touched |= concerned
        count += len(batch)
        gone_through += sum(one.events for one in batch.values())
        if most is not None and gone_through >= most:
            break
    return AbsorbOutcome(count, tuple(sorted(touched)))


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A belief that was computed anew, with which version of parameters, from how many events."""

    belief: PackedBelief
    version: str
    events: int


def _changed(database: Database, now: datetime) -> Iterator[tuple[int, Mapping[int, _Fresh]]]:
    """The beliefs that are not of the log as it is, or have other parameters than are in force, some at a time, each
    time with the version of the roster they were computed for."""
    with database.read() as connection:
        wanted = read_log(connection, now).marks(connection, _models(parameters.by_nugget(connection)))
        stored = memories.marks(connection)
    stale = sorted(nugget_id for nugget_id, mark in wanted.items() if stored.get(nugget_id) != {mark})
    for start in range(0, len(stale), _BATCH):
        batch = stale[start : start + _BATCH]
        with database.read() as connection:
            # Read again with the marks of this very moment: a belief must bear the mark of what it was made from.
            roster, log = roster_version(connection), read_log(connection, now, batch)
            given = parameters.by_nugget(connection)
            fresh = log.marks(connection, _models(given))
            logs = {nugget_id: log.of(connection, nugget_id) for nugget_id in batch}
        yield roster, {key: _fresh(one, given.get(key, DEFAULT_PARAMETERS), fresh[key]) for key, one in logs.items()}


def _models(given: Mapping[int, Parameters]) -> Callable[[int], str]:
    """What a nugget's mark says of how its belief is computed."""

    def model(nugget_id: int) -> str:
        return f"{given.get(nugget_id, DEFAULT_PARAMETERS).version} evidence-{_EVIDENCE_VERSION}"

    return model


def _fresh(log: NuggetLog, given: Parameters, mark: bytes) -> _Fresh:
    events = sum(post.learners.size for post in log.posts) + len(log.reviews)
    return _Fresh(PackedBelief(*believe(log, given.model, given.weights), mark), given.version, events)
