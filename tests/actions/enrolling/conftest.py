"""A cohort with dates on the practice account: a daemon that ticks when told to, people who join with their codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.invite import invite
from reinforce.actions.enrolling.set_dates import set_dates
from reinforce.content.roster_file import read_roster
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.shipped import shipped
from reinforce.store import tables as t
from reinforce.store.people import cohorts
from reinforce.store.reporting.enrolling import enrollment_rows
from reinforce.store.sending import outbox
from tests.actions.gathering.conftest import Session, with_procedure
from tests.databases import SqliteShelf

ZONE = ZoneInfo("Europe/Berlin")
SLUG = "press-shop"


class Course(Session):
    """The example cohort, invited and not linked yet. Its window is 2 to 20 March 2026; it runs from 23 March to 29
    May, with its assessment on 22 May."""

    def _enroll(self, *, protected: bool) -> None:
        house, now = self.house, self.house.clock.now()
        self.practice.control("POST", "/account", {"protected": protected})
        house.connect_account("practice", self.practice.folder / "credentials.json", self.practice.url, "public", print)
        new = NewCohort(
            SLUG,
            "Press shop",
            "practice",
            ("lockout",),
            zone="Europe/Berlin",
            opens_on=date(2026, 3, 2),
            closes_on=date(2026, 3, 20),
            starts_on=date(2026, 3, 23),
            ends_on=date(2026, 5, 29),
            assessment=date(2026, 5, 22),
        )
        create_cohort(house.database, new, house.schedule("rehearsal"), actor="test", now=now)
        self.rows = read_roster(shipped("examples") / "lockout-roster.csv")[:4]
        enroll(house.database, SLUG, self.rows, actor="test", now=now)
        self.join_in(*((row.handle, row.name) for row in self.rows))
        self.codes = {one.handle: one.post_this for one in invite(house.database, SLUG, 90, actor="test", now=now)}

    def join(self, *handles: str) -> None:
        for handle in handles:
            self.say(handle, self.codes[handle])

    def set(self, **changes: Any) -> None:
        set_dates(self.house.database, SLUG, changes, actor="test", now=self.house.clock.now())

    def on(self, month: int, day: int, hour: int = 10, minute: int = 5, *, ticks: int = 2) -> None:
        """Step to a local time of 2026, and let the daemon tick."""
        self.house.clock.step_to(datetime(2026, month, day, hour, minute, tzinfo=ZONE))
        for _ in range(ticks):
            self.house.let_pass(60)
            self.daemon.tick()
        assert not self.daemon.last_error, self.daemon.last_error

    def states(self) -> dict[str, str]:
        with self.house.database.read() as connection:
            rows = enrollment_rows(connection, self.house.clock.now(), slug=SLUG)
        return {row["employee_id"]: row["state"] for row in rows}

    def updates(self) -> list[tuple[str, date]]:
        """The updates that went out, each with its local date, in order."""
        with self.house.database.read() as connection:
            cohort = cohorts.cohort_by_slug(connection, SLUG)
            there = outbox.items(connection, cohort_id=cohort.id, limit=1000)
        out = [item for item in there if item.form.startswith("update_") and item.posted_at is not None]
        return [(_kind(item), item.posted_at.astimezone(ZONE).date()) for item in reversed(out) if item.posted_at]

    def told(self) -> list[str]:
        """The texts on the timeline that speak of the cohort by its title, oldest first."""
        return [post["text"] for post in self.practice.state()["posts"] if post["text"].startswith("Press shop")]

    def quiet(self) -> dict[str, str]:
        with self.house.database.read() as connection:
            return dict(connection.execute(select(t.quiet.c.occurrence, t.quiet.c.reason)).all())

    def for_a_person(self) -> list[str]:
        """Why posts wait for somebody to look at them."""
        i = t.inbound.c
        with self.house.database.read() as connection:
            waiting = connection.execute(select(i.read_why).where(i.needs_person)).scalars()
            return [why.rsplit("; ", 1)[-1] for why in waiting]


def _kind(item: OutboxItem) -> str:
    return item.form.removeprefix("update_")


@pytest.fixture
def course(tmp_path: Path, sqlite_shelf: SqliteShelf) -> Iterator[Course]:
    with sqlite_shelf.open(with_procedure) as database:
        made = Course(tmp_path, database)
        yield made
        made.close()
