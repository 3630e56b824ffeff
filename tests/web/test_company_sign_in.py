"""Signing in by the company's own sign-in: whom it lets in, and every answer that is not to be believed."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
import requests
from fastapi import FastAPI

from reinforce.actions.access.users import add_user, disable_user, set_identity
from reinforce.bootstrap import House
from reinforce.clock import Clock
from reinforce.domain.access.rights import Role
from reinforce.domain.errors import ReinforceError
from reinforce.secrets import write_private_file
from reinforce.store.access import users
from reinforce.store.access.users import User
from reinforce.store.operating import audit
from reinforce.web.app import create_app
from reinforce.web.security import COOKIE
from tests.identity.hostile_provider import (
    CLIENT,
    SECOND_KEY,
    SECRET,
    Behaviour,
    HostileProvider,
    hostile_provider,
)
from tests.web.conftest import served
from tests.web.seeding import Seeded, seed

_numbers = count(1)


@dataclass(frozen=True)
class Company:
    """A console, and the company's sign-in beside it."""

    url: str
    seeded: Seeded
    provider: HostileProvider

    def let_in(self, **more: Any) -> str:
        """Somebody new whom an operator let in; the provider says from now on that they are there."""
        name = f"dora{next(_numbers)}"
        address = f"{name}@example.org"
        acting: dict[str, Any] = {"actor": "uid/1", "now": Clock.wall()}
        add_user(self.seeded.database, name, Role.VIEWER, identity=address, **acting)
        person = {"sub": f"subject of {name}", "email": address, "email_verified": True}
        self.provider.now = Behaviour(person=person, **more)
        return name

    def user(self, name: str) -> User:
        with self.seeded.database.read() as connection:
            return users.by_name(connection, name)

    def last_row(self) -> tuple[str, str, Any]:
        with self.seeded.database.read() as connection:
            row = audit.latest(connection, limit=1)[0]
        return row.verb, row.subject, row.detail


class Browser(requests.Session):
    """A browser that goes where it is sent, one step at a time."""

    def __init__(self, company: Company) -> None:
        super().__init__()
        self.company = company

    def go(self, address: str) -> requests.Response:
        return self.get(address, timeout=10, allow_redirects=False)

    def leave(self, going_to: str = "/") -> str:
        """Press the button; returns the address of the company's page."""
        answer = self.get(
            f"{self.company.url}/sign-in/oidc", params={"next": going_to}, timeout=10, allow_redirects=False
        )
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def sign_in(self, going_to: str = "/") -> requests.Response:
        return self.go(self.company.provider.allow(self.leave(going_to)))

    @property
    def is_in(self) -> bool:
        return self.go(f"{self.company.url}/me").status_code == 200


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    made = seed(tmp_path_factory.mktemp("company") / "workspace")
    with hostile_provider() as provider:
        settings = made.settings.model_copy(update={"oidc_issuer": provider.url, "oidc_client_id": CLIENT})
        write_private_file(settings.oidc_secret, SECRET + "\n")
        with served(create_app(House(settings))) as url:
            yield Company(url, made, provider)
    made.database.close()


@pytest.fixture
def browser(company: Company) -> Iterator[Browser]:
    with Browser(company) as one:
        yield one


def test_whom_an_operator_named_is_let_in_without_a_password_and_known_again(
    company: Company, browser: Browser
) -> None:
    name = company.let_in()
    page = browser.go(f"{company.url}/sign-in?next=/cohorts").text
    assert 'href="/sign-in/oidc?next=/cohorts">Sign in with your company account</a>' in page
    before = browser.cookies[COOKIE]
    answer = browser.sign_in("/cohorts")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cohorts")
    assert browser.cookies[COOKIE] != before
    assert browser.is_in
    assert company.user(name).recognised
    assert company.last_row() == ("user.signed_in", company.user(name).actor, {"by": "oidc"})
    assert "You have none here" in browser.go(f"{company.url}/me").text
    with Browser(company) as planted:
        planted.cookies.set(COOKIE, before, domain="127.0.0.1", path="/")
        assert not planted.is_in
    company.provider.now.person |= {"email": "married@example.org"}
    with Browser(company) as later:
        assert later.sign_in().status_code == 303
        assert later.is_in


