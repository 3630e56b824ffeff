"""Wall-clock times to instants: the one place that knows about zones and daylight saving.

A local time that the clocks jump over stands for the instant of the jump; one that comes twice stands for its first
coming. Nothing is kept but local times and a zone's name, so a changed zone moves what is to come and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reinforce.domain.planning.cadence import Cadence, Slot

_DAY = timedelta(days=1)


class OnHold(str):
    """The reason of a cohort's hold, where a day off would have the name of its holiday."""

    __slots__ = ()


# A year without one day on which anything may be posted: the cadence allows none.
_SEARCH = 400


@dataclass(frozen=True, slots=True)
class SlotTime:
    """A slot on a local date. `at` is its instant (UTC); `off` says why nothing is posted then ("": it may be)."""

    slot: str
    day: date
    at: datetime
    off: str = ""


def resolve(day: date, at: time, zone: str) -> datetime:
    """The instant (UTC) of the wall-clock time `at` on `day`: in a gap the transition, in an overlap the first."""
    first = datetime.combine(day, at, tzinfo=ZoneInfo(zone))
    instant = first.astimezone(UTC)
    if instant.astimezone(first.tzinfo).replace(tzinfo=None) == first.replace(tzinfo=None):
        return instant
    # In a gap fold=0 reads the time with the offset before the jump, fold=1 with the one after it, so the two
    # instants stand on either side of the jump.
    return _transition(first.replace(fold=1).astimezone(UTC), instant, ZoneInfo(zone))


def _transition(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first whole second in (before, after] with the offset of `after`."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def local_day(instant: datetime, zone: str) -> date:
    """The local date of an instant."""
    return instant.astimezone(ZoneInfo(zone)).date()


def day_off(day: date, cadence: Cadence, holidays: Mapping[date, str]) -> str:
    """Why nothing is posted on the local date `day`, "" if it may be. `holidays` are names by date, or an `OnHold`."""
    name = holidays.get(day)
    if name is not None:
        return f"on hold: {name}" if isinstance(name, OnHold) else f"a holiday: {name}"
    return "a day off of this cadence" if day in cadence.days_off else ""


def in_quiet_hours(instant: datetime, cadence: Cadence, zone: str) -> bool:
    """Whether an instant falls into the cohort's quiet hours."""
    quiet = cadence.quiet_hours
    return quiet is not None and quiet.holds(instant.astimezone(ZoneInfo(zone)).time())


def slot_times(
    cadence: Cadence, zone: str, holidays: Mapping[date, str], start: datetime, end: datetime
) -> Iterator[SlotTime]:
    """Every slot with start < instant ≤ end, in order of time, then of name."""
    # A day more on either side: a zone may be fourteen hours ahead of UTC, and a gap may last a day.
    day, last = local_day(start, zone) - _DAY, local_day(end, zone) + _DAY
    found = []
    while day <= last:
        found += [_slot_time(slot, day, cadence, zone, holidays) for slot in cadence.slots if _meets(slot, day)]
        day += _DAY
    found.sort(key=lambda one: (one.at, one.slot))
    yield from (one for one in found if start < one.at <= end)


def _meets(slot: Slot, day: date) -> bool:
    return day.weekday() in slot.weekdays


def _slot_time(slot: Slot, day: date, cadence: Cadence, zone: str, holidays: Mapping[date, str]) -> SlotTime:
    at = resolve(day, slot.at, zone)
    # After a gap the post would come on another date or in quiet hours, where the file's own check never looked.
    off = day_off(day, cadence, holidays) or day_off(local_day(at, zone), cadence, holidays)
    if not off and in_quiet_hours(at, cadence, zone):
        off = "quiet hours"
    return SlotTime(slot.name, day, at, off)


def next_open(instant: datetime, cadence: Cadence, zone: str, holidays: Mapping[date, str]) -> datetime | None:
    """The first instant from `instant` on at which the cadence lets anything be posted; None if it never does.

    Open are the weekdays on which there is any slot, outside holidays, days off and quiet hours.
    """
    day = local_day(instant, zone)
    for ahead in range(_SEARCH):
        today = day + ahead * _DAY
        if today.weekday() not in cadence.weekdays or day_off(today, cadence, holidays):
            continue
        for begin in _openings(today, cadence, zone):
            candidate = max(begin, instant)
            open_still = not in_quiet_hours(candidate, cadence, zone)
            if local_day(candidate, zone) == today and open_still:
                return candidate
    return None


def _openings(day: date, cadence: Cadence, zone: str) -> tuple[datetime, ...]:
    """The instants of a local date at which an open stretch may begin: midnight, and the end of the quiet hours."""
    quiet = cadence.quiet_hours
    times = (time(0),) if quiet is None else tuple(sorted({time(0), quiet.end}))
    return tuple(resolve(day, at, zone) for at in times)
