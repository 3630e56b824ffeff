"""Settings on the console: caps, budgets, halting; cadences in words, lexicon, prices, times of keeping."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time

import pytest
import requests

from reinforce.accounts.tariff import read_tariff
from reinforce.content.schedule_file import read_schedule
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.planning.cadence import Slot
from reinforce.shipped import shipped
from reinforce.store.accounts import accounts
from reinforce.store.sending import spending
from reinforce.web.cadence_words import cadence_words, slot_words, weekdays
from tests.web.conftest import Site, console_app, served
from tests.web.people import Town, settle


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = settle(tmp_path_factory.mktemp("settings") / "workspace")
    folder = made.seeded.folder / "lexicon"
    folder.mkdir()
    (folder / "plant.yaml").write_text("language: en\ngot_it:\n  - over and out <b>\n", "utf-8")
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


def _post(session: requests.Session, url: str, path: str, **fields: object) -> requests.Response:
    found = re.search(r'name="token" value="(\w+)"', session.get(f"{url}/me", timeout=10).text)
    assert found is not None
    return session.post(url + path, data={"token": found[1], **fields}, timeout=30)


def _record(town: Town) -> AccountRecord:
    with town.seeded.database.read() as connection:
        return accounts.account_by_name(connection, "practice")


def _undo(page: str) -> dict[str, str]:
    notice = page.partition('class="note good told"')[2].partition("</form>")[0]
    return {name: value for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', notice) if name != "token"}


def test_caps_are_kept_undone_and_refused_with_what_was_typed(
    place: Site, town: Town, operator: requests.Session
) -> None:
    given = {"account": "practice", "posts_a_day": "3", "posts_a_week": "9", "gap_minutes": "0"}
    page = _post(operator, place.url, "/settings/caps", **given)
    there = _record(town)
    assert (there.posts_a_day, there.posts_a_week, there.gap_minutes) == (3, 9, 0)
    _post(operator, place.url, "/settings/caps", **_undo(page.text))
    assert _record(town).posts_a_day == 12
    for wrong, said in (
        ({"posts_a_day": "10"}, "a week can&#39;t hold less than a day may"),
        ({"posts_a_day": "0"}, "posts a day can&#39;t be 0"),
        ({"gap_minutes": "-5"}, "is no whole number"),
        ({"posts_a_week": "99999999999999999999"}, "is no whole number"),
    ):
        refused = _post(operator, place.url, "/settings/caps", **(given | wrong))
        assert refused.status_code == 422
        assert said in refused.text
        assert f'value="{next(iter(wrong.values()))}"' in refused.text
    assert _record(town).posts_a_day == 12
    assert _post(operator, place.url, "/settings/caps", **(given | {"account": "none"})).status_code == 404


def test_a_budget_is_shown_with_what_is_spent_and_can_be_taken_back(
    place: Site, town: Town, operator: requests.Session
) -> None:
    page = _post(operator, place.url, "/settings/budget", account="practice", dollars="$12.50", posts="60")
    assert re.search(r"\$0\.\d+ of \$12\.50", page.text)
    assert 'value="12.5"' in page.text
    of_one = _post(operator, place.url, "/settings/budget", account="practice", cohort="press-shop", posts="7")
    assert "Budget of press-shop" in of_one.text
    back = _post(operator, place.url, "/settings/budget", **_undo(page.text))
    assert "of $12.50" not in back.text
    with town.seeded.database.read() as connection:
        allowance = spending.allowance(connection, _record(town).id, read_tariff(), town.seeded.clock.now())
    assert not allowance.bounds.monthly
    assert next(iter(allowance.cohorts.values()))[0].posts_a_month == 7
    for wrong in ({"dollars": "12,50"}, {"dollars": "NaN"}, {"dollars": "-1"}, {"dollars": "1e40"}, {"posts": "x"}):
        refused = _post(operator, place.url, "/settings/budget", account="practice", **wrong)
        assert refused.status_code == 422, wrong
        assert f'value="{next(iter(wrong.values()))}"' in refused.text
    missing = _post(operator, place.url, "/settings/budget", account="practice", cohort="nowhere", posts="7")
    assert missing.status_code == 404


def test_halting_says_what_will_happen_stops_the_account_and_resuming_takes_it_back(
    place: Site, town: Town, operator: requests.Session
) -> None:
    page = operator.get(f"{place.url}/settings", timeout=10).text
    assert "Nothing more is sent from practice, from this moment until somebody resumes it." in page
    halted = _post(operator, place.url, "/settings/halt", account="practice")
    assert "Halted: nothing is sent from practice" in halted.text
    assert _record(town).halted_at is not None
    assert "The account is halted." in halted.text
    assert "Sending goes on from practice." in _post(operator, place.url, "/settings/resume", account="practice").text
    assert _record(town).halted_at is None


def test_an_account_that_can_not_be_checked_says_what_to_do(place: Site, operator: requests.Session) -> None:
    refused = _post(operator, place.url, "/settings/check", account="practice")
    assert refused.status_code == 422
    assert "there is no key" in refused.text
    assert "reinforce init" in refused.text


def test_cadences_stand_in_words_with_their_cohorts(place: Site, operator: requests.Session) -> None:
    text = operator.get(f"{place.url}/settings/cadences", timeout=10).text
    assert "09:00 Monday to Friday, called morning" in text
    assert '<a href="/cohorts/press-shop">Press shop</a>' in text
    assert "a file of yours, under a name that ships" in text
    assert "Each nugget again 1, 3, 10, 30 and 60 days after its first post, whatever comes back." in text


def test_every_cadence_that_ships_can_be_told_in_words() -> None:
    for path in shipped("schedules").glob("*.yaml"):
        for name, words in cadence_words(read_schedule(path).cadence):
            assert words.endswith("."), (path, name)
            assert words[0].isupper()
    assert [weekdays(days) for days in (range(7), {0, 1, 2}, {0, 2, 4}, {5}, {5, 6})] == [
        "every day",
        "Monday to Wednesday",
        "Mon, Wed, Fri",
        "Saturday",
        "Sat, Sun",
    ]
    assert slot_words(Slot("late", time(21, 5), frozenset({6}))) == "21:05 Sunday, called late"


def test_the_lexicon_stands_by_what_it_decides_and_marks_what_the_workspace_adds(
    place: Site, town: Town, operator: requests.Session
) -> None:
    text = operator.get(f"{place.url}/settings/lexicon", timeout=10).text
    assert "over and out &lt;b&gt; <span" in text
    assert "1 of yours" in text
    german = operator.get(f"{place.url}/settings/lexicon?language=de", timeout=10).text
    assert "over and out" not in german
    assert "1 of yours" not in german
    broken = town.seeded.folder / "lexicon" / "broken.yaml"
    broken.write_text("language: en\nstop:\n  - (never\n", "utf-8")
    told = operator.get(f"{place.url}/settings/lexicon", timeout=10).text
    broken.unlink()
    assert "this form can&#39;t be read" in told
    assert ":3:" in told
    assert "over and out" not in told


def test_prices_stand_with_their_day_and_source_and_times_as_they_are_set(
    place: Site, operator: requests.Session
) -> None:
    text = operator.get(f"{place.url}/settings/files", timeout=10).text
    for told in ("as of ", "X&#39;s developer documentation", "$0.20", "keep_texts_days", "reinforce.toml", "for ever"):
        assert (told in text) is (told != "for ever"), told
