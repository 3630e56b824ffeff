"""The API: every call × every role × another cohort's object, what it refuses, and that its document is true."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance
from sqlalchemy import select, update

from reinforce.actions.access.tokens import revoke_token
from reinforce.cli.house import main_group
from reinforce.domain.access.rights import scope_of
from reinforce.store import tables as t
from reinforce.store.access import kept_answers
from reinforce.store.access import tokens as store
from reinforce.store.access.kept_answers import KeptAnswer
from reinforce.web.route_rights import ROUTES, V1
from tests.web.conftest import console_app, served
from tests.web.people import OTHER, PEOPLE, Town, grants_of, settle
from tests.web.scripts import HERE, Scripts, things_of, token_of
from tests.web.seeding import NOW

REPOSITORY = Path(__file__).resolve().parent.parent.parent
CALLS = [name for name in ROUTES if V1 in name]
SOAK = bool(os.environ.get("REINFORCE_SOAK"))
# A query, a number in the address, a body, a file: the soak sends anything to every call, make test to these.
ONE_OF_EACH_KIND = (
    "/questions",
    "/posts/{post}/settle",
    "/cohorts/{slug}/dates",
    "/cohorts/{slug}/roster",
)
LONG_AGO = NOW - timedelta(days=60)
OF_A_COHORT = ("{slug}", "{post}", "{question}", "{poll}")
OF_NONE = ("/procedures/", "/programmes/")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = settle(tmp_path_factory.mktemp("api") / "workspace")
    yield made
    made.seeded.database.close()


@pytest.fixture(scope="module")
def scripts(town: Town) -> Iterator[Scripts]:
    with served(console_app(town.seeded)) as url, requests.Session() as session:
        yield Scripts(url, session, things_of(town, HERE), things_of(town, OTHER))


@pytest.fixture(scope="module")
def tokens(town: Town) -> dict[str, str]:
    """A token of each person, as wide as their role."""
    return {one.name: token_of(town, one) for one in PEOPLE if one.role is not None}


@pytest.mark.parametrize("name", [one.name for one in PEOPLE if one.role is not None])
def test_no_token_does_what_its_role_may_not(scripts: Scripts, town: Town, tokens: dict[str, str], name: str) -> None:
    grants = grants_of(town.people[name], town.seeded.cohort_id)
    for call in CALLS:
        right = ROUTES[call]
        assert right is not None
        scope = scope_of(grants, right)
        of_a_cohort = any(one in call for one in OF_A_COHORT) and not any(one in call for one in OF_NONE)
        if not scope:
            answer = scripts.try_out(call, tokens[name], scripts.here)
            assert answer.status_code == 403, (call, answer.text)
        elif of_a_cohort and not scope.holds(town.other_cohort):
            answer = scripts.try_out(call, tokens[name], scripts.there)
            assert answer.status_code == 404, (call, answer.text)
        elif call.startswith("GET ") and "{" not in call:
            assert scripts.try_out(call, tokens[name], {}).status_code == 200, call


def test_nothing_answers_without_a_token_that_holds(scripts: Scripts, town: Town) -> None:
    revoked = token_of(town, town.people["facilitator"])
    with town.seeded.database.read() as connection:
        number = store.tokens(connection)[0].id
    revoke_token(town.seeded.database, number, actor="test", now=town.seeded.clock.wall())
    for place, call in enumerate(CALLS):
        answer = scripts.try_out(call, ("", "rf_nothing", revoked)[place % 3], scripts.here)
        assert answer.status_code == 401, call
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    cookies = town.people["operator"].cookies
    assert requests.get(f"{scripts.url}{V1}/users", cookies=cookies, timeout=5).status_code == 401


def test_learners_are_named_to_facilitators_only(scripts: Scripts, tokens: dict[str, str]) -> None:
    for name in ("operator", "viewer here"):
        for call in CALLS:
            if call.startswith("GET ") and "forecast" not in call:  # takes seconds, and knows nuggets only
                text = scripts.try_out(call, tokens[name], scripts.here).text
                assert "Ben Okafor" not in text, (name, call)
                assert "learner_1" not in text, (name, call)
    assert "Ben Okafor" in scripts.call("GET /cohorts/press-shop/enrollments", tokens["facilitator"]).text


def test_what_can_not_be_done_is_said_with_what_to_do(scripts: Scripts, tokens: dict[str, str]) -> None:
    def send(call: str, name: str, **more: Any) -> requests.Response:
        return scripts.call(call, tokens[name], **more)

    faults = send("POST /cohorts/press-shop/roster", "facilitator", files={"file": ("r.csv", "employee_id\n,x\n")})
    assert faults.status_code == 422
    assert faults.json()["faults"][0]["file"] == "r.csv"
    wrong = send("POST /cohorts/press-shop/holds", "author", json={"last_day": "soon"})
    assert (wrong.status_code, "last_day" in wrong.json()["error"]) == (422, True)
    past = send("POST /cohorts/press-shop/holds", "author", json={"last_day": "2020-01-01"})
    assert (past.status_code, past.json()["error"]) == (409, "it would end before it begins")
    assert send("GET /nothing", "author").status_code == 404


def test_a_call_that_is_sent_again_with_its_key_is_not_done_again(
    scripts: Scripts, town: Town, tokens: dict[str, str]
) -> None:
    with town.seeded.database.write() as connection:  # long ago, so that there is room for another
        connection.execute(update(t.outbox).values(due_at=LONG_AGO, posted_at=LONG_AGO))
    to_post, key = "POST /cohorts/press-shop/posts", {"Idempotency-Key": "9b1f7c1e"}
    wanted = {"nugget": "lockout/tell", "form": "reminder"}
    first, second = (scripts.call(to_post, tokens["author"], headers=key, json=wanted) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201), first.text
    assert second.content == first.content
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    with town.seeded.database.read() as connection:
        rows = connection.execute(select(t.kept_answer)).mappings().all()
    assert [one["status"] for one in rows] == [201]
    assert "lockout" not in rows[0]["sealed"]

    other = scripts.call(to_post, tokens["author"], headers=key, json={"nugget": "lockout/ask"})
    assert (other.status_code, "something else" in other.json()["error"]) == (422, True)
    bare = scripts.call(to_post, tokens["author"], json=wanted)
    assert (bare.status_code, "Idempotency-Key" in bare.json()["error"]) == (422, True)
    short = scripts.call("POST /halt", tokens["operator"], headers={"Idempotency-Key": "x"}, json={})
    assert short.status_code == 422
    theirs = scripts.call(to_post, tokens["viewer"], headers=key, json=wanted)
    assert theirs.status_code == 403


def test_a_file_that_is_sent_again_with_its_key_is_not_taken_in_again(scripts: Scripts, tokens: dict[str, str]) -> None:
    key, roster = {"Idempotency-Key": "roster-of-monday"}, "employee_id,name\nN1,Nia\n"
    more: dict[str, Any] = {"headers": key, "files": {"file": ("r.csv", roster)}}
    answers = [scripts.call("POST /cohorts/press-shop/roster", tokens["facilitator"], **more) for _ in range(2)]
    assert [one.json() for one in answers] == [answers[0].json()] * 2
    assert "Idempotency-Replayed" in answers[1].headers


def test_what_was_refused_may_be_sent_again_with_its_key(scripts: Scripts, town: Town, tokens: dict[str, str]) -> None:
    key, facilitator = {"Idempotency-Key": "away-in-march"}, tokens["facilitator"]
    gone = {"employee_id": "E1", "last_day": "2020-01-01"}
    for _ in range(2):
        answer = scripts.call("POST /cohorts/press-shop/absences", facilitator, headers=key, json=gone)
        assert answer.status_code == 409
        assert "Idempotency-Replayed" not in answer.headers


def test_a_call_under_way_is_claimed_for_a_day(town: Town) -> None:
    now = town.seeded.clock.wall()
    with town.seeded.database.write() as connection:
        assert kept_answers.claim(connection, "mark", "this", now) is None
        assert kept_answers.claim(connection, "mark", "this", now) == KeptAnswer("this", None, "")
        assert kept_answers.claim(connection, "mark", "this", now + kept_answers.KEPT_FOR) is None


def test_who_has_an_answer_already_is_told_that_it_still_holds(scripts: Scripts, tokens: dict[str, str]) -> None:
    first = scripts.call("GET /cohorts", tokens["viewer"])
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    for known in (tag, f'"other", W/{tag}', "*"):
        again = scripts.call("GET /cohorts", tokens["viewer"], headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert scripts.call("GET /cohorts", tokens["viewer"], headers={"If-None-Match": '"other"'}).status_code == 200


def test_lists_go_on_where_they_stopped(scripts: Scripts, town: Town, tokens: dict[str, str]) -> None:
    found = scripts.call("GET /questions", tokens["facilitator here"]).json()
    assert ([one["id"] for one in found["items"]], found["next"]) == ([town.questions[0]], None)
    both = scripts.call("GET /questions?start=1", tokens["facilitator"]).json()["items"]
    assert len(both) == 1  # of two
    newest, *_rest = scripts.call("GET /audit", tokens["operator"]).json()["items"]
    older = scripts.call(f"GET /audit?start={newest['id']}", tokens["operator"]).json()["items"]
    assert older[0]["id"] < newest["id"]


def test_a_token_makes_none_that_is_more_than_itself(scripts: Scripts, tokens: dict[str, str]) -> None:
    def make(name: str, **asked: Any) -> requests.Response:
        key = {"Idempotency-Key": uuid4().hex}
        return scripts.call("POST /me/tokens", tokens[name], headers=key, json={"label": "night", **asked})

    made = make("author here", role="author", cohorts=["press-shop"], days=1)
    assert made.status_code == 201, made.text
    assert scripts.call("GET /me", made.json()["token"]).json()["roles"] == [{"role": "author", "cohort": "press-shop"}]
    assert make("author here", role="author", days=2).status_code == 403
    assert make("author here", role="author", cohorts=[OTHER], days=1).status_code == 404
    assert make("author", role="operator", days=1).status_code == 403
    assert make("author", role="author", days=31).status_code == 409
    number = made.json()["id"]
    assert scripts.call(f"POST /me/tokens/{number}/revoke", tokens["author"]).status_code == 404
    assert scripts.call(f"POST /me/tokens/{number}/revoke", tokens["author here"]).status_code == 204
    assert scripts.call("GET /me", made.json()["token"]).status_code == 401


def test_every_call_is_in_the_document_and_in_the_reference(scripts: Scripts, tokens: dict[str, str]) -> None:
    document = scripts.call("GET /openapi.json", tokens["viewer"]).json()
    described = {f"{method.upper()} {path}" for path, operations in document["paths"].items() for method in operations}
    assert described == set(CALLS) - {f"GET {V1}/openapi.json"}
    reference = (REPOSITORY / "docs" / "reference" / "api.md").read_text("utf-8")
    assert [call for call in CALLS if f"`{call.replace(V1, '')}`" not in reference] == []


def test_every_verb_of_the_command_line_has_its_call_or_a_reason_for_none() -> None:
    reference = (REPOSITORY / "docs" / "reference" / "api.md").read_text("utf-8")
    table = dict(re.findall(r"^\| `([a-z -]+)` \| (.+) \|$", reference.partition("## Verbs")[2], re.MULTILINE))
    assert sorted(table) == sorted(_verbs(main_group))
    for verb, told in table.items():
        calls = re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) [^`]+)`", told)
        assert calls or told.startswith("– "), verb
        assert [one for one in calls if one.replace(" ", f" {V1}", 1) not in ROUTES] == [], verb


def _verbs(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _verbs(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def _hold_to_its_word(operation: Any, url: str, token: str) -> None:
    """Send a call whatever its document allows, and see that the answer is one that the document tells of."""

    @settings(
        max_examples=100 if SOAK else 1,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def holds(case: Any) -> None:
        answer = case.call(base_url=url, headers={"Authorization": f"Bearer {token}"})
        case.validate_response(
            answer, checks=[not_a_server_error, status_code_conformance, response_schema_conformance]
        )

    holds()


def test_the_document_is_json_of_a_sane_size(scripts: Scripts, tokens: dict[str, str]) -> None:
    text = scripts.call("GET /openapi.json", tokens["viewer"]).text
    assert json.loads(text)["openapi"].startswith("3.")
    assert len(text) < 400_000


def test_whatever_is_sent_nothing_breaks_and_answers_are_as_described(
    scripts: Scripts, town: Town, tokens: dict[str, str]
) -> None:
    document = scripts.call("GET /openapi.json", tokens["viewer"]).json()
    if not SOAK:
        document["paths"] = {f"{V1}{path}": document["paths"][f"{V1}{path}"] for path in ONE_OF_EACH_KIND}
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        right = ROUTES[f"{operation.method.upper()} {operation.path}"]
        assert right is not None
        role = next(name for name in tokens if scope_of(grants_of(town.people[name], 0), right))
        _hold_to_its_word(operation, scripts.url, tokens[role])
