"""What may be expected to come back from the posts of a forecast, so that its plan moves as a living cohort's would.

A plan that never hears anything falls back on turns and halves its rate; a forecast of such a plan would be one of a
cohort that never answers. So replies come at the rate that the model of evidence expects, in whole replies: which
learner sends them is not said, and no belief is moved by them but by what a post does on average.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reinforce.domain.planning.deciding import Decided
from reinforce.domain.planning.plan_context import day_number
from reinforce.domain.planning.plan_state import PlanState


@dataclass(slots=True)
class Replies:
    """Counts what may be expected so far. `each` is how many people one row of the belief stands for."""

    each: float
    total: float = 0.0

    def come(self, before: PlanState, after: PlanState, decision: Decided) -> PlanState:
        """`after` with the replies to a post: they count as graded, and as heard of once a whole one has come."""
        right, other = self._expected(before, decision)
        whole = int(self.total + right + other) - int(self.total)
        self.total += right + other
        if not whole:
            return after
        post = replace(after.history[-1], right=round(right), wrong=round(other))
        there = after.snapshot
        heard = replace(there, evidence=there.evidence + whole, last_response=decision.at)
        return replace(after, snapshot=heard, history=(*after.history[:-1], post))

    def _expected(self, before: PlanState, decision: Decided) -> tuple[float, float]:
        """Expected replies of those who knew, Σ e·a·R, and of those who did not, Σ e·κ·a·(1 − R)."""
        column = before.column(decision.nugget.id)
        model = before.nuggets[column].parameters.model
        belief = before.belief.at(np.asarray([column], np.intp))
        recall = belief.recall(day_number(decision.at))[before.audience[:, column], 0]
        rate = self.each * model.sees * model.answers[decision.choice.form]
        return float(rate * recall.sum()), float(rate * model.unknowing * (1.0 - recall).sum())
