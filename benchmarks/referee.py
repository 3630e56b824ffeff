"""One run of one policy in one world, and what it is measured by. `retention.py` is its command line."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from baselines.base import Bools, Facts, Floats, Policy

MEASURES = ("objective", "average", "deadline", "after30", "worst_nugget", "worst_learner", "posts")
OFFICE_START, OFFICE_HOURS = 9 / 24, 8 / 24


class World(Protocol):
    """What a world file's `make(seed, scenario)` gives (the form is LEARNING's; shapes there)."""

    learners: int
    nuggets: int
    days: int
    posts_per_day: int
    weight: Floats
    audience: Bools
    release: Floats
    deadline: Floats
    joined: Floats

    def recall(self, day: float) -> Floats:
        """True recall, (learners, nuggets)."""

    def post(self, day: float, nugget: int, form: str) -> tuple[dict[int, str], dict[str, int]]:
        """Post, and hear who answered what."""


MakeWorld = Callable[[int, str], World]
MakePolicy = Callable[[Facts], Policy]


def load_world(path: Path) -> MakeWorld:
    """The `make` of a world file; the file's folder can be imported from, as it could if it were run."""
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    make: MakeWorld = module.make
    return make


def facts_of(world: World, seed: int) -> Facts:
    """The public side of a world."""
    return Facts(
        learners=int(world.learners),
        nuggets=int(world.nuggets),
        days=int(world.days),
        posts_per_day=int(world.posts_per_day),
        weight=np.asarray(world.weight, dtype=np.float64),
        audience=np.asarray(world.audience, dtype=np.bool_),
        release=np.asarray(world.release, dtype=np.float64),
        deadline=np.asarray(world.deadline, dtype=np.float64),
        joined=np.asarray(world.joined, dtype=np.float64),
        seed=seed,
    )


class Tally:
    """Collects recall day by day. A pair counts while the nugget is for the learner and out, and the learner there."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._pairs = (facts.learners, facts.nuggets)
        self._sum = np.zeros(self._pairs)
        self._days = np.zeros(self._pairs)
        self._at_deadline = np.zeros(self._pairs)

    def note(self, day: int, recall: Floats) -> None:
        """Take the recall at the end of `day`."""
        facts = self._facts
        counts = facts.audience & (facts.release <= day)[None, :] & (facts.joined <= day)[:, None]
        self._sum += np.where(counts, recall, 0.0)
        self._days += counts
        due = np.floor(np.minimum(facts.deadline, facts.days)) == day + 1
        self._at_deadline[:, due] = recall[:, due]

    def measures(self, after: Floats, scenario: str, posts: int) -> dict[str, float]:
        """Every measure; recall as a weighted share between 0 and 1. Objective: average (+ deadline unless "plain")."""
        facts = self._facts
        mean = np.divide(self._sum, self._days, out=np.zeros(self._pairs), where=self._days > 0)
        counted = facts.audience & (self._days > 0)
        average = self._weighted(mean, counted)
        deadline = self._weighted(self._at_deadline, counted)
        return {
            "objective": average if scenario == "plain" else average + deadline,
            "average": average,
            "deadline": deadline,
            "after30": self._weighted(after, counted),
            "worst_nugget": _worst_decile(_means(mean, counted, axis=0)),
            "worst_learner": _worst_decile(_means(mean, counted, axis=1)),
            "posts": float(posts),
        }

    def _weighted(self, recall: Floats, counted: Bools) -> float:
        by_nugget = _means(recall, counted, axis=0)
        there = counted.any(axis=0)
        return float(np.average(by_nugget[there], weights=self._facts.weight[there]))


def _means(values: Floats, counted: Bools, axis: int) -> NDArray[np.float64]:
    number = counted.sum(axis=axis)
    total = np.where(counted, values, 0.0).sum(axis=axis)
    mean: NDArray[np.float64] = np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
    return mean


def _worst_decile(values: NDArray[np.float64]) -> float:
    there = np.sort(values[np.isfinite(values)])
    return float(there[: max(1, round(there.size / 10))].mean())


def run(
    make_world: MakeWorld, make_policy: MakePolicy, scenario: str, seed: int, posts_per_day: int
) -> dict[str, float]:
    """One policy through one world, from the first day to 30 days after the last."""
    world = make_world(seed, scenario)
    world.posts_per_day = posts_per_day
    facts = facts_of(world, seed)
    policy = make_policy(facts)
    tally = Tally(facts)
    posts = 0
    for day in range(facts.days):
        for slot in range(posts_per_day):
            at = day + OFFICE_START + OFFICE_HOURS * slot / posts_per_day
            choice = policy.choose(at)
            if choice is None:
                continue
            answers, totals = world.post(at, *choice)
            policy.heard(at, *choice, answers, totals)
            posts += 1
        tally.note(day, np.asarray(world.recall(day + 1.0), dtype=np.float64))
    after = np.asarray(world.recall(facts.days + 30.0), dtype=np.float64)
    return tally.measures(after, scenario, posts)
