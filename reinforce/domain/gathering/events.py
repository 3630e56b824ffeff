"""An event: a live session, or a recording that is watched over weeks. When it is, and which posts speak of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from reinforce.domain.planning.slots import resolve

MINUTE = timedelta(minutes=1)
# How late after its time a start is still worth a post, however long the event is.
_START_LATE = timedelta(hours=2)

# Why posts of an event that have not left are taken back: to be planned anew, maybe. What a person withdrew is not.
OPENED, CLOSED, CALLED_OFF = "the event was opened by hand", "the event was closed", "the event was cancelled"
TAKEN_BACK = frozenset({OPENED, CLOSED, CALLED_OFF})


class EventKind(StrEnum):
    """A session at a certain time, or a recording for weeks."""

    LIVE = "live"
    RECORDING = "recording"


class Phase(StrEnum):
    """Where an event stands at an instant."""

    AHEAD = "ahead"
    OPEN = "open"
    OVER = "over"
    CANCELLED = "cancelled"


class NoticeKind(StrEnum):
    """The posts that speak of an event; the value is their form in the outbox."""

    ANNOUNCEMENT = "event_announcement"
    REMINDER = "event_reminder"
    START = "event_start"
    CANCELLED = "event_cancelled"


@dataclass(frozen=True, slots=True)
class Event:
    """`starts` and `ends` are local wall-clock times (naive) in `zone`; all other instants are programme time, UTC.

    `hashtag` is without #. `announce_at` None: it is not announced. `reminders` are hours before: of a session before
    it starts, of a recording before it ends. `opened_at` and `closed_at` are a person's doing and win over the times.
    `sweep_at` and `swept_at`: when reading all of it once more began, and was done.
    """

    id: int
    slug: str
    title: str
    cohort_id: int
    kind: EventKind
    hashtag: str
    link: str
    zone: str
    starts: datetime
    ends: datetime
    announce_at: datetime | None
    reminders: tuple[int, ...]
    created_at: datetime
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    matched_id: int = 0
    sweep_at: datetime | None = None
    swept_at: datetime | None = None

    @property
    def starts_at(self) -> datetime:
        """When it is to begin; a local time that the clocks jump over, or that comes twice, as for slots."""
        return resolve(self.starts.date(), self.starts.time(), self.zone)

    @property
    def ends_at(self) -> datetime:
        """When it is to end."""
        return resolve(self.ends.date(), self.ends.time(), self.zone)

    @property
    def opens_at(self) -> datetime:
        """From when on what is said belongs to it: its start, or earlier if a person opened it."""
        return self.starts_at if self.opened_at is None else min(self.opened_at, self.starts_at)

    @property
    def closes_at(self) -> datetime:
        """From when on nothing belongs to it any more: its end, or earlier if a person closed it."""
        return self.ends_at if self.closed_at is None else min(self.closed_at, self.ends_at)

    def phase(self, now: datetime) -> Phase:
        """Where it stands at `now`."""
        if self.cancelled_at is not None:
            return Phase.CANCELLED
        if now < self.opens_at:
            return Phase.AHEAD
        return Phase.OPEN if now < self.closes_at else Phase.OVER

    def holds(self, instant: datetime) -> bool:
        """Whether what was said at `instant` (X's stamp) can belong to it."""
        return self.cancelled_at is None and self.opens_at <= instant < self.closes_at


@dataclass(frozen=True, slots=True)
class Notice:
    """A post that speaks of an event: `at` is when it is to go out, `until` when it has no point any more. `hours`
    tells reminders apart. `moves`: it may wait for an open hour and for room; else it is bound to the event's time."""

    kind: NoticeKind
    at: datetime
    until: datetime
    hours: int = 0
    moves: bool = False

    def occurrence(self, event_id: int) -> str:
        """The key of its post in the outbox."""
        what = self.kind.value.removeprefix("event_")
        return f"event/{event_id}/{what}" + (f"/{self.hours}" if self.kind is NoticeKind.REMINDER else "")


def notices(event: Event) -> tuple[Notice, ...]:
    """Every post that an event is to have, in order of time. A cancelled one has the news of it; that one is due only
    where others went out before."""
    if event.cancelled_at is not None:
        return (Notice(NoticeKind.CANCELLED, event.cancelled_at, event.ends_at, moves=True),)
    found = []
    if event.announce_at is not None:
        found.append(Notice(NoticeKind.ANNOUNCEMENT, event.announce_at, event.opens_at, moves=True))
    found += _reminders(event)
    late = min(event.closes_at, event.opens_at + max(_START_LATE, (event.closes_at - event.opens_at) / 4))
    found.append(Notice(NoticeKind.START, event.opens_at, late))
    return tuple(sorted(found, key=lambda notice: notice.at))


def _reminders(event: Event) -> list[Notice]:
    """Each until the next one, the last until the event itself: none is posted twice over when they are late."""
    recording = event.kind is EventKind.RECORDING
    end = event.closes_at if recording else event.opens_at
    found = []
    until = end
    for hours in sorted(set(event.reminders)):
        at = end - timedelta(hours=hours)
        earliest = event.opens_at if recording else (event.announce_at or event.created_at)
        if at <= earliest:
            break  # it would come before, or with, the first news of the event
        found.append(Notice(NoticeKind.REMINDER, at, until, hours))
        until = at
    return found


def held_until(event: Event, hours: Mapping[int, int]) -> dict[int, datetime | None]:
    """Until when its follow-up nuggets (id → hours after its end) are held back; None: for good, it was cancelled."""
    if event.cancelled_at is not None:
        return dict.fromkeys(hours)
    return {nugget_id: event.closes_at + timedelta(hours=after) for nugget_id, after in hours.items()}
