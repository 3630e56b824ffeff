"""A cohort's people and dates on the console: rosters looked at first, undone; holds; nobody reaches another's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.web.conftest import Site, console_app, served
from tests.web.forms import hidden_fields, send, signed_in
from tests.web.people import OTHER, OTHERS_NAME, Town, settle

HERE = "/cohorts/press-shop"
BEYOND = "roster enroll undo-enroll change back invitations joining turn-away hold lift pause dates"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = settle(tmp_path / "workspace")
    yield made
    made.seeded.database.close()


@pytest.fixture
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


def _look(session: requests.Session, url: str, roster: str, name: str = "roster.csv", **more: str) -> requests.Response:
    files = {"file": (name, roster)}
    return send(session, url, f"{HERE}/roster", page=f"{HERE}/people", files=files, **more)


def _take_in(session: requests.Session, url: str, looked: requests.Response, **more: str) -> requests.Response:
    return session.post(f"{url}{HERE}/enroll", data={**hidden_fields(looked.text), **more}, timeout=30)


def test_a_roster_is_looked_at_taken_in_and_taken_back(place: Site, town: Town) -> None:
    with signed_in(town, "facilitator here") as me:
        bad = _look(me, place.url, "employee_id,name\nE1,Ben\nE1,Ben\n,Nobody\n")
        assert bad.status_code == 422
        assert "roster.csv:3:" in bad.text
        assert "roster.csv:4:" in bad.text
        looked = _look(me, place.url, "employee_id,name,handle\nN1,=cmd() Nova,nova_1\nE1,Ben Okafor,learner_1\n")
        assert "Nothing is changed yet." in looked.text
        assert "=cmd() Nova" in looked.text
        assert "=cmd() Nova" not in me.get(f"{place.url}{HERE}/people", timeout=10).text
        done = _take_in(me, place.url, looked)
        assert "Taken in: 1 added" in done.text
        export = me.get(f"{place.url}{HERE}/completions.csv", timeout=10)
        assert "N1" in export.text
        assert ",=" not in export.text
        undone = send(me, place.url, f"{HERE}/undo-enroll", page=f"{HERE}/people")
        assert "1" in undone.text
        assert '<span class="state quiet">withdrawn</span>' in undone.text


def test_many_leave_only_if_somebody_means_it(place: Site, town: Town) -> None:
    with signed_in(town, "facilitator") as me:
        looked = _look(me, place.url, "employee_id,name\nE1,Ben Okafor\n", full="yes")
        assert "7 of 8 learners leave press-shop" in looked.text
        refused = _take_in(me, place.url, looked)
        assert refused.status_code == 422
        assert "nothing was changed" in refused.text
        looked = _look(me, place.url, "employee_id,name\nE1,Ben Okafor\n", full="yes")
        assert "7 left" in _take_in(me, place.url, looked, agreed="7").text


def test_people_are_found_changed_and_away(place: Site, town: Town) -> None:
    with signed_in(town, "facilitator") as me:
        found = me.get(f"{place.url}{HERE}/people?q=okafor", timeout=10).text
        assert "Ben Okafor" in found
        assert "Ada Brandt" not in found
        assert "Nobody fits that." in me.get(f"{place.url}{HERE}/people?state=lapsed", timeout=10).text
        page = f"{HERE}/people"
        done = send(me, place.url, f"{HERE}/change", page=page, who=["E1", "E2"], what="complete")
        assert "2 learners completed the cohort." in done.text
        assert "Nobody was ticked" in send(me, place.url, f"{HERE}/change", page=page, what="withdraw").text
        days = {"what": "away", "first": "2026-03-04", "last": "2026-03-10"}
        away = send(me, place.url, f"{HERE}/change", page=page, who=["E3", "E4"], **days)
        assert "2 learners away until 2026-03-10" in away.text
        assert "Wed 4 Mar 2026 to Tue 10 Mar 2026" in away.text
        wrong = send(me, place.url, f"{HERE}/change", page=page, who="E3", what="away", last="soon")
        assert wrong.status_code == 422
        assert 'value="soon"' in wrong.text
        some = send(me, place.url, f"{HERE}/change", page=page, who=["E3", "E5"], **days)
        assert "1 learner away until" in some.text
        assert "E3: they are away from 2026-03-04 to 2026-03-10 already" in some.text
        absence = hidden_fields(away.text)["absence"]
        assert "They are back." in send(me, place.url, f"{HERE}/back", page=page, absence=absence).text


def test_a_hold_says_what_it_takes_back_and_is_lifted(place: Site, town: Town) -> None:
    with signed_in(town, "author") as me:
        page = f"{HERE}/dates"
        no = send(me, place.url, f"{HERE}/hold", page=page, first="2026-03-09", last="2026-03-05", reason="stocktaking")
        assert no.status_code == 422
        assert "it would end before it begins" in no.text
        assert 'value="stocktaking"' in no.text
        held = send(me, place.url, f"{HERE}/hold", page=page, last="2026-03-08", reason="stocktaking")
        assert "Press shop is on hold from 2026-03-04 to 2026-03-08." in held.text
        assert "taken back." in held.text
        lifted = send(me, place.url, f"{HERE}/lift", page=page, hold=hidden_fields(held.text)["hold"])
        assert "not on hold any more" in lifted.text
        paused = send(me, place.url, f"{HERE}/pause", page=page, reason="merger")
        assert "It is paused: merger." in paused.text
        assert "goes on from here" in send(me, place.url, f"{HERE}/resume", page=page).text


def test_dates_are_set_or_refused_whole(place: Site, town: Town) -> None:
    with signed_in(town, "author") as me:
        page = f"{HERE}/dates"
        no = send(me, place.url, page, page=page, starts_on="2026-03-02", ends_on="2026-02-01", updates="yes")
        assert no.status_code == 422
        assert 'value="2026-02-01"' in no.text
        ok = send(me, place.url, page, page=page, starts_on="2026-03-02", ends_on="2026-05-01", updates="yes")
        assert "The dates of Press shop are set." in ok.text
        assert "completion" in ok.text


def test_nobody_reaches_another_cohorts_people_or_dates(place: Site, town: Town) -> None:
    with signed_in(town, "facilitator here") as me:
        for path in BEYOND.split():
            answer = send(me, place.url, f"/cohorts/{OTHER}/{path}", page=f"{HERE}/people", last="2026-03-08")
            assert answer.status_code == 404, path
        moved = send(me, place.url, f"{HERE}/change", page=f"{HERE}/people", who=["E1"], what="move", to=OTHER)
        assert moved.status_code == 404
        other = send(me, place.url, f"{HERE}/change", page=f"{HERE}/people", who="Z1", what="away", last="2026-03-08")
        assert other.status_code == 422
    for name in ("author", "viewer", "operator"):
        with signed_in(town, name) as me:
            text = me.get(f"{place.url}/cohorts/{OTHER}/people", timeout=10).text
            assert OTHERS_NAME not in text
            assert "fewer than five" in text
            assert me.get(f"{place.url}/cohorts/{OTHER}/people?q=zora", timeout=10).status_code == 403
