"""The days to come, and a post asked for at once."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from reinforce.actions.planning.post_now import post_now
from reinforce.actions.planning.preview import next_slots
from reinforce.domain.errors import NotAllowed, NotFound, ReinforceError
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.store import tables as t
from reinforce.store.authoring.nuggets import cohort_nuggets
from tests.databases import ON_SQLITE

if TYPE_CHECKING:
    from tests.actions.planning.conftest import Course


def _now(course: Course, nugget: str, form: str | None = None, request: str = "r1") -> OutboxItem:
    return post_now(
        course.database, nugget, "press", form, request, course.renderer, course.tariff, now=course.now, actor="test"
    )


def test_a_month_is_shown_in_order_with_its_prices_and_its_silences(course: Course) -> None:
    started = time.perf_counter()
    shown = course.preview(30)
    assert time.perf_counter() - started < 2.0
    assert [one.due_at for one in shown] == sorted(one.due_at for one in shown)
    forms = Counter(one.form for one in shown)
    assert forms["question"] >= 4
    assert forms["reveal"] >= 4
    assert forms["quiet"] >= 4
    assert all(one.reason for one in shown)
    assert all((one.price_micros > 0) == (one.form != "quiet") for one in shown)
    assert str(shown[0].local) == "2026-03-02 09:00:00+01:00"
    texts = [one.text for one in shown if one.text]
    assert len(texts) == len(set(texts))


def test_the_preview_changes_nothing_and_says_the_same_twice(course: Course) -> None:
    first = course.preview(14)
    assert course.preview(14) == first
    assert course.items() == ()
    assert course.quiet() == {}


@ON_SQLITE
def test_what_the_preview_says_is_what_the_plan_does(course: Course) -> None:
    shown = course.preview(16)
    for one in shown:
        course.now = one.due_at
        course.plan()
        course.reveals()
        course.send()
    found = [(item.due_at, item.form, item.text) for item in course.items()]
    assert found == [(one.due_at, one.form, one.text) for one in shown if one.form != "quiet"]
    assert len(found) > 5


def test_what_stands_in_the_outbox_is_shown_as_it_stands(course: Course) -> None:
    planned = course.plan().item
    assert planned is not None
    first = course.preview(3)[0]
    assert (first.planned, first.text, first.slot) == (True, planned.text, "morning")
    course.now += timedelta(minutes=5)
    course.send()
    assert [one.form for one in course.preview(3)][:2] == ["quiet", "reveal"] or course.preview(3)[0].form != "quiet"
    assert "reveal" in [one.form for one in course.preview(3)]


def test_the_next_slots_are_the_first_rows_of_the_preview(course: Course) -> None:
    found = next_slots(course.database, course.cohort.id, course.renderer, course.tariff, now=course.now, count=5)
    assert found == course.preview(30)[:5]


def test_a_post_asked_for_is_planned_at_once_and_only_once_a_request(course: Course) -> None:
    item = _now(course, "lockout/try-out", "question")
    assert (item.due_at, item.form, item.reason) == (course.now, "question", "A person asked for it.")
    assert _now(course, "lockout/try-out", "question") == item
    other = _now(course, "lockout/why-lockout", "reminder", "r2")
    assert other.text != item.text
    assert len(course.items()) == 2


def test_a_post_asked_for_keeps_the_caps_and_says_so(course: Course) -> None:
    _now(course, "try-out", "reminder", "r1")
    _now(course, "own-lock", "reminder", "r2")
    with pytest.raises(NotAllowed, match="at most 2 posts a day") as refused:
        _now(course, "why-lockout", "reminder", "r3")
    assert "raise the caps" in refused.value.advice


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": "paused"}, "is paused"),
        ({"country": "DE", "zone": "Pacific/Honolulu"}, "quiet hours"),
    ],
)
def test_a_post_asked_for_at_the_wrong_time_is_refused(course: Course, change: dict[str, str], message: str) -> None:
    with course.database.write() as connection:
        connection.execute(update(t.cohort).values(**change))
    with pytest.raises(NotAllowed, match=message):
        _now(course, "try-out")


def test_a_post_asked_for_on_a_holiday_is_refused(course: Course) -> None:
    course.now += timedelta(days=32)
    with pytest.raises(NotAllowed, match="Good Friday"):
        _now(course, "try-out")


def test_an_internal_nugget_is_refused_for_a_public_account(course: Course) -> None:
    with course.database.write() as connection:
        connection.execute(update(t.nugget).values(confidentiality="internal"))
        connection.execute(update(t.account).values(confidentiality="public"))
    with pytest.raises(NotAllowed, match="internal, and the account practice is public"):
        _now(course, "try-out")


def test_what_is_not_there_is_named(course: Course) -> None:
    with pytest.raises(NotFound, match="no nugget tryout"):
        _now(course, "tryout")
    with pytest.raises(NotAllowed, match="can't be posted as a poll here"):
        _now(course, "try-out", "poll")


def test_a_nugget_all_of_whose_texts_were_used_is_refused(course: Course) -> None:
    course.schedule(caps={"a_day": 50, "a_week": 200, "new_a_week": 2})
    with course.database.read() as connection:
        wordings = next(one for one in cohort_nuggets(connection, course.cohort.id) if one.slug == "try-out").wordings
    found = [_now(course, "try-out", "reminder", f"r{n}").text for n in range(len(wordings))]
    assert len(found) == len(set(found)) >= 4
    with pytest.raises(NotAllowed, match="out of wordings"):
        _now(course, "try-out", "reminder", "one more")


def test_a_cohort_of_an_unknown_country_is_told_so(course: Course) -> None:
    with course.database.write() as connection:
        connection.execute(update(t.cohort).values(country="XX"))
    with pytest.raises(ReinforceError, match='no holidays for the country "XX"'):
        course.preview(3)
