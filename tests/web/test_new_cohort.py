"""A cohort made on the console: by whom, with what beside which field, and never by a file's path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from reinforce.domain.cohort import Approval
from reinforce.store.people.cohorts import cohort_by_slug
from tests.web.conftest import Site, console_app, served
from tests.web.forms import send, signed_in
from tests.web.people import Town, settle

PAGE = "/new-cohort"
GIVEN: dict[str, Any] = {
    "title": "Night <b>shift</b>",
    "account": "practice",
    "procedures": ["lockout"],
    "zone": "Europe/Berlin",
    "approval": "everything",
    "starts_on": "2026-03-09",
    "ends_on": "2026-05-01",
    "updates": "yes",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = settle(tmp_path_factory.mktemp("town") / "workspace")
    yield made
    made.seeded.database.close()


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


def _create(session: requests.Session, place: Site, **more: Any) -> requests.Response:
    return send(session, place.url, PAGE, page=PAGE, **{**GIVEN, **more})


def test_a_cohort_is_made_with_what_was_chosen(place: Site, town: Town) -> None:
    with signed_in(town, "author") as me:
        assert "New cohort" in me.get(f"{place.url}/cohorts", timeout=10).text
        done = _create(me, place)
        assert done.url == f"{place.url}/cohorts/night-b-shift-b"
        assert "Night &lt;b&gt;shift&lt;/b&gt; is there, and runs." in done.text
        taken = _create(me, place)
        assert taken.status_code == 422
        assert "there is a cohort night-b-shift-b already" in taken.text
    with town.seeded.database.read() as connection:
        made = cohort_by_slug(connection, "night-b-shift-b")
    assert (made.approval, made.zone, made.updates) == (Approval.EVERYTHING, "Europe/Berlin", True)
    assert str(made.starts_on) == "2026-03-09"
    with signed_in(town, "facilitator") as me:
        assert _create(me, place, slug="late-shift").url.endswith("/cohorts/late-shift/people")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("title", " ", "Give it a name."),
        ("procedures", [], "Tick at least one."),
        ("starts_on", "soon", "Write it as 2026-12-24."),
        ("answers", "shouting", "Choose one of these."),
        ("cadence", "../../etc/passwd.yaml", "Choose one of these."),
        ("cadence", "rehearsals.yaml", "Choose one of these."),
        ("zone", "Europe/Berlinn", "Europe/Berlin"),
        ("account", "nobody's", "there is no account"),
        ("country", "Q1", "ISO 3166"),
        ("slug", "Über Uns", "lower case"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_stays(
    place: Site, town: Town, field: str, value: Any, told: str
) -> None:
    with signed_in(town, "author") as me:
        refused = _create(me, place, **{"slug": "not-made", field: value})
    assert refused.status_code == 422
    assert told in refused.text
    assert "not-made" in refused.text or field == "slug"
    with town.seeded.database.read() as connection, pytest.raises(Exception, match="there is no cohort not-made"):
        cohort_by_slug(connection, "not-made")


def test_an_open_cohort_wants_its_own_account(place: Site, town: Town) -> None:
    with signed_in(town, "author") as me:
        refused = _create(me, place, slug="newcomers", open="yes", hashtag="newcomers")
        assert "has cohorts with a roster" in refused.text
        assert "Write a whole number." in _create(me, place, slug="newcomers", open="yes", most="many").text


def test_only_who_has_all_cohorts_makes_one(place: Site, town: Town) -> None:
    for name in ("author here", "facilitator here", "operator", "viewer"):
        with signed_in(town, name) as me:
            assert me.get(place.url + PAGE, timeout=10).status_code == 403, name
            assert PAGE not in me.get(f"{place.url}/cohorts", timeout=10).text