def test_the_client_proves_itself_and_nothing_secret_stands_in_an_address(company: Company, browser: Browser) -> None:
    company.let_in()
    address = browser.leave()
    assert browser.go(company.provider.allow(address)).status_code == 303
    form, authorization = company.provider.token_requests[-1]
    assert authorization.startswith("Basic ")
    assert form["code_verifier"] not in address
    assert SECRET not in address + json.dumps(form)
    assert form["redirect_uri"] == f"{company.url}/sign-in/oidc/callback"


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "wrong nonce": ({"claims": {"nonce": "another"}}, "wrong or missing: nonce"),
    "no nonce": ({"claims": {"nonce": None}}, "wrong or missing: nonce"),
    "other audience": ({"claims": {"aud": "another-client"}}, "wrong or missing: aud"),
    "audiences without azp": ({"claims": {"aud": [CLIENT, "another"]}}, "wrong or missing: azp"),
    "azp of another": ({"claims": {"aud": [CLIENT, "another"], "azp": "another"}}, "wrong or missing: azp"),
    "no audience": ({"claims": {"aud": None}}, "wrong or missing: aud"),
    "other issuer": ({"claims": {"iss": "https://evil.example"}}, "wrong or missing: iss"),
    "run out": ({"claims": {"exp": 1_700_000_000}}, "has run out"),
    "never ends": ({"claims": {"exp": None}}, "wrong or missing: exp"),
    "ends by NaN": ({"claims": {"exp": float("nan")}}, "wrong or missing: exp"),
    "from the future": ({"claims": {"iat": 4_000_000_000}}, "wrong or missing: iat"),
    "not yet": ({"claims": {"nbf": 4_000_000_000}}, "wrong or missing: nbf"),
    "no subject": ({"claims": {"sub": None}}, "wrong or missing: sub"),
    "empty subject": ({"claims": {"sub": ""}}, "wrong or missing: sub"),
    "subject that is a list": ({"claims": {"sub": ["a"]}}, "wrong or missing: sub"),
    "endless subject": ({"claims": {"sub": "x" * 256}}, "wrong or missing: sub"),
    "another access token": ({"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}}, "wrong or missing: at_hash"),
    "unsigned": ({"forge": "unsigned"}, "not signed as it must be"),
    "signed with the public key": ({"forge": "hs256"}, "not signed as it must be"),
    "signed with the client secret": ({"forge": "client-secret"}, "not signed as it must be"),
    "signed by another key": ({"forge": "borrowed-kid"}, "signed by somebody else"),
    "key not published": ({"key": SECOND_KEY}, "a key that it does not publish"),
    "no token": ({"answers": {"/token": (200, b'{"access_token": "a", "token_type": "Bearer"}')}}, "sent no ID token"),
    "nonsense token": ({"answers": {"/token": (200, b'{"access_token": "a", "id_token": "x.y.z"}')}}, "ID token"),
    "nonsense": ({"answers": {"/token": (200, b"<html>")}}, "can't be understood"),
    "bottomless": ({"answers": {"/token": (200, b"[" * 100_000)}}, "can't be understood"),
    "a list": ({"answers": {"/token": (200, b"[]")}}, "can't be understood"),
    "wrong secret": ({"answers": {"/token": (401, b'{"error": "invalid_client"}')}}, "who we are (invalid_client)"),
    "down": ({"answers": {"/token": (503, b"")}}, "can't be reached (HTTPError)"),
    "sends on": ({"answers": {"/token": (302, b"http://127.0.0.1:9/")}}, "(TooManyRedirects)"),
    "endless": ({"answers": {"/token": (200, b" " * 600_000)}}, "can't be reached (ContentDecodingError)"),
}


@pytest.mark.parametrize("lie", sorted(LIES))
def test_an_answer_that_is_not_to_be_believed_lets_nobody_in(company: Company, browser: Browser, lie: str) -> None:
    behaviour, words = LIES[lie]
    name = company.let_in(**behaviour)
    answer = browser.sign_in()
    assert answer.status_code == 502, answer.text
    assert words in html.unescape(answer.text), re.findall(r'role="alert">(.*?)</div>', answer.text)
    assert 'name="password"' in answer.text, "whoever has a password can use it"
    assert SECRET not in answer.text
    assert not browser.is_in
    assert not company.user(name).recognised


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"email_verified": False}, "does not answer for"),
        ({"email_verified": "false"}, "does not answer for"),
        ({"email_verified": "true"}, "does not answer for"),
        ({"email_verified": None}, "does not answer for"),
        ({"email": None}, "told neither who you are"),
        ({"email": ["x"]}, "told neither who you are"),
        ({"email": "stranger@example.org"}, "stranger@example.org is not let in here."),
        ({"email": "<script>alert(1)</script>"}, "&lt;script&gt;"),
    ],
)
def test_who_is_not_named_by_an_operator_or_not_vouched_for_is_told_what_to_do(
    company: Company, browser: Browser, said: dict[str, Any], words: str
) -> None:
    name = company.let_in(claims=said)
    answer = browser.sign_in()
    assert answer.status_code == 401
    assert words in answer.text.replace("&#39;", "'")
    assert "<script>alert" not in answer.text
    assert not browser.is_in
    assert not company.user(name).recognised


