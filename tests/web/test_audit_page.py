"""The audit log on the console: narrowed, paged, checked, and as a file that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from sqlalchemy import update

from reinforce.store import tables as t
from reinforce.store.operating import audit
from tests.web.conftest import Site, console_app, served
from tests.web.people import Town, settle
from tests.web.seeding import LEARNERS, NOW


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = settle(tmp_path_factory.mktemp("audit") / "workspace")
    with made.seeded.database.write() as connection:
        for number in range(1, 121):
            at = NOW - timedelta(hours=120 - number)
            audit.record(connection, "daemon", "post.posted", f"outbox/{number}", {"micros": 15_000}, at)
        audit.record(connection, "member/1", "learner.stopped", "learner/6", {"by": "member/1", "cohorts": [1, 2]}, NOW)
        moved = {"from": int(NOW.timestamp()), "to": int(NOW.timestamp()) + 3600}
        audit.record(connection, "member/2", "post.moved", "outbox/900", moved, NOW)
        audit.record(connection, "=HYPERLINK(1)", "cohort.hold", "cohort/1", {}, NOW)
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


def _subjects(page: str) -> list[str]:
    return re.findall(r'href="/audit\?subject=[^"]+">([\w/]+)</a>', page)


def _verify(session: requests.Session, url: str, noted: str = "") -> requests.Response:
    found = re.search(r'name="token" value="(\w+)"', session.get(f"{url}/audit", timeout=10).text)
    assert found is not None
    return session.post(f"{url}/audit/verify", data={"token": found[1], "noted": noted}, timeout=30)


def test_the_log_is_paged_and_narrowed_by_who_what_to_what_and_day(place: Site, operator: requests.Session) -> None:
    first = operator.get(f"{place.url}/audit", timeout=10).text
    assert len(_subjects(first)) == 50
    older = re.search(r'href="(/audit\?before=\d+)"', first)
    assert older is not None
    second = operator.get(place.url + older[1], timeout=10).text
    assert len(_subjects(second)) == 50
    assert not set(_subjects(first)) & set(_subjects(second))

    def narrowed(**chosen: str) -> list[str]:
        return _subjects(operator.get(f"{place.url}/audit", params=chosen, timeout=10).text)

    assert narrowed(actor="member/1") == ["learner/6"]
    assert narrowed(verb="cohort") == ["cohort/1"]
    assert narrowed(verb="learner.stopped") == ["learner/6"]
    assert narrowed(subject="outbox/7") == ["outbox/7"]
    assert narrowed(subject="out%") == []
    # From midnight to midnight in Berlin, an hour before UTC.
    assert narrowed(day="2026-03-03", verb="post") == [f"outbox/{number}" for number in range(109, 85, -1)]
    wrong = operator.get(f"{place.url}/audit?day=yesterday", timeout=10)
    assert wrong.status_code == 422
    assert "Write it as 2026-03-04." in wrong.text
    assert "No row fits." in operator.get(f"{place.url}/audit?actor=nobody", timeout=10).text


def test_no_learner_is_named_in_it_and_the_team_is(place: Site, operator: requests.Session) -> None:
    text = operator.get(f"{place.url}/audit", timeout=10).text
    assert "<strong>author</strong>" in text
    assert "cohorts 1 2" in text
    assert "from 2026-03-04 09:30 UTC, to 2026-03-04 10:30 UTC" in text
    assert [name for name in (*LEARNERS, "learner_5") if name in text] == []


def test_the_file_holds_what_was_chosen_and_no_formula(place: Site, operator: requests.Session) -> None:
    answer = operator.get(f"{place.url}/audit.csv?verb=cohort.hold", timeout=10)
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert rows[0][:3] == ["id", "at", "actor"]
    assert rows[1][2] == "'=HYPERLINK(1)"
    everything = operator.get(f"{place.url}/audit.csv", timeout=10).text
    assert everything.count("post.posted") == 120
    assert operator.get(f"{place.url}/audit.csv?day=x", timeout=10).status_code == 409


def test_the_chain_is_checked_and_a_changed_row_is_found(place: Site, town: Town, operator: requests.Session) -> None:
    whole = _verify(operator, place.url).text
    head = re.search(r'<code class="secret">(\d+:\w+)</code>', whole)
    assert head is not None
    assert f"{head[1].partition(':')[0]} rows, none changed." in whole
    assert "none changed" in _verify(operator, place.url, head[1]).text
    assert "was cut off or written anew" in _verify(operator, place.url, "3:beef").text
    assert _verify(operator, place.url, "beef").status_code == 422
    with town.seeded.database.write() as connection:
        connection.execute(update(t.audit).where(t.audit.c.subject == "outbox/7").values(actor="member/9"))
    assert "was changed after it was written" in _verify(operator, place.url).text
