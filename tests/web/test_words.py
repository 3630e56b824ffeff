"""How the console writes instants, money and reasons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reinforce.domain.nugget import Option, Question, QuestionKind
from reinforce.domain.sending.outbox import State
from reinforce.web import words
from reinforce.web.reasons import explained
from reinforce.web.tour.mistakes import a_wrong_answer

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "told"),
    [
        (NOW, "today 10:30"),
        (NOW + timedelta(hours=14), "tomorrow 00:30"),
        (NOW - timedelta(hours=11), "yesterday 23:30"),
        (NOW + timedelta(days=3), "Sat 7 Mar 10:30"),
        (NOW + timedelta(days=400), "Thu 8 Apr 2027 11:30"),
    ],
)
def test_an_instant_is_told_in_its_cohorts_wall_clock(instant: datetime, told: str) -> None:
    assert words.moment(instant, "Europe/Berlin", NOW) == told


def test_a_day_in_one_zone_may_be_the_day_before_in_another() -> None:
    late = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
    assert words.moment(late, "America/Los_Angeles", NOW) == "yesterday 18:00"
    assert words.moment(late, "Asia/Tokyo", NOW) == "today 11:00"


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=3), "3 min"),
        (timedelta(hours=5, minutes=7), "5 h 7 min"),
        (timedelta(hours=7, minutes=7), "7 h"),
        (timedelta(days=2, hours=4), "2 d 4 h"),
        (timedelta(days=9, hours=4), "9 d"),
    ],
)
def test_a_span_is_told_in_what_matters_of_it(length: timedelta, told: str) -> None:
    assert words.span(length) == told
    assert words.distance(NOW + length, NOW) == (told if told == "now" else f"in {told}")
    assert words.distance(NOW - length, NOW) == (told if told == "now" else f"{told} ago")


def test_money_keeps_the_digits_that_matter() -> None:
    assert words.money(15_000) == "$0.015"
    assert words.money(200_000) == "$0.20"
    assert words.money(12_300_000) == "$12.30"
    assert words.cents(980_400) == "$0.98"


def test_speed_is_told_as_people_say_it() -> None:
    assert words.pace(1440) == "a day a minute"
    assert words.pace(288) == "288 times as fast"


def test_every_state_of_a_post_has_a_word_and_a_meaning() -> None:
    for state in State:
        assert words.state_word(state)
        assert words.state_meaning(state).endswith(".")


def test_a_decision_is_explained_with_its_runner_up_and_what_was_passed_over() -> None:
    why = explained(
        {
            "policy": "cohort-adaptive",
            "nugget": "lockout/lock",
            "gain": 0.4312,
            "recall": 0.613,
            "below_one_half_since": "before 2026-02-20",
            "lowest_group": {"role": "operator", "recall": 0.4},
            "closes_at": "2026-03-04T13:00:00+00:00",
            "runner_up": {"nugget": "lockout/tell", "title": "Tell everyone", "form": "question", "gain": 0.29},
            "passed_over": {"lockout/try as a poll": "its choices are too long"},
            "something_new": 3,
            "empty": "",
        },
        "Europe/Berlin",
    )
    assert dict(why.numbers) == {
        "worth, in recalls gained": "0.431",
        "would recall it today": "61 %",
        "mean below one half since": "before Fri 20 Feb 2026",
        "lowest group": "operator, 40 %",
        "policy": "cohort-adaptive",
        "answers until": "Wed 4 Mar 14:00",
        "something new": "3",
    }
    assert why.others == (
        "“Tell everyone” as a question, worth 0.29",
        "lockout/try as a poll: its choices are too long",
    )


def test_the_wrong_answer_to_start_with_is_wrong() -> None:
    options = (Option("A", "one", True), Option("B", "two", False))
    assert a_wrong_answer(Question(QuestionKind.MULTIPLE_CHOICE, "?", options=options)) == "B"
    number = Question(QuestionKind.NUMBER, "?", accepted=("15",), tolerance=20)
    assert abs(float(a_wrong_answer(number)) - 15) > 20
    assert a_wrong_answer(Question(QuestionKind.SHORT, "?", accepted=("hasp",))) not in ("", "hasp")
