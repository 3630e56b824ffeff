"""An article or an event to tell a cohort of: on a ladder of days before its date, each time in words of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from reinforce.domain.errors import ReinforceError
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.planning.slots import resolve

# The outbox's word for such a post.
FORM = "announcement"
LADDER = (14, 3, 0)
AT = time(9)
MOST_DAYS = 120
_DAY = timedelta(days=1)


class Rank(StrEnum):
    """Whether it takes its place before nuggets do, or has the room they leave."""

    BEFORE_NUGGETS = "before"
    AFTER_NUGGETS = "after"


@dataclass(frozen=True, slots=True)
class NewAnnouncement:
    """What a person asks for. `day` is the date that it is about, `ladder` how many days before it is told of, `at` the
    local time of day. `texts` are its wordings, one for each step; "{date}" in them stands for the date. `expires` is
    the last local day on which it is posted. `audience` INTERNAL is never posted on a public account."""

    slug: str
    day: date
    texts: tuple[str, ...]
    expires: date
    link: str = ""
    ladder: tuple[int, ...] = LADDER
    at: time = AT
    rank: Rank = Rank.BEFORE_NUGGETS
    audience: Confidentiality = Confidentiality.INTERNAL


@dataclass(frozen=True, slots=True)
class Announcement(NewAnnouncement):
    """One on record. `cancelled`: nothing more is posted of it."""

    id: int = 0
    cohort_id: int = 0
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """One step: `days` before the date, from `at` on and before `until` (both instants), as `text`."""

    days: int
    at: datetime
    until: datetime
    text: str

    def occurrence(self, announcement_id: int) -> str:
        """The key of its post: it holds no date, so that another date cannot have it said twice."""
        return f"announcement/{announcement_id}/{self.days}"


def check(new: NewAnnouncement) -> None:
    """Raise ReinforceError for what can't be told as it is."""
    steps = new.ladder
    if not steps or len(set(steps)) < len(steps) or not all(0 <= one <= MOST_DAYS for one in steps):
        raise ReinforceError(
            f"the days before must be different whole numbers from 0 to {MOST_DAYS}",
            "Such as: --remind 14 --remind 3 --remind 0",
        )
    if len(new.texts) < len(steps):
        raise ReinforceError(
            f"{len(steps)} posts need {len(steps)} wordings, and there are {len(new.texts)}",
            "X refuses a text that was posted before: give --text once for each, or fewer --remind.",
        )
    if len(set(new.texts)) < len(new.texts):
        raise ReinforceError("two of its wordings are the same", "Say it in other words: X refuses repetitions.")
    if new.expires < new.day - max(steps) * _DAY:
        raise ReinforceError("it would expire before it was first told of", "Give a later day with --expires.")


def tellings(new: NewAnnouncement, zone: str, dated: str) -> tuple[Telling, ...]:
    """The steps in order of time; `dated` is the date in words. What one says is said until the next has its turn."""
    steps = sorted(new.ladder, reverse=True)
    begins = [resolve(new.day - days * _DAY, new.at, zone) for days in steps]
    end = resolve(new.expires + _DAY, time(0), zone)
    untils = [*begins[1:], end]
    link = f"\n{new.link}" if new.link else ""
    return tuple(
        Telling(days, at, min(until, end), f"{text.strip().replace('{date}', dated)}{link}")
        for days, at, until, text in zip(steps, begins, untils, new.texts, strict=False)
        if at < end
    )
