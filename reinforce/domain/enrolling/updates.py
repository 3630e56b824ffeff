"""What is posted about a cohort's dates, and when: six updates, each at most once however often the dates change.

The key of an update (`occurrence`) holds no date, so what went out is never said again. What it was made for is kept
beside it (`Update.made_for`): while that differs from what the dates say now, it has to be made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from reinforce.domain.cohort import Cohort
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.caps import Room, clear_from
from reinforce.domain.planning.slots import day_off, local_day, next_open, resolve

# When in the day an update goes out, by local time: the first of these hours that is open and away from the day's
# slots, or followers would get two posts at once.
HOURS = (9, 10, 11, 8, 14, 13, 16)
_APART = timedelta(minutes=45)
_DAY = timedelta(days=1)
# How many days before the window closes the last call comes.
LAST_CALL = 3
_WEEK = 7
# How far ahead of its day an update is planned. Caps look at seven days in a row: from here on nothing else takes its
# room.
AHEAD = timedelta(days=8)
# How often an update is tried for other dates at most, after posts of it came to nothing.
ROUNDS = 9
# No hold or run of holidays is longer; what would wait longer is not worth saying.
_SEARCH = 120


class UpdateKind(StrEnum):
    """The updates; the value is the form of the post."""

    OPENING = "update_opening"
    DAYS_LEFT = "update_days_left"
    START = "update_start"
    HALFWAY = "update_halfway"
    ASSESSMENT_WEEK = "update_assessment_week"
    COMPLETION = "update_completion"

    @property
    def called(self) -> str:
        """The kind in its occurrence key and in sentences."""
        return self.value.removeprefix("update_")


# For how many days after it could first go out it is still true: "starts today" is so today only.
_TRUE_FOR = {UpdateKind.START: 0, UpdateKind.HALFWAY: 3, UpdateKind.COMPLETION: 7}


@dataclass(frozen=True, slots=True)
class Update:
    """An update as a cohort's dates ask for it: on `day` or, where nothing may be posted then, as soon after it as may
    be, but not after `until` (None: there is no such day). `names` is the date that it speaks of. All local dates."""

    kind: UpdateKind
    day: date
    until: date | None = None
    names: date | None = None

    @property
    def made_for(self) -> str:
        """What it was made for, as one word to compare with."""
        parts = (self.day, self.until, self.names)
        return "/".join("-" if one is None else one.isoformat() for one in parts)


def update_occurrence(slug: str, kind: UpdateKind) -> str:
    """The key of a cohort's update: without its date, so that it comes once."""
    return f"update/{slug}/{kind.called}"


def update_round(occurrence: str, number: int) -> str:
    """The key of an update's next post after earlier ones came to nothing (skipped, refused) and the dates changed: a
    key whose post has ended is never free again. The first round's is `occurrence` itself."""
    return occurrence if number == 1 else f"{occurrence}/{number}"


def updates(cohort: Cohort) -> tuple[Update, ...]:
    """The updates that a cohort's dates ask for, in order of their days; none where the cohort wants none."""
    if not cohort.updates:
        return ()
    found = [*_of_joining(cohort), *_of_running(cohort)]
    return tuple(sorted(found, key=lambda one: (one.day, list(UpdateKind).index(one.kind))))


def _of_joining(cohort: Cohort) -> list[Update]:
    opens, closes = cohort.opens_on, cohort.closes_on
    if closes is None:
        return []
    found = []
    if opens is not None:
        found.append(Update(UpdateKind.OPENING, opens, closes, closes))
    last_call = closes - LAST_CALL * _DAY
    # Soon after the opening a last call would say the same again.
    if opens is None or last_call > opens + LAST_CALL * _DAY:
        found.append(Update(UpdateKind.DAYS_LEFT, last_call, closes - _DAY, closes))
    return found


def _of_running(cohort: Cohort) -> list[Update]:
    starts, ends, assessment = cohort.starts_on, cohort.last_day, cohort.assessment
    found = []
    if starts is not None:
        found.append(Update(UpdateKind.START, starts, ends))
    end = ends or assessment
    if starts is not None and end is not None and end - starts >= 2 * _WEEK * _DAY:
        found.append(Update(UpdateKind.HALFWAY, starts + (end - starts) / 2, end - _DAY))
    # Within a week of the start there was none before that it could announce.
    if assessment is not None and (starts is None or assessment - _WEEK * _DAY > starts):
        found.append(Update(UpdateKind.ASSESSMENT_WEEK, assessment - _WEEK * _DAY, assessment - _DAY, assessment))
    if ends is not None:
        found.append(Update(UpdateKind.COMPLETION, ends + _DAY))
    return found


