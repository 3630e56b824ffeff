"""How each account and cohort stands with its budget and with X's limits, for reports, the doctor and figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from reinforce.domain.sending.allowance import Bounds, Spent, daily_bounds, month_begins
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outlook import Outlook, outlook
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.sending import governor, spending


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit of X's as it was last said. `resets_at` is machine time, UTC."""

    name: str
    limit: int
    remaining: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """An account (`cohort` empty) or one of its cohorts with bounds of its own, this month (UTC, programme time).

    Money is micro-dollars; `read_micros` of it went for readings. `given_up` are the ids of posts given up for a budget
    this month. `posts_a_day` and `replies_a_day` are those in force. `limits` and `breaker` are the account's.
    """

    account: str
    cohort: str
    bounds: Bounds
    spent: Spent
    read_micros: int
    outlook: Outlook
    given_up: tuple[int, ...]
    posts_a_day: int
    replies_a_day: int
    limits: tuple[LimitLine, ...] = ()
    breaker: str = ""

    @property
    def name(self) -> str:
        """How people call it."""
        return f"cohort {self.cohort}" if self.cohort else f"account {self.account}"


def budget_lines(connection: Connection, tariff: Tariff, now: datetime) -> tuple[BudgetLine, ...]:
    """Every account by name, each followed by those of its cohorts that have bounds; at `now` (programme time)."""
    slugs = {row.id: row.slug for row in connection.execute(select(t.cohort.c.id, t.cohort.c.slug))}
    found = []
    for record in accounts.accounts(connection):
        allowance = spending.allowance(connection, record.id, tariff, now)
        money, read, posts = spending.month_of_all(connection, record.id, tariff, now)
        today = allowance.spent
        own = Spent(money + read, posts, today.posts_today, today.replies_today)
        standing = governor.standing(connection, record.id)
        limits = tuple(
            LimitLine(name, one.limit, one.remaining, one.resets_at) for name, one in sorted(standing.windows.items())
        )
        daily = daily_bounds(allowance.bounds, tariff, on_this_machine=record.on_this_machine)
        parts = [(None, allowance.bounds, own), *((key, *pair) for key, pair in allowance.cohorts.items())]
        for cohort_id, bounds, spent in parts:
            ahead = spending.ahead(connection, record.id, tariff, now, cohort_id=cohort_id)
            whole = cohort_id is None
            found.append(
                BudgetLine(
                    account=record.name,
                    cohort="" if cohort_id is None else slugs.get(cohort_id, ""),
                    bounds=bounds,
                    spent=spent,
                    read_micros=read if whole else 0,
                    outlook=outlook(bounds, spent, ahead, now),
                    given_up=spending.given_up(connection, record.id, month_begins(now), cohort_id=cohort_id),
                    posts_a_day=daily[0],
                    replies_a_day=daily[1],
                    limits=limits if whole else (),
                    breaker=standing.breaker.state.value if whole else "",
                )
            )
    return tuple(found)
