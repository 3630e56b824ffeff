"""The calendar: what went out, is planned and is foreseen; a planned post is moved, moved back, cancelled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from html import escape, unescape

import pytest
import requests
from icalendar import Calendar
from playwright.sync_api import Page
from sqlalchemy import select, update

from reinforce.actions.enrolling.be_away import hold_cohort
from reinforce.store import tables as t
from tests.web.conftest import Site, console_app, served
from tests.web.forms import hidden_fields, send, signed_in
from tests.web.people import OTHER, OTHERS_POST, Town, settle
from tests.web.seeding import HOSTILE, NOW


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = settle(tmp_path_factory.mktemp("calendar") / "workspace")
    days = date(2026, 3, 10), date(2026, 3, 11)
    hold_cohort(made.seeded.database, "press-shop", *days, "stocktaking", actor="test", now=NOW)
    yield made
    made.seeded.database.close()


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


@pytest.fixture
def author(town: Town) -> Iterator[requests.Session]:
    with signed_in(town, "author here") as session:
        yield session


def _planned(town: Town) -> tuple[int, str]:
    """The planned post, and when it is due in Berlin."""
    with town.seeded.database.read() as connection:
        row = connection.execute(select(t.outbox.c.id, t.outbox.c.due_at).where(t.outbox.c.state == "planned")).one()
    return row.id, f"{row.due_at + timedelta(hours=1):%Y-%m-%dT%H:%M}"


def _send(session: requests.Session, place: Site, path: str, **fields: object) -> requests.Response:
    return send(session, place.url, path, page="/calendar?view=list&from=2026-03-04", **fields)


def test_a_month_shows_what_was_is_planned_and_is_foreseen_and_why_days_stay_empty(
    place: Site, author: requests.Session
) -> None:
    first = author.get(f"{place.url}/calendar?cohort=press-shop&from=2026-03-04", timeout=10).text
    assert "is being worked out" in first, "a page does not wait for the plan"
    assert 'foreseen=yes">Show it</a>' in first
    page = author.get(f"{place.url}/calendar?cohort=press-shop&from=2026-03-04&foreseen=yes", timeout=20).text
    for kind in ("posted", "planned", "doubt", "refused", "foreseen"):
        assert f'class="entry {kind}"' in page
    for told in ("answers change it", "on hold: stocktaking", "a holiday: Good Friday", "clocks go forward 60 min"):
        assert told in page
    again = author.get(f"{place.url}/calendar?cohort=press-shop&from=2026-03-04", timeout=10).text
    assert 'class="entry foreseen"' in again, "what was worked out is at hand"
    assert HOSTILE not in author.get(f"{place.url}/calendar?view=list&from=2026-03-01", timeout=10).text
    week = author.get(f"{place.url}/calendar?view=week&from=2026-03-04", timeout=10).text
    assert "<small>quiet</small>" in week
    assert author.get(f"{place.url}/calendar?from=burn&view=burn", timeout=10).status_code == 200


def test_cohorts_of_an_account_stand_side_by_side_for_those_who_see_them(place: Site, town: Town) -> None:
    beside = f"{place.url}/calendar?cohort=press-shop&view=week&beside=yes&from=2026-03-04"
    page = town.people["viewer"].get(beside).text
    assert "Paint shop" in page
    assert "of 12</td>" in page, "how many of the account's posts a day"
    assert "Move" not in page
    own = town.people["viewer here"].get(beside).text
    assert "Paint shop" not in own
    assert OTHERS_POST not in town.people["viewer here"].get(f"{place.url}/calendar?view=list&beside=yes").text
    assert town.people["viewer here"].get(f"{place.url}/calendar?cohort={OTHER}").status_code == 404


def test_a_post_is_moved_and_moved_back(place: Site, town: Town, author: requests.Session) -> None:
    post, was = _planned(town)
    page = author.get(f"{place.url}/calendar?view=list&from=2026-03-04", timeout=10).text
    fence = re.search(rf'/calendar/{post}/move">.*?name="fence" value="(\d+)"', page, re.S)
    assert fence is not None
    done = _send(author, place, f"/calendar/{post}/move", to="2026-03-04T15:30", fence=fence[1], back="2026-03-04")
    assert "goes out on Wed 4 Mar at 15:30" in done.text
    assert _planned(town) == (post, "2026-03-04T15:30")
    stale = _send(author, place, f"/calendar/{post}/move", to="2026-03-05T12:30", fence=fence[1], back="2026-03-05")
    assert stale.status_code == 422
    assert "was moved or tried since you looked" in stale.text
    undo = re.search(r'<form method="post" action="(/calendar/\d+/move)">(.*?)</form>', done.text, re.S)
    assert undo is not None
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', undo[2]))
    del fields["token"]
    back = _send(author, place, undo[1], **fields)
    assert back.status_code == 200, re.findall(r"role=\"alert\".*", back.text)
    assert _planned(town) == (post, was)


def test_a_time_that_a_rule_forbids_is_told_beside_what_was_typed(
    place: Site, town: Town, author: requests.Session
) -> None:
    post, was = _planned(town)
    for to, told in (
        ("2026-03-05T19:30", "quiet hours"),
        ("2026-03-10T11:00", "on hold: stocktaking"),
        ("2026-03-01T11:00", "has passed"),
        ("soon", "is no time"),
    ):
        answer = _send(author, place, f"/calendar/{post}/move", to=to, back="2026-03-04")
        assert answer.status_code == 422, to
        assert told in answer.text
        assert f'value="{to}"' in answer.text
    assert _planned(town) == (post, was)


def test_a_hold_that_is_set_on_the_calendar_leads_back_to_it(place: Site, town: Town, author: requests.Session) -> None:
    page = author.get(f"{place.url}/calendar?view=week&from=2026-04-20", timeout=10).text
    back = unescape(re.findall(r'name="back" value="([^"]*)"', page)[0])
    hold = {"first": "2026-04-20", "last": "2026-04-21", "reason": "stocktaking"}
    wrong = _send(author, place, "/cohorts/press-shop/hold", **hold | {"last": "2026-04-19"}, back=back)
    assert wrong.status_code == 422
    assert f'name="back" value="{escape(back)}"' in wrong.text, "mended there, it still leads back"
    held = _send(author, place, "/cohorts/press-shop/hold", **hold, back=back)
    assert held.url == place.url + back
    assert "is on hold from 2026-04-20" in held.text
    lifted = _send(author, place, "/cohorts/press-shop/lift", **hidden_fields(held.text))
    assert lifted.url == place.url + back
    elsewhere = _send(author, place, "/cohorts/press-shop/hold", **hold, back="//evil.example/calendar?")
    assert elsewhere.url == f"{place.url}/cohorts/press-shop/dates"
    assert _send(author, place, "/cohorts/press-shop/lift", **hidden_fields(elsewhere.text)).status_code == 200


def test_another_cohorts_post_and_a_reply_to_a_person_are_not_there(
    place: Site, town: Town, author: requests.Session
) -> None:
    with town.seeded.database.write() as connection:
        reply = connection.execute(select(t.outbox.c.id).where(t.outbox.c.state == "refused")).scalar_one()
        inbound = connection.execute(select(t.inbound.c.id).limit(1)).scalar_one()
        connection.execute(update(t.outbox).where(t.outbox.c.id == reply).values(inbound_id=inbound))
    for post in (town.other_post, reply, 999):
        assert _send(author, place, f"/calendar/{post}/move", to="2026-03-05T11:30").status_code == 404
        assert _send(author, place, f"/calendar/{post}/cancel").status_code == 404


def test_the_file_holds_what_is_planned_foreseen_and_dated_as_far_as_one_sees(
    place: Site, town: Town, author: requests.Session
) -> None:
    answer = author.get(f"{place.url}/calendar.ics?cohort=press-shop&beside=yes", timeout=30)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "press-shop.ics" in answer.headers["Content-Disposition"]
    found = {str(one["summary"]): one for one in Calendar.from_ical(answer.content).walk("VEVENT")}
    planned = found["Press shop: reminder: Stop it the normal way"]
    assert str(planned["status"]) == "CONFIRMED"
    assert f"{planned.decoded('dtstart') + timedelta(hours=1):%Y-%m-%dT%H:%M}" == _planned(town)[1]
    guesses = [one for name, one in found.items() if name.endswith("(foreseen)")]
    assert guesses
    assert {str(one["status"]) for one in guesses} == {"TENTATIVE"}
    assert found["Press shop: on hold (stocktaking)"].decoded("dtend") == date(2026, 3, 12), "the day after its last"
    assert found["Press shop: assessment"].decoded("dtstart") == date(2026, 3, 6)
    assert "Paint shop" not in answer.text
    again = author.get(f"{place.url}/calendar.ics?cohort=press-shop", timeout=30).content
    names = [str(one["uid"]) for one in Calendar.from_ical(again).walk("VEVENT")]
    assert len(set(names)) == len(names)
    assert {str(one["uid"]) for one in found.values()} <= set(names), "the same entry bears the same name again"


def test_a_browser_gets_what_is_foreseen_by_itself_and_goes_on_by_a_key(
    site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{site.url}/calendar", "phone")
    page.wait_for_selector("#days .entry.foreseen")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.keyboard.press("n")
    page.wait_for_selector("h2:has-text('April 2026')")


def test_a_post_is_cancelled_after_it_was_said_what_that_means(
    place: Site, town: Town, author: requests.Session
) -> None:
    post, _ = _planned(town)
    page = author.get(f"{place.url}/calendar?view=list&from=2026-03-04", timeout=10).text
    assert "Its slot becomes free" in page
    done = _send(author, place, f"/calendar/{post}/cancel", reason="the press is being rebuilt")
    assert f"Post {post} is cancelled." in done.text
    again = _send(author, place, f"/calendar/{post}/cancel")
    assert again.status_code == 422
    assert "withdrawn any more" in again.text
