"""What the console's calendar shows of the outbox, of events and of news."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from reinforce.domain.announcing.announcement import Announcement
from reinforce.domain.gathering.events import Event
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.announcing import announcements
from reinforce.store.gathering import events
from reinforce.store.reporting.console.rows import value_from

# Beyond, a page would be too large to read and to send.
MOST = 400
_SHOWN = tuple(state.value for state in State if state not in (State.CANCELLED, State.SKIPPED))


@dataclass(frozen=True, slots=True)
class CalendarPost:
    """A post of a cohort, no reply to a person. `at` is when it was posted, else is due (UTC); `nugget` its title."""

    id: int
    cohort_id: int
    state: State
    form: str
    text: str
    nugget: str
    occurrence: str
    fence: int
    at: datetime
    media: list[dict[str, str]] | None


def posts_between(
    connection: Connection, cohort_ids: Collection[int], start: datetime, end: datetime
) -> tuple[CalendarPost, ...]:
    """The posts of these cohorts that went out, or are to, at or after `start` and before `end`, in order of time; at
    most MOST + 1."""
    o = t.outbox.c
    at = func.coalesce(o.posted_at, o.due_at, type_=o.due_at.type).label("at")
    within = or_(
        and_(o.posted_at >= start, o.posted_at < end), and_(o.posted_at.is_(None), o.due_at >= start, o.due_at < end)
    )
    query = (
        select(o.id, o.cohort_id, o.state, o.form, o.text, o.occurrence, o.fence, o.media, at)
        .add_columns(func.coalesce(t.nugget.c.title, "").label("nugget"))
        .outerjoin(t.nugget, t.nugget.c.id == o.nugget_id)
        .where(o.cohort_id.in_(sorted(cohort_ids)), o.inbound_id.is_(None), o.state.in_(_SHOWN), within)
        .order_by(at, o.id)
        .limit(MOST + 1)
    )
    rows = connection.execute(query).mappings()
    return tuple(value_from(CalendarPost, row, state=State(row["state"])) for row in rows)


def told_of(connection: Connection, cohort_ids: Collection[int]) -> tuple[tuple[Event, ...], tuple[Announcement, ...]]:
    """The events and the news of these cohorts that were not cancelled."""
    here = frozenset(cohort_ids)
    found = (one for one in events.events(connection) if one.cohort_id in here and one.cancelled_at is None)
    news = (one for one in announcements.announcements(connection, live=True) if one.cohort_id in here)
    return tuple(found), tuple(news)
