"""Every page, in a real browser, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect
from sqlalchemy import delete, update

from reinforce.domain.post_forms import FORMS
from reinforce.store import tables as t
from reinforce.store.reporting.console.posts import waiting
from tests.web.conftest import Site
from tests.web.seeding import HOSTILE

Open = Callable[..., Page]

PAGES = {
    "/": "Today",
    "/cohorts": "Cohorts",
    "/cohorts/press-shop": "Press shop",
    "/cohorts/press-shop/forecast": "What to expect",
    "/recall": "Recall",
    "/reports": "Report: Press shop",
    "/recall?at=assessment&sort=name&nuggets=lowest": "Recall",
    "/recall/press-shop/3/2": "Open every isolator: Ben Okafor",
    "/recall/press-shop/3/group?team=Everyone": "Open every isolator: Everyone (8)",
    "/calendar": "Calendar of Press shop",
    "/outbox": "Outbox",
    "/outbox?state=posted&cohort=press-shop&form=question": "Outbox",
    "/outbox/2": "Post 2",
    "/inbox": "Inbox",
    "/outbox?state=waiting": "Outbox",
    "/outbox/5": "Post 5",
    "/inbox?show=waiting": "Inbox",
    "/inbox/3": "Reply 3",
    "/questions": "Questions",
    "/questions/1": "Questions",
    "/quizzes": "Quizzes",
    "/quizzes/friday": "Round of friday",
    "/quizzes/friday?wide=1": "Round of friday",
    **{f"/tour?step={step}": "See it work, in seven steps" for step in range(1, 8)},
}

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_page_fits_its_screen_and_logs_no_error(site: Site, open_page: Open, size: str) -> None:
    page = open_page(site.url, size)
    for address, title in PAGES.items():
        page.goto(site.url + address)
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, address


@pytest.mark.parametrize(("scheme", "rules"), [("light", "{}"), ("dark", "{runOnly: ['color-contrast']}")])
def test_every_page_keeps_to_the_rules_of_accessibility(
    site: Site, open_page: Open, axe: str, scheme: str, rules: str
) -> None:
    page = open_page(site.url, "desk", color_scheme=scheme)
    for address in PAGES:
        page.goto(site.url + address)
        page.evaluate(axe)
        found = page.evaluate(f"axe.run(document, {rules}).then(result => result.violations)")
        told = [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]
        assert not told, f"{address}: {told}"


def test_what_people_wrote_stays_text(site: Site, open_page: Open) -> None:
    page = open_page(site.url)
    pages = ["/", "/outbox/3", "/inbox", "/inbox/4", "/recall", "/recall/press-shop/3/8", "/quizzes/friday"]
    for address in [*pages, "/tour?step=2"]:
        page.goto(site.url + address)
        assert HOSTILE in page.locator("main").inner_text() or address.startswith("/tour"), address
        assert page.title() != "owned"
        assert page.locator("img[src=x]").count() == 0


def test_every_page_can_be_walked_with_the_keyboard(site: Site, open_page: Open) -> None:
    page = open_page(site.url)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.goto(site.url + "/outbox")
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if not focused.count():
            break  # past the last of the page
        outline = focused.evaluate("element => getComputedStyle(element).outlineStyle")
        assert outline != "none"
        seen.add(focused.get_attribute("name") or focused.inner_text())
    assert {"Today", "Tour", "all", "Show", "cohort", "form"} <= seen


def test_one_post_shows_its_attempts_its_reasons_and_what_came_back(site: Site, open_page: Open) -> None:
    page = open_page(site.url + "/outbox?state=in+doubt")
    page.get_by_role("link", name="Bleed air").click()
    expect(page.locator("main")).to_contain_text("Not on the timeline after 3 complete readings.")
    expect(page.locator(".attempts")).to_contain_text("unknown")
    doubt = page.get_by_role("region", name="Is it one of these?")
    expect(doubt).to_contain_text("Bleed air, lower what is raised, wait for what turns.")
    expect(doubt).to_contain_text("Bleed air, lower what is raised: wait!")
    doubt.get_by_text("It is this one").first.click()
    expect(doubt).to_contain_text("Post 5 then counts as posted, under this id, and is not sent again.")
    page.goto(site.url + "/outbox/2")
    expect(page.locator("main")).to_contain_text("Tell everyone first as a reminder, worth 0.29")
    expect(page.locator("main")).to_contain_text("Ben Okafor")
    expect(page.locator(".choices")).to_contain_text("right")


def test_the_inbox_says_what_was_read_as_what_and_why(site: Site, open_page: Open) -> None:
    page = open_page(site.url + "/inbox?show=waiting")
    entry = page.locator(".inbox > li").filter(has_text="what about the steam line?")
    expect(entry).to_contain_text("question")
    expect(entry).to_contain_text("Ends with a question mark.")
    expect(page.locator(".inbox > li")).to_have_count(2)


def test_pages_work_without_javascript(site: Site, open_page: Open) -> None:
    page = open_page(site.url, "phone", java_script_enabled=False)
    expect(page.get_by_role("heading", name="Went out")).to_be_visible()
    page.get_by_role("link", name="Outbox").click()
    page.get_by_label("Form").select_option("question")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(site.url + "/tour?step=6")
    page.get_by_label("Your steps").fill("1. Tell everyone.\n2. Lock it.")
    page.get_by_role("button", name="Show them as posts").click()
    expect(page.locator("article.post")).to_have_count(2)


def test_what_is_alive_moves_by_itself(own_site: Site, open_page: Open) -> None:
    page = open_page(own_site.url)
    expect(page.get_by_role("region", name="Went out")).not_to_contain_text("own stop button")
    with own_site.seeded.database.write() as connection:
        post = waiting(connection, limit=1)[0]
        connection.execute(
            update(t.outbox)
            .where(t.outbox.c.id == post.id)
            .values(state="posted", posted_at=own_site.seeded.clock.now(), remote_id=5009)
        )
    expect(page.get_by_role("region", name="Went out")).to_contain_text("own stop button", timeout=9000)


def test_an_unchanged_part_costs_an_empty_answer(site: Site) -> None:
    first = requests.get(f"{site.url}/?part=live", timeout=5)
    again = requests.get(
        f"{site.url}/?part=live", headers={"If-None-Match": first.headers["ETag"]}, cookies=first.cookies, timeout=5
    )
    assert (again.status_code, again.content) == (304, b"")
    assert "<html" not in first.text


def test_an_empty_workspace_says_the_next_step_on_every_page(own_site: Site, open_page: Open) -> None:
    with own_site.seeded.database.write() as connection:
        for table in (
            t.review, t.attempt, t.quiet, t.inbound, t.outbox, t.enrollment, t.cohort_procedure, t.cohort, t.heartbeat,
        ):  # fmt: skip
            connection.execute(delete(table))
    page = open_page(own_site.url)
    expect(page.locator(".empty")).to_contain_text("reinforce load")
    for address in ("/cohorts", "/outbox", "/inbox"):
        page.goto(own_site.url + address)
        expect(page.locator(".empty").first).to_be_visible()
    for step in range(1, 8):
        page.goto(f"{own_site.url}/tour?step={step}")
        expect(page.get_by_role("heading", level=2).first).to_be_visible()


def test_a_page_that_is_not_there_says_so(site: Site) -> None:
    for address in (
        "/nothing",
        "/outbox/999",
        "/outbox/x",
        "/cohorts/none",
        "/static/0/../app.py",
        "/outbox?before=1e9",
    ):
        answer = requests.get(site.url + address, timeout=5)
        assert answer.status_code == 404, address
        assert "Traceback" not in answer.text


def test_the_outbox_is_filtered_by_every_form_there_is(site: Site) -> None:
    for form in FORMS:
        page = requests.get(f"{site.url}/outbox?form={form}", timeout=5).text
        assert f'<option value="{form}" selected>' in page


def test_every_page_is_small_and_quick(site: Site) -> None:
    for address in PAGES:
        requests.get(site.url + address, timeout=5)
        answer = requests.get(site.url + address, timeout=5)
        assert len(answer.content) < 200_000, address
        assert answer.elapsed.total_seconds() < 1.0, address
