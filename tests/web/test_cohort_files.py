"""Files in and out of a cohort's people page: invitations, completions, digests; and rosters that mean harm."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import requests
from sqlalchemy import insert, select, update

from reinforce.store import tables as t
from reinforce.web.uploads import LARGEST
from tests.web.conftest import Site, console_app, served
from tests.web.forms import hidden_fields, send, signed_in
from tests.web.people import OTHER, OTHERS_NAME, Town, settle
from tests.web.seeding import NOW

HERE = "/cohorts/press-shop"
PAGE = f"{HERE}/people"
FORMULA = '=HYPERLINK("http://evil.example","x")'
HOSTILE = "<script>alert(1)</script>{{7*7}}"
QUICKLY = 6.0


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = settle(tmp_path / "workspace")
    yield made
    made.seeded.database.close()


@pytest.fixture
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


def _look(session: requests.Session, url: str, roster: str | bytes, **more: str) -> requests.Response:
    return send(session, url, f"{HERE}/roster", page=PAGE, files={"file": ("roster.csv", roster)}, **more)


def _take_in(session: requests.Session, url: str, looked: requests.Response, slug: str = HERE) -> requests.Response:
    return session.post(f"{url}{slug}/enroll", data=hidden_fields(looked.text), timeout=30)


def _rows(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


def test_invitations_are_one_archive_whose_codes_no_page_shows_again(place: Site, town: Town) -> None:
    with signed_in(town, "facilitator here") as me:
        emails = {"emails": ("hr.csv", "employee_id,email\nE6,farid@example.com\n")}
        got = send(me, place.url, f"{HERE}/invitations", page=PAGE, files=emails, days="14")
        assert got.headers["Content-Type"] == "application/zip"
        assert got.headers["Cache-Control"] == "no-store"
        with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
            sheet, page = (archive.read(f"press-shop-invitations.{end}") for end in ("csv", "html"))
        (row,) = (dict(zip(_rows(sheet)[0], one, strict=True)) for one in _rows(sheet)[1:])
        assert row["employee_id"] == "E6"  # the one who is not linked; who said stop gets none
        assert row["email"] == "farid@example.com"
        assert row["code"] in page.decode()
        assert row["code"] not in me.get(place.url + PAGE, timeout=10).text
        wrong = send(me, place.url, f"{HERE}/invitations", page=PAGE, days="9999")
        assert wrong.status_code == 422
        assert "A code is good for 1 to 365 days." in wrong.text
    kept = place.seeded.folder / "uploads"
    assert not kept.exists() or not list(kept.iterdir())
    for name in ("author", "viewer"):
        with signed_in(town, name) as me:
            assert "Invitations" not in me.get(place.url + PAGE, timeout=10).text


def test_no_cell_of_an_export_is_a_formula(place: Site, town: Town) -> None:
    with signed_in(town, "facilitator here") as me:
        looked = _look(me, place.url, f'employee_id,name,role\n=2+3,"{FORMULA.replace(chr(34), chr(34) * 2)}",+cmd\n')
        assert looked.status_code == 200, looked.text
        assert "Taken in: 1 added" in _take_in(me, place.url, looked).text
        rows = _rows(me.get(f"{place.url}{HERE}/completions.csv", timeout=10).content)
        assert any("HYPERLINK" in cell for row in rows for cell in row)
        assert [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t")] == []
        book = openpyxl.load_workbook(io.BytesIO(me.get(f"{place.url}{HERE}/completions.xlsx", timeout=10).content))
        cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value]
        assert {cell.data_type for cell in cells} == {"s"}
        archive = send(me, place.url, f"{HERE}/invitations", page=PAGE).content
        with zipfile.ZipFile(io.BytesIO(archive)) as made:
            sheet = _rows(made.read("press-shop-invitations.csv"))
        assert [cell for row in sheet for cell in row if cell[:1] in ("=", "+", "-", "@", "\t")] == []
        only = _rows(me.get(f"{place.url}{HERE}/completions.csv?since=2026-03-04", timeout=10).content)
        assert len(only) == 2
        assert "Write it as" in me.get(f"{place.url}{HERE}/completions.csv?since=soon", timeout=10).text


def test_hostile_names_are_text_wherever_they_stand(place: Site, town: Town) -> None:
    with signed_in(town, "facilitator here") as me:
        looked = _look(me, place.url, f"employee_id,name\nN1,{HOSTILE}\n")
        assert "&lt;script&gt;alert(1)" in looked.text
        refused = _look(me, place.url, f"employee_id,name,team\nN1,Nova,{HOSTILE}\n")
        assert refused.status_code == 422
        done = _take_in(me, place.url, looked)
        for page in (looked, refused, done, me.get(f"{place.url}{PAGE}?q=script", timeout=10)):
            assert "<script>alert" not in page.text
            assert "49" not in page.text or "{{7*7}}" in page.text
        with zipfile.ZipFile(io.BytesIO(send(me, place.url, f"{HERE}/invitations", page=PAGE).content)) as archive:
            assert "<script>alert" not in archive.read("press-shop-invitations.html").decode()


BOMBS = {
    "a long field": b"employee_id,name\nN1," + b"A" * 1_900_000 + b"\n",
    "a long line": b"employee_id,name\n" + b",".join([b"x"] * 500_000) + b"\n",
    "an open quote": b'employee_id,name\nN1,"' + b"line\n" * 380_000,
    "endless headings": b"employee_id," * 150_000 + b"\n",
    "nothing but zeros": b"\x00" * 1_000_000,
    "endless lines": b"employee_id,name\n" * 100_000,
}


def test_a_roster_that_is_a_bomb_is_refused_quickly_and_briefly(place: Site, town: Town) -> None:
    with signed_in(town, "facilitator here") as me:
        for name, roster in BOMBS.items():
            began = time.process_time()  # of this process, which serves, too
            refused = _look(me, place.url, roster)
            assert time.process_time() - began < QUICKLY, name
            assert refused.status_code == 422, name
            assert len(refused.content) < 200_000, name
            assert str(place.seeded.folder) not in refused.text, name
    assert not list((place.seeded.folder / "uploads").iterdir())


def test_an_oversized_roster_is_refused(place: Site, town: Town) -> None:
    with signed_in(town, "facilitator here") as me:
        refused = _look(me, place.url, b"employee_id,name\n" + b"x" * LARGEST)
    assert refused.status_code in (413, 422)
    assert "larger than" in refused.text


def test_a_roster_goes_into_no_other_cohort_and_takes_nobody_out_of_one(place: Site, town: Town) -> None:
    with signed_in(town, "facilitator here") as me:
        moving = _look(me, place.url, f"employee_id,name\nZ1,{OTHERS_NAME}\n", move="yes")
        assert moving.status_code == 422
        assert "out of a cohort that is not yours" in moving.text
        looked = _look(me, place.url, f"employee_id,name\nZ1,{OTHERS_NAME}\n")
        assert "joined" in looked.text
        for page in (moving, looked):
            assert OTHER not in page.text  # where else she is, is not theirs to know
        assert _take_in(me, place.url, looked, f"/cohorts/{OTHER}").status_code == 404
        assert _take_in(me, place.url, looked).status_code == 200
        named = _look(me, place.url, f"employee_id,name,moved_from\nN9,Nova,{OTHER}\n")
        assert named.status_code == 422
    with signed_in(town, "facilitator") as me:
        assert OTHERS_NAME in me.get(f"{place.url}/cohorts/{OTHER}/people", timeout=10).text
        enrolled = select(t.enrollment.c.state).where(t.enrollment.c.cohort_id == town.other_cohort)
        with town.seeded.database.read() as connection:
            assert connection.execute(enrolled).scalars().all() == ["active"]
    with signed_in(town, "facilitator here") as me:
        mine = hidden_fields(_look(me, place.url, "employee_id,name\nN1,Nova\n").text)
    with signed_in(town, "facilitator") as other:
        theirs = send(other, place.url, f"{HERE}/enroll", page=PAGE, key=mine["key"])
        assert theirs.status_code == 404  # a file is for who gave it


def test_a_week_is_printed_without_scripts_or_names(place: Site, town: Town) -> None:
    with signed_in(town, "viewer here") as me:
        shown = me.get(f"{place.url}{HERE}/digest?week=2026-W10", timeout=10)
        assert "Before you lock a machine out" in shown.text
        assert "script-src" not in shown.headers["Content-Security-Policy"]
        assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Before you lock" in me.get(f"{place.url}{HERE}/digest?week=2026-W10&text=1", timeout=10).text
        assert me.get(f"{place.url}{HERE}/digest?week=soon", timeout=10).status_code == 409
        assert me.get(f"{place.url}/cohorts/{OTHER}/digest", timeout=10).status_code == 404


def test_an_open_cohort_says_how_one_joins_and_turns_a_crowd_away(place: Site, town: Town) -> None:
    with town.seeded.database.write() as connection:
        cohort = t.cohort.c.id == town.seeded.cohort_id
        connection.execute(update(t.cohort).where(cohort).values(hashtag="pressbasics", most=500, an_hour=60))
        said = connection.execute(select(t.inbound.c.id).limit(1)).scalar_one()
        asked = {"cohort_id": town.seeded.cohort_id, "inbound_id": said, "outcome": "waiting", "at": NOW}
        connection.execute(insert(t.join_request).values(asked))
    page = f"{HERE}/joining"
    with signed_in(town, "viewer here") as me:
        text = me.get(place.url + page, timeout=10).text
        assert "#pressbasics" in text
        assert "Who asked is for the facilitators" in text
        assert me.get(f"{place.url}/cohorts/{OTHER}/joining", timeout=10).status_code == 404
    with signed_in(town, "facilitator here") as me:
        assert "1 wait because too many asked at once." in me.get(place.url + page, timeout=10).text
        assert "1 who waited were refused" in send(me, place.url, f"{HERE}/turn-away", page=page).text
        wrong = send(me, place.url, page, page=page, hashtag="two words", most="10", an_hour="5")
        assert wrong.status_code == 422
        assert 'value="two words"' in wrong.text
        assert "#basics" in send(me, place.url, page, page=page, hashtag="basics", most="10", an_hour="5").text
        people = me.get(place.url + PAGE, timeout=10).text
        assert "Take in a roster" not in people
        assert 'value="E1"' in people