def test_an_address_that_was_given_to_somebody_else_needs_the_operators_word(
    company: Company, browser: Browser
) -> None:
    name = company.let_in()
    browser.sign_in()
    company.provider.now.person["sub"] = "their successor"
    with Browser(company) as successor:
        answer = successor.sign_in()
        assert "was somebody else at the company" in answer.text
        assert not successor.is_in
        acting: dict[str, Any] = {"actor": "uid/1", "now": Clock.wall()}
        set_identity(company.seeded.database, name, f"{name}@EXAMPLE.org", **acting)
        assert not browser.is_in
        assert successor.sign_in().status_code == 303
        assert successor.is_in


def test_who_is_kept_out_or_has_no_role_is_told_no_more_than_a_stranger(company: Company, browser: Browser) -> None:
    name = company.let_in()
    assert browser.sign_in().status_code == 303
    disable_user(company.seeded.database, name, actor="uid/1", now=Clock.wall())
    assert not browser.is_in
    answer = browser.sign_in()
    assert f"{name}@example.org is not let in here." in answer.text
    assert company.last_row()[2]["why"] == "kept_out"
    late = company.let_in()
    disable_user(company.seeded.database, late, actor="uid/1", now=Clock.wall())
    assert "is not let in here." in browser.sign_in().text
    assert not company.user(late).recognised


def test_an_answer_is_good_once_and_in_the_browser_that_asked(company: Company, browser: Browser) -> None:
    company.let_in()
    back = company.provider.allow(browser.leave())
    with Browser(company) as thief:
        assert "begun in another browser" in thief.go(back).text
        assert not thief.is_in
    assert "begun in another browser" in browser.go(back.replace("state=", "state=x")).text
    assert browser.go(back).status_code == 303
    browser.cookies.clear()
    assert "was used already" in browser.go(back).text
    asked = len(company.provider.token_requests)
    assert "was used already" in browser.go(f"{company.url}/sign-in/oidc/callback").text
    assert len(company.provider.token_requests) == asked, "nothing is asked for a state that nobody expects"


def test_a_code_that_was_used_already_or_is_another_ones_opens_nothing(company: Company, browser: Browser) -> None:
    company.let_in()
    with Browser(company) as victim:
        stolen = company.provider.allow(victim.leave()).partition("code=")[2].partition("&")[0]
    mine = company.provider.allow(browser.leave())
    own = mine.partition("code=")[2].partition("&")[0]
    answer = browser.go(mine.replace(f"code={own}", f"code={stolen}"))
    assert "no longer takes this answer" in answer.text, "PKCE: the code belongs to another browser's question"
    used = company.provider.allow(browser.leave())
    company.provider.codes.clear()
    assert "no longer takes this answer" in browser.go(used).text
    assert not browser.is_in


