"""Reads `domain.figures.Figures`: a fixed number of queries, each over an index or a small table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Float, case, cast, extract, func, select, text
from sqlalchemy.exc import DBAPIError

from reinforce.domain.accounts.account import AccountState
from reinforce.domain.figures import (
    LATENESS_BOUNDS,
    AccountFigures,
    DaemonFigures,
    Figures,
    Lateness,
    QuestionFigures,
    WindowFigures,
)
from reinforce.domain.sending.budget import Readings, Tariff
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.answering import inquiries, notices
from reinforce.store.operating import audit
from reinforce.store.sending import governor
from reinforce.store.session import Database, database_now

DAY = timedelta(days=1)
FORGOTTEN_AFTER = timedelta(hours=1)
MOST_DAEMONS = 100
# Postgres ends a query that takes longer, so that a scrape never becomes a load. SQLite's readers stop nobody.
LONGEST_QUERY_MS = 5_000
# No post goes out later than this after it was due: it bounds a search by what it was due (which has an index).
_LATEST = timedelta(days=31)

_o = t.outbox.c


def read_figures(database: Database, *, now: datetime, wall: datetime, tariff: Tariff) -> Figures | None:
    """How the house stands; None where the database can't be read just now. Programme and machine time; readings
    cost what `tariff` says."""
    try:
        with database.read() as connection:
            if not database.is_sqlite:
                connection.execute(text(f"SET LOCAL statement_timeout = {LONGEST_QUERY_MS}"))
            return figures(connection, now=now, wall=wall, tariff=tariff)
    except DBAPIError:
        return None


def figures(connection: Connection, *, now: datetime, wall: datetime, tariff: Tariff | None = None) -> Figures:
    """How the house stands; `now` is programme time, `wall` machine time, `tariff` says what readings cost
    (None: they are left out of the budget used). In a read transaction."""
    posts = _counted(connection)
    due, oldest_due = _due(connection, now)
    unread, oldest_unread = _inbound(connection, t.inbound.c.graded_at.is_(None), now)
    needs_person, oldest_waiting = _inbound(connection, t.inbound.c.needs_person.is_(True), now)
    machine_now = database_now(connection)
    backed_up = connection.execute(select(t.workspace.c.backed_up_at)).scalar()
    return Figures(
        posts=posts,
        due=due,
        oldest_due=oldest_due,
        oldest_unknown=_age(machine_now, _oldest(connection, _o.unknown_since, State.UNKNOWN)),
        expired_leases=_expired(connection, machine_now),
        lateness=_lateness(connection, now),
        accounts=_accounts(connection, now, wall, tariff),
        daemons=_daemons(connection, wall),
        unread=unread,
        oldest_unread=oldest_unread,
        needs_person=needs_person,
        oldest_waiting=oldest_waiting,
        audit_rows=audit.head(connection).length,
        backup_age=None if backed_up is None else _age(wall, backed_up),
        questions=QuestionFigures(**inquiries.counts(connection, now), untold=len(notices.failing(connection))),
    )


def _counted(connection: Connection) -> Mapping[str, int]:
    found = {row.state: row.posts for row in connection.execute(select(_o.state, _count()).group_by(_o.state))}
    return {state.value: found.get(state.value, 0) for state in State}


def _due(connection: Connection, now: datetime) -> tuple[int, float]:
    due = (_o.state == State.PLANNED.value, _o.due_at <= now, _o.grace_until >= now)
    number, oldest = connection.execute(select(_count(), func.min(_o.due_at)).where(*due)).one()
    return number, _age(now, oldest)


def _oldest(connection: Connection, column: Any, state: State) -> datetime | None:
    return connection.execute(select(func.min(column)).where(_o.state == state.value)).scalar()


def _expired(connection: Connection, machine_now: datetime) -> int:
    held = (State.LEASED.value, State.SENDING.value)
    query = select(_count()).where(_o.state.in_(held), _o.lease_until < machine_now)
    return int(connection.execute(query).scalar_one())


def _lateness(connection: Connection, now: datetime) -> Lateness:
    late = _seconds(connection, _o.due_at, _o.posted_at)
    within = [func.coalesce(func.sum(case((late <= bound, 1), else_=0)), 0) for bound in LATENESS_BOUNDS]
    # X's stamp may be a moment before the slot: that is not early, it is another clock.
    total = func.coalesce(func.sum(case((late > 0, late), else_=0.0)), 0.0)
    went_out = (_o.state == State.POSTED.value, _o.due_at > now - DAY, _o.due_at <= now + DAY)
    row = connection.execute(select(_count(), total, *within).where(*went_out)).one()
    return Lateness(tuple(int(one) for one in row[2:]), int(row[0]), float(row[1]))


def _accounts(
    connection: Connection, now: datetime, wall: datetime, tariff: Tariff | None
) -> tuple[AccountFigures, ...]:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    month = today.replace(day=1)
    price = func.sum(_o.price_micros)
    spent = select(_o.account_id, price, func.sum(case((_o.posted_at >= today, _o.price_micros), else_=0)))
    paid = (_o.state == State.POSTED.value, _o.due_at >= month - _LATEST, _o.posted_at >= month)
    money = {
        row[0]: (int(row[1]), int(row[2])) for row in connection.execute(spent.where(*paid).group_by(_o.account_id))
    }
    planned = select(_o.account_id, _count()).where(_o.state == State.PLANNED.value).group_by(_o.account_id)
    waiting = {row[0]: int(row[1]) for row in connection.execute(planned)}
    a, b = t.account.c, t.budget.c
    bounded = select(b.account_id, b.micros_a_month).where(b.cohort_id.is_(None))
    budgets = {row.account_id: row.micros_a_month for row in connection.execute(bounded)}
    beside, windows = _beside(connection, now, tariff), _windows(connection, wall)
    found = []
    for row in connection.execute(select(a.id, a.name, a.state, a.halted_at).order_by(a.name)):
        this_month, this_day = money.get(row.id, (0, 0))
        sending = row.state == AccountState.ACTIVE.value and row.halted_at is None
        number, budget = waiting.get(row.id, 0), budgets.get(row.id)
        used = this_month + beside.get(row.id, 0)
        left = tuple(windows.get(row.id, ()))
        found.append(AccountFigures(row.name, sending, number, this_day, this_month, budget, used, left))
    return tuple(found)


def _beside(connection: Connection, now: datetime, tariff: Tariff | None) -> Mapping[int, int]:
    """What counts against each account's month besides posts that are out: those in doubt, and readings."""
    doubtful = _o.state.in_([State.SENDING.value, State.UNKNOWN.value, State.HELD.value])
    query = select(_o.account_id, func.sum(_o.price_micros)).where(doubtful).group_by(_o.account_id)
    found = {row[0]: int(row[1]) for row in connection.execute(query)}
    r = t.read_tally.c
    if tariff is not None:
        for row in connection.execute(select(t.read_tally).where(r.month == governor.month_of(now))):
            found[row.account_id] = found.get(row.account_id, 0) + Readings(row.own, row.others).micros(tariff)
    return found


