"""A course: a database with the lockout procedure, a cohort of eight linked learners, and time that a test moves."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from reinforce.accounts.tariff import read_tariff
from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.load import load_files
from reinforce.actions.planning.absorb import AbsorbOutcome, absorb
from reinforce.actions.planning.plan import PlanOutcome, plan_cohort
from reinforce.actions.planning.preview import PreviewedPost, preview
from reinforce.actions.planning.reveal import RevealOutcome, plan_reveals
from reinforce.content.schedule_file import read_schedule
from reinforce.domain.cohort import Cohort, RosterRow
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.planning.exposure import EvidenceKind
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.rendering.posts import PostRenderer
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.people import cohorts, people
from reinforce.store.sending import outbox
from reinforce.store.session import Database
from tests.databases import Build, SqliteShelf, create_tables

REPOSITORY = Path(__file__).resolve().parents[3]
MONDAY = datetime(2026, 3, 2, 7, 55, tzinfo=UTC)  # 08:55 in Berlin
LEASE = timedelta(minutes=1)
_REMOTE = itertools.count(5_000)


@dataclass
class Course:
    """The course and what can be done to it. `now` is programme time."""

    database: Database
    renderer: PostRenderer
    tariff: Tariff
    cohort: Cohort
    learners: tuple[int, ...]
    now: datetime = MONDAY

    def plan(self, **keywords: Any) -> PlanOutcome:
        """One planning of the cohort."""
        return plan_cohort(self.database, self.cohort.id, self.renderer, self.tariff, now=self.now, **keywords)

    def reveals(self) -> RevealOutcome:
        """One planning of its reveals."""
        return plan_reveals(self.database, self.cohort.id, self.renderer, self.tariff, now=self.now)

    def preview(self, days: int) -> tuple[PreviewedPost, ...]:
        """The days to come."""
        return preview(self.database, self.cohort.id, self.renderer, self.tariff, now=self.now, days=days)

    def absorb(self, most: int | None = None) -> AbsorbOutcome:
        """Bring the beliefs up to date."""
        return absorb(self.database, now=self.now, most=most)

    def send(self) -> list[OutboxItem]:
        """Everything that is planned and due goes out, as the sending actions would move it."""
        posted = []
        with self.database.write() as connection:
            for item in outbox.items(connection, cohort_id=self.cohort.id, states=[State.PLANNED]):
                if item.due_at > self.now:
                    continue
                leased = outbox.claim(connection, item, "test", LEASE)
                assert leased is not None
                sending = outbox.move(connection, leased, State.SENDING)
                assert sending is not None
                done = outbox.move(
                    connection, sending, State.POSTED, posted_at=max(item.due_at, self.now), remote_id=next(_REMOTE)
                )
                assert done is not None
                posted.append(done)
        return posted

    def reply(self, learner: int, item: OutboxItem, rating: int | None, kind: str = EvidenceKind.ANSWER) -> int:
        """A learner writes under a post; `rating` is what it is graded as, None for what has no grade."""
        with self.database.write() as connection:
            inbound = connection.execute(
                insert(t.inbound)
                .values(
                    account_id=item.account_id,
                    remote_id=next(_REMOTE),
                    author_remote_id=learner,
                    author_handle="",
                    learner_id=learner,
                    outbox_id=item.id,
                    text="",
                    created_at=self.now,
                    received_at=self.now,
                    read_as=[],
                    read_why="",
                    needs_person=False,
                )
                .returning(t.inbound.c.id)
            ).scalar_one()
            if rating is None:
                return 0
            return int(
                connection.execute(
                    insert(t.review)
                    .values(
                        learner_id=learner,
                        nugget_id=item.nugget_id,
                        outbox_id=item.id,
                        inbound_id=inbound,
                        rating=rating,
                        evidence=str(kind),
                        guess=0.25,
                        nugget_revision=1,
                        at=self.now,
                    )
                    .returning(t.review.c.id)
                ).scalar_one()
            )

    def void(self, review: int) -> None:
        """A grade is corrected."""
        with self.database.write() as connection:
            connection.execute(update(t.review).where(t.review.c.id == review).values(voided_at=self.now))

    def tick(self, hours: float = 1.0) -> tuple[PlanOutcome, list[OutboxItem]]:
        """One round of the daemon, then time moves on."""
        self.absorb()
        outcome = self.plan()
        self.reveals()
        posted = self.send()
        self.now += timedelta(hours=hours)
        return outcome, posted

    def first_post(self) -> OutboxItem:
        """The post of the first slot, on its way to the cohort; time stands an hour after it."""
        self.plan()
        self.now += timedelta(minutes=5)
        (posted,) = self.send()
        self.now += timedelta(hours=1)
        return posted

    def schedule(self, **changes: Any) -> None:
        """Change the cadence in use."""
        with self.database.write() as connection:
            content = connection.execute(select(t.schedule.c.content)).scalar_one()
            connection.execute(update(t.schedule).values(content={**content, **changes}))

    def items(self, *states: State) -> tuple[OutboxItem, ...]:
        """The cohort's posts, the earliest due first."""
        with self.database.read() as connection:
            found = outbox.items(connection, cohort_id=self.cohort.id, states=states or None, limit=10_000)
        return tuple(sorted(found, key=lambda one: (one.due_at, one.id)))

    def quiet(self) -> dict[str, str]:
        """Why nothing was posted, by occurrence."""
        with self.database.read() as connection:
            return dict(connection.execute(select(t.quiet.c.occurrence, t.quiet.c.reason)).all())

    def version(self) -> int:
        """The cohort's version."""
        with self.database.read() as connection:
            return int(connection.execute(select(t.cohort.c.version)).scalar_one())


