"""Attacks on pages and the API alike, over every route there is: hostile words, forged calls, worn-out tokens."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Dialog, Page
from sqlalchemy import insert, update

from reinforce.actions.access.tokens import NewToken, create_token
from reinforce.domain.access.rights import Right, Role
from reinforce.store import tables as t
from reinforce.web.route_rights import API, ROUTES, V1
from reinforce.web.security import COOKIE
from tests.web.conftest import Site, console_app, served
from tests.web.hostile import FORMULAS, SIGNS, SUM, spoil
from tests.web.people import OTHER, Town, settle
from tests.web.test_rights import addresses_of

READ = [name for name in ROUTES if name.startswith("GET ") and "/static/" not in name]
CALLS = [name for name in ROUTES if API in name]
SOAK = bool(os.environ.get("REINFORCE_SOAK"))
PATIENCE = 90  # seconds: nothing here is about time
_NO_PAGES = ("/metrics", "/readyz", "/healthz", "/strip", "/tour")  # the tour needs a rehearsal
_FILES = ("{key}", "{picture}")  # uploads that are gone again, and pictures


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = settle(tmp_path_factory.mktemp("attacked") / "workspace")
    _give_every_role(made)
    yield made
    made.seeded.database.close()


@pytest.fixture(scope="module")
def spoilt(town: Town) -> Iterator[Site]:
    """A console over a workspace in which every text means harm."""
    spoil(town.seeded.database)
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


@pytest.fixture
def own_town(tmp_path: Path) -> Iterator[Town]:
    made = settle(tmp_path / "workspace")
    yield made
    made.seeded.database.close()


def _give_every_role(town: Town) -> None:
    """Let the operator see whatever there is."""
    member = t.member.c
    with town.seeded.database.write() as connection:
        number = connection.execute(t.member.select().where(member.name == "operator")).mappings().one()["id"]
        for role in Role:
            if role is not Role.OPERATOR:
                connection.execute(insert(t.member_role).values(member_id=number, role=role.value))


def _token(town: Town, name: str, role: Role, cohort: str = "") -> str:
    new = NewToken(name, "attacks", role, [cohort] if cohort else [], 30)
    return create_token(town.seeded.database, new, actor="test", now=town.seeded.clock.wall())[1]


def _pages(town: Town) -> list[str]:
    """Every address at which a browser shows a page, of the press shop where there is a choice."""
    paths = [name.split(" ")[1] for name in READ if API not in name]
    shown = [
        path for path in paths if "." not in path and not set(_FILES) & set(path.split("/")) and path not in _NO_PAGES
    ]
    return [addresses_of(path, town)[0][0] for path in shown]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_no_page_and_no_answer_takes_what_people_wrote_for_its_own(spoilt: Site, town: Town) -> None:
    token = _bearer(_token_of_all(town))
    seen = 0
    for name in READ:
        address = addresses_of(name.split(" ")[1], town)[0][0]
        if API in name:
            answer = requests.get(spoilt.url + address, headers=token, timeout=PATIENCE)
            assert not answer.headers["Content-Type"].startswith("text/html"), address
            assert "1337" not in answer.text, address
            continue
        answer = requests.get(spoilt.url + address, cookies=town.people["operator"].cookies, timeout=PATIENCE)
        assert answer.status_code in (200, 404, 409, 503), (address, answer.status_code)
        if not answer.headers["Content-Type"].startswith("text/html"):
            assert answer.headers["X-Content-Type-Options"] == "nosniff", address
            continue
        assert [sign for sign in SIGNS if sign in answer.text] == [], address
        seen += SUM[:9] in answer.text
    assert seen >= 8, "the words that mean harm are hardly anywhere: look at tests/web/hostile.py"


def test_a_browser_runs_nothing_of_what_people_wrote(spoilt: Site, town: Town, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{spoilt.url}/sign-in")
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.context.add_cookies([{"name": COOKIE, "value": town.people["operator"].key, "url": spoilt.url}])
    cookies = town.people["operator"].cookies
    there = [one for one in _pages(town) if requests.get(spoilt.url + one, cookies=cookies, timeout=PATIENCE).ok]
    assert len(there) >= 40
    # What each page says was looked at above; here is whether a browser agrees.
    for address in there if SOAK else there[::4]:
        page.goto(spoilt.url + address, wait_until="load")
        assert page.title() != "owned", address
    assert dialogs == []


@pytest.mark.parametrize("formula", FORMULAS if SOAK else FORMULAS[:2])
def test_no_export_holds_a_formula(own_town: Town, formula: str) -> None:
    _give_every_role(own_town)
    token = _bearer(_token_of_all(own_town))
    spoil(own_town.seeded.database, formula)
    with own_town.seeded.database.write() as connection:
        e = t.learner.c
        connection.execute(update(t.learner).values(employee_id=formula, name=formula).where(e.employee_id == "E1"))
    tables = [name for name in READ if name.endswith(".csv")]
    assert len(tables) >= 3
    with served(console_app(own_town.seeded)) as url:
        for name in tables:
            address = addresses_of(name.split(" ")[1], own_town)[0][0]
            who = {"headers": token} if API in name else {"cookies": own_town.people["operator"].cookies}
            answer = requests.get(url + address, timeout=PATIENCE, **who)  # type: ignore[arg-type]
            assert answer.status_code == 200, address
            cells = [cell for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))) for cell in row]
            assert [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell] == [], address


def test_a_token_that_ended_and_one_whose_owner_lost_the_role_open_nothing(own_town: Town) -> None:
    database, wall = own_town.seeded.database, own_town.seeded.clock.wall()
    ended, bare = _token(own_town, "author", Role.AUTHOR), _token(own_town, "facilitator", Role.FACILITATOR)
    narrow = _token(own_town, "operator", Role.OPERATOR)
    with database.write() as connection:
        author = t.member.select().where(t.member.c.name == "author")
        number = connection.execute(author).mappings().one()["id"]
        past = {"made_at": wall - timedelta(days=2), "expires_at": wall - timedelta(seconds=1)}
        connection.execute(update(t.api_token).where(t.api_token.c.member_id == number).values(past))
        facilitator = t.member.select().where(t.member.c.name == "facilitator")
        number = connection.execute(facilitator).mappings().one()["id"]
        connection.execute(t.member_role.delete().where(t.member_role.c.member_id == number))
    with served(console_app(own_town.seeded)) as url:
        for name in CALLS:
            method, path = name.split(" ")
            address = url + addresses_of(path, own_town)[0][0]
            if method == "GET":
                assert requests.get(address, headers=_bearer(ended), timeout=10).status_code == 401, name
            answer = requests.request(method, address, headers=_bearer(bare), timeout=10)
            # What is one's own stays so, and is little: a call of no role may say that something is missing.
            assert answer.status_code in ((200, 404, 422) if ROUTES[name] is Right.OWN else (403,)), name
        for path in ("cohorts/press-shop/enrollments", "questions", "quizzes/press-shop/standings"):
            assert requests.get(f"{url}{V1}/{path}", headers=_bearer(narrow), timeout=10).status_code == 403, path


def test_a_script_of_one_cohort_changes_nothing_of_another(own_town: Town) -> None:
    token = _bearer(_token(own_town, "facilitator here", Role.FACILITATOR, "press-shop"))
    question, post = own_town.questions[1], own_town.other_post
    before = _others_rows(own_town)
    calls = {
        f"questions/{question}/assign": {"name": None},
        f"questions/{question}/answer": {"text": "Ask your lead."},
        f"questions/{question}/close": {"reason": "said in person"},
        f"questions/{question}/reopen": {},
        f"posts/{post}/cancel": {},
        f"posts/{post}/settle": {"fate": "skip"},
        "cohorts/press-shop/enrollments/change": {"change": "withdraw", "employee_ids": ["Z1"]},
        "cohorts/press-shop/enrollments/move": {"employee_id": "E1", "to": OTHER},
        "cohorts/press-shop/absences": {"employee_id": "Z1", "last_day": "2026-03-08"},
    }
    with served(console_app(own_town.seeded)) as url:
        for path, body in calls.items():
            answer = requests.post(f"{url}{V1}/{path}", json=body, headers=token, timeout=10)
            assert answer.status_code in (404, 409), (path, answer.status_code, answer.text)
            assert "Zora" not in answer.text, path
    assert _others_rows(own_town) == before


def test_a_roster_of_one_cohort_takes_nobody_out_of_another(own_town: Town) -> None:
    token = _bearer(_token(own_town, "facilitator here", Role.FACILITATOR, "press-shop"))
    before = _others_rows(own_town)
    files = {"file": ("roster.csv", "employee_id,name\nZ1,Zora Quist\n")}
    with served(console_app(own_town.seeded)) as url:
        for preview in ("true", "false"):
            address = f"{url}{V1}/cohorts/press-shop/roster?move=true&preview={preview}"
            answer = requests.post(address, files=files, headers=token, timeout=10)
            assert answer.status_code == 409, answer.text
            assert "a cohort that is not yours" in answer.json()["error"]
    assert _others_rows(own_town) == before


def test_an_answer_goes_to_the_same_question_of_ones_own_cohorts_only(own_town: Town) -> None:
    ours, theirs = own_town.questions
    with own_town.seeded.database.write() as connection:
        connection.execute(update(t.inquiry).where(t.inquiry.c.id == theirs).values(similar_to=ours))
    before = _others_rows(own_town)
    token = _bearer(_token(own_town, "facilitator here", Role.FACILITATOR, "press-shop"))
    with served(console_app(own_town.seeded)) as url:
        address = f"{url}{V1}/questions/{ours}/answer"
        answer = requests.post(address, json={"text": "Ask your lead.", "about": "steam"}, headers=token, timeout=10)
    assert [one["id"] for one in answer.json()] == [ours], answer.text
    assert _others_rows(own_town) == before


def _others_rows(town: Town) -> list[object]:
    queries = (
        t.inquiry.select().where(t.inquiry.c.cohort_id == town.other_cohort),
        t.outbox.select().where(t.outbox.c.cohort_id == town.other_cohort),
        t.enrollment.select().where(t.enrollment.c.cohort_id == town.other_cohort),
        t.absence.select(),
    )
    with town.seeded.database.read() as connection:
        return [dict(row) for query in queries for row in connection.execute(query).mappings()]


def test_a_call_that_carries_too_much_is_not_read(own_town: Town) -> None:
    token = _bearer(_token(own_town, "facilitator", Role.FACILITATOR))

    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * 65_536

    with served(console_app(own_town.seeded)) as url:
        for body in (b" " * 4_000_000, endless()):
            address = f"{url}{V1}/cohorts/press-shop/pause"
            try:
                answer = requests.post(address, data=body, headers=token, timeout=PATIENCE)
            except requests.ConnectionError:
                continue  # the door was shut while we were still talking
            assert answer.status_code == 413, answer.text


def _token_of_all(town: Town) -> str:
    """A token of the operator, who was given every role, that may whatever those may."""
    secret = _token(town, "operator", Role.OPERATOR)
    with town.seeded.database.write() as connection:
        grants = [[role.value, None] for role in Role]
        member = t.member.select().where(t.member.c.name == "operator")
        number = connection.execute(member).mappings().one()["id"]
        connection.execute(update(t.api_token).where(t.api_token.c.member_id == number).values(grants=grants))
    return secret
