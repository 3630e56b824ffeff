"""Reports on the console: what they tell, what they don't, and to whom."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from openpyxl import load_workbook
from sqlalchemy import insert, select, update

from reinforce.domain.reporting.answer_times import Asked, answer_times
from reinforce.store import tables as t
from tests.web.conftest import Site, console_app, served
from tests.web.people import OTHER, Town, settle
from tests.web.seeding import NOW, Seeded


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = settle(tmp_path_factory.mktemp("town") / "workspace")
    yield made
    made.seeded.database.close()


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


def _post(site: Site, body: str, **more: str) -> requests.Response:
    session = requests.Session()
    token = re.search(r'name="token" value="([^"]+)"', session.get(f"{site.url}/reports", timeout=10).text)
    assert token is not None
    data = {"token": token[1], "cohort": "press-shop", **more}
    return session.post(f"{site.url}/reports", data=data, files={"results": ("results.csv", body)}, timeout=10)


def test_a_report_keeps_what_was_measured_apart_from_what_is_estimated_and_claims_no_cause(site: Site) -> None:
    text = requests.get(f"{site.url}/reports", timeout=10).text
    parts = re.findall(r'<h2 id="part\d+">([^<]+)</h2>', text)
    assert parts[-1] == "Estimated by the model"
    assert [one for one in parts if "stimated" in one] == parts[-1:]
    assert {"Whom it reached", "Cause", "Cost", "Measured: answers", "Measured: styles of wording"} <= set(parts)
    assert "claims no cause" in text
    assert "not told: it would be about fewer than five people" in text  # three answered


def test_only_facilitators_choose_days_for_two_reports_could_tell_of_one_person(place: Site, town: Town) -> None:
    asked = f"{place.url}/reports?cohort=press-shop&from=2026-03-03&to=2026-03-03"
    viewer, facilitator = town.people["viewer"].get(asked).text, town.people["facilitator"].get(asked).text
    assert "Tue 3 Mar 2026 to Tue 3 Mar 2026" in facilitator
    assert "Tue 3 Mar 2026 to Tue 3 Mar 2026" not in viewer
    assert "Mon 2 Mar 2026 to now" in viewer
    table = f"{place.url}/reports/table.csv?cohort=press-shop"
    whole, part = (town.people["viewer"].get(table + more).content for more in ("", "&from=2026-03-03&to=2026-03-03"))
    assert whole == part


def test_days_that_are_none_are_told_beside_the_report_of_the_whole_time(site: Site) -> None:
    for wrong in ("from=x", "from=2026-03-04&to=2026-03-01", "compare=press-shop", "from=0001-01-01"):
        answer = requests.get(f"{site.url}/reports?{wrong}", timeout=10)
        assert answer.status_code == 422, wrong
        assert 'role="alert"' in answer.text


def test_a_table_and_a_workbook_hold_the_same_and_no_formula(own_site: Site) -> None:
    with own_site.seeded.database.write() as connection:
        connection.execute(update(t.wording).values(style="=1+1"))
        wording = connection.execute(select(t.wording.c.id).limit(1)).scalar_one()
        connection.execute(update(t.outbox).where(t.outbox.c.id == 1).values(wording_id=wording))
    found = requests.get(f"{own_site.url}/reports/table.csv", timeout=10)
    assert found.headers["Content-Disposition"] == 'attachment; filename="report-press-shop.csv"'
    rows = list(csv.reader(io.StringIO(found.content.decode("utf-8-sig"))))
    assert rows[0] == ["part", "what", "figure"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    book = load_workbook(io.BytesIO(requests.get(f"{own_site.url}/reports/table.xlsx", timeout=10).content))
    cells = [[cell or "" for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert [row[:2] for row in cells] == [row[:2] for row in rows]


def test_results_of_an_assessment_are_shown_and_kept_nowhere(own_site: Site) -> None:
    results = "employee_id,score\n" + "".join(f"E{n},{60 + n}\n" for n in range(8))
    answer = _post(own_site, results)
    assert answer.status_code == 200
    assert "Measured: the assessment" in answer.text
    assert "8 people" in answer.text or "7 people" in answer.text
    assert "Measured: the assessment" not in requests.get(f"{own_site.url}/reports", timeout=10).text
    folder: Path = own_site.seeded.folder / "uploads"
    assert not list(folder.rglob("*.csv"))


def test_faults_in_results_are_told_with_their_lines(own_site: Site) -> None:
    answer = _post(own_site, "employee_id,score\nE1,120\nE1,x\n")
    assert answer.status_code == 422
    assert "results.csv:2" in answer.text
    assert str(own_site.seeded.folder) not in answer.text


def test_results_are_taken_from_facilitators_of_the_cohort_only(place: Site, town: Town) -> None:
    assert "Results of an assessment" in town.people["facilitator"].get(f"{place.url}/reports?cohort={OTHER}").text
    assert "Results of an assessment" not in town.people["author"].get(f"{place.url}/reports").text
    person = town.people["facilitator here"]
    with requests.Session() as session:
        session.cookies.update(person.cookies)
        page = session.get(f"{place.url}/reports", timeout=10).text
        token = re.search(r'name="token" value="([^"]+)"', page)
        assert token is not None
        data, files = {"token": token[1], "cohort": OTHER}, {"results": ("r.csv", "employee_id,score\nZ1,50\n")}
        assert session.post(f"{place.url}/reports", data=data, files=files, timeout=10).status_code == 404


def test_how_soon_questions_were_answered_is_told_of_five_who_asked(own_site: Site) -> None:
    _ask(own_site.seeded, 4)
    assert "needed no answer" not in requests.get(f"{own_site.url}/reports", timeout=10).text
    _ask(own_site.seeded, 6, first=4)
    text = requests.get(f"{own_site.url}/reports", timeout=10).text
    assert "10, 0 of them needed no answer" in text
    assert "2 h (median" in text


def _ask(seeded: Seeded, count: int, first: int = 0) -> None:
    """Questions of as many people, answered after two hours, each second one too late."""
    with seeded.database.write() as connection:
        row = dict(connection.execute(select(t.inbound).limit(1)).mappings().one())
        for number in range(first, first + count):
            said = {key: value for key, value in row.items() if key != "id"}
            said |= {"remote_id": 8000 + number, "author_remote_id": 300 + number}
            inbound = connection.execute(insert(t.inbound).values(said).returning(t.inbound.c.id)).scalar_one()
            asked = NOW - timedelta(hours=5)
            connection.execute(
                insert(t.inquiry).values(
                    inbound_id=inbound, account_id=seeded.account_id, cohort_id=seeded.cohort_id, kind="question",
                    state="delivered", topic="", about="", answer="Yes.", outcome="", asked_at=asked,
                    due_at=asked + timedelta(hours=1 + 2 * (number % 2)), answered_at=asked + timedelta(hours=2),
                )
            )  # fmt: skip


def test_a_promise_is_kept_broken_or_still_open() -> None:
    hour = timedelta(hours=1)
    asked = [
        Asked(1, NOW - 5 * hour, NOW - 2 * hour, NOW - 3 * hour, closed=False),
        Asked(2, NOW - 5 * hour, NOW - 4 * hour, NOW - 3 * hour, closed=False),
        Asked(3, NOW - 5 * hour, NOW - 4 * hour, None, closed=False),
        Asked(4, NOW - 5 * hour, NOW + hour, None, closed=False),
        Asked(5, NOW - 5 * hour, NOW - hour, None, closed=True),
    ]
    found = answer_times(asked, NOW)
    assert found is not None
    assert (found.asked, found.answered, found.kept, found.broken, found.waiting, found.closed) == (5, 2, 1, 2, 1, 1)
    assert found.usual == 2 * hour
    assert answer_times(asked[:4], NOW) is None
