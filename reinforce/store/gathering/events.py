"""Events as rows, and the nuggets that are held back until after one."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from reinforce.domain.errors import Conflict, NotFound
from reinforce.domain.gathering.events import TAKEN_BACK, Event, EventKind, held_until
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t

_e = t.event.c
_f = t.event_follow_up.c


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event about to be created; as `Event`, before it has happened."""

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

    def event(self, created_at: datetime, event_id: int = 0) -> Event:
        """The event it becomes."""
        values = {name: getattr(self, name) for name in EventDraft.__dataclass_fields__}
        return Event(id=event_id, created_at=created_at, **values)


def add(connection: Connection, draft: EventDraft, now: datetime) -> Event:
    """Put an event on record. Raises Conflict if its slug is taken."""
    values: dict[str, Any] = {name: getattr(draft, name) for name in EventDraft.__dataclass_fields__}
    values |= {"kind": draft.kind.value, "starts": draft.starts.isoformat(), "ends": draft.ends.isoformat()}
    values |= {"reminders": list(draft.reminders), "created_at": now}
    try:
        with connection.begin_nested():
            made = connection.execute(insert(t.event).values(**values).returning(_e.id)).scalar_one()
    except IntegrityError as error:
        raise Conflict(f"there is an event {draft.slug} already", "Give it another name.") from error
    return draft.event(now, int(made))


def events(connection: Connection, *, cohort_id: int | None = None, account_id: int | None = None) -> tuple[Event, ...]:
    """Every event, or a cohort's or an account's, in order of creation."""
    query = select(t.event).order_by(_e.id)
    if cohort_id is not None:
        query = query.where(_e.cohort_id == cohort_id)
    if account_id is not None:
        query = query.join(t.cohort, t.cohort.c.id == _e.cohort_id).where(t.cohort.c.account_id == account_id)
    return tuple(_event(row) for row in connection.execute(query).mappings())


def withdrawn(connection: Connection, occurrences: Collection[str]) -> frozenset[str]:
    """Those of `occurrences` whose post a person withdrew: it is not planned anew, as a slot's would be."""
    o = t.outbox.c
    gone = and_(o.state == State.CANCELLED.value, o.outcome.not_in(sorted(TAKEN_BACK)))
    query = select(o.occurrence).where(o.occurrence.in_(sorted(occurrences)), gone)
    return frozenset(connection.execute(query).scalars())


def event_by_slug(connection: Connection, slug: str, *, lock: bool = False) -> Event:
    """One event. Raises NotFound, which names the nearest there is. With `lock` nobody else changes it until this
    transaction ends."""
    query = select(t.event).where(_e.slug == slug)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if row is not None:
        return _event(row)
    near = difflib.get_close_matches(slug, connection.execute(select(_e.slug)).scalars().all(), n=1)
    advice = f"Did you mean {near[0]}?" if near else "See what there is: reinforce event list"
    raise NotFound(f"there is no event {slug}", advice)


def event_by_id(connection: Connection, event_id: int, *, lock: bool = False) -> Event:
    """One event, which must be there."""
    query = select(t.event).where(_e.id == event_id)
    return _event(connection.execute(query.with_for_update() if lock else query).mappings().one())


def change(connection: Connection, event_id: int, **values: Any) -> Event:
    """Set columns of an event; returns it as it is then."""
    connection.execute(update(t.event).where(_e.id == event_id).values(**values))
    return event_by_id(connection, event_id)


# --- follow-up ----------------------------------------------------------------------------------------------------


def set_follow_up(connection: Connection, event_id: int, hours: Mapping[int, int]) -> None:
    """Hold nuggets (ids) back until so many hours after the event's end, these and no others."""
    connection.execute(delete(t.event_follow_up).where(_f.event_id == event_id))
    for nugget_id, after in hours.items():
        connection.execute(insert(t.event_follow_up).values(event_id=event_id, nugget_id=nugget_id, hours=after))


def follow_up(connection: Connection, event_id: int) -> dict[int, int]:
    """The nuggets (ids) that an event holds back, with the hours after its end."""
    rows = connection.execute(select(_f.nugget_id, _f.hours).where(_f.event_id == event_id))
    return {row.nugget_id: row.hours for row in rows}


def held_back(connection: Connection, cohort_id: int) -> dict[int, datetime | None]:
    """Until when nuggets (ids) are not to be planned for a cohort, because they follow an event; None: an event that
    was cancelled. Where several hold one, the latest counts."""
    found: dict[int, datetime | None] = {}
    for event in events(connection, cohort_id=cohort_id):
        for nugget_id, until in held_until(event, follow_up(connection, event.id)).items():
            before = found.get(nugget_id, until)
            found[nugget_id] = None if until is None or before is None else max(until, before)
    return found


def _event(row: RowMapping) -> Event:
    values = dict(row)
    values["kind"] = EventKind(values["kind"])
    values["starts"] = datetime.fromisoformat(values["starts"])
    values["ends"] = datetime.fromisoformat(values["ends"])
    values["reminders"] = tuple(values["reminders"])
    return Event(**values)
