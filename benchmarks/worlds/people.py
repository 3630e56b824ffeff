"""What the three worlds have in common: who there is, what they see, how they answer. No memory model lives here.

Draws are hashes of (seed, stream, learner, nugget, day), not a stream of random numbers: two policies that make the
same post on the same day meet the same luck, whatever else they did before (common random numbers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Chance that somebody who sees a post answers it, by form: a poll is one tap, a question takes a thought.
ANSWERS = {"question": 0.30, "poll": 0.45, "reminder": 0.18}
# Worth of a silent look at a post against a full retrieval: questions make readers think, reminders less.
LOOK = {"question": 0.55, "poll": 0.45, "reminder": 0.35}
ROLES = 3


def _mix(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea & Flood 2014): every input bit reaches every output bit."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def uniform(seed: int, stream: str, *keys: Any) -> Floats:
    """Uniform numbers in [0, 1) that depend on nothing but the arguments; array keys broadcast."""
    state = np.array(seed, dtype=np.uint64) + np.uint64(sum(ord(c) << (8 * (i % 7)) for i, c in enumerate(stream)))
    with np.errstate(over="ignore"):
        for key in keys:
            bits = np.asarray(np.round(np.asarray(key, dtype=np.float64) * 1024), dtype=np.int64).astype(np.uint64)
            state = _mix(state + np.uint64(0x9E3779B97F4A7C15) * (bits + np.uint64(1)))
        state = _mix(state + np.uint64(0x9E3779B97F4A7C15))
    mantissa: Floats = (state >> np.uint64(11)).astype(np.float64) / float(1 << 53)
    return mantissa


def normal(seed: int, stream: str, *keys: Any) -> Floats:
    """Standard normal numbers from the same hashes (Box & Muller 1958)."""
    radius = np.sqrt(-2.0 * np.log(1.0 - uniform(seed, stream + "/r", *keys)))
    turned: Floats = radius * np.cos(2.0 * np.pi * uniform(seed, stream + "/a", *keys))
    return turned


@dataclass(frozen=True)
class Setting:
    """Who is there and what is wanted: shapes (nuggets,), (learners,) and (learners, nuggets); days count from 0."""

    learners: int
    nuggets: int
    days: int
    weight: Floats
    audience: Bools
    release: Floats
    deadline: Floats
    joined: Floats
    see: Floats
    answer: Floats


def setting(seed: int, scenario: str) -> Setting:
    """The setting of a scenario.

    "plain": 60 learners, 30 equal nuggets for everyone, all there from the start, one assessment at the end. "work":
    weights 1/2/4, audiences by role, staggered release and joining, deadlines. "sparse": "work" with 30 learners, half
    the chance to see a post, and 5 % acknowledgements.
    """
    if scenario not in {"plain", "work", "sparse"}:
        raise ValueError(f"no scenario {scenario!r}: plain, work or sparse")
    learners, nuggets, days = (30 if scenario == "sparse" else 60), 30, 84
    person, nugget = np.arange(learners), np.arange(nuggets)
    # Heavy users come 6-8 times a month, about 0.25 a post (LEARNING): a beta-like spread around 0.3.
    see = 0.06 + 0.5 * uniform(seed, "see", person) ** 1.1
    answer = np.clip(0.35 + 1.3 * uniform(seed, "answer", person), 0.0, 1.65)
    if scenario == "plain":
        return Setting(
            learners=learners,
            nuggets=nuggets,
            days=days,
            weight=np.ones(nuggets),
            audience=np.ones((learners, nuggets), dtype=np.bool_),
            release=np.zeros(nuggets),
            deadline=np.full(nuggets, float(days)),
            joined=np.zeros(learners),
            see=see,
            answer=answer,
        )
    weight = np.array([1.0, 1.0, 1.0, 2.0, 2.0, 4.0])[(uniform(seed, "weight", nugget) * 6).astype(int)]
    role = (uniform(seed, "role", person) * ROLES).astype(int)
    wanted = (uniform(seed, "audience", nugget) * (ROLES + 3)).astype(int)  # half of them are for everyone
    release = np.floor(uniform(seed, "release", nugget) * 5) * 7.0
    deadline = np.minimum(release + 28.0 + np.floor(uniform(seed, "deadline", nugget) * 5) * 7.0, float(days))
    joined = np.where(uniform(seed, "joined", person) < 0.7, 0.0, np.floor(uniform(seed, "late", person) * 28))
    sparse = scenario == "sparse"
    return Setting(
        learners=learners,
        nuggets=nuggets,
        days=days,
        weight=weight,
        audience=(wanted[None, :] >= ROLES) | (wanted[None, :] == role[:, None]),
        release=release,
        deadline=deadline,
        joined=joined,
        see=see * (0.5 if sparse else 1.0),
        answer=answer * (0.05 / 0.25 if sparse else 1.0),
    )


class People:
    """Base of the worlds: decides who sees a post and who answers, and asks the memory model underneath."""

    name = ""

    def __init__(self, seed: int, scenario: str) -> None:
        self.seed = seed
        self.posts_per_day = 3
        self.set = setting(seed, scenario)
        self.learners, self.nuggets, self.days = self.set.learners, self.set.nuggets, self.set.days
        self.weight, self.audience = self.set.weight, self.set.audience
        self.release, self.deadline, self.joined = self.set.release, self.set.deadline, self.set.joined
        self._person = np.arange(self.learners)

    def recall(self, day: float) -> Floats:
        """True recall, (learners, nuggets), at `day`; only the referee calls it."""
        raise NotImplementedError

    def _recall_of(self, day: float, nugget: int) -> Floats:
        raise NotImplementedError

    def _learn(self, day: float, nugget: int, who: Bools, strength: Floats, right: Bools) -> None:
        raise NotImplementedError

    def post(self, day: float, nugget: int, form: str) -> tuple[dict[int, str], dict[str, int]]:
        """Post `nugget` at `day` as reminder, question or poll: who answered what, and the totals X would show."""
        here = self.audience[:, nugget] & (self.joined <= day)
        seen = here & (uniform(self.seed, "sees", self._person, nugget, day) < self.set.see)
        chance = np.clip(ANSWERS[form] * self.set.answer, 0.0, 0.95)
        knew = uniform(self.seed, "knows", self._person, nugget, day) < self._recall_of(day, nugget)
        # Those who know answer more readily than those who don't (kappa of LEARNING is about 0.65).
        readiness = np.where(knew, 1.0, 0.65)
        answered = seen & (uniform(self.seed, "answers", self._person, nugget, day) < chance * readiness)
        guessed = uniform(self.seed, "guesses", self._person, nugget, day) < 0.25
        right = knew | (guessed if form != "reminder" else False)
        strength = np.where(answered & (form != "reminder"), 1.0, LOOK[form])
        self._learn(day, nugget, seen, strength, knew)
        likes = seen & ~answered & (uniform(self.seed, "likes", self._person, nugget, day) < 0.04)
        impressions = int(seen.sum() * 1.3)
        if form == "poll":
            votes = {"right": int((answered & right).sum()), "wrong": int((answered & ~right).sum())}
            return dict.fromkeys(np.flatnonzero(likes).tolist(), "like"), votes | {"impressions": impressions}
        words = np.where(right, "right", "wrong") if form == "question" else np.full(self.learners, "got_it")
        said = {int(i): str(words[i]) for i in np.flatnonzero(answered)}
        return said | dict.fromkeys(np.flatnonzero(likes).tolist(), "like"), {"impressions": impressions}
