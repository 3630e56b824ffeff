"""A cohort that learns lockout on a protected account, learners who ask, and the actions that answer them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from reinforce.accounts.tariff import read_tariff
from reinforce.actions.answering.deliver import DeliverOutcome, deliver
from reinforce.actions.answering.look_at_answer import AnswerLook, Composing, Said, look_at_answer
from reinforce.actions.answering.respond import Answer, answer
from reinforce.actions.answering.take_up import TakeUpOutcome, take_up
from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.load import load_files
from reinforce.actions.listening.grade import grade
from reinforce.content.lexicon_file import read_lexicons
from reinforce.content.schedule_file import find_schedule, read_schedule
from reinforce.domain.answering.inquiry import Inquiry
from reinforce.domain.listening.inbound import Arrived, oldest_id_at
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.rendering.posts import PostRenderer
from reinforce.shipped import shipped
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.answering import inquiries
from reinforce.store.listening import inbox
from reinforce.store.people import cohorts, people
from reinforce.store.sending import outbox
from reinforce.store.sending.known_names import KnownNames
from reinforce.store.session import Database
from tests.databases import Build, create_tables

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # 10:00 in Berlin
TARIFF = read_tariff()
RENDERER = PostRenderer(shipped("templates") / "posts")
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    """The lexicons that ship."""
    return read_lexicons(shipped("templates") / "lexicon")


@dataclass
class Desk:
    """What a facilitator sits at. `now` is programme time; `learners` are ids by handle, all linked."""

    database: Database
    lexicon: Lexicon
    account_id: int
    cohort_id: int
    learners: dict[str, int]
    now: datetime = MONDAY
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    def pass_time(self, **by: float) -> None:
        self.now += timedelta(**by)

    def ask(self, text: str, who: str = "dana", *, mentions_us: bool = True) -> int:
        """Somebody writes; it is read and taken up. The inquiry's number."""
        inbound_id = self.write(text, who, mentions_us=mentions_us)
        self.take_up()
        return self.number(inbound_id)

    def write(self, text: str, who: str = "dana", *, mentions_us: bool = True) -> int:
        """Somebody writes, and it is read; the row id of what came in."""
        remote_id = oldest_id_at(self.now) + next(self._ids)
        author = 500 + sorted(self.learners).index(who) if who in self.learners else 900
        post = Arrived(remote_id, author, who, text, self.now, mentions_us=mentions_us)
        with self.database.write() as connection:
            inbox.save_page(connection, self.account_id, [post], remote_id, self.now)
            accounts.mark_read(connection, self.account_id, self.now)
        grade(self.database, self.lexicon, now=self.now)
        with self.database.read() as connection:
            return int(
                connection.execute(select(t.inbound.c.id).where(t.inbound.c.remote_id == remote_id)).scalar_one()
            )

    def number(self, inbound_id: int) -> int:
        with self.database.read() as connection:
            query = select(t.inquiry.c.id).where(t.inquiry.c.inbound_id == inbound_id)
            return int(connection.execute(query).scalar_one())

    def take_up(self) -> TakeUpOutcome:
        return take_up(self.database, RENDERER, TARIFF, now=self.now)

    def answer(self, number: int, text: str, **more: Any) -> tuple[Inquiry, ...]:
        return answer(self.database, number, Answer(text, **more), actor="test", now=self.now)

    def look(self, number: int, text: str, **more: str) -> AnswerLook:
        composing = Composing(RENDERER, TARIFF, KnownNames())
        return look_at_answer(self.database, composing, number, Said(text, **more), now=self.now)

    def deliver(self) -> DeliverOutcome:
        return deliver(self.database, RENDERER, TARIFF, now=self.now)

    def inquiry(self, number: int) -> Inquiry:
        with self.database.read() as connection:
            return inquiries.inquiry(connection, number)

    def posts(self) -> Sequence[OutboxItem]:
        """The outbox in order."""
        with self.database.read() as connection:
            return sorted(outbox.items(connection, account_id=self.account_id), key=lambda item: item.id)

    def texts(self) -> list[str]:
        return [item.text for item in self.posts()]

    def send(self, *ids: int) -> None:
        """Whatever is planned (or these) is out, as if X had taken it."""
        with self.database.write() as connection:
            o = t.outbox.c
            for item in outbox.in_state(connection, self.account_id, State.PLANNED):
                if not ids or item.id in ids:
                    values = {"state": "posted", "remote_id": oldest_id_at(self.now) + next(self._ids)}
                    connection.execute(update(t.outbox).where(o.id == item.id).values(**values, posted_at=self.now))

    def refuse(self, state: str = "refused", words: str = "not_engaged: Reply is not allowed") -> None:
        """Whatever is planned is refused by X."""
        with self.database.write() as connection:
            planned = t.outbox.c.state == "planned"
            connection.execute(update(t.outbox).where(planned).values(state=state, outcome=words))

    def set_cohort(self, **values: Any) -> None:
        with self.database.write() as connection:
            connection.execute(update(t.cohort).where(t.cohort.c.id == self.cohort_id).values(**values))

    def set_account(self, **values: Any) -> None:
        with self.database.write() as connection:
            connection.execute(update(t.account).where(t.account.c.id == self.account_id).values(**values))

    def add_facilitator(self, name: str = "anna", channel: str = "none", address: str = "") -> int:
        values = {"initials": name[:2].upper(), "channel": channel, "address": address, "created_at": self.now}
        with self.database.write() as connection:
            new = insert(t.facilitator).values(name=name, **values).returning(t.facilitator.c.id)
            return int(connection.execute(new).scalar_one())