@pytest.fixture(scope="session")
def renderer() -> PostRenderer:
    """The posts that ship."""
    return PostRenderer(REPOSITORY / "templates" / "posts")


@pytest.fixture(scope="session")
def tariff() -> Tariff:
    """The prices that ship."""
    return read_tariff()


def _prepare(database: Database) -> None:
    """The lockout procedure with the default cadence, eight maintenance people in Berlin, all linked."""
    actor = "test"
    create_tables(database)
    with database.write() as connection:
        accounts.add_account(
            connection,
            name="practice",
            base_url="http://127.0.0.1:9",
            confidentiality=Confidentiality.INTERNAL,
            protected=True,
        )
    load_files(database, [REPOSITORY / "examples" / "lockout.yaml"], dry_run=False, actor=actor, now=MONDAY)
    cadence = read_schedule(REPOSITORY / "schedules" / "cohort-adaptive.yaml").content
    new = NewCohort("press", "Press shop", "practice", ("lockout",), zone="Europe/Berlin", country="DE")
    cohort = create_cohort(database, new, cadence, actor=actor, now=MONDAY)
    rows = [RosterRow(f"E-{n}", f"Person{n} Surname{n}", role="maintenance", line=n) for n in range(1, 9)]
    enroll(database, "press", rows, actor=actor, now=MONDAY)
    with database.write() as connection:
        for one in people.learners_of(connection, cohort.id):
            people.link(connection, one.id, 9_000_000 + one.id, f"handle_{one.id}", "test", MONDAY)


@pytest.fixture
def course(open_database: Callable[[Build], Database], renderer: PostRenderer, tariff: Tariff) -> Course:
    """The course, once on SQLite and once on Postgres; prepared once, every test works on a copy."""
    return _course(open_database(_prepare), renderer, tariff)


@pytest.fixture
def sqlite_course(sqlite_shelf: SqliteShelf, renderer: PostRenderer, tariff: Tariff) -> Iterator[Course]:
    """The course on SQLite, for what does not depend on the database."""
    with sqlite_shelf.open(_prepare) as database:
        yield _course(database, renderer, tariff)


def _course(database: Database, renderer: PostRenderer, tariff: Tariff) -> Course:
    with database.read() as connection:
        cohort = cohorts.cohort_by_slug(connection, "press")
        found = people.learners_of(connection, cohort.id)
    return Course(database, renderer, tariff, cohort, tuple(one.id for one in found))
