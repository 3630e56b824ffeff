"""Approvals on the console: asked for by one, said by another, many at once, never for another's cohort."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from markupsafe import escape
from sqlalchemy import select, update

from reinforce.store import tables as t
from reinforce.store.sending import pictures
from tests.pictures import png
from tests.web.conftest import Site, console_app, served
from tests.web.forms import send, signed_in
from tests.web.people import OTHER, Town, settle
from tests.web.seeding import NOW


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = settle(tmp_path / "workspace")
    yield made
    made.seeded.database.close()


@pytest.fixture
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


def _post(session: requests.Session, url: str, path: str, **fields: object) -> requests.Response:
    return send(session, url, path, page="/approvals", **fields)


def _ids(text: str) -> list[int]:
    return [int(one) for one in re.findall(r'name="ids" value="(\d+)"(?! disabled)', text)]


def _states(town: Town) -> set[str]:
    with town.seeded.database.read() as connection:
        return set(connection.execute(select(t.approval.c.state)).scalars())


def test_who_submits_a_text_can_not_approve_it_and_somebody_else_can_many_at_once(place: Site, town: Town) -> None:
    with signed_in(town, "author") as author, signed_in(town, "approver") as approver:
        said = _post(author, place.url, "/approvals/submit", cohort="press-shop", days="0")
        assert "texts of Press shop wait for a yes now" in said.text
        assert "reinforce cohort set press-shop --approval first" in said.text
        page = approver.get(f"{place.url}/approvals", timeout=10).text
        ids = _ids(page)
        assert len(ids) > 5
        shown = re.search(r'<span class="visually-hidden">, </span>(\d+)<', page[page.index('"/approvals"') :])
        assert shown is not None
        assert int(shown[1]) >= len(ids)  # the page shows the first fifty
        done = _post(approver, place.url, "/approvals/decide", ids=ids[:3], what="approve")
        assert "3 texts approved." in done.text
        back = _post(approver, place.url, "/approvals/decide", ids=ids[3:4], what="reject", note="name the new form")
        assert "1 text sent back." in back.text
        decided = approver.get(f"{place.url}/approvals?show=decided", timeout=10).text
        assert "name the new form" in decided
        assert "No text was ticked" in _post(approver, place.url, "/approvals/decide", what="approve").text
    with signed_in(town, "author") as author:
        assert _post(author, place.url, "/approvals/decide", ids=ids[5:6], what="approve").status_code == 403


def test_an_edited_text_shows_what_differs_from_the_one_approved_before(place: Site, town: Town) -> None:
    with signed_in(town, "author") as author, signed_in(town, "approver") as approver:
        _post(author, place.url, "/approvals/submit", cohort="press-shop", days="0")
        ids = _ids(approver.get(f"{place.url}/approvals", timeout=10).text)
        _post(approver, place.url, "/approvals/decide", ids=ids, what="approve")
        with town.seeded.database.write() as connection:
            first = connection.execute(select(t.wording).order_by(t.wording.c.id).limit(1)).mappings().one()
            text = first["text"].rstrip(".") + " and <b>wait</b>."
            connection.execute(update(t.wording).where(t.wording.c.id == first["id"]).values(text=text))
        _post(author, place.url, "/approvals/submit", cohort="press-shop", days="0")
        page = approver.get(f"{place.url}/approvals", timeout=10).text
        assert "<ins>" in page
        assert "&lt;" in page
        assert "<b>wait</b>" not in page


def test_an_approver_of_one_cohort_sees_and_decides_nothing_of_another(place: Site, town: Town) -> None:
    with signed_in(town, "author") as author:
        _post(author, place.url, "/approvals/submit", cohort=OTHER, days="0")
    with signed_in(town, "author here") as here:
        assert "Paint shop" not in here.get(f"{place.url}/approvals", timeout=10).text
        assert _post(here, place.url, "/approvals/submit", cohort=OTHER, days="0").status_code == 404
        assert _post(here, place.url, "/approvals/decide", ids=[1], what="approve").status_code == 403
    with signed_in(town, "approver") as approver:
        assert _post(approver, place.url, "/approvals/decide", ids=[999], what="approve").status_code == 404
        assert _post(approver, place.url, "/approvals/decide", ids=[1], what="burn").status_code == 404
    assert _states(town) == {"submitted"}


def test_a_yes_is_asked_for_the_days_that_are_given_and_shows_what_stands_beside_the_text(
    place: Site, town: Town
) -> None:
    alt = "A red lock <on> the switch"
    with town.seeded.database.write() as connection:
        shown = {"hash": pictures.keep(connection, png(), "image/png", NOW), "alt": alt, "name": "lock.png"}
        connection.execute(update(t.nugget).where(t.nugget.c.slug == "tell").values(picture=shown))
    days = {"first": "2026-03-09", "last": "2026-03-20"}
    with signed_in(town, "author") as author, signed_in(town, "approver") as approver:
        _post(author, place.url, "/approvals/submit", cohort="press-shop", days="0", **days)
        page = approver.get(f"{place.url}/approvals", timeout=10).text
        assert f'<img src="/pictures/{shown["hash"]}" alt="{escape(alt)}"' in page
        assert "with its picture" in page
        days["last"] = "x"
        wrong = _post(author, place.url, "/approvals/submit", cohort="press-shop", days="0", **days)
        assert "is no date" in wrong.text
    with town.seeded.database.read() as connection:
        asked = connection.execute(select(t.approval.c.first_day, t.approval.c.last_day).distinct()).all()
    assert [tuple(map(str, one)) for one in asked] == [("2026-03-09", "2026-03-20")]
