"""The index of `cohort-adaptive`: what posting each nugget now would gain the cohort.

    G(n, f) = w_n · lift_n · e·[a_f + (1 − a_f)·η_f] · Σ_i E{ R·V(S⁺) + (1 − R)·V(S⁻) − V(S, age) } − λ_f − κ·m·|A_n|

over the learners i of nugget n's audience A_n: w_n its importance; e, a, η as in exposure.py; R, S, S⁺, S⁻ the
FSRS-6 recall and stabilities of memory.py, averaged over the shapes of forgetting; λ_f the money the form costs;
m the posts of the last seven days, κ what each of them tires a learner.

V is what a memory will be worth: the discounted average of recall until the assessment (60 days where there is none),
plus β times recall on that day, plus γ times recall 30 days after it. lift_n is the tail term: it raises nuggets that
the cohort knows badly, and those that have waited longer than their turn, so that neither stays behind for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from reinforce.domain.nugget import Form
from reinforce.domain.planning import memory
from reinforce.domain.planning.belief import KNOWN_ANYWAY, Belief, decays_for, repeated_stability
from reinforce.domain.planning.cadence import AdaptiveRule
from reinforce.domain.planning.exposure import MODEL, EvidenceModel
from reinforce.domain.planning.memory import AGAIN, GOOD, Floats
from reinforce.domain.planning.plan_context import Opening, PlanContext, day_number

# Where the average over a programme is taken, as shares of its length, and how much of it each stands for.
_NODES = ((0.04, 0.08), (0.16, 0.16), (0.35, 0.22), (0.60, 0.28), (0.87, 0.26))
_OPEN_END_DAYS = 60.0
_SHORTEST_DAYS = 7.0
_AFTER_END_DAYS = 30.0
# Below this recall the tail term begins to lift a nugget.
_COMFORTABLE = 0.7
_MICROS = 1e6
# Pairs of learner and nugget that are worked on at a time.
_BLOCK = 16_384


@dataclass(frozen=True, slots=True)
class Worth:
    """How V weighs recall in the future: (offset in days, weight), each an array over nuggets."""

    nodes: tuple[tuple[Floats, Floats], ...]

    @property
    def total(self) -> Floats:
        """What perfect recall for good would be worth, for each nugget."""
        return np.asarray(sum(weight for _, weight in self.nodes))

    def of(self, stability: Floats, age: Floats | float, decay: Floats) -> Floats:
        """V of memories (SHAPES, learners, nuggets) of that stability and age."""
        value = np.zeros(np.broadcast_shapes(stability.shape, np.shape(age)))
        for offset, weight in self.nodes:
            value += weight * memory.retrievability(stability, age + offset, decay)
        return value


@dataclass(frozen=True, slots=True)
class Gains:
    """Arrays over openings: the cohort's recall now, what one repetition of all would gain it (`benefit`), the lift,
    and for each form the index itself."""

    recall: Floats
    benefit: Floats
    lift: Floats
    index: dict[Form, Floats]


def gains(
    context: PlanContext, openings: tuple[Opening, ...], rule: AdaptiveRule, model: EvidenceModel = MODEL
) -> Gains:
    """The index of every opening in every form there is room for; −∞ for a form it cannot take."""
    columns = np.asarray([one.column for one in openings], np.intp)
    audience = context.audience[:, columns]
    recall, summed = _recall_and_gain(context, openings, rule)
    lift = _lift(context, openings, recall, rule)
    importance = np.asarray([one.nugget.importance for one in openings])
    tired = rule.fatigue * context.posts_since(context.last_week()) * audience.sum(axis=0)
    index = {}
    for form in context.forms:
        money = context.prices[form] / _MICROS / rule.dollars_per_recall
        able = np.asarray([form in one.forms for one in openings])
        index[form] = np.where(able, importance * lift * model.repetition(form) * summed - money - tired, -np.inf)
    return Gains(recall, summed, lift, index)


def _recall_and_gain(context: PlanContext, openings: tuple[Opening, ...], rule: AdaptiveRule) -> tuple[Floats, Floats]:
    """For each opening's nugget, over its audience: average recall now (NaN for nobody), and the summed gain of a
    repetition.

    Some nuggets at a time: what is computed on the way then stays in the processor's cache, and takes no memory to
    speak of, however large the cohort.
    """
    day = day_number(context.now)
    step = max(1, _BLOCK // max(1, context.audience.shape[0]))
    recall, sums = np.full(len(openings), np.nan), np.zeros(len(openings))
    for start in range(0, len(openings), step):
        block = openings[start : start + step]
        columns = np.asarray([one.column for one in block], np.intp)
        belief, audience = context.belief.at(columns), context.audience[:, columns]
        known, gain = _gain_of_repetition(belief, day, worth(context, block, rule))
        people = audience.sum(axis=0)
        totals = np.where(audience, known, 0.0).sum(axis=0)
        recall[start : start + step] = np.where(people > 0, totals / np.maximum(people, 1), np.nan)
        sums[start : start + step] = np.where(audience, gain, 0.0).sum(axis=0)
    return recall, sums


def worth(context: PlanContext, openings: tuple[Opening, ...], rule: AdaptiveRule) -> Worth:
    """V's weights for each opening's nugget, whose assessment may be its own."""
    left = np.asarray([_days_left(context, one) for one in openings])
    known = ~np.isnan(left)
    length = np.where(known, np.maximum(left, _SHORTEST_DAYS), _OPEN_END_DAYS)
    shares = [(share * length, width * np.exp(-share * length / rule.discount_days)) for share, width in _NODES]
    total = sum(weight for _, weight in shares)
    nodes = [(offset, weight / total) for offset, weight in shares]
    ahead = np.where(known, left, 0.0)
    nodes.append((ahead, np.where(known, rule.deadline_weight, 0.0)))
    nodes.append((ahead + _AFTER_END_DAYS, np.where(known, rule.after_weight, 0.0)))
    return Worth(tuple((offset, weight) for offset, weight in nodes if weight.any()))


def _days_left(context: PlanContext, opening: Opening) -> float:
    """Days until the assessment; NaN where there is none, or it is over."""
    assessment = opening.nugget.assessment
    if assessment is None or assessment <= context.now:
        return np.nan
    return (assessment - context.now) / timedelta(days=1)


def _gain_of_repetition(belief: Belief, day: float, value: Worth) -> tuple[Floats, Floats]:
    """For each learner and nugget: recall now, and E{ R·V(S⁺) + (1 − R)·V(S⁻) − V(S, age) }, whether or not it ever
    reached them."""
    decay = decays_for(belief.stability)
    recall = belief.shape_recall(day)
    recalled, lapsed = repeated_stability(belief, day, recall)
    after = recall * value.of(recalled, 0.0, decay) + (1.0 - recall) * value.of(lapsed, 0.0, decay)
    met = after - value.of(belief.stability, day - belief.last_day, decay)
    begun = _value_of_beginning(value, decay) - KNOWN_ANYWAY * value.total
    gain = (1.0 - belief.unmet) * met + belief.unmet * begun
    known = belief.unmet * KNOWN_ANYWAY + (1.0 - belief.unmet) * (belief.weight * recall).sum(axis=0)
    return np.asarray(known), np.asarray((belief.weight * gain).sum(axis=0))


def _value_of_beginning(value: Worth, decay: Floats) -> Floats:
    """V after a first repetition, (SHAPES, 1, nuggets): some knew it anyway, most did not."""
    nuggets = value.total.size
    good, again = (
        value.of(np.full((1, 1, nuggets), float(memory.first_stability(rating))), np.zeros(decay.shape), decay)
        for rating in (GOOD, AGAIN)
    )
    return KNOWN_ANYWAY * good + (1.0 - KNOWN_ANYWAY) * again


def _lift(context: PlanContext, openings: tuple[Opening, ...], recall: Floats, rule: AdaptiveRule) -> Floats:
    """1, and more for what the cohort knows badly or has waited longer than its turn."""
    # Where nobody of the audience counts there is no recall (NaN), and nothing to lift.
    badly = np.where(np.isnan(recall), 0.0, np.maximum(0.0, 1.0 - recall / _COMFORTABLE))
    # A floor in days that ignored capacity would eat every slot of a slow cadence.
    turn = max(rule.coverage_days, 1.5 * 7.0 * len(context.nuggets) / max(context.cadence.posts_a_week, 1e-9))
    waited = np.asarray([_waited_days(context, one) for one in openings])
    return 1.0 + rule.tail * (badly + np.clip(waited / turn - 1.0, 0.0, 1.0))


def _waited_days(context: PlanContext, opening: Opening) -> float:
    return 0.0 if opening.last is None else (context.now - opening.last) / timedelta(days=1)
