"""Schedulers of one learner, run on the cohort's average or majority; each fills a free slot with what is due next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from fsrs import Card, Rating, Scheduler

from baselines.base import Facts, share_right

START = datetime(2026, 1, 5, tzinfo=UTC)


class Due:
    """Posts the most overdue nugget; new ones when nothing is due. Subclasses decide the next gap from what came back.

    `fill`: when nothing is due and nothing new, post what is due soonest instead of staying quiet.
    """

    def __init__(self, facts: Facts, *, fill: bool = True) -> None:
        self._facts = facts
        self._fill = fill
        self._due = np.full(facts.nuggets, np.inf)
        self._seen = np.zeros(facts.nuggets, dtype=np.bool_)
        self._retired = np.zeros(facts.nuggets, dtype=np.bool_)

    def choose(self, day: float) -> tuple[int, str] | None:
        """Overdue, else new, else (if filling) the next due."""
        ready = self._facts.open(day) & ~self._retired
        late = np.where(ready & self._seen & (self._due <= day), self._due, np.inf)
        if np.isfinite(late).any():
            return int(np.argmin(late)), "question"
        fresh = np.flatnonzero(ready & ~self._seen)
        if fresh.size:
            return int(fresh[0]), "question"
        return self._idle(day)

    def _idle(self, day: float) -> tuple[int, str] | None:
        ready = self._facts.open(day) & self._seen
        if not self._fill or not ready.any():
            return None
        return int(np.argmin(np.where(ready, self._due, np.inf))), "question"

    def heard(self, day: float, nugget: int, form: str, answers: dict[int, str], totals: dict[str, int]) -> None:
        """Set when the nugget is due again."""
        self._seen[nugget] = True
        self._due[nugget] = day + self._gap(day, nugget, share_right(answers, totals))

    def _gap(self, day: float, nugget: int, right: float | None) -> float:
        raise NotImplementedError


class Qstream(Due):
    """8 days after a wrong majority, 16 after a right one, retired after two right in a row (Kerfoot 2010)."""

    def __init__(self, facts: Facts, *, fill: bool) -> None:
        super().__init__(facts, fill=fill)
        self._streak = np.zeros(facts.nuggets, dtype=np.int64)

    def _gap(self, day: float, nugget: int, right: float | None) -> float:
        good = right is not None and right >= 0.5
        self._streak[nugget] = self._streak[nugget] + 1 if good else 0
        self._retired[nugget] = self._streak[nugget] >= 2
        return 16.0 if good else 8.0


class Sm2(Due):
    """SM-2 (Wozniak 1990) with the cohort's share of right answers as quality 0-5."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._ease = np.full(facts.nuggets, 2.5)
        self._run = np.zeros(facts.nuggets, dtype=np.int64)
        self._last = np.ones(facts.nuggets)

    def _gap(self, day: float, nugget: int, right: float | None) -> float:
        quality = 3.0 if right is None else 5.0 * right
        if quality < 3.0:
            self._run[nugget] = 0
            gap = 1.0
        else:
            self._run[nugget] += 1
            run = int(self._run[nugget])
            gap = 1.0 if run == 1 else 6.0 if run == 2 else float(self._last[nugget] * self._ease[nugget])
        change = 0.1 - (5.0 - quality) * (0.08 + (5.0 - quality) * 0.02)
        self._ease[nugget] = max(1.3, float(self._ease[nugget]) + change)
        self._last[nugget] = gap
        return gap


class Leitner(Due):
    """Five boxes of 1, 2, 4, 8 and 16 days; up when most are right, down to the first when not."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._box = np.zeros(facts.nuggets, dtype=np.int64)

    def _gap(self, day: float, nugget: int, right: float | None) -> float:
        if right is not None:
            self._box[nugget] = min(int(self._box[nugget]) + 1, 4) if right >= 0.5 else 0
        return float(2 ** int(self._box[nugget]))


class FsrsMajority(Due):
    """py-fsrs with one card for the whole cohort, rated by the majority (Good or Again), desired retention 0.9."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
        self._cards = [Card(card_id=i, due=START) for i in range(facts.nuggets)]

    def _gap(self, day: float, nugget: int, right: float | None) -> float:
        good = right is None or right >= 0.5
        at = START + timedelta(days=day)
        card, _ = self._scheduler.review_card(self._cards[nugget], Rating.Good if good else Rating.Again, at)
        self._cards[nugget] = card
        return max((card.due - at).total_seconds() / 86_400.0, 1.0)


class Memorize:
    """MEMORIZE-style (Tabibian et al. 2019): post with an intensity (1 - m(t)) / sqrt(q), m the cohort's recall.

    m decays exponentially with a rate per nugget that a right majority divides and a wrong one multiplies; as slots
    are given, the nugget with the highest intensity (times the root of its weight) goes next. The three numbers are
    the strongest of six settings tried over the repository's worlds.
    """

    def __init__(self, facts: Facts, rate: float = 0.4, slower: float = 0.3, faster: float = 0.3) -> None:
        self._facts = facts
        self._slower, self._faster = slower, faster
        self._rate = np.full(facts.nuggets, rate)
        self._last = np.full(facts.nuggets, -np.inf)

    def choose(self, day: float) -> tuple[int, str] | None:
        """The highest intensity among open nuggets; those never posted have forgotten everything."""
        ready = self._facts.open(day)
        if not ready.any():
            return None
        recall = np.exp(-self._rate * (day - self._last))
        intensity = (1.0 - recall) * np.sqrt(self._facts.weight)
        return int(np.argmax(np.where(ready, intensity, -np.inf))), "question"

    def heard(self, day: float, nugget: int, form: str, answers: dict[int, str], totals: dict[str, int]) -> None:
        """Slower forgetting after a right majority, faster after a wrong one, by the share of each."""
        right = share_right(answers, totals)
        if right is not None:
            self._rate[nugget] *= 1.0 - self._slower * right + self._faster * (1.0 - right)
            self._rate[nugget] = float(np.clip(self._rate[nugget], 0.005, 2.0))
        self._last[nugget] = day
