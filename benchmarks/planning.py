"""How fast memories are updated and scored, against py-fsrs's loop in the same run, and how long a plan step takes.

    python benchmarks/planning.py [--json] [--quick] [--database URL]

A plan step is what the daemon does for one slot: load the beliefs, choose, save the one nugget that changed. Peak
memory is the process's own, so each size runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from fsrs import Card, Rating, Scheduler
from sqlalchemy import insert, text

from reinforce.domain.nugget import Form
from reinforce.domain.planning import memory
from reinforce.domain.planning.belief import unmet
from reinforce.domain.planning.cadence import AdaptiveRule, Cadence, Caps, PolicyName, Slot
from reinforce.domain.planning.exposure import EvidenceKind, NuggetLog, PostSeen, Review, believe
from reinforce.domain.planning.plan_context import PastPost, PlanContext, PlanNugget
from reinforce.domain.planning.policy import choose
from reinforce.store import tables as t
from reinforce.store.planning import memories
from reinforce.store.planning.packing import PackedBelief
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
TODAY = NOW.timestamp() / 86_400
SIZES = ((200, 40), (2_000, 200), (10_000, 500))
MARK = bytes(16)


def best_of(times: int, act: Callable[[], Any]) -> float:
    """The fastest of a few runs, in seconds."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        found.append(time.perf_counter() - begun)
    return min(found)


def ratios(states: int = 100_000, loop: int = 4_000) -> dict[str, float]:
    """States updated and scored a second, ours against py-fsrs, and how many times faster."""
    draw = np.random.default_rng(1)
    stability, difficulty = draw.uniform(0.5, 200, states), draw.uniform(1, 10, states)
    age, rating = draw.integers(1, 60, states).astype(np.float64), draw.integers(1, 5, states)
    update = states / best_of(5, lambda: memory.repeat(stability, difficulty, age, rating))
    score = states / best_of(5, lambda: memory.retrievability(stability, age))
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

    loop_update, loop_score = loop / best_of(3, review_each), loop / best_of(3, score_each)
    return {
        "updates_per_second": update,
        "scores_per_second": score,
        "loop_updates_per_second": loop_update,
        "loop_scores_per_second": loop_score,
        "update_ratio": update / loop_update,
        "score_ratio": score / loop_score,
    }


