"""A cohort's recall as a table: learners, or groups of five or more, by nuggets.

All values are the model's estimates, chances of recall between 0 and 1; NaN stands where a nugget is not for somebody.
Whoever may not see single people gets groups: a group's value is the mean of those of its members whom the nugget is
for. A nugget that is for one to four people of any group is not in their table at all, nor in its averages: the whole
less the other groups would tell of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from reinforce.domain.access.groups import FEWEST, in_groups
from reinforce.domain.planning.plan_state import is_for

Shares = NDArray[np.float32]
# Below it somebody is likelier to have forgotten than to know: the mark that forecasts and reasons use, too.
HALF = 0.5


class Order(StrEnum):
    """In which order the rows stand."""

    LOWEST = "lowest"
    HIGHEST = "highest"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class MapNugget:
    """A column; `audience` are the roles it is for, () for everybody."""

    id: int
    title: str
    procedure: str
    audience: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MapLearner:
    """A live learner; `team` is the roster's, "" for none."""

    id: int
    name: str
    role: str
    team: str
    linked: bool
    stopped: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a learner (`learner` is there), or a group of `size` people named by its team."""

    name: str
    size: int = 1
    learner: MapLearner | None = None


@dataclass(frozen=True, slots=True)
class RecallTable:
    """`values` are rows × nuggets. `of_row` and `of_nugget` are means (NaN of nothing), `average` that of all pairs; in
    a table of learners those who said stop don't count in the last two."""

    rows: tuple[Row, ...]
    nuggets: tuple[MapNugget, ...]
    values: Shares
    of_row: Shares
    of_nugget: Shares
    average: float | None

    def only(self, team: str) -> RecallTable:
        """The rows of one team: learners in it, or the group of that name."""
        kept = [i for i, row in enumerate(self.rows) if team == (row.learner.team if row.learner else row.name)]
        rows = tuple(self.rows[i] for i in kept)
        return _table(rows, self.nuggets, self.values[kept])

    def window(self, rows: Sequence[int], columns: Sequence[int]) -> RecallTable:
        """The part of the table that a page shows, with the means of the whole."""
        return RecallTable(
            tuple(self.rows[i] for i in rows),
            tuple(self.nuggets[j] for j in columns),
            self.values[np.ix_(rows, columns)],
            self.of_row[list(rows)],
            self.of_nugget[list(columns)],
            self.average,
        )

    def rows_by(self, order: Order) -> list[int]:
        """The places of the rows in that order; those without a value come last."""
        if order is Order.NAME:
            return list(range(len(self.rows)))
        return _by(self.of_row, highest=order is Order.HIGHEST)

    def nuggets_by(self, order: Order) -> list[int]:
        """The places of the nuggets in that order; by name means as the procedure has them."""
        if order is Order.NAME:
            return list(range(len(self.nuggets)))
        return _by(self.of_nugget, highest=order is Order.HIGHEST)


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A learner whose mean recall is below half on the day asked for: `low` of the `of` nuggets for them are."""

    learner: MapLearner
    recall: float
    low: int
    of: int


@dataclass(frozen=True, slots=True)
class RecallMap:
    """A cohort's recall at `now` and at `then`, the day that counts (None: no such day is to come), learners × nuggets.
    Both instants are programme time, UTC."""

    nuggets: tuple[MapNugget, ...]
    learners: tuple[MapLearner, ...]
    now: datetime
    recall_now: Shares
    then: datetime | None
    recall_then: Shares | None

    def of_learners(self, *, at_then: bool) -> RecallTable:
        """The table of single people: for those who may see names only."""
        rows = tuple(Row(one.name, learner=one) for one in self.learners)
        return _table(rows, self.nuggets, self._recall(at_then=at_then))

    def of_groups(self, *, at_then: bool) -> RecallTable:
        """The table of groups of five or more; without rows where there are fewer."""
        groups = in_groups([one.team for one in self.learners])
        recall = self._recall(at_then=at_then)
        there = ~np.isnan(recall)
        counts = np.asarray([there[list(places)].sum(axis=0) for _, places in groups], np.int64)
        counts = counts.reshape(len(groups), len(self.nuggets))
        told = np.flatnonzero(~((counts > 0) & (counts < FEWEST)).any(axis=0))
        values = np.asarray([_mean(recall[list(places)][:, told], 0) for _, places in groups], np.float32)
        everybody = recall[:, told] if groups else np.empty((0, told.size), np.float32)
        rows = tuple(Row(label, len(places)) for label, places in groups)
        return RecallTable(
            rows,
            tuple(self.nuggets[i] for i in told),
            values.reshape(len(groups), told.size),
            _mean(values.reshape(len(groups), told.size), 1),
            _mean(everybody, 0),
            _whole(everybody),
        )

    def at_risk(self) -> tuple[AtRisk, ...]:
        """Who is likely to know less than half of what is for them on the day that counts (now, if there is none), the
        lowest first. Whoever said stop, or is not linked, is not among them: no post is for them."""
        recall = self._recall(at_then=self.recall_then is not None)
        means, there = _mean(recall, 1), ~np.isnan(recall)
        low, of = (there & (np.nan_to_num(recall, nan=1.0) < HALF)).sum(axis=1), there.sum(axis=1)
        found = [
            AtRisk(one, float(means[i]), int(low[i]), int(of[i]))
            for i, one in enumerate(self.learners)
            if one.linked and not one.stopped and means[i] < HALF
        ]
        return tuple(sorted(found, key=lambda one: (one.recall, one.learner.name, one.learner.id)))

    def _recall(self, *, at_then: bool) -> Shares:
        return self.recall_then if at_then and self.recall_then is not None else self.recall_now


def concerned(learners: Sequence[MapLearner], nuggets: Sequence[MapNugget]) -> NDArray[np.bool_]:
    """Whom each nugget is for: learners × nuggets."""
    roles = sorted({one.role for one in learners})
    by_role = np.asarray([[is_for(role, one.audience) for one in nuggets] for role in roles], np.bool_)
    place = {role: i for i, role in enumerate(roles)}
    return by_role.reshape(len(roles), len(nuggets))[[place[one.role] for one in learners]]


def members(learners: Sequence[MapLearner], label: str) -> tuple[MapLearner, ...]:
    """Who is in the group of that name; nobody if there is no such group."""
    groups = dict(in_groups([one.team for one in learners]))
    return tuple(learners[i] for i in groups.get(label, ()))


def _table(rows: tuple[Row, ...], nuggets: tuple[MapNugget, ...], values: Shares) -> RecallTable:
    counting = np.asarray([row.learner is None or not row.learner.stopped for row in rows], np.bool_)
    counted = values if counting.all() else values[counting]
    return RecallTable(rows, nuggets, values, _mean(values, 1), _mean(counted, 0), _whole(counted))


def _mean(values: Shares, axis: int) -> Shares:
    """Means along an axis, of what is there."""
    there = ~np.isnan(values)
    count = there.sum(axis=axis)
    total = np.where(there, values, np.float32(0.0)).sum(axis=axis, dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def _whole(values: Shares) -> float | None:
    there = values[~np.isnan(values)]
    return float(there.mean(dtype=np.float64)) if there.size else None


def _by(values: Shares, *, highest: bool) -> list[int]:
    return [int(i) for i in np.argsort(-values if highest else values, kind="stable")]
