"""Announcements: in, out, and off."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import Connection, RowMapping, insert, select, update

from reinforce.domain.announcing.announcement import Announcement, NewAnnouncement, Rank
from reinforce.domain.errors import Conflict, NotFound
from reinforce.domain.nugget import Confidentiality
from reinforce.store import tables as t

_a = t.announcement.c


def add(connection: Connection, cohort_id: int, new: NewAnnouncement, now: datetime) -> Announcement:
    """Put one on record. Raises Conflict if its name is taken."""
    if connection.execute(select(_a.id).where(_a.slug == new.slug)).first() is not None:
        raise Conflict(f"there is an announcement {new.slug} already", "See it with: reinforce announce list")
    values = {
        "cohort_id": cohort_id,
        "slug": new.slug,
        "day": new.day,
        "at": new.at.isoformat(),
        "ladder": list(new.ladder),
        "texts": list(new.texts),
        "link": new.link,
        "expires": new.expires,
        "rank": new.rank.value,
        "audience": new.audience.value,
        "created_at": now,
    }
    connection.execute(insert(t.announcement).values(**values))
    return by_slug(connection, new.slug)


def by_slug(connection: Connection, slug: str, *, lock: bool = False) -> Announcement:
    """One by name; with `lock` nobody else changes it until the transaction ends. Raises NotFound."""
    query = select(t.announcement).where(_a.slug == slug)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise NotFound(f"there is no announcement {slug}", "See what there is: reinforce announce list")
    return _announcement(row)


def announcements(connection: Connection, *, live: bool = False) -> tuple[Announcement, ...]:
    """All, by date; with `live` only those that were not cancelled."""
    query = select(t.announcement).order_by(_a.day, _a.id)
    rows = connection.execute(query.where(_a.cancelled_at.is_(None)) if live else query).mappings()
    return tuple(_announcement(row) for row in rows)


def cancel(connection: Connection, announcement_id: int, now: datetime) -> bool:
    """Post nothing more of it; False if that was so."""
    change = update(t.announcement).where(_a.id == announcement_id, _a.cancelled_at.is_(None))
    return connection.execute(change.values(cancelled_at=now)).rowcount == 1


def _announcement(row: RowMapping) -> Announcement:
    return Announcement(
        **{name: row[name] for name in ("id", "cohort_id", "slug", "day", "expires", "link")},
        texts=tuple(row["texts"]),
        ladder=tuple(row["ladder"]),
        at=time.fromisoformat(row["at"]),
        rank=Rank(row["rank"]),
        audience=Confidentiality(row["audience"]),
        cancelled=row["cancelled_at"] is not None,
    )