def test_an_answer_in_another_providers_name_is_not_taken_to_ours(company: Company, browser: Browser) -> None:
    company.let_in()
    asked = len(company.provider.token_requests)
    mixed = browser.go(company.provider.allow(browser.leave()) + "&iss=https%3A%2F%2Fevil.example")
    assert "came from another sign-in" in mixed.text.replace("&#39;", "'")
    assert len(company.provider.token_requests) == asked
    named = company.provider.allow(browser.leave()) + f"&iss={company.provider.url}"
    assert browser.go(named).status_code == 303


def test_a_no_over_there_is_a_page_that_says_so(company: Company, browser: Browser) -> None:
    company.let_in()
    back = company.provider.allow(browser.leave("/cohorts"))
    state = back.partition("state=")[2]
    answer = browser.go(f"{company.url}/sign-in/oidc/callback?error=access_denied&state={state}")
    assert answer.status_code == 401
    assert "did not sign you in" in answer.text
    assert 'value="/cohorts"' in answer.text


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "/\\evil.example", "/%09/evil.example"])
def test_it_leads_back_to_pages_of_ours_only(company: Company, browser: Browser, address: str) -> None:
    company.let_in()
    assert browser.sign_in(address).headers["Location"] in ("/", "/%09/evil.example")
    assert browser.go(f"{company.url}/sign-in/oidc?next=//evil.example").headers["Location"] == "/"


def _opened(seeded: Seeded, **settings: Any) -> FastAPI:
    return create_app(House(seeded.settings.model_copy(update=settings)))


def test_while_it_can_not_be_reached_the_page_says_so_and_a_password_still_opens(company: Company) -> None:
    acting: dict[str, Any] = {"actor": "uid/1", "now": Clock.wall()}
    add_user(company.seeded.database, "anna", Role.OPERATOR, password="correct horse battery", **acting)
    with hostile_provider() as provider:
        gone = provider.url
    with served(_opened(company.seeded, oidc_issuer=gone, oidc_client_id=CLIENT)) as url, requests.Session() as browser:
        answer = browser.get(f"{url}/sign-in/oidc", timeout=10)
        assert answer.status_code == 502
        assert "can't be reached (ConnectionError)" in html.unescape(answer.text)
        assert gone not in answer.text
        token = re.search(r'name="token" value="(\w+)"', answer.text)
        assert token is not None
        form = {"token": token[1], "name": "anna", "password": "correct horse battery"}
        assert browser.post(f"{url}/sign-in", data=form, timeout=10, allow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"oidc_issuer": "http://sso.example.org", "oidc_client_id": "x"}, "is no issuer"),
        ({"oidc_issuer": "sso.example.org", "oidc_client_id": "x"}, "is no issuer"),
        ({"oidc_issuer": "https://user:word@sso.example.org", "oidc_client_id": "x"}, "is no issuer"),
        ({"oidc_issuer": "", "oidc_client_id": "x"}, "is no issuer"),
        ({"oidc_issuer": "https://sso.example.org", "oidc_client_id": ""}, "not what it knows the console as"),
    ],
)
def test_what_is_set_wrong_is_said_when_the_console_starts(
    seeded: Seeded, settings: dict[str, str], words: str
) -> None:
    with pytest.raises(ReinforceError, match=words):
        _opened(seeded, **settings)


def test_without_one_there_is_no_button_and_no_such_page(company: Company) -> None:
    with served(_opened(company.seeded)) as url:
        assert "/sign-in/oidc" not in requests.get(f"{url}/sign-in", timeout=10).text
        for address in ("/sign-in/oidc", "/sign-in/oidc/callback?state=x&code=y"):
            assert requests.get(url + address, timeout=10, allow_redirects=False).status_code == 404
