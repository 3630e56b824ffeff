"""A course on its way: a workspace with the practice account, daemons that tick when they are told to."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import update

from reinforce.actions.courses.publish_course import Asked, PublishedCourse, publish_course, withdraw_course
from reinforce.actions.courses.rehearse_course import Rehearsed, approve_course, rehearse_course
from reinforce.actions.courses.show_course import CourseStatus, ShownThread, show_course
from reinforce.content.course_file import read_course
from reinforce.daemon import Daemon
from reinforce.domain.courses.course import CourseFile
from reinforce.domain.courses.standing import Progress
from reinforce.practice.running import PracticeThread
from reinforce.shipped import shipped
from reinforce.store import tables as t
from reinforce.store.session import Database
from tests.actions.courses.hasty_house import SHARED, HastyHouse, settings
from tests.databases import PostgresShelf, SqliteShelf, migrate
from tests.warm import Nursery

MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
EXAMPLE = shipped("examples") / "lockout-course.md"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Classroom:
    """A workspace on the practice account, which is public here. `database` has the tables."""

    def __init__(self, folder: Path, database: Database, *, protected: bool = False) -> None:
        self.folder = folder
        self.url = database.engine.url.render_as_string(hide_password=False)
        self.house = HastyHouse(settings(folder, self.url))
        self.house.database = database
        self.house.clock.step_to(MONDAY)
        self.house.make(rehearsal=True)
        self.practice = PracticeThread(self.house.settings.practice_folder, self.house.clock)
        self.practice.start()
        self.practice.control("POST", "/account", {"protected": protected})
        kind = "protected" if protected else "public"
        self.house.connect_account(
            "practice", self.practice.folder / "credentials.json", self.practice.url, kind, print
        )
        self.daemon = Daemon(self.house)

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    def rehearse(self, course: CourseFile | None = None) -> Rehearsed:
        house, file = self.house, course or read_course(EXAMPLE)
        return rehearse_course(house.database, file, house.renderer, house.tariff, actor="test", now=self.now)

    def approve(self, slug: str = "lockout-course", by: str = "member/1", *, single_user: bool = False) -> None:
        approve_course(self.house.database, slug, single_user=single_user, actor=by, now=self.now)

    def publish(self, slug: str = "lockout-course", **asked: Any) -> PublishedCourse:
        return publish_course(self.house.database, slug, Asked(**asked), actor="test", now=self.now)

    def withdraw(self, slug: str = "lockout-course", *, rehearsal: bool = False) -> None:
        withdraw_course(self.house.database, slug, rehearsal=rehearsal, actor="test", now=self.now)

    def status(self, slug: str = "lockout-course") -> CourseStatus:
        return show_course(self.house.database, slug, None)

    def published(self, slug: str = "lockout-course") -> ShownThread:
        found = self.status(slug).published
        assert found is not None
        return found

    def rehearsed(self, slug: str = "lockout-course") -> ShownThread:
        found = self.status(slug).rehearsal
        assert found is not None
        return found

    def tick(self, times: int = 1) -> None:
        """Let the daemon tick; whatever it waits for in machine time has passed."""
        for _ in range(times):
            self.house.let_pass(60)
            self.forget_waits()
            self.daemon.tick()

    def tick_until(self, done: Callable[[], bool], most: int = 150) -> None:
        """Let the daemon tick until `done`."""
        for _ in range(most):
            if done():
                return
            self.tick()
        raise AssertionError(f"not done after {most} ticks: {self.daemon.last_error}")

    def forget_waits(self) -> None:
        """As if every wait and every lease that the database's clock counts were over."""
        with self.house.database.write() as connection:
            connection.execute(update(t.outbox).values(not_before=None))
            leased = t.outbox.c.lease_until.is_not(None)
            connection.execute(update(t.outbox).where(leased).values(lease_until=LONG_AGO))
            connection.execute(update(t.deletion).values(not_before=None))
            connection.execute(update(t.breaker).values(retry_at=LONG_AGO))
            connection.execute(update(t.rate_window).values(resets_at=LONG_AGO))
        self.practice.control("POST", "/limits/reset")

    def rehearsal_complete(self) -> bool:
        return self.rehearsed().standing.progress is Progress.COMPLETE

    def complete(self) -> bool:
        return self.published().standing.progress is Progress.COMPLETE

    def ready(self) -> None:
        """The example, rehearsed, approved, and taken off the practice account again."""
        self.rehearse()
        self.tick_until(self.rehearsal_complete)
        self.approve()

    def run_and_kill(self, at: str, nursery: Nursery) -> None:
        """The daemon, as the command line starts it: it dies by SIGKILL when it comes to `at`."""
        self.daemon.leave()
        self.forget_waits()
        used = settings(self.folder, self.url).model_dump(include=SHARED, mode="json")
        environment = {f"REINFORCE_{name.upper()}": str(value) for name, value in used.items()} | {
            "REINFORCE_KILL_AT": at
        }
        arguments = ["--workspace", str(self.folder / "workspace"), "daemon"]
        log = self.folder / f"{at}.log"
        child = nursery.start(arguments, os.environ | environment, self.folder, log, log)
        assert child.wait(60) == -signal.SIGKILL, f"it was to be killed at {at}: {log.read_text()}"
        self.daemon = Daemon(self.house)

    def standing(self) -> list[dict[str, Any]]:
        """Our posts on the timeline, the oldest first."""
        found = [one for one in self.practice.state()["posts"] if not one["deleted"]]
        return sorted(found, key=lambda one: int(one["id"]))

    def ever_posted(self) -> list[dict[str, Any]]:
        return sorted(self.practice.state()["posts"], key=lambda one: int(one["id"]))

    def page(self, path: str) -> str:
        """A page of the practice account, as a browser gets it."""
        answer = requests.get(f"{self.practice.url}{path}", timeout=10)
        answer.raise_for_status()
        return answer.text

    def close(self) -> None:
        self.daemon.leave()
        self.practice.stop()
        self.house.close()


@pytest.fixture
def postgres_classroom(tmp_path: Path, postgres_shelf: PostgresShelf) -> Iterator[Classroom]:
    """A classroom on Postgres."""
    with postgres_shelf.open(migrate) as database:
        made = Classroom(tmp_path, database)
        yield made
        made.close()


@pytest.fixture
def sqlite_classroom(tmp_path: Path, sqlite_shelf: SqliteShelf) -> Iterator[Classroom]:
    """A classroom on SQLite only, for what does not depend on the database."""
    with sqlite_shelf.open(migrate) as database:
        made = Classroom(tmp_path, database)
        yield made
        made.close()
