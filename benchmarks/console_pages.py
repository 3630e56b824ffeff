"""How long the console's pages take, and how large they are, over a workspace of a company's size.

    python benchmarks/console_pages.py [--json] [--quick] [--keep FOLDER] [--out FILE] [--only /recall]

One cohort of 10,000 learners learns 500 nuggets (planning_world.py; --quick: 2,000 and 200), with its beliefs computed,
thousands of replies that wait for a person, open questions and posts that wait for their time. The console is served
in this process on a free port of 127.0.0.1, and every page is fetched over HTTP by whoever may see everything: once
from cold (`cold_ms`, the first fetch after the start), then some times more, of which the median is told (`warm_ms`).
Both are what the one who asks waits, so they hold the way over HTTP as well. `cold_cpu_ms` and `cpu_ms` are what this
process, which serves and asks, spent of a cold and of a warm one: on a machine where other work runs (`load_before`)
the latter tells more than `warm_ms`, and it is what `over` goes by there. `bytes` is the HTML less its SVG pictures.
Files to save are measured, but have no budget, nor have the parts that come after their page (`afterwards`).

The pages are those of the map of rights (web/route_rights.py): a new one is measured by itself. One whose address
needs an id that the workspace has none of is listed under `not_measured`. --keep FOLDER keeps the workspace, or takes
the one that is there: filling it takes minutes.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection, String, cast, insert, select, text, update

import planning_world
from planning_world import NOW
from reinforce.actions.planning.absorb import absorb
from reinforce.bootstrap import House
from reinforce.clock import Clock
from reinforce.settings import Settings
from reinforce.store import tables as t
from reinforce.store.operating import audit, workspace
from reinforce.store.session import Database
from reinforce.web.app import create_app
from reinforce.web.route_rights import ROUTES
from reinforce.web.serving import listen

SIZE, QUICK = (10_000, 500), (2_000, 200)
TIMES = 5
MOST_MS, MOST_BYTES = 150.0, 200_000
# As often as in the benchmark of a plan step.
ANSWERING = 0.08
_WAITING, _QUESTIONS, _PLANNED, _TEAMS, _TO_APPROVE, _DEEDS = 3_000, 400, 300, 40, 400, 3_000
# What of a route is measured besides its plain address.
_ASKED = {
    "GET /search": ("?q=ahead", "?q=nugget"),
    "GET /calendar": ("?view=week", "?view=list"),
    "GET /audit": ("?verb=post&actor=daemon",),
    "GET /inbox": ("?show=waiting",),
    "GET /outbox": ("?state=waiting",),
}
# Parts that come after their page, for they take long: no budget holds for them. Measured last, so that every page is
# measured as it is before they are known.
_AFTERWARDS = {
    "GET /": "?part=ahead&ahead=yes",
    "GET /calendar": "?part=days&foreseen=yes",
    "GET /cohorts/{slug}": "?part=next&ahead=yes",
    "GET /cohorts/{slug}/forecast": "?part=expected&ahead=yes",
}
_PICTURE = re.compile(rb"<svg\b.*?</svg>", re.DOTALL)
# Not pages: they carry no HTML, or are asked for by probes.
_NO_PAGE = frozenset({"GET /static/{digest}/{name}", "GET /healthz", "GET /readyz", "GET /metrics"})


def fill(folder: Path, learners: int, nuggets: int) -> None:
    """Make a workspace of that size in `folder`."""
    database = Database(f"sqlite:///{folder / 'reinforce.db'}")
    planning_world.build(database, learners, nuggets, ANSWERING)
    with database.write() as connection:
        workspace.create(connection, rehearsal=True, now=NOW)
        connection.execute(update(t.cohort).values(title="Press shop", state="running"))
        _what_waits(connection)
        what_was_done(connection)
    absorb(database, now=NOW)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    database.close()


def _what_waits(connection: Connection) -> None:
    """Replies that wait for a person, questions, and posts that wait for their time."""
    i, o, e = t.inbound.c, t.outbox.c, t.enrollment.c
    latest = list(connection.execute(select(i.id).order_by(i.id.desc()).limit(_WAITING)).scalars())
    connection.execute(
        update(t.inbound).where(i.id >= latest[-1]).values(needs_person=True, read_as=["question"], text="And then?")
    )
    # Most are in a team of a size that may be shown to whoever may not see single people.
    team = "Team " + cast(e.learner_id % _TEAMS, String)
    connection.execute(update(t.enrollment).where(e.learner_id % 4 != 0).values(team=team))
    connection.execute(
        insert(t.inquiry),
        [
            {
                "inbound_id": inbound, "account_id": 1, "cohort_id": 1, "asked_at": NOW - timedelta(hours=n % 200),
                "kind": "question", "state": "open" if n % 2 else "closed", "topic": f"topic {n}", "about": "",
                "answer": "", "outcome": "", "due_at": NOW + timedelta(hours=n % 50 - 20),
            }
            for n, inbound in enumerate(latest[:_QUESTIONS])
        ],
    )  # fmt: skip
    row = dict(connection.execute(select(t.outbox).order_by(o.id.desc()).limit(1)).mappings().one())
    del row["id"]
    row |= {"state": "planned", "posted_at": None, "remote_id": None}
    connection.execute(
        insert(t.outbox),
        [
            {**row, "occurrence": f"ahead/{n}", "text": f"Ahead {n}.", "text_hash": f"a{n:031x}",
             "due_at": NOW + timedelta(hours=4 * n + 1), "grace_until": NOW + timedelta(hours=4 * n + 3)}
            for n in range(_PLANNED)
        ],
    )  # fmt: skip


def what_was_done(connection: Connection) -> None:
    """Texts that wait for a yes, and what the log holds of deeds."""
    wordings = connection.execute(select(t.wording).order_by(t.wording.c.id).limit(_TO_APPROVE)).mappings()
    connection.execute(
        insert(t.approval),
        [
            {
                "cohort_id": 1, "nugget_id": one["nugget_id"], "wording_id": one["id"], "form": "reminder",
                "text": one["text"], "text_hash": f"b{one['id']:031x}", "media_hash": "", "first_day": NOW.date(),
                "last_day": NOW.date() + timedelta(days=60), "state": "submitted", "author": "member/1",
                "submitted_by": "member/1", "submitted_at": NOW, "decided_by": "", "note": "",
            }
            for one in wordings
        ],
    )  # fmt: skip
    for number in range(_DEEDS):
        at = NOW - timedelta(minutes=_DEEDS - number)
        audit.record(connection, "daemon", "post.posted", f"outbox/{number + 1}", {"micros": 15_000}, at)


def addresses(database: Database) -> tuple[dict[str, str], list[str]]:
    """The address of each page by its route, and the routes for whose address there is nothing here."""
    found, without = {}, []
    with database.read() as connection:
        for route in ROUTES:
            if not route.startswith("GET ") or route in _NO_PAGE or route.startswith("GET /api/"):
                continue
            address = _address(connection, route.removeprefix("GET "))
            if address is None:
                without.append(route)
            else:
                found[route] = address
    return found, without


def _address(connection: Connection, path: str) -> str | None:
    if path.startswith("/recall/"):
        learner, nugget = connection.execute(select(t.review.c.learner_id, t.review.c.nugget_id).limit(1)).one()
        return f"/recall/bench/{nugget}/{learner}"
    for name in re.findall(r"{(\w+)}", path):
        value = _value(connection, path, name)
        if value is None:
            return None
        path = path.replace(f"{{{name}}}", str(value))
    return path


def _value(connection: Connection, path: str, name: str) -> Any:
    """What stands for `{name}` in an address: by the page, then by the table of that name."""
    of_page = {"procedures": t.procedure.c.slug, "cohorts": t.cohort.c.slug, "outbox": t.outbox.c.id}
    tables: Mapping[str, Any] = {
        "slug": of_page.get(path.split("/")[1]),
        "cohort": t.cohort.c.slug,
        "post": t.outbox.c.id,
        "nugget": t.nugget.c.slug if path.startswith("/composer") else t.nugget.c.id,
        "procedure": t.procedure.c.slug,
        "reply": t.inbound.c.id,
        "learner": t.learner.c.id,
        "question": t.inquiry.c.id,
        "inquiry": t.inquiry.c.id,
        "account": t.account.c.id,
    }
    column = tables.get(name)
    return None if column is None else connection.execute(select(column).order_by(column).limit(1)).scalar()


@contextmanager
def served(app: FastAPI) -> Iterator[int]:
    """The console on a free port of 127.0.0.1, in this process; gives the port."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0) as listener:
        listener.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        server.should_exit = True
        thread.join(10)


