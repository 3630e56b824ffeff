"""A cohort's recall, kept for as long as it holds: people reload pages, and a large cohort has millions of beliefs.

What is kept holds for the cohort's version, the roster's, and the hour: within an hour next to nothing is forgotten.
When only some beliefs have changed, only theirs are read again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import numpy as np
from sqlalchemy import Connection

from reinforce.clock import Clock
from reinforce.domain.planning.plan_context import day_number
from reinforce.domain.planning.slots import resolve
from reinforce.domain.reporting.recall_map import AtRisk, RecallMap, RecallTable, Shares, concerned
from reinforce.store.people.roster_version import roster_version
from reinforce.store.planning.memories import load_cohort
from reinforce.store.reporting.console.recall import CellLog, RecallFrame, cell_log, marks_of, recall_frame

# Each is two numbers of 4 bytes for a learner and a nugget: 40 MB for 10,000 × 500.
MOST_KEPT = 6
# Of the nuggets whose evidence was looked at last, for each cohort.
MOST_CELLS = 20
# Nuggets whose beliefs are in memory at a time; a belief takes ten times as much as the recall it gives.
_BATCH = 50
# An assessment is a date: recall is wanted when that working day begins.
_ASSESSED_AT = time(8)
_Marks = dict[int, frozenset[bytes]]


@dataclass(slots=True)
class _Kept:
    """A map, what it was made on, and what was made of it when it was first asked for."""

    version: int
    roster: int
    hour: datetime
    marks: _Marks
    map: RecallMap
    tables: dict[tuple[bool, bool], RecallTable] = field(default_factory=dict)
    at_risk: tuple[AtRisk, ...] | None = None
    cells: OrderedDict[int, CellLog] = field(default_factory=OrderedDict)
    feeds: dict[int, Any] = field(default_factory=dict)


class RecallMaps:
    """The maps of the cohorts that are looked at. Safe under threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, _Kept] = OrderedDict()

    def map_of(self, connection: Connection, cohort_id: int, version: int) -> RecallMap:
        """The recall of a cohort at its `version`."""
        with self._lock:
            return self._current(connection, cohort_id, version).map

    def table(
        self, connection: Connection, cohort_id: int, version: int, *, named: bool, at_then: bool = False
    ) -> RecallTable:
        """The table of a cohort: of learners for those who may see names, else of groups."""
        with self._lock:
            kept = self._current(connection, cohort_id, version)
            if (named, at_then) not in kept.tables:
                make = kept.map.of_learners if named else kept.map.of_groups
                kept.tables[named, at_then] = make(at_then=at_then)
            return kept.tables[named, at_then]

    def at_risk(self, connection: Connection, cohort_id: int, version: int) -> tuple[AtRisk, ...]:
        """Who is at risk, as `RecallMap.at_risk`: for those who may see names only."""
        with self._lock:
            kept = self._current(connection, cohort_id, version)
            if kept.at_risk is None:
                kept.at_risk = kept.map.at_risk()
            return kept.at_risk

    def cell(self, connection: Connection, cohort_id: int, version: int, nugget_id: int) -> CellLog:
        """What a cohort's beliefs about one of its nuggets come from."""
        with self._lock:
            kept = self._current(connection, cohort_id, version)
            if nugget_id not in kept.cells:
                kept.cells[nugget_id] = cell_log(connection, nugget_id, self._clock.now(), kept.feeds)
            kept.cells.move_to_end(nugget_id)
            while len(kept.cells) > MOST_CELLS:
                kept.cells.popitem(last=False)
            return kept.cells[nugget_id]

    def _current(self, connection: Connection, cohort_id: int, version: int) -> _Kept:
        hour = self._clock.now().replace(minute=0, second=0, microsecond=0)
        roster = roster_version(connection)
        kept = self._kept.get(cohort_id)
        if kept is None or (kept.version, kept.roster, kept.hour) != (version, roster, hour):
            frame = recall_frame(connection, cohort_id)
            marks = marks_of(connection, [one.id for one in frame.nuggets])
            there = kept if kept is not None and (kept.roster, kept.hour) == (roster, hour) else None
            kept = _Kept(version, roster, hour, marks, _made(connection, frame, marks, hour, there))
            self._kept[cohort_id] = kept
        self._kept.move_to_end(cohort_id)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return kept


def day_that_counts(frame: RecallFrame, now: datetime) -> datetime | None:
    """The instant (UTC) by which recall is wanted; None if no such day is to come."""
    if frame.assessment is None:
        return None
    instant = resolve(frame.assessment, _ASSESSED_AT, frame.zone)
    return instant if instant > now else None


def _made(connection: Connection, frame: RecallFrame, marks: _Marks, hour: datetime, kept: _Kept | None) -> RecallMap:
    """The map of a frame; columns whose belief is the one that `kept` was made of are taken from there."""
    then = day_that_counts(frame, hour)
    # A nugget's column lies in one piece, as beliefs do.
    shape = (len(frame.nuggets), len(frame.learners))
    now_, then_ = np.empty(shape, np.float32).T, None if then is None else np.empty(shape, np.float32).T
    stale = list(range(len(frame.nuggets)))
    if kept is not None and kept.map.learners == frame.learners and kept.map.then == then:
        stale = _taken_over(frame, marks, kept, now_, then_)
    ids = [one.id for one in frame.learners]
    for start in range(0, len(stale) if ids else 0, _BATCH):
        columns = stale[start : start + _BATCH]
        belief = load_cohort(connection, [frame.nuggets[i].id for i in columns], ids)
        now_[:, columns] = belief.recall(day_number(hour))
        if then is not None and then_ is not None:
            then_[:, columns] = belief.recall(day_number(then))
    whom = concerned(frame.learners, frame.nuggets)
    for values in (now_, then_):
        if values is not None:
            values[~whom] = np.nan
    return RecallMap(frame.nuggets, frame.learners, hour, now_, then, then_)


def _taken_over(frame: RecallFrame, marks: _Marks, kept: _Kept, now_: Shares, then_: Shares | None) -> list[int]:
    """Copies the columns that still hold into place; gives the places of the others."""
    old = {one.id: place for place, one in enumerate(kept.map.nuggets)}
    stale = []
    for place, one in enumerate(frame.nuggets):
        # Where nothing is stored nothing can have changed but that it is still unmet.
        if one.id not in old or marks.get(one.id) != kept.marks.get(one.id) or one != kept.map.nuggets[old[one.id]]:
            stale.append(place)
            continue
        now_[:, place] = kept.map.recall_now[:, old[one.id]]
        if then_ is not None and kept.map.recall_then is not None:
            then_[:, place] = kept.map.recall_then[:, old[one.id]]
    return stale
