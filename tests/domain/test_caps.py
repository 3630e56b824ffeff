"""Room for posts, and which slot is to be planned."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.nugget import Form
from reinforce.domain.planning.cadence import AdaptiveRule, Cadence, Caps, PolicyName, QuietHours, Slot
from reinforce.domain.planning.caps import has_room
from reinforce.domain.planning.slot_queue import queue, stretch
from reinforce.domain.planning.slots import SlotTime

START = date(2026, 3, 2)
DAYS = st.integers(0, 20).map(lambda n: START + timedelta(days=n))
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
CADENCE = Cadence(
    name="test",
    slots=(Slot("a", time(9), frozenset(range(7))),),
    quiet_hours=QuietHours(time(18), time(7)),
    country="",
    subdivision="",
    days_off=frozenset(),
    caps=Caps(2, 5, 2),
    repeat_after=timedelta(days=90),
    grace=timedelta(hours=4),
    answer_window=timedelta(hours=30),
    reveal=True,
    forms=(Form.QUESTION,),
    policy=PolicyName.COHORT_ADAPTIVE,
    rule=AdaptiveRule(),
)


def _slot(hours_ago: float, off: str = "") -> SlotTime:
    at = NOW - timedelta(hours=hours_ago)
    return SlotTime(f"h{hours_ago:g}", at.date(), at, off)


@given(st.lists(st.lists(DAYS, min_size=1, max_size=2), max_size=40), st.integers(1, 3), st.integers(1, 8))
def test_whatever_is_let_in_no_day_and_no_seven_days_ever_hold_too_much(
    wishes: list[list[date]], a_day: int, a_week: int
) -> None:
    caps = Caps(a_day, max(a_day, a_week), 1)
    posts: Counter[date] = Counter()
    for days in wishes:
        if has_room(posts, days, caps):
            posts.update(days)
        else:
            more = posts + Counter(days)
            weeks = [sum(more[day + timedelta(days=n)] for n in range(7)) for day in more]
            around = [sum(more[day - timedelta(days=back - n)] for n in range(7)) for day in more for back in range(7)]
            assert max(more.values()) > caps.a_day or max(*weeks, *around) > caps.a_week
    for day in posts:
        assert posts[day] <= caps.a_day
        assert sum(posts[day + timedelta(days=n)] for n in range(7)) <= caps.a_week


def test_of_late_slots_only_the_latest_is_served() -> None:
    found = queue([_slot(9), _slot(3), _slot(1)], CADENCE, "UTC", NOW)
    assert found.due == _slot(1)
    assert [(slot.slot, why) for slot, why in found.missed] == [
        ("h9", "it passed while nothing ran"),
        ("h3", "a later slot has come, and posts are never bunched"),
    ]


def test_a_slot_ahead_waits_its_turn_behind_a_late_one() -> None:
    found = queue([_slot(1), _slot(-0.05)], CADENCE, "UTC", NOW)
    assert found.due == _slot(1)
    assert found.missed == ()
    assert queue([_slot(-0.05)], CADENCE, "UTC", NOW).due == _slot(-0.05)


def test_a_late_slot_in_quiet_hours_is_missed() -> None:
    evening = NOW + timedelta(hours=7)
    slot = SlotTime("a", evening.date(), evening - timedelta(hours=2))
    found = queue([slot], CADENCE, "UTC", evening)
    assert found.due is None
    assert found.missed == ((slot, "it passed while nothing ran, and quiet hours have begun"),)


def test_nothing_is_due_before_the_cohort_was_made() -> None:
    start, end = stretch(NOW - timedelta(hours=1), NOW)
    assert start == NOW - timedelta(hours=1)
    assert end > NOW
    assert stretch(NOW - timedelta(days=300), NOW)[0] == NOW - timedelta(days=7)
