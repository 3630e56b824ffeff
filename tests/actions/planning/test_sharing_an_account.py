"""Two cohorts on a crowded account: each gets its share, posts are a gap apart, and the reasons say why."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.operating.set_caps import set_caps
from reinforce.content.schedule_file import read_schedule
from reinforce.domain.errors import NotAllowed
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from tests.actions.planning.conftest import REPOSITORY
from tests.databases import ON_SQLITE

if TYPE_CHECKING:
    from tests.actions.planning.conftest import Course


def _beside(course: Course, slug: str, at: str) -> Course:
    """Another cohort on the account, which learns the same with a cadence of its own: one slot a day at `at`."""
    cadence = dict(read_schedule(REPOSITORY / "schedules" / "cohort-adaptive.yaml").content)
    week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    cadence |= {"name": slug, "slots": [{"name": "one", "at": at, "weekdays": week}], "reveal": False}
    cadence |= {"caps": {"a_day": 6, "a_week": 40, "new_a_week": 40}, "forms": ["reminder"], "repeat_after_days": 1}
    cadence |= {"policy": {"name": "wrr-edf", "deadline_days": 7}}
    wanted = NewCohort(slug, slug.title(), "practice", ("lockout",), zone="Europe/Berlin")
    cohort = create_cohort(course.database, wanted, cadence, actor="test", now=course.now)
    with course.database.write() as connection:
        found = connection.execute(select(t.enrollment).where(t.enrollment.c.cohort_id == course.cohort.id)).mappings()
        for row in found.all():
            values = {key: value for key, value in row.items() if key not in ("id", "cohort_id")}
            connection.execute(insert(t.enrollment).values(**values, cohort_id=cohort.id))
    return replace(course, cohort=cohort)


def _caps(course: Course, a_day: int, a_week: int, gap: int) -> None:
    set_caps(course.database, "practice", a_day, a_week, gap, actor="test", now=course.now)


def _days(course: Course, crew: list[Course], days: int) -> Counter[str]:
    """What each cohort posts in so many days."""
    start, sent = course.now, Counter[str]()
    for day in range(days):
        for hour in (0, 1, 6, 7):
            for one in crew:
                one.now = start + timedelta(days=day, hours=hour)
                one.plan()
            for one in crew:
                one.now += timedelta(minutes=40)
                sent[one.cohort.slug] += len(one.send())
    return sent


@ON_SQLITE
def test_the_later_of_two_cohorts_gets_its_share_and_the_reason_names_it(course: Course) -> None:
    course.schedule(slots=[])  # it has none of its own: it only lends its learners
    crew = [_beside(course, "early", "09:00"), _beside(course, "late", "15:00")]
    _caps(course, 1, 7, 10)
    sent = _days(course, crew, 6)
    assert sent == {"early": 3, "late": 3}
    reason = next(one for key, one in sorted(crew[0].quiet().items()) if "early" in key)
    assert reason.startswith("Room is kept for the cohort “Late”, which has something due on Tue 3 March 15:00")
    assert "has had 0 of the account's posts in seven days, this cohort 1." in reason
    posts = crew[0].items(State.POSTED) + crew[1].items(State.POSTED)
    assert max(Counter(one.due_at.date() for one in posts).values()) == 1


def test_a_slot_within_the_gap_of_another_cohort_s_post_moves_and_the_preview_knows_it(course: Course) -> None:
    course.schedule(slots=[])
    first, second = _beside(course, "a-first", "09:00"), _beside(course, "second", "09:05")
    _caps(course, 12, 60, 30)
    foreseen = second.preview(2)
    assert [one.local.strftime("%H:%M") for one in foreseen] == ["09:30", "09:30"]
    assert first.plan().item is not None
    second.now += timedelta(minutes=5)
    item = second.plan().item
    assert item is not None
    assert item.due_at == first.items()[0].due_at + timedelta(minutes=30)
    assert item.decision["moved_from"] == "2026-03-02T08:05:00+00:00"
    assert foreseen[0].due_at == item.due_at


def test_without_room_for_the_gap_a_slot_is_left_with_that_reason(course: Course) -> None:
    course.schedule(slots=[])
    first, second = _beside(course, "a-first", "09:00"), _beside(course, "second", "09:05")
    _caps(course, 12, 60, 300)
    assert first.plan().item is not None
    second.now += timedelta(minutes=5)
    outcome = second.plan()
    assert outcome.item is None
    assert outcome.reason.startswith("Other cohorts' posts are too near: two are 300 minutes apart")


def test_a_week_holds_no_less_than_a_day(course: Course) -> None:
    with pytest.raises(NotAllowed, match="a week can't hold less than a day may"):
        _caps(course, 20, 10, 0)
