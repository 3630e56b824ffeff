"""A programme's days as dates, and what a hold moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from reinforce.domain.planning.slots import local_day, resolve
from reinforce.domain.programmes.programme import ItemKind, Phase, Programme
from reinforce.domain.programmes.runs import (
    PhaseDates,
    dated,
    is_over,
    phase_on,
    place_at,
    shifted_phases,
    too_late,
    whole_weeks,
)
from tests.domain.test_slots import DAYS, TIMES, ZONES

LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=6)
_DAY = timedelta(days=1)


def _programme(lengths: list[int], *, open_end: bool = False) -> Programme:
    phases = [Phase(f"phase-{number}", days, {}) for number, days in enumerate(lengths)]
    if open_end:
        phases[-1] = replace(phases[-1], days=None)
    return Programme("p", "P", tuple(phases))


@given(LENGTHS, DAYS, st.integers(-3, 260))
@settings(max_examples=60)
def test_every_day_of_a_programme_lies_in_just_one_phase(lengths: list[int], starts_on: date, ahead: int) -> None:
    dates, day = dated(_programme(lengths), starts_on), starts_on + ahead * _DAY
    inside: list[PhaseDates | None] = [
        one for one in dates.phases if one.last_day is not None and one.first_day <= day <= one.last_day
    ]

    assert [phase_on(dates.phases, day)] == (inside or [None])
    assert len(inside) == (0 <= ahead < sum(lengths))
    assert is_over(dates.phases, day) == (ahead >= sum(lengths))


@given(LENGTHS, DAYS)
def test_a_last_phase_without_an_end_goes_on(lengths: list[int], starts_on: date) -> None:
    dates = dated(_programme(lengths, open_end=True), starts_on)

    assert dates.ends_on is None
    assert phase_on(dates.phases, starts_on + 5000 * _DAY) == dates.phases[-1]
    assert not is_over(dates.phases, starts_on + 5000 * _DAY)


@given(LENGTHS, DAYS, st.integers(0, 200), st.integers(1, 30), st.integers(0, 6))
@settings(max_examples=60)
def test_a_hold_moves_by_weeks_and_leaves_no_gap(
    lengths: list[int], starts_on: date, after: int, held: int, begun: int
) -> None:
    phases = dated(_programme(lengths), starts_on).phases
    begun = min(begun, len(phases))
    since, days = starts_on + after * _DAY, whole_weeks(held)
    # A hold is made on a day or later: what has begun by then began before it, or on it.
    since = max([since, *(one.first_day for one in phases[:begun])])

    moved = shifted_phases(phases, since, days, begun)

    assert days % 7 == 0
    assert held <= days < held + 7
    assert [one.first_day for one in moved[:begun]] == [one.first_day for one in phases[:begun]]
    for before, one in zip(phases, moved, strict=True):
        assert one.first_day.weekday() == before.first_day.weekday()
        assert one.last_day is not None
        assert one.first_day <= one.last_day
    for one, following in pairwise(moved):
        assert one.last_day is not None
        assert following.first_day - one.last_day >= _DAY, "no day belongs to two phases"


@given(DAYS, TIMES, st.integers(0, 30), st.sampled_from(ZONES), st.sampled_from(ItemKind))
@settings(max_examples=60)
def test_a_thing_is_made_on_its_day_and_before_it_is_too_late(
    day: date, at: time, lead: int, zone: str, kind: ItemKind
) -> None:
    lead = lead if kind is ItemKind.EVENT else 0
    made = place_at(kind, day, at, lead, zone)

    assert local_day(made, zone) >= day - lead * _DAY
    assert made <= resolve(day, at, zone)
    assert not too_late(kind, day, at, zone, made - timedelta(seconds=1), timedelta(hours=1))
    assert too_late(kind, day, at, zone, resolve(day, at, zone) + timedelta(days=3), timedelta(hours=1))
