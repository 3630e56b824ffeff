"""A rehearsal on one stage: practice account, daemon and console of one workspace, its clock stepped by the test."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.load import load_files
from reinforce.bootstrap import House
from reinforce.content.roster_file import read_roster
from reinforce.daemon import Daemon
from reinforce.practice.running import PracticeThread
from reinforce.settings import Settings
from reinforce.shipped import shipped
from reinforce.store.people import people
from reinforce.store.reporting.console.posts import PostLine, latest_posted
from reinforce.web.app import create_app
from tests.databases import copy_sqlite, migrate

MONDAY = datetime(2026, 3, 2, 7, 55, tzinfo=UTC)  # 08:55 in Berlin
PATIENCE = 60.0


class Stage:
    """The house of a rehearsal, its practice account, and a daemon that ticks when it is told to."""

    def __init__(self, folder: Path, house: House | None = None) -> None:
        self.house = house or House(Settings(workspace=folder / "workspace", listen_seconds=1))
        self.house.clock.step_to(MONDAY)
        if not self.house.settings.database_url:
            self.house.settings.workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
            copy_sqlite(self.house.settings.workspace / "reinforce.db", migrate)
        self.house.make(rehearsal=True)
        self.practice = PracticeThread(self.house.settings.practice_folder, self.house.clock)
        self.daemon = Daemon(self.house)

    def console(self) -> FastAPI:
        """The console over it."""
        return create_app(self.house)

    def enroll(self) -> None:
        """Connect the practice account, load the example, enroll and link its eight learners."""
        house, examples, now = self.house, shipped("examples"), self.house.clock.now()
        self.practice.control("POST", "/account", {"protected": True})
        house.connect_account(
            "practice", self.practice.folder / "credentials.json", self.practice.url, "protected", print
        )
        load_files(house.database, (examples / "lockout.yaml",), dry_run=False, actor="test", now=now)
        new = NewCohort(
            slug="press-shop", title="Press shop", account="practice", procedures=("lockout",), zone="Europe/Berlin"
        )
        create_cohort(house.database, new, house.schedule("rehearsal"), actor="test", now=now)
        rows = read_roster(examples / "lockout-roster.csv")
        enroll(house.database, "press-shop", rows, actor="test", now=now)
        asked = [{"handle": row.handle, "name": row.name, "followed": True} for row in rows if row.handle]
        made = self.practice.control("POST", "/people", asked)["people"]
        with house.database.write() as connection:
            people.link_for_rehearsal(connection, {one["handle"]: int(one["user_id"]) for one in made}, now)

    def tick(self, times: int = 1) -> None:
        """Let the daemon do its rounds, a programme minute apart."""
        for _ in range(times):
            self.house.clock.step_to(self.house.clock.now() + timedelta(minutes=1))
            self.daemon.tick()

    def until_posted(self, form: str) -> PostLine:
        """Step from hour to hour until a post of this form stands on the timeline; the newest one."""
        for _ in range(48):
            self.tick()
            with self.house.database.read() as connection:
                found = latest_posted(connection, limit=1, form=form)
            if found:
                return found[0]
            self.house.clock.step_to(self.house.clock.now() + timedelta(minutes=30))
        raise AssertionError(f"no {form} within a day")

    @contextmanager
    def daemon_process(self) -> Iterator[subprocess.Popen[bytes]]:
        """A daemon in a process of its own; programme time runs meanwhile."""
        clock = self.house.clock
        clock.start(at=clock.now(), speed=60)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("REINFORCE_")}
        folder = self.house.settings.workspace
        with (folder / "daemon.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "reinforce", "--workspace", str(folder), "daemon"],
                env=environment | {"REINFORCE_TICK_SECONDS": "0.2"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)

    def wait_until(self, what: str, met: Callable[[], Any]) -> Any:
        """Ask until `met` answers something true; fails after a minute."""
        clock = self.house.clock
        deadline = clock.monotonic() + PATIENCE
        while clock.monotonic() < deadline:
            found = met()
            if found:
                return found
            threading.Event().wait(0.1)
        raise AssertionError(f"never came about: {what}")
