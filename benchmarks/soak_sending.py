"""Posts through faults and restarts: how many came out twice, how many were lost, and what became of each.

    python benchmarks/soak_sending.py [--posts 40] [--restarts 10] [--restart-posts 500] [--kinds KIND,…]

Errors: for every kind of error that the practice account knows, `--posts` posts of four accounts are sent by two
daemons side by side while a fifth of the calls that post go wrong in that way; a person resumes what paused, and
settles what is held by looking at the timeline. Restarts: 500 posts while their Postgres is stopped as by a crash ten
times. X's own filter of duplicates is off throughout. Prints one JSON document; the exit status is 1 if anything
doubled or got lost.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from dispatch import Stage, stage
from postgres_server import PostgresServer, postgres_databases
from reinforce.actions.sending.halt import resume
from reinforce.actions.sending.settle import settle
from reinforce.bootstrap import House
from reinforce.daemon import Daemon
from reinforce.domain.sending.outbox import State
from reinforce.practice.faults import COLOURING, KINDS
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.telemetry import configure_logging

SHARE = 0.2
ACCOUNTS = 4
DAEMONS = 2
PATIENCE = 240.0
LATE = 0.3  # how late a post lands whose connection was dropped: within the rehearsal's bounds
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ENDED = {state.value for state in (State.POSTED, State.REFUSED, State.SKIPPED)}


@contextmanager
def _ticking(there: Stage) -> Iterator[None]:
    """Daemons that tick, each in a thread and with a house of its own; programme time runs."""
    stop = threading.Event()
    houses = [House(there.house.settings) for _ in range(DAEMONS)]

    def work(number: int) -> None:
        daemon = Daemon(houses[number])
        daemon.owner = f"soak:{number}"
        while not stop.is_set():
            there.house.clock.beat()
            daemon.tick()
            stop.wait(0.05)
        daemon.leave()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(DAEMONS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for house in houses:
            house.close()


def _rows(there: Stage) -> list[Any]:
    o = t.outbox.c
    with there.house.database.read() as connection:
        return list(connection.execute(select(o.id, o.account_id, o.state, o.text, o.remote_id).order_by(o.id)))


def _on_timeline(there: Stage) -> Counter[str]:
    return Counter(there.practice.state()["texts"])


def _be_a_person(there: Stage) -> int:
    """Resume what paused, and decide what is held as a person would: it is on the timeline, or is to be sent again."""
    now = there.house.clock.now()
    resume(there.house.database, None, actor="soak", now=now)
    held = [row for row in _rows(there) if row.state == State.HELD]
    if not held:
        return 0
    time.sleep(LATE)
    posts = {post["text"]: int(post["id"]) for post in there.practice.state()["posts"]}
    for row in held:
        to = State.POSTED if row.text in posts else State.PLANNED
        settle(there.house.database, row.id, to, remote_id=posts.get(row.text), actor="soak", now=now)
    return len(held)


def _let_waits_end(there: Stage) -> None:
    """As if the quarter of an hour had passed that is waited where X says "later" without saying when."""
    with there.house.database.write() as connection:
        connection.execute(update(t.outbox).values(not_before=None))
        connection.execute(update(t.rate_window).values(resets_at=LONG_AGO))


def _finish(there: Stage, first: int, *, patient: bool = True) -> dict[str, Any]:
    """Wait until every post from row `first` on has ended, then count."""
    end, held = time.monotonic() + PATIENCE, 0
    while time.monotonic() < end:
        try:
            held += _be_a_person(there)
            if not patient:
                _let_waits_end(there)
            if all(row.state in ENDED for row in _rows(there)[first:]):
                break
        except DBAPIError:
            pass  # the server is just being restarted
        time.sleep(0.2)
    time.sleep(LATE)
    rows, said = _rows(there)[first:], _on_timeline(there)
    posted = [row for row in rows if row.state == State.POSTED]
    ended = Counter(row.state for row in rows)
    return {
        "posts": len(rows),
        **{state: ended[state] for state in sorted(ended)},
        "held_for_a_person": held,
        "doubled": sum(said[row.text] > 1 for row in rows),
        "lost": sum(row.state not in ENDED for row in rows) + sum(said[row.text] == 0 for row in posted),
        "unknown_to_us": sum(said[row.text] > 0 for row in rows if row.state != State.POSTED),
    }


def errors(there: Stage, kind: str, posts: int) -> dict[str, Any]:
    """`posts` posts while a fifth of the calls go wrong as `kind` says."""
    first = len(_rows(there))
    there.call_limits_off()
    seconds = {"slow": 0.3, "throttled": 1.0}.get(kind, LATE if kind == "lands_late" else 30.0)
    asked = {"endpoint": "POST /2/tweets", "kind": kind, "count": None, "probability": SHARE, "seconds": seconds}
    asked["seed"] = zlib.crc32(kind.encode())
    fault = there.practice.control("POST", "/faults", asked)
    begun = time.monotonic()
    there.plan(posts // len(there.numbers))
    with _ticking(there):
        found = _finish(there, first, patient=kind not in ("throttled_no_reset", "throttled_bad_reset"))
    fired = [one["fired"] for one in there.practice.control("GET", "/faults")["faults"] if one["id"] == fault["id"]]
    there.practice.control("DELETE", "/faults")
    return {"kind": kind, "errors": fired[0], **found, "seconds": round(time.monotonic() - begun, 1)}


def restarts(server: PostgresServer, url: str, posts: int, times: int) -> dict[str, Any]:
    """`posts` posts while their Postgres is stopped and started `times` times."""
    with stage(url, ACCOUNTS, 0, rehearsal=True) as there:
        _begin(there)
        there.plan(posts // ACCOUNTS)
        begun, done = time.monotonic(), 0
        with _ticking(there):
            while done < times and time.monotonic() - begun < PATIENCE:
                if sum(row.state == State.POSTED for row in _rows(there)) >= (done + 1) * posts // (times + 1):
                    server.stop()
                    time.sleep(0.5)
                    server.start()
                    done += 1
                time.sleep(0.05)
            found = _finish(there, 0)
    return {"restarts": done, **found, "seconds": round(time.monotonic() - begun, 1)}


def _begin(there: Stage) -> None:
    """Programme time runs from now on, and the accounts' mentions have been read."""
    clock = there.house.clock
    clock.start(at=clock.wall(), speed=1.0)
    with there.house.database.write() as connection:
        for number in there.numbers:
            accounts.mark_read(connection, number, clock.now())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=40)
    parser.add_argument("--restarts", type=int, default=10)
    parser.add_argument("--restart-posts", type=int, default=500)
    parser.add_argument("--kinds", default=",".join(kind for kind in KINDS if kind not in COLOURING))
    arguments = parser.parse_args()
    configure_logging("error")
    begun, table = time.monotonic(), []
    with stage(None, ACCOUNTS, 0, rehearsal=True) as there:
        _begin(there)
        for kind in filter(None, arguments.kinds.split(",")):
            table.append(errors(there, kind, arguments.posts))
            print(json.dumps(table[-1]), file=sys.stderr)
    server = PostgresServer()
    try:
        with postgres_databases(server.url) as make:
            restarted = restarts(server, make(), arguments.restart_posts, arguments.restarts)
    finally:
        server.remove()
    worst = sum(row["doubled"] + row["lost"] for row in [*table, restarted])
    machine = {"python": platform.python_version(), "cores": os.cpu_count()}
    seconds = round(time.monotonic() - begun)
    print(json.dumps({"benchmark": "soak_sending", "seconds": seconds, **machine, "daemons": DAEMONS,
                      "share": SHARE, "errors": table, "restarts": restarted}, indent=2))  # fmt: skip
    return 1 if worst else 0


if __name__ == "__main__":
    raise SystemExit(main())
