"""What the governor of an account remembers, so that it outlives every process: windows, breaker, posts read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, Update, and_, bindparam, insert, select, update

from reinforce.domain.sending.breaker import Breaker, Circuit
from reinforce.domain.sending.budget import Readings
from reinforce.domain.sending.pacing import Window
from reinforce.store import tables as t
from reinforce.store.one_trip import Change


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands with X. `windows` by endpoint; a day's limit has " a day" behind its name."""

    windows: Mapping[str, Window]
    breaker: Breaker


_b, _w = t.breaker.c, t.rate_window.c
# What `standing_in` reads, for statements that ask for more at once.
COLUMNS = (_b.state, _b.failures, _b.retry_at, _w.name, _w.most, _w.remaining, _w.resets_at, _w.seconds)
PLACES = t.account.outerjoin(t.breaker, _b.account_id == t.account.c.id).outerjoin(
    t.rate_window, _w.account_id == t.account.c.id
)


def _keeping(table: Table, *key: str) -> Update:
    """The update of the row with a key; its parameters are named by table and column, so that it may go with others."""
    given = {one.name: bindparam(f"{table.name}_{one.name}", type_=one.type) for one in table.c}
    here = and_(*(table.c[name] == given.pop(name) for name in key))
    return update(table).where(here).values(given)


_KEEP_WINDOW = _keeping(t.rate_window, "account_id", "name")
_KEEP_BREAKER = _keeping(t.breaker, "account_id")
_STANDING = select(*COLUMNS).select_from(PLACES).where(t.account.c.id == bindparam("account"))


def standing(connection: Connection, account_id: int) -> Standing:
    """How the account stands, as this transaction sees it."""
    return standing_in(connection.execute(_STANDING, {"account": account_id}).all())


def standing_in(rows: Sequence[Row[*tuple[Any, ...]]]) -> Standing:
    """How an account stands, from rows that hold `COLUMNS`: one for each window, or one without a window."""
    windows = {
        row.name: Window(row.most, row.remaining, row.resets_at, row.seconds) for row in rows if row.name is not None
    }
    first = next(iter(rows), None)
    if first is None or first.state is None:
        return Standing(windows, Breaker())
    return Standing(windows, Breaker(Circuit(first.state), first.failures, first.retry_at))


def keep(connection: Connection, account_id: int, windows: Mapping[str, Window], read: Readings, now: datetime) -> None:
    """Remember what is left of X's limits, and that these posts were read at `now` (programme time)."""
    for name, window in windows.items():
        keep_window(connection, account_id, name, window)
    if read:
        add_read(connection, account_id, read, now)


def keep_window(connection: Connection, account_id: int, name: str, window: Window) -> None:
    """Remember what is left of a limit."""
    _keep(connection, t.rate_window, kept_window(account_id, name, window))


def kept_window(account_id: int, name: str, window: Window) -> Change:
    """The same as a change beside others, of a window that is on record already."""
    values = {"account_id": account_id, "name": name, "most": window.limit, "remaining": window.remaining}
    values |= {"resets_at": window.resets_at, "seconds": window.seconds}
    return Change(_KEEP_WINDOW, _named(t.rate_window, values))


def keep_breaker(connection: Connection, account_id: int, breaker: Breaker) -> None:
    """Remember the breaker."""
    values = {"account_id": account_id, **asdict(breaker), "state": breaker.state.value}
    _keep(connection, t.breaker, Change(_KEEP_BREAKER, _named(t.breaker, values)))


def add_read(connection: Connection, account_id: int, read: Readings, now: datetime) -> None:
    """Count posts that were read, in the month of `now` (programme time)."""
    r = t.read_tally.c
    here = {"account_id": account_id, "month": month_of(now)}
    more = update(t.read_tally).where(r.account_id == account_id, r.month == here["month"])
    if connection.execute(more.values(own=r.own + read.own, others=r.others + read.others)).rowcount == 0:
        connection.execute(insert(t.read_tally).values(**here, own=read.own, others=read.others))


def posts_read(connection: Connection, account_id: int, now: datetime) -> Readings:
    """The posts that were read for the account in the month of `now` (programme time)."""
    r = t.read_tally.c
    query = select(r.own, r.others).where(r.account_id == account_id, r.month == month_of(now))
    row = connection.execute(query).first()
    return Readings() if row is None else Readings(row.own, row.others)


def month_of(now: datetime) -> date:
    """The first day of the calendar month of `now`, in UTC."""
    return now.date().replace(day=1)


def _keep(connection: Connection, table: Table, kept: Change) -> None:
    if connection.execute(kept.statement, kept.values).rowcount == 0:
        values = {name.removeprefix(f"{table.name}_"): value for name, value in kept.values.items()}
        connection.execute(insert(table).values(values))


def _named(table: Table, values: Mapping[str, object]) -> dict[str, object]:
    return {f"{table.name}_{name}": value for name, value in values.items()}
