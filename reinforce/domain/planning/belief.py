"""What is believed of the memory of each learner for each nugget, and how one event moves it.

A belief is a mixture, one column of numbers for each (learner, nugget) pair:

* `unmet`, the chance that the nugget has never really reached the learner (recall is then what people know anyway);
* for what did reach them, three *shapes* of forgetting side by side (decays 0.15, 0.5 and 1.5: a power law with a fat
  tail, a middle one, nearly an exponential), each with a weight that the learner's answers move by Bayes' rule;
* for each shape an FSRS state: stability, and the day of the last repetition. Difficulty is shared by the shapes.

Most events are uncertain: a silent learner saw a post with some chance only. Such an event splits a state in two (it
was a repetition, or nothing happened), and the two are drawn together again at once by *matching moments*: the new
stability is the geometric mean of both, and the last repetition is put where the curve runs through the true mixture's
recall of now. So a belief keeps its size however long its history, nothing is drawn at random, and the same events in
the same order give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reinforce.domain.planning import memory
from reinforce.domain.planning.memory import AGAIN, DEFAULT, GOOD, Floats, Weights

DECAYS = (0.15, 0.5, 1.5)
SHAPES = len(DECAYS)
_PRIOR_WEIGHTS = (0.5, 0.3, 0.2)
# Share of people who know a nugget before it has reached them: they come from training, or from doing the work.
KNOWN_ANYWAY = 0.2
# No shape is ever ruled out: a handful of answers must be able to bring it back.
_LEAST_WEIGHT = 1e-4
_LEAST_RECALL, _MOST_RECALL = 1e-9, 1.0 - 1e-9


@dataclass(frozen=True, slots=True)
class Belief:
    """Arrays over pairs of any common shape P (a column of learners, or learners × nuggets).

    `unmet` and `difficulty` are P; `weight`, `stability` (days) and `last_day` (days since 1970-01-01 UTC, fractional)
    are (SHAPES, *P). Where `unmet` is 1 the other numbers mean nothing. A cohort's belief that was loaded has all but
    `last_day` in single precision, and lies in memory nugget by nugget.
    """

    unmet: Floats
    difficulty: Floats
    weight: Floats
    stability: Floats
    last_day: Floats

    def recall(self, day: float | Floats) -> Floats:
        """Chance of recall on `day`, shape P."""
        met = np.einsum("h...,h...->...", self.weight, self.shape_recall(day))
        return np.asarray(self.unmet * KNOWN_ANYWAY + (1.0 - self.unmet) * met)

    def shape_recall(self, day: float | Floats) -> Floats:
        """Chance of recall on `day` for each shape, of what has reached the learner: (SHAPES, *P)."""
        return memory.retrievability(self.stability, day - self.last_day, decays_for(self.stability))

    def each(self, change: Callable[[Floats], Floats]) -> Belief:
        """The belief with `change` applied to every array; it must leave the axis of shapes alone."""
        return Belief(*(change(getattr(self, name)) for name in FIELDS))

    def at(self, index: NDArray[np.intp] | NDArray[np.bool_]) -> Belief:
        """The pairs `index` along the last axis."""
        return self.each(lambda array: array[..., index])


FIELDS = ("unmet", "difficulty", "weight", "stability", "last_day")


def decays_for(array: Floats) -> Floats:
    """DECAYS, shaped to broadcast along the first axis of a (SHAPES, *P) array."""
    return np.reshape(np.asarray(DECAYS, array.dtype), (SHAPES, *(1,) * (array.ndim - 1)))


def unmet(*pairs: int) -> Belief:
    """The belief about pairs of which nothing is known: shape `pairs`."""
    weight = np.empty((SHAPES, *pairs))
    weight[...] = np.reshape(_PRIOR_WEIGHTS, (SHAPES, *(1,) * len(pairs)))
    per_shape = (SHAPES, *pairs)
    return Belief(np.ones(pairs), np.full(pairs, 5.0), weight, np.ones(per_shape), np.zeros(per_shape))


@dataclass(frozen=True, slots=True)
class Effect:
    """What an event does, as five chances (arrays over pairs, or numbers).

    `reach`: it was a repetition. `if_known`, `if_not`: what was observed would have been observed of somebody who
    knew, who did not. `knew`, `knew_not`: the same among those for whom it was a repetition (a wrong answer counts
    as a lapse whatever the odds of a slip, so it has 0 and 1 there).
    """

    reach: Floats | float
    if_known: Floats | float = 1.0
    if_not: Floats | float = 1.0
    knew: Floats | float = 1.0
    knew_not: Floats | float = 1.0

    def table(self) -> Floats:
        """The five as rows of one array."""
        return np.asarray([self.reach, self.if_known, self.if_not, self.knew, self.knew_not], np.float64)


def apply(belief: Belief, day: float | Floats, effect: Effect, weights: Weights = DEFAULT) -> Belief:
    """The belief after an event on `day` (a number or an array over pairs)."""
    # Never quite certain: a wrong answer at the very instant of a right one must still have a posterior.
    recall = np.minimum(belief.shape_recall(day), _MOST_RECALL)
    weight, absent = _reweighted(belief, recall, effect)
    reach = np.asarray(effect.reach, np.float64)
    kept, repeated, begun = (1.0 - absent) * (1.0 - reach), (1.0 - absent) * reach, absent * reach
    met = kept + repeated + begun
    # Where nothing has reached the learner for sure, there is no state to speak of: keep the placeholders.
    some = met > 0.0
    share = np.where(some, 1.0 / np.where(some, met, 1.0), 0.0)
    kept, repeated, begun = np.where(some, kept * share, 1.0), repeated * share, begun * share

    knew = _posterior(recall, effect)
    began_knowing = _posterior(np.asarray(KNOWN_ANYWAY), effect)
    after_recall, after_lapse = repeated_stability(belief, day, recall, weights)
    stability = np.exp(
        kept * np.log(belief.stability)
        + repeated * _between(after_lapse, after_recall, knew)
        + begun * _between(*_first_stabilities(weights), began_knowing)
    )
    recall_now = np.clip(kept * recall + repeated + begun, _LEAST_RECALL, 1.0)
    age = memory.age_at(recall_now, stability, decays_for(stability))
    knew_at_all = np.einsum("h...,h...->...", weight, knew)
    difficulty = (
        kept * belief.difficulty
        + repeated * _mixed(lambda rating: memory.next_difficulty(belief.difficulty, rating, weights), knew_at_all)
        + begun * _mixed(lambda rating: memory.first_difficulty(rating, weights), began_knowing)
    )
    return Belief(
        unmet=absent * (1.0 - reach),
        difficulty=difficulty,
        weight=weight,
        stability=np.maximum(stability, memory.STABILITY_MIN),
        last_day=np.where(some, day - age, belief.last_day),
    )


def repeated_stability(
    belief: Belief, day: float | Floats, recall: Floats, weights: Weights = DEFAULT
) -> tuple[Floats, Floats]:
    """(S⁺, S⁻) of every shape if there were a repetition on `day`, where recall is `recall`: recalled, not recalled.
    Both (SHAPES, *P)."""
    today = day - belief.last_day < 1.0
    after_recall = memory.stability_after_recall(belief.difficulty, belief.stability, recall, GOOD, weights)
    after_lapse = memory.stability_after_lapse(belief.difficulty, belief.stability, recall, weights)
    if not today.any():
        return after_recall, after_lapse
    return (
        np.where(today, memory.stability_same_day(belief.stability, GOOD, weights), after_recall),
        np.where(today, memory.stability_same_day(belief.stability, AGAIN, weights), after_lapse),
    )


def fold(before: Belief, index: NDArray[np.intp], days: Floats, effects: Floats, weights: Weights = DEFAULT) -> Belief:
    """The belief about some pairs after further events, which come in order of time within each pair.

    `index` (E,) says whose event each is, `days` (E,) when, `effects` (5, E) what (rows as in `Effect.table`). Works
    in rounds, the k-th events of all pairs at once, so the cost is that of the longest history, not of the pairs.
    """
    belief = before.each(np.copy)
    for _ in _rounds(belief, index, days, effects, weights):
        pass
    return belief


def foresee(pairs: int, index: NDArray[np.intp], days: Floats, effects: Floats, weights: Weights = DEFAULT) -> Floats:
    """(2, E): just before each event the chance of recall, and the chance that the nugget had ever reached the learner.

    Arguments as for `fold`, from pairs of which nothing is known.
    """
    before = np.empty((2, index.size))
    for now, there in _rounds(unmet(pairs), index, days, effects, weights):
        before[:, now] = there.recall(days[now]), 1.0 - there.unmet
    return before


def _rounds(
    belief: Belief, index: NDArray[np.intp], days: Floats, effects: Floats, weights: Weights
) -> Iterator[tuple[NDArray[np.intp], Belief]]:
    """Moves `belief` in place, the k-th events of all pairs at once: (those events, the belief about theirs before)."""
    turn = _turns(index)
    for k in range(int(turn.max()) + 1 if turn.size else 0):
        now = np.flatnonzero(turn == k)
        whose = index[now]
        there = belief.at(whose)
        moved = apply(there, days[now], Effect(*effects[:, now]), weights)
        for name in FIELDS:
            getattr(belief, name)[..., whose] = getattr(moved, name)
        yield now, there


def _turns(index: NDArray[np.intp]) -> NDArray[np.intp]:
    """For each event, how many events its pair had before it."""
    order = np.argsort(index, kind="stable")
    ranked = index[order]
    begins = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if index.size else np.empty(0, np.intp)
    lengths = np.diff(np.r_[begins, index.size])
    turn = np.empty(index.size, np.intp)
    turn[order] = np.arange(index.size) - np.repeat(begins, lengths)
    return turn


def _reweighted(belief: Belief, recall: Floats, effect: Effect) -> tuple[Floats, Floats]:
    """Bayes' rule: the shapes' weights and the chance of "never reached" after what was observed."""
    likely = effect.if_not + (np.asarray(effect.if_known) - effect.if_not) * recall
    weight = belief.weight * likely
    evidence = weight.sum(axis=0)
    likely_unmet = effect.if_not + (np.asarray(effect.if_known) - effect.if_not) * KNOWN_ANYWAY
    absent = belief.unmet * likely_unmet
    absent = absent / (absent + (1.0 - belief.unmet) * evidence)
    # Of somebody whom it had not reached yet, the answer says nothing about how they forget it.
    share = (1.0 - absent) * weight / evidence + absent * belief.weight
    floored = np.maximum(share, _LEAST_WEIGHT)
    return floored / floored.sum(axis=0), absent


def _posterior(recall: Floats, effect: Effect) -> Floats:
    """Chance that somebody for whom it was a repetition had known, given what was observed."""
    knew = effect.knew * recall
    return np.asarray(knew / (knew + effect.knew_not * (1.0 - recall)))


def _between(low: Floats, high: Floats, share: Floats) -> Floats:
    """The logarithm of the geometric mean of two stabilities, `share` of it `high`."""
    return np.asarray((1.0 - share) * np.log(low) + share * np.log(high))


def _mixed(difficulty: Callable[[int], Floats], knew: Floats) -> Floats:
    return (1.0 - knew) * difficulty(AGAIN) + knew * difficulty(GOOD)


def _first_stabilities(weights: Weights) -> tuple[Floats, Floats]:
    return memory.first_stability(AGAIN, weights), memory.first_stability(GOOD, weights)
