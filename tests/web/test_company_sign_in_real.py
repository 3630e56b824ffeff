"""Signing in at a provider that is not ours: oidc-provider-mock, as a process of its own, in a real browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser

from reinforce.actions.access.users import add_user
from reinforce.bootstrap import House
from reinforce.clock import Clock
from reinforce.domain.access.rights import Role
from reinforce.secrets import write_private_file
from reinforce.web.app import create_app
from tests.web.conftest import served
from tests.web.seeding import Seeded

PEOPLE = (
    {"sub": "dora", "email": "dora@example.org", "email_verified": True, "preferred_username": "dora.d"},
    {"sub": "eve", "email": "dora@example.org", "email_verified": False},
)


@pytest.fixture
def issuer() -> Iterator[str]:
    """The provider's address."""
    people = [word for one in PEOPLE for word in ("--user-claims", json.dumps(one))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", "0", "--require-nonce", *people]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = next(filter(None, (re.search(r"running on (http://[\d.:]+)", line) for line in process.stderr)), None)
        assert said is not None, "the provider did not start"
        yield said[1]
        process.terminate()
        process.stderr.read()


@pytest.mark.browser
def test_somebody_signs_in_with_their_company_account_and_a_stranger_does_not(
    seeded: Seeded, issuer: str, browser: Browser
) -> None:
    add_user(seeded.database, "dora", Role.VIEWER, identity="dora@example.org", actor="uid/1", now=Clock.wall())
    write_private_file(seeded.settings.oidc_secret, "a secret that this one takes")
    update = {"oidc_issuer": issuer, "oidc_client_id": "reinforce", "oidc_label": "Sign in with Acme"}
    with served(create_app(House(seeded.settings.model_copy(update=update)))) as url:
        with requests.Session() as stranger:
            asked = stranger.get(f"{url}/sign-in/oidc", timeout=10)
            assert asked.url.startswith(issuer)
            said = stranger.post(asked.url, data={"sub": "eve"}, timeout=10)
            assert "does not answer for dora@example.org" in said.text
            no = stranger.post(stranger.get(f"{url}/sign-in/oidc", timeout=10).url, data={"action": "deny"}, timeout=10)
            assert (no.url.startswith(url), "Sign in with Acme" in no.text) == (True, True)
        page = browser.new_page(viewport={"width": 360, "height": 740})
        page.route("https://**", lambda route: route.abort())  # its pages ask for a style sheet from elsewhere
        page.goto(f"{url}/outbox")
        page.get_by_role("link", name="Sign in with Acme").click()
        page.get_by_role("button", name="dora").click()
        page.wait_for_url(f"{url}/outbox")
        assert page.get_by_role("link", name="dora").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.context.close()
