"""A programme on a cohort: its days as dates, where it stands on a day, and what a hold moves.

Days are local dates of the cohort; a phase begins at the start of its first one. Whole weeks are what a hold moves by,
so that what was on a Tuesday stays on one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar

from reinforce.domain.planning.slots import resolve
from reinforce.domain.programmes.programme import ItemKind, Programme

_DAY = timedelta(days=1)
_WEEK = 7
# So long after its time a thing is still worth having.
_LATE = {ItemKind.QUIZ: timedelta(hours=2), ItemKind.POLL: timedelta(days=3), ItemKind.INTRODUCTION: timedelta(days=3)}
_NO_TIME = timedelta()
_Day = TypeVar("_Day", date, date | None)


class RunState(StrEnum):
    """A run is running (from before its first day on), finished, or stopped and undone."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"


class ItemState(StrEnum):
    """WAITING for its day, PLACED: it is an event, a quiz or a post now; LET_GO: too late; CANCELLED with its run."""

    WAITING = "waiting"
    PLACED = "placed"
    LET_GO = "let go"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PhaseDates:
    """Phase `number` (from 1); without `last_day` it goes on."""

    number: int
    name: str
    first_day: date
    last_day: date | None


@dataclass(frozen=True, slots=True)
class RunDates:
    """What a programme's days are when it starts on a date: its phases, and the cohort's dates that follow."""

    phases: tuple[PhaseDates, ...]
    assessment: date | None
    closes_on: date | None

    @property
    def starts_on(self) -> date:
        """The first day."""
        return self.phases[0].first_day

    @property
    def ends_on(self) -> date | None:
        """The last day, None if the last phase goes on."""
        return self.phases[-1].last_day


def dated(programme: Programme, starts_on: date) -> RunDates:
    """The dates of a programme that starts on `starts_on`."""
    phases, assessment, first = [], None, starts_on
    for number, phase in enumerate(programme.phases, start=1):
        last = None if phase.days is None else first + (phase.days - 1) * _DAY
        phases.append(PhaseDates(number, phase.name, first, last))
        if phase.assessment is not None:
            assessment = first + (phase.assessment - 1) * _DAY
        first = first if last is None else last + _DAY
    closes = None if programme.join_days is None else starts_on + (programme.join_days - 1) * _DAY
    return RunDates(tuple(phases), assessment, closes)


def phase_on(phases: Sequence[PhaseDates], day: date) -> PhaseDates | None:
    """The phase that a date lies in; None before the first and after the last."""
    for one in reversed(phases):
        if one.first_day <= day:
            return one if one.last_day is None or day <= one.last_day else None
    return None


def is_over(phases: Sequence[PhaseDates], day: date) -> bool:
    """Whether the last phase's last day has passed."""
    last = phases[-1].last_day
    return last is not None and day > last


def whole_weeks(days: int) -> int:
    """The days of as many whole weeks as hold `days` days."""
    return -(-days // _WEEK) * _WEEK


def shifted(day: _Day, since: date, days: int) -> _Day:
    """`day`, moved by `days` if it is `since` or later."""
    return day + days * _DAY if day is not None and day >= since else day


def shifted_phases(phases: Sequence[PhaseDates], since: date, days: int, begun: int) -> tuple[PhaseDates, ...]:
    """The phases once everything from `since` on is `days` later. The first `begun` of them keep their first days: the
    last of those gets longer."""
    return tuple(
        replace(
            one,
            first_day=one.first_day if one.number <= begun else shifted(one.first_day, since, days),
            last_day=shifted(one.last_day, since, days),
        )
        for one in phases
    )


def place_at(kind: ItemKind, day: date, at: time, lead: int, zone: str) -> datetime:
    """When a thing is to be made: what has a time of its own at the start of the day on which it is made known, a post
    at its time."""
    if kind in (ItemKind.EVENT, ItemKind.QUIZ):
        return resolve(day - lead * _DAY, time(), zone)
    return resolve(day, at, zone)


def too_late(kind: ItemKind, day: date, at: time, zone: str, now: datetime, lasts: timedelta = _NO_TIME) -> bool:
    """Whether a thing that was not made by `now` is not worth making any more; an event is as long as it `lasts`."""
    return now >= resolve(day, at, zone) + _LATE.get(kind, lasts)
