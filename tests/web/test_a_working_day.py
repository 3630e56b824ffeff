"""A day of an L&D team, from a file with faults to the report, in a real browser on a real rehearsal: practice account,
daemon, console. On phones and at desks."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from reinforce.actions.access.users import add_user
from reinforce.actions.approving.review import set_mode
from reinforce.domain.access.rights import Role
from reinforce.domain.cohort import Approval
from reinforce.domain.sending.outbox import State
from reinforce.shipped import shipped
from reinforce.store import tables as t
from reinforce.store.reporting.console.posts import PostLine, waiting
from tests.web.conftest import served
from tests.web.stage import Stage

Open = Callable[..., Page]
pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
TEAM = {"ada": Role.AUTHOR, "bea": Role.APPROVER, "finn": Role.FACILITATOR, "vera": Role.VIEWER}
AFOOT = ("finn", "vera")
# A whole day on each in `make soak`.
DEVICES = ["phone", "desk"] if os.environ.get("REINFORCE_SOAK") else ["both"]
TITLE = "Lockout/tagout of a machine"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    with made.practice:
        made.enroll()
        act = {"actor": "uid/1", "now": made.house.clock.wall()}
        for name, role in TEAM.items():
            add_user(made.house.database, name, role, password=PASSWORD, **act)  # type: ignore[arg-type]
        with made.house.database.write() as connection:
            connection.execute(update(t.enrollment).values(team="red"))
        yield made
    made.daemon.leave()
    made.house.close()


class Desk:
    """The browsers of the team: each person has one, signed in. `held`: "phone" or "desk", or "both" for who writes at
    a desk and who teaches on a phone."""

    def __init__(self, url: str, held: str, open_page: Open) -> None:
        self.url = url
        self._sizes = {name: ("phone" if name in AFOOT else "desk") if held == "both" else held for name in TEAM}
        self._open = open_page
        self._pages: dict[str, Page] = {}

    def of(self, name: str, address: str) -> Page:
        """Somebody's page at an address; it fits its screen."""
        if name not in self._pages:
            page = self._pages[name] = self._open(f"{self.url}/sign-in", self._sizes[name])
            page.get_by_label("Name").fill(name)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("Today")
        page = self._pages[name]
        page.goto(self.url + address)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, address
        return page


@pytest.mark.parametrize("held", DEVICES)
def test_a_day_from_a_file_with_faults_to_the_report(stage: Stage, open_page: Open, tmp_path: Path, held: str) -> None:
    with served(stage.console()) as url:
        desk = Desk(url, held, open_page)
        _load_and_mend(desk, tmp_path)
        _approve_as_another(stage, desk)
        _hold_and_go_on(desk)
        post = stage.until_posted("question")
        expect(desk.of("ada", f"/outbox/{post.id}").locator("main")).to_contain_text(post.text.splitlines()[0])
        _answer_a_question(stage, desk)
        _run_a_quiz(stage, desk)
        _settle(stage, desk)
        _read_the_report(desk)


def _load_and_mend(desk: Desk, folder: Path) -> None:
    whole = (shipped("examples") / "lockout.yaml").read_text("utf-8")
    file = folder / "lockout.yaml"
    file.write_text(whole.replace("importance: 2", "importance: heavy", 1), "utf-8")
    page = desk.of("ada", "/procedures")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Look what it would do").click()
    expect(page.get_by_role("alert")).to_contain_text("1 fault found; nothing was loaded.")
    expect(page.get_by_role("region", name="Faults")).to_contain_text(re.compile(r"lockout\.yaml:\d+:\d+"))
    file.write_text(whole.replace("Off is not the same as safe", "Off is not safe", 1), "utf-8")
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="Look what it would do").click()
    expect(page.get_by_role("region", name="Changes")).to_contain_text("Off is not safe")
    page.get_by_role("button", name="Load it").click()
    expect(page.get_by_role("status").filter(has_text="Loaded")).to_contain_text(f"Loaded: {TITLE}, revision 2.")


