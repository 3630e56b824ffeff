"""Questions on the console: the queue by due time, an answer looked at and sent once, what can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select, update

from reinforce.domain.answering.inquiry import Inquiry
from reinforce.store import tables as t
from reinforce.store.answering import inquiries
from tests.web.conftest import Site, console_app, served
from tests.web.dialogue import ask
from tests.web.forms import hidden, send, signed_in
from tests.web.people import OTHERS_NAME, OTHERS_WORDS, Town, settle
from tests.web.seeding import HOSTILE, NOW

STEAM = "what about the steam line?"
SAID = "The steam line has its own valve: shut it, then bleed it."


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = settle(tmp_path / "workspace")
    with made.seeded.database.write() as connection:
        for name, initials in (("facilitator here", "FH"), ("anna", "AB")):
            values = {"name": name, "initials": initials, "channel": "none", "address": "", "created_at": NOW}
            connection.execute(insert(t.facilitator).values(values))
        connection.execute(update(t.inbound).values(mentions_us=True))
    yield made
    made.seeded.database.close()


@pytest.fixture
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


@pytest.fixture
def desk(town: Town) -> requests.Session:
    return signed_in(town, "facilitator here")


def _inquiry(town: Town, number: int) -> Inquiry:
    with town.seeded.database.read() as connection:
        return inquiries.inquiry(connection, number)


def test_the_queue_shows_what_is_overdue_first_and_says_so(place: Site, town: Town, desk: requests.Session) -> None:
    with town.seeded.database.write() as connection:
        late = ask(connection, 1, town.seeded.cohort_id, due_at=NOW - timedelta(hours=2))
        ask(connection, 4, town.seeded.cohort_id, due_at=NOW + timedelta(days=1), due_soon_at=NOW + timedelta(hours=9))
    text = desk.get(f"{place.url}/questions", timeout=10).text
    assert f"Question {late}</h2>" in text
    assert "1 overdue." in text
    assert '<strong class="tag tag-stop">overdue</strong>' in text
    assert text.index(f'href="/questions/{late}" data-item') < text.index(f'/questions/{town.questions[0]}" data-item')
    assert '<span class="visually-hidden"> waiting</span>' in text
    assert "1 late" in text
    assert HOSTILE not in text
    for hidden_away in (OTHERS_NAME, OTHERS_WORDS):
        assert hidden_away not in text
    assert "Nobody waits" not in text
    assert "No question fits." in desk.get(f"{place.url}/questions?show=closed", timeout=10).text
    assert "No question fits." in desk.get(f"{place.url}/questions?mine=yes", timeout=10).text


def test_an_answer_is_shown_as_it_will_be_said_before_it_is_sent(
    place: Site, town: Town, desk: requests.Session
) -> None:
    number = town.questions[0]
    look = send(desk, place.url, f"/questions/{number}/check", text=SAID, initials="FH")
    assert (look.status_code, "<html" in look.text) == (200, False)
    assert "as a reply" in look.text
    assert "^FH" in look.text
    assert "$0.01" in look.text
    assert f"{len(SAID)} of 250" in look.text
    with town.seeded.database.write() as connection:
        connection.execute(update(t.inbound).values(mentions_us=False))
    assert (
        "as a post of its own that names nobody" in send(desk, place.url, f"/questions/{number}/check", text=SAID).text
    )
    assert "51 too many" in send(desk, place.url, f"/questions/{number}/check", text="x" * 301).text
    assert _inquiry(town, number).state == "open"


def test_a_button_pressed_twice_answers_once_and_the_answer_can_be_taken_back(
    place: Site, town: Town, desk: requests.Session
) -> None:
    number = town.questions[0]
    page = desk.get(f"{place.url}/questions/{number}", timeout=10).text
    fields = {"text": SAID, "initials": "fh", "standing": hidden(page, "standing")}
    first = send(desk, place.url, f"/questions/{number}/answer", **fields)
    assert f"Question {number} is answered." in first.text
    assert f'action="/questions/{number}/reopen"' in first.text
    answered = _inquiry(town, number)
    assert (answered.state, answered.answer, answered.initials) == ("answered", SAID, "FH")
    again = send(desk, place.url, f"/questions/{number}/answer", **fields)
    assert again.status_code == 200
    assert _inquiry(town, number) == answered
    with town.seeded.database.read() as connection:
        actions = connection.execute(select(t.audit.c.verb).where(t.audit.c.verb == "question.answered")).all()
    assert len(actions) == 1
    other = send(desk, place.url, f"/questions/{number}/answer", **(fields | {"text": "Ask the fitter."}))
    assert other.status_code == 422
    assert "somebody else dealt with question" in other.text
    assert "Ask the fitter." in other.text
    assert "waits again" in send(desk, place.url, f"/questions/{number}/reopen").text
    assert _inquiry(town, number).state == "open"


def test_what_can_not_be_said_stays_in_its_field_with_the_reason(
    place: Site, town: Town, desk: requests.Session
) -> None:
    number = town.questions[0]
    for text, why in (("Ask Ben Okafor.", "names somebody"), ("Ask @somebody.", "mentions @somebody"), ("", "needs a")):
        said = send(desk, place.url, f"/questions/{number}/answer", text=text, about="Steam?")
        assert (said.status_code, why in said.text, text in said.text) == (422, True, True), text
    assert (
        "can&#39;t be initials" in send(desk, place.url, f"/questions/{number}/answer", text=SAID, initials="12").text
    )
    assert _inquiry(town, number).state == "open"


def test_a_question_is_taken_given_away_closed_and_opened_again(
    place: Site, town: Town, desk: requests.Session
) -> None:
    number = town.questions[0]
    page = desk.get(f"{place.url}/questions/{number}", timeout=10).text
    assert 'data-key="t">Take it' in page
    assert (
        "facilitator here’s now." in send(desk, place.url, f"/questions/{number}/assign", name="facilitator here").text
    )
    assert STEAM in desk.get(f"{place.url}/questions?mine=yes", timeout=10).text
    assert "anna has it" in send(desk, place.url, f"/questions/{number}/assign", name="anna").text
    assert send(desk, place.url, f"/questions/{number}/assign", name="zoe").status_code == 404
    closed = send(desk, place.url, f"/questions/{number}/close", reason="said on the shop floor")
    assert "is closed without an answer" in closed.text
    assert (_inquiry(town, number).state, _inquiry(town, number).outcome) == ("closed", "said on the shop floor")
    send(desk, place.url, f"/questions/{number}/reopen")
    assert _inquiry(town, number).state == "open"


def test_an_answer_becomes_a_nugget_of_a_procedure_that_nobody_else_learns(
    place: Site, town: Town, desk: requests.Session
) -> None:
    number = town.questions[0]
    send(desk, place.url, f"/questions/{number}/answer", text=SAID)
    nugget = {"procedure": "lockout", "title": "The steam line", "wordings": f"{SAID}\nShut the steam valve."}
    assert "no procedure of yours" in send(desk, place.url, f"/questions/{number}/nugget", **nugget).text
    everywhere = signed_in(town, "facilitator")
    made = send(everywhere, place.url, f"/questions/{number}/nugget", **nugget)
    assert "is a nugget of lockout now, with 2 wordings." in made.text
    assert "It has become the nugget “The steam line”." in made.text


def test_nothing_is_done_about_a_question_of_others(place: Site, town: Town, desk: requests.Session) -> None:
    theirs = town.questions[1]
    for act in ("check", "answer", "assign", "close", "reopen", "nugget"):
        assert send(desk, place.url, f"/questions/{theirs}/{act}", text="Yes.", name="anna").status_code == 404, act
    here = town.questions[0]
    assert send(desk, place.url, f"/questions/{here}/reopen", others=str(theirs)).status_code == 404
    assert _inquiry(town, theirs).state == "open"
    assert send(signed_in(town, "author"), place.url, f"/questions/{here}/close").status_code == 403


@pytest.mark.browser
def test_the_queue_is_worked_with_the_keyboard(place: Site, town: Town, open_page: Callable[..., Page]) -> None:
    with town.seeded.database.write() as connection:
        ask(connection, 4, town.seeded.cohort_id, due_at=NOW + timedelta(days=1))
    cookies = [{"name": n, "value": v, "url": place.url} for n, v in town.people["facilitator here"].cookies.items()]
    page = open_page("about:blank", "phone")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(f"{place.url}/questions/{town.questions[0]}")
    page.keyboard.press("a")
    expect(page.get_by_label("Answer", exact=True)).to_be_focused()
    page.keyboard.type(SAID)
    expect(page.locator("#look")).to_contain_text(f"{len(SAID)} of 250")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".queue a").nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("t")
    expect(page.locator("main .told")).to_contain_text("facilitator here’s now.")
    page.keyboard.press("c")
    expect(page.get_by_label("Why")).to_be_visible()
