"""The pages of signing in, in a real browser, on a phone and on a desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from reinforce.actions.access.users import add_user, give_role
from reinforce.domain.access.rights import Role
from tests.browsing import SIZES
from tests.web.conftest import Site

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"


def test_somebody_follows_their_link_and_finds_their_way(
    own_site: Site, open_page: Callable[..., Page], axe: str
) -> None:
    seeded = own_site.seeded
    act = {"actor": "uid/1", "now": seeded.clock.wall()}
    made = add_user(seeded.database, "anna", Role.OPERATOR, **act)  # type: ignore[arg-type]
    give_role(seeded.database, "anna", Role.FACILITATOR, ["press-shop"], **act)  # type: ignore[arg-type]
    page = open_page(f"{own_site.url}/welcome?code={made.code}", "phone")

    def sound() -> None:
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        page.evaluate(axe)
        found = page.evaluate("axe.run(document).then(result => result.violations)")
        assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found] == [], page.url

    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a password")
    sound()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_role("button", name="Keep it and sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    sound()
    page.get_by_role("link", name="anna").click()
    expect(page.locator("main")).to_contain_text("facilitator of press-shop; operator")
    sound()
    page.get_by_role("navigation", name="Pages").locator("summary").click()
    page.get_by_role("link", name="Users").click()
    sound()
    page.locator("main").get_by_role("link", name="anna").click()
    sound()
    page.set_viewport_size(dict(zip(("width", "height"), SIZES["desk"], strict=True)))  # type: ignore[arg-type]
    sound()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    sound()
    page.get_by_label("Name").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
