"""The tour from its first step to its last, against a real practice account and a real daemon."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from reinforce.store import tables as t
from reinforce.store.reporting.console.status import house_status
from tests.web.conftest import served
from tests.web.stage import Stage

Open = Callable[..., Page]
pytestmark = pytest.mark.browser


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A rehearsal with eight linked learners on a Monday morning; nothing has gone out yet."""
    made = Stage(tmp_path)
    with made.practice:
        made.enroll()
        yield made
    made.house.close()


@pytest.fixture
def tour(stage: Stage) -> Iterator[str]:
    """The address of its tour page."""
    with served(stage.console()) as url:
        yield f"{url}/tour"


def _replies_sent(stage: Stage) -> int:
    with stage.house.database.read() as connection:
        query = select(func.count()).where(t.outbox.c.inbound_id.is_not(None))
        return int(connection.execute(query).scalar_one())


def test_a_visitor_is_led_from_the_first_post_to_the_stop(stage: Stage, tour: str, open_page: Open) -> None:
    page = open_page(tour)
    expect(page.get_by_role("heading", level=2).first).to_have_text("1. A post appears")
    expect(page.locator(".tour-step")).to_contain_text("No post yet.")

    page.get_by_role("button", name="Next post").click()
    post = stage.until_posted("question")
    page.goto(tour)
    step = page.locator(".tour-step")
    expect(step).to_contain_text(post.reason)
    expect(step).to_contain_text("$0.015")
    expect(page.frame_locator("iframe").locator("body")).to_contain_text(post.text.splitlines()[0])
    page.get_by_role("button", name="I've seen it, next step").click()

    expect(page.get_by_role("heading", level=2).first).to_have_text("2. Answer it wrongly")
    page.get_by_role("button", name="Bring me a question").click()
    expect(page.locator(".note.care")).to_contain_text("Time stands still for your answer")
    person = page.get_by_label("You are").locator("option").first.inner_text()
    page.get_by_role("button", name="Reply").click()
    expect(page.locator(".tour-step")).to_contain_text("The daemon reads it within a few seconds")
    stage.tick()
    step = page.locator(".tour-step")
    expect(step).to_contain_text("Read as answer", timeout=9000)
    expect(step).to_contain_text("not yet")
    expect(step).to_contain_text("Nothing public follows.")
    expect(step).to_contain_text("Posts that name them: 0")
    assert _replies_sent(stage) == 0

    page.goto(f"{tour}?step=3")
    expect(page.locator(".figures")).to_contain_text("after a right one it would be")
    _before, after, if_right = (int(text.split()[0]) for text in page.locator(".figures dd").all_inner_texts())
    assert after < if_right
    expect(page.locator(".compare tbody tr").nth(4)).to_be_visible()
    page.get_by_role("button", name="I've seen it, next step").click()

    expect(page.get_by_role("heading", level=2).first).to_have_text("4. Say stop")
    expect(page.get_by_label("You are").locator("option:checked")).to_have_text(re.compile(re.escape(person[:8])))
    page.get_by_role("button", name="Reply").click()
    stage.tick()
    step = page.locator(".tour-step")
    expect(step).to_contain_text("It holds.", timeout=9000)
    expect(step).to_contain_text("The plan now counts 7 of 8 learners.")
    expect(page.locator(".rail .done")).to_have_count(4, timeout=9000)
    assert _replies_sent(stage) == 0


if os.environ.get("REINFORCE_SOAK"):  # the kill itself is tested at every point in tests/acceptance

    def test_a_daemon_killed_in_mid_send_leaves_one_post(stage: Stage, tour: str, open_page: Open) -> None:
        page = open_page(f"{tour}?step=5")
        expect(page.get_by_role("button", name="Kill the daemon")).to_be_disabled()
        with stage.daemon_process() as first:
            stage.wait_until("a daemon is alive", lambda: _daemon_alive(stage))
            page.reload()
            page.goto(f"{tour}?step=2")
            page.get_by_role("button", name="Bring me a question").click()
            expect(page.get_by_label("Your answer")).not_to_have_value("")
            before = stage.house.clock.now()
            page.get_by_role("button", name="Resume").click()
            page.goto(f"{tour}?step=5")
            assert stage.house.clock.now() > before
            page.get_by_role("button", name="Kill the daemon").click()
            expect(page.locator(".story")).to_contain_text(f"Daemon {first.pid} killed", timeout=40_000)
            assert first.wait(10) == -signal.SIGKILL
        expect(page.locator(".story")).to_contain_text("Waiting for reinforce up to start a new daemon")
        with stage.daemon_process() as second:
            expect(page.locator(".story")).to_contain_text(f"Daemon {second.pid} started", timeout=30_000)
            expect(page.locator(".tour-step .note.good")).to_have_text(
                "This text stands on the timeline once.", timeout=60_000
            )
        text = page.locator(".quoted").inner_text()
        assert stage.practice.state()["texts"][text] == 1
        assert not stage.practice.control("GET", "/faults")["faults"]


