"""Tokens with which scripts call the API. Instants are machine time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, select, update

from reinforce.domain.access.rights import Grant, Role, narrowed
from reinforce.domain.access.sessions import NOTED_EVERY
from reinforce.store import tables as t
from reinforce.store.access import users
from reinforce.store.access.keys import key_hash, new_key
from reinforce.store.access.users import User

_t = t.api_token.c
# So that a token that ended up in a repository or a log is recognised for what it is.
PREFIX = "rfc_"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token without its secret. `grants` are those it was given; it may no more than its member may at the time."""

    id: int
    member_id: int
    member: str
    label: str
    grants: frozenset[Grant]
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who calls with a token, and what they may with it. `to_note`: its use is to be written down."""

    token: ApiToken
    user: User
    grants: frozenset[Grant]
    to_note: bool


def make(
    connection: Connection, member_id: int, label: str, grants: Iterable[Grant], times: tuple[datetime, datetime]
) -> tuple[int, str]:
    """Make a token that holds from and until `times`; returns its number and, for this once, the token."""
    secret = PREFIX + new_key()
    values = {
        "member_id": member_id,
        "label": label,
        "token_hash": key_hash(secret),
        "grants": [[one.role.value, one.cohort_id] for one in sorted(grants, key=str)],
        "made_at": times[0],
        "expires_at": times[1],
    }
    return int(connection.execute(insert(t.api_token).values(values).returning(_t.id)).scalar_one()), secret


def bearer(connection: Connection, secret: str, now: datetime) -> Bearer | None:
    """Who calls with a token; None if it is none of ours, too old, revoked, or its member is kept out."""
    row = connection.execute(_tokens().where(_t.token_hash == key_hash(secret))).mappings().first()
    if row is None or row["revoked_at"] is not None or row["expires_at"] <= now:
        return None
    token, user = _token(row), users.by_id(connection, row["member_id"])
    if user is None or user.disabled_at is not None:
        return None
    to_note = token.used_at is None or now - token.used_at >= NOTED_EVERY
    return Bearer(token, user, narrowed(user.grants, token.grants), to_note)


def note_use(connection: Connection, token_id: int, now: datetime) -> None:
    """The token is in use."""
    connection.execute(update(t.api_token).where(_t.id == token_id).values(used_at=now))


def tokens(connection: Connection, member_id: int | None = None) -> tuple[ApiToken, ...]:
    """Every token, or somebody's, the newest first; revoked and expired ones as well."""
    query = _tokens().order_by(_t.id.desc())
    query = query if member_id is None else query.where(_t.member_id == member_id)
    return tuple(_token(row) for row in connection.execute(query).mappings())


def revoke(connection: Connection, token_id: int, now: datetime) -> bool:
    """Let a token open nothing any more; False if there is none that did."""
    gone = update(t.api_token).where(_t.id == token_id, _t.revoked_at.is_(None))
    return connection.execute(gone.values(revoked_at=now)).rowcount == 1


def revoke_all(connection: Connection, member_id: int, now: datetime) -> int:
    """Revoke all of somebody's; returns how many."""
    gone = update(t.api_token).where(_t.member_id == member_id, _t.revoked_at.is_(None))
    return connection.execute(gone.values(revoked_at=now)).rowcount


def _tokens() -> Select[Any]:
    return select(t.api_token, t.member.c.name.label("member")).join(t.member, t.member.c.id == _t.member_id)


def _token(row: RowMapping) -> ApiToken:
    values = {name: row[name] for name in ApiToken.__dataclass_fields__ if name != "grants"}
    pairs = row["grants"]
    return ApiToken(**values, grants=frozenset(Grant(Role(role), cohort_id) for role, cohort_id in pairs))
