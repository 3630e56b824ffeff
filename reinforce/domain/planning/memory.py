"""FSRS-6, vectorised: how well something is remembered, and what a repetition does to it.

Three numbers describe a memory: *stability* S, the days after which recall has fallen to 90 %; *difficulty* D, 1 to
10; and the age since the last repetition. Formulas and default weights are those of FSRS-6 (open-spaced-repetition,
"The Algorithm", version 6), the same as in py-fsrs 6.3.2, which the tests hold them against. Two things differ on
purpose: elapsed time is in fractional days (py-fsrs floors it to whole ones), and the exponent of the forgetting curve
may be given for each element, so that several shapes of forgetting can stand side by side.

All functions take NumPy arrays (or numbers) that broadcast against each other, and return the precision in which the
stability comes: float64, unless it is a float32 array.
"""

from __future__ import annotations

import hashlib
import math
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
STABILITY_MIN = 0.001
DIFFICULTY_MIN, DIFFICULTY_MAX = 1.0, 10.0

DEFAULT_WEIGHTS: tuple[float, ...] = (
    *(0.212, 1.2931, 2.3065, 8.2956),  # w0–w3: first stability after Again, Hard, Good, Easy
    *(6.4133, 0.8334, 3.0194, 0.001),  # w4–w7: first difficulty, its steps, reversion to the mean
    *(1.8722, 0.1666, 0.796),  # w8–w10: growth on recall
    *(1.4835, 0.0614, 0.2629, 1.6483),  # w11–w14: what is left after a lapse
    *(0.6014, 1.8729),  # w15, w16: Hard's penalty and Easy's bonus
    *(0.5425, 0.0912, 0.0658),  # w17–w19: repetitions on the same day
    0.1542,  # w20: decay
)


@dataclass(frozen=True, slots=True)
class Weights:
    """The 21 parameters of FSRS-6. Raises ValueError unless there are 21."""

    values: tuple[float, ...] = DEFAULT_WEIGHTS

    def __post_init__(self) -> None:
        if len(self.values) != len(DEFAULT_WEIGHTS):
            raise ValueError(f"FSRS-6 has {len(DEFAULT_WEIGHTS)} weights, not {len(self.values)}")

    @property
    def decay(self) -> float:
        """The exponent of the forgetting curve, positive."""
        return self.values[20]

    @property
    def version(self) -> str:
        """Eight hexadecimal digits that differ where any weight differs."""
        return hashlib.blake2b(struct.pack("<21d", *self.values), digest_size=4).hexdigest()


DEFAULT = Weights()


def retrievability(stability: ArrayLike, elapsed_days: ArrayLike, decay: ArrayLike = DEFAULT.decay) -> Floats:
    """Chance of recall `elapsed_days` after the last repetition: (1 + F·t/S)^−decay, with F so that R(S) = 0.9.

    FSRS-6. Negative ages count as 0. A stability of NaN (never repeated) gives 0.
    """
    stability = _floats(stability)
    age = np.maximum(np.asarray(elapsed_days, stability.dtype), 0.0)
    factor, exponent = np.asarray(steepness(decay), stability.dtype), np.asarray(decay, stability.dtype)
    recall = (1.0 + factor * age / stability) ** -exponent
    return np.where(np.isnan(stability), 0.0, recall)


def age_at(recall: ArrayLike, stability: ArrayLike, decay: ArrayLike = DEFAULT.decay) -> Floats:
    """The age in days at which a memory of `stability` is recalled with chance `recall`: the curve read backwards."""
    decay = np.asarray(decay, np.float64)
    recall = np.asarray(recall, np.float64)
    return np.asarray(stability, np.float64) / steepness(decay) * (recall ** (-1.0 / decay) - 1.0)


def first_stability(rating: ArrayLike, weights: Weights = DEFAULT) -> Floats:
    """Stability in days after the first repetition: w[rating − 1]."""
    table = np.asarray(weights.values[:4], np.float64)
    return np.maximum(table[np.asarray(rating, np.int64) - 1], STABILITY_MIN)


def first_difficulty(rating: ArrayLike, weights: Weights = DEFAULT) -> Floats:
    """Difficulty after the first repetition: w4 − e^(w5·(rating − 1)) + 1, within 1 to 10."""
    return np.clip(_first_difficulty(rating, weights), DIFFICULTY_MIN, DIFFICULTY_MAX)


def next_difficulty(difficulty: ArrayLike, rating: ArrayLike, weights: Weights = DEFAULT) -> Floats:
    """Difficulty after a further repetition: a damped step by −w6·(rating − 3), drawn a little towards Easy's (w7)."""
    w = weights.values
    difficulty = np.asarray(difficulty, np.float64)
    step = -w[6] * (np.asarray(rating, np.float64) - 3.0)
    moved = difficulty + (10.0 - difficulty) * step / 9.0
    reverted = w[7] * _first_difficulty(EASY, weights) + (1.0 - w[7]) * moved
    return np.clip(reverted, DIFFICULTY_MIN, DIFFICULTY_MAX)


