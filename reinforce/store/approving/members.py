"""The people of the team by name: who did what, until the console knows them by their accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from reinforce.domain.errors import Conflict, NotFound
from reinforce.store import tables as t

_m = t.member.c


def add(connection: Connection, name: str, now: datetime) -> str:
    """Add somebody and return their actor ("member/3"). Raises Conflict if the name is taken."""
    if connection.execute(select(_m.id).where(_m.name == name)).first() is not None:
        raise Conflict(f"there is a member {name} already", "See them with: reinforce member list")
    made = connection.execute(insert(t.member).values(name=name, added_at=now).returning(_m.id)).scalar_one()
    return f"member/{made}"


def actor_of(connection: Connection, name: str) -> str:
    """The actor of somebody, as the audit log and the approvals know them. Raises NotFound."""
    found = connection.execute(select(_m.id).where(_m.name == name)).scalar()
    if found is None:
        known = ", ".join(names(connection).values()) or "none yet"
        raise NotFound(f"there is no member {name}", f"Members: {known}. Add one: reinforce member add {name}")
    return f"member/{found}"


def names(connection: Connection) -> dict[str, str]:
    """The names by actor, in order of the names."""
    rows = connection.execute(select(_m.id, _m.name).order_by(_m.name))
    return {f"member/{row.id}": row.name for row in rows}
