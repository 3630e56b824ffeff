"""Users on the console: let in, given and taken roles, kept out; links and tokens are shown once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests

from reinforce.store.access import tokens, users
from reinforce.store.access.users import User
from tests.web.conftest import Site, console_app, served
from tests.web.people import OTHER, Town, settle
from tests.web.seeding import HOSTILE


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = settle(tmp_path_factory.mktemp("users") / "workspace")
    yield made
    made.seeded.database.close()


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


@pytest.fixture
def operator(town: Town) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.cookies.update(town.people["operator"].cookies)
        yield session


def _post(session: requests.Session, url: str, path: str, **fields: object) -> requests.Response:
    found = re.search(r'name="token" value="(\w+)"', session.get(f"{url}/me", timeout=10).text)
    assert found is not None
    return session.post(url + path, data={"token": found[1], **fields}, timeout=30)


def _secret(page: str) -> str:
    found = re.search(r'<code class="secret" translate="no">([^<]+)</code>', page)
    assert found is not None
    return found[1]


def _user(town: Town, name: str) -> User:
    with town.seeded.database.read() as connection:
        return users.by_name(connection, name)


def test_who_is_let_in_chooses_a_password_with_a_link_that_is_shown_once(
    place: Site, town: Town, operator: requests.Session
) -> None:
    page = _post(operator, place.url, "/users/add", name="dora", role="viewer", cohort=["press-shop", OTHER])
    link = _secret(page.text)
    assert "dora may sign in." in page.text
    assert link not in operator.get(f"{place.url}/users", timeout=10).text
    code = link.partition("code=")[2]
    with requests.Session() as dora:
        form = dora.get(f"{place.url}/welcome?code={code}", timeout=10).text
        token = re.search(r'name="token" value="(\w+)"', form)
        assert token is not None
        word = "four words that fit"
        given = {"token": token[1], "code": code, "password": word, "again": word}
        assert dora.post(f"{place.url}/welcome", data=given, timeout=10).ok
        assert "viewer of paint-shop, press-shop" in dora.get(f"{place.url}/me", timeout=10).text


def test_a_name_that_is_taken_or_can_not_be_one_is_said_beside_what_was_typed(
    place: Site, operator: requests.Session
) -> None:
    again = _post(operator, place.url, "/users/add", name="viewer", role="author")
    assert again.status_code == 422
    assert "viewer signs in already" in again.text
    assert '<option value="author" selected' in again.text
    hostile = _post(operator, place.url, "/users/add", name=HOSTILE[:190], role="author")
    assert hostile.status_code == 422
    assert "<script>document" not in hostile.text
    scoped = _post(operator, place.url, "/users/add", name="eve", role="operator", cohort=OTHER)
    assert scoped.status_code == 422
    assert "an operator is one for the whole workspace" in scoped.text
    assert _post(operator, place.url, "/users/add", name="eve", role="king").status_code == 422


def test_a_role_is_given_in_a_cohort_undone_and_taken(place: Site, town: Town, operator: requests.Session) -> None:
    number = _user(town, "viewer").id
    given = _post(operator, place.url, f"/users/{number}/role", role="author", cohort=OTHER, what="give")
    assert "viewer is now author of paint-shop; viewer." in given.text
    undo = dict(re.findall(r'name="(role|what|cohort)" value="([\w-]+)"', given.text.partition("Undo")[0]))
    assert undo == {"role": "author", "what": "take", "cohort": OTHER}
    _post(operator, place.url, f"/users/{number}/role", **undo)
    assert {one.role.value for one in _user(town, "viewer").grants} == {"viewer"}
    missing = _post(operator, place.url, f"/users/{number}/role", role="approver", what="take")
    assert missing.status_code == 422
    assert "viewer is not approver" in missing.text
    assert _post(operator, place.url, f"/users/{number}/role", role="author", what="steal").status_code == 404


def test_who_is_kept_out_is_signed_out_and_can_be_let_in_again(
    place: Site, town: Town, operator: requests.Session
) -> None:
    viewer = town.people["viewer"]
    number = _user(town, "viewer").id
    out = _post(operator, place.url, f"/users/{number}/disable")
    assert "viewer is kept out." in out.text
    assert "Let in again" in out.text
    assert viewer.get(f"{place.url}/").status_code == 303
    _post(operator, place.url, f"/users/{number}/enable")
    assert _user(town, "viewer").disabled_at is None


def test_a_token_is_shown_once_and_opens_nothing_when_it_was_revoked(
    place: Site, town: Town, operator: requests.Session
) -> None:
    number = _user(town, "viewer").id
    page = _post(operator, place.url, f"/users/{number}/token", label="wallboard", role="viewer", days="30")
    secret = _secret(page.text)
    me = {"headers": {"Authorization": f"Bearer {secret}"}, "timeout": 10}
    assert requests.get(f"{place.url}/api/v1/me", **me).ok  # type: ignore[arg-type]
    assert secret not in operator.get(f"{place.url}/users/{number}", timeout=10).text
    with town.seeded.database.read() as connection:
        made = tokens.tokens(connection, number)[0]
    others = _user(town, "author").id
    assert _post(operator, place.url, f"/users/{others}/revoke", which=str(made.id)).status_code == 404
    revoked = _post(operator, place.url, f"/users/{number}/revoke", which=str(made.id))
    assert f"Token {made.id} opens nothing any more." in revoked.text
    assert requests.get(f"{place.url}/api/v1/me", **me).status_code == 401  # type: ignore[arg-type]
    for wrong in ({"days": "0"}, {"days": "x"}, {"role": "operator"}, {"label": "<b>"}):
        given = {"label": "wallboard", "role": "viewer", "days": "30", **wrong}
        assert _post(operator, place.url, f"/users/{number}/token", **given).status_code == 422, wrong


def test_one_makes_tokens_of_one_s_own_within_one_s_own_roles(place: Site, town: Town) -> None:
    with requests.Session() as here:
        here.cookies.update(town.people["viewer here"].cookies)
        page = _post(here, place.url, "/me/token", label="mine", role="viewer", cohort="press-shop", days="7")
        assert _secret(page.text).startswith("rfc_")
        assert "viewer of press-shop" in page.text
        for beyond in (
            {"role": "facilitator", "cohort": "press-shop"},
            {"role": "viewer", "cohort": OTHER},
            {"role": "viewer"},
        ):
            refused = _post(here, place.url, "/me/token", **{"label": "more", "role": "viewer", "days": "7", **beyond})
            assert refused.status_code == 422, beyond
        number = re.search(r'name="which" value="(\d+)"', page.text)
        assert number is not None
        assert "opens nothing any more" in _post(here, place.url, "/me/revoke", which=number[1]).text
    with town.seeded.database.read() as connection:
        assert len(tokens.tokens(connection, users.by_name(connection, "viewer here").id)) == 1


def test_there_is_no_page_of_a_user_there_is_not(place: Site, operator: requests.Session) -> None:
    for number in ("0", "99999", "x", "1" * 40):
        assert operator.get(f"{place.url}/users/{number}", timeout=10).status_code == 404