def one_log(learners: int, posts: int = 12) -> NuggetLog:
    """A nugget's history: every post to everybody, one in eight answers."""
    draw = np.random.default_rng(2)
    everyone = np.arange(1, learners + 1, dtype=np.int64)
    sent = tuple(
        PostSeen(n, TODAY - 6.0 * (posts - n), Form.QUESTION, True, everyone, everyone[:0]) for n in range(posts)
    )
    reviews = tuple(
        Review(
            n * learners + k, int(who), n, sent[n].day + 0.2, 1 + 2 * int(draw.integers(2)), EvidenceKind.ANSWER, 0.25
        )
        for n in range(posts)
        for k, who in enumerate(draw.choice(everyone, learners // 8, replace=False))
    )
    return NuggetLog(sent, reviews)


def context(learners: int, nuggets: int, belief: Any) -> PlanContext:
    """The choice between all of them."""
    cadence = Cadence(
        name="bench", slots=(Slot("a", NOW.time(), frozenset(range(7))),), quiet_hours=None, country="", subdivision="",
        days_off=frozenset(), caps=Caps(3, 21, 5), repeat_after=timedelta(days=90), grace=timedelta(hours=4),
        answer_window=timedelta(hours=30), reveal=True, forms=(Form.QUESTION, Form.REMINDER),
        policy=PolicyName.COHORT_ADAPTIVE, rule=AdaptiveRule(opening_days=0),
    )  # fmt: skip
    plain = tuple(
        PlanNugget(n + 1, f"p/n{n}", "", 1.0, n, (), None, (Form.QUESTION, Form.REMINDER), learners)
        for n in range(nuggets)
    )
    history = tuple(PastPost(n + 1, Form.QUESTION, NOW - timedelta(days=9 + n % 50)) for n in range(nuggets))
    return PlanContext(
        now=NOW, zone="UTC", cadence=cadence, nuggets=plain, belief=belief,
        audience=np.ones((learners, nuggets), np.bool_), roles=("",) * learners,
        history=tuple(sorted(history, key=lambda post: post.at)), evidence=9, last_response=NOW,
        forms=(Form.QUESTION, Form.REMINDER), prices=dict.fromkeys(Form, 15_000),
    )  # fmt: skip


def prepare(database: Database, learners: int, nuggets: int) -> None:
    """A database with the beliefs of that many learners on that many nuggets."""
    with database.write() as connection:
        t.metadata.create_all(connection)
        connection.execute(
            insert(t.procedure).values(
                id=1, slug="p", title="P", owner="", language="en", audience=[], importance=1.0,
                confidentiality="public", revision=1, content_hash="", source="", loaded_at=NOW,
            )
        )  # fmt: skip
        rows = [
            {
                "id": n + 1, "procedure_id": 1, "slug": f"n{n}", "title": "", "position": n, "topic": "", "tags": [],
                "audience": [], "importance": 1.0, "confidentiality": "public", "source_step": "", "revision": 1,
                "content_hash": "",
            }
            for n in range(nuggets)
        ]  # fmt: skip
        connection.execute(insert(t.nugget), rows)
    ids, belief = believe(one_log(learners))
    packed = PackedBelief(ids, belief, MARK)
    for start in range(0, nuggets, 25):
        with database.write() as connection:
            memories.save(
                connection, dict.fromkeys(range(start + 1, min(start + 25, nuggets) + 1), packed), "bench", NOW
            )


def step(url: str, learners: int, nuggets: int) -> dict[str, Any]:
    """One plan step in this process: load, choose, compute one nugget anew, save it."""
    database = Database(url)
    ids, people = list(range(1, nuggets + 1)), list(range(1, learners + 1))
    log = one_log(learners)
    marks = [time.perf_counter()]
    with database.read() as connection:
        belief = memories.load_cohort(connection, ids, people)
    marks.append(time.perf_counter())
    choose(context(learners, nuggets, belief))
    marks.append(time.perf_counter())
    fresh = PackedBelief(*believe(log), MARK)
    marks.append(time.perf_counter())
    with database.write() as connection:
        memories.save(connection, {1: fresh}, "bench", NOW)
    marks.append(time.perf_counter())
    load, chosen, computed, saved = (round(b - a, 4) for a, b in pairwise(marks))
    return {
        "database": "sqlite" if database.is_sqlite else "postgres",
        "learners": learners,
        "nuggets": nuggets,
        "seconds": round(load + chosen + saved, 4),
        "load": load,
        "choose": chosen,
        "compute_one_nugget": computed,
        "save": saved,
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def steps(url: str | None, sizes: tuple[tuple[int, int], ...]) -> list[dict[str, Any]]:
    """A step of each size, each in a process of its own."""
    found = []
    for learners, nuggets in sizes:
        with tempfile.TemporaryDirectory() as folder:
            here = url or f"sqlite:///{Path(folder) / 'bench.db'}"
            _in_a_process(_prepare, here, learners, nuggets)
            found.append(_in_a_process(step, here, learners, nuggets))
            if url is not None:
                with Database(url).write() as connection:
                    connection.execute(text("DROP SCHEMA public CASCADE"))
                    connection.execute(text("CREATE SCHEMA public"))
    return found


def _prepare(url: str, learners: int, nuggets: int) -> None:
    prepare(Database(url), learners, nuggets)


def _in_a_process(act: Callable[..., Any], *arguments: Any) -> Any:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(act, arguments)


def main() -> None:
    """Run it and print what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--quick", action="store_true", help="only the smallest size")
    parser.add_argument("--database", metavar="URL", help="an empty Postgres database; its tables are dropped again")
    given = parser.parse_args()
    assert unmet(1).unmet.size == 1  # NumPy is warm
    sizes = SIZES[:1] if given.quick else SIZES
    measured = steps(None, sizes) + (steps(given.database, sizes) if given.database else [])
    found: dict[str, Any] = {**ratios(), "steps": measured}
    if given.json:
        json.dump(found, sys.stdout, indent=2)
        print()
        return
    print(f"update {found['updates_per_second']:,.0f}/s, {found['update_ratio']:,.0f} times py-fsrs's loop")
    print(f"score  {found['scores_per_second']:,.0f}/s, {found['score_ratio']:,.0f} times py-fsrs's loop")
    for one in found["steps"]:
        print(
            f"{one['database']}: {one['learners']:,} × {one['nuggets']:,}: {one['seconds']:.2f} s "
            f"(load {one['load']:.2f}, choose {one['choose']:.2f}, save {one['save']:.2f}), {one['peak_mib']:,.0f} MiB"
        )


if __name__ == "__main__":
    main()
