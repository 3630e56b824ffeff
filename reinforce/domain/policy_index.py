"""The index of `cohort-adaptive`: what posting each nugget now would gain the cohort.

    G(n, f) = L · e·[a_f + (1 − a_f)·η_f] · (u_n · mean_i g_in + Σ_i v_i·g_in) − λ_f − κ·m·L
    g_in    = E{ V(S′) − V(S, age) }

over the learners i of nugget n's audience: e, a, η as in domain/exposure.py; S the stability now and S′ after a
repetition (the geometric mean of S⁺ and S⁻ with weight R, FSRS-6's of domain/memory.py), averaged over the shapes of
forgetting; V what a memory will be worth (domain/policy_worth.py). L is the number of learners who count, λ_f the money
the form costs, m the posts of the last seven days, κ what each of them tires a learner.

What is maximised is the importance-weighted sum of the nuggets' average recall, plus a tail: `nugget_tail` times a soft
minimum over nuggets and `learner_tail` times one over learners, so that neither the least favoured nugget nor the
weakest learner stays behind for good. u_n and v_i are its gradient:

    u_n = w_n + nugget_tail · w̄ · N · softmin(mean recall of n),      v_i = learner_tail · w̄ · softmin(mean recall of i)

with w_n the importance, w̄ its mean over the N nuggets that are open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reinforce.domain import memory
from reinforce.domain.belief import KNOWN_ANYWAY, Belief, decays_for, repeated_stability
from reinforce.domain.cadence import AdaptiveRule
from reinforce.domain.exposure import MODEL, EvidenceModel
from reinforce.domain.memory import AGAIN, GOOD, Floats
from reinforce.domain.nugget import Form
from reinforce.domain.plan_context import Opening, PlanContext, day_number
from reinforce.domain.policy_worth import Worth, worth

# How sharply the soft minimum looks at the lowest: a recall this much higher weighs 1/e.
_SHARPNESS = 0.05
_MICROS = 1e6
# The logarithm of the stability after a first repetition: some knew it anyway, most did not.
_FIRST = KNOWN_ANYWAY * np.log(memory.first_stability(GOOD)) + (1.0 - KNOWN_ANYWAY) * np.log(memory.first_stability(AGAIN))
# Pairs of learner and nugget that are worked on at a time.
_BLOCK = 16_384


@dataclass(frozen=True, slots=True)
class Gains:
    """Arrays over openings: the cohort's recall now (NaN for nobody), what one repetition of all would gain a learner
    on average (`benefit`), how much more than by its importance a nugget counts because it, or the learners it is for,
    would be left behind (`lift`, 1 for not at all), and for each form the index itself."""

    recall: Floats
    benefit: Floats
    lift: Floats
    index: dict[Form, Floats]


def gains(
    context: PlanContext, openings: tuple[Opening, ...], rule: AdaptiveRule, model: EvidenceModel = MODEL
) -> Gains:
    """The index of every opening in every form there is room for; −∞ for a form it cannot take."""
    importance = np.asarray([one.nugget.importance for one in openings])
    by_nugget, by_learner = _recalls(context, openings)
    behind = rule.nugget_tail * importance.mean() * len(openings) * softmin(by_nugget)
    weakest = rule.learner_tail * importance.mean() * softmin(by_learner)
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
    return Gains(by_nugget, mean, lift, index)


def softmin(recall: Floats) -> Floats:
    """Weights that sum to 1 and go to the lowest: exp(−recall/0.05), normalised; 0 where there is no recall (NaN)."""
    there = ~np.isnan(recall)
    if not there.any():
        return np.zeros(recall.shape)
    weight = np.where(there, np.exp(-(np.where(there, recall, np.inf) - np.nanmin(recall)) / _SHARPNESS), 0.0)
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
    """Mean recall now of each opening's nugget over its audience, and of each learner over the openings that are for
    them; NaN for nobody and nothing."""
    day = day_number(context.now)
    by_nugget, people = np.zeros(len(openings)), np.zeros(len(openings))
    by_learner, nuggets = np.zeros(context.audience.shape[0]), np.zeros(context.audience.shape[0])
    for part, belief, audience in _blocks(context, openings):
        recall = np.where(audience, (1.0 - belief.unmet) * np.einsum('h...,h...->...', belief.weight, belief.shape_recall(day)), 0.0)
        by_nugget[part], people[part] = recall.sum(axis=0), audience.sum(axis=0)
        by_learner += recall.sum(axis=1)
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
        of_average, of_dates = (np.where(audience, gain, 0.0) for gain in _gain_of_repetition(belief, day, value.part(part)))
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
    first = np.exp(_FIRST)
    begun = value.of(np.full((1, 1, value.nuggets), first), np.zeros(decay.shape), decay)
    anyway = value.of_perfect()
    gains = []
    for then, now, new, known in zip(after, before, begun, anyway, strict=True):
        gain = (1.0 - belief.unmet) * (then - now) + belief.unmet * (new - KNOWN_ANYWAY * known)
        gains.append(np.asarray((belief.weight * gain).sum(axis=0)))
    return gains[0], gains[1]


def _mean(total: Floats, number: Floats) -> Floats:
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
