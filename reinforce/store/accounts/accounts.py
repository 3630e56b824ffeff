"""Accounts: who they are, whether they may send, and how far their mentions were read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, bindparam, func, insert, select, true, update
from sqlalchemy.exc import IntegrityError

from reinforce.domain.accounts.account import AccountRecord, AccountState
from reinforce.domain.errors import Conflict, NotFound
from reinforce.domain.nugget import Confidentiality
from reinforce.store import tables as t

_COLUMNS = [t.account.c[name] for name in AccountRecord.__dataclass_fields__]
# The cursor of our own timeline: its newest post when the account was connected or proven.
OWN_FEED = "own_posts"
# Asked for each post that is sent, so made once.
_BY_ID = select(*_COLUMNS).where(t.account.c.id == bindparam("account"))
# FOR NO KEY UPDATE on Postgres: rows that merely point to the account may still be added.
_BY_ID_LOCKED = _BY_ID.with_for_update(key_share=True)
_kept = select(t.cohort.c.id).where(t.cohort.c.id == bindparam("cohort")).with_for_update().subquery("kept")
# Postgres reads the join, which keeps the cohort, before it keeps the account. Without a column of it, it might leave
# the cohort out.
_BY_ID_LOCKED_BEHIND_COHORT = (
    _BY_ID.add_columns(_kept.c.id.label("cohort"))
    .join_from(t.account, _kept, true())
    .with_for_update(key_share=True, of=t.account)
)
# What `newest_known_in` reads, for statements that ask for more at once.
NEWEST_KNOWN = (
    select(func.max(t.outbox.c.remote_id))
    .where(t.outbox.c.account_id == bindparam("account"))
    .scalar_subquery()
    .label("newest_posted"),
    select(func.max(t.cursor.c.since_id))
    .where(t.cursor.c.account_id == bindparam("account"), t.cursor.c.feed == OWN_FEED)
    .scalar_subquery()
    .label("newest_read"),
)
_NEWEST_KNOWN = select(*NEWEST_KNOWN)


def accounts(connection: Connection) -> tuple[AccountRecord, ...]:
    """Every account, by name."""
    rows = connection.execute(select(*_COLUMNS).order_by(t.account.c.name)).mappings()
    return tuple(_record(row) for row in rows)


def account_by_name(connection: Connection, name: str) -> AccountRecord:
    """The account called `name`. Raises NotFound, with the names there are."""
    row = connection.execute(select(*_COLUMNS).where(t.account.c.name == name)).mappings().first()
    if row is None:
        names = ", ".join(record.name for record in accounts(connection)) or "none yet"
        raise NotFound(f"there is no account {name}", f"Accounts: {names}.")
    return _record(row)


def account_by_id(connection: Connection, account_id: int, *, lock: bool = False) -> AccountRecord:
    """The account with this row id. With `lock` nobody else changes it until this transaction ends."""
    row = connection.execute(_BY_ID_LOCKED if lock else _BY_ID, {"account": account_id}).mappings().first()
    if row is None:
        raise NotFound(f"there is no account with the number {account_id}")
    return _record(row)


def kept_behind_cohort(connection: Connection, account_id: int, cohort_id: int | None) -> AccountRecord:
    """The account with this row id, after the cohort: nobody else changes either until this transaction ends."""
    if cohort_id is None or connection.dialect.name == "sqlite":  # which has one writer, and no such lock
        return account_by_id(connection, account_id, lock=True)
    both = {"account": account_id, "cohort": cohort_id}
    row = dict(connection.execute(_BY_ID_LOCKED_BEHIND_COHORT, both).mappings().one())
    del row["cohort"]
    return _record(row)


def add_account(
    connection: Connection,
    *,
    name: str,
    base_url: str,
    handle: str = "",
    remote_user_id: int | None = None,
    confidentiality: Confidentiality = Confidentiality.INTERNAL,
    protected: bool | None = None,
) -> AccountRecord:
    """A new, active account. Raises Conflict if the name or the user id is taken."""
    values = {
        "name": name,
        "base_url": base_url,
        "handle": handle,
        "remote_user_id": remote_user_id,
        "confidentiality": confidentiality.value,
        "protected": protected,
        "state": AccountState.ACTIVE.value,
        "paused_reason": "",
    }
    try:
        with connection.begin_nested():
            row = connection.execute(insert(t.account).values(**values).returning(*_COLUMNS)).mappings().one()
    except IntegrityError as error:
        raise Conflict(
            f"an account called {name}, or one of the same X user, is there already",
            "See them with: reinforce account list",
        ) from error
    return _record(row)


def set_identity(
    connection: Connection,
    account_id: int,
    *,
    remote_user_id: int,
    handle: str,
    protected: bool,
) -> None:
    """Save what X says of the account."""
    _change(connection, account_id, remote_user_id=remote_user_id, handle=handle, protected=protected)


def set_place(connection: Connection, account_id: int, *, base_url: str, confidentiality: Confidentiality) -> None:
    """Save where the account answers and what may be said on it, after it was connected again."""
    _change(connection, account_id, base_url=base_url, confidentiality=confidentiality.value)


def set_caps(connection: Connection, account_id: int, values: Mapping[str, int]) -> None:
    """Change how often may be posted: `posts_a_day`, `posts_a_week`, `gap_minutes`."""
    _change(connection, account_id, **values)


def set_open(connection: Connection, account_id: int) -> None:
    """The account is for open cohorts from now on."""
    _change(connection, account_id, open_cohorts=True)


def pause_account(connection: Connection, account_id: int, reason: str, until: datetime | None = None) -> None:
    """Send nothing until `until` (programme time), or until a person resumes it. An unproven account stays unproven."""
    _change_unless_unproven(
        connection,
        account_id,
        {"state": AccountState.PAUSED.value, "paused_reason": reason, "paused_until": until},
    )


def resume_account(connection: Connection, account_id: int) -> bool:
    """Take back a pause; False if there was none. An unproven account stays unproven: only its timeline proves it."""
    paused = t.account.c.state == AccountState.PAUSED.value
    values = {"state": AccountState.ACTIVE.value, "paused_reason": "", "paused_until": None}
    done = connection.execute(update(t.account).where(t.account.c.id == account_id, paused).values(**values))
    return done.rowcount == 1


def mark_unproven(connection: Connection, reason: str) -> None:
    """Every account's timeline has to be read before anything is sent again."""
    values = {"state": AccountState.UNPROVEN.value, "paused_reason": reason, "paused_until": None}
    connection.execute(update(t.account).values(**values))


