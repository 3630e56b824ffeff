"""A stretch of days with all that goes out on them: what was posted, what is planned, what is foreseen, and why a day
stays empty. Values in, values out; templates draw it."""

from __future__ import annotations

from calendar import Calendar as Months
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.announcing.announcement import Announcement
from reinforce.domain.cohort import Cohort
from reinforce.domain.gathering.events import Event
from reinforce.domain.planning.cadence import QuietHours
from reinforce.domain.planning.phases import cadence_on
from reinforce.domain.planning.slots import day_off, local_day, resolve
from reinforce.domain.sending.outbox import State
from reinforce.domain.walking.previewed import PreviewedPost
from reinforce.store.planning.plan_snapshot import CohortFrame
from reinforce.store.reporting.console.calendar import CalendarPost

VIEWS = ("month", "week", "list")
LISTED_DAYS = 14
_DAY = timedelta(days=1)
# How a post is shown; a word stands beside each, for colour alone says nothing.
_KINDS = {State.POSTED: "posted", State.REFUSED: "refused", State.UNKNOWN: "doubt", State.HELD: "doubt"}
FORESEEN = "foreseen"
DATES = (
    ("opens_on", "joining opens"),
    ("closes_on", "joining closes"),
    ("starts_on", "first day"),
    ("ends_on", "last day"),
    ("assessment", "assessment"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A post on a day: `kind` is posted, planned, doubt, refused or foreseen; `at` UTC, `clock` the cohort's wall
    clock. `post` is its row, None for what is only foreseen; `fence` says which state of the row was seen."""

    at: datetime
    clock: datetime
    kind: str
    title: str
    text: str
    form: str
    cohort: Cohort
    post: int | None = None
    fence: int = 0
    movable: bool = False
    media: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """What a day is besides its posts: `kind` is off, date, event or clocks."""

    kind: str
    words: str


@dataclass(slots=True)
class Day:
    """A local date. `off`: nothing is posted for any of the cohorts."""

    day: date
    outside: bool = False
    marks: list[Mark] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    @property
    def off(self) -> bool:
        return any(mark.kind == "off" for mark in self.marks)

    def of(self, cohort: Cohort) -> list[Entry]:
        """A cohort's posts."""
        return [one for one in self.entries if one.cohort.id == cohort.id]

    def at(self, hour: int) -> list[Entry]:
        """The posts within an hour of the wall clock."""
        return [one for one in self.entries if one.clock.hour == hour]


def days_of(view: str, start: date) -> list[Day]:
    """The days of a view that `start` lies in (a list begins with it)."""
    if view == "month":
        return [Day(one, one.month != start.month) for one in Months().itermonthdates(start.year, start.month)]
    first = start if view == "list" else start - start.weekday() * _DAY
    return [Day(first + n * _DAY) for n in range(LISTED_DAYS if view == "list" else 7)]


def neighbours(view: str, start: date) -> tuple[date, date]:
    """Where the view before this one begins, and the one after it."""
    if view == "month":
        first = start.replace(day=1)
        return (first - _DAY).replace(day=1), (first + 31 * _DAY).replace(day=1)
    step = (LISTED_DAYS if view == "list" else 7) * _DAY
    return start - step, start + step


def stretch(days: list[Day], zones: Iterable[str]) -> tuple[datetime, datetime]:
    """From when to when (UTC) these days are, in whichever of the zones."""
    begins = [resolve(days[0].day, time(0), zone) for zone in zones]
    ends = [resolve(days[-1].day + _DAY, time(0), zone) for zone in zones]
    return min(begins), max(ends)


def fill(
    days: list[Day],
    frames: Iterable[CohortFrame],
    posts: Iterable[CalendarPost],
    foreseen: Iterable[PreviewedPost],
    movable: Collection[int],
    titles: Mapping[str, str],
) -> None:
    """Put posts and what is foreseen into their days, by each cohort's own wall clock. `movable` are posts that may be
    moved, `titles` those of nuggets by "procedure/slug"."""
    by_day = {one.day: one for one in days}
    by_id = {one.cohort.id: one.cohort for one in frames}
    by_slug = {one.slug: one for one in by_id.values()}
    found = [_entry(one, by_id[one.cohort_id], movable=one.id in movable) for one in posts]
    found += [_foreseen(one, by_slug[one.cohort], titles) for one in foreseen if one.cohort in by_slug]
    for one in sorted(found, key=lambda entry: (entry.at, entry.cohort.slug)):
        if one.clock.date() in by_day:
            by_day[one.clock.date()].entries.append(one)


def mark(days: list[Day], frames: list[CohortFrame], events: Iterable[Event], news: Iterable[Announcement]) -> None:
    """Say of the days what they are: holidays, holds, the cohorts' dates, events, news, and clocks that change."""
    by_day = {one.day: one for one in days}
    for there in frames:
        whose = f"{there.cohort.title}: " if len(frames) > 1 else ""
        _mark_off(days, there, whose)
        dated = [(getattr(there.cohort, name), words) for name, words in DATES]
        dated += [(phase.first_day, f"cadence “{phase.cadence.name}” begins") for phase in there.phases]
        for day, words in dated:
            if day in by_day:
                by_day[day].marks.append(Mark("date", whose + words))
    told = [(one.starts.date(), f"{one.title} {one.starts:%H:%M}") for one in events]
    told += [(one.day, f"news: {one.slug}") for one in news]
    for day, words in told:
        if day in by_day:
            by_day[day].marks.append(Mark("event", words))
    for zone in dict.fromkeys(there.cohort.zone for there in frames):
        _mark_clocks(days, zone)


def _mark_off(days: list[Day], there: CohortFrame, whose: str) -> None:
    middle = resolve(days[len(days) // 2].day, time(0), there.cohort.zone)
    for one in days:
        cadence = cadence_on(there.phases, one.day, there.cadence)
        off = day_off(one.day, cadence, holidays_of(there.cohort, cadence, middle))
        if off:
            one.marks.append(Mark("off", whose + off))


def hours_of(days: list[Day], quiet: QuietHours | None) -> list[int]:
    """The hours that a week shows: the working day, whatever has a post, and where quiet hours begin and end."""
    there = {entry.clock.hour for one in days for entry in one.entries} | {8, 17}
    if quiet is not None and quiet.start > quiet.end:
        there |= {max(0, quiet.end.hour - 1), quiet.start.hour}
    return list(range(min(there), max(there) + 1))


def _mark_clocks(days: list[Day], zone: str) -> None:
    for one in days:
        begin, end = (datetime.combine(day, time(0), ZoneInfo(zone)).utcoffset() for day in (one.day, one.day + _DAY))
        if begin is not None and end is not None and begin != end:
            minutes = int(abs(end - begin).total_seconds() // 60)
            way = "forward" if end > begin else "back"
            one.marks.append(Mark("clocks", f"clocks go {way} {minutes} min in {zone}"))


def _entry(post: CalendarPost, cohort: Cohort, *, movable: bool) -> Entry:
    return Entry(
        at=post.at,
        clock=post.at.astimezone(ZoneInfo(cohort.zone)),
        kind=_KINDS.get(post.state, "planned"),
        title=post.nugget,
        text=post.text,
        form=post.form,
        cohort=cohort,
        post=post.id,
        fence=post.fence,
        movable=movable,
        media=post.media or (),
    )


def _foreseen(row: PreviewedPost, cohort: Cohort, titles: Mapping[str, str]) -> Entry:
    title = titles.get(row.nugget, row.nugget)
    return Entry(row.due_at, row.local, FORESEEN, title, row.text, row.form, cohort, media=row.media)


def today_of(now: datetime, frames: list[CohortFrame]) -> date:
    """Today by the first cohort's wall clock."""
    return local_day(now, frames[0].cohort.zone if frames else "UTC")
