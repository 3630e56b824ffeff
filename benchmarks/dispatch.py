"""How fast posts leave through the whole state machine, beside the bare floor, and how late they are.

    python benchmarks/dispatch.py [--json] [--quick] [--posts 1000] [--accounts 50] [--people 5000]

The product is the daemon's own publishing step, against the practice account in a process of its own. The floor makes
the same HTTP calls through the same accounts/x.py, in as many threads, with the same three commits a post (claimed;
sending, with its attempt; posted), each the barest update that could be, and nothing else. Both take turns, some posts
each at a time, so that a busy moment of the machine falls on both.

Lateness: all posts are due in the same second, the daemon ticks as it does in earnest, and each post's lateness is its
posting time less its due time. One account's posts wait for each other by rule, so the promise is about each account's
first post (`lateness_p50`, `lateness_p99`); `all_…` are those of all posts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from postgres_server import PostgresServer
from reinforce.accounts.base import Draft
from reinforce.accounts.x import XAccount
from reinforce.bootstrap import House
from reinforce.daemon import SENDERS, Daemon
from reinforce.daemon.turns import in_turns
from reinforce.domain.accounts.credentials import OAuth1Keys, read_given
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.sending.outbox import Planned
from reinforce.domain.texts.wording import text_hash
from reinforce.practice.running import PracticeProcess
from reinforce.settings import Settings
from reinforce.store import tables as t
from reinforce.store.accounts import accounts, credentials
from reinforce.store.people import cohorts
from reinforce.store.sending import outbox
from reinforce.telemetry import configure_logging

PIECES = 5
AHEAD = timedelta(seconds=4)
LATER = timedelta(hours=1)
PATIENCE = 300.0
EVERYTHING = 10**9


@dataclass
class Stage:
    """One workspace with its accounts; `numbers` are those of the accounts."""

    house: House
    practice: PracticeProcess
    numbers: list[int]
    cohorts: dict[int, int]
    begun: datetime | None = None
    made: int = 0

    def plan(self, each: int, *, ahead: timedelta = timedelta()) -> None:
        """Put `each` posts an account into the outbox, due `ahead` from now.

        To put many there takes a while: what is planned ahead becomes due `ahead` from when all are there.
        """
        due = self.house.clock.now() + (LATER if ahead else ahead)
        with self.house.database.write() as connection:
            for _ in range(each):
                for number in self.numbers:
                    self.made += 1
                    text = f"Lock the main switch and hang your tag: step {self.made} of the procedure."
                    post = Planned(
                        account_id=number,
                        cohort_id=self.cohorts[number],
                        occurrence=f"now/{self.made}",
                        form="reminder",
                        text=text,
                        text_hash=text_hash(text),
                        due_at=due,
                        grace_until=due + timedelta(hours=4),
                    )
                    outbox.add(connection, post, due)
            if ahead:
                due = self.house.clock.now() + ahead
                later = update(t.outbox).where(t.outbox.c.state == "planned")
                connection.execute(later.values(due_at=due, grace_until=due + timedelta(hours=4)))

    def left(self) -> int:
        """How many posts are not out yet."""
        with self.house.database.read() as connection:
            return int(connection.execute(select(func.count()).where(t.outbox.c.state != "posted")).scalar_one())

    def call_limits_off(self) -> None:
        """X's limits are no part of what is measured."""
        self.practice.control("POST", "/limits/reset")


