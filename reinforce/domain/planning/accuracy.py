"""How good chances that were foretold turned out: log loss, RMSE over bins, AUC, and the points of a calibration plot.

All take `chance` (A,), what was foretold, and `right` (A,), whether it came; empty arrays give NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reinforce.domain.planning.memory import Floats

Bools = NDArray[np.bool_]
# A forecast of 0 or 1 that fails would cost infinitely much: so far no log can show that it was meant.
_LEAST = 1e-6
# Points of a calibration plot; equal numbers of answers stand behind each.
_POINTS = 10


@dataclass(frozen=True, slots=True)
class History:
    """What bins are made of, for each answer (A,): days since the answer before it by the same learner to the same
    item (0: there was none), how many there were, and how many of them were wrong."""

    gap: Floats
    answers: NDArray[np.int64]
    lapses: NDArray[np.int64]

    def at(self, which: Bools) -> History:
        """Those of `which`."""
        return History(self.gap[which], self.answers[which], self.lapses[which])


def history_of(whose: NDArray[np.intp], day: Floats, right: Bools) -> History:
    """The history of answers that come in order of time; `whose` (A,) names the pair of learner and item of each."""
    order = np.argsort(whose, kind="stable")
    ranked = whose[order]
    fresh = np.r_[True, ranked[1:] != ranked[:-1]] if whose.size else np.empty(0, np.bool_)
    start = np.flatnonzero(fresh)[np.cumsum(fresh) - 1] if whose.size else np.empty(0, np.intp)
    wrong_so_far = np.cumsum(np.r_[0, ~right[order]])[:-1]
    gap, answers, lapses = np.empty(whose.size), np.empty(whose.size, np.int64), np.empty(whose.size, np.int64)
    gap[order] = np.where(fresh, 0.0, np.diff(day[order], prepend=np.nan))
    answers[order] = np.arange(whose.size) - start
    lapses[order] = wrong_so_far - wrong_so_far[start]
    return History(gap, answers, lapses)


def log_loss(chance: Floats, right: Bools) -> float:
    """Mean of −log of the chance that was given to what came, in nats."""
    if not right.size:
        return float("nan")
    kept = np.clip(chance, _LEAST, 1.0 - _LEAST)
    return float(-np.log(np.where(right, kept, 1.0 - kept)).mean())


def rmse_bins(chance: Floats, right: Bools, history: History) -> float:
    """RMSE(bins): the root of the mean square of (mean chance − share right) over bins of alike histories, weighed by
    their size. Bins widen geometrically in gap, answers and lapses, with the constants of fsrs-rs and srs-benchmark
    (open-spaced-repetition)."""
    if not right.size:
        return float("nan")
    bins = np.stack(
        [
            _geometric(history.gap, 2.48, 3.62),
            _geometric(history.answers + 1, 1.99, 1.89),
            _geometric(history.lapses, 1.65, 1.73),
        ]
    )
    _, which = np.unique(bins, axis=1, return_inverse=True)
    which = which.reshape(-1)
    size = np.bincount(which)
    off = np.bincount(which, chance) / size - np.bincount(which, right) / size
    return float(np.sqrt(np.average(off**2, weights=size)))


def auc(chance: Floats, right: Bools) -> float:
    """Chance that a right answer had been given a higher chance than a wrong one, ties counting half (the rank sum of
    Mann & Whitney 1947); NaN where all were right, or all wrong."""
    good = int(right.sum())
    if good in (0, right.size):
        return float("nan")
    _, place, size = np.unique(chance, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(size) - (size - 1) / 2.0
    ranks = mean_rank[place.reshape(-1)][right].sum()
    return float((ranks - good * (good + 1) / 2.0) / (good * (right.size - good)))


def calibration(chance: Floats, right: Bools, points: int = _POINTS) -> tuple[tuple[float, float, int], ...]:
    """(mean chance foretold, share right, answers) for tenths of the answers by rising chance; those with equal chances
    stay together, so there may be fewer points."""
    if not right.size:
        return ()
    order = np.argsort(chance, kind="stable")
    edges = np.searchsorted(chance[order], np.quantile(chance, np.linspace(0, 1, points + 1)[1:-1]), side="left")
    parts = np.split(order, np.unique(edges))
    return tuple((float(chance[part].mean()), float(right[part].mean()), int(part.size)) for part in parts if part.size)


def _geometric(values: Floats | NDArray[np.int64], unit: float, ratio: float) -> Floats:
    """The bin's least value, `unit`·`ratio`^k; 0 for what is not positive."""
    values = np.asarray(values, np.float64)
    exponent = np.floor(np.log(np.maximum(values, 1e-9)) / np.log(ratio))
    return np.where(values > 0.0, np.round(unit * ratio**exponent, 2), 0.0)
