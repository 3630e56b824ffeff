"""An event on the practice account: a workspace with the example cohort, a daemon that ticks when told to, people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import requests

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.load import load_files
from reinforce.actions.gathering.arrange import EventPlan, NewEvent, create_event
from reinforce.content.roster_file import read_roster
from reinforce.daemon import Daemon
from reinforce.domain.gathering.events import Event, EventKind
from reinforce.domain.listening.inbound import Inbound
from reinforce.practice.running import PracticeThread
from reinforce.settings import Settings
from reinforce.shipped import shipped
from reinforce.store.gathering import backchannel, events
from reinforce.store.people import people
from reinforce.store.session import Database
from tests.daemon.conftest import TestHouse
from tests.databases import Build, SqliteShelf, migrate

MONDAY = datetime(2026, 3, 2, 7, 55, tzinfo=UTC)  # 08:55 in Berlin
NOON = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001 - a wall-clock time of the cohort
PATIENCE = 20


def with_procedure(database: Database) -> None:
    """What `reinforce init` makes, and the example procedure as a public account may show it."""
    migrate(database)
    example = (shipped("examples") / "lockout.yaml").read_text("utf-8")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "lockout.yaml"
        path.write_text(f"confidentiality: public\n{_without_confidentiality(example)}", "utf-8")
        load_files(database, (path,), dry_run=False, actor="test", now=MONDAY)


class Session:
    """A workspace with the example cohort, on the practice account, which is public here: search shows its posts.

    `database` is one `with_procedure`.
    """

    def __init__(self, folder: Path, database: Database, *, protected: bool = False) -> None:
        url = database.engine.url.render_as_string(hide_password=False)
        self.house = TestHouse(
            Settings(workspace=folder / "workspace", database_url=url, listen_seconds=1, tick_seconds=0.05)
        )
        self.house.database = database
        self.house.clock.step_to(MONDAY)
        self.house.make(rehearsal=True)
        self.practice = PracticeThread(self.house.settings.practice_folder, self.house.clock)
        self.practice.start()
        self.daemon = Daemon(self.house)
        self._tokens: dict[str, str] = {}
        self._calls = requests.Session()
        self._enroll(protected=protected)

    def _enroll(self, *, protected: bool) -> None:
        house, now = self.house, self.house.clock.now()
        self.practice.control("POST", "/account", {"protected": protected})
        kind = "protected" if protected else "public"
        house.connect_account("practice", self.practice.folder / "credentials.json", self.practice.url, kind, print)
        new = NewCohort("press-shop", "Press shop", "practice", ("lockout",), zone="Europe/Berlin")
        create_cohort(house.database, new, house.schedule("rehearsal"), actor="test", now=now)
        rows = read_roster(shipped("examples") / "lockout-roster.csv")
        enroll(house.database, "press-shop", rows, actor="test", now=now)
        made = self.join_in(*((row.handle, row.name) for row in rows if row.handle))
        with house.database.write() as connection:
            people.link_for_rehearsal(connection, made, now)

    def join_in(self, *handles: tuple[str, str]) -> dict[str, int]:
        """Give people users on the practice account; handle → user id."""
        asked = [{"handle": handle, "name": name, "scripted": False} for handle, name in handles]
        made = self.practice.control("POST", "/people", asked)["people"]
        self._tokens |= {one["handle"]: one["token"] for one in made}
        return {one["handle"]: int(one["user_id"]) for one in made}

    def say(self, handle: str, text: str, reply_to: int | None = None) -> int:
        """Post as somebody, over X's API; the post's id."""
        body: dict[str, Any] = {"text": text}
        if reply_to is not None:
            body["reply"] = {"in_reply_to_tweet_id": str(reply_to)}
        headers = {"Authorization": f"Bearer {self._tokens[handle]}"}
        answer = self._calls.post(f"{self.practice.url}/2/tweets", json=body, headers=headers, timeout=PATIENCE)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["data"]["id"])

    def arrange(self, **changes: Any) -> EventPlan:
        """Create an event: an hour from noon on Monday."""
        values: dict[str, Any] = {
            "slug": "live",
            "title": "Lockout, live",
            "cohort": "press-shop",
            "kind": EventKind.LIVE,
            "hashtag": "lockoutlive",
            "starts": NOON,
            "ends": NOON + timedelta(hours=1),
        }
        house = self.house
        return create_event(
            house.database,
            NewEvent(**{**values, **changes}),
            house.renderer,
            house.tariff,
            agreed=True,
            actor="test",
            now=house.clock.now(),
        )

    def at(self, hour: int, minute: int = 0, *, day: int = 2, ticks: int = 1) -> None:
        """Step to a local time of March 2026, and let the daemon tick."""
        self.house.clock.step_to(datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=1))
        for _ in range(ticks):
            self.house.let_pass(60)
            self.daemon.tick()

    def event(self, slug: str = "live") -> Event:
        with self.house.database.read() as connection:
            return events.event_by_slug(connection, slug)

    def said(self, slug: str = "live") -> tuple[Inbound, ...]:
        """What is known to have been said in an event."""
        with self.house.database.read() as connection:
            return backchannel.posts(connection, events.event_by_slug(connection, slug).id)

    def ours(self, form: str) -> list[dict[str, Any]]:
        """Our posts on the timeline whose row has this form."""
        with self.house.database.read() as connection:
            event = events.event_by_slug(connection, "live")
            ids = {str(one.remote_id) for one in backchannel.own_posts(connection, event) if one.form == form}
        return [post for post in self.practice.state()["posts"] if post["id"] in ids and not post["deleted"]]

    def close(self) -> None:
        self.daemon.leave()
        self._calls.close()
        self.practice.stop()
        self.house.close()


def _without_confidentiality(example: str) -> str:
    return "\n".join(line for line in example.splitlines() if not line.strip().startswith("confidentiality:"))


@pytest.fixture
def session(tmp_path: Path, open_database: Callable[[Build], Database]) -> Iterator[Session]:
    """A session on each database."""
    made = Session(tmp_path, open_database(with_procedure))
    yield made
    made.close()


@pytest.fixture
def sqlite_session(tmp_path: Path, sqlite_shelf: SqliteShelf) -> Iterator[Session]:
    """A session on SQLite only, for what does not depend on the database."""
    with sqlite_shelf.open(with_procedure) as database:
        made = Session(tmp_path, database)
        yield made
        made.close()


@pytest.fixture
def protected_session(tmp_path: Path, sqlite_shelf: SqliteShelf) -> Iterator[Session]:
    """A session on an account that is protected, so that search shows none of its posts."""
    with sqlite_shelf.open(with_procedure) as database:
        made = Session(tmp_path, database, protected=True)
        yield made
        made.close()


@pytest.fixture(scope="module")
def sqlite_refusals(tmp_path_factory: pytest.TempPathFactory, sqlite_shelf: SqliteShelf) -> Iterator[Session]:
    """A session that nothing is made in, for what is refused."""
    with sqlite_shelf.open(with_procedure) as database:
        made = Session(tmp_path_factory.mktemp("refusals"), database)
        yield made
        made.close()
