"""How fast memories are updated and scored, against py-fsrs's loop in the same run, and how long a plan step takes.

    python benchmarks/planning.py [--json] [--quick] [--database sqlite|postgres] [--answering 0.08] [--out FILE]

A plan step is what the daemon does for one slot, in the product's own functions: read the snapshot with all beliefs,
choose, and save the beliefs about a nugget that changed. `seconds` is load + choose + save, of the best of three steps
(the one the machine disturbed least), `cpu` what this process spent of it. Each size has a workspace with a history of
its own (planning_world.py) and runs in a process of its own; `peak_mib` is the most that process ever held, interpreter
included. Postgres is started for the purpose. Beside the step: how long it takes to compute all beliefs from the event
log (`absorb_all`), and one nugget's after one more reply (`absorb_one`). `machine` says how busy the machine was
before: on one where other work runs, `cpu` tells more than `seconds`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from fsrs import Card, Rating, Scheduler

import planning_world
from planning_world import NOW
from postgres_server import PostgresServer, postgres_databases
from reinforce.accounts.tariff import read_tariff
from reinforce.actions.planning.absorb import absorb
from reinforce.domain.planning import memory
from reinforce.domain.planning.deciding import form_prices
from reinforce.domain.planning.exposure import believe
from reinforce.domain.planning.plan_state import PlanState, begin
from reinforce.domain.planning.policy import choose
from reinforce.store.planning import memories, plan_snapshot
from reinforce.store.planning.event_log import read_log
from reinforce.store.planning.packing import PackedBelief
from reinforce.store.session import Database

SIZES = ((200, 40), (2_000, 200), (10_000, 500))
DATABASES = ("sqlite", "postgres")
STEPS = 3


def best_of(times: int, act: Callable[[], Any]) -> float:
    """The fastest of a few runs, in seconds of this process's one thread: other work on the machine is not counted."""
    found = []
    for _ in range(times):
        begun = time.process_time()
        act()
        found.append(time.process_time() - begun)
    return min(found)


def ratios(states: int = 10_000, loop: int = 4_000) -> dict[str, float]:
    """States updated and scored a second, ours against py-fsrs, and how many times faster. They are as many as are
    updated at a time: the learners of one nugget."""
    draw = np.random.default_rng(1)
    stability, difficulty = draw.uniform(0.5, 200, states), draw.uniform(1, 10, states)
    age, rating = draw.integers(1, 60, states).astype(np.float64), draw.integers(1, 5, states)
    update = states / best_of(50, lambda: memory.repeat(stability, difficulty, age, rating))
    score = states / best_of(50, lambda: memory.retrievability(stability, age))
    scheduler, then = Scheduler(enable_fuzzing=False), NOW - timedelta(days=9)
    cards = []
    for i in range(loop):
        card, _ = scheduler.review_card(Card(card_id=i, due=then), Rating(int(rating[i])), then)
        cards.append(card)

    def review_each() -> None:
        for i, card in enumerate(cards):
            scheduler.review_card(card, Rating(int(rating[i])), NOW)

    def score_each() -> None:
        for card in cards:
            scheduler.get_card_retrievability(card, NOW)

    loop_update, loop_score = loop / best_of(10, review_each), loop / best_of(10, score_each)
    return {
        "updates_per_second": round(update),
        "scores_per_second": round(score),
        "loop_updates_per_second": round(loop_update),
        "loop_scores_per_second": round(loop_score),
        "update_ratio": round(update / loop_update, 1),
        "score_ratio": round(score / loop_score, 1),
    }


class Stopwatch:
    """Wall and CPU time between marks, in seconds."""

    def __init__(self) -> None:
        self._last = (time.perf_counter(), time.process_time())
        self.taken: dict[str, tuple[float, float]] = {}

    def mark(self, name: str) -> None:
        """What has passed since the mark before belongs to `name`."""
        now = (time.perf_counter(), time.process_time())
        self.taken[name] = (now[0] - self._last[0], now[1] - self._last[1])
        self._last = now


def prepare(url: str, learners: int, nuggets: int, answering: float) -> dict[str, Any]:
    """A workspace with its history and all beliefs; how long those took, and one more reply after them."""
    database = Database(url)
    cohort = planning_world.build(database, learners, nuggets, answering)
    watch = Stopwatch()
    absorb(database, now=NOW)
    watch.mark("all")
    nugget = planning_world.one_more_reply(database, NOW)
    watch.mark("reply")
    outcome = absorb(database, now=NOW)
    watch.mark("one")
    assert outcome.nuggets == 1, outcome
    seconds = {f"absorb_{name}": round(watch.taken[name][0], 3) for name in ("all", "one")}
    return {"cohort": cohort, "nugget": nugget, **seconds}