def measure(port: int, address: str) -> dict[str, Any]:
    """One page: status, milliseconds from cold and warm, bytes."""
    taken, spent, status, page, body = [], [], 0, False, b""
    for _ in range(TIMES + 1):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        begun, cpu = time.perf_counter(), time.process_time()
        connection.request("GET", address)
        answer = connection.getresponse()
        status, body = answer.status, answer.read()
        page = answer.headers.get("Content-Disposition") is None
        taken.append(1000 * (time.perf_counter() - begun))
        spent.append(1000 * (time.process_time() - cpu))
        connection.close()
    warm, used = round(statistics.median(taken[1:]), 1), round(statistics.median(spent[1:]), 1)
    size = len(_PICTURE.sub(b"", body))
    waited = used if os.getloadavg()[0] > (os.cpu_count() or 1) / 2 else warm
    return {
        "address": address,
        "status": status,
        "cold_ms": round(taken[0], 1),
        "cold_cpu_ms": round(spent[0], 1),
        "warm_ms": warm,
        "cpu_ms": used,
        "bytes": size,
        "within": not page or (waited <= MOST_MS and size <= MOST_BYTES),
    }


def run(folder: Path, *, quick: bool, only: str) -> dict[str, Any]:
    """Fill the workspace if it is empty, and measure every page."""
    learners, nuggets = QUICK if quick else SIZE
    begun = time.perf_counter()
    if not (folder / "reinforce.db").exists():
        fill(folder, learners, nuggets)
        Clock(folder / "clock.json").step_to(NOW)
    filled = time.perf_counter() - begun
    house = House(Settings(workspace=folder))
    pages, without = addresses(house.database)
    with served(create_app(house)) as port:
        found = {route: measure(port, address) for route, address in pages.items() if only in address}
        found |= {
            route + more: measure(port, pages[route] + more)
            for route, ways in _ASKED.items()
            for more in ways
            if only in pages[route]
        }
        afterwards = {
            route + more: measure(port, pages[route] + more)
            for route, more in _AFTERWARDS.items()
            if only in pages[route]
        }
    house.close()
    return {
        "learners": learners,
        "nuggets": nuggets,
        "machine": {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 2)},
        "fill_seconds": round(filled, 1),
        "most_ms": MOST_MS,
        "most_bytes": MOST_BYTES,
        "pages": found,
        "afterwards": afterwards,
        "over": sorted(route for route, one in found.items() if not one["within"]),
        "not_measured": without,
    }


def main() -> None:
    """Read the options, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--quick", action="store_true", help="a cohort of 2,000 learners and 200 nuggets")
    parser.add_argument("--keep", type=Path, help="keep the workspace here, or take the one that is here")
    parser.add_argument("--out", type=Path, help="write the JSON to this file as well")
    parser.add_argument("--only", default="", help="only pages whose address holds this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        found = run(folder, quick=options.quick, only=options.only)
    if options.out is not None:
        options.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    if options.json:
        print(json.dumps(found))
        return
    for route, one in (found["pages"] | found["afterwards"]).items():
        mark = "" if one["within"] else "  over"
        times = f"{one['cold_ms']:9.1f} {one['warm_ms']:8.1f} ms {one['cold_cpu_ms']:9.1f} {one['cpu_ms']:8.1f} cpu"
        print(f"{one['status']} {times} {one['bytes']:8d} bytes  {route}{mark}")
    if found["not_measured"]:
        print("not measured:", ", ".join(found["not_measured"]), file=sys.stderr)


if __name__ == "__main__":
    main()
