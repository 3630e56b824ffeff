"""Early shrinkage: one scale on the stabilities of a procedure's memories, from its first graded answers on.

FSRS's default weights come from people who chose what to learn. On material that nobody chose they are too sure: on a
real cohort's log they foretold 0.69 where 0.42 was true. Twenty-one weights cannot be fitted to some dozens of answers,
but one number can:

    w0–w3, w11  →  s·w0–w3, s·w11        (first stabilities, and what is left after a lapse)
    ŝ = arg max  Σ log P(answer | s) − (log s)² / 2σ²

with P(answer) as beliefs with those weights foretold it (foretelling.py: what had reached the learner, silences and
guessing included) and a log-normal prior around 1, σ = 1: before the first answers two thirds of procedures are taken
to lie within a factor e of the defaults, which is about how far first stabilities of single collections lie from each
other. A handful of answers moves s by a few per cent, some hundred outweigh the prior. Growth on recall (w8–w10) is
relative to the stability that was reached, so it scales along.

The maximum is sought on steps of half a unit of log s, then by the parabola through the best and its neighbours: the
curve is smooth and has one top, and the cost is the same always.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reinforce.domain.planning.accuracy import log_loss
from reinforce.domain.planning.foretelling import Answers, foretell
from reinforce.domain.planning.memory import DEFAULT, STABILITY_MIN, Floats, Weights

_SPREAD = 1.0
_STEPS = np.arange(-2.5, 2.51, 0.5)
# First stabilities are held within what FSRS's own training allows them.
_STABILITY_MAX = 100.0
_SCALED = (0, 1, 2, 3, 11)
# What lies below is noise, and would make a new version of the parameters for nothing.
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Shrinkage:
    """The scale, what it makes of the weights it was sought for, on how many answers it stands, and the log loss of
    those answers before and after (NaN where there were none)."""

    scale: float
    weights: Weights
    answers: int
    before: float
    after: float


def shrink(answers: Answers, weights: Weights = DEFAULT) -> Shrinkage:
    """The scale on `weights` that the answers speak for, drawn towards 1 as the formula above has it."""
    known = foretell(answers, weights).known
    count = int(known.sum())
    if count == 0:
        return Shrinkage(1.0, weights, 0, float("nan"), float("nan"))
    right = answers.right[known]

    def loss(scale: float) -> float:
        # `known` is kept as it was: which answers count must not depend on the scale.
        return log_loss(foretell(answers, scaled(weights, scale)).chance[known], right)

    losses = np.asarray([loss(float(np.exp(step))) for step in _STEPS])
    best = _top(-count * losses - 0.5 * (_STEPS / _SPREAD) ** 2)
    scale = round(float(np.exp(best)), _DIGITS)
    return Shrinkage(scale, scaled(weights, scale), count, float(losses[_STEPS.size // 2]), loss(scale))


def scaled(weights: Weights, scale: float) -> Weights:
    """The weights with first stabilities, and what is left after a lapse, times `scale`."""
    values = list(weights.values)
    for place in _SCALED:
        values[place] *= scale
    values[:4] = [min(max(value, STABILITY_MIN), _STABILITY_MAX) for value in values[:4]]
    return Weights(tuple(values))


def _top(values: Floats) -> float:
    """Where the parabola through the greatest value and its neighbours has its top, as log s."""
    best = int(np.argmax(values))
    if best in (0, values.size - 1):
        return float(_STEPS[best])
    left, middle, right = values[best - 1 : best + 2]
    bend = left - 2.0 * middle + right
    step = float(_STEPS[1] - _STEPS[0])
    return float(_STEPS[best] + (0.5 * step * (left - right) / bend if bend < 0.0 else 0.0))