def _approve_as_another(stage: Stage, desk: Desk) -> None:
    house = stage.house
    set_mode(house.database, "press-shop", Approval.EVERYTHING, actor="uid/1", now=house.clock.now())
    page = desk.of("ada", "/approvals")
    page.get_by_label("Which texts").select_option("those of the next 7 days")
    page.get_by_role("button", name="Submit them").click()
    expect(page.locator(".told")).to_contain_text("wait for a yes now")
    expect(page.get_by_role("button", name="Approve those ticked")).to_have_count(0)
    page = desk.of("bea", "/approvals")
    boxes = page.locator('input[name="ids"]')
    for number in range(boxes.count()):
        boxes.nth(number).check()
    page.get_by_role("button", name="Approve those ticked").click()
    expect(page.locator(".told")).to_contain_text("approved.")


def _hold_and_go_on(desk: Desk) -> None:
    page = desk.of("finn", "/cohorts/press-shop/dates")
    page.get_by_label("Last day").fill("2026-03-06")
    page.get_by_label("Reason").first.fill("stocktaking")
    page.get_by_role("button", name="Hold it").click()
    expect(page.locator(".told")).to_contain_text("Press shop is on hold from 2026-03-02 to 2026-03-06.")
    page.get_by_role("button", name="Lift the hold").click()
    expect(page.locator(".told")).to_contain_text("not on hold any more")


def _answer_a_question(stage: Stage, desk: Desk) -> None:
    asked = {"as": "kim_r", "text": "@acme_reinforce what about two people at one press?", "reply_to": None}
    stage.practice.control("POST", "/acts", [asked])
    stage.tick(3)
    page = desk.of("finn", "/questions")
    expect(page.locator(".said-text").first).to_contain_text("two people at one press")
    page.keyboard.press("a")
    expect(page.get_by_label("Answer", exact=True)).to_be_focused()
    page.get_by_label("Answer", exact=True).fill("Everybody hangs their own lock. Nobody starts under another's.")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator(".told")).to_be_visible()
    stage.tick(4)
    said = [text for text in stage.practice.state()["texts"] if "hangs their own lock" in text]
    assert len(said) == 1


def _run_a_quiz(stage: Stage, desk: Desk) -> None:
    page = desk.of("finn", "/quizzes")
    page.get_by_label("What it is called on X").fill("Friday quiz")
    page.get_by_label("Questions, at most").fill("1")
    page.get_by_role("button", name="Draw it").click()
    page.get_by_text("Start it…").click()
    page.get_by_label("Also in quiet hours").check()
    page.get_by_role("button", name="Start it", exact=True).click()
    expect(page.locator(".told")).to_contain_text("Friday quiz is started.")
    stage.tick(4)
    expect(page.get_by_role("heading", name="The best teams")).to_be_visible()
    expect(desk.of("vera", "/quizzes/friday-quiz").locator("main")).not_to_contain_text("For you alone")
    page = desk.of("finn", "/quizzes/friday-quiz")
    page.get_by_text("Close it now…").click()
    page.get_by_role("button", name="Close it now", exact=True).click()
    stage.tick(4)
    expect(desk.of("finn", "/quizzes/friday-quiz").locator("main")).to_contain_text("closed")


def _held(stage: Stage) -> PostLine:
    """A post whose sending got no answer and which no reading of the timeline found."""
    clock, database = stage.house.clock, stage.house.database
    for _ in range(200):
        with database.read() as connection:
            planned = [one for one in waiting(connection, limit=5) if one.state is State.PLANNED]
        if planned:
            break
        clock.step_to(clock.now() + timedelta(minutes=20))
        stage.daemon.tick()
    with database.write() as connection:
        held = {"state": State.HELD.value, "fence": 1, "outcome": "Not on the timeline after 3 complete readings."}
        connection.execute(update(t.outbox).where(t.outbox.c.id == planned[0].id).values(**held))
    return planned[0]


def _settle(stage: Stage, desk: Desk) -> None:
    held = _held(stage)
    page = desk.of("finn", f"/outbox/{held.id}")
    page.get_by_text("Leave it", exact=True).first.click()
    page.get_by_role("button", name="Leave it", exact=True).click()
    expect(page.locator(".told")).to_contain_text(f"Post {held.id} is let go")


def _read_the_report(desk: Desk) -> None:
    page = desk.of("vera", "/reports?cohort=press-shop")
    expect(page.get_by_role("heading", level=1)).to_have_text("Report: Press shop")
    expect(page.locator("main")).to_contain_text("Measured")
    expect(page.locator("main")).not_to_contain_text("Kim Reyes")
