"""A planned post at another time: by the same rules as its slot, once, and its slot is never filled anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from reinforce.actions.enrolling.be_away import hold_cohort
from reinforce.actions.planning.plan import PlanResult
from reinforce.actions.sending.move import move_post
from reinforce.domain.errors import NotAllowed
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.store import tables as t
from reinforce.store.operating import audit
from reinforce.store.sending import due, outbox
from tests.actions.planning.conftest import LEASE, Course

HOUR = timedelta(hours=1)


def _planned(course: Course) -> OutboxItem:
    planned = course.plan().item
    assert planned is not None
    return planned


def _move(course: Course, item: OutboxItem, to: datetime) -> OutboxItem:
    return move_post(course.database, item.id, to, actor="member/1", now=course.now).item


def test_a_moved_post_goes_out_once_at_its_new_time_and_its_slot_is_not_filled_anew(course: Course) -> None:
    item = _planned(course)
    version = course.version()
    moved = _move(course, item, item.due_at + 2 * HOUR)
    assert (moved.due_at, moved.occurrence) == (item.due_at + 2 * HOUR, item.occurrence)
    assert moved.grace_until > moved.due_at
    assert course.version() > version, "a plan made from the snapshot before has to choose again"
    sent = []
    while course.now < item.due_at + 2 * HOUR:
        outcome, posted = course.tick(0.25)
        assert outcome.result is not PlanResult.PLANNED, "its slot is taken"
        assert not posted
    for _ in range(3):
        sent += course.tick(0.25)[1]
    assert [one.id for one in sent] == [item.id]


def test_whoever_read_it_before_it_was_moved_cannot_claim_it(course: Course) -> None:
    item = _planned(course)
    moved = _move(course, item, item.due_at + HOUR)
    late = moved.due_at + timedelta(minutes=1)
    with course.database.write() as connection:
        assert outbox.claim(connection, item, "test:1", LEASE) is None
        assert outbox.cancel(connection, item, "read before") is None
        assert due.claim_due(connection, item, "test:1", late, late + LEASE) is None
        assert due.claim_due(connection, moved, "test:1", late - HOUR, late + LEASE) is None, "it is not due yet"
        assert outbox.reschedule(connection, item, late, late, {}) is None
        assert due.claim_due(connection, moved, "test:1", late, late + LEASE) is not None


def test_what_has_begun_to_be_sent_is_not_moved(course: Course) -> None:
    item = _planned(course)
    with course.database.write() as connection:
        assert outbox.claim(connection, item, "test:1", LEASE) is not None
    with pytest.raises(NotAllowed, match="leased"):
        _move(course, item, item.due_at + HOUR)


def test_moving_it_back_undoes_it_and_both_are_on_record(course: Course) -> None:
    item = _planned(course)
    _move(course, item, item.due_at + HOUR)
    back = _move(course, item, item.due_at)
    assert replace(back, fence=item.fence, decision=item.decision) == item
    with course.database.read() as connection:
        rows = [one for one in audit.latest(connection, limit=10) if one.verb == "post.moved"]
    assert len(rows) == 2


def test_the_rules_of_the_plan_hold_for_a_move(sqlite_course: Course) -> None:
    course, item = sqlite_course, _planned(sqlite_course)
    with course.database.write() as connection:
        connection.execute(update(t.cohort).values(starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 13)))
    wednesday = date(2026, 3, 4)
    hold_cohort(course.database, "press", wednesday, wednesday, "stocktaking", actor="test", now=course.now)
    at = item.due_at
    for to, told in (
        (course.now - HOUR, "has passed"),
        (at + timedelta(days=12), "does not run on"),
        (at + timedelta(days=20), "more than 14 days"),
        (at + timedelta(days=2), "on hold: stocktaking"),
        (at + timedelta(hours=13), "quiet hours"),
        (at + timedelta(days=1), "the slot “morning”"),
    ):
        with pytest.raises(NotAllowed, match=told):
            _move(course, item, to)
    assert course.items()[0] == item


def test_caps_and_the_gap_to_other_cohorts_hold_for_a_move(sqlite_course: Course) -> None:
    course, item = sqlite_course, _planned(sqlite_course)

    def other(at: datetime, n: int) -> None:
        with course.database.write() as connection:
            connection.execute(
                insert(t.outbox).values(
                    account_id=1, cohort_id=None, form="reminder", occurrence=f"o{n}", state="planned", fence=0,
                    owner="", rounds=0, text=str(n), text_hash=str(n), alternatives=[], price_micros=0, due_at=at,
                    grace_until=at + HOUR, reason="", decision={}, outcome="", created_at=course.now,
                )
            )  # fmt: skip

    other(item.due_at + 3 * HOUR, 1)
    with pytest.raises(NotAllowed, match="too near"):
        _move(course, item, item.due_at + 3 * HOUR + timedelta(minutes=2))
    for n in range(2, 5):
        other(item.due_at + timedelta(days=1, hours=n), n)
    with pytest.raises(NotAllowed, match="no room"):
        _move(course, item, item.due_at + timedelta(days=1, hours=6))


def test_what_stands_under_another_post_has_its_own_time(sqlite_course: Course) -> None:
    course, item = sqlite_course, _planned(sqlite_course)
    with course.database.write() as connection:
        connection.execute(update(t.outbox).values(occurrence="reveal/1"))
    with pytest.raises(NotAllowed, match="belongs to another post"):
        _move(course, item, item.due_at + HOUR)
