"""A day of a whole house, compressed: does anything of the daemon grow that should not?

    python benchmarks/soak_day.py [--speed 288] [--hours 24]

Runs `reinforce up` (practice account, scripted learners, daemon and console, each a process of its own) in a temporary
workspace at `speed` times the wall clock, with twenty ticks a second, so that the daemon ticks about as often as in
hours of its life. Samples the daemon from outside: resident memory, open file handles, threads; and the database: rows
of every table, bytes of its files. Prints one JSON document with the series and the verdict; exit status 1 if a bound
was broken:

- memory: median of the last quarter of the day over that of the second quarter (the first is warming up): at most 10 %
- file handles and threads: as many at the end as after the warming up, give or take three
- tables that hold no history: as many rows at the end as after the warming up
- the night (22:00 to 07:00, nothing is due and nobody writes): no table grows by more than its readings of counts,
  and the rows of limits that X tells of for the first time
- limits: no more rows than X has limits
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from reinforce.accounts.tariff import read_tariff
from reinforce.clock import Clock
from reinforce.rehearsal.course import ZONE
from reinforce.store import tables as t
from reinforce.store.operating import heartbeats
from reinforce.store.session import Database

TICK_SECONDS = 0.05
MEMORY_GROWTH = 0.10
GIVE_OR_TAKE = 3
# Tables whose rows are what there is, not what happened.
NO_HISTORY = ("account", "audit_head", "cohort", "credential", "cursor", "enrollment", "heartbeat", "leader", "learner",
              "nugget", "procedure", "question", "schedule", "wording", "workspace")  # fmt: skip
NIGHT = (22, 7)
Sample = dict[str, Any]


def sample(pid: int, database: Database, workspace: Path, clock: Clock) -> Sample:
    """How the daemon and the database are at this moment."""
    proc = Path("/proc") / str(pid)
    status = dict(line.split(":", 1) for line in (proc / "status").read_text("utf-8").splitlines())
    with database.read() as connection:
        rows = {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in t.metadata.tables.items()
        }
    return {
        "at": clock.now().astimezone(ZoneInfo(ZONE)).isoformat(timespec="seconds"),
        "rss_kib": int(status["VmRSS"].split()[0]),
        "threads": int(status["Threads"]),
        "handles": len(list((proc / "fd").iterdir())),
        "database_bytes": sum(file.stat().st_size for file in workspace.glob("reinforce.db*")),
        "rows": rows,
    }


def daemon_pid(database: Database, patience: float = 120.0) -> int:
    """The daemon's process id, once it gives signs of life."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            with database.read() as connection:
                alive = [beat.pid for beat in heartbeats.heartbeats(connection) if beat.role == "daemon"]
        except Exception:  # there is no workspace yet
            alive = []
        if alive:
            return alive[0]
        time.sleep(0.5)
    raise SystemExit("the daemon did not start")


def run(speed: float, hours: float, folder: Path) -> list[Sample]:
    """One rehearsal of so many programme hours; a sample about every ten programme minutes."""
    workspace = folder / "workspace"
    environment = os.environ | {
        "REINFORCE_TICK_SECONDS": str(TICK_SECONDS), "REINFORCE_WORKSPACE": str(workspace), "NO_COLOR": "1",
        "REINFORCE_CONSOLE_PORT": "0", "REINFORCE_PRACTICE_PORT": "0",
    }  # fmt: skip
    with (folder / "up.out").open("wb") as out:
        command = [sys.executable, "-m", "reinforce", "up", "--speed", str(speed)]
        up = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    database, clock = Database(f"sqlite:///{workspace / 'reinforce.db'}"), Clock(workspace / "clock.json")
    try:
        pid, taken = daemon_pid(database), []
        end = clock.now() + timedelta(hours=hours)
        while clock.now() < end and up.poll() is None:
            taken.append(sample(pid, database, workspace, clock))
            print(f"{taken[-1]['at']} {taken[-1]['rss_kib'] // 1024} MiB", file=sys.stderr)
            time.sleep(600 / speed)
        taken.append(sample(pid, database, workspace, clock))
        return taken
    finally:
        up.send_signal(signal.SIGINT)
        up.wait(90)
        database.close()


def judge(series: list[Sample]) -> dict[str, Any]:
    """What grew, by how much, and whether it may."""
    quarter = max(len(series) // 4, 1)
    second, last = series[quarter : 2 * quarter], series[-quarter:]

    def median(samples: list[Sample], name: str) -> float:
        return float(statistics.median(one[name] for one in samples))

    warm, end = series[quarter], series[-1]
    growth = median(last, "rss_kib") / median(second, "rss_kib") - 1
    grown = {name: end["rows"][name] - warm["rows"][name] for name in NO_HISTORY}
    night = _night(series)
    bounds = {
        "memory": growth <= MEMORY_GROWTH,
        "handles": abs(median(last, "handles") - median(second, "handles")) <= GIVE_OR_TAKE,
        "threads": abs(median(last, "threads") - median(second, "threads")) <= GIVE_OR_TAKE,
        "tables_without_history": not any(grown.values()),
        "night": not any(number for name, number in night.items() if name not in {"signal", "rate_window"}),
        "limits": end["rows"]["rate_window"] <= len(read_tariff().limits),
    }
    return {
        "memory_growth": round(growth, 4),
        "rss_mib": [round(median(part, "rss_kib") / 1024, 1) for part in (second, last)],
        "handles": [median(part, "handles") for part in (second, last)],
        "threads": [median(part, "threads") for part in (second, last)],
        "rows_of_the_night": {name: number for name, number in night.items() if number},
        "rows_of_the_day": {name: end["rows"][name] - series[0]["rows"][name] for name in end["rows"]},
        "kept": bounds,
        "flat": all(bounds.values()),
    }


def columns(series: list[Sample]) -> dict[str, list[Any]]:
    """The samples as one list a figure; of the tables those whose rows changed."""
    single = {name: [one[name] for one in series] for name in series[0] if name != "rows"}
    tables = {f"rows.{name}": [one["rows"][name] for one in series] for name in series[0]["rows"]}
    return single | {name: numbers for name, numbers in tables.items() if len(set(numbers)) > 1}


def _night(series: list[Sample]) -> dict[str, int]:
    """By how many rows each table grew in the night."""
    begin, end = NIGHT
    hours = [datetime.fromisoformat(one["at"]).hour for one in series]
    asleep = [one for one, hour in zip(series, hours, strict=True) if hour >= begin or hour < end]
    if len(asleep) < 2:
        return {}
    return {name: asleep[-1]["rows"][name] - asleep[0]["rows"][name] for name in asleep[0]["rows"]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", type=float, default=288.0, help="programme seconds a second")
    parser.add_argument("--hours", type=float, default=24.0, help="programme hours")
    arguments = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="reinforce-soak-") as folder:
        series = run(arguments.speed, arguments.hours, Path(folder))
    seconds = time.monotonic() - started
    verdict = judge(series)
    machine = {"python": platform.python_version(), "cores": os.cpu_count()}
    figures = {"seconds": round(seconds), "speed": arguments.speed, "hours": arguments.hours}
    ticks = {"tick_seconds": TICK_SECONDS, "ticks_at_most": round(seconds / TICK_SECONDS)}
    document = {"benchmark": "soak-day", **figures, **ticks, **machine, "verdict": verdict}
    print(
        json.dumps({**document, "series": columns(series)}, indent=None, separators=(",", ":")).replace('],"', '],\n"')
    )
    return 0 if verdict["flat"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
