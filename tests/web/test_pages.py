"""Every page, in a real browser, on a phone and on a desk."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Literal

import pytest
import requests
from playwright.sync_api import Page, expect
from sqlalchemy import delete, update

from reinforce.domain.post_forms import FORMS
from reinforce.store import tables as t
from reinforce.store.reporting.console.posts import waiting
from reinforce.web.route_rights import ROUTES
from tests.web.conftest import Site
from tests.web.seeding import COURSE, HOSTILE

Open = Callable[..., Page]
WIDER = "document.documentElement.scrollWidth > window.innerWidth"
# Contrast is all that a dark page has of its own.
SCHEMES: tuple[tuple[Literal["light", "dark"], str], ...] = (
    ("light", "{resultTypes: ['violations']}"),
    ("dark", "{resultTypes: ['violations'], runOnly: ['color-contrast']}"),
)
# Dark pages have the light ones' elements: each third is looked at in `make test`, all in `make soak`.
SOAK = bool(os.environ.get("REINFORCE_SOAK"))
# The pages are looked at in so many tests, for several processes.
SHARES = 4
COUNTED = "all => all.map(one => parseInt(one.textContent.replace(/\\D/g, '')))"

# Pages as they are asked for, by their headings. What takes long comes first: then the others have it at hand.
PAGES = {
    "/?ahead=yes": "Today",
    "/cohorts/press-shop/forecast?ahead=yes": "What to expect",
    "/calendar?foreseen=yes": "Calendar of Press shop",
    "/calendar?view=week": "Calendar of Press shop",
    "/calendar?view=list": "Calendar of Press shop",
    "/": "Today",
    "/cohorts": "Cohorts",
    "/cohorts/press-shop": "Press shop",
    "/recall": "Recall",
    "/reports": "Report: Press shop",
    "/recall?at=assessment&sort=name&nuggets=lowest": "Recall",
    "/recall/press-shop/3/2": "Open every isolator: Ben Okafor",
    "/recall/press-shop/3/group?team=Everyone": "Open every isolator: Everyone (8)",
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
    "/search?q=isolator": "Search",
    **{f"/tour?step={step}": "See it work, in seven steps" for step in range(1, 8)},
}
# What stands for the names in a route's path, in the seeded workspace.
STANDS_FOR = {
    "/procedures/{slug}": "/procedures/lockout",
    "{slug}": "press-shop",
    "{procedure}/{nugget}": "lockout/tell",
    "{procedure}": "lockout",
    "{nugget}/{who}": "3/2",
    "{post}": "2",
    "{reply}": "3",
    "{question}": "1",
    "{quiz}": "friday",
    "{course}": COURSE,
}
# No pages: files to keep, what machines ask for, the way to the company's sign-in. The strip is on every page.
NO_PAGE = (
    ".csv", ".ics", ".xlsx", ".yaml", ".zip", "/digest", "/draft/", "/{picture}", "/static/", "/strip",
    "/healthz", "/readyz", "/metrics", "/api/", "/oidc",
)  # fmt: skip
# Seen in test_signing_in_pages.py: nobody signs in here.
OF_SIGNING_IN = ("/sign-in", "/welcome", "/users/{number}")

pytestmark = pytest.mark.browser


def _every_address() -> list[str]:
    """PAGES, and the page of every other GET route."""
    found = list(PAGES)
    for route in ROUTES:
        path = route.removeprefix("GET ")
        if path == route or path in OF_SIGNING_IN or any(one in path for one in NO_PAGE):
            continue
        for name, value in STANDS_FOR.items():
            path = path.replace(name, value)
        assert "{" not in path, f"{route}: say in STANDS_FOR what its names stand for"
        found.append(path)
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_fits_its_screen_and_keeps_to_the_rules_of_accessibility(
    site: Site, open_page: Open, axe: str, share: int
) -> None:
    page = open_page(site.url, "phone")
    page.context.add_init_script(axe)
    wrong = {}
    for number, address in enumerate(_every_address()[share::SHARES]):
        page.set_viewport_size({"width": 360, "height": 740})
        answer = page.goto(site.url + address)
        assert answer is not None
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text(PAGES.get(address, re.compile(r"\w")))
        told = [] if answer.status == 200 else [f"status {answer.status}"]
        told += ["wider than a phone"] * page.evaluate(WIDER)
        page.set_viewport_size({"width": 1440, "height": 900})
        told += ["wider than a desk"] * page.evaluate(WIDER)
        for scheme, rules in SCHEMES if SOAK or number % 3 == share % 3 else SCHEMES[:1]:
            page.emulate_media(color_scheme=scheme)
            found = page.evaluate(f"axe.run(document, {rules}).then(result => result.violations)")
            told += [f"{scheme}: {one['id']}: {one['nodes'][0]['html']}" for one in found]
        if told:
            wrong[address] = told
    assert not wrong


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
    assert {"Today", "More", "all", "Show", "cohort", "form"} <= seen


def test_the_menu_is_one_row_and_folds_the_rest_with_what_waits_there(site: Site, open_page: Open) -> None:
    page = open_page(site.url)
    header = page.locator(".top").bounding_box()
    assert header is not None
    assert header["height"] < 60, "one row"
    fold = page.get_by_role("navigation", name="Pages").locator("summary")
    expect(page.get_by_role("link", name="Audit")).to_be_hidden()
    fold.press("Enter")
    expect(page.get_by_role("link", name="Audit")).to_be_visible()
    page.get_by_role("link", name="Audit").press("Escape")
    expect(page.get_by_role("link", name="Audit")).to_be_hidden()
    expect(fold).to_be_focused()
    waiting = sum(int(one) for one in page.locator(".pages.wide .nav .count").evaluate_all(COUNTED))
    page.set_viewport_size({"width": 360, "height": 740})
    expect(fold).to_contain_text(f"Menu , {waiting} waiting")
    fold.click()
    expect(page.get_by_role("link", name="Audit")).to_be_in_viewport(ratio=1)
    assert not page.evaluate(WIDER)


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
    page.get_by_role("navigation", name="Pages").locator("summary").click()
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
