"""The people of the team by name: who did what. Those who sign in are told in store/access/users.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from reinforce.domain.errors import Conflict, NotFound
from reinforce.store import tables as t
from reinforce.store.access import sessions, tokens

_m = t.member.c


def add(connection: Connection, name: str, now: datetime) -> str:
    """Add somebody, or take back who had this name and left; returns their actor ("member/3"). Raises Conflict if the
    name is taken."""
    there = connection.execute(select(_m.id, _m.left_at).where(_m.name == name)).first()
    if there is None:
        made = connection.execute(insert(t.member).values(name=name, added_at=now).returning(_m.id)).scalar_one()
        return f"member/{made}"
    if there.left_at is None:
        raise Conflict(f"there is a member {name} already", "See them with: reinforce member list")
    connection.execute(update(t.member).where(_m.id == there.id).values(left_at=None))
    return f"member/{there.id}"


def rename(connection: Connection, actor: str, new: str) -> None:
    """Give somebody another name. Raises Conflict if it is taken, also by somebody who left."""
    if connection.execute(select(_m.id).where(_m.name == new)).first() is not None:
        raise Conflict(f"there is, or was, a member {new} already", "Take another name.")
    connection.execute(update(t.member).where(_m.id == _id(actor)).values(name=new))


def remove(connection: Connection, actor: str, now: datetime) -> None:
    """Somebody acts no more, and what let them in is gone for good. Their name stays with what they did."""
    gone = _id(actor)
    connection.execute(update(t.member).where(_m.id == gone).values(left_at=now, password_hash="", disabled_at=None))
    sessions.end_all(connection, gone)
    sessions.forget_links(connection, gone)
    tokens.revoke_all(connection, gone, now)
    connection.execute(delete(t.member_role).where(t.member_role.c.member_id == gone))
    connection.execute(delete(t.member_identity).where(t.member_identity.c.member_id == gone))


def actor_of(connection: Connection, name: str) -> str:
    """The actor of somebody on the team, as the audit log and the approvals know them. Raises NotFound, also for who
    left."""
    found = connection.execute(select(_m.id, _m.left_at).where(_m.name == name)).first()
    if found is not None and found.left_at is None:
        return f"member/{found.id}"
    known = ", ".join(team(connection).values()) or "none yet"
    why = f"there is no member {name}" if found is None else f"{name} is not on the team any more"
    raise NotFound(why, f"Members: {known}. Add one: reinforce member add NAME")


def called(connection: Connection, name: str) -> tuple[str, ...]:
    """The actors of those on the team, or who were, whose name is `name`, however it is written ("": nobody)."""
    wanted = " ".join(name.split()).casefold()
    return tuple(actor for actor, one in names(connection).items() if wanted and one.casefold() == wanted)


def team(connection: Connection) -> dict[str, str]:
    """Who is on the team: the names by actor, in order of the names."""
    return _named(connection, gone=False)


def names(connection: Connection) -> dict[str, str]:
    """The names by actor, in order of the names, of those who left as well: what they did is still theirs."""
    return _named(connection, gone=True)


def _named(connection: Connection, *, gone: bool) -> dict[str, str]:
    query = select(_m.id, _m.name).order_by(_m.name)
    rows = connection.execute(query if gone else query.where(_m.left_at.is_(None)))
    return {f"member/{row.id}": row.name for row in rows}


def _id(actor: str) -> int:
    return int(actor.removeprefix("member/"))
