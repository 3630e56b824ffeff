"""How long `reinforce --help` takes as a whole process, beside the floor: the same interpreter doing nothing.

    python benchmarks/help_time.py [--runs 15]

Prints one JSON document; seconds. The two take turns, so that a busy moment of the machine falls on both.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

COMMANDS = {
    "floor": [sys.executable, "-c", "pass"],
    "help": [sys.executable, "-m", "reinforce", "--help"],
}


def seconds(command: list[str], folder: str) -> float:
    """Wall time of one run of `command`, started in an empty folder."""
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        for command in COMMANDS.values():
            seconds(command, folder)  # the first run compiles and fills the disk's cache
        taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for _ in range(runs):
            for name, command in COMMANDS.items():
                taken[name].append(seconds(command, folder))
    figures = {
        name: {"min": round(min(each), 4), "median": round(statistics.median(each), 4), "max": round(max(each), 4)}
        for name, each in taken.items()
    }
    machine = {"python": platform.python_version(), "cores": os.cpu_count()}
    print(json.dumps({"benchmark": "help_time", "runs": runs, **machine, **figures}, indent=2))


if __name__ == "__main__":
    main()
