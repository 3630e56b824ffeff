"""People who sign in to a console, and a second cohort for them to be kept out of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

import requests
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import insert, select, update

from reinforce.domain.access.rights import Grant, Role
from reinforce.store import tables as t
from reinforce.store.access import sessions, users
from reinforce.store.approving import members
from reinforce.web.gate import Gate
from reinforce.web.later import Later
from reinforce.web.security import COOKIE
from tests.web.dialogue import ask, hold_round
from tests.web.seeding import NOW, Seeded, seed

OTHER = "paint-shop"
OTHERS_WORDS = "I never understood the spray booth"
OTHERS_NAME = "Zora Quist"
OTHERS_POST = "Close the booth before you spray."


@dataclass(frozen=True)
class Person:
    """Somebody with a role in a cohort ("" for all of them); the session they are signed in with."""

    name: str
    role: Role | None
    cohort: str = ""
    key: str = ""

    @property
    def cookies(self) -> dict[str, str]:
        return {COOKIE: self.key} if self.key else {}

    def get(self, url: str) -> requests.Response:
        return requests.get(url, cookies=self.cookies, timeout=5, allow_redirects=False)


PEOPLE = (
    Person("author", Role.AUTHOR),
    Person("approver", Role.APPROVER),
    Person("facilitator", Role.FACILITATOR),
    Person("viewer", Role.VIEWER),
    Person("operator", Role.OPERATOR),
    Person("author here", Role.AUTHOR, "press-shop"),
    Person("facilitator here", Role.FACILITATOR, "press-shop"),
    Person("viewer here", Role.VIEWER, "press-shop"),
    Person("nobody", None),
    Person("stranger", None),
)


@dataclass(frozen=True)
class Town:
    """A workspace with two cohorts and people of every kind; `other_post` is the other cohort's. `replies` and
    `questions` are one of either cohort, the press shop's first; each has a round under way, named like itself."""

    seeded: Seeded
    people: dict[str, Person]
    other_cohort: int
    other_post: int
    replies: tuple[int, int]
    questions: tuple[int, int]


def settle(folder: Path) -> Town:
    """Fill a workspace."""
    seeded = seed(folder)
    other_cohort, other_post = _other_cohort(seeded)
    ids = {"press-shop": seeded.cohort_id, OTHER: other_cohort}
    people = {}
    wall = seeded.clock.wall()
    with seeded.database.write() as connection:
        for one in PEOPLE:
            if one.name == "stranger":
                people[one.name] = one
                continue
            member = int(members.add(connection, one.name, wall).removeprefix("member/"))
            users.let_in(connection, member, wall)
            if one.role is not None:
                users.give(connection, member, one.role, [ids[one.cohort]] if one.cohort else [])
            people[one.name] = replace(one, key=sessions.start(connection, member, wall))
    replies = (_reply(seeded, seeded.question_post_id), _reply(seeded, other_post))
    with seeded.database.write() as connection:
        questions = (
            ask(connection, replies[0], seeded.cohort_id),
            ask(connection, replies[1], other_cohort),
        )
        for slug, cohort_id in ids.items():
            hold_round(connection, slug, cohort_id, seeded.account_id)
    return Town(seeded, people, other_cohort, other_post, replies, questions)


def _reply(seeded: Seeded, post_id: int) -> int:
    """The last reply to a post that asks something, or says that it does."""
    i = t.inbound.c
    asks = select(i.id).where(i.outbox_id == post_id, i.needs_person.is_(True)).order_by(i.id)
    with seeded.database.read() as connection:
        return int(connection.execute(asks.limit(1)).scalar_one())


def grants_of(person: Person, cohort_id: int) -> frozenset[Grant]:
    """What a person was given; `cohort_id` is the press shop's."""
    if person.role is None:
        return frozenset()
    return frozenset({Grant(person.role, cohort_id if person.cohort else None)})


def _other_cohort(seeded: Seeded) -> tuple[int, int]:
    with seeded.database.write() as connection:
        row = dict(connection.execute(select(t.cohort).where(t.cohort.c.id == seeded.cohort_id)).mappings().one())
        # Soon, so that the forecast has few days to go through.
        connection.execute(update(t.cohort).values(assessment=date(2026, 3, 6)))
        row |= {"slug": OTHER, "title": "Paint shop", "assessment": date(2026, 3, 6)}
        del row["id"]
        cohort = int(connection.execute(insert(t.cohort).values(row).returning(t.cohort.c.id)).scalar_one())
        procedure = connection.execute(select(t.procedure.c.id)).scalar_one()
        connection.execute(insert(t.cohort_procedure).values(cohort_id=cohort, procedure_id=procedure))
        person = {
            "employee_id": "Z1",
            "name": OTHERS_NAME,
            "handle": "zora_q",
            "zone": "",
            "role": "",
            "created_at": NOW,
        }
        learner = connection.execute(
            insert(t.learner).values(person | {"remote_user_id": 900}).returning(t.learner.c.id)
        ).scalar_one()
        connection.execute(
            insert(t.enrollment).values(cohort_id=cohort, learner_id=learner, state="active", joined_at=NOW)
        )
        seen = t.outbox.c
        post = dict(connection.execute(select(t.outbox).where(seen.id == seeded.question_post_id)).mappings().one())
        post |= {"cohort_id": cohort, "text": OTHERS_POST, "occurrence": "slot/other", "remote_id": 7001}
        del post["id"]
        made = int(connection.execute(insert(t.outbox).values(post).returning(seen.id)).scalar_one())
        said = dict(connection.execute(select(t.inbound).limit(1)).mappings().one())
        said |= {"remote_id": 7002, "author_remote_id": 900, "author_handle": "zora_q", "learner_id": learner}
        said |= {"outbox_id": made, "text": OTHERS_WORDS, "needs_person": True, "created_at": NOW - timedelta(hours=1)}
        del said["id"]
        connection.execute(insert(t.inbound).values(said))
    return cohort, made


def routes_of(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """Every route of an application, as "GET /path"."""
    for route in chain.from_iterable(one.routes if isinstance(one, Later) else [one] for one in app.routes):
        assert isinstance(route, APIRoute), f"{route}: a route that the gate does not stand before"
        before = [getattr(one.dependency, "__func__", None) for one in route.dependencies]
        assert Gate.check in before, f"{route}: a route that the gate does not stand before"
        for method in route.methods or ():
            yield f"{method} {route.path}", route
