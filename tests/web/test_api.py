"""The API: every call × every role × another cohort's object, what it refuses, and that its document is true."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance
from sqlalchemy import select, update

from reinforce.actions.access.tokens import NewToken, create_token, revoke_token
from reinforce.domain.access.rights import scope_of
from reinforce.store import tables as t
from reinforce.store.access import kept_answers
from reinforce.store.access import tokens as store
from reinforce.store.access.kept_answers import KeptAnswer
from reinforce.web.route_rights import ROUTES, V1
from tests.web.conftest import Site, console_app, served
from tests.web.people import OTHER, PEOPLE, Person, Town, grants_of, settle
from tests.web.seeding import NOW

REPOSITORY = Path(__file__).resolve().parent.parent.parent
CALLS = [name for name in ROUTES if V1 in name]
SOAK = bool(os.environ.get("REINFORCE_SOAK"))
HERE = "press-shop"
# A query, a number in the address, a body, a file, a key: the soak sends anything to every call, make test to these.
ONE_OF_EACH_KIND = {
    "GET /posts",
    "GET /questions",
    "POST /posts/{post}/settle",
    "PATCH /cohorts/{slug}/dates",
    "POST /cohorts/{slug}/roster",
    "POST /cohorts/{slug}/posts",
}
# A body that is whole, so that what refuses a call is who asks, and not what they send.
LONG_AGO = NOW - timedelta(days=60)
BODIES: dict[str, dict[str, Any]] = {
    "dates": {"updates": True},
    "holds": {"last_day": "2026-03-08"},
    "pause": {},
    "change": {"change": "withdraw", "employee_ids": ["E1"]},
    "move": {"employee_id": "E1", "to": OTHER},
    "absences": {"employee_id": "E1", "last_day": "2026-03-08"},
    "posts": {"nugget": "lockout/tell"},
    "cancel": {},
    "settle": {"fate": "skip"},
    "approvals": {"first_day": "2026-03-04", "last_day": "2026-03-08"},
    "decide": {"decision": "approve", "ids": [1]},
    "assign": {"name": None},
    "answer": {"text": "Ask your lead."},
    "close": {"reason": "said in person"},
    "start": {},
    "halt": {},
    "users": {"name": "eve", "role": "operator"},
    "roles": {"role": "viewer"},
    "take": {"role": "viewer"},
    "tokens": {"label": "night", "role": "viewer", "days": 1},
    "budgets": {"account": "acme"},
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = settle(tmp_path_factory.mktemp("api") / "workspace")
    yield made
    made.seeded.database.close()


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


@pytest.fixture(scope="module")
def tokens(town: Town) -> dict[str, str]:
    """A token of each person, as wide as their role."""
    return {one.name: _token(town, one) for one in PEOPLE if one.role is not None}


def _token(town: Town, person: Person) -> str:
    assert person.role is not None
    slugs = [person.cohort] if person.cohort else []
    new = NewToken(person.name, "test", person.role, slugs, 30)
    return create_token(town.seeded.database, new, actor="test", now=town.seeded.clock.wall())[1]


def _send(place: Site, call: str, token: str, *, of: str = HERE, post: int = 1) -> requests.Response:
    method, path = call.split(" ")
    path = path.replace("{slug}", of).replace("{post}", str(post)).replace("{name}", "viewer")
    for other in ("{hold}", "{question}", "{token}"):
        path = path.replace(other, "999")
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once-and-only"} if token else {}
    kept: dict[str, Any] = {"json": BODIES.get(path.rsplit("/", 1)[-1])}
    if path.endswith(("/roster", "/load")):
        kept = {"files": {"file": ("roster.csv", "employee_id,name\nX1,Eve\n")}}
    return requests.request(method, place.url + path, headers=headers, timeout=90, **kept)


@pytest.mark.parametrize("name", [one.name for one in PEOPLE if one.role is not None])
def test_no_token_does_what_its_role_may_not(place: Site, town: Town, tokens: dict[str, str], name: str) -> None:
    grants = grants_of(town.people[name], town.seeded.cohort_id)
    for call in CALLS:
        right = ROUTES[call]
        assert right is not None
        scope = scope_of(grants, right)
        if not scope:
            answer = _send(place, call, tokens[name])
            assert answer.status_code == 403, (call, answer.text)
        elif "{slug}" in call and not scope.holds(town.other_cohort) and "procedures" not in call:
            answer = _send(place, call, tokens[name], of=OTHER)
            assert answer.status_code == 404, (call, answer.text)
        elif "{post}" in call and not scope.holds(town.other_cohort):
            answer = _send(place, call, tokens[name], post=town.other_post)
            assert answer.status_code == 404, (call, answer.text)
        elif call.startswith("GET ") and "{" not in call:
            assert _send(place, call, tokens[name]).status_code == 200, call


def test_nothing_answers_without_a_token_that_holds(place: Site, town: Town, tokens: dict[str, str]) -> None:
    revoked = _token(town, town.people["facilitator"])
    with town.seeded.database.read() as connection:
        number = store.tokens(connection)[0].id
    revoke_token(town.seeded.database, number, actor="test", now=town.seeded.clock.wall())
    for call in CALLS:
        for token in ("", "rf_nothing", revoked):
            answer = _send(place, call, token)
            assert answer.status_code == 401, call
            assert answer.headers["WWW-Authenticate"] == "Bearer"
    cookies = town.people["operator"].cookies
    assert requests.get(f"{place.url}{V1}/users", cookies=cookies, timeout=5).status_code == 401


def test_learners_are_named_to_facilitators_only(place: Site, tokens: dict[str, str]) -> None:
    for name in ("author", "operator", "viewer here"):
        for call in CALLS:
            if call.startswith("GET "):
                text = _send(place, call, tokens[name], post=2).text
                assert "Ben Okafor" not in text, (name, call)
                assert "learner_1" not in text, (name, call)
    assert "Ben Okafor" in _send(place, f"GET {V1}/cohorts/{{slug}}/enrollments", tokens["facilitator"]).text


def test_what_can_not_be_done_is_said_with_what_to_do(place: Site, tokens: dict[str, str]) -> None:
    def send(call: str, name: str, **more: Any) -> requests.Response:
        return _call(place, call, tokens[name], **more)

    faults = send("POST /cohorts/press-shop/roster", "facilitator", files={"file": ("r.csv", "employee_id\n,x\n")})
    assert faults.status_code == 422
    assert faults.json()["faults"][0]["file"] == "r.csv"
    wrong = send("POST /cohorts/press-shop/holds", "author", json={"last_day": "soon"})
    assert (wrong.status_code, "last_day" in wrong.json()["error"]) == (422, True)
    past = send("POST /cohorts/press-shop/holds", "author", json={"last_day": "2020-01-01"})
    assert (past.status_code, past.json()["error"]) == (409, "it would end before it begins")
    assert send("GET /nothing", "author").status_code == 404


def _call(place: Site, call: str, token: str, **more: Any) -> requests.Response:
    """A call with whatever it takes; `headers` come on top of the token."""
    method, path = call.split(" ")
    headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
    return requests.request(method, f"{place.url}{V1}{path}", headers=headers, timeout=30, **more)


def test_a_call_that_is_sent_again_with_its_key_is_not_done_again(
    place: Site, town: Town, tokens: dict[str, str]
) -> None:
    with town.seeded.database.write() as connection:  # long ago, so that there is room for another
        connection.execute(update(t.outbox).values(due_at=LONG_AGO, posted_at=LONG_AGO))
    to_post, key = "POST /cohorts/press-shop/posts", {"Idempotency-Key": "9b1f7c1e"}
    wanted = {"nugget": "lockout/tell", "form": "reminder"}
    first, second = (_call(place, to_post, tokens["author"], headers=key, json=wanted) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201), first.text
    assert second.content == first.content
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    with town.seeded.database.read() as connection:
        rows = connection.execute(select(t.kept_answer)).mappings().all()
    assert [one["status"] for one in rows] == [201]
    assert "lockout" not in rows[0]["sealed"]

    other = _call(place, to_post, tokens["author"], headers=key, json={"nugget": "lockout/ask"})
    assert (other.status_code, "something else" in other.json()["error"]) == (422, True)
    bare = _call(place, to_post, tokens["author"], json=wanted)
    assert (bare.status_code, "Idempotency-Key" in bare.json()["error"]) == (422, True)
    short = _call(place, "POST /halt", tokens["operator"], headers={"Idempotency-Key": "x"}, json={})
    assert short.status_code == 422
    theirs = _call(place, to_post, tokens["viewer"], headers=key, json=wanted)
    assert theirs.status_code == 403


def test_a_file_that_is_sent_again_with_its_key_is_not_taken_in_again(place: Site, tokens: dict[str, str]) -> None:
    key, roster = {"Idempotency-Key": "roster-of-monday"}, "employee_id,name\nN1,Nia\n"
    answers = [
        _call(
            place,
            "POST /cohorts/press-shop/roster",
            tokens["facilitator"],
            headers=key,
            files={"file": ("r.csv", roster)},
        )
        for _ in range(2)
    ]
    assert [one.json() for one in answers] == [answers[0].json()] * 2
    assert "Idempotency-Replayed" in answers[1].headers


def test_what_was_refused_may_be_sent_again_with_its_key(place: Site, town: Town, tokens: dict[str, str]) -> None:
    key, facilitator = {"Idempotency-Key": "away-in-march"}, tokens["facilitator"]
    gone = {"employee_id": "E1", "last_day": "2020-01-01"}
    for _ in range(2):
        answer = _call(place, "POST /cohorts/press-shop/absences", facilitator, headers=key, json=gone)
        assert answer.status_code == 409
        assert "Idempotency-Replayed" not in answer.headers


def test_a_call_under_way_is_claimed_for_a_day(town: Town) -> None:
    now = town.seeded.clock.wall()
    with town.seeded.database.write() as connection:
        assert kept_answers.claim(connection, "mark", "this", now) is None
        assert kept_answers.claim(connection, "mark", "this", now) == KeptAnswer("this", None, "")
        assert kept_answers.claim(connection, "mark", "this", now + kept_answers.KEPT_FOR) is None


def test_who_has_an_answer_already_is_told_that_it_still_holds(place: Site, tokens: dict[str, str]) -> None:
    first = _call(place, "GET /cohorts", tokens["viewer"])
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    for known in (tag, f'"other", W/{tag}', "*"):
        again = _call(place, "GET /cohorts", tokens["viewer"], headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert _call(place, "GET /cohorts", tokens["viewer"], headers={"If-None-Match": '"other"'}).status_code == 200


def test_lists_go_on_where_they_stopped(place: Site, town: Town, tokens: dict[str, str]) -> None:
    found = _call(place, "GET /questions", tokens["facilitator here"]).json()
    assert ([one["id"] for one in found["items"]], found["next"]) == ([town.questions[0]], None)
    both = _call(place, "GET /questions?start=1", tokens["facilitator"]).json()["items"]
    assert len(both) == 1  # of two
    newest, *_rest = _call(place, "GET /audit", tokens["operator"]).json()["items"]
    older = _call(place, f"GET /audit?start={newest['id']}", tokens["operator"]).json()["items"]
    assert older[0]["id"] < newest["id"]


def test_a_token_makes_none_that_is_more_than_itself(place: Site, tokens: dict[str, str]) -> None:
    def make(name: str, **asked: Any) -> requests.Response:
        key = {"Idempotency-Key": uuid4().hex}
        return _call(place, "POST /me/tokens", tokens[name], headers=key, json={"label": "night", **asked})

    made = make("author here", role="author", cohorts=["press-shop"], days=1)
    assert made.status_code == 201, made.text
    assert _call(place, "GET /me", made.json()["token"]).json()["roles"] == [{"role": "author", "cohort": "press-shop"}]
    assert make("author here", role="author", days=2).status_code == 403
    assert make("author here", role="author", cohorts=[OTHER], days=1).status_code == 404
    assert make("author", role="operator", days=1).status_code == 403
    assert make("author", role="author", days=31).status_code == 409
    number = made.json()["id"]
    assert _call(place, f"POST /me/tokens/{number}/revoke", tokens["author"]).status_code == 404
    assert _call(place, f"POST /me/tokens/{number}/revoke", tokens["author here"]).status_code == 204
    assert _call(place, "GET /me", made.json()["token"]).status_code == 401


def test_every_call_is_in_the_document_and_in_the_reference(place: Site, tokens: dict[str, str]) -> None:
    document = _send(place, f"GET {V1}/openapi.json", tokens["viewer"]).json()
    described = {f"{method.upper()} {path}" for path, operations in document["paths"].items() for method in operations}
    assert described == set(CALLS) - {f"GET {V1}/openapi.json"}
    reference = (REPOSITORY / "docs" / "reference" / "api.md").read_text("utf-8")
    assert [call for call in CALLS if f"`{call.replace(V1, '')}`" not in reference] == []


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


def test_the_document_is_json_of_a_sane_size(place: Site, tokens: dict[str, str]) -> None:
    text = _send(place, f"GET {V1}/openapi.json", tokens["viewer"]).text
    assert json.loads(text)["openapi"].startswith("3.")
    assert len(text) < 400_000


def test_whatever_is_sent_nothing_breaks_and_answers_are_as_described(
    place: Site, town: Town, tokens: dict[str, str]
) -> None:
    document = _send(place, f"GET {V1}/openapi.json", tokens["viewer"]).json()
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        call = f"{operation.method.upper()} {operation.path}"
        if SOAK or call.replace(V1, "") in ONE_OF_EACH_KIND:
            right = ROUTES[call]
            assert right is not None
            role = next(name for name in tokens if scope_of(grants_of(town.people[name], 0), right))
            _hold_to_its_word(operation, place.url, tokens[role])
