"""Cadences that change on a local date: which one holds, and the slots across the change, in any zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from reinforce.domain.planning.cadence import Cadence, Slot
from reinforce.domain.planning.phases import PhaseCadence, cadence_on, slots_across
from reinforce.domain.planning.slots import local_day, resolve, slot_times
from tests.domain.test_slots import DAYS, EVERY_DAY, TIMES, ZONES, _cadence

ANY_ZONE = st.sampled_from(ZONES)


def _named(name: str, at: time) -> Cadence:
    return replace(_cadence(Slot(name, at, EVERY_DAY)), name=name)


@given(DAYS, st.lists(st.integers(1, 9), min_size=1, max_size=4), ANY_ZONE, st.lists(TIMES, min_size=5, max_size=5))
@settings(max_examples=40)
def test_each_day_has_the_slots_of_its_own_cadence(
    first: date, lengths: list[int], zone: str, times: list[time]
) -> None:
    before = _named("before", times[-1])
    phases, day = [], first
    for number, length in enumerate(lengths):
        phases.append(PhaseCadence(day, _named(f"phase-{number}", times[number])))
        day += timedelta(days=length)
    start = datetime.combine(first - timedelta(days=3), time(), UTC)
    end = datetime.combine(day + timedelta(days=3), time(), UTC)

    found = list(slots_across(phases, before, zone, {}, start, end))

    assert [one.at for one in found] == sorted(one.at for one in found)
    assert len({one.day for one in found}) == len(found), "one slot a day, whatever the day's cadence"
    for one in found:
        cadence = cadence_on(phases, one.day, before)
        assert one.slot == cadence.name
        assert one in list(slot_times(cadence, zone, {}, one.at - timedelta(seconds=1), one.at))


@given(DAYS, ANY_ZONE)
def test_a_local_day_begins_at_its_first_instant_whatever_the_clocks_do(day: date, zone: str) -> None:
    begins = resolve(day, time(), zone)

    assert local_day(begins, zone) >= day  # later only where the zone had no such date at all
    assert local_day(begins - timedelta(seconds=1), zone) < day


def test_a_cohort_without_phases_has_one_cadence_on_every_day() -> None:
    only = _named("only", time(9))

    assert cadence_on((), date(2026, 3, 2), only) is only
    start, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
    assert list(slots_across((), only, "UTC", {}, start, end)) == list(slot_times(only, "UTC", {}, start, end))
