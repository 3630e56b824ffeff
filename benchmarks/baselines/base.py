"""What a policy may know, and what it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DEADLINE_WINDOW = 7.0


@dataclass(frozen=True)
class Facts:
    """The public side of a world: everything but memory. Days count from 0; shapes as in LEARNING's `World`."""

    learners: int
    nuggets: int
    days: int
    posts_per_day: int
    weight: Floats
    audience: Bools
    release: Floats
    deadline: Floats
    joined: Floats
    seed: int

    def reach(self) -> NDArray[np.int64]:
        """How many learners each nugget is for, (nuggets,)."""
        return np.asarray(self.audience.sum(axis=0), dtype=np.int64)

    def open(self, day: float) -> Bools:
        """Which nuggets may be posted at `day`, (nuggets,): released, and for somebody."""
        return (self.release <= day) & (self.reach() > 0)


class Policy(Protocol):
    """Decides one post at a time and hears at once what came back."""

    def choose(self, day: float) -> tuple[int, str] | None:
        """The nugget and form to post at `day`; None to stay quiet."""

    def heard(self, day: float, nugget: int, form: str, answers: dict[int, str], totals: dict[str, int]) -> None:
        """What the post brought: who answered what, and totals."""


def share_right(answers: dict[int, str], totals: dict[str, int]) -> float | None:
    """Share of right answers among right and wrong, polls included; None if nobody answered."""
    right = sum(word == "right" for word in answers.values()) + totals.get("right", 0)
    wrong = sum(word == "wrong" for word in answers.values()) + totals.get("wrong", 0)
    return None if right + wrong == 0 else right / (right + wrong)
