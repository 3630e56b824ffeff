"""Invitations: single-use, expiring codes by which a learner links an X account. Only a code's hash is kept."""

from __future__ import annotations

import hashlib
from datetime import datetime

import regex
from sqlalchemy import Connection, insert, select, update

from reinforce.store import tables as t


def new_invitation(connection: Connection, enrollment_id: int, code: str, expires_at: datetime) -> int:
    """Keep a code for an enrollment; open ones of the same enrollment are void from now on. Returns its id."""
    void_invitations(connection, enrollment_id)
    new = insert(t.invitation).values(
        enrollment_id=enrollment_id, code_hash=code_hash(code), expires_at=expires_at, used_at=None
    )
    return int(connection.execute(new.returning(t.invitation.c.id)).scalar_one())


def void_invitations(connection: Connection, enrollment_id: int) -> None:
    """Take back the codes of an enrollment that nobody has used: they expire at the beginning of time."""
    i = t.invitation.c
    open_ones = update(t.invitation).where(i.enrollment_id == enrollment_id, i.used_at.is_(None))
    connection.execute(open_ones.values(expires_at=_LONG_AGO))


def redeem(connection: Connection, code: str, now: datetime) -> int | None:
    """Use a code up: the learner's id, or None if it is unknown, used, void or expired at `now` (programme time).

    Of two who post the same code at once, one gets it.
    """
    i, e = t.invitation.c, t.enrollment.c
    used = (
        update(t.invitation)
        .where(i.code_hash == code_hash(code), i.used_at.is_(None), i.expires_at > now)
        .values(used_at=now)
        .returning(i.enrollment_id)
    )
    enrollment_id = connection.execute(used).scalar()
    if enrollment_id is None:
        return None
    return int(connection.execute(select(e.learner_id).where(e.id == enrollment_id)).scalar_one())


def code_hash(code: str) -> str:
    """SHA-256 of a code as people type it: case, spaces and hyphens make no difference.

    A plain hash will do: a code is random, lives for days, and is tried only through X's own rate limits.
    """
    return hashlib.sha256(regex.sub(r"[\s\-–]", "", code).upper().encode()).hexdigest()


_LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
