"""The tests that take long, over and over: what holds once in a quiet minute must hold every time on a busy machine.

    python benchmarks/soak.py [--rounds 3] [TEST…]

Runs the full matrix (every kill point × SQLite and Postgres × one and three daemons, processes stopped for longer than
a lease, 2,000 examples of the state machine over store and practice server, ninety days of three cohorts, whose
timeline has to be what the preview said, an hour of conversation in calm and rough weather, every page of the console
in a browser) `rounds` times with two
workers, and prints one JSON document: how often each test ran, how often it failed, its slowest run in seconds and what
it counted (the state machine: examples, steps, faults, kills, posts by state, doubled, lost; the ninety days: posts as
foreseen, slots that evidence changed). The exit status is 1 if any run failed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
LONG = (
    "tests/acceptance/test_kill_points.py",
    "tests/actions/sending/test_killed_processes.py",
    "tests/actions/sending/test_sending_machine.py",
    "tests/acceptance/test_ninety_days.py",
    "tests/acceptance/test_a_scripted_hour.py",
    "tests/web/test_api.py",
    "tests/web/test_attacks.py",
    "tests/web/test_pages.py",
    "tests/web/test_a_working_day.py",
    "tests/web/test_tour.py",
)
# Forty times as many examples, and three daemons beside one.
SOAK = {**os.environ, "REINFORCE_SOAK": "1"}


class Tally:
    """What became of each test over all rounds."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.failures: dict[str, list[str]] = defaultdict(list)
        self.counted: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, report: Path) -> None:
        """Add one round's JUnit report."""
        for case in ET.parse(report).getroot().iter("testcase"):
            name = f"{case.get('classname')}::{case.get('name')}"
            self.seconds[name].append(float(case.get("time", "0")))
            self.counted[name].update(
                {one.get("name", ""): int(one.get("value", "0")) for one in case.iter("property")}
            )
            self.failures[name] += [bad.get("message", "")[:4000] for bad in case if bad.tag in ("failure", "error")]

    def summary(self) -> dict[str, object]:
        """Runs and failures in all, and each test's own."""
        tests = {
            name: {
                "runs": len(seconds),
                "failed": len(self.failures[name]),
                "slowest": round(max(seconds), 2),
                **self.counted[name],
            }
            for name, seconds in sorted(self.seconds.items())
        }
        return {
            "runs": sum(len(seconds) for seconds in self.seconds.values()),
            "failed": sum(map(len, self.failures.values())),
            "messages": {name: messages for name, messages in self.failures.items() if messages},
            "tests": tests,
        }


def one_round(tests: list[str], tally: Tally) -> int:
    """Run the tests once; pytest's exit status."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--timeout=1800", f"--junitxml={report}", *tests]
        done = subprocess.run(command, cwd=REPOSITORY, env=SOAK, stdout=subprocess.DEVNULL, check=False)
        if report.exists():
            tally.add(report)
    return done.returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("tests", nargs="*", default=list(LONG))
    arguments = parser.parse_args()
    tally, started, worst = Tally(), time.monotonic(), 0
    for number in range(1, arguments.rounds + 1):
        worst = max(worst, one_round(arguments.tests, tally))
        print(f"round {number} of {arguments.rounds}: {tally.summary()['failed']} failed so far", file=sys.stderr)
    machine = {"python": platform.python_version(), "cores": os.cpu_count()}
    figures = {"rounds": arguments.rounds, "seconds": round(time.monotonic() - started), **machine, **tally.summary()}
    print(json.dumps({"benchmark": "soak", **figures}, indent=2))
    return 1 if worst else 0


if __name__ == "__main__":
    raise SystemExit(main())
