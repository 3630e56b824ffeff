"""What the model expects of a cohort's recall while the walk goes on: before and after each post, and on the days that
count. It stands beside the plan and changes nothing in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np

from reinforce.domain.nugget import Form
from reinforce.domain.planning.feed_rows import OutRow
from reinforce.domain.planning.plan_context import day_number
from reinforce.domain.planning.plan_state import PlanState, begin
from reinforce.domain.planning.stand_ins import cast
from reinforce.domain.walking.previewed import NuggetExpected


class Expected:
    """The expected recall of one cohort over the walk. `typical`: too few are linked, so typical learners stand in."""

    def __init__(self, state: PlanState, now: datetime, end: datetime) -> None:
        there = state.snapshot
        own = replace(
            there, neighbours=(), belief=there.belief.each(lambda array: array[..., : len(there.learners), :])
        )
        chosen, who = cast(own)
        self.typical = who.typical
        self._state = begin(chosen, state.holidays, state.prices)
        self._now = [self._recall(column, now) for column in range(len(self._state.nuggets))]
        self._days = [
            one.assessment if one.assessment is not None and now < one.assessment <= end else end
            for one in self._state.nuggets
        ]
        self._then: list[float | None] = [None] * len(self._days)

    def said(self, row: OutRow) -> tuple[float, float] | None:
        """The recall of what a post says just before it and with it; None where it says nothing to this cohort."""
        for column, day in enumerate(self._days):
            if day < row.at and self._then[column] is None:
                self._then[column] = self._recall(column, day)
        names = [one.id for one in self._state.nuggets]
        if row.nugget_id not in names or row.form not in tuple(Form):
            return None
        column = names.index(row.nugget_id)
        before = self._recall(column, row.at)
        self._state = self._state.having_said(row)
        return None if np.isnan(before) else (before, self._recall(column, row.at))

    def nuggets(self) -> tuple[NuggetExpected, ...]:
        """All nuggets that are for somebody, in the order of their procedure."""
        found = []
        for column, one in enumerate(self._state.nuggets):
            kept, day = self._then[column], self._days[column]
            then = self._recall(column, day) if kept is None else kept
            if not np.isnan(then):
                found.append(NuggetExpected(one.name, one.title, day, self._now[column], then))
        return tuple(found)

    def _recall(self, column: int, at: datetime) -> float:
        whom = self._state.audience[:, column]
        if not whom.any():
            return float("nan")
        belief = self._state.belief.at(np.asarray([column], np.intp))
        return float(belief.recall(day_number(at))[whom, 0].mean())
