"""The product's own planner as a policy of the referee: `reinforce.domain.planning`, nothing else.

What a world tells becomes the same context and the same evidence that the daemon reads from its database.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import numpy as np

from baselines.base import Facts
from reinforce.domain.nugget import Form
from reinforce.domain.planning import policy
from reinforce.domain.planning.belief import FIELDS, Effect, apply, unmet
from reinforce.domain.planning.cadence import AdaptiveRule, Cadence, Caps, PolicyName, Slot
from reinforce.domain.planning.exposure import EvidenceKind, review, seen, silence_counted
from reinforce.domain.planning.plan_context import Choice, PastPost, PlanContext, PlanNugget, day_number
from reinforce.domain.planning.totals import Totals

START = datetime(2026, 1, 5, tzinfo=UTC)
GUESS = 0.25
# A world posts whenever it is asked to: what limits a real cadence is the world's own posts_per_day.
NO_LIMIT = 10**6
# And it is told what the referee counts: nothing of recall 30 days after the end, neither money nor fatigue.
RULE = AdaptiveRule(opening_days=0, halve_after_days=365, after_weight=0.0, fatigue=0.0, dollars_per_recall=1000.0)


class CohortAdaptive:
    """`cohort-adaptive` behind the referee's two questions."""

    rule = RULE

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._belief = unmet(facts.learners, facts.nuggets)
        self._history: list[PastPost] = []
        self._evidence = 0
        self._last: datetime | None = None
        self._nuggets = tuple(_nugget(facts, i) for i in range(facts.nuggets))
        self._cadence = _cadence(facts.posts_per_day, self.rule)

    def choose(self, day: float) -> tuple[int, str] | None:
        """What the product's policy chooses among the nuggets that are released, for the learners who are there."""
        ready = np.flatnonzero(self._facts.open(day))
        if ready.size == 0:
            return None
        here = np.flatnonzero(self._facts.joined <= day)
        open_ids = {int(i) for i in ready}
        context = PlanContext(
            now=START + timedelta(days=day),
            zone="UTC",
            cadence=self._cadence,
            nuggets=tuple(self._nuggets[i] for i in ready),
            belief=self._belief.each(lambda array: array[..., here, :][..., ready]),
            audience=self._facts.audience[np.ix_(here, ready)],
            roles=("",) * here.size,
            history=tuple(post for post in self._history if post.nugget_id in open_ids),
            evidence=self._evidence,
            last_response=self._last,
            forms=(Form.QUESTION, Form.REMINDER, Form.POLL),
            prices={Form.QUESTION: 15_000, Form.REMINDER: 15_000, Form.POLL: 15_000},
            ends=START + timedelta(days=self._facts.days),
        )
        chosen = policy.choose(context)
        return (chosen.nugget_id, chosen.form.value) if isinstance(chosen, Choice) else None

    def heard(self, day: float, nugget: int, form: str, answers: dict[int, str], totals: dict[str, int]) -> None:
        """Fold what came back into the belief, as the daemon does when a post's window has closed."""
        at = START + timedelta(days=day)
        words = np.full(self._facts.learners, "", dtype="<U6")
        for learner, word in answers.items():
            words[learner] = word
        there = self._facts.audience[:, nugget] & (self._facts.joined <= day)
        counted = Totals(
            votes=(totals["right"], totals["wrong"]) if form == "poll" else None,
            impressions=totals.get("impressions"),
            feed=int(there.sum()),
            guess=GUESS,
        )
        everybody = self._belief.each(lambda array: array[..., there, nugget])
        effects = {
            "": silence_counted(Form(form), everybody, day_number(at), counted),
            "like": seen(Form(form)),
            "right": review(3, EvidenceKind.ANSWER, GUESS),
            "wrong": review(1, EvidenceKind.ANSWER, GUESS),
            "got_it": review(3, EvidenceKind.ACKNOWLEDGEMENT, 0.0),
        }
        for word, effect in effects.items():
            self._apply(np.flatnonzero(there & (words == word)), nugget, day_number(at), effect)
        graded = (
            int(np.isin(words, ["right", "wrong", "got_it"]).sum()) + totals.get("right", 0) + totals.get("wrong", 0)
        )
        self._evidence += graded
        self._last = at if answers or graded else self._last
        right, wrong = int((words == "right").sum()), int((words == "wrong").sum())
        self._history.append(PastPost(nugget, Form(form), at, right, wrong))

    def _apply(self, who: np.ndarray, nugget: int, day: float, effect: Effect) -> None:
        if who.size == 0:
            return
        moved = apply(self._belief.each(lambda array: array[..., who, nugget]), day, effect)
        for name in FIELDS:
            getattr(self._belief, name)[..., who, nugget] = getattr(moved, name)


def _nugget(facts: Facts, index: int) -> PlanNugget:
    return PlanNugget(
        id=index,
        name=f"world/{index}",
        topic="",
        importance=float(facts.weight[index]),
        position=index,
        requires=(),
        assessment=START + timedelta(days=float(facts.deadline[index])),
        forms=(Form.QUESTION, Form.REMINDER, Form.POLL),
        learners=int(facts.reach()[index]),
    )


def _cadence(posts_per_day: int, rule: AdaptiveRule) -> Cadence:
    """As many slots as the world has posts, and no other bound."""
    every_day = frozenset(range(7))
    return Cadence(
        name="benchmark",
        slots=tuple(Slot(f"slot{i}", time(9 + i), every_day) for i in range(posts_per_day)),
        quiet_hours=None,
        country="",
        subdivision="",
        days_off=frozenset(),
        caps=Caps(NO_LIMIT, NO_LIMIT, NO_LIMIT),
        repeat_after=timedelta(days=90),
        grace=timedelta(hours=2),
        answer_window=timedelta(hours=4),
        reveal=False,
        forms=(Form.QUESTION, Form.REMINDER, Form.POLL),
        policy=PolicyName.COHORT_ADAPTIVE,
        rule=rule,
    )
