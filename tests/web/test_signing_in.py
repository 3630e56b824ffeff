"""Signing in and out, over HTTP: what it takes, what it changes, and what it does not tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar

import pytest
import requests
from sqlalchemy import Connection, select

from reinforce.actions.access.tokens import NewToken, create_token, revoke_token
from reinforce.actions.access.users import (
    add_user,
    disable_user,
    enable_user,
    give_role,
    make_link,
    take_role,
)
from reinforce.actions.approving.team import remove_member
from reinforce.domain.access.passwords import checked_password
from reinforce.domain.access.rights import Role
from reinforce.domain.access.sessions import Lifetimes, Patience
from reinforce.domain.errors import NotAllowed
from reinforce.store import tables as t
from reinforce.store.access import attempts, sessions, tokens, users
from reinforce.store.access.passwords import hashed
from reinforce.store.operating import audit
from reinforce.web.pages.sign_in import local_address
from reinforce.web.security import COOKIE
from tests.web.conftest import Site

PASSWORD = "correct horse battery"
OTHER_PASSWORD = "four words and a dog"


class Browser(requests.Session):
    """A browser that fills in our forms."""

    opened: ClassVar[list[requests.Session]] = []

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.opened.append(self)

    def look(self, address: str) -> requests.Response:
        return self.get(self.url + address, timeout=10, allow_redirects=False)

    def token_on(self, address: str) -> str:
        found = re.search(r'name="token" value="([0-9a-f]{64})"', self.look(address).text)
        assert found is not None, address
        return found[1]

    def submit(self, form: str, to: str, **fields: str) -> requests.Response:
        """Open the page `form` and send its form."""
        values = {"token": self.token_on(form), **fields}
        return self.post(self.url + to, data=values, timeout=10, allow_redirects=False)

    def sign_in(self, name: str = "anna", password: str = PASSWORD, **more: str) -> requests.Response:
        return self.submit("/sign-in", "/sign-in", name=name, password=password, **more)

    def enter(self, site: Site, name: str = "anna") -> None:
        """Be signed in, without the work that a password takes."""
        with site.seeded.database.write() as connection:
            key = sessions.start(connection, users.by_name(connection, name).id, site.seeded.clock.wall())
        self.cookies.set(COOKIE, key, domain="127.0.0.1", path="/")

    @property
    def key(self) -> str:
        return self.cookies.get(COOKIE) or ""


@cache
def _kept() -> str:
    return hashed(PASSWORD)  # once: each takes a tenth of a second


Act = Callable[..., object]


@pytest.fixture
def place(own_site: Site) -> Iterator[Site]:
    """A console to which anna has the door: an operator and facilitator."""
    anna(own_site, add_user, Role.OPERATOR)
    with own_site.seeded.database.write() as connection:
        users.set_password(connection, users.by_name(connection, "anna").id, _kept())
    anna(own_site, give_role, Role.FACILITATOR, [])
    yield own_site
    while Browser.opened:
        Browser.opened.pop().close()


def anna(site: Site, act: Act, *arguments: object, name: str = "anna", **more: object) -> object:
    seeded = site.seeded
    return act(seeded.database, name, *arguments, actor="uid/1", now=seeded.clock.wall(), **more)


def tried(connection: Connection, name: str, address: str, now: datetime) -> timedelta:
    """An attempt is counted; returns how long to wait instead."""
    patience = Patience()
    limits = {attempts.name_mark(name): patience.by_name, attempts.address_mark(address): patience.by_address}
    return attempts.note(connection, limits, now, patience).wait


def test_until_there_is_a_user_nobody_is_asked_and_from_then_on_everybody_is(own_site: Site) -> None:
    assert requests.get(own_site.url, timeout=5).status_code == 200
    anna(own_site, add_user, Role.VIEWER, password=PASSWORD)
    answer = requests.get(f"{own_site.url}/outbox?state=posted", timeout=5, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=%2Foutbox%3Fstate%3Dposted")
    remove_member(own_site.seeded.database, "anna", single_user=True, actor="uid/1", now=own_site.seeded.clock.wall())
    assert requests.get(own_site.url, timeout=5, allow_redirects=False).status_code == 303


def test_signing_in_changes_the_cookie_and_signing_out_ends_it(place: Site) -> None:
    browser = Browser(place.url)
    before = browser.look("/sign-in").cookies[COOKIE]
    answer = browser.sign_in(next="/outbox")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/outbox")
    assert browser.key != before
    assert requests.get(place.url, cookies={COOKIE: before}, timeout=5, allow_redirects=False).status_code == 303
    assert browser.look("/").status_code == 200
    key = browser.key
    assert browser.submit("/me", "/sign-out").status_code == 303
    assert requests.get(place.url, cookies={COOKIE: key}, timeout=5, allow_redirects=False).status_code == 303
    with place.seeded.database.read() as connection:
        verbs = [(one.actor, one.verb) for one in audit.latest(connection, limit=2)]
    assert verbs == [("member/1", "user.signed_out"), ("member/1", "user.signed_in")]


def test_a_cookie_that_somebody_planted_is_worth_nothing_after_signing_in(place: Site) -> None:
    browser = Browser(place.url)
    browser.cookies.set(COOKIE, "planted", domain="127.0.0.1", path="/")
    token = browser.token_on("/sign-in")
    browser.post(f"{place.url}/sign-in", data={"token": token, "name": "anna", "password": PASSWORD}, timeout=10)
    assert browser.key != "planted"
    assert requests.get(place.url, cookies={COOKIE: "planted"}, timeout=5, allow_redirects=False).status_code == 303
    stale = browser.post(f"{place.url}/sign-out", data={"token": token}, timeout=5)
    assert stale.status_code == 403  # a form from before is of another cookie


def test_a_form_token_of_another_session_is_worth_nothing(place: Site) -> None:
    mine, theirs = Browser(place.url), Browser(place.url)
    for one in (mine, theirs):
        one.enter(place)
    answer = mine.post(f"{place.url}/sign-out", data={"token": theirs.token_on("/me")}, timeout=5)
    assert answer.status_code == 403
    assert mine.look("/").status_code == 200


def test_nothing_tells_an_unknown_name_from_a_wrong_password_or_from_somebody_kept_out(place: Site) -> None:
    anna(place, add_user, Role.VIEWER, name="ben", password=PASSWORD)
    anna(place, disable_user, name="ben")
    anna(place, add_user, Role.VIEWER, name="cleo")
    said = set()
    for name, password in (("anna", "wrong"), ("nobody", PASSWORD), ("ben", PASSWORD), ("cleo", ""), ("", "")):
        answer = Browser(place.url).sign_in(name, password)
        assert answer.status_code == 401
        said.add(re.sub(r'value="[^"]*"| autofocus', "", answer.text))
    assert len(said) == 1


def test_after_ten_attempts_none_is_looked_at_and_a_restart_changes_nothing(place: Site) -> None:
    database, wall = place.seeded.database, place.seeded.clock.wall()

    with database.write() as connection:
        for _ in range(10):
            assert not tried(connection, "Anna", "10.0.0.1", wall)
    answer = Browser(place.url).sign_in()
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 901
    assert "Too many attempts failed." in answer.text
    with database.write() as connection:
        assert not tried(connection, "other", "10.0.0.1", wall)
        assert not tried(connection, "anna", "10.0.0.1", wall + timedelta(minutes=15))


def test_one_address_can_not_try_many_names_and_success_forgives_the_name(place: Site) -> None:

    database, wall = place.seeded.database, place.seeded.clock.wall()
    with database.write() as connection:
        for number in range(30):
            assert not tried(connection, f"name{number}", "10.0.0.2", wall)
        assert tried(connection, "fresh", "10.0.0.2", wall) > timedelta(0)
        for _ in range(9):
            tried(connection, "anna", "10.0.0.3", wall)
    assert Browser(place.url).sign_in().status_code == 303
    assert Browser(place.url).sign_in().status_code == 303


def test_a_session_ends_when_it_is_idle_and_in_any_case(place: Site) -> None:
    database, wall, held = place.seeded.database, place.seeded.clock.wall(), Lifetimes()
    with database.write() as connection:
        member = users.by_name(connection, "anna").id
        key = sessions.start(connection, member, wall)
        assert sessions.whose(connection, key, wall + timedelta(hours=7, minutes=59), held) is not None
        assert sessions.whose(connection, key, wall + held.idle, held) is None
        for hours in range(0, 24 * 7, 6):
            sessions.note_use(connection, key, wall + timedelta(hours=hours))
        assert sessions.whose(connection, key, wall + timedelta(days=7), held) is None


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(place: Site) -> None:
    database, wall = place.seeded.database, place.seeded.clock.wall()
    with database.write() as connection:
        member = users.by_name(connection, "anna").id
        key = sessions.start(connection, member, wall - timedelta(hours=7))

    def seen_ago() -> timedelta:
        with database.read() as connection:
            seen = connection.execute(select(t.session.c.seen_at)).scalar_one()
        ago: timedelta = wall - seen
        return ago

    cookies = {COOKIE: key}
    assert requests.get(f"{place.url}/?part=live", cookies=cookies, timeout=10).status_code == 200
    assert seen_ago() == timedelta(hours=7)
    assert requests.get(f"{place.url}/outbox", cookies=cookies, timeout=10).status_code == 200
    assert seen_ago() < timedelta(minutes=1)


def test_a_changed_password_signs_out_everywhere_else(place: Site) -> None:
    here, there = Browser(place.url), Browser(place.url)
    for one in (here, there):
        one.enter(place)
    key = here.key
    fields = {"new": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    assert here.submit("/me", "/me/password", old="wrong", **fields).status_code == 422
    assert here.submit("/me", "/me/password", old=PASSWORD, new="short", again="short").status_code == 422
    assert here.submit("/me", "/me/password", old=PASSWORD, **fields).status_code == 303
    assert here.key != key
    assert here.look("/").status_code == 200
    assert there.look("/").status_code == 303
    assert Browser(place.url).sign_in().status_code == 401
    assert there.sign_in(password=OTHER_PASSWORD).status_code == 303
    assert here.submit("/me", "/sign-out-everywhere").status_code == 303
    assert there.look("/").status_code == 303


def test_a_link_lets_somebody_choose_a_password_once_and_looking_uses_nothing_up(place: Site) -> None:
    code = anna(place, make_link)
    assert isinstance(code, str)
    browser = Browser(place.url)
    page = f"/welcome?code={code}"
    assert "This link is for <strong>anna</strong>" in browser.look(page).text
    fields = {"code": code, "password": OTHER_PASSWORD}
    assert "differ" in browser.submit(page, "/welcome", **fields, again="x").text
    assert browser.submit(page, "/welcome", **fields, again=OTHER_PASSWORD).status_code == 303
    assert browser.look("/").status_code == 200
    late = Browser(place.url)
    assert "used already" in late.look(page).text
    token = late.token_on("/sign-in")
    again = late.post(f"{place.url}/welcome", data={"token": token, **fields, "again": OTHER_PASSWORD}, timeout=5)
    assert again.status_code == 409
    with place.seeded.database.read() as connection:
        assert sessions.whose_link(connection, code, place.seeded.clock.wall()) is None


def test_whoever_is_kept_out_or_loses_a_role_is_so_at_once(place: Site) -> None:
    anna(place, add_user, Role.FACILITATOR, ["press-shop"], name="ben")
    browser = Browser(place.url)
    browser.enter(place, "ben")
    assert browser.look("/inbox").status_code == 200
    anna(place, take_role, Role.FACILITATOR, [], name="ben")
    anna(place, give_role, Role.VIEWER, [], name="ben")
    assert browser.look("/inbox").status_code == 403
    anna(place, disable_user, name="ben")
    assert browser.look("/").status_code == 303
    anna(place, enable_user, name="ben")
    browser.enter(place, "ben")
    assert browser.look("/").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "",
        "/\t/evil.example", "evil.example", "http:/evil.example", "/\n//evil.example",
    ],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(address: str) -> None:
    assert local_address(address) == "/"


def test_signing_in_leads_back_to_where_one_was(place: Site) -> None:
    assert local_address("/outbox?state=in+doubt") == "/outbox?state=in+doubt"
    assert Browser(place.url).sign_in(next="//evil.example/x").headers["Location"] == "/"
    signed_in = Browser(place.url)
    signed_in.enter(place)
    assert signed_in.look("/sign-in?next=//evil.example").headers["Location"] == "/"


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "anna" * 4, "x" * 201])
def test_a_password_that_is_easily_guessed_is_refused(password: str) -> None:
    with pytest.raises(NotAllowed, match="that password is"):
        checked_password(password, "Anna")


def test_a_token_says_who_one_is_and_may_no_more_than_its_owner(place: Site) -> None:
    database, wall = place.seeded.database, place.seeded.clock.wall()
    act: dict[str, Any] = {"actor": "uid/1", "now": wall}
    with pytest.raises(NotAllowed, match="anna is not approver"):
        create_token(database, NewToken("anna", "wall", Role.APPROVER, (), 30), **act)
    number, secret = create_token(database, NewToken("anna", "wall", Role.FACILITATOR, ("press-shop",), 30), **act)

    def call(**headers: str) -> requests.Response:
        return requests.get(f"{place.url}/api/v1/me", headers=headers, timeout=5)

    bearer = {"Authorization": f"Bearer {secret}"}
    told = call(**bearer).json()
    assert (told["name"], told["actor"]) == ("anna", "member/1")
    assert told["roles"] == [{"role": "facilitator", "cohort": "press-shop"}]
    assert told["token"]["label"] == "wall"
    signed_in = Browser(place.url)
    signed_in.enter(place)
    assert signed_in.look("/api/v1/me").status_code == 401  # cookies are for pages, tokens for the API
    assert requests.get(f"{place.url}/inbox", headers=bearer, timeout=5, allow_redirects=False).status_code == 303
    for wrong in ({}, {"Authorization": "Bearer rfc_x"}, {"Authorization": f"Basic {secret}"}):
        answer = call(**wrong)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    anna(place, take_role, Role.FACILITATOR, [])
    assert call(**bearer).json()["roles"] == []
    revoke_token(database, number, **act)
    assert call(**bearer).status_code == 401


def test_a_token_ends_and_of_no_key_more_than_the_hash_is_kept(place: Site) -> None:
    database, wall = place.seeded.database, place.seeded.clock.wall()
    _, secret = create_token(database, NewToken("anna", "wall", Role.OPERATOR, (), 30), actor="uid/1", now=wall)
    browser = Browser(place.url)
    browser.enter(place)
    with database.read() as connection:
        assert tokens.bearer(connection, secret, wall + timedelta(days=29)) is not None
        assert tokens.bearer(connection, secret, wall + timedelta(days=30)) is None
        dump = "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]
    for word in (secret, browser.key, PASSWORD):
        assert word not in dump
