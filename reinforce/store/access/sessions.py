"""Browsers that are signed in, and one-time links. Instants are machine time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from reinforce.domain.access.sessions import LINK_HOLDS, NOTED_EVERY, Lifetimes, is_over
from reinforce.store import tables as t
from reinforce.store.access import users
from reinforce.store.access.keys import key_hash, new_key
from reinforce.store.access.users import User

_s, _l = t.session.c, t.sign_in_link.c


def start(connection: Connection, member_id: int, now: datetime) -> str:
    """Sign a browser in; returns the key that its cookie bears."""
    key = new_key()
    row = {"member_id": member_id, "token_hash": key_hash(key), "started_at": now, "seen_at": now}
    connection.execute(insert(t.session).values(row))
    return key


def whose(connection: Connection, key: str, now: datetime, lifetimes: Lifetimes) -> tuple[User, bool] | None:
    """Who is signed in with `key`, and whether its use is to be noted (`note_use`); None if nobody is any more."""
    row = connection.execute(
        select(_s.member_id, _s.started_at, _s.seen_at).where(_s.token_hash == key_hash(key))
    ).first()
    if row is None or is_over(row.started_at, row.seen_at, now, lifetimes):
        return None
    user = users.by_id(connection, row.member_id)
    if user is None or user.disabled_at is not None:
        return None
    return user, now - row.seen_at >= NOTED_EVERY


def note_use(connection: Connection, key: str, now: datetime) -> None:
    """The session is in use."""
    connection.execute(update(t.session).where(_s.token_hash == key_hash(key)).values(seen_at=now))


def number_of(connection: Connection, member_id: int, now: datetime, lifetimes: Lifetimes) -> int:
    """In how many browsers somebody is signed in."""
    rows = connection.execute(select(_s.started_at, _s.seen_at).where(_s.member_id == member_id))
    return sum(not is_over(row.started_at, row.seen_at, now, lifetimes) for row in rows)


def end(connection: Connection, key: str) -> int:
    """Sign a browser out; returns whether it was signed in."""
    return connection.execute(delete(t.session).where(_s.token_hash == key_hash(key))).rowcount


def end_all(connection: Connection, member_id: int, *, but: str = "") -> int:
    """Sign somebody out everywhere, except in the browser with the key `but`; returns in how many."""
    others = delete(t.session).where(_s.member_id == member_id, _s.token_hash != key_hash(but))
    return connection.execute(others).rowcount


def forget_old(connection: Connection, now: datetime, lifetimes: Lifetimes) -> None:
    """Delete what opens nothing any more: sessions and links."""
    over = (_s.seen_at <= now - lifetimes.idle) | (_s.started_at <= now - lifetimes.whole)
    connection.execute(delete(t.session).where(over))
    connection.execute(delete(t.sign_in_link).where(_l.expires_at <= now))


def make_link(connection: Connection, member_id: int, now: datetime) -> str:
    """A code with which somebody may choose a password, once, within a day; earlier ones hold no more."""
    connection.execute(delete(t.sign_in_link).where(_l.member_id == member_id))
    code = new_key()
    row = {"member_id": member_id, "code_hash": key_hash(code), "expires_at": now + LINK_HOLDS}
    connection.execute(insert(t.sign_in_link).values(row))
    return code


def whose_link(connection: Connection, code: str, now: datetime) -> User | None:
    """Whom a code lets in; None if it is used up, too old or unknown, or they are disabled."""
    found = select(_l.member_id).where(_l.code_hash == key_hash(code), _l.expires_at > now)
    member_id = connection.execute(found).scalar()
    user = None if member_id is None else users.by_id(connection, member_id)
    return None if user is None or user.disabled_at is not None else user


def use_link(connection: Connection, code: str) -> bool:
    """Use a code up; False if somebody else just did."""
    return connection.execute(delete(t.sign_in_link).where(_l.code_hash == key_hash(code))).rowcount == 1


def forget_links(connection: Connection, member_id: int) -> None:
    """No link lets somebody in any more."""
    connection.execute(delete(t.sign_in_link).where(_l.member_id == member_id))
