"""A cohort on the practice account, its learners on three teams, and a daemon that ticks while the clock is stepped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.load import load_files
from reinforce.actions.quizzing.create_quiz import create_quiz
from reinforce.actions.quizzing.run_quiz import start_quiz
from reinforce.actions.quizzing.show_quiz import QuizStatus, show_quiz
from reinforce.bootstrap import House
from reinforce.daemon import Daemon
from reinforce.domain.cohort import RosterRow
from reinforce.domain.quizzing.quiz import QuizFile
from reinforce.settings import Settings
from reinforce.shipped import shipped
from reinforce.store.people import people
from reinforce.store.reporting.listings import outbox_rows
from reinforce.store.session import Database
from tests.databases import copy_sqlite, migrate
from tests.web.stage import Stage

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # 10:30 in Berlin, between two slots
TEAMS = {
    "red": ("ana", "ben", "cleo"),
    "blue": ("dora", "emil", "finn"),
    "green": ("gita", "hugo", "ines"),
    "": ("jara", "kim"),
}


def with_procedure(database: Database) -> None:
    """What `reinforce init` makes, and the example procedure."""
    migrate(database)
    load_files(database, (shipped("examples") / "lockout.yaml",), dry_run=False, actor="test", now=MONDAY)


class QuizStage(Stage):
    """The house of these tests: the clock moves by seconds, and everybody can say something."""

    tokens: Mapping[str, str]
    users: Mapping[str, int]
    handles: Mapping[str, str]

    def enroll(self, **cohort: Any) -> None:
        """Connect the practice account, enroll eleven learners, nine of them on teams, all linked."""
        house = self.house
        house.clock.step_to(MONDAY)
        now = MONDAY
        self.practice.control("POST", "/account", {"protected": True})
        house.connect_account(
            "practice", self.practice.folder / "credentials.json", self.practice.url, "protected", print
        )
        values: dict[str, Any] = {"zone": "Europe/Berlin", **cohort}
        new = NewCohort(slug="press-shop", title="Press shop", account="practice", procedures=("lockout",), **values)
        create_cohort(house.database, new, house.schedule("rehearsal"), actor="test", now=now)
        everybody = [(name, team) for team, names in TEAMS.items() for name in names]
        rows = [
            RosterRow(f"E-{n:03}", f"{name.title()} Surname{n}", handle=f"{name}_s", team=team, line=n)
            for n, (name, team) in enumerate(everybody, start=1)
        ]
        enroll(house.database, "press-shop", rows, actor="test", now=now)
        asked = [{"handle": f"{name}_s", "scripted": False, "followed": True} for name, _ in everybody]
        asked += [{"handle": name, "scripted": False, "followed": True} for name in ("stranger_s", "acme_nights")]
        made = self.practice.control("POST", "/people", asked)["people"]
        self.tokens = {one["handle"].removesuffix("_s"): one["token"] for one in made}
        self.users = {one["handle"].removesuffix("_s"): int(one["user_id"]) for one in made}
        self.handles = {one["handle"].removesuffix("_s"): one["handle"] for one in made}
        learners = {f"{name}_s": self.users[name] for name, _ in everybody}
        with house.database.write() as connection:
            people.link_for_rehearsal(connection, learners, now)
        # Nobody's slot comes while a round is watched.
        self.tick_at(MONDAY)

    def start(self, draft: QuizFile, **more: Any) -> None:
        """Make and start a round now."""
        house, now = self.house, self.house.clock.now()
        create_quiz(house.database, "press-shop", draft, house.renderer, house.tariff, actor="test", now=now)
        start_quiz(house.database, draft.slug, None, actor="test", now=now, **more)

    def step(self, seconds: float) -> None:
        """Let programme time pass, and the daemon do a round."""
        self.tick_at(self.house.clock.now() + timedelta(seconds=seconds))

    def tick_at(self, instant: datetime) -> None:
        """Let the daemon do a round at an instant."""
        self.house.clock.step_to(instant)
        self.daemon.tick()

    def say(self, who: str, text: str, reply_to: str | None = None, *, quoting: str | None = None) -> int:
        """Somebody posts, over X's API; the post's id."""
        body: dict[str, Any] = {"text": text}
        if reply_to is not None:
            body["reply"] = {"in_reply_to_tweet_id": reply_to}
        if quoting is not None:
            body["quote_tweet_id"] = quoting
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        answer = requests.post(f"{self.practice.url}/2/tweets", json=body, headers=headers, timeout=30)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["data"]["id"])

    def edit(self, who: str, post: int, text: str) -> int:
        """Somebody edits what they said, in X's own app; the new version's id."""
        act = {"as": self.handles[who], "edit": str(post), "text": text}
        return int(self.practice.control("POST", "/acts", [act])["posts"][0])

    def delete(self, who: str, post: int) -> None:
        """Somebody deletes what they said."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        requests.delete(f"{self.practice.url}/2/tweets/{post}", headers=headers, timeout=30).raise_for_status()

    def posted(self, form: str) -> list[dict[str, Any]]:
        """Our posts of a form, as the outbox has them, oldest first."""
        with self.house.database.read() as connection:
            rows = outbox_rows(connection, states=["posted"])
        return sorted((row for row in rows if row["form"] == form), key=lambda row: row["id"])

    def ours(self) -> list[dict[str, Any]]:
        """What stands on our timeline by the practice server's own storage, oldest first."""
        state = self.practice.state()
        return [p for p in state["posts"] if p["author"] == state["company"]["handle"] and not p["deleted"]]

    def status(self, slug: str) -> QuizStatus:
        """Where a round stands."""
        return show_quiz(self.house.database, slug, now=self.house.clock.now())

    def another_daemon(self) -> None:
        """As if the daemon had been killed and another one started."""
        self.daemon.leave()
        self.daemon = Daemon(self.house)


@pytest.fixture
def quiz_stage(tmp_path: Path) -> Iterator[QuizStage]:
    """A stage with a cohort that answers by replies."""
    url = copy_sqlite(tmp_path / "reinforce.db", with_procedure)
    stage = QuizStage(tmp_path, House(Settings(workspace=tmp_path / "workspace", database_url=url, listen_seconds=1)))
    with stage.practice:
        stage.enroll()
        yield stage
    stage.house.close()