def mark_proven(connection: Connection, account_id: int) -> bool:
    """The timeline was read and matched; False if the account was not unproven."""
    unproven = t.account.c.state == AccountState.UNPROVEN.value
    values = {"state": AccountState.ACTIVE.value, "paused_reason": ""}
    done = connection.execute(update(t.account).where(t.account.c.id == account_id, unproven).values(**values))
    return done.rowcount == 1


def halt(connection: Connection, account_id: int | None, now: datetime) -> int:
    """Stop an account, or all of them: how many were not halted before."""
    going = update(t.account).where(t.account.c.halted_at.is_(None))
    if account_id is not None:
        going = going.where(t.account.c.id == account_id)
    return int(connection.execute(going.values(halted_at=now)).rowcount)


def unhalt(connection: Connection, account_id: int | None) -> int:
    """Take a halt back, of an account or of all: how many were halted."""
    halted = update(t.account).where(t.account.c.halted_at.is_not(None))
    if account_id is not None:
        halted = halted.where(t.account.c.id == account_id)
    return int(connection.execute(halted.values(halted_at=None)).rowcount)


def mark_read(connection: Connection, account_id: int, at: datetime) -> None:
    """Mentions were read to their end at `at` (programme time, taken before the reading began)."""
    _change(connection, account_id, read_at=at)


def newest_known_post(connection: Connection, account_id: int) -> int | None:
    """The greatest id of our own timeline that is known here: what an attempt makes is newer. None: none is known."""
    return newest_known_in(connection.execute(_NEWEST_KNOWN, {"account": account_id}).one())


def newest_known_in(row: Row[*tuple[Any, ...]]) -> int | None:
    """As `newest_known_post`, from a row that holds `NEWEST_KNOWN`."""
    known = (row.newest_posted, row.newest_read)
    return max((number for number in known if number is not None), default=None)


def mark_own_timeline(connection: Connection, account_id: int, newest_id: int, now: datetime) -> None:
    """Remember that our own timeline is known up to `newest_id`, so that no later reading goes back further."""
    c = t.cursor.c
    here = (c.account_id == account_id, c.feed == OWN_FEED)
    moved = connection.execute(
        update(t.cursor).where(*here, c.since_id < newest_id).values(since_id=newest_id, at=now)
    ).rowcount
    if not moved and connection.execute(select(c.since_id).where(*here)).scalar() is None:
        connection.execute(insert(t.cursor).values(account_id=account_id, feed=OWN_FEED, since_id=newest_id, at=now))


def _change(connection: Connection, account_id: int, **values: Any) -> None:
    done = connection.execute(update(t.account).where(t.account.c.id == account_id).values(**values))
    if done.rowcount != 1:
        raise NotFound(f"there is no account with the number {account_id}")


def _change_unless_unproven(connection: Connection, account_id: int, values: dict[str, Any]) -> None:
    proven = t.account.c.state != AccountState.UNPROVEN.value
    connection.execute(update(t.account).where(t.account.c.id == account_id, proven).values(**values))


def _record(row: RowMapping | dict[str, Any]) -> AccountRecord:
    values = dict(row)
    values["confidentiality"] = Confidentiality(values["confidentiality"])
    values["state"] = AccountState(values["state"])
    return AccountRecord(**values)