def steps(url: str, cohort: int, nugget: int) -> dict[str, Any]:
    """A few plan steps in this process; the quickest, and the most memory it ever held."""
    database = Database(url)
    taken = [_step(database, cohort, nugget) for _ in range(STEPS)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    best = min(taken, key=lambda one: sum(wall for wall, _ in one.values()))
    return {
        "seconds": round(sum(wall for wall, _ in best.values()), 4),
        "cpu": round(sum(cpu for _, cpu in best.values()), 4),
        **{name: round(wall, 4) for name, (wall, _) in best.items()},
        **{f"{name}_cpu": round(cpu, 4) for name, (_, cpu) in best.items()},
        "first_seconds": round(sum(wall for wall, _ in taken[0].values()), 4),
        "peak_mib": round(peak, 1),
    }


def _step(database: Database, cohort: int, nugget: int) -> dict[str, tuple[float, float]]:
    with database.read() as connection:
        log = read_log(connection, NOW, [nugget])
        fresh = PackedBelief(*believe(log.of(connection, nugget)), bytes(16))
    tariff, watch = read_tariff(), Stopwatch()
    with database.read() as connection:
        snapshot, damaged = plan_snapshot.snapshot(connection, cohort, NOW)
    watch.mark("load")
    assert not damaged, damaged
    state: PlanState = begin(snapshot, {}, form_prices(tariff, snapshot.cadence))
    choose(state.context(NOW, forms := state.forms_with_room(NOW)))
    watch.mark("choose")
    # Else there was nothing to choose, and this measured nothing.
    assert forms, "the caps of the benchmark's cadence leave no room"
    with database.write() as connection:
        memories.save(connection, {nugget: fresh}, "bench", NOW)
    watch.mark("save")
    return watch.taken


@contextmanager
def empty_databases(kind: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases of a kind, and removes them afterwards; gives their URLs."""
    with ExitStack() as stack:
        if kind == "postgres":
            server = PostgresServer()
            stack.callback(server.remove)
            yield stack.enter_context(postgres_databases(server.url))
            return
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        numbers = iter(range(1_000))
        yield lambda: f"sqlite:///{folder / str(next(numbers))}.db"


def measure(kinds: tuple[str, ...], sizes: tuple[tuple[int, int], ...], answering: float) -> list[dict[str, Any]]:
    """The steps of every size on every database, one after another."""
    found = []
    for kind in kinds:
        with empty_databases(kind) as make:
            for learners, nuggets in sizes:
                _say(f"{kind}, {learners:,} × {nuggets:,}: writing the history and computing all beliefs …")
                url = make()
                prepared = _in_a_process(prepare, url, learners, nuggets, answering)
                one = _in_a_process(steps, url, prepared.pop("cohort"), prepared.pop("nugget"))
                found.append({"database": kind, "learners": learners, "nuggets": nuggets, **one, **prepared})
    return found


def _in_a_process(act: Callable[..., Any], *arguments: Any) -> Any:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(act, arguments)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def main() -> None:
    """Run it and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="only the smallest size")
    parser.add_argument("--database", choices=DATABASES, help="only this database")
    parser.add_argument("--answering", type=float, default=0.08, help="share of posts a learner replies to, on average")
    parser.add_argument("--out", type=Path, help="write the JSON to this file, too")
    given = parser.parse_args()
    # Told to stop, it still takes its Postgres with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    kinds = (given.database,) if given.database else DATABASES
    found: dict[str, Any] = ratios()
    found["answering"] = given.answering
    found["machine"] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 2)}
    found["steps"] = measure(kinds, SIZES[:1] if given.quick else SIZES, given.answering)
    if given.out:
        given.out.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    if given.json:
        print(json.dumps(found, indent=2))
        return
    print(f"update {found['updates_per_second']:,}/s, {found['update_ratio']:,.0f} times py-fsrs's loop")
    print(f"score  {found['scores_per_second']:,}/s, {found['score_ratio']:,.0f} times py-fsrs's loop")
    for one in found["steps"]:
        print(
            f"{one['database']}: {one['learners']:,} × {one['nuggets']:,}: {one['seconds']:.2f} s, {one['cpu']:.2f} of "
            f"them CPU (load {one['load']:.2f}, choose {one['choose']:.2f}, save {one['save']:.2f}), "
            f"{one['peak_mib']:,.0f} MiB; all beliefs {one['absorb_all']:.1f} s, one nugget's {one['absorb_one']:.2f} s"
        )


if __name__ == "__main__":
    main()
