"""The table of docs/explanation/retention.md, from the results of `retention.py` that are kept beside it.

    python benchmarks/retention_table.py

Prints Markdown. What is "not below" is judged as the referee's rule has it: the lower end of the paired interval.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"
SETTINGS = (("work", 3), ("work", 1), ("sparse", 3), ("plain", 3))
WORLDS = {"power_law": "power law", "act_r": "ACT-R", "dash": "DASH"}
# What the strongest plain schedule is: deadlines mean nothing where all nuggets have the same.
AGAINST = {"work": "wrr-edf", "sparse": "wrr-edf", "plain": "round-robin"}
REFERENCE_LINE = "open-loop-hindsight"
HEAD = (
    "| Setting | World | ours | against | objective | worst nuggets | worst learners | next best |",
    "|---|---|---|---|---|---|---|---|",
)


def file_of(world: str, scenario: str, posts_per_day: int) -> Path:
    """Where a setting's result is kept."""
    return RESULTS / f"retention-{world.replace('_', '-')}-{scenario}-{posts_per_day}.json"


def table() -> str:
    """Every setting that has a result, as a table in Markdown."""
    rows = []
    for scenario, posts_per_day in SETTINGS:
        for world, called in WORLDS.items():
            file = file_of(world, scenario, posts_per_day)
            if file.exists():
                found = json.loads(file.read_text("utf-8"))
                rows.append(_row(f"{scenario}, {posts_per_day} a day", called, found))
    return "\n".join([*HEAD, *rows])


def _row(setting: str, world: str, found: dict[str, Any]) -> str:
    policies, paired = found["policies"], found["paired"]
    against = AGAINST[found["scenario"]]
    others = [name for name in paired if name not in (against, REFERENCE_LINE)]
    closest = min(others, key=lambda name: paired[name]["objective"]["mean"])
    cells = [
        setting,
        world,
        f"{policies['cohort-adaptive']['objective']['mean']:.3f}",
        f"{against} {policies[against]['objective']['mean']:.3f}",
        *(_interval(paired[against][measure]) for measure in ("objective", "worst_nugget", "worst_learner")),
        f"{closest} {_interval(paired[closest]['objective'])}",
    ]
    return f"| {' | '.join(cells)} |"


def _interval(measure: dict[str, Any]) -> str:
    low, high = measure["ci"]
    return f"{measure['mean']:+.3f} [{low:+.3f}, {high:+.3f}]"


if __name__ == "__main__":
    print(table())
