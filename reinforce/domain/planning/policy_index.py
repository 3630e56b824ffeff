"""The index of `cohort-adaptive`: what posting each nugget now would gain.

    G(n, f) = e·[a_f + (1 − a_f)·η_f] · { Σ_c L_c · (w_n·mean_i g_in + u_n·mean_i ḡ_in) + L_0 · Σ_i v_i·ḡ_in }
              − λ_f − κ·m·L_0
    g_in    = E{ V(S′) − V(S, age) },    ḡ_in the part of it that is recall averaged over the programme

over the cohorts c that the post reaches (0 is the one that plans) and the learners i of nugget n's audience in each: e,
a, η as in exposure.py; S the stability now and S′ after a repetition (the geometric mean of S⁺ and S⁻ with weight R,
FSRS-6's of memory.py), averaged over the shapes of forgetting; V what a memory will be worth (policy_worth.py); w_n the
importance. L_c is the number of learners who count, λ_f the money the form costs, m the posts of the last seven days, κ
what each of them tires a learner.

What is maximised is the importance-weighted sum of the nuggets' mean recalls, and with it a tail: a soft minimum over
the N nuggets that are open and one over the learners, so that neither the least favoured nugget nor the weakest learner
stays behind for good. u_n and v_i are the tail's gradient:

    u_n = √r · nugget_tail · w̄ · N · softmin_n(posts a day since its first)
    v_i = r√r · learner_tail · w̄ · softmin_i(mean recall)

with r the share of the nuggets that a learner can expect to see within a month at the cadence's rate: where there is no
room for all of them, a full tail would spend what room there is on a little of everything and teach nothing. (Less of
it is taken from the nuggets, since a post passes over all of them but one, and over no learner.) A nugget is least
favoured by the posts it was given, not by the recall that is believed of it: no belief can be wrong about that. Recall
in the learners' tail is what the programme brought: what people know anyway is no reason to leave somebody out.

A large feed is looked at twice: every nugget through the eyes of some of the learners, then the best of them through
those of all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from reinforce.domain.nugget import Form
from reinforce.domain.planning import memory
from reinforce.domain.planning.belief import KNOWN_ANYWAY, Belief, decays_for, repeated_stability
from reinforce.domain.planning.cadence import AdaptiveRule
from reinforce.domain.planning.memory import AGAIN, GOOD, Floats, Weights
from reinforce.domain.planning.plan_context import Opening, PlanContext, day_number
from reinforce.domain.planning.policy_worth import Worth, looks_a_day, worth

# How softly the minimum looks at the lowest: what is higher by a quarter of the mean weighs 1/e. A bound in absolute
# terms would be blunt in a slow programme, where everything is low, and blind in a fast one.
_SOFTNESS, _LEAST_SOFTNESS = 0.25, 0.005
_MONTH = 30.0
_WEEK = 7.0
_MICROS = 1e6
# Pairs of learner and nugget that are worked on at a time.
_BLOCK = 16_384
# A feed of more than twice so many learners is looked at through so many, evenly drawn, and only the best openings
# through all of them.
_SAMPLE, _FINALISTS = 1024, 32

# A choice needs no more, and it is twice as fast.
_PRECISION: DTypeLike = np.float32

_T = TypeVar("_T", bound=np.generic)
_Rows = NDArray[np.intp]
_Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Gains:
    """Arrays over openings: how many times more than by its importance alone a nugget counts because it, or a learner
    it is for, would be left behind (`lift`, 1 for not at all), and for each form the index itself."""

    lift: Floats
    index: dict[Form, Floats]


def gains(context: PlanContext, openings: tuple[Opening, ...], rule: AdaptiveRule) -> Gains:
    """The index of every opening in every form there is room for; −∞ for a form it cannot take."""
    weakest = _weakest_learners(context, openings, rule)
    everybody = np.arange(context.audience.shape[0])
    everything = np.arange(len(openings))
    if everybody.size <= 2 * _SAMPLE:
        plain, valued = _values(context, openings, rule, everything, everybody, weakest)
        return _index(context, openings, rule, plain, valued)
    plain, valued = _values(context, openings, rule, everything, _sample(context), weakest)
    best = np.max(list(_index(context, openings, rule, plain, valued).index.values()), axis=0)
    finalists = np.sort(np.argsort(-best, kind="stable")[:_FINALISTS])
    # An estimate never beats a figure: what is not among the finalists stays below the last of them.
    valued[:] = np.minimum(valued, 0.0)
    plain[finalists], valued[finalists] = _values(context, openings, rule, finalists, everybody, weakest)
    return _index(context, openings, rule, plain, valued)


def softmin(values: Floats) -> Floats:
    """Weights that sum to 1 and go to the lowest: exp(−x/T), T a share of the mean, so that it is as sharp among little
    as among much. 0 where there is nothing to compare (NaN)."""
    there = ~np.isnan(values)
    if not there.any():
        return np.zeros(values.shape)
    known = values[there]
    weight = np.zeros(values.shape)
    weight[there] = np.exp(-(known - known.min()) / max(_SOFTNESS * float(known.mean()), _LEAST_SOFTNESS))
    return np.asarray(weight / weight.sum())


def _index(
    context: PlanContext, openings: tuple[Opening, ...], rule: AdaptiveRule, plain: Floats, valued: Floats
) -> Gains:
    """The index from what a repetition of each opening would be worth."""
    tired = rule.fatigue * context.posts_since(context.last_week()) * int(context.own.sum())
    index = {}
    for form in context.forms:
        money = context.prices[form] / _MICROS / rule.dollars_per_recall
        repeats = np.asarray([one.nugget.parameters.model.repetition(form) for one in openings])
        able = np.asarray([form in one.forms for one in openings])
        index[form] = np.where(able, repeats * valued - money - tired, -np.inf)
    return Gains(np.divide(valued, plain, out=np.ones_like(valued), where=plain > 0.0), index)


def _values(
    context: PlanContext,
    openings: tuple[Opening, ...],
    rule: AdaptiveRule,
    places: _Places,
    rows: _Rows,
    weakest: Floats,
) -> tuple[Floats, Floats]:
    """For the openings at `places`: what a repetition is worth by importance alone, and with the tail; each mean taken
    over those of its audience who are among `rows`, `weakest` (every learner's v) scaled up to all of them."""
    importance = np.asarray([one.nugget.importance for one in openings])
    behind = rule.nugget_tail * importance.sum() * _room(context, openings) ** 0.5
    behind = behind * softmin(_posts_a_day(context, openings))
    seen = float(weakest[rows].sum())
    tail_of = weakest[rows] * (weakest.sum() / seen if seen else 0.0) * int(context.own.sum())
    worths = worth(context, openings, rule)
    people = [(int((_groups(context) == group).sum()), _groups(context)[rows] == group) for group in _cohorts(context)]
    plain, valued = np.zeros(len(openings)), np.zeros(len(openings))
    for part, belief, audience in _blocks(context, openings, places, rows):
        whole, average = _gain_of_repetition(
            belief, worths.part(part, _PRECISION), openings[part[0]].nugget.parameters.weights
        )
        whole, average = np.where(audience, whole, 0.0), np.where(audience, average, 0.0)
        valued[part] = average @ tail_of
        for learners, among in people:
            number = np.maximum(audience[:, among].sum(axis=1), 1)
            by_importance = importance[part] * whole[:, among].sum(axis=1) / number * learners
            plain[part] += by_importance
            valued[part] += by_importance + behind[part] * average[:, among].sum(axis=1) / number * learners
    return plain[places], valued[places]


def _room(context: PlanContext, openings: tuple[Opening, ...]) -> float:
    """r: the share of the openings that a learner can expect to see within a month."""
    return float(1.0 - np.exp(-looks_a_day(context, openings).mean() * _MONTH))


def _posts_a_day(context: PlanContext, openings: tuple[Opening, ...]) -> Floats:
    """How often each opening was posted a day since it came in, over a week at least; NaN where it is for nobody."""
    days = [day_number(context.now) - day_number(one.posts[0].at) if one.posts else 0.0 for one in openings]
    often = np.asarray([len(one.posts) for one in openings]) / np.maximum(days, _WEEK)
    anybody = np.asarray(context.audience.any(axis=0))[[one.column for one in openings]]
    return np.where(anybody, often, np.nan)


def _weakest_learners(context: PlanContext, openings: tuple[Opening, ...], rule: AdaptiveRule) -> Floats:
    """v of every row; 0 for the learners of other cohorts, who have a plan of their own to look after them."""
    importance = float(np.mean([one.nugget.importance for one in openings]))
    room = _room(context, openings)
    full: float = rule.learner_tail * importance * room * room**0.5
    return full * softmin(np.where(context.own, _recall_of_learners(context, openings), np.nan))


def _recall_of_learners(context: PlanContext, openings: tuple[Opening, ...]) -> Floats:
    """Mean recall that the programme brought of each learner, over the openings that are for them; NaN for none."""
    everybody = np.arange(context.audience.shape[0])
    total, nuggets = np.zeros(everybody.size), np.zeros(everybody.size)
    for _, belief, audience in _blocks(context, openings, np.arange(len(openings)), everybody):
        met = (1.0 - belief.unmet) * (belief.weight * belief.shape_recall(0.0)).sum(axis=0)
        total += np.where(audience, met, 0.0).sum(axis=0)
        nuggets += audience.sum(axis=0)
    return np.asarray(np.divide(total, nuggets, out=np.full(total.shape, np.nan), where=nuggets > 0))


_Block = tuple[_Places, Belief, NDArray[np.bool_]]


def _blocks(context: PlanContext, openings: tuple[Opening, ...], places: _Places, rows: _Rows) -> Iterator[_Block]:
    """The openings at `places` some at a time, all of one set of parameters, as arrays (nuggets, learners `rows`): what
    is computed on the way then stays in the processor's cache, and takes no memory to speak of, however large the feed.
    The belief's days count from now."""
    step = max(1, _BLOCK // max(1, rows.size))
    by_version: dict[str, list[int]] = {}
    for place in places.tolist():
        by_version.setdefault(openings[place].nugget.parameters.version, []).append(place)
    for group in by_version.values():
        for begin in range(0, len(group), step):
            part = np.asarray(group[begin : begin + step], np.intp)
            columns = np.asarray([openings[place].column for place in part], np.intp)
            yield part, _belief_from(context, columns, rows), _turned(context.audience, columns, rows)


def _belief_from(context: PlanContext, columns: _Places, rows: _Rows) -> Belief:
    there = context.belief.each(lambda array: _turned(array, columns, rows))
    from_now = replace(there, last_day=there.last_day - day_number(context.now))
    return from_now.each(lambda array: np.asarray(array, _PRECISION))


def _turned(array: NDArray[_T], columns: _Places, rows: _Rows) -> NDArray[_T]:
    """(…, learners, nuggets) as (…, nuggets, learners), some of each. Nugget by nugget is how it lies in memory, so
    columns that follow one another, which is nearly always so, are not copied at all."""
    turned = array.swapaxes(-1, -2)
    begin, end = int(columns[0]), int(columns[-1]) + 1
    chosen = turned[..., begin:end, :] if end - begin == columns.size else turned[..., columns, :]
    return chosen if rows.size == chosen.shape[-1] else chosen[..., rows]


def _sample(context: PlanContext) -> _Rows:
    """Every so-manieth learner, in whatever order the roster has them: people of one role stand together there, so that
    even steps draw from each in its share."""
    return np.unique(np.linspace(0, context.audience.shape[0] - 1, _SAMPLE).round().astype(np.intp))


def _groups(context: PlanContext) -> NDArray[np.intp]:
    return np.zeros(context.audience.shape[0], np.intp) if context.groups is None else context.groups


def _cohorts(context: PlanContext) -> list[int]:
    return [0] if context.groups is None else [int(one) for one in np.unique(context.groups)]


def _gain_of_repetition(belief: Belief, value: Worth, weights: Weights) -> tuple[Floats, Floats]:
    """(g, ḡ) for each nugget and learner, whether or not it ever reached them. `belief` counts its days from now."""
    decay = decays_for(belief.stability)
    recall = belief.shape_recall(0.0)
    recalled, lapsed = repeated_stability(belief, 0.0, recall, weights)
    after = value.of(lapsed * (recalled / lapsed) ** recall, 0.0, decay)
    before = value.of(belief.stability, -belief.last_day, decay)
    begun = value.of(np.full((1, 1, 1), _first_stability(weights), belief.stability.dtype), 0.0, decay)
    average, dates = (
        np.sum(
            belief.weight * ((1.0 - belief.unmet) * (then - now) + belief.unmet * (new - KNOWN_ANYWAY * all_of_it)), 0
        )
        for then, now, new, all_of_it in zip(after, before, begun, value.of_perfect(), strict=True)
    )
    return average + dates, average


def _first_stability(weights: Weights) -> float:
    """Stability after a first repetition: some knew it anyway, most did not."""
    recalled, lapsed = memory.first_stability(GOOD, weights), memory.first_stability(AGAIN, weights)
    return float(recalled**KNOWN_ANYWAY * lapsed ** (1.0 - KNOWN_ANYWAY))