def stability_after_recall(
    difficulty: ArrayLike, stability: ArrayLike, recall: ArrayLike, rating: ArrayLike = GOOD, weights: Weights = DEFAULT
) -> Floats:
    """S⁺: stability after a success (Hard, Good, Easy) at retrievability `recall`."""
    w = weights.values
    stability = _floats(stability)
    rating = np.asarray(rating)
    bonus = np.where(rating == HARD, w[15], 1.0) * np.where(rating == EASY, w[16], 1.0)
    growth = np.exp((1.0 - np.asarray(recall, stability.dtype)) * w[10]) - 1.0
    ease = (11.0 - np.asarray(difficulty, stability.dtype)) * np.asarray(bonus, stability.dtype)
    grown = stability * (1.0 + math.exp(w[8]) * ease * stability ** -w[9] * growth)
    return np.asarray(np.maximum(grown, STABILITY_MIN))


def stability_after_lapse(
    difficulty: ArrayLike, stability: ArrayLike, recall: ArrayLike, weights: Weights = DEFAULT
) -> Floats:
    """S⁻: stability after Again at retrievability `recall`; never more than S/e^(w17·w18)."""
    w = weights.values
    stability = _floats(stability)
    left = (
        w[11]
        * np.asarray(difficulty, stability.dtype) ** -w[12]
        * ((stability + 1.0) ** w[13] - 1.0)
        * np.exp((1.0 - np.asarray(recall, stability.dtype)) * w[14])
    )
    return np.asarray(np.maximum(np.minimum(left, stability / math.exp(w[17] * w[18])), STABILITY_MIN))


def stability_same_day(stability: ArrayLike, rating: ArrayLike, weights: Weights = DEFAULT) -> Floats:
    """Stability after a repetition less than a day after the one before: S·e^(w17·(rating − 3 + w18))·S^−w19."""
    w = weights.values
    stability = _floats(stability)
    rating = np.asarray(rating, stability.dtype)
    change = np.exp(w[17] * (rating - 3.0 + w[18])) * stability ** -w[19]
    change = np.where(rating >= HARD, np.maximum(change, 1.0), change)
    return np.asarray(np.maximum(stability * change, STABILITY_MIN))


def next_stability(
    difficulty: ArrayLike,
    stability: ArrayLike,
    elapsed_days: ArrayLike,
    rating: ArrayLike,
    decay: ArrayLike | None = None,
    weights: Weights = DEFAULT,
) -> Floats:
    """Stability after a repetition `elapsed_days` after the one before, for a memory that has been repeated before.

    Under a day the same-day formula holds. `decay` is the shape of forgetting (default: the weights' own).
    """
    hard, before, age, how = np.broadcast_arrays(difficulty, stability, elapsed_days, rating)
    recall = np.broadcast_to(retrievability(before, age, weights.decay if decay is None else decay), before.shape)
    after = np.array(stability_after_recall(hard, before, recall, how, weights))
    # What few of an array need is computed for those few.
    today, lapsed = age < 1.0, (age >= 1.0) & (how == AGAIN)
    after[lapsed] = stability_after_lapse(hard[lapsed], before[lapsed], recall[lapsed], weights)
    after[today] = stability_same_day(before[today], how[today], weights)
    return after


def repeat(
    stability: ArrayLike,
    difficulty: ArrayLike,
    elapsed_days: ArrayLike,
    rating: ArrayLike,
    weights: Weights = DEFAULT,
) -> tuple[Floats, Floats]:
    """(stability, difficulty) after one repetition; a stability of NaN means that it is the first."""
    known = np.asarray(stability, np.float64)
    new = np.isnan(known)
    if not new.any():
        return (
            next_stability(difficulty, known, elapsed_days, rating, None, weights),
            next_difficulty(difficulty, rating, weights),
        )
    # NaN stands in no formula: the placeholders keep NumPy quiet, and are overwritten below.
    before = np.where(new, 1.0, known)
    hard = np.where(new, 5.0, np.asarray(difficulty, np.float64))
    age = np.where(new, 0.0, np.asarray(elapsed_days, np.float64))
    return (
        np.where(new, first_stability(rating, weights), next_stability(hard, before, age, rating, None, weights)),
        np.where(new, first_difficulty(rating, weights), next_difficulty(hard, rating, weights)),
    )


def _floats(values: ArrayLike) -> Floats:
    """The values as floating-point numbers; those in single precision stay so."""
    array = np.asarray(values)
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)


def steepness(decay: ArrayLike) -> Floats:
    """F of the forgetting curve: what makes R(S) = 0.9."""
    return np.asarray(0.9 ** (-1.0 / np.asarray(decay, np.float64)) - 1.0, np.float64)


def _first_difficulty(rating: ArrayLike, weights: Weights) -> Floats:
    w = weights.values
    return np.asarray(w[4] - np.exp(w[5] * (np.asarray(rating, np.float64) - 1.0)) + 1.0, np.float64)