@contextmanager
def stage(url: str | None, accounts_wanted: int, people: int, *, rehearsal: bool = False) -> Iterator[Stage]:
    """A workspace on a database (None: SQLite); its accounts, each with a cohort, are all one practice account's.

    `rehearsal`: with a programme clock of its own, at the wall clock's pace: what is in doubt is settled in seconds.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reinforce-bench-")))
        clock_file = folder / "workspace" / "clock.json" if rehearsal else None
        practice = stack.enter_context(PracticeProcess(folder / "practice", clock_file))
        rules = {"duplicate_hours": 0, "daily_posts": EVERYTHING, "limits": {"POST /2/tweets": EVERYTHING}}
        practice.control("POST", "/rules", rules)
        house = House(Settings(workspace=folder / "workspace", database_url=url or "", log_level="error"))
        stack.callback(house.close)
        house.make(rehearsal=True)
        there = Stage(house, practice, [], {})
        for number in range(accounts_wanted):
            _add_account(there, number, people // accounts_wanted)
        yield there


def _add_account(there: Stage, number: int, people: int) -> None:
    keys = _keys(there.practice)
    now = there.house.clock.now()
    with there.house.database.write() as connection:
        record = accounts.add_account(
            connection,
            name=f"account-{number}",
            base_url=there.practice.url,
            handle="acme",
            confidentiality=Confidentiality.INTERNAL,
            protected=True,
        )
        accounts.mark_read(connection, record.id, now)
        credentials.save(connection, record.id, keys, there.house.keyring, now)
        schedule = cohorts.save_schedule(connection, "wrr-edf", there.house.schedule("wrr-edf"), "", now)
        cohort = {"slug": f"cohort-{number}", "title": "C", "account_id": record.id, "schedule_id": schedule}
        cohort |= {"zone": "UTC", "language": "en", "country": "", "answers": "replies", "state": "running"}
        made = insert(t.cohort).values(**cohort, paused_reason="", version=0, created_at=now).returning(t.cohort.c.id)
        cohort_id = int(connection.execute(made).scalar_one())
        _enroll(connection, cohort_id, range(number * people, (number + 1) * people), now)
    there.numbers.append(record.id)
    there.cohorts[record.id] = cohort_id


def _enroll(connection: Any, cohort_id: int, people: range, now: Any) -> None:
    for person in people:
        learner = {
            "employee_id": f"E-{person:06}",
            "name": f"Person{person} Berg{person % 900}",
            "zone": "",
            "role": "",
        }
        row = insert(t.learner).values(**learner, handle=f"person_{person}", created_at=now).returning(t.learner.c.id)
        enrollment = {"cohort_id": cohort_id, "state": "active", "joined_at": now}
        connection.execute(insert(t.enrollment).values(**enrollment, learner_id=connection.execute(row).scalar_one()))


def _keys(practice: PracticeProcess) -> OAuth1Keys:
    given = read_given(practice.credentials, "the practice account").credentials
    assert isinstance(given, OAuth1Keys)
    return given


class Floor:
    """The same calls and the same commits, and nothing else."""

    def __init__(self, there: Stage) -> None:
        self.there = there
        self.clock = there.house.clock
        keys = _keys(there.practice)
        self.account = {
            number: XAccount(keys, self.clock, base_url=there.practice.url, user_id=number) for number in there.numbers
        }

    def run(self) -> float:
        """Send every bare post there is; seconds."""
        o = t.outbox.c
        with self.there.house.database.read() as connection:
            rows = connection.execute(select(o.id, o.account_id, o.text).where(o.state == "planned")).all()
        waiting: dict[int, list[tuple[int, str]]] = {number: [] for number in self.there.numbers}
        for row in rows:
            waiting[row.account_id].append((row.id, row.text))
        begun = time.perf_counter()
        in_turns([partial(self._one, number, posts) for number, posts in waiting.items()], SENDERS, len(rows))
        return time.perf_counter() - begun

    def _one(self, number: int, posts: list[tuple[int, str]]) -> bool:
        if not posts:
            return False
        post, text = posts.pop()
        database = self.there.house.database
        change = update(t.outbox).where(t.outbox.c.id == post)
        now = self.clock.wall()
        with database.write() as connection:
            connection.execute(change.values(state="leased", fence=1))
        with database.write() as connection:
            connection.execute(change.values(state="sending"))
            attempt = {"outbox_id": post, "n": 1, "fence": 1, "text_hash": "", "started_at": now, "deadline_at": now}
            attempt["detail"] = ""
            connection.execute(insert(t.attempt).values(**attempt))
        remote_id = self.account[number].post(Draft(text), timeout=30)
        with database.write() as connection:
            connection.execute(change.values(state="posted", remote_id=remote_id, posted_at=now))
            done = update(t.attempt).where(t.attempt.c.outbox_id == post)
            connection.execute(done.values(outcome="posted", finished_at=now))
        return True


def speed(there: Stage, posts: int) -> dict[str, float]:
    """Posts a second of product and floor, in turns."""
    each = max(posts // len(there.numbers) // PIECES, 1)
    floor, daemon = Floor(there), Daemon(there.house)
    taken = {"product": 0.0, "floor": 0.0}
    for piece in range(PIECES + 1):
        there.call_limits_off()
        there.plan(each)
        bare = floor.run()
        there.plan(each)
        begun = time.perf_counter()
        while there.left():
            daemon.publish()
        product = time.perf_counter() - begun
        if piece:  # the first of both opens connections and fills caches
            taken["floor"] += bare
            taken["product"] += product
    count = each * len(there.numbers) * PIECES
    return {"posts_per_second": count / taken["product"], "floor_per_second": count / taken["floor"]}


def lateness(there: Stage, posts: int) -> dict[str, float]:
    """Seconds from due to posted, in a daemon that ticks."""
    there.call_limits_off()
    before, there.begun = there.made, there.house.clock.now()
    daemon = Daemon(there.house)
    ended = threading.Thread(target=_plan_and_wait, args=(there, daemon, posts // len(there.numbers)), daemon=True)
    ended.start()
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    daemon.run()
    for number, handler in kept.items():
        signal.signal(number, handler)
    ended.join()
    o = t.outbox.c
    query = select(o.account_id, o.due_at, o.posted_at).where(o.state == "posted").order_by(o.id)
    with there.house.database.read() as connection:
        rows = connection.execute(query).all()[before:]
    late = [(row.account_id, (row.posted_at - row.due_at).total_seconds()) for row in rows]
    first: dict[int, float] = {}
    for number, seconds in late:
        first[number] = min(seconds, first.get(number, seconds))
    everyone = [seconds for _, seconds in late]
    return {
        "lateness_p50": quantile(list(first.values()), 0.5),
        "lateness_p99": quantile(list(first.values()), 0.99),
        "all_lateness_p50": quantile(everyone, 0.5),
        "all_lateness_p99": quantile(everyone, 0.99),
    }


def _plan_and_wait(there: Stage, daemon: Daemon, each: int) -> None:
    """Once the daemon has read its mentions for the first time, give it posts; stop it when they are out."""
    end = time.monotonic() + PATIENCE
    while not _all_read(there) and time.monotonic() < end:
        time.sleep(0.25)
    there.plan(each, ahead=AHEAD)
    while there.left() and time.monotonic() < end:
        time.sleep(0.25)
    daemon.stopping.set()


def _all_read(there: Stage) -> bool:
    with there.house.database.read() as connection:
        read = connection.execute(select(t.account.c.read_at)).scalars()
        return all(at is not None and there.begun is not None and at > there.begun for at in read)


def quantile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[max(-(-int(share * 1000) * len(ordered) // 1000) - 1, 0)]


@contextmanager
def databases(only: str | None) -> Iterator[list[tuple[str, str | None]]]:
    """Names and URLs: SQLite (None), and Postgres as the tests start it."""
    if only == "sqlite":
        yield [("sqlite", None)]
        return
    server = PostgresServer()
    try:
        found: list[tuple[str, str | None]] = [("sqlite", None), ("postgres", server.url)]
        yield found if only is None else found[1:]
    finally:
        server.remove()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--quick", action="store_true", help="a fifth of the posts and people")
    parser.add_argument("--posts", type=int, default=1_000)
    parser.add_argument("--accounts", type=int, default=50)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--database", choices=["sqlite", "postgres"], help="only this one")
    given = parser.parse_args()
    configure_logging("error")
    less = 5 if given.quick else 1
    runs = []
    with databases(given.database) as wanted:
        for name, url in wanted:
            with stage(url, given.accounts // less, given.people // less) as there:
                found = speed(there, given.posts // less) | lateness(there, given.posts // less)
                ratio = found["posts_per_second"] / found["floor_per_second"]
                runs.append({"database": name, "ratio": ratio, **found})
    figures: dict[str, Any] = {
        "benchmark": "dispatch",
        **{name: getattr(given, name) // less for name in ("posts", "accounts", "people")},
        "threads": SENDERS,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[1], 1),
        "runs": [{key: round(one, 3) if isinstance(one, float) else one for key, one in run.items()} for run in runs],
    }
    if given.json:
        print(json.dumps(figures, indent=2))
        return
    for run in figures["runs"]:
        print(", ".join(f"{key} {value}" for key, value in run.items()))


if __name__ == "__main__":
    main()
