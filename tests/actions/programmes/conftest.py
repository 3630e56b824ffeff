"""A programme on the practice account: a daemon that ticks when told to, and can be killed and started anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reinforce.actions.programmes.load_programme import load_programme
from reinforce.actions.programmes.start_programme import start_programme
from reinforce.content.programme_file import read_programme
from reinforce.daemon import Daemon
from reinforce.domain.cohort import Cohort
from reinforce.domain.programmes.programme import Programme
from reinforce.shipped import shipped
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.programmes import runs
from reinforce.store.programmes.runs import Run, RunItem
from reinforce.store.sending import outbox
from tests.actions.gathering.conftest import Session, with_procedure
from tests.databases import SqliteShelf

ZONE = ZoneInfo("Europe/Berlin")
SLUG = "press-shop"
STARTS = date(2026, 3, 9)

PROGRAMME = """
title: Press line
audience: public
join_days: 10
phases:
  - name: before
    days: 7
    cadence: quick.yaml
    goal: Everybody has met the first steps.
    recall: 40
    introductions:
      - {day: 1, at: "10:00"}
    polls:
      - {day: 2, at: "10:00", ask: "Which part are you least sure of?", options: [Isolating, Trying out], hours: 24}
  - name: during
    days: 14
    cadence: slow.yaml
    goal: Everybody can say every step.
    events:
      - {title: "Press line, live", hashtag: presslive, day: 3, at: "14:00", announce_days: 2, remind_hours: [1]}
    quizzes:
      - {day: 4, at: "11:00", file: round.yaml}
    assessment: 12
  - name: after
    days: 14
    cadence: quick.yaml
    caps: {a_week: 1}
"""
_CADENCE = """
slots:
{slots}
quiet_hours: {{from: "20:00", until: "07:00"}}
caps: {{a_day: 6, a_week: 40, new_a_week: 9}}
reveal: no
forms: [reminder]
policy: wrr-edf
"""
ROUND = """
title: Press round
confidentiality: public
minutes: 5
teams: [red, blue]
questions:
  - nugget: lockout/why-lockout
  - nugget: lockout/own-lock
"""


def write_programme(folder: Path, text: str = PROGRAMME) -> Path:
    """A programme of three phases with two cadences and a quiz beside it."""
    week = "[mon, tue, wed, thu, fri, sat, sun]"
    morning = f'  - {{name: morning, at: "09:00", weekdays: {week}}}'
    noon = f'  - {{name: noon, at: "12:00", weekdays: {week}}}'
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "quick.yaml").write_text(_CADENCE.format(slots=f"{morning}\n{noon}"), "utf-8")
    (folder / "slow.yaml").write_text(
        _CADENCE.format(slots=f'  - {{name: late, at: "15:00", weekdays: {week}}}'), "utf-8"
    )
    (folder / "round.yaml").write_text(ROUND, "utf-8")
    path = folder / "press-line.yaml"
    path.write_text(text, "utf-8")
    return path


class Stage(Session):
    """The example cohort of the gathering stage, on a public account; it is Monday, 2 March 2026."""

    def load(self, folder: Path, text: str = PROGRAMME) -> Programme:
        house = self.house
        found = read_programme(write_programme(folder, text), shipped("schedules"))
        load_programme(house.database, found, actor="test", now=house.clock.now())
        return found

    def start(self, starts_on: date = STARTS) -> Run:
        house = self.house
        now = house.clock.now()
        return start_programme(house.database, "press-line", SLUG, starts_on, agreed=True, actor="test", now=now)

    def on(self, day: date, at: time = time(10, 5), *, ticks: int = 1) -> None:
        """Step to a local time, and let the daemon tick."""
        self.house.clock.step_to(datetime.combine(day, at, ZONE))
        for _ in range(ticks):
            self.house.let_pass(60)
            self.daemon.tick()
        assert not self.daemon.last_error, self.daemon.last_error

    def restart(self) -> None:
        """As after a kill: nothing that the daemon had in memory is there any more."""
        self.daemon.leave()
        self.daemon = Daemon(self.house)

    def cohort(self) -> Cohort:
        with self.house.database.read() as connection:
            return cohorts.cohort_by_slug(connection, SLUG)

    def run(self) -> Run:
        with self.house.database.read() as connection:
            found = runs.latest(connection, self.cohort().id)
        assert found is not None
        return found

    def items(self) -> dict[str, RunItem]:
        with self.house.database.read() as connection:
            return {one.name: one for one in runs.items(connection, self.run().id)}

    def handed_over(self) -> list[int]:
        """The phases (numbers) whose hand-over is on the audit log."""
        with self.house.database.read() as connection:
            return [one.detail["phase"] for one in audit.entries(connection) if one.verb == "programme.phase"]

    def slots_used(self) -> list[str]:
        """What went out in slots: "2026-03-09 morning", in order."""
        with self.house.database.read() as connection:
            there = outbox.items(connection, cohort_id=self.cohort().id, limit=1000)
        sent = [one.occurrence for one in there if one.occurrence.startswith("slot/") and one.posted_at is not None]
        return sorted(" ".join(one.split("/")[-2:]) for one in sent)


@pytest.fixture
def stage(tmp_path: Path, sqlite_shelf: SqliteShelf) -> Iterator[Stage]:
    with sqlite_shelf.open(with_procedure) as database:
        made = Stage(tmp_path, database)
        yield made
        made.close()
