"""What an account spent and may spend: sums over the outbox and the tally of readings, bounds from the budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    true,
)

from reinforce.domain.errors import NotAllowed
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.plan_state import REVEAL
from reinforce.domain.sending.allowance import Allowance, Bounds, Spent, month_begins, month_ends
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outbox import State
from reinforce.domain.sending.rationing import GIVEN_UP, Ahead, Rank, needs, rank_of, value_of
from reinforce.store import tables as t
from reinforce.store.sending import governor, outbox

DAY = timedelta(days=1)
_HISTORY = timedelta(days=28)
# With less behind it, a rate is taken from the cadences too: a first quiet week says little.
_ENOUGH = timedelta(days=7)
# After this no reveal follows any more (actions/planning/reveal.py).
_REVEALED_WITHIN = timedelta(days=9)
_BOUNDS = tuple(field.name for field in fields(Bounds))

_o, _b = t.outbox.c, t.budget.c
# What may have been posted counts as posted: X may charge for it.
_IN_DOUBT = _o.state.in_([State.SENDING.value, State.UNKNOWN.value, State.HELD.value])
_REPLY = or_(_o.inbound_id.is_not(None), and_(_o.reply_to.is_not(None), _o.reply_to_outbox_id.is_(None)))
_TODAY = (
    select(func.count().label("posts"), func.coalesce(func.sum(case((_REPLY, 1), else_=0)), 0).label("replies"))
    .where(
        _o.account_id == bindparam("account"),
        _o.posted_at > bindparam("since", type_=_o.posted_at.type),
        _o.state == State.POSTED.value,
    )
    .subquery()
)
# What `allowance_in` reads, for statements that ask for more at once.
COLUMNS = (*_TODAY.c, _b.id.label("budget"), _b.cohort_id, *(_b[name] for name in _BOUNDS))
_ALLOWANCE = select(*COLUMNS).select_from(_TODAY.outerjoin(t.budget, _b.account_id == bindparam("account")))


def joined(places: FromClause) -> FromClause:
    """`places`, which hold one account, beside what the allowance is read from. Asks for `since`: a day ago."""
    return places.join(_TODAY, true()).outerjoin(t.budget, _b.account_id == t.account.c.id)


def set_bounds(connection: Connection, account_id: int, cohort_id: int | None, wanted: Bounds) -> None:
    """Keep what an account, or one cohort of it, may spend, in place of what was set. Raises NotAllowed for a cohort
    with bounds of a day: X counts those for the account."""
    if cohort_id is not None and (wanted.posts_a_day, wanted.replies_a_day) != (None, None):
        raise NotAllowed("a day's limit is the account's, not a cohort's", "Leave --cohort out.")
    same = _b.cohort_id.is_(None) if cohort_id is None else _b.cohort_id == cohort_id
    connection.execute(delete(t.budget).where(_b.account_id == account_id, same))
    if wanted != Bounds():
        connection.execute(insert(t.budget).values(account_id=account_id, cohort_id=cohort_id, **asdict(wanted)))


def allowance(connection: Connection, account_id: int, tariff: Tariff, now: datetime) -> Allowance:
    """What the account and its cohorts spent this month and today, beside their bounds."""
    rows = connection.execute(_ALLOWANCE, {"account": account_id, "since": now - DAY}).all()
    return allowance_in(rows, connection, account_id, tariff, now)


def allowance_in(
    rows: Sequence[Row[*tuple[Any, ...]]], connection: Connection, account_id: int, tariff: Tariff, now: datetime
) -> Allowance:
    """As `allowance`, from rows that hold `COLUMNS`: what was posted in the 24 hours before `now`, and at least one for
    each of the bounds that are set. What was spent in the month is asked for only where a bound is set on it."""
    posts, replies = int(rows[0].posts), int(rows[0].replies)
    spent = Spent(posts_today=posts - replies, replies_today=replies)
    there = {
        row.cohort_id: Bounds(**{name: getattr(row, name) for name in _BOUNDS})
        for row in rows
        if row.budget is not None
    }
    own = there.pop(None, Bounds())
    if not (own.monthly or there):
        return Allowance(own, spent, {})
    months = _months(connection, account_id, now)
    micros, posts = (sum(one[place] for one in months.values()) for place in (0, 1))
    micros += governor.posts_read(connection, account_id, now).micros(tariff)
    spent = Spent(micros, posts, spent.posts_today, spent.replies_today)
    cohorts = {
        cohort_id: (bound, Spent(*months.get(cohort_id, (0, 0)))) for cohort_id, bound in there.items() if cohort_id
    }
    return Allowance(own, spent, cohorts)


def month_of_all(connection: Connection, account_id: int, tariff: Tariff, now: datetime) -> tuple[int, int, int]:
    """(micro-dollars for posts, micro-dollars for readings, posts) of the account in the month of `now`."""
    months = _months(connection, account_id, now)
    read = governor.posts_read(connection, account_id, now).micros(tariff)
    return sum(money for money, _ in months.values()), read, sum(posts for _, posts in months.values())


def _months(connection: Connection, account_id: int, now: datetime) -> dict[int | None, tuple[int, int]]:
    """(micro-dollars, posts) of this month by cohort."""
    posted = and_(_o.state == State.POSTED.value, _o.posted_at >= month_begins(now))
    query = select(_o.cohort_id, func.sum(_o.price_micros), func.count()).where(
        _o.account_id == account_id, or_(posted, _IN_DOUBT)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in connection.execute(query.group_by(_o.cohort_id))}


def given_up(
    connection: Connection, account_id: int, start: datetime, *, cohort_id: int | None = None
) -> tuple[int, ...]:
    """The ids of the posts given up for a budget that were due at or after `start` (programme time)."""
    let_go = and_(_o.state == State.SKIPPED.value, _o.outcome.startswith(GIVEN_UP))
    query = select(_o.id).where(_o.account_id == account_id, let_go, _o.due_at >= start)
    if cohort_id is not None:
        query = query.where(_o.cohort_id == cohort_id)
    return tuple(connection.execute(query.order_by(_o.id)).scalars())


def ahead(
    connection: Connection, account_id: int, tariff: Tariff, now: datetime, *, cohort_id: int | None = None
) -> Ahead:
    """What is expected until the month ends: what the last four weeks were like, and the cadences where those are
    short. Readings are the account's, no cohort's."""
    mine: list[ColumnElement[bool]] = [_o.account_id == account_id]
    if cohort_id is not None:
        mine.append(_o.cohort_id == cohort_id)
    reveal = tariff.post
    owed = _owed(connection, mine, now)
    past = _past(connection, mine, now)
    chosen = [item for item in past if rank_of(item) is Rank.CHOSEN]
    steady = [item for item in past if rank_of(item) not in (Rank.CHOSEN, Rank.OWED)]
    first = min((item.due_at for item in past), default=now)
    days = (max(now - max(first, now - _HISTORY), _ENOUGH)) / DAY
    left = (month_ends(now) - now) / DAY
    bound = [needs(item, reveal) for item in chosen]
    money, posts = (sum(one[place] for one in bound) / days * left for place in (0, 1))
    if now - first < _ENOUGH:
        planned_money, planned_posts = _by_cadence(connection, account_id, cohort_id, reveal, left)
        money, posts = max(money, planned_money), max(posts, planned_posts)
    read_ahead = 0.0
    if cohort_id is None:
        read = governor.posts_read(connection, account_id, now).micros(tariff)
        read_ahead = read / max((now - month_begins(now)) / DAY, 1.0) * left
    return Ahead(
        owed_micros=owed * reveal,
        owed_posts=owed,
        steady_micros=round(sum(item.price_micros for item in steady) / days * left + read_ahead),
        steady_posts=round(len(steady) / days * left),
        chosen_micros=round(money),
        chosen_posts=round(posts),
        values=tuple((value_of(item.decision.get("gain"), item.price_micros), item.occurrence) for item in chosen),
    )


def _past(connection: Connection, mine: Sequence[ColumnElement[bool]], now: datetime) -> tuple[Any, ...]:
    """The posts of the last four weeks, those given up for a budget included."""
    let_go = and_(_o.state == State.SKIPPED.value, _o.outcome.startswith(GIVEN_UP))
    query = select(t.outbox).where(
        *mine, or_(_o.state == State.POSTED.value, let_go), _o.due_at >= now - _HISTORY, _o.due_at <= now
    )
    return outbox.items_of(connection, query)


def _owed(connection: Connection, mine: Sequence[ColumnElement[bool]], now: datetime) -> int:
    """How many questions are out whose reveal is still to be planned."""
    below = t.outbox.alias("below").c
    revealed = select(below.id).where(below.reply_to_outbox_id == _o.id, below.form == REVEAL).exists()
    asked = select(_o.decision).where(
        *mine, or_(_o.state == State.POSTED.value, _IN_DOUBT), _o.question_id.is_not(None), _o.form != REVEAL
    )
    recent = asked.where(_o.due_at >= now - _REVEALED_WITHIN, ~revealed)
    return sum("reveal_at" in decision for decision in connection.execute(recent).scalars())


def _by_cadence(
    connection: Connection, account_id: int, cohort_id: int | None, reveal: int, days: float
) -> tuple[float, float]:
    """(micro-dollars, posts) that the cadences of the running cohorts leave room for in so many days."""
    c = t.cohort.c
    query = select(t.schedule.c.content).join(t.cohort, c.schedule_id == t.schedule.c.id)
    query = query.where(c.account_id == account_id, c.state == "running")
    if cohort_id is not None:
        query = query.where(c.id == cohort_id)
    contents = [content for content in connection.execute(query).scalars() if content]
    # Its caps count reveals as well, so no more goes out than this.
    posts = sum(Cadence.from_content(content).posts_a_week for content in contents) / 7.0 * days
    return posts * reveal, posts
