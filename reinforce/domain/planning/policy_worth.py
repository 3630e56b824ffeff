"""What a memory will be worth: how V of the index weighs recall in the time to come.

A look at a nugget is overtaken by the next one. A learner who will see it again tomorrow gains little from seeing it
today, one who will not for a month gains a month's recall. So recall at offset τ from now counts with

    d(τ) = (1 − c)·exp(−ρτ) + c,      ρ = e · posts a day / N,

the chance that no other look has come by then, plus a carry-over c: what a look leaves behind in later looks (a longer
stability). e is the chance of seeing a post, N the number of nuggets that are open. ρ is the same for all of them: with
shares by importance it would hold against an important nugget that it will soon come again, and did no better.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import DTypeLike, NDArray

from reinforce.domain.planning import memory
from reinforce.domain.planning.cadence import AdaptiveRule
from reinforce.domain.planning.memory import Floats
from reinforce.domain.planning.plan_context import Opening, PlanContext

# Midpoints and widths, as shares of the time that is left, of six cells that widen with the cube: forgetting is
# fastest at first.
_EDGES = (np.arange(7) / 6.0) ** 3
_CELLS = tuple(zip((_EDGES[:-1] + _EDGES[1:]) / 2.0, np.diff(_EDGES), strict=True))
# Where no assessment is set, a programme is taken to last so long from any day of it.
_OPEN_END_DAYS = 60.0
# An average over less than a week would count the first day of a late nugget for more than its last.
_SHORTEST_DAYS = 7.0
_AFTER_END_DAYS = 30.0
_DAY = timedelta(days=1)


# (offset in days, weight), each an array (nuggets, 1).
_Nodes = tuple[tuple[Floats, Floats], ...]


@dataclass(frozen=True, slots=True)
class Worth:
    """How V weighs recall in the future, in its two parts: `average` over the programme, and on its `dates`."""

    average: _Nodes
    dates: _Nodes

    def of(self, stability: Floats, age: Floats | float, decay: Floats) -> tuple[Floats, Floats]:
        """V's parts for memories (SHAPES, nuggets, learners) of that stability and age, in their precision."""
        return _weigh(self.average, stability, age, decay), _weigh(self.dates, stability, age, decay)

    def of_perfect(self) -> tuple[Floats, Floats]:
        """V's parts for perfect recall for good, (nuggets, 1)."""
        zeros = np.zeros_like(self.average[0][0])
        average, dates = (sum((weight for _, weight in nodes), zeros) for nodes in (self.average, self.dates))
        return average, dates

    def part(self, nuggets: NDArray[np.intp], precision: DTypeLike) -> Worth:
        """The same for some of the nuggets."""
        average, dates = (
            tuple(
                (np.asarray(offset[nuggets], precision), np.asarray(weight[nuggets], precision))
                for offset, weight in nodes
            )
            for nodes in (self.average, self.dates)
        )
        return Worth(average, dates)


def _weigh(nodes: _Nodes, stability: Floats, age: Floats | float, decay: Floats) -> Floats:
    """Σ weight·R(S, age + offset); R as in `memory.retrievability`, its straight part worked out once."""
    slope = memory.steepness(decay).astype(stability.dtype) / stability
    begins = 1.0 + slope * age
    value = np.zeros_like(begins)
    for offset, weight in nodes:
        value = value + weight * (begins + slope * offset) ** -decay
    return value


def worth(context: PlanContext, openings: tuple[Opening, ...], rule: AdaptiveRule) -> Worth:
    """V's weights for each opening: average recall until the programme ends, plus `deadline_weight` times recall at the
    nugget's assessment if that is to come, plus `after_weight` times recall 30 days after the end."""
    end = programme_end(context)
    left = np.full(len(openings), (end - context.now) / _DAY)
    # The average runs over the time since a nugget came in: a late one has fewer days, and each counts for more.
    came_in = [one.posts[0].at if one.posts else context.now for one in openings]
    length = np.maximum([(end - since) / _DAY for since in came_in], _SHORTEST_DAYS)
    looks = looks_a_day(context, openings)

    def still_counts(offset: Floats) -> Floats:
        return np.asarray((1.0 - rule.carry_over) * np.exp(-looks * offset) + rule.carry_over)

    average = tuple((share * left, width * left / length * still_counts(share * left)) for share, width in _CELLS)
    ahead = np.asarray([_days_to_assessment(context, one) for one in openings])
    due = ~np.isnan(ahead)
    ahead = np.where(due, ahead, 0.0)
    at_assessment = (ahead, np.where(due, rule.deadline_weight * still_counts(ahead), 0.0))
    afterwards = (left + _AFTER_END_DAYS, rule.after_weight * still_counts(left))
    dates = tuple(node for node in (at_assessment, afterwards) if node[1].any())
    return Worth(_columns(average), _columns(dates))


def _columns(nodes: _Nodes) -> _Nodes:
    return tuple((offset[:, None], weight[:, None]) for offset, weight in nodes)


def looks_a_day(context: PlanContext, openings: tuple[Opening, ...]) -> Floats:
    """ρ: how many looks at each opening's nugget a learner can expect in a day."""
    sees = np.asarray([one.nugget.parameters.model.sees for one in openings])
    return np.asarray(sees * context.cadence.posts_a_week / 7.0 / max(len(openings), 1))


def programme_end(context: PlanContext) -> datetime:
    """The end that is set, else the last assessment, else 60 days from now."""
    dates = [one.assessment for one in context.nuggets if one.assessment is not None]
    end = context.ends or max(dates, default=None)
    return context.now + _OPEN_END_DAYS * _DAY if end is None or end <= context.now else end


def _days_to_assessment(context: PlanContext, opening: Opening) -> float:
    """Days until the assessment; NaN where there is none, or it is over."""
    assessment = opening.nugget.assessment
    if assessment is None or assessment <= context.now:
        return np.nan
    return (assessment - context.now) / _DAY
