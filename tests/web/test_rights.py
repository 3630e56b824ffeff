"""Every route × every role × another cohort's object: nobody gets where they may not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from fastapi.routing import APIRoute

from reinforce.domain.access.rights import Right, Scope, scope_of
from reinforce.domain.picture import picture_hash
from reinforce.web.route_rights import API, ROUTES
from tests.pictures import png
from tests.web.conftest import Site, console_app, served
from tests.web.forms import send, signed_in
from tests.web.people import (
    OTHER,
    OTHERS_NAME,
    OTHERS_POST,
    OTHERS_WORDS,
    PEOPLE,
    Person,
    Town,
    grants_of,
    routes_of,
    settle,
)
from tests.web.seeding import COURSE, LEARNERS

NAMES = [person.name for person in PEOPLE]
SHARED = "lockout"  # a procedure that both cohorts learn
NOBODYS_KEY = "0" * 32


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = settle(tmp_path_factory.mktemp("town") / "workspace")
    yield made
    made.seeded.database.close()


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


@pytest.fixture(scope="module")
def routes(town: Town) -> dict[str, APIRoute]:
    return dict(routes_of(console_app(town.seeded)))


def addresses_of(path: str, town: Town) -> list[tuple[str, int | None]]:
    """A route's addresses, each with the cohort of its object; None where it is about none."""
    here, there = town.seeded.cohort_id, town.other_cohort
    if path.startswith("/procedures/{slug}"):
        return [(path.replace("{slug}", SHARED), None)]
    if path.startswith(
        ("/composer", "/courses/{course}", "/approvals/courses")
    ):  # for those whose right reaches the other cohort, too
        names = {"procedure": SHARED, "nugget": "tell", "course": COURSE, "picture": picture_hash(png())}
        return [(path.format_map(names), there if "{" in path else None)]
    path = path.replace("{nugget}/{who}", f"{town.seeded.nugget_ids[2]}/group?team=Everyone")
    if "{slug}" in path:
        return [(path.replace("{slug}", "press-shop"), here), (path.replace("{slug}", OTHER), there)]
    if path.startswith("/users/{number}"):
        return [(path.replace("{number}", "1"), None)]
    objects = {
        "{post}": (town.seeded.question_post_id, town.other_post),
        "{reply}": town.replies,
        "{question}": town.questions,
        "{quiz}": ("press-shop", OTHER),
    }
    for name, (ours, theirs) in objects.items():
        if name in path:
            return [(path.replace(name, str(ours)), here), (path.replace(name, str(theirs)), there)]
    path = path.replace("/pictures/{picture}", f"/pictures/{picture_hash(png())}")
    path = path.replace("{digest}", "0").replace("{name}", "console.css").replace("{key}", NOBODYS_KEY)
    return [(path, None)]


def test_every_route_has_a_right_and_every_right_a_route(routes: dict[str, APIRoute]) -> None:
    assert sorted(routes) == sorted(ROUTES), "say in reinforce/web/route_rights.py which right the route asks for"


def test_every_form_is_checked_for_its_token(routes: dict[str, APIRoute]) -> None:
    for name, route in routes.items():
        if not name.startswith("GET ") and API not in name:  # a cookie is worth nothing there
            checks = [getattr(one.dependency, "__qualname__", "") for one in route.dependencies]
            assert "FormTokens.check" in checks, f"{name}: dependencies=[Depends(console.pages.tokens.check)]"


@pytest.mark.parametrize("name", NAMES)
def test_nobody_gets_where_the_map_lets_them_not(place: Site, town: Town, name: str) -> None:
    person = town.people[name]
    with requests.Session() as session:
        for route, right in ROUTES.items():
            method, path = route.split(" ")
            if API in path and name not in ("operator", "stranger"):
                continue  # test_api.py has everybody's tokens; a cookie is worth nothing there
            for address, cohort_id in addresses_of(path, town):
                url = place.url + address
                answer = session.request(method, url, cookies=person.cookies, timeout=10, allow_redirects=False)
                assert _is_expected(answer, person, right, cohort_id, town), (route, address, answer.status_code)