@dataclass(frozen=True, slots=True)
class Calendar:
    """When anything may be posted for a cohort; `holidays` are by local date, holds among them."""

    cadence: Cadence
    zone: str
    holidays: Mapping[date, str]

    def first_time(self, day: date) -> datetime | None:
        """The first instant from `day` on at which an update may go out; None if none comes soon enough."""
        for ahead in range(_SEARCH):
            at = self.time_on(day + ahead * _DAY)
            if at is not None:
                return at
        return None

    def time_on(self, day: date) -> datetime | None:
        """When an update goes out on a local date; None where nothing is posted that day."""
        slots = [resolve(day, slot.at, self.zone) for slot in self.cadence.slots if day.weekday() in slot.weekdays]
        hours = [resolve(day, time(hour), self.zone) for hour in HOURS]
        apart = [at for at in hours if all(abs(at - slot) >= _APART for slot in slots)]
        for wanted in (*apart, *hours):
            at = next_open(wanted, self.cadence, self.zone, self.holidays)
            if at == wanted:
                return at
        at = next_open(hours[0], self.cadence, self.zone, self.holidays)
        return at if at is not None and local_day(at, self.zone) == day else None

    def why_off(self, day: date) -> str:
        """Why nothing is posted on a local date."""
        return day_off(day, self.cadence, self.holidays) or "it has no slots on that day of the week"


@dataclass(frozen=True, slots=True)
class Timed:
    """When an update can go out: from `at` to the end of the local date `last`; `why_not` says why it can't any more
    ("": it can). `natural` is when it would by its date alone."""

    natural: datetime | None
    last: date | None = None
    at: datetime | None = None
    why_not: str = ""


def timed(update: Update, calendar: Calendar, now: datetime) -> Timed:
    """When `update` can go out, seen at `now`; whether the day has room is not looked at."""
    natural = calendar.first_time(update.day)
    if natural is None:
        return Timed(None, why_not=f"nothing is posted in the {_SEARCH} days from {update.day} on")
    first = local_day(natural, calendar.zone)
    if update.until is not None and first > update.until:
        closed = calendar.why_off(update.day)
        return Timed(natural, why_not=f"{update.day} is {closed}, and on {first} it would not be true any more")
    last = _last_day(update, first)
    at = natural if natural >= now else next_open(now, calendar.cadence, calendar.zone, calendar.holidays)
    if at is None or local_day(at, calendar.zone) > last:
        return Timed(natural, why_not=f"its day, {first}, has passed")
    return Timed(natural, last, at)


def placed(when: Timed, calendar: Calendar, room: Room, others: Iterable[datetime], gap: timedelta) -> datetime | None:
    """The first time from `when.at` on that has room, `gap` or more from `others`, the posts of other cohorts on the
    account; None if there is none while the update is true."""
    assert when.last is not None
    at, taken = when.at, list(others)
    while at is not None and local_day(at, calendar.zone) <= when.last:
        day = local_day(at, calendar.zone)
        clear = next_open(clear_from(at, taken, gap), calendar.cadence, calendar.zone, calendar.holidays)
        if clear is not None and local_day(clear, calendar.zone) == day and room.holds((clear,)):
            return clear
        at = calendar.first_time(day + _DAY)
    return None


def _last_day(update: Update, first: date) -> date:
    true_for = _TRUE_FOR.get(update.kind)
    if true_for is None:
        assert update.until is not None
        return update.until
    last = first + true_for * _DAY
    return last if update.until is None else min(last, update.until)


def days_left(update: Update, at: datetime, zone: str) -> int:
    """How many days there are from `at` to the date that an update names."""
    assert update.names is not None
    return (update.names - local_day(at, zone)).days


def end_of_day(day: date, zone: str) -> datetime:
    """The instant at which a local date is over."""
    return resolve(day + _DAY, time(0), zone)
