"""The promised response time: so many working hours after a question was asked.

Working hours are those in which the cohort's cadence lets anything be posted: its weekdays, outside holidays, days off
and quiet hours, in the cohort's zone. They are measured between instants, so a day on which clocks change has an hour
more or less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.slots import day_off, in_quiet_hours, local_day, resolve

_DAY = timedelta(days=1)
# A year without a working day: nothing can be promised.
_SEARCH = 400
# When three quarters of the time have passed, it is due soon.
SOON = 0.75


def promised_by(
    asked_at: datetime, within: timedelta, cadence: Cadence, zone: str, holidays: Mapping[date, str]
) -> datetime | None:
    """The instant (UTC) at which `within` of working time has passed since `asked_at`; None if it never does."""
    left = within
    for start, end in _working(asked_at, cadence, zone, holidays):
        if end - start >= left:
            return start + left
        left -= end - start
    return None


def _working(
    since: datetime, cadence: Cadence, zone: str, holidays: Mapping[date, str]
) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of working time from `since` on, in order; none of them is empty."""
    first = local_day(since, zone)
    for ahead in range(_SEARCH):
        day = first + ahead * _DAY
        if day.weekday() not in cadence.weekdays or day_off(day, cadence, holidays):
            continue
        for start, end in _open_stretches(day, cadence, zone):
            begin = max(start, since)
            if begin < end:
                yield begin, end


def _open_stretches(day: date, cadence: Cadence, zone: str) -> Iterator[tuple[datetime, datetime]]:
    """The parts of a local date outside the quiet hours."""
    quiet = cadence.quiet_hours
    inside = () if quiet is None else (resolve(day, quiet.start, zone), resolve(day, quiet.end, zone))
    midnight, next_midnight = resolve(day, time(), zone), resolve(day + _DAY, time(), zone)
    bounds = sorted({midnight, *inside, next_midnight})
    for start, end in pairwise(bounds):
        if midnight <= start and end <= next_midnight and not in_quiet_hours(start, cadence, zone):
            yield start, end
