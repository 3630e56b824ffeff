"""Models of recall that foretell a log's later reviews from what came before: the plain ones, HLR, and FSRS-6.

Each takes the reviews in order of time and gives the chance of success of each review, (A,), from earlier reviews only
(NaN for a learner's first review of an item). What a model has to learn it learns before `split`, a place in the log.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reinforce.domain.planning import memory
from reinforce.domain.planning.accuracy import History, history_of, log_loss
from reinforce.domain.planning.fitting import Repetitions, fit_weights
from reinforce.domain.planning.memory import AGAIN, Floats, Weights

# HLR's bounds: a half-life between a quarter of an hour and nine months, chances that are never certain.
_SHORTEST, _LONGEST = 15.0 / (24 * 60), 274.0
_LEAST = 1e-4
_RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
_ROUNDS, _STEP, _RIDGE = 400, 0.05, 0.01


@dataclass(frozen=True, slots=True)
class Log:
    """A log with what is derived from it: `right` (rating above Again), `history`, and `judged`, the reviews that a
    model is measured by: a day or more after the learner's review of the item before."""

    reviews: Repetitions
    right: NDArray[np.bool_]
    history: History
    judged: NDArray[np.bool_]

    @classmethod
    def of(cls, reviews: Repetitions) -> Log:
        """The log of these reviews."""
        right = reviews.rating > AGAIN
        history = history_of(reviews.whose, reviews.day, right)
        return cls(reviews, right, history, (history.answers > 0) & (history.gap >= 1.0))


def constant(log: Log, split: int) -> Floats:
    """Always the share of earlier reviews that were right."""
    learned = log.right[:split][log.judged[:split]]
    share = (learned.sum() + 1.0) / (learned.size + 2.0)
    return np.full(log.right.size, share)


def moving_average(log: Log, split: int) -> Floats:
    """The share right of late, over all learners and items: an exponential mean that goes on through the log. How fast
    it forgets is what foretold the earlier reviews best."""
    learned = log.judged.copy()
    learned[split:] = False
    candidates = [_exponential_mean(log, rate) for rate in _RATES]
    return min(candidates, key=lambda chance: log_loss(chance[learned], log.right[learned]))


def _exponential_mean(log: Log, rate: float) -> Floats:
    chance, mean = np.empty(log.right.size), 0.5
    for place, (right, judged) in enumerate(zip(log.right.tolist(), log.judged.tolist(), strict=True)):
        chance[place] = mean
        if judged:
            mean += rate * (right - mean)
    return chance


def half_life_regression(log: Log, split: int) -> Floats:
    """HLR (Settles & Meeder 2016): p = 2^(−Δ/h), h = 2^(θ·x), x = (√(1 + right), √(1 + wrong), 1), both counted over
    the learner's earlier reviews of the item.

    θ is fitted to log loss, since a review here is one answer and not the share of a session, by Adam (Kingma & Ba
    2015) with their ridge penalty. Their lexeme features are left out: what is asked is a model for any items.
    """
    rights = log.history.answers - log.history.lapses
    features = np.stack([np.sqrt(1.0 + rights), np.sqrt(1.0 + log.history.lapses), np.ones(log.right.size)], axis=1)
    learned = log.judged.copy()
    learned[split:] = False
    theta = _fit_half_lives(features[learned], log.history.gap[learned], log.right[learned])
    return _recall(features, log.history.gap, theta)[0]


def _recall(features: Floats, gap: Floats, theta: Floats) -> tuple[Floats, Floats]:
    half_life = np.exp2(np.clip(features @ theta, np.log2(_SHORTEST), np.log2(_LONGEST)))
    return np.clip(np.exp2(-gap / half_life), _LEAST, 1.0 - _LEAST), half_life


def _fit_half_lives(features: Floats, gap: Floats, right: NDArray[np.bool_]) -> Floats:
    theta = np.asarray([0.0, 0.0, np.log2(7.0)])
    start = theta.copy()
    if not right.size:
        return theta
    mean, square = np.zeros(3), np.zeros(3)
    for step in range(1, _ROUNDS + 1):
        chance, half_life = _recall(features, gap, theta)
        # d(log loss)/d(p) times dp/dh times dh/dθ; p = 2^(−Δ/h), h = 2^(θ·x)
        slope = (chance - right) / (chance * (1.0 - chance))
        inner = chance * np.log(2.0) * gap / half_life * np.log(2.0)
        gradient = (slope * inner) @ features / right.size + _RIDGE * (theta - start) / right.size
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        theta = theta - _STEP * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return theta


def fitted_weights(log: Log, split: int) -> Weights:
    """FSRS-6's weights as fsrs-rs fits them to the earlier reviews. Raises FitFailed."""
    reviews = log.reviews
    return fit_weights(Repetitions(reviews.whose[:split], reviews.day[:split], reviews.rating[:split]))


def fsrs(log: Log, weights: Weights) -> Floats:
    """FSRS-6 with these weights, as the product computes it: the k-th reviews of all pairs at once."""
    reviews, turn = log.reviews, log.history.answers
    stability = np.full(int(reviews.whose.max()) + 1, np.nan)
    difficulty = np.full(stability.size, np.nan)
    chance = np.full(log.right.size, np.nan)
    order = np.argsort(turn, kind="stable")
    for now in np.split(order, np.flatnonzero(np.diff(turn[order])) + 1):
        whose, gap = reviews.whose[now], log.history.gap[now]
        known = stability[whose]
        if turn[now[0]]:
            chance[now] = memory.retrievability(known, gap, weights.decay)
        stability[whose], difficulty[whose] = memory.repeat(known, difficulty[whose], gap, reviews.rating[now], weights)
    return chance
