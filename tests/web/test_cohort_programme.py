"""A cohort's programme on the console: loaded, looked at before it starts, held with what is to come, stopped; and what
other dates would do, told before they are set."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest

from tests.web.conftest import Site, console_app, served
from tests.web.forms import hidden_fields, send, signed_in
from tests.web.people import OTHER, Town, settle

HERE = "/cohorts/press-shop"
PAGE = f"{HERE}/programme"
PROGRAMME = """title: <b>Locks</b>
slug: locks
phases:
  - {name: before, days: 14, goal: Everybody knows why.}
  - name: during
    days: 28
    assessment: 20
    introductions: [{day: 2, ask: "What is hardest about locks?"}]
    quizzes: [{name: round, day: 3, file: %s}]
"""
ROUND = """title: A round
questions:
  - nugget: lockout/tell
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = settle(tmp_path_factory.mktemp("programme") / "workspace")
    yield made
    made.seeded.database.close()


@pytest.fixture(scope="module")
def place(town: Town) -> Iterator[Site]:
    with served(console_app(town.seeded)) as url:
        yield Site(url, town.seeded)


def _files(quiz: str, **beside: str) -> list[tuple[str, tuple[str, io.BytesIO]]]:
    given = [("file", ("locks.yaml", io.BytesIO((PROGRAMME % quiz).encode())))]
    return given + [("beside", (f"{name}.yaml", io.BytesIO(text.encode()))) for name, text in beside.items()]


def test_a_programme_that_ships_is_loaded_and_says_what_stands_against_it(place: Site, town: Town) -> None:
    with signed_in(town, "author") as me:
        assert "A new release" in me.get(place.url + PAGE, timeout=10).text
        loaded = send(me, place.url, f"{PAGE}/load", starter="software-release", name="press-shop")
        assert "A new release is added." in loaded.text
        assert '<option value="press-shop-programme" selected>' in loaded.text
        files = me.get(f"{place.url}{PAGE}/files.zip?starter=sop-rollout", timeout=10).content
        assert "press-shop-quiz.yaml" in zipfile.ZipFile(io.BytesIO(files)).namelist()
        given = {"programme": "press-shop-programme", "first": "2026-03-09"}
        looked = send(me, place.url, f"{PAGE}/look", **given)
        assert "Not all of it can be done on this cohort." in looked.text
        assert "has the topic &#34;finding&#34;" in looked.text
        refused = send(me, place.url, f"{PAGE}/start", **given)
        assert refused.status_code == 422
        assert "poll what-slows-you: no nugget of press-shop has the topic" in refused.text


def test_a_file_is_loaded_with_what_it_names_and_reads_nothing_else(place: Site, town: Town) -> None:
    with signed_in(town, "author here") as me:
        for elsewhere in ("../reinforce.db", "/etc/hostname", "round.yaml"):
            refused = send(me, place.url, f"{PAGE}/load", files=_files(elsewhere))
            assert refused.status_code == 422
            assert f"there is no file {elsewhere} beside this one." in refused.text
            assert "locks.yaml:9:" in refused.text
            assert str(town.seeded.folder) not in refused.text
        wrong = send(me, place.url, f"{PAGE}/load", files=_files("round.yaml", round="title: A round\n"))
        assert "<code>round.yaml:1:1</code>" in wrong.text
        loaded = send(me, place.url, f"{PAGE}/load", files=_files("round.yaml", round=ROUND))
        assert "&lt;b&gt;Locks&lt;/b&gt; is added." in loaded.text
        assert "<b>Locks" not in loaded.text
        assert "Begin from" not in send(me, place.url, f"{PAGE}/load").text
    with signed_in(town, "author") as me:
        beyond = f"/cohorts/{OTHER}/programme"
        send(me, place.url, f"{beyond}/start", programme="locks", first="2026-03-09")
    with signed_in(town, "author here") as me:
        other = send(me, place.url, f"{PAGE}/load", files=_files("round.yaml", round=ROUND))
        assert "runs on cohorts which are not yours" in other.text
        for path in ("look", "load", "start", "stop"):
            answer = send(me, place.url, f"/cohorts/{OTHER}/programme/{path}", first="2026-03-09")
            assert answer.status_code == 404, path


def test_it_is_looked_at_started_held_and_stopped(place: Site, town: Town) -> None:
    with signed_in(town, "author") as me:
        past = send(me, place.url, f"{PAGE}/look", programme="locks", first="2026-01-05")
        assert past.status_code == 422
        assert "2026-01-05 has passed" in past.text
        looked = send(me, place.url, f"{PAGE}/look", programme="locks", first="2026-03-09")
        assert "Nothing is started yet." in looked.text
        assert "Mon 9 Mar 2026 to Sun 22 Mar 2026" in looked.text
        assert "What is hardest about locks?" in looked.text
        started = send(me, place.url, f"{PAGE}/start", programme="locks", first="2026-03-09")
        assert "starts on Press shop on 2026-03-09" in started.text
        assert "Everybody knows why." in started.text
        assert send(me, place.url, f"{PAGE}/start", programme="locks", first="2026-03-09").status_code == 422
        held = send(me, place.url, f"{HERE}/hold", first="2026-03-12", last="2026-03-18", shift="yes")
        assert "What is to come of its programme is 7 days later." in held.text
        assert "Mon 9 Mar 2026 to Sun 29 Mar 2026" in me.get(place.url + PAGE, timeout=10).text
        lifted = send(me, place.url, f"{HERE}/lift", hold=hidden_fields(held.text)["hold"])
        assert "7 days earlier again" in lifted.text
        assert "goes on as before it." in send(me, place.url, f"{PAGE}/stop").text


def test_what_other_dates_would_do_is_told_before_they_are_set(place: Site, town: Town) -> None:
    dates = f"{HERE}/dates"
    with signed_in(town, "author") as me:
        asked = {"starts_on": "2026-03-02", "ends_on": "2026-05-01", "updates": "yes"}
        for address, more in ((f"{dates}/look", {}), (dates, {"look": "yes"})):
            told = send(me, place.url, address, **asked, **more)
            assert "completion" in told.text
            assert "it goes out on 2026-" in told.text
        assert 'value="2026-05-01"' not in me.get(place.url + dates, timeout=10).text
        assert "is no date" in send(me, place.url, f"{dates}/look", ends_on="soon").text
        told = send(me, place.url, dates, **asked)
        assert "completion: it goes out on 2026-" in told.text
        assert "<td>completion</td>" in told.text
        same = send(me, place.url, f"{dates}/look", **asked)
        assert "No post about the dates changes by this." in same.text
        shared = send(me, place.url, f"{HERE}/priority", priority="3")
        assert "Press shop has priority 3 on its account." in shared.text
    with signed_in(town, "viewer") as me:
        assert send(me, place.url, f"{dates}/look", **asked).status_code == 403