def _is_expected(
    answer: requests.Response, person: Person, right: Right | None, cohort_id: int | None, town: Town
) -> bool:
    path, known = answer.request.path_url, bool(person.key)
    if path.startswith("/api/"):
        return answer.status_code == 401  # a cookie is worth nothing there
    if right is None or path in ("/readyz", "/metrics"):  # for probes of this machine
        return "Not for your role" not in answer.text and "Sign in first" not in answer.text
    if not known:
        return answer.headers.get("Location", "").startswith("/sign-in") or answer.status_code == 401
    grants = grants_of(person, town.seeded.cohort_id)
    scope, named = scope_of(grants, right), scope_of(grants, Right.NAMES)
    if not scope:
        return answer.status_code == 403 and "Not for your role" in answer.text
    if answer.request.method == "POST":  # let through, and stopped for want of a token
        return answer.status_code == 403 and "Nothing was done" in answer.text
    too_few = path == f"/cohorts/{OTHER}/forecast" and not named.holds(town.other_cohort)
    beyond = cohort_id is not None and not scope.holds(cohort_id)
    beyond = beyond or NOBODYS_KEY in path or path.startswith(f"/recall/{OTHER}/")  # of one, there is no group
    return answer.status_code == (404 if beyond else 403 if too_few else 200)


# Written by hand, and not from the map: who gets what of a few addresses.
BY_HAND = {
    "/": "author=200 approver=200 facilitator=200 viewer=200 operator=200 author here=200 nobody=403 stranger=303",
    "/inbox": "author=403 approver=403 facilitator=200 viewer=403 operator=403 facilitator here=200 viewer here=403",
    f"/cohorts/{OTHER}": "author=200 facilitator=200 operator=200 author here=404 facilitator here=404 viewer here=404",
    "/cohorts/press-shop": "author=200 operator=200 author here=200 facilitator here=200 viewer here=200 stranger=303",
    "/users": "author=403 approver=403 facilitator=403 viewer=403 operator=200 facilitator here=403 stranger=303",
    "/recall/press-shop/3/2": "author=403 approver=403 facilitator=200 viewer=403 operator=403 facilitator here=200"
    " author here=403 viewer here=403 nobody=403 stranger=303",
    f"/recall/{OTHER}/3/9": "author=403 facilitator=200 viewer=403 facilitator here=404 viewer here=404",
    "/recall/press-shop/3/9": "facilitator=404 facilitator here=404 viewer=403",
    "/recall/press-shop/99/2": "facilitator=404 viewer=404",
    "/recall/press-shop/3/group?team=Everyone": "author=200 viewer=200 operator=200 viewer here=200 nobody=403",
    f"/reports?cohort={OTHER}": "author=200 facilitator=200 author here=404 facilitator here=404 viewer here=404",
    f"/reports/table.csv?cohort={OTHER}": "author=200 author here=404 facilitator here=404 nobody=403 stranger=303",
    f"/reports?cohort=press-shop&compare={OTHER}": "author=200 author here=404 facilitator here=404",
    f"/calendar.ics?cohort={OTHER}": "author=200 author here=404 facilitator here=404 nobody=403 stranger=303",
    f"/recall?cohort={OTHER}": "author=200 facilitator=200 author here=404 facilitator here=404 viewer here=404",
    "/tour": "author=403 facilitator=200 operator=403 facilitator here=403 viewer here=403 stranger=303",
}


@pytest.mark.parametrize("address", sorted(BY_HAND))
def test_who_gets_what_as_it_was_written_by_hand(place: Site, town: Town, address: str) -> None:
    for entry in BY_HAND[address].replace(" here", "_here").split():
        name, status = entry.replace("_here", " here").split("=")
        assert town.people[name].get(place.url + address).status_code == int(status), name


@pytest.mark.parametrize("name", ["author", "operator", "viewer here", "nobody"])
def test_nobody_but_facilitators_sees_a_learner(place: Site, town: Town, name: str) -> None:
    told = [
        *LEARNERS[:7],
        "need a hand",
        OTHERS_NAME,
        OTHERS_WORDS,
        "learner_",
        "zora_q",
        "what about the steam line?",
        "at risk",
    ]
    for address in _pages(town):
        text = town.people[name].get(place.url + address).text
        assert [one for one in told if one in text] == [], address


def test_a_facilitator_sees_the_learners_of_their_own_cohorts_only(place: Site, town: Town) -> None:
    person = town.people["facilitator here"]
    seen = "".join(person.get(place.url + address).text for address in _pages(town) if "?cohort=" not in address)
    assert "Ben Okafor" in seen
    assert "what about the steam line?" in seen
    for hidden in (OTHERS_NAME, OTHERS_WORDS, OTHERS_POST, "zora_q", "Paint shop", OTHER):
        assert hidden not in seen


