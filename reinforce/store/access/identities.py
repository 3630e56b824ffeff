"""Whom the company's sign-in knows members of the team as, and browsers that are on their way there and back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from reinforce.domain.access.identities import Identity
from reinforce.domain.errors import Conflict
from reinforce.store import tables as t
from reinforce.store.access import users
from reinforce.store.access.users import User

_i, _w = t.member_identity.c, t.sign_in_start.c


def set_identity(connection: Connection, member_id: int, named: str) -> None:
    """Let a member be known as `named` from the next sign-in on, whoever came before; "" lets nobody be them. Raises
    Conflict if somebody else is known as that."""
    connection.execute(delete(t.member_identity).where(_i.member_id == member_id))
    if not named:
        return
    other = connection.execute(select(_i.member_id).where(_i.named == named)).scalar()
    if other is not None:
        user = users.by_id(connection, other)
        raise Conflict(
            f"{named} is {user.name if user else 'somebody else'} already",
            "One person there is one person here; see them with: reinforce user list",
        )
    connection.execute(insert(t.member_identity).values(member_id=member_id, named=named))


def known(connection: Connection, identity: Identity) -> User | None:
    """Who came as this one before."""
    found = select(_i.member_id).where(_i.issuer == identity.issuer, _i.subject == identity.subject)
    return _user(connection, connection.execute(found).scalar())


def named(connection: Connection, name: str) -> User | None:
    """Whom an operator said is known as `name`."""
    return _user(connection, connection.execute(select(_i.member_id).where(_i.named == name)).scalar())


def bind(connection: Connection, member_id: int, identity: Identity) -> bool:
    """From now on this member is who came as `identity`; False if it is somebody already."""
    free = update(t.member_identity).where(_i.member_id == member_id, _i.subject.is_(None))
    return connection.execute(free.values(issuer=identity.issuer, subject=identity.subject)).rowcount == 1


def expect(connection: Connection, mark: str, going_to: str, now: datetime, until: datetime) -> None:
    """A browser was sent away and may come back once, `until` then; those who are late are expected no more."""
    connection.execute(delete(t.sign_in_start).where(_w.expires_at <= now))
    connection.execute(insert(t.sign_in_start).values(mark=mark, going_to=going_to, expires_at=until))


def come_back(connection: Connection, mark: str, now: datetime) -> str | None:
    """The page a browser was after that came back just now; None if it was not expected, or not any more."""
    gone = delete(t.sign_in_start).where(_w.mark == mark, _w.expires_at > now).returning(_w.going_to)
    return connection.execute(gone).scalar()


def _user(connection: Connection, member_id: int | None) -> User | None:
    return None if member_id is None else users.by_id(connection, member_id)
