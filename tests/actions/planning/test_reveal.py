"""The answer under a question, once its window has closed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import update

from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t

if TYPE_CHECKING:
    from tests.actions.planning.conftest import Course

BERLIN = ZoneInfo("Europe/Berlin")


def test_the_answer_follows_under_its_question_when_the_window_has_closed(course: Course) -> None:
    question = course.first_post()
    course.now = question.due_at + timedelta(hours=29)
    assert course.reveals().planned == ()
    assert course.reveals().waiting == 1
    course.now += timedelta(hours=1)
    (reveal,) = course.reveals().planned
    assert (reveal.form, reveal.reply_to, reveal.reply_to_outbox_id) == ("reveal", question.remote_id, question.id)
    assert reveal.due_at.astimezone(BERLIN).isoformat() == "2026-03-03T15:00:00+01:00"
    assert "B" in reveal.text
    assert "Why:" in reveal.text
    assert reveal.price_micros == course.tariff.post
    assert course.reveals().planned == ()


def test_an_answer_that_falls_on_a_weekend_waits_for_monday_morning(course: Course) -> None:
    course.now += timedelta(days=4)
    question = course.first_post()
    course.now = question.due_at + timedelta(hours=31)
    assert course.reveals().waiting == 1
    course.now = question.due_at + timedelta(days=3, hours=-2, minutes=1)
    (reveal,) = course.reveals().planned
    assert reveal.due_at.astimezone(BERLIN).isoformat() == "2026-03-09T07:01:00+01:00"


def test_a_cadence_without_reveals_has_none(course: Course) -> None:
    course.schedule(reveal=False)
    question = course.first_post()
    course.now = question.due_at + timedelta(hours=31)
    assert course.reveals().planned == ()


def test_the_answer_is_that_of_the_question_as_it_was_asked(course: Course) -> None:
    question = course.first_post()
    with course.database.write() as connection:
        asked = t.question.c.id == question.question_id
        connection.execute(update(t.question).where(asked).values(retired_at=course.now))
    course.now = question.due_at + timedelta(hours=31)
    (reveal,) = course.reveals().planned
    assert reveal.question_id == question.question_id


def test_a_question_that_went_out_late_has_its_whole_window(course: Course) -> None:
    course.plan()
    course.now += timedelta(hours=3, minutes=5)
    (question,) = course.send()
    course.now = question.due_at + timedelta(hours=31)
    assert course.reveals().waiting == 1
    course.now += timedelta(hours=3)
    assert course.reveals().waiting == 1  # quiet hours have begun
    course.now += timedelta(hours=13)
    assert len(course.reveals().planned) == 1


def test_an_answer_nobody_waits_for_any_more_is_given_up_on_record(course: Course) -> None:
    question = course.first_post()
    course.now = question.due_at + timedelta(days=10)
    outcome = course.reveals()
    assert (outcome.planned, outcome.given_up) == ((), 1)
    assert "more than a week ago" in course.quiet()[f"reveal/{question.id}"]
    assert course.reveals().given_up == 0


def test_an_answer_waits_for_a_day_with_room(course: Course) -> None:
    course.schedule(policy={"name": "wrr-edf", "deadline_days": 7})
    question = course.first_post()
    course.now = question.due_at + timedelta(days=1)
    course.plan()
    course.send()
    course.schedule(caps={"a_day": 1, "a_week": 5, "new_a_week": 2})
    course.now = question.due_at + timedelta(hours=30)
    assert course.reveals().planned == ()
    course.now = question.due_at + timedelta(days=1, hours=22)
    assert len(course.reveals().planned) == 1
    assert len([item for item in course.items(State.PLANNED) if item.form == "reveal"]) == 1
