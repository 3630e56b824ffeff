"""Rounds made, checked, started, closed and cancelled from the command line; nothing is sent here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.load import load_files
from reinforce.actions.quizzing.post_quizzes import post_quizzes
from reinforce.bootstrap import House
from reinforce.cli.house import main_group
from reinforce.content.schedule_file import find_schedule, read_schedule
from reinforce.domain.cohort import RosterRow
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.sending.outbox import State
from reinforce.settings import Settings
from reinforce.shipped import shipped
from reinforce.store.accounts import accounts
from reinforce.store.sending import outbox
from reinforce.store.session import Database
from tests.databases import copy_sqlite, migrate

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # 10:30 in Berlin
TEAMS = ("red", "red", "red", "blue", "blue", "")


def a_cohort(database: Database) -> None:
    """A cohort on an account that nobody calls here: three people are red, two blue, one is on no team."""
    migrate(database)
    with database.write() as connection:
        accounts.add_account(
            connection,
            name="acme",
            base_url="http://127.0.0.1:1",
            handle="acme_learn",
            remote_user_id=7,
            confidentiality=Confidentiality.PUBLIC,
        )
    load_files(database, (shipped("examples") / "lockout.yaml",), dry_run=False, actor="test", now=MONDAY)
    schedule = read_schedule(find_schedule("cohort-adaptive", shipped("schedules"))).content
    for slug, answers in (("press-shop", "replies"), ("pollers", "polls")):
        new = NewCohort(slug, slug, "acme", ("lockout",), zone="Europe/Berlin", answers=answers)
        create_cohort(database, new, schedule, actor="test", now=MONDAY)
    rows = [RosterRow(f"E-{n}", f"Person{n} Surname{n}", team=team, line=n) for n, team in enumerate(TEAMS, 1)]
    enroll(database, "press-shop", rows, actor="test", now=MONDAY)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A workspace with such a cohort, on Monday morning."""
    made = House(Settings(workspace=tmp_path / "workspace"))
    made.clock.step_to(MONDAY)
    made.settings.workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy_sqlite(made.settings.workspace / "reinforce.db", a_cohort)
    made.make(rehearsal=False)
    yield made
    made.close()


@pytest.fixture
def run(house: House) -> Callable[..., Result]:
    """Runs a verb; it must succeed, or fail where that is expected."""

    def reinforce(*words: str, fails: bool = False) -> Result:
        done = CliRunner().invoke(main_group, ["--workspace", str(house.settings.workspace), *words])
        assert (done.exit_code != 0) == fails, done.output
        return done

    return reinforce


def test_a_round_is_made_of_the_example_checked_and_started(run: Callable[..., Result]) -> None:
    run("quiz", "create", "press-shop", str(shipped("examples") / "lockout-quiz.yaml"))
    checked = json.loads(run("quiz", "check", "lockout-quiz", "--json").output)
    assert checked["live"]
    assert not [post for post in checked["posts"] if post["problem"]]
    assert {post["step"] for post in checked["posts"]} >= {
        "start",
        "question 10",
        "answer to question 9",
        "leaderboard",
    }
    assert checked["teams"] == {"red": 3, "blue": 2, "green": 0}
    assert "blue" in checked["findings"][0]
    assert "waiting" in run("quiz", "status", "lockout-quiz").output
    assert "blue" in run("quiz", "start", "lockout-quiz").output
    status = json.loads(run("quiz", "status", "lockout-quiz", "--json").output)
    assert (status["state"], len(status["questions"]), status["answers"]) == ("running", 10, [])
    assert "lockout-quiz" in run("quiz", "list").output
    assert "is running" in run("quiz", "start", "lockout-quiz", fails=True).output


def test_questions_are_drawn_from_nuggets_topic_after_topic(run: Callable[..., Result]) -> None:
    made = json.loads(run("quiz", "create", "press-shop", "--from-nuggets", "5", "--slug", "five", "--json").output)
    assert (made["questions"], made["evidence"]) == (5, 5)
    assert run("quiz", "create", "press-shop", fails=True)