def test_pause_holds_everything_until_resume(stage: Stage, tour: str, open_page: Open) -> None:
    page = open_page(tour)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".note")).to_contain_text("Paused.")
    with stage.house.database.read() as connection:
        assert all(account.halted for account in house_status(connection).accounts)
    stage.house.clock.step_to(stage.house.clock.now() + timedelta(hours=3))
    stage.daemon.tick()
    assert stage.practice.state()["texts"] == {}
    expect(page.get_by_role("button", name="Next post")).to_have_count(0)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    stage.until_posted("question")


def test_next_post_moves_time_to_the_next_slot_and_no_further(stage: Stage, tour: str, open_page: Open) -> None:
    page = open_page(tour)
    page.get_by_role("button", name="Next post").click()
    expect(page.get_by_role("status")).to_contain_text("Mon 2 Mar 09:00")
    stage.daemon.tick()
    assert len(stage.practice.state()["texts"]) == 1


def test_pasted_steps_are_shown_as_posts_with_their_faults_and_the_monthly_cost(
    stage: Stage, tour: str, open_page: Open
) -> None:
    page = open_page(f"{tour}?step=6", "phone")
    steps = [
        "1. Tell everyone on the line.",
        "2) See https://example.com/lockout first.",
        "- " + "Lock it and keep the key. " * 20,
        "• Ask @pat_m when unsure <b>now</b>.",
        "Step 5: Try to start it.",
    ]
    page.get_by_label("Your steps").fill("\n\n".join(steps))
    page.get_by_role("button", name="Show them as posts").click()
    posts = page.locator("article.post")
    expect(posts).to_have_count(5)
    expect(posts.nth(0)).to_contain_text("Tell everyone on the line.")
    expect(posts.nth(0)).not_to_contain_text("1.")
    expect(posts.nth(1)).to_contain_text("$0.20 instead of $0.015")
    expect(posts.nth(2)).to_contain_text("280 fit")
    expect(posts.nth(3)).to_contain_text("mentions @pat_m")
    expect(posts.nth(3)).to_contain_text("<b>now</b>")
    expect(posts.nth(4)).to_contain_text("Try to start it.")
    expect(page.locator(".tour-step")).to_contain_text("3 of 5 could go out as they are.")
    expect(page.locator(".tour-step")).to_contain_text(re.compile(r"About \$\d+\.\d\d a month"))
    expect(page.get_by_label("Your steps")).to_have_value("\n\n".join(steps))
    with stage.house.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(t.procedure)).scalar_one() == 1


def test_the_place_on_the_tour_survives_a_restart_of_the_console(stage: Stage, open_page: Open) -> None:
    stage.until_posted("question")
    with served(stage.console()) as url:
        page = open_page(f"{url}/tour")
        page.get_by_role("button", name="I've seen it, next step").click()
        expect(page.locator(".rail .done")).to_have_count(1)
        page.close()
    with served(stage.console()) as url:
        page = open_page(f"{url}/tour")
        expect(page.locator(".rail .done")).to_have_count(1)
        page.get_by_role("button", name="Begin the tour again").click()
        expect(page.locator(".rail .done")).to_have_count(0)


def test_the_buttons_say_what_is_missing(stage: Stage, tour: str) -> None:
    session = requests.Session()
    token = re.search(r'name="token" value="(\w+)"', session.get(tour, timeout=5).text)
    assert token is not None

    def press(button: str, **fields: str) -> str:
        answer = session.post(f"{tour}/{button}", data={"token": token[1], **fields}, timeout=30)
        assert answer.status_code == 409
        return answer.text

    assert "no question stands on the timeline yet" in press("answer", learner="1", text="A")
    assert "there is no such linked learner" in press("stop", learner="999", text="stop")
    assert "no daemon gave a sign of life" in press("crash")
    assert "no daemon gave a sign of life" in press("question")
    stage.until_posted("question")
    assert "the reply is empty" in press("answer", learner="1", text="  ")
    stage.practice.stop()
    assert "the practice account does not answer" in press("answer", learner="1", text="A")


def test_a_live_workspace_has_no_tour(stage: Stage, tour: str) -> None:
    with stage.house.database.write() as connection:
        connection.execute(t.workspace.update().values(rehearsal=False))
    assert requests.get(tour, timeout=5).status_code == 404
    assert "/tour" not in requests.get(tour.removesuffix("/tour"), timeout=5).text


def _daemon_alive(stage: Stage) -> bool:
    with stage.house.database.read() as connection:
        return house_status(connection).daemon is not None
