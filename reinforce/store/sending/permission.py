"""Whether an account may post just now, by all that is known of it: windows, breaker, a day's and a month's bounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.sending.allowance import Allowance, Bounds, Spent, daily_bounds, why_not_today
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.domain.sending.pacing import POSTING, Use, pace_wait
from reinforce.domain.sending.rationing import GivenUp, Room, ration
from reinforce.domain.sending.send_guard import answers_somebody
from reinforce.store import tables as t
from reinforce.store.sending import governor, spending
from reinforce.store.sending.governor import Standing
from reinforce.store.session import database_clock


@dataclass(frozen=True, slots=True)
class Permission:
    """Why posts, and replies to people, have to wait, in words for a person; empty if they need not. `machine_now`: the
    database's clock when this was read."""

    posts: str
    replies: str
    standing: Standing
    allowance: Allowance
    machine_now: datetime

    def why_wait(self, item: OutboxItem) -> str:
        """Why this one may not go now, for whatever reason."""
        return (self.replies if answers_somebody(item) else self.posts) or self.why_not(item)

    def why_not(self, item: OutboxItem) -> str:
        """Why this one does not fit into the month."""
        return self.allowance.why_not_this_month(item.cohort_id, item.price_micros)


# One statement for all of it: it is asked twice for each post.
_ASKED = (
    select(*governor.COLUMNS, *spending.COLUMNS, database_clock().label("machine_now"))
    .select_from(spending.joined(governor.PLACES))
    .where(t.account.c.id == bindparam("account"))
)


def permission(
    connection: Connection, record: AccountRecord, tariff: Tariff, *, now: datetime, wall: datetime
) -> Permission:
    """What the account may do at `now` (programme time) and `wall` (machine time)."""
    rows = connection.execute(_ASKED, {"account": record.id, "since": now - spending.DAY}).all()
    standing, machine_now = governor.standing_in(rows), rows[0].machine_now
    allowance = spending.allowance_in(rows, connection, record.id, tariff, now)
    resting = standing.breaker.wait(wall)
    if resting is not None:
        words = f"it failed {standing.breaker.failures} times in a row: not before {resting:%H:%M:%S} UTC"
        return Permission(words, words, standing, allowance, machine_now)
    daily = daily_bounds(allowance.bounds, tariff, on_this_machine=record.on_this_machine)
    reasons = []
    for use in (Use.POST, Use.REPLY):
        until = pace_wait(standing.windows, POSTING, tariff.limits.get(POSTING), use, wall)
        today = why_not_today(allowance.spent, daily, tariff.daily["posts"], reply=use is Use.REPLY)
        reasons.append(today or (f"X's limit is spread: not before {until:%H:%M:%S} UTC" if until else ""))
    return Permission(reasons[0], reasons[1], standing, allowance, machine_now)


def may_read(connection: Connection, account_id: int, endpoint: str, tariff: Tariff, wall: datetime) -> bool:
    """Whether the account may read from `endpoint` at `wall` (machine time)."""
    windows = governor.standing(connection, account_id).windows
    return pace_wait(windows, endpoint, tariff.limits.get(endpoint), Use.READ, wall) is None


def unaffordable(
    connection: Connection,
    record: AccountRecord,
    allowance: Allowance,
    tariff: Tariff,
    waiting: Sequence[OutboxItem],
    now: datetime,
) -> tuple[GivenUp, ...]:
    """Which of the `waiting` posts may not go out for a month's budget: a cohort's first, then the account's."""
    left, found = list(waiting), list[GivenUp]()
    for cohort_id, (bounds, spent) in [*allowance.cohorts.items(), (None, (allowance.bounds, allowance.spent))]:
        mine = [item for item in left if cohort_id in (None, item.cohort_id)]
        if not (mine and bounds.monthly):
            continue
        ahead = spending.ahead(connection, record.id, tariff, now, cohort_id=cohort_id)
        given_up = ration(mine, room(bounds, spent), ahead, tariff.post)
        found += given_up
        gone = {one.item.id for one in given_up}
        left = [item for item in left if item.id not in gone]
    return tuple(found)


def room(bounds: Bounds, spent: Spent) -> Room:
    """What is left of a month."""
    return Room(
        None if bounds.micros_a_month is None else bounds.micros_a_month - spent.micros_month,
        None if bounds.posts_a_month is None else bounds.posts_a_month - spent.posts_month,
    )
