"""kill -9 of the daemon at each moment of a quiz round: every post stands once, and the scores are those by hand."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.load import load_files
from reinforce.actions.quizzing.create_quiz import create_quiz
from reinforce.actions.quizzing.run_quiz import start_quiz
from reinforce.actions.quizzing.show_quiz import show_quiz
from reinforce.content.quiz_file import read_quiz
from reinforce.domain.cohort import RosterRow
from reinforce.domain.sending.kill_points import KillPoint
from reinforce.shipped import shipped
from reinforce.store.people import people
from tests.acceptance.conftest import PATIENCE, Site
from tests.acceptance.test_kill_points import SHORT
from tests.warm import Child

BETWEEN_SLOTS = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TEAMS = {"red": ("ana", "ben", "cleo"), "blue": ("dora", "emil", "finn")}
QUIZ = """
title: Two questions
confidentiality: public
slug: two
minutes: 2
pause_minutes: 1
join_minutes: 1
grace_seconds: 30
hint_minutes: 1
questions:
  - question:
      ask: Who takes a lock off?
      answer: [its owner, the owner]
      hints: [Whoever hung it.]
      explanation: nobody else knows why it hangs there.
  - question:
      ask: How many keys has a lock?
      answer: [one]
      explanation: a second key is a second person who can be wrong.
    points: 2
"""
POSTS = ("quiz_start", "quiz_question", "quiz_hint", "quiz_reveal", "quiz_question", "quiz_reveal", "quiz_leaderboard")


class Round:
    """A round on a site, and the daemon of the moment."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.daemon: Child | None = None

    def begin(self, file: Path) -> None:
        """A cohort of two teams, all linked; the round is started."""
        site, house = self.site, self.site.house
        site.clock.step_to(BETWEEN_SLOTS)
        house.make(rehearsal=True)
        house.connect_account("practice", site.practice.folder / "credentials.json", None, None, print)
        load_files(
            house.database, (shipped("examples") / "lockout.yaml",), dry_run=False, actor="test", now=BETWEEN_SLOTS
        )
        new = NewCohort("press-shop", "press-shop", "practice", ("lockout",), zone="Europe/Berlin")
        create_cohort(house.database, new, house.schedule("rehearsal"), actor="test", now=BETWEEN_SLOTS)
        everybody = [(name, team) for team, names in TEAMS.items() for name in names]
        rows = [
            RosterRow(f"E-{n}", f"{name.title()} Surname", handle=f"{name}_s", team=team, line=n)
            for n, (name, team) in enumerate(everybody, start=1)
        ]
        enroll(house.database, "press-shop", rows, actor="test", now=BETWEEN_SLOTS)
        handles = [f"{name}_s" for name, _ in everybody]
        site.join_in(*handles)
        made = {
            one["handle"]: int(one["user_id"]) for one in site.practice.state()["people"] if one["handle"] in handles
        }
        with house.database.write() as connection:
            people.link_for_rehearsal(connection, made, BETWEEN_SLOTS)
        file.write_text(QUIZ, "utf-8")
        quiz = read_quiz(file)
        create_quiz(house.database, "press-shop", quiz, house.renderer, house.tariff, actor="test", now=BETWEEN_SLOTS)
        start_quiz(house.database, "two", None, actor="test", now=BETWEEN_SLOTS)

    def up(self, at: KillPoint | None = None) -> None:
        """A daemon starts; it dies at its point."""
        self.daemon = self.site.start_daemon(
            **SHORT, REINFORCE_TICK_SECONDS="0.3", **({} if at is None else {"REINFORCE_KILL_AT": at})
        )

    def dies(self) -> None:
        """The daemon of the moment has died where it was told to."""
        daemon = self.daemon
        assert daemon is not None
        self.site.wait_until("it has died", lambda: daemon.poll() is not None)
        assert daemon.wait(PATIENCE) == -signal.SIGKILL

    def is_killed(self) -> None:
        """The daemon of the moment is killed wherever it is."""
        assert self.daemon is not None
        assert self.site.stop(self.daemon, signal.SIGKILL) == -signal.SIGKILL

    def out(self, form: str, number: int = 1) -> dict[str, Any]:
        """The post of this form, once there are so many of them."""

        def posted() -> list[dict[str, Any]]:
            rows = [row for row in self.site.outbox("posted") if row["form"] == form]
            return sorted(rows, key=lambda row: int(row["id"]))

        self.site.wait_until(f"{number} {form}", lambda: len(posted()) >= number)
        return posted()[number - 1]

    def say(self, who: str, text: str, to: dict[str, Any]) -> None:
        self.site.say(f"{who}_s", text, to["remote_id"])


def test_a_round_whose_daemon_is_killed_at_every_moment_has_each_post_once_and_its_scores(
    sqlite_site: Site, tmp_path: Path
) -> None:
    site, it = sqlite_site, Round(sqlite_site)
    it.begin(tmp_path / "two.yaml")
    it.up(KillPoint.RESPONSE_READ)  # the opening post: up, and nobody knows
    it.dies()
    it.up(KillPoint.AFTER_CLAIM_COMMIT)
    it.out("quiz_start")
    site.step(seconds=61)  # question 1: claimed, not sent
    it.dies()
    it.up()
    first = it.out("quiz_question")
    site.step(seconds=10)
    it.say("dora", "the shift lead", first)
    site.step(seconds=1)
    it.say("dora", "its owner", first)  # changed: not scored
    it.say("ana", "its owner", first)  # wins
    site.step(seconds=5)
    it.say("emil", "the owner", first)  # right, and later
    it.is_killed()  # the answers: read, or not
    it.up(KillPoint.AFTER_ATTEMPT_COMMIT)
    site.wait_until("the answers are read", lambda: len(site.inbox()) == 4)
    site.step(seconds=50)  # the hint: on its way, for all that is known
    it.dies()
    it.up(KillPoint.BEFORE_PLAN_COMMIT)
    it.out("quiz_hint")
    site.step(seconds=100)  # closed: the answer is decided on, and not committed
    it.dies()
    it.up()
    it.out("quiz_reveal")
    site.step(seconds=61)
    second = it.out("quiz_question", 2)
    site.step(seconds=5)
    it.say("finn", "one", second)
    site.step(seconds=160)
    it.out("quiz_reveal", 2)
    it.is_killed()
    it.up(KillPoint.AFTER_PLAN_COMMIT)
    site.step(seconds=120)  # the leaderboard: decided on, and the round is over
    it.dies()
    it.up()
    it.out("quiz_leaderboard")
    assert it.daemon is not None
    assert site.stop(it.daemon) == 0

    said = [post["id"] for post in site.posts()]
    rows = sorted(site.outbox(), key=lambda row: int(row["id"]))
    assert Counter(row["form"] for row in rows) == Counter(POSTS)
    assert {row["state"] for row in rows} == {"posted"}
    assert sorted(said) == sorted(str(row["remote_id"]) for row in rows)
    status = show_quiz(site.house.database, "two", now=site.clock.now())
    table = sorted((one.number, one.author.removesuffix("_s"), one.ruling, one.points) for one in status.answers)
    assert table == [
        (1, "ana", "won", 1),
        (1, "dora", "repeated", 0),
        (1, "dora", "wrong", 0),
        (1, "emil", "right", 0),
        (2, "finn", "won", 2),
    ]
    assert [(one.place, one.team, one.points) for one in status.standings] == [(1, "blue", 2), (2, "red", 1)]
