"""Pages keep within their budget however much a workspace holds: as many statements, and no more than 200 KB."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import event, insert, select

from reinforce.actions.planning.absorb import absorb
from reinforce.bootstrap import House
from reinforce.store import tables as t
from reinforce.web.app import create_app
from tests.web.conftest import served
from tests.web.seeding import NOW, Seeded

PAGES = ("/", "/cohorts", "/cohorts/press-shop", "/recall", "/recall/press-shop/3/1", "/reports", "/outbox", "/inbox",
         "/outbox/2", "/procedures", "/approvals", "/questions")  # fmt: skip
MOST_BYTES = 200_000
PEOPLE, POSTS = 120, 80


@contextmanager
def _statements(house: House) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    event.listen(house.database.engine, "before_cursor_execute", note)
    yield found
    event.remove(house.database.engine, "before_cursor_execute", note)


def _counted(seeded: Seeded) -> dict[str, tuple[int, int]]:
    """For each page how many statements it takes when it is shown again, and how many bytes it has."""
    house, counts = House(seeded.settings), {}
    with served(create_app(house)) as url, _statements(house) as statements:
        for address in PAGES:
            requests.get(url + address, timeout=30)
            statements.clear()
            answer = requests.get(url + address, timeout=30)
            assert answer.status_code == 200, address
            counts[address] = (len(statements), len(answer.content))
    house.close()
    return counts


@pytest.fixture
def grown(seeded: Seeded) -> tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]]:
    """The counts of a small workspace, and of the same with hundreds of people, posts and replies more."""
    absorb(seeded.database, now=NOW)
    small = _counted(seeded)
    with seeded.database.write() as connection:
        person = {"zone": "", "role": "operator", "created_at": NOW}
        people = [
            {**person, "employee_id": f"X{n}", "name": f"Person {n}", "handle": f"x{n}", "remote_user_id": 10_000 + n}
            for n in range(PEOPLE)
        ]
        ids = list(connection.execute(insert(t.learner).returning(t.learner.c.id), people).scalars())
        since = NOW - timedelta(days=10)
        there = {"cohort_id": seeded.cohort_id, "state": "active", "joined_at": since}
        connection.execute(insert(t.enrollment), [{**there, "learner_id": one, "team": f"T{one % 20}"} for one in ids])
        linked = {"kind": "linking", "source": "test", "given_at": since}
        connection.execute(insert(t.consent), [{**linked, "learner_id": one} for one in ids])
        o, i = t.outbox.c, t.inbound.c
        post = dict(connection.execute(select(t.outbox).where(o.id == 1)).mappings().one())
        said = dict(connection.execute(select(t.inbound).where(i.needs_person)).mappings().first() or {})
        del post["id"], said["id"]
        connection.execute(
            insert(t.outbox),
            [{**post, "occurrence": f"more/{n}", "remote_id": 20_000 + n, "text": f"Post {n}."} for n in range(POSTS)],
        )
        connection.execute(
            insert(t.inbound),
            [{**said, "remote_id": 30_000 + n, "learner_id": one, "text": "And then?"} for n, one in enumerate(ids)],
        )
    absorb(seeded.database, now=NOW)
    return small, _counted(seeded)


def test_no_page_asks_more_of_the_database_or_grows_beyond_its_size_with_the_workspace(
    grown: tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]],
) -> None:
    small, large = grown
    more = {
        address: (small[address][0], large[address][0]) for address in PAGES if large[address][0] > small[address][0]
    }
    assert more == {}
    assert {address: size for address, (_, size) in large.items() if size > MOST_BYTES} == {}
