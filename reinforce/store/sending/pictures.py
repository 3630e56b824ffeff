"""The bytes of pictures, and what X was handed of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from reinforce.domain.errors import NotFound
from reinforce.domain.picture import picture_hash
from reinforce.store import tables as t

_p, _u = t.picture.c, t.picture_upload.c


def keep(connection: Connection, content: bytes, media_type: str, now: datetime) -> str:
    """Keep a picture, once; its hash."""
    known_by = picture_hash(content)
    if connection.execute(select(_p.id).where(_p.hash == known_by)).first() is None:
        row = {"hash": known_by, "media_type": media_type, "size": len(content), "content": content, "added_at": now}
        connection.execute(insert(t.picture).values(**row))
    return known_by


def content(connection: Connection, known_by: str) -> bytes:
    """The bytes of a picture. Raises NotFound."""
    found = connection.execute(select(_p.content).where(_p.hash == known_by)).scalar()
    if found is None:
        raise NotFound(f"there is no picture {known_by[:12]}", "Load the file that it belongs to again.")
    return bytes(found)


def unknown(connection: Connection, hashes: Collection[str]) -> frozenset[str]:
    """Those of `hashes` that no picture is kept under."""
    return frozenset(hashes) - set(connection.execute(select(_p.hash).where(_p.hash.in_(hashes))).scalars())


def contents(connection: Connection, hashes: Collection[str]) -> dict[str, tuple[str, bytes]]:
    """Media type and bytes of pictures by hash."""
    query = select(_p.hash, _p.media_type, _p.content).where(_p.hash.in_(hashes))
    return {row.hash: (row.media_type, bytes(row.content)) for row in connection.execute(query)}


def handed_over(connection: Connection, outbox_id: int, wall: datetime) -> dict[int, int]:
    """X's ids of a post's pictures by position, of those that can still be posted at `wall` (machine time)."""
    query = select(_u.position, _u.remote_id).where(_u.outbox_id == outbox_id, _u.good_until > wall)
    return dict(connection.execute(query).all())


def note_handed_over(
    connection: Connection, outbox_id: int, position: int, remote_id: int, good_until: datetime
) -> None:
    """Remember that a picture was handed over; what was known of it before counts no more."""
    connection.execute(delete(t.picture_upload).where(_u.outbox_id == outbox_id, _u.position == position))
    row = {"outbox_id": outbox_id, "position": position, "remote_id": remote_id, "good_until": good_until}
    connection.execute(insert(t.picture_upload).values(**row))