def _fill(database: Database) -> None:
    with database.write() as connection:
        account = accounts.add_account(
            connection,
            name="acme",
            base_url="http://127.0.0.1:1",
            handle="acme_learn",
            remote_user_id=499,
            confidentiality=Confidentiality.INTERNAL,
            protected=True,
        )
        accounts.mark_read(connection, account.id, MONDAY)
    load_files(database, (EXAMPLES / "lockout.yaml",), dry_run=False, actor="test", now=MONDAY)
    schedule = read_schedule(find_schedule("cohort-adaptive", shipped("schedules"))).content
    new = NewCohort("press-shop", "Press shop", "acme", ("lockout",), zone="Europe/Berlin", country="DE")
    cohort = create_cohort(database, new, schedule, actor="test", now=MONDAY - timedelta(days=7))
    with database.write() as connection:
        for place, (handle, name) in enumerate([("dana", "Dana Fox"), ("kim", "Kim Lee"), ("lou", "Lou Stone")]):
            values = {"employee_id": f"E-{place:04}", "name": name, "handle": handle, "zone": "", "role": ""}
            row = insert(t.learner).values(**values, created_at=MONDAY).returning(t.learner.c.id)
            learner = int(connection.execute(row).scalar_one())
            enrolled = {"cohort_id": cohort.id, "learner_id": learner, "state": "enrolled", "joined_at": MONDAY}
            connection.execute(insert(t.enrollment).values(**enrolled))
            people.link(connection, learner, 500 + place, handle, "test", MONDAY)


def furnish(database: Database) -> None:
    """Everything that a desk stands on; made once in a session and copied."""
    create_tables(database)
    _fill(database)


@pytest.fixture
def desk(open_database: Callable[[Build], Database], lexicon: Lexicon) -> Desk:
    """A desk on each database, Monday 10:00 in Berlin; three learners are linked."""
    database = open_database(furnish)
    with database.read() as connection:
        account = accounts.account_by_name(connection, "acme")
        cohort = cohorts.cohort_by_slug(connection, "press-shop")
        learners = {one.handle: one.id for one in people.learners_of(connection, cohort.id)}
    return Desk(database, lexicon, account.id, cohort.id, learners)
