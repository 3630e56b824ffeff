"""The real thing from outside: the command line in processes of its own, the practice account over HTTP, and a clock
that is stepped. Nothing here imports what it tests, except to read, to step programme time, and to put in order what
a test starts from where the verbs are tested elsewhere: a process for each would take most of the time."""

from __future__ import annotations

import csv
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from postgres_server import postgres_databases
from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.load import load_files
from reinforce.bootstrap import House
from reinforce.clock import Clock
from reinforce.content.roster_file import read_roster
from reinforce.practice.running import PracticeThread
from reinforce.settings import Settings
from reinforce.store.operating import heartbeats
from reinforce.store.reporting.listings import cohort_rows, inbox_rows, outbox_rows
from tests.warm import Child, Nursery

REPOSITORY = Path(__file__).resolve().parent.parent.parent
MONDAY = datetime(2026, 3, 2, 7, 55, tzinfo=UTC)  # 08:55 in Berlin
PATIENCE = 120.0


class Site:
    """One workspace, its practice account, and the command line on it."""

    def __init__(self, folder: Path, database_url: str, nursery: Nursery) -> None:
        self.folder = folder
        self._nursery = nursery
        self.workspace = folder / "workspace"
        self.clock = Clock(self.workspace / "clock.json")
        self.practice = PracticeThread(folder / "practice", self.clock)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("REINFORCE_")},
            "REINFORCE_WORKSPACE": str(self.workspace),
            "REINFORCE_DATABASE_URL": database_url,
            "REINFORCE_TICK_SECONDS": "0.2",
            "REINFORCE_LOG_FORMAT": "json",
            "NO_COLOR": "1",
        }
        self.daemons: list[Child] = []
        self._tokens: dict[str, str] = {}
        self.house = House(Settings(workspace=self.workspace, database_url=database_url))
        self._database = self.house.database

    def reinforce(self, *arguments: str, fails: bool = False) -> str:
        """Run a verb; returns what it printed. It must succeed, or fail where that is expected."""
        out, err = self.folder / "verb.out", self.folder / "verb.err"
        for said in (out, err):
            said.unlink(missing_ok=True)
        status = self._nursery.start(arguments, self._environment, self.folder, out, err).wait(PATIENCE)
        printed, errors = out.read_text("utf-8"), err.read_text("utf-8")
        with (self.folder / "verbs.log").open("a", encoding="utf-8") as log:
            log.write(errors)  # listened to for secrets, as every log is
        assert (status != 0) == fails, f"{arguments}: {status}\n{printed}\n{errors}"
        return errors if fails else printed

    def json(self, *arguments: str) -> Any:
        """Run a verb with --json; returns its document."""
        return json.loads(self.reinforce(*arguments, "--json"))

    def start_daemon(self, **environment: str) -> Child:
        """Start the daemon; its log goes to daemon.log in the site's folder."""
        log = self.folder / "daemon.log"
        daemon = self._nursery.start(["daemon"], self._environment | environment, self.folder, log, log)
        self.daemons.append(daemon)
        return daemon

    def beats(self, daemon: Child, since: datetime | None = None) -> bool:
        """Whether a daemon has ticked (since then): from then on it ends in good order when it is told to."""
        with self._database.read() as connection:
            beats = heartbeats.heartbeats(connection)
        return any(beat.pid == daemon.pid and (since is None or beat.at > since) for beat in beats)

    def leads(self, daemon: Child) -> bool:
        """Whether a daemon says that it is the leader, in a sign of life of the last seconds."""
        fresh = self.clock.wall() - timedelta(seconds=2)
        with self._database.read() as connection:
            beats = heartbeats.heartbeats(connection)
        return any(beat.leader and beat.pid == daemon.pid and beat.at > fresh for beat in beats)

    def stop(self, daemon: Child, how: signal.Signals = signal.SIGTERM) -> int:
        """End a daemon; returns its exit status."""
        daemon.send_signal(how)
        return daemon.wait(PATIENCE)

    def wait_until(self, what: str, met: Callable[[], Any]) -> Any:
        """Ask until `met` answers something true; fails with the daemon's log after a minute."""
        deadline = self.clock.monotonic() + PATIENCE
        while self.clock.monotonic() < deadline:
            found = met()
            if found:
                return found
            threading.Event().wait(0.1)
        log = (self.folder / "daemon.log").read_text("utf-8", "replace")[-4000:]
        pytest.fail(f"never came about: {what}\n{log}")

    def posts(self) -> list[dict[str, Any]]:
        """What stands on the practice account's timeline, by its own storage: ours only, oldest first."""
        state = self.practice.state()
        ours = state["company"]["handle"]
        return [post for post in state["posts"] if post["author"] == ours and not post["deleted"]]

    def join_in(self, *handles: str) -> None:
        """Give each learner a user on the practice account."""
        people = self.practice.control("POST", "/people", [{"handle": h, "scripted": False} for h in handles])
        self._tokens |= {one["handle"]: one["token"] for one in people["people"]}

    def say(self, handle: str, text: str, reply_to: str | None = None) -> str:
        """Post as a learner, over X's API; returns the post's id."""
        body: dict[str, Any] = {"text": text}
        if reply_to is not None:
            body["reply"] = {"in_reply_to_tweet_id": reply_to}
        headers = {"Authorization": f"Bearer {self._tokens[handle]}"}
        answer = requests.post(f"{self.practice.url}/2/tweets", json=body, headers=headers, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    def read_codes(self, sheet: Path) -> dict[str, str]:
        """What each learner is to post, by employee id, from an invitation file."""
        with sheet.open(newline="", encoding="utf-8-sig") as rows:
            return {row["employee_id"]: row["post_this"] for row in csv.DictReader(rows)}

    def outbox(self, *states: str) -> list[dict[str, Any]]:
        """The outbox's rows in `states` (all without), read where they stand: asking the command line again and again
        would keep the machine busier than the daemon."""
        with self._database.read() as connection:
            return outbox_rows(connection, states=states)

    def inbox(self) -> list[dict[str, Any]]:
        """What came back, the newest first."""
        with self._database.read() as connection:
            return inbox_rows(connection, limit=200)

    def linked(self, cohort: str) -> int:
        """How many learners of a cohort are linked."""
        with self._database.read() as connection:
            return next(int(row["linked"]) for row in cohort_rows(connection) if row["slug"] == cohort)

    def step(self, **by: float) -> datetime:
        """Move programme time on."""
        instant = self.clock.now() + timedelta(**by)
        self.clock.step_to(instant)
        return instant

    def end_daemons(self) -> None:
        """End what a test that failed left running: it would do the work of the next one's daemons."""
        for daemon in self.daemons:
            if daemon.poll() is None:
                daemon.kill()
                daemon.wait(PATIENCE)

    def close(self) -> None:
        """End what is still running."""
        self.end_daemons()
        self.practice.stop()
        self.house.close()


@pytest.fixture
def site(tmp_path: Path, database_url: str, nursery: Nursery) -> Iterator[Site]:
    """A site with a workspace and a practice account, on SQLite and on Postgres; Monday 08:55 in Berlin."""
    made = Site(tmp_path, database_url, nursery)
    made.clock.step_to(MONDAY)
    made.practice.start()
    yield made
    made.close()


@pytest.fixture
def sqlite_site(tmp_path: Path, nursery: Nursery) -> Iterator[Site]:
    """Such a site on SQLite only, for what does not depend on the database."""
    made = Site(tmp_path, f"sqlite:///{tmp_path / 'reinforce.db'}", nursery)
    made.clock.step_to(MONDAY)
    made.practice.start()
    yield made
    made.close()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def press_shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a cohort, shared by the tests of a module: each takes a day of its own. Nobody is linked."""
    folder = tmp_path_factory.mktemp("press-shop")
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{folder / 'reinforce.db'}"
        else:
            url = stack.enter_context(postgres_databases(request.getfixturevalue("postgres_url")))()
        made = Site(folder, url, request.getfixturevalue("nursery"))
        stack.callback(made.close)
        made.clock.step_to(MONDAY)
        made.practice.start()
        open_course(made)
        yield made


def open_course(site: Site) -> None:
    """Workspace, account, procedure, cohort and learners: what the first test of test_a_real_day.py does with verbs."""
    house, examples = site.house, REPOSITORY / "examples"
    now = house.clock.now()
    house.make(rehearsal=False)
    house.connect_account("practice", site.practice.folder / "credentials.json", None, None, print)
    load_files(house.database, (examples / "lockout.yaml",), dry_run=False, actor="test", now=now)
    new = NewCohort("press-shop", "press-shop", "practice", ("lockout",), zone="Europe/Berlin")
    create_cohort(house.database, new, house.schedule("rehearsal"), actor="test", now=now)
    enroll(house.database, "press-shop", read_roster(examples / "lockout-roster.csv"), actor="test", now=now)
