"""The referee: what it prints, which worlds it takes, and that luck does not depend on the policy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baselines.base import Facts
from baselines.rotations import RandomChoice, RoundRobin, WeightedDeadlines
from referee import load_world, run
from retention import quantile
from retention_table import SETTINGS, WORLDS, file_of, table

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
MEASURES = {"objective", "average", "deadline", "after30", "worst_nugget", "worst_learner", "posts"}
# A world that shares nothing with the repository's: eight learners who see everything and forget by half a week.
SMALL_WORLD = """
import numpy as np

class Small:
    def __init__(self, seed, scenario):
        self.learners, self.nuggets, self.days, self.posts_per_day = 8, 5, 12, 1
        self.weight = np.array([1.0, 2.0, 4.0, 1.0, 1.0])
        self.audience = np.ones((8, 5), dtype=bool)
        self.release = np.array([0.0, 0.0, 0.0, 3.0, 3.0])
        self.deadline = np.array([12.0, 9.0, 12.0, 12.0, 12.0])
        self.joined = np.zeros(8)
        self.shift = 0.01 * seed
        self.last = np.full((8, 5), -np.inf)
    def recall(self, day):
        return 2.0 ** (-(day - self.last) / (3.5 + self.shift))
    def post(self, day, nugget, form):
        self.last[:, nugget] = day
        return {0: "right", 1: "wrong"} if form == "question" else {}, {"impressions": 8}

def make(seed, scenario):
    return Small(seed, scenario)
"""


@pytest.fixture
def small_world(tmp_path: Path) -> Path:
    path = tmp_path / "small.py"
    path.write_text(SMALL_WORLD, "utf-8")
    return path


def _retention(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(BENCHMARKS / "retention.py"), *arguments],
        capture_output=True, text=True, check=False, timeout=120, cwd=BENCHMARKS.parent,
        env={"PYTHONPATH": str(BENCHMARKS.parent), "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip


def test_a_world_from_outside_is_judged_and_the_json_has_its_keys(small_world: Path) -> None:
    done = _retention("--world", str(small_world), "--seeds", "2", "--posts-per-day", "1", "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert {key: found[key] for key in ("world", "scenario", "seeds", "posts_per_day")} == {
        "world": "small", "scenario": "work", "seeds": 2, "posts_per_day": 1,
    }  # fmt: skip
    assert {"cohort-adaptive", "wrr-edf", "wrr", "round-robin", "memorize"} <= set(found["policies"])
    assert set(found["paired"]) == set(found["policies"]) - {"cohort-adaptive"}
    for measures in found["policies"].values():
        assert set(measures) == MEASURES
        for measure in measures.values():
            assert set(measure) == {"mean", "ci"}
            assert measure["ci"][0] <= measure["mean"] <= measure["ci"][1]
    assert all("objective" in measures for measures in found["paired"].values())
    assert "runs" in done.stderr


def test_a_missing_world_is_named(tmp_path: Path) -> None:
    done = _retention("--world", str(tmp_path / "none.py"))
    assert done.returncode == 2
    assert "there is no world file" in done.stderr


def test_two_policies_meet_in_one_seed_and_the_measures_are_those_of_hand(small_world: Path) -> None:

    make = load_world(small_world)
    for policy in (RoundRobin, RandomChoice):
        measures = run(make, policy, "work", 0, 1)
        assert set(measures) == MEASURES
        assert measures["objective"] == pytest.approx(measures["average"] + measures["deadline"])
        assert 0.0 <= measures["worst_nugget"] <= measures["average"] <= 1.0
        assert measures["posts"] == 12
    assert run(make, RoundRobin, "plain", 0, 1)["objective"] == run(make, RoundRobin, "plain", 0, 1)["average"]


@pytest.mark.parametrize("name", ["power_law", "act_r", "dash"])
def test_luck_depends_on_seed_learner_nugget_and_day_and_not_on_the_order_of_calls(name: str) -> None:

    make = load_world(BENCHMARKS / "worlds" / f"{name}.py")
    one, other = make(3, "work"), make(3, "work")
    there = [(5.4, 2), (5.4, 7)]
    first = [one.post(day, nugget, "question") for day, nugget in there]
    second = [other.post(day, nugget, "question") for day, nugget in reversed(there)]
    assert first == second[::-1]
    assert np.array_equal(one.recall(9.0), other.recall(9.0))
    assert make(4, "work").post(5.4, 2, "question") != first[0]


@pytest.mark.parametrize("name", ["power_law", "act_r", "dash"])
def test_in_every_world_a_look_helps_and_is_forgotten(name: str) -> None:

    world = load_world(BENCHMARKS / "worlds" / f"{name}.py")(0, "plain")
    assert world.recall(1.0).max() < 1e-9
    world.post(1.0, 0, "question")
    soon, later = world.recall(1.5)[:, 0].mean(), world.recall(30.0)[:, 0].mean()
    assert soon > later > 0.0


def test_the_t_quantile_is_the_tables() -> None:

    table = {1: 12.706, 4: 2.776, 9: 2.262, 29: 2.045, 120: 1.980}
    assert {degrees: quantile(degrees) for degrees in table} == pytest.approx(table, rel=2e-3)


def test_last_posts_of_wrr_edf_fall_on_the_last_day() -> None:
    facts = Facts(
        learners=2, nuggets=6, days=20, posts_per_day=2, weight=np.ones(6), audience=np.ones((2, 6), dtype=np.bool_),
        release=np.zeros(6), deadline=np.array([10.0, 10.0, 10.0, 20.0, 20.0, 20.0]), joined=np.zeros(2), seed=0,
    )  # fmt: skip
    policy = WeightedDeadlines(facts)
    chosen = [[policy.choose(day + 0.4 + 0.1 * slot) for slot in range(2)] for day in range(10)]
    last = [one[0] for day in chosen[-2:] for one in day if one is not None]
    assert set(last[-3:]) == {0, 1, 2}


def test_the_table_in_the_documents_is_made_from_the_results_that_are_kept() -> None:
    described = (BENCHMARKS.parent / "docs" / "explanation" / "retention.md").read_text("utf-8")
    assert table() in described
    for scenario, posts_per_day in SETTINGS:
        for world in WORLDS:
            found = json.loads(file_of(world, scenario, posts_per_day).read_text("utf-8"))
            assert (found["world"], found["scenario"], found["posts_per_day"]) == (world, scenario, posts_per_day)
            assert found["seeds"] >= 30
            assert {"wrr", "wrr-edf", "round-robin", "memorize", "open-loop-hindsight"} <= set(found["paired"])