def _windows(connection: Connection, wall: datetime) -> Mapping[int, list[WindowFigures]]:
    """The rate limits of each account whose window is not over."""
    w, found = t.rate_window.c, defaultdict[int, list[WindowFigures]](list)
    for row in connection.execute(select(t.rate_window).where(w.resets_at > wall).order_by(w.account_id, w.name)):
        resets_in = (row.resets_at - wall).total_seconds()
        found[row.account_id].append(WindowFigures(row.name, row.most, row.remaining, resets_in))
    return found


def _daemons(connection: Connection, wall: datetime) -> tuple[DaemonFigures, ...]:
    h = t.heartbeat.c
    recent = select(h.owner, h.at, h.leader, h.last_error).where(h.at > wall - FORGOTTEN_AFTER, h.role == "daemon")
    rows = connection.execute(recent.order_by(h.at.desc()).limit(MOST_DAEMONS))
    return tuple(DaemonFigures(row.owner, _age(wall, row.at), row.leader, bool(row.last_error)) for row in rows)


def _inbound(connection: Connection, which: ColumnElement[bool], now: datetime) -> tuple[int, float]:
    query = select(_count(), func.min(t.inbound.c.received_at)).where(which)
    number, oldest = connection.execute(query).one()
    return number, _age(now, oldest)


def _count() -> ColumnElement[int]:
    return func.count().label("posts")


def _age(now: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)


def _seconds(connection: Connection, start: Any, end: Any) -> ColumnElement[float]:
    if connection.dialect.name == "postgresql":
        return cast(extract("epoch", end - start), Float)
    return (func.julianday(end, type_=Float) - func.julianday(start, type_=Float)) * 86_400.0
