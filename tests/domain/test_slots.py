"""Wall-clock times to instants, across zones and changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.nugget import Form
from reinforce.domain.planning.cadence import (
    AdaptiveRule,
    Cadence,
    Caps,
    PolicyName,
    QuietHours,
    Slot,
)
from reinforce.domain.planning.slots import in_quiet_hours, local_day, next_open, resolve, slot_times

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Pacific/Chatham",
    "UTC",
]
DAYS = st.dates(date(2011, 1, 1), date(2037, 12, 31))
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
EVERY_DAY = frozenset(range(7))
WORKDAYS = frozenset(range(5))


def _cadence(*slots: Slot, quiet: QuietHours | None = None, days_off: frozenset[date] = frozenset()) -> Cadence:
    return Cadence(
        name="test",
        slots=slots,
        quiet_hours=quiet,
        country="",
        subdivision="",
        days_off=days_off,
        caps=Caps(2, 5, 2),
        repeat_after=timedelta(days=90),
        grace=timedelta(hours=4),
        answer_window=timedelta(hours=30),
        reveal=True,
        forms=(Form.QUESTION, Form.REMINDER),
        policy=PolicyName.COHORT_ADAPTIVE,
        rule=AdaptiveRule(),
    )


def _first_minute_at_or_past(day: date, at: time, zone: str) -> datetime:
    """What the promise says, the slow way: the first minute whose wall clock has reached the time."""
    wall = datetime.combine(day, at)
    minute = wall.replace(tzinfo=UTC) - timedelta(hours=15)
    while minute.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < wall:
        minute += timedelta(minutes=1)
    return minute


@pytest.mark.parametrize(
    ("zone", "day", "at", "instant"),
    [
        # Gaps: the instant of the jump.
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), "2026-03-29T01:00Z"),
        ("America/New_York", date(2026, 3, 8), time(2, 0), "2026-03-08T07:00Z"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:30Z"),
        ("America/Santiago", date(2026, 9, 6), time(0, 30), "2026-09-06T04:00Z"),
        ("Pacific/Apia", date(2011, 12, 30), time(9, 0), "2011-12-30T10:00Z"),
        # Overlaps: the first of the two.
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30Z"),
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T05:30Z"),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 45), "2026-04-04T14:45Z"),
        # Neither.
        ("Asia/Kathmandu", date(2026, 3, 2), time(9, 0), "2026-03-02T03:15Z"),
        ("Pacific/Chatham", date(2026, 1, 5), time(8, 0), "2026-01-04T18:15Z"),
    ],
)
def test_a_local_time_in_a_gap_is_the_jump_and_in_an_overlap_the_first_of_two(
    zone: str, day: date, at: time, instant: str
) -> None:
    assert resolve(day, at, zone) == datetime.fromisoformat(instant)


@given(st.sampled_from(ZONES), DAYS, TIMES)
def test_a_slot_is_the_first_minute_whose_wall_clock_has_reached_it(zone: str, day: date, at: time) -> None:
    assert resolve(day, at, zone) == _first_minute_at_or_past(day, at, zone)


@given(
    st.sampled_from(ZONES),
    st.sampled_from(
        [
            date(2026, 3, 29),
            date(2026, 4, 5),
            date(2026, 9, 6),
            date(2026, 10, 4),
            date(2026, 10, 25),
            date(2026, 11, 1),
        ]
    ),
    TIMES,
)
def test_on_the_days_clocks_change_too(zone: str, day: date, at: time) -> None:
    assert resolve(day, at, zone) == _first_minute_at_or_past(day, at, zone)


@given(st.sampled_from(ZONES), DAYS)
def test_a_daily_slot_comes_once_a_day_in_any_zone(zone: str, day: date) -> None:
    cadence = _cadence(Slot("early", time(2, 30), EVERY_DAY))
    start = datetime.combine(day, time(12), tzinfo=UTC)
    found = list(slot_times(cadence, zone, {}, start, start + timedelta(days=30)))
    days = [one.day for one in found]
    assert len(days) in (29, 30, 31)
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert [one.at for one in found] == sorted(one.at for one in found)


def test_two_stretches_that_meet_share_no_slot_and_miss_none() -> None:
    cadence = _cadence(Slot("a", time(9), WORKDAYS), Slot("b", time(15), WORKDAYS))
    start = datetime(2026, 3, 2, tzinfo=UTC)
    whole = list(slot_times(cadence, "Europe/Berlin", {}, start, start + timedelta(days=14)))
    middle = whole[5].at
    parts = [
        *slot_times(cadence, "Europe/Berlin", {}, start, middle),
        *slot_times(cadence, "Europe/Berlin", {}, middle, start + timedelta(days=14)),
    ]
    assert parts == whole
    assert len(whole) == 20


def test_a_slot_on_a_holiday_says_which() -> None:
    cadence = _cadence(Slot("a", time(9), WORKDAYS), days_off=frozenset({date(2026, 12, 24)}))
    christmas = {date(2026, 12, 25): "Christmas Day"}
    start = datetime(2026, 12, 22, 23, tzinfo=UTC)
    found = list(slot_times(cadence, "Europe/Berlin", christmas, start, start + timedelta(days=3)))
    assert [one.off for one in found] == ["", "a day off of this cadence", "a holiday: Christmas Day"]


def test_a_slot_that_a_gap_moved_into_quiet_hours_is_off() -> None:
    cadence = _cadence(Slot("night", time(2, 30), EVERY_DAY), quiet=QuietHours(time(3), time(6)))
    start = datetime(2026, 3, 28, 12, tzinfo=UTC)
    found = list(slot_times(cadence, "Europe/Berlin", {}, start, start + timedelta(days=2)))
    assert [one.off for one in found] == ["quiet hours", ""]


def test_a_changed_zone_leaves_the_local_time_and_moves_the_instant() -> None:
    cadence = _cadence(Slot("a", time(9), EVERY_DAY))
    start = datetime(2026, 6, 1, tzinfo=UTC)
    berlin, tokyo = (
        next(slot_times(cadence, zone, {}, start, start + timedelta(days=2)))
        for zone in ("Europe/Berlin", "Asia/Tokyo")
    )
    assert (berlin.day, berlin.slot) == (date(2026, 6, 1), "a")
    assert berlin.at - tokyo.at == timedelta(hours=7) - timedelta(days=(tokyo.day - berlin.day).days)


QUIET = st.one_of(st.none(), st.builds(QuietHours, TIMES, TIMES))


@given(st.sampled_from(ZONES), DAYS, TIMES, QUIET, st.sets(st.integers(0, 6), min_size=1), st.sets(st.integers(0, 9)))
def test_the_next_open_instant_is_never_quiet_never_off_and_never_before(
    zone: str, day: date, at: time, quiet: QuietHours | None, weekdays: set[int], off: set[int]
) -> None:
    holidays = {day + timedelta(days=n): "Fair" for n in off}
    cadence = _cadence(Slot("a", time(9), frozenset(weekdays)), quiet=quiet)
    instant = datetime.combine(day, at, tzinfo=UTC)
    found = next_open(instant, cadence, zone, holidays)
    assert found is not None
    assert found >= instant
    assert not in_quiet_hours(found, cadence, zone)
    assert local_day(found, zone) not in holidays
    assert local_day(found, zone).weekday() in weekdays
    # Nothing open lies before it: a quarter of an hour is finer than any quiet hours worth having.
    earlier = instant
    while earlier < found - timedelta(minutes=1):
        today = local_day(earlier, zone)
        open_day = today.weekday() in weekdays and today not in holidays
        assert not open_day or in_quiet_hours(earlier, cadence, zone)
        earlier += timedelta(minutes=15)


def test_a_cadence_whose_every_day_is_off_never_opens() -> None:
    cadence = _cadence(Slot("a", time(9), EVERY_DAY))
    start = date(2026, 1, 1)
    holidays = {start + timedelta(days=n): "Closed" for n in range(-2, 420)}
    assert next_open(datetime(2026, 1, 1, tzinfo=UTC), cadence, "UTC", holidays) is None
