"""The referee: which policy makes a cohort remember most, in simulated worlds with known truth.

    python benchmarks/retention.py --world benchmarks/worlds/act_r.py --scenario work --seeds 30 --jobs 2 --json

Every policy meets the same seeds, and in each seed the same luck; "paired" is ours minus the other over those seeds.
`--resume` keeps finished runs in a file beside the results and goes on from there. Means with 95 % intervals (t).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from baselines import listeners, rotations
from baselines.base import Facts, Policy
from ours import CohortAdaptive
from referee import MEASURES, MakePolicy, load_world, run

HERE = Path(__file__).resolve().parent
OURS = "cohort-adaptive"
POLICIES: dict[str, MakePolicy] = {
    OURS: CohortAdaptive,
    "wrr-edf": rotations.WeightedDeadlines,
    "wrr": rotations.WeightedRoundRobin,
    "round-robin": rotations.RoundRobin,
    "random": rotations.RandomChoice,
    "1-3-7-14-30": rotations.Ladder,
    "qstream-strict": partial(listeners.Qstream, fill=False),
    "qstream-filled": partial(listeners.Qstream, fill=True),
    "sm2": listeners.Sm2,
    "leitner": listeners.Leitner,
    "fsrs-majority": listeners.FsrsMajority,
    "memorize": listeners.Memorize,
}
OPEN_LOOP = "open-loop-hindsight"
# What the open loop is tuned over, with the truth in hand: exponents of the shares and windows before a deadline.
EXPONENTS, WINDOWS = (0.5, 1.0, 1.5, 2.0), (0.0, 3.0, 7.0)

Measures = dict[str, float]


def open_loops() -> dict[str, MakePolicy]:
    """Every open loop the tuning tries, by name."""
    return {
        f"{OPEN_LOOP}/{exponent:g}/{window:g}": partial(
            rotations.WeightedDeadlines, exponent=exponent, window=window
        )
        for exponent in EXPONENTS
        for window in WINDOWS
    }


def one_run(world: Path, scenario: str, posts_per_day: int, name: str, seed: int) -> Measures:
    """One policy through one seed (called in a process of its own)."""
    make: MakePolicy = (POLICIES | open_loops())[name]
    return run(load_world(world), make, scenario, seed, posts_per_day)


class Results:
    """Finished runs by (policy, seed), kept in a file as they come in if there is one."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.runs: dict[str, dict[int, Measures]] = {}
        if file is not None and file.exists():
            for line in file.read_text("utf-8").splitlines():
                self._take(*json.loads(line))

    def has(self, name: str, seed: int) -> bool:
        """Whether that run is there."""
        return seed in self.runs.get(name, {})

    def add(self, name: str, seed: int, measures: Measures) -> None:
        """Take a finished run, and write it down."""
        self._take(name, seed, measures)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as out:
                out.write(json.dumps([name, seed, measures]) + "\n")

    def _take(self, name: str, seed: int, measures: Measures) -> None:
        self.runs.setdefault(name, {})[int(seed)] = measures


def interval(values: np.ndarray) -> dict[str, Any]:
    """Mean and 95 % interval by Student's t."""
    from scipy import stats

    mean = float(values.mean())
    if values.size < 2:
        return {"mean": mean, "ci": [mean, mean]}
    half = float(stats.t.ppf(0.975, values.size - 1) * values.std(ddof=1) / np.sqrt(values.size))
    return {"mean": mean, "ci": [mean - half, mean + half]}