def test_the_others_see_a_cohort_as_groups_of_five_or_more(place: Site, town: Town) -> None:
    viewer = town.people["viewer"]
    text = viewer.get(f"{place.url}/recall?cohort=press-shop").text
    assert "Everyone (8)" in text
    assert "Who may need a hand" not in text
    assert "stopped" not in text
    assert "not linked" not in text
    assert "Fewer than five people learn here." in viewer.get(f"{place.url}/recall?cohort={OTHER}").text
    small = viewer.get(f"{place.url}/cohorts/{OTHER}").text
    assert "Fewer than five people learn here." in small
    assert "Estimated recall now" not in small
    assert "0.4312" not in viewer.get(f"{place.url}/outbox/{town.other_post}").text
    assert "Estimated recall now" in town.people["facilitator"].get(f"{place.url}/cohorts/{OTHER}").text


def test_what_waits_is_told_to_those_who_may_do_it(place: Site, town: Town) -> None:
    def waits(name: str) -> list[tuple[str, str]]:
        page = town.people[name].get(f"{place.url}/?part=live").text
        told = re.search(r'id="waits">What waits for you</h2>(.*?)</section>', page, re.DOTALL)
        assert told is not None
        found = re.findall(r"<strong>(\d+)</strong> ([\w ]+)", told[1])
        assert bool(found) != ("Nothing waits for you." in told[1])
        return found

    assert waits("facilitator") == [("2", "questions wait"), ("1", "post is in doubt"), ("3", "replies need a person")]
    assert waits("facilitator here")[0] == ("1", "question waits")
    assert waits("operator") == [("1", "post is in doubt")]
    assert waits("viewer") == waits("author here") == []


def _pages(town: Town) -> list[str]:
    fixed = [
        "/calendar?view=list&foreseen=yes",
        "/calendar?beside=yes",
        "/",
        "/?ahead=yes",
        "/?part=live",
        "/strip",
        "/cohorts",
        "/outbox",
        "/inbox",
        "/users",
        "/me",
        "/tour",
        "/nothing",
    ]
    ids = (town.seeded.question_post_id, town.other_post)
    of_cohorts = [
        f"/cohorts/{slug}{more}"
        for slug in ("press-shop", OTHER)
        for more in ("", "?ahead=yes", "/forecast", "/forecast?ahead=yes")
    ]
    of_cohorts += ["/recall", "/recall?at=assessment&team=Everyone", "/recall/press-shop/3/group?team=Everyone"]
    of_cohorts += ["/reports", "/reports?from=2026-03-03&to=2026-03-03", f"/reports?cohort={OTHER}"]
    of_cohorts += [f"/recall?cohort={OTHER}", "/recall/press-shop/3/2", f"/recall/{OTHER}/3/group?team=Everyone"]
    return [*fixed, *of_cohorts, *(f"/outbox/{number}" for number in ids), f"/outbox?cohort={OTHER}"]


def test_who_has_no_role_sees_nothing_but_themselves(place: Site, town: Town) -> None:
    person = town.people["nobody"]
    assert person.get(f"{place.url}/me").status_code == 200
    assert "Press shop" not in person.get(f"{place.url}/me").text


def test_nothing_that_stands_around_a_page_is_shown_before_signing_in(place: Site) -> None:
    for address in ("/nothing", "/sign-in", "/welcome?code=x", "/?part=live"):
        text = requests.get(place.url + address, timeout=5).text
        for told in ("acme_reinforce", "daemon", "Inbox", "Press shop"):
            assert told not in text, address


def test_a_scope_without_cohorts_reaches_nothing(tmp_path: Path) -> None:
    assert not Scope()
    assert not Scope().holds(None)
    assert not Scope(cohorts=frozenset({1})).holds(None)


def test_what_is_of_all_cohorts_is_for_those_whose_role_is(place: Site, town: Town) -> None:
    recalls = "/procedures/lockout/recalls"  # of a procedure that both cohorts learn
    with signed_in(town, "author here") as me:
        seen = me.get(f"{place.url}/courses", timeout=10).text
        assert "Courses belong to no cohort." in seen
        assert COURSE not in seen
        assert "Look at a file" not in seen
        assert "What a recall would do now" not in me.get(place.url + recalls, timeout=10).text
        of_courses = [
            "/courses/look",
            "/courses/rehearse",
            *(f"/courses/{COURSE}/{do}" for do in ("publish", "withdraw")),
        ]
        for path in [*of_courses, f"{recalls}/start", f"{recalls}/1/undo"]:
            assert send(me, place.url, path, code="0").status_code == 404, path
    with signed_in(town, "author") as me:
        assert COURSE in me.get(f"{place.url}/courses", timeout=10).text
        assert "What a recall would do now" in me.get(place.url + recalls, timeout=10).text
