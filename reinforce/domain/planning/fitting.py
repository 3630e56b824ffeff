"""Fit FSRS-6's weights to a procedure's own answers, and judge them on answers that came later.

fsrs-rs (open-spaced-repetition) does the fitting: gradient descent from the default weights, with a penalty on leaving
them, the same numbers for the same answers. It sees bare repetitions: who answered what when, right or wrong. What a
belief adds to that (posts that were read in silence, guesses, shapes of forgetting) it does not see; so fitted weights
get the scale of shrinkage.py on the same earlier answers, and are judged by what beliefs with them foretold of the
later ones, which is what they are wanted for. In few answers fsrs-rs finds noise: at 1,000 its weights were worse than
the defaults on a real log. So below `LEAST_ANSWERS`, twice that, nothing is tried, and above it the better of old and
new is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from fsrs_rs_python import FSRS, FSRSItem, FSRSReview
from numpy.typing import NDArray

from reinforce.domain.planning.accuracy import Bools, History, auc, calibration, log_loss, rmse_bins
from reinforce.domain.planning.foretelling import Answers, foretell
from reinforce.domain.planning.memory import DEFAULT_WEIGHTS, Floats, Weights
from reinforce.domain.planning.shrinkage import shrink

# Graded answers below which no fit is tried.
LEAST_ANSWERS = 2_000
# The later part of the answers, which the weights have not seen.
HELD_OUT = 0.25


class FitFailed(ValueError):
    """fsrs-rs could make nothing of these repetitions."""


@dataclass(frozen=True, slots=True)
class Repetitions:
    """Graded repetitions (A,) in order of time: of which pair of learner and item, on which day, FSRS's rating 1–4."""

    whose: NDArray[np.intp]
    day: Floats
    rating: NDArray[np.int64]

    def until(self, day: float) -> Repetitions:
        """Those before `day`."""
        given = int(np.searchsorted(self.day, day))
        return Repetitions(self.whose[:given], self.day[:given], self.rating[:given])


@dataclass(frozen=True, slots=True)
class Figures:
    """How well answers were foretold. `curve`: (mean chance foretold, share right, answers) by rising chance."""

    log_loss: float
    rmse_bins: float
    auc: float
    curve: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """A fit and its judgement: new weights, how many answers they were fitted to, how many they were judged by, and
    how those were foretold with the weights before and with the new ones."""

    weights: Weights
    scale: float
    fitted_to: int
    judged_by: int
    before: Figures
    after: Figures

    @property
    def better(self) -> bool:
        """Whether the new weights foretold the later answers better, by log loss. False where there were none."""
        return self.after.log_loss < self.before.log_loss


def attempt(answers: Answers, repetitions: Repetitions, in_force: Weights) -> Trial:
    """Fit to the earlier part of `repetitions`, judge by the later part of `answers` (of the same people and items).

    The split is by time: everything before it, and nothing after, is known to the fit. Raises FitFailed.
    """
    if not repetitions.day.size:
        raise FitFailed("there is nothing to fit to")
    split = float(np.quantile(repetitions.day, 1.0 - HELD_OUT))
    earlier = repetitions.until(split)
    found = shrink(answers.until(split), fit_weights(earlier))
    later = answers.when >= split
    before, after = foretell(answers, in_force), foretell(answers, found.weights)
    judged = later & before.known
    history = answers.history().at(judged)
    right = answers.right[judged]
    return Trial(
        weights=found.weights,
        scale=found.scale,
        fitted_to=int(earlier.day.size),
        judged_by=int(judged.sum()),
        before=figures(before.chance[judged], right, history),
        after=figures(after.chance[judged], right, history),
    )


def figures(chance: Floats, right: Bools, history: History) -> Figures:
    """Every measure of accuracy.py at once."""
    return Figures(
        log_loss(chance, right), rmse_bins(chance, right, history), auc(chance, right), calibration(chance, right)
    )


def fit_weights(repetitions: Repetitions) -> Weights:
    """FSRS-6's weights as fsrs-rs fits them, always from the defaults. Raises FitFailed.

    Days between repetitions are whole ones, as in all of FSRS's training; what is repeated within a day counts as the
    same day.
    """
    items = _items(repetitions)
    if not items:
        raise FitFailed("nobody answered the same item on two days")
    try:
        found = FSRS(list(DEFAULT_WEIGHTS)).compute_parameters(items)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic in Rust is no Exception, and would end the daemon's thread
        raise FitFailed(f"fsrs-rs could not fit the weights: {error}") from error
    if len(found) != len(DEFAULT_WEIGHTS) or not np.isfinite(found).all():
        raise FitFailed("fsrs-rs found no finite weights")
    return Weights(tuple(float(value) for value in found))


def _items(repetitions: Repetitions) -> list[FSRSItem]:
    """One training item for each repetition that came a day or more after the one before: the history up to it."""
    order = np.argsort(repetitions.whose, kind="stable")
    whose, day, rating = (values[order].tolist() for values in (repetitions.whose, repetitions.day, repetitions.rating))
    items: list[FSRSItem] = []
    history: list[FSRSReview] = []
    for place, one in enumerate(whose):
        again = place > 0 and whose[place - 1] == one
        gap = int(day[place] - day[place - 1]) if again else 0
        history = [*history, FSRSReview(rating[place], gap)] if again else [FSRSReview(rating[place], 0)]
        if gap > 0:
            items.append(FSRSItem(history))
    return items


def repetitions_of(rows: Sequence[tuple[int, int, float, int]]) -> Repetitions:
    """From (learner, item, day, rating), in any order; those of one instant stay as they come."""
    table = np.asarray(rows, np.float64).reshape(-1, 4)
    table = table[np.argsort(table[:, 2], kind="stable")]
    _, whose = np.unique(table[:, :2], axis=0, return_inverse=True)
    return Repetitions(whose.reshape(-1).astype(np.intp), table[:, 2], table[:, 3].astype(np.int64))
