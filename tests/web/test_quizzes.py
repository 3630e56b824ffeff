"""The quiz room: made, looked through, started and closed; live for the whole room, by name for facilitators alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select, update

from reinforce.domain.quizzing.quiz import QuizState
from reinforce.store import tables as t
from reinforce.store.quizzing import quizzes
from tests.web.conftest import Site, console_app, served
from tests.web.dialogue import play
from tests.web.forms import send, signed_in
from tests.web.people import OTHER, Town, settle
from tests.web.seeding import NOW

FILE = """title: Lockout quiz
minutes: 5
teams: [red, blue]
questions:
  - question: {ask: "What takes the locks?", answer: [hasp]}
"""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = settle(tmp_path / "workspace")
    with made.seeded.database.write() as connection:
        play(connection, quizzes.quiz_by_slug(connection, "press-shop"), made.seeded.learner_ids)
    yield made
    made.seeded.database.close()


@pytest.fixture
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


@pytest.fixture
def desk(town: Town) -> requests.Session:
    return signed_in(town, "facilitator here")


def _state(town: Town, slug: str) -> QuizState:
    with town.seeded.database.read() as connection:
        return quizzes.quiz_by_slug(connection, slug).state


def _quiet(town: Town) -> None:
    """No round is under way."""
    with town.seeded.database.write() as connection:
        connection.execute(update(t.quiz).values(state="cancelled"))


def test_the_room_shows_the_open_question_the_answers_and_the_best_teams_and_names_nobody(
    place: Site, town: Town, desk: requests.Session
) -> None:
    for address in ("/quizzes/press-shop", "/quizzes/press-shop?wide=1"):
        for person in ("viewer here", "author", "operator"):
            text = signed_in(town, person).get(place.url + address, timeout=10).text
            assert "What is number 2 of press-shop?" in text
            assert "8 min left" in text
            assert '<strong class="big">3</strong> answers to question 2' in text
            assert "<td>red</td>" in text
            assert "<td>blue</td>" not in text, "its right answer is to a question that is open"
            assert [one for one in ("wrong", "E0", "E3", "learner_", "tiny", "For you alone") if one in text] == []
    wide = desk.get(f"{place.url}/quizzes/press-shop?wide=1", timeout=10).text
    assert [one for one in ("wrong", "E0", "tiny", "For you alone", "Inbox") if one in wide] == []
    own = desk.get(f"{place.url}/quizzes/press-shop", timeout=10).text
    assert [one for one in ("wrong", "E0", "E3", "tiny", "For you alone", "hasp") if one not in own] == []


def test_an_open_questions_answer_is_told_to_nobody_but_facilitators(place: Site, town: Town) -> None:
    with town.seeded.database.write() as connection:
        connection.execute(delete(t.quiz_post).where(t.quiz_post.c.kind == "quiz_reveal"))
    for address in ("/quizzes/press-shop", "/quizzes/press-shop?wide=1"):
        text = signed_in(town, "viewer here").get(place.url + address, timeout=10).text
        assert "hasp" not in text
        assert "<td>red</td>" not in text, "no answer is out, so no points are told"


def test_what_did_not_change_costs_an_empty_answer(place: Site, town: Town, desk: requests.Session) -> None:
    for address in ("/quizzes/press-shop?part=room", "/quizzes/press-shop?wide=1&part=room"):
        first = desk.get(place.url + address, timeout=10)
        assert "<html" not in first.text
        again = desk.get(place.url + address, headers={"If-None-Match": first.headers["ETag"]}, timeout=10)
        assert (again.status_code, again.content) == (304, b"")


def test_a_round_is_drawn_looked_through_and_started(place: Site, town: Town, desk: requests.Session) -> None:
    _quiet(town)
    made = send(desk, place.url, "/quizzes/draw", cohort="press-shop", title="Friday quiz", count="3")
    assert "Friday quiz is made: 3 questions, 3 of them on nuggets." in made.text
    assert "Every post as it would go out" in made.text
    assert "no teams yet" in made.text
    assert "Throw it away" in made.text
    viewer = signed_in(town, "viewer here").get(f"{place.url}/quizzes/friday-quiz", timeout=10).text
    assert "It has not begun." in viewer
    assert "Every post as it would go out" not in viewer
    refused = send(desk, place.url, "/quizzes/friday-quiz/start")
    assert (refused.status_code, "has no teams" in refused.text) == (422, True)
    with town.seeded.database.write() as connection:
        connection.execute(update(t.enrollment).values(team="red"))
    assert "is no date and time" in send(desk, place.url, "/quizzes/friday-quiz/start", at="soon").text
    started = send(desk, place.url, "/quizzes/friday-quiz/start", at="2026-03-04T11:00")
    assert "Friday quiz is started." in started.text
    with town.seeded.database.read() as connection:
        assert quizzes.quiz_by_slug(connection, "friday-quiz").starts_at == NOW + timedelta(minutes=30)
    assert send(desk, place.url, "/quizzes/friday-quiz/cancel").status_code == 200
    assert _state(town, "friday-quiz") is QuizState.CANCELLED


def test_a_round_is_made_of_a_file_and_a_fault_names_its_line(place: Site, town: Town, desk: requests.Session) -> None:
    def give(content: str, cohort: str = "press-shop") -> requests.Response:
        files = {"file": ("../../friday.yaml", content.encode(), "application/yaml")}
        return send(desk, place.url, "/quizzes/upload", cohort=cohort, files=files)

    bad = give(FILE.replace("ask:", "aks:"))
    assert bad.status_code == 422
    assert "friday.yaml:5:" in bad.text
    assert str(town.seeded.folder) not in bad.text
    assert "Lockout quiz is made: 1 question" in give(FILE).text
    assert "there is a quiz friday already" in give(FILE).text
    assert send(desk, place.url, "/quizzes/upload", cohort="press-shop").status_code == 422
    assert list((town.seeded.folder / "uploads").glob("*/*")) == []
    assert give(FILE, OTHER).status_code == 404


def test_a_round_is_closed_and_none_of_others_is_touched(place: Site, town: Town, desk: requests.Session) -> None:
    assert "closes." in send(desk, place.url, "/quizzes/press-shop/close").text
    assert send(desk, place.url, "/quizzes/press-shop/close").status_code == 409
    for act in ("start", "close", "cancel"):
        assert send(desk, place.url, f"/quizzes/{OTHER}/{act}").status_code == 404
    assert send(desk, place.url, "/quizzes/draw", cohort=OTHER, title="x", count="3").status_code == 404
    assert send(desk, place.url, "/quizzes/draw", cohort="press-shop", title="x", count="none").status_code == 422
    assert _state(town, OTHER) is QuizState.RUNNING
    assert send(signed_in(town, "viewer"), place.url, "/quizzes/press-shop/cancel").status_code == 403
    assert OTHER not in desk.get(f"{place.url}/quizzes", timeout=10).text


@pytest.mark.browser
def test_the_room_moves_by_itself_and_says_what_changed(
    place: Site, town: Town, open_page: Callable[..., Page], axe: str
) -> None:
    person: dict[str, Any] = town.people["viewer here"].cookies
    page = open_page("about:blank", "desk")
    page.context.add_cookies([{"name": name, "value": value, "url": place.url} for name, value in person.items()])
    page.goto(f"{place.url}/quizzes/press-shop?wide=1")
    expect(page.locator(".big")).to_have_text("3")
    page.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    with town.seeded.database.write() as connection:
        newest = select(t.quiz_answer.c.id).order_by(t.quiz_answer.c.id.desc()).limit(1).scalar_subquery()
        connection.execute(delete(t.quiz_answer).where(t.quiz_answer.c.id == newest))
        connection.execute(update(t.quiz).where(t.quiz.c.slug == "press-shop").values(stop_at=NOW))
    expect(page.locator(".big")).to_have_text("2", timeout=9000)
    expect(page.locator("#aloud")).to_contain_text("Question 2 is")
