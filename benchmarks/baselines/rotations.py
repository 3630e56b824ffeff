"""Plain rotations: the strong baselines. None of them listens."""

from __future__ import annotations

import numpy as np

from baselines.base import DEADLINE_WINDOW, Facts, Floats


class Deaf:
    """A policy that pays no attention to answers."""

    def heard(self, day: float, nugget: int, form: str, answers: dict[int, str], totals: dict[str, int]) -> None:
        """Nothing."""


class RoundRobin(Deaf):
    """Every open nugget in turn."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._count = np.zeros(facts.nuggets)

    def choose(self, day: float) -> tuple[int, str] | None:
        """The open nugget whose turn it is. A newly released one starts level with the least posted."""
        ready = self._facts.open(day)
        if not ready.any():
            return None
        self._level(ready)
        best = int(np.argmin(np.where(ready, self._count, np.inf)))
        self._count[best] += 1
        return best, "question"

    def _level(self, ready: np.ndarray) -> None:
        started = ready & (self._count > 0)
        if started.any():
            new = ready & (self._count == 0)
            self._count[new] = max(self._count[started].min() - 1, 0.5)


class WeightedRoundRobin(Deaf):
    """Smooth weighted round-robin with shares proportional to (weight * audience) ** exponent.

    The nugget that is furthest behind its share goes next (the smooth scheme of nginx, as credits).
    """

    def __init__(self, facts: Facts, exponent: float = 0.5) -> None:
        self._facts = facts
        self._share: Floats = (facts.weight * np.maximum(facts.reach(), 1)) ** exponent
        self._credit = np.zeros(facts.nuggets)

    def choose(self, day: float) -> tuple[int, str] | None:
        """The open nugget with the most credit."""
        ready = self._facts.open(day)
        if not ready.any():
            return None
        return self._take(int(np.argmax(self._after_one_more(ready))), ready), "question"

    def _after_one_more(self, ready: np.ndarray) -> Floats:
        share = np.where(ready, self._share, 0.0)
        return np.where(ready, self._credit + share / share.sum(), -np.inf)

    def _take(self, nugget: int, ready: np.ndarray) -> int:
        self._credit = np.where(ready, self._after_one_more(ready), self._credit)
        self._credit[nugget] -= 1.0
        return nugget


class WeightedDeadlines(WeightedRoundRobin):
    """WRR, and earliest deadline first inside the last `window` days: each nugget due soon gets one last post.

    Among nuggets whose assessment is within the window and that have not been posted in it, the earliest goes first,
    the heavier first on equal days; the rest of the time it is WRR. With `late` the last posts begin only when they
    would no longer fit in before their days, which is the strongest reading: what is seen last is forgotten least.
    """

    def __init__(
        self, facts: Facts, exponent: float = 0.5, window: float = DEADLINE_WINDOW, *, late: bool = True
    ) -> None:
        super().__init__(facts, exponent)
        self._window = window
        self._late = late
        # Which nuggets had their last post (or whose day passed without one).
        self._done = np.zeros(facts.nuggets, dtype=np.bool_)
        # The last day on which it posted, and how often by now.
        self._made_on = (-1, 0)

    def choose(self, day: float) -> tuple[int, str] | None:
        """A nugget due soon that had no last post yet, else WRR's."""
        ready = self._facts.open(day)
        if not ready.any():
            return None
        if self._made_on[0] != int(day):
            self._made_on = (int(day), 0)
        left = self._facts.deadline - day
        order = np.argsort(self._facts.deadline - 1e-3 * self._share, kind="stable")
        due = [i for i in order if ready[i] and 0.0 <= left[i] < self._window and not self._done[i]]
        if due and (not self._late or self._must_begin(left[due])):
            nugget = self._take(int(due[0]), ready)
            self._done[nugget] = True
        else:
            nugget = self._take(int(np.argmax(self._after_one_more(ready))), ready)
        self._made_on = (int(day), self._made_on[1] + 1)
        return nugget, "question"

    def _must_begin(self, left: Floats) -> bool:
        """Whether the last posts of nuggets due in `left` days, in order, need this slot."""
        daily = self._facts.posts_per_day
        slots = np.floor(left) * daily + daily - self._made_on[1]
        return bool((slots <= np.arange(1, left.size + 1)).any())


class RandomChoice(Deaf):
    """Any open nugget, with equal chances, from a seeded generator."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._draws = np.random.default_rng(facts.seed)

    def choose(self, day: float) -> tuple[int, str] | None:
        """A draw."""
        ready = np.flatnonzero(self._facts.open(day))
        return None if ready.size == 0 else (int(self._draws.choice(ready)), "question")


class Ladder(Deaf):
    """Fixed gaps after the first post (1-3-7-14-30 days), the most overdue first; new nuggets when nothing is due."""

    GAPS = (1.0, 3.0, 7.0, 14.0, 30.0)

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._step = np.full(facts.nuggets, -1)
        self._due = np.full(facts.nuggets, np.inf)

    def choose(self, day: float) -> tuple[int, str] | None:
        """The most overdue nugget, else a new one, else nothing."""
        ready = self._facts.open(day)
        late = np.where(ready & (self._due <= day), self._due, np.inf)
        fresh = np.flatnonzero(ready & (self._step < 0))
        if np.isfinite(late).any():
            nugget = int(np.argmin(late))
        elif fresh.size:
            nugget = int(fresh[0])
        else:
            return None
        self._step[nugget] += 1
        gap = self.GAPS[min(int(self._step[nugget]), len(self.GAPS) - 1)]
        self._due[nugget] = day + gap
        return nugget, "question"