def test_every_fault_of_a_file_is_told_with_its_line(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(
        "title: Bad\nminutes: 0\nteams: [red, red, '@eva!']\nquestions:\n  - points: 2\n"
        "  - question:\n      ask: Why?\n  - nugget: lockout/why-lockout\n    point: 1\n",
        "utf-8",
    )
    told = run("quiz", "create", "press-shop", str(file), fails=True).output
    wanted = (
        (2, '"minutes" is 0'),
        (3, "stands there twice"),
        (3, "no name of a team"),
        (5, "neither a nugget"),
        (7, "needs choices or an answer"),
        (9, 'has no key "point"'),
    )
    for line, words in wanted:
        assert [one for one in told.splitlines() if f"bad.yaml:{line}:" in one and words in one], (line, words, told)
    file.write_text("title: Bad\nquestions:\n  - nugget: lockout/nothing\n", "utf-8")
    assert "bad.yaml:3:1: there is no nugget" in run("quiz", "create", "press-shop", str(file), fails=True).output


def test_questions_of_its_own_need_a_word_that_they_are_public(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    own = "questions:\n  - question: {ask: Who takes a lock off?, answer: its owner}\n"
    file.write_text(f"title: Own\n{own}", "utf-8")
    assert "internal" in run("quiz", "create", "press-shop", str(file), fails=True).output
    file.write_text(f"title: Own\nconfidentiality: public\n{own}", "utf-8")
    run("quiz", "create", "press-shop", str(file), "--dry-run")
    assert "No round yet" in run("quiz", "list").output


def test_a_cohort_of_polls_is_asked_by_polls_and_not_scored(house: House, run: Callable[..., Result]) -> None:
    file = shipped("examples") / "lockout-quiz.yaml"
    assert "can't be a poll" in run("quiz", "create", "pollers", str(file), fails=True).output
    run("quiz", "create", "pollers", "--from-nuggets", "1", "--slug", "one")
    assert "nobody's answer can be scored" in run("quiz", "start", "one").output
    for minutes in (0, 6):
        house.clock.step_to(MONDAY.replace(minute=30 + minutes))
        _post(house)
    with house.database.read() as connection:
        asked = outbox.item_by_occurrence(connection, "quiz/1/1")
    assert asked is not None
    assert asked.poll is not None
    assert asked.poll["minutes"] == 10


def _post(house: House) -> None:
    """Plan what is due, and let all of it be out at once."""
    now = house.clock.now()
    post_quizzes(house.database, house.renderer, house.tariff, now=now)
    with house.database.write() as connection:
        for item in outbox.items(connection, states=[State.PLANNED]):
            leased = outbox.claim(connection, item, "test", timedelta(minutes=1))
            assert leased is not None
            sending = outbox.move(connection, leased, State.SENDING)
            assert sending is not None
            outbox.move(connection, sending, State.POSTED, remote_id=1000 + item.id, posted_at=now)


def test_a_live_round_does_not_begin_in_quiet_hours_unless_somebody_says_so(
    house: House, run: Callable[..., Result]
) -> None:
    run("quiz", "create", "press-shop", "--from-nuggets", "3", "--slug", "late")
    assert "quiet hours" in run("quiz", "start", "late", "--at", "2026-03-02 23:30", fails=True).output
    assert "in the past" in run("quiz", "start", "late", "--at", "2026-03-01 10:00", fails=True).output
    assert "23:30" in run("quiz", "start", "late", "--at", "2026-03-02 23:30", "--anyway").output
    _post(house)
    with house.database.read() as connection:
        assert outbox.items(connection) == ()


def test_a_round_that_is_cancelled_takes_back_what_was_not_sent(house: House, run: Callable[..., Result]) -> None:
    run("quiz", "create", "press-shop", "--from-nuggets", "3", "--slug", "gone")
    run("quiz", "start", "gone")
    post_quizzes(house.database, house.renderer, house.tariff, now=MONDAY)
    run("quiz", "cancel", "gone")
    with house.database.read() as connection:
        assert [item.state for item in outbox.items(connection)] == [State.CANCELLED]
    assert "cancelled" in run("quiz", "cancel", "gone", fails=True).output
    assert "is cancelled" in run("quiz", "close", "gone", fails=True).output


def test_a_round_closed_before_its_first_question_ends_without_one(house: House, run: Callable[..., Result]) -> None:
    run("quiz", "create", "press-shop", "--from-nuggets", "3", "--slug", "short")
    run("quiz", "start", "short")
    _post(house)
    run("quiz", "close", "short")
    _post(house)
    status = json.loads(run("quiz", "status", "short", "--json").output)
    assert (status["state"], status["note"]) == ("closed", "no question went out")


def test_the_page_names_nobody_and_tells_no_answer_that_is_not_out(
    house: House, run: Callable[..., Result], tmp_path: Path
) -> None:
    run("quiz", "create", "press-shop", "--from-nuggets", "3", "--slug", "page")
    run("quiz", "start", "page")
    _post(house)
    page = tmp_path / "page.html"
    run("quiz", "page", "page", "--out", str(page))
    text = page.read_text("utf-8")
    assert "None has closed yet." in text
    assert "Surname" not in text
