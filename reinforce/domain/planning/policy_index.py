"""The index of `cohort-adaptive`: what posting each nugget now would gain the cohort.

    G(n, f) = L · e·[a_f + (1 − a_f)·η_f] · ( w_n · mean_i g_in + u_n · mean_i ḡ_in + Σ_i v_i·ḡ_in ) − λ_f − κ·m·L
    g_in    = E{ V(S′) − V(S, age) },    ḡ_in the part of it that is recall averaged over the programme

over the learners i of nugget n's audience: e, a, η as in exposure.py; S the stability now and S′ after a
repetition (the geometric mean of S⁺ and S⁻ with weight R, FSRS-6's of memory.py), averaged over the shapes of
forgetting; V what a memory will be worth (policy_worth.py); w_n the importance. L is the number of learners who
count, λ_f the money the form costs, m the posts of the last seven days, κ what each of them tires a learner.

What is maximised is the importance-weighted sum of the nuggets' mean recalls, and with it a tail: a soft minimum over
the N nuggets that are open and one over the learners, so that neither the least favoured nugget nor the weakest learner
stays behind for good. u_n and v_i are the tail's gradient:

    u_n = r · nugget_tail · w̄ · N · softmin_n(mean recall of n),      v_i = r · learner_tail · w̄ · softmin_i(of i)

with r the share of the nuggets that a learner can expect to see within a month at the cadence's rate: where there is
no room for all of them, a full tail would spend what room there is on a little of everything and teach nothing.
Recall in the tail is what the programme brought: what people know anyway is no reason to leave a nugget out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reinforce.domain.nugget import Form
from reinforce.domain.planning import memory
from reinforce.domain.planning.belief import KNOWN_ANYWAY, Belief, decays_for, repeated_stability
from reinforce.domain.planning.cadence import AdaptiveRule
from reinforce.domain.planning.exposure import MODEL, EvidenceModel
from reinforce.domain.planning.memory import AGAIN, GOOD, Floats
from reinforce.domain.planning.plan_context import Opening, PlanContext, day_number
from reinforce.domain.planning.policy_worth import Worth, looks_a_day, worth

# How softly the minimum looks at the lowest: recall that is higher by a quarter of the mean weighs 1/e. A bound in
# recall itself would be blunt in a slow programme, where all recall is low, and blind in a fast one.
_SOFTNESS, _LEAST_SOFTNESS = 0.25, 0.005
_MONTH = 30.0
_MICROS = 1e6
# Stability after a first repetition: some knew it anyway, most did not.
_FIRST_STABILITY = float(
    memory.first_stability(GOOD) ** KNOWN_ANYWAY * memory.first_stability(AGAIN) ** (1.0 - KNOWN_ANYWAY)
)
# Pairs of learner and nugget that are worked on at a time.
_BLOCK = 16_384


@dataclass(frozen=True, slots=True)
class Gains:
    """Arrays over openings: what the programme brought of recall by now (NaN for nobody), how many times more than by
    its importance alone a nugget counts because it, or a learner it is for, would be left behind (`lift`, 1 for not at
    all), and for each form the index itself."""

    recall: Floats
    lift: Floats
    index: dict[Form, Floats]


def gains(
    context: PlanContext, openings: tuple[Opening, ...], rule: AdaptiveRule, model: EvidenceModel = MODEL
) -> Gains:
    """The index of every opening in every form there is room for; −∞ for a form it cannot take."""
    importance = np.asarray([one.nugget.importance for one in openings])
    by_nugget, by_learner = _recalls(context, openings)
    room = _room(context, openings, model)
    behind = rule.nugget_tail * room * importance.sum() * softmin(by_nugget)
    weakest = rule.learner_tail * room * float(importance.mean()) * softmin(by_learner)
    mean, average, tail = _benefits(context, openings, weakest, worth(context, openings, rule, model))
    valued = importance * mean + behind * average + tail
    plain = importance * mean
    lift = np.divide(valued, plain, out=np.ones_like(valued), where=plain > 0.0)
    learners = context.audience.shape[0]
    tired = rule.fatigue * context.posts_since(context.last_week()) * learners
    index = {}
    for form in context.forms:
        money = context.prices[form] / _MICROS / rule.dollars_per_recall
        able = np.asarray([form in one.forms for one in openings])
        index[form] = np.where(able, learners * model.repetition(form) * valued - money - tired, -np.inf)
    return Gains(by_nugget, lift, index)


def _room(context: PlanContext, openings: tuple[Opening, ...], model: EvidenceModel) -> float:
    """r: the share of the openings that a learner can expect to see within a month."""
    return float(1.0 - np.exp(-looks_a_day(context, openings, model) * _MONTH))


def softmin(recall: Floats) -> Floats:
    """Weights that sum to 1 and go to the lowest: exp(−recall/T), T a share of the mean recall, so that it is as sharp
    among little recall as among much. 0 where there is no recall (NaN)."""
    there = ~np.isnan(recall)
    if not there.any():
        return np.zeros(recall.shape)
    known = recall[there]
    weight = np.zeros(recall.shape)
    weight[there] = np.exp(-(known - known.min()) / max(_SOFTNESS * float(known.mean()), _LEAST_SOFTNESS))
    return np.asarray(weight / weight.sum())


_Block = tuple[slice, Belief, NDArray[np.bool_]]


def _blocks(context: PlanContext, openings: tuple[Opening, ...]) -> Iterator[_Block]:
    """The openings some at a time: what is computed on the way then stays in the processor's cache, and takes no memory
    to speak of, however large the cohort."""
    step = max(1, _BLOCK // max(1, context.audience.shape[0]))
    for start in range(0, len(openings), step):
        columns = np.asarray([one.column for one in openings[start : start + step]], np.intp)
        yield slice(start, start + step), context.belief.at(columns), context.audience[:, columns]


def _recalls(context: PlanContext, openings: tuple[Opening, ...]) -> tuple[Floats, Floats]:
    """Mean recall that the programme brought: of each opening's nugget over its audience, and of each learner over the
    openings that are for them; NaN for nobody and nothing."""
    day = day_number(context.now)
    by_nugget, people = np.zeros(len(openings)), np.zeros(len(openings))
    by_learner, nuggets = np.zeros(context.audience.shape[0]), np.zeros(context.audience.shape[0])
    for part, belief, audience in _blocks(context, openings):
        brought = np.where(audience, belief.recall(day) - belief.unmet * KNOWN_ANYWAY, 0.0)
        by_nugget[part], people[part] = brought.sum(axis=0), audience.sum(axis=0)
        by_learner += brought.sum(axis=1)
        nuggets += audience.sum(axis=1)
    return _mean(by_nugget, people), _mean(by_learner, nuggets)


def _benefits(
    context: PlanContext, openings: tuple[Opening, ...], weakest: Floats, value: Worth
) -> tuple[Floats, Floats, Floats]:
    """For each opening: g and its part of the average alone, both averaged over its audience (0 for nobody), and that
    part summed with the weights `weakest`."""
    day = day_number(context.now)
    mean, average, tail = np.zeros(len(openings)), np.zeros(len(openings)), np.zeros(len(openings))
    for part, belief, audience in _blocks(context, openings):
        gain = _gain_of_repetition(belief, day, value.part(part))
        of_average, of_dates = (np.where(audience, one, 0.0) for one in gain)
        people = np.maximum(audience.sum(axis=0), 1)
        average[part] = of_average.sum(axis=0) / people
        mean[part] = average[part] + of_dates.sum(axis=0) / people
        tail[part] = weakest @ of_average
    return mean, average, tail


def _gain_of_repetition(belief: Belief, day: float, value: Worth) -> tuple[Floats, Floats]:
    """g for each learner and nugget, whether or not it ever reached them, in V's two parts."""
    decay = decays_for(belief.stability)
    recall = belief.shape_recall(day)
    recalled, lapsed = repeated_stability(belief, day, recall)
    after = value.of(lapsed * (recalled / lapsed) ** recall, 0.0, decay)
    before = value.of(belief.stability, day - belief.last_day, decay)
    begun = value.of(np.full((1, 1, value.nuggets), _FIRST_STABILITY), np.zeros(decay.shape), decay)
    of_average, of_dates = (
        np.sum(
            belief.weight * ((1.0 - belief.unmet) * (then - now) + belief.unmet * (new - KNOWN_ANYWAY * all_of_it)), 0
        )
        for then, now, new, all_of_it in zip(after, before, begun, value.of_perfect(), strict=True)
    )
    return of_average, of_dates


def _mean(total: Floats, number: Floats) -> Floats:
    return np.asarray(np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0))
