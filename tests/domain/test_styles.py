"""Styles of wording, compared without naming anybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.nugget import Form
from reinforce.domain.reporting.shares import Share
from reinforce.domain.reporting.styles import Use, compare
from reinforce.domain.texts.style import style_of

START = datetime(2026, 3, 2, tzinfo=UTC)
EVERYBODY = frozenset(range(10))


def _use(style: str, day: int, *, form: Form = Form.REMINDER, nugget: int = 1, knew: int = 0, not_yet: int = 0) -> Use:
    graded = {one: one < knew for one in range(knew + not_yet)}
    return Use(nugget, form, style, START + timedelta(days=day), EVERYBODY, frozenset(graded), graded)


@pytest.mark.parametrize(
    ("text", "given_style", "style"),
    [
        ("Your lock, your key.", " If-Then ", "if-then"),
        ("Who has your key?", "", "(asks)"),
        ("¿Quién tiene tu llave?", "", "(asks)"),
        ("谁拿着你的钥匙？", "", "(asks)"),
        ("Six people, 6 locks.", "", "(has a number)"),
        ("Your lock, your key.", "", "(short)"),
        ("Your lock, " * 20, "", "(long)"),
    ],
)
def test_an_authors_word_goes_before_what_the_text_itself_tells(text: str, given_style: str, style: str) -> None:
    assert style_of(text, given_style) == style


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_interval_holds_the_share_and_lies_between_nothing_and_all(hits: int, more: int) -> None:
    share = Share(hits, hits + more)
    low, high = share.interval
    assert 0.0 <= low <= high <= 1.0
    if share.of:
        assert low <= share.value <= high


def test_the_interval_is_that_of_the_textbook() -> None:
    # Newcombe 1998, table I: 81 of 263, and 0 of 20.
    assert Share(81, 263).interval == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert Share(0, 20).interval == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_responses_are_counted_of_those_reached_over_all_posts_of_a_style() -> None:
    story, fact = _use("story", 0, knew=6), _use("story", 9, knew=2, not_yet=4)
    (line,) = compare([story, fact])
    assert (line.style, line.posts) == ("story", 2)
    assert line.responses == Share(12, 20)
    assert line.knew == Share(8, 12)


def test_what_is_right_when_next_asked_counts_for_the_last_reminder_before() -> None:
    lines = compare(
        [
            _use("fact", 0),
            _use("story", 5),
            _use("number", 9, form=Form.QUESTION, knew=4, not_yet=2),
            _use("number", 20, form=Form.QUESTION, knew=9),
            _use("fact", 30, nugget=2),
        ]
    )
    found = {line.style: line.next_right for line in lines}
    assert found == {"story": Share(4, 6), "fact": None, "number": None}


def test_no_figure_stands_on_fewer_than_five_people() -> None:
    few = Use(1, Form.REMINDER, "fact", START, frozenset(range(4)), frozenset(range(4)), dict.fromkeys(range(4), True))
    again = Use(2, Form.REMINDER, "fact", START, few.reached, few.responded, few.graded)
    (line,) = compare([few, again])
    assert (line.responses, line.knew, line.next_right) == (None, None, None)
    (line,) = compare([_use("fact", 0, knew=4)])
    assert line.responses == Share(4, 10)
    assert line.knew is None
