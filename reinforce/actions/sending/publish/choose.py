"""Choose what an account sends next, and let go what is not worth sending any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from reinforce.actions.sending.publish.terms import Ahead, Sending
from reinforce.domain.sending.allowance import month_ends
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.domain.sending.send_guard import Ruling, judge
from reinforce.store.sending import circumstances, due, outbox
from reinforce.store.sending.permission import Permission, permission, unaffordable

# Beyond so many due posts of one account the most valuable are no longer looked for.
MOST_WEIGHED = 200
# How many are read where the first may not go.
_SOME = 20


@dataclass(frozen=True, slots=True)
class _Found:
    """The posts that may go, the oldest first; those that a budget won't do for, with the reason, by id; and whether
    another look would find no others."""

    items: tuple[OutboxItem, ...] = ()
    given_up: Mapping[int, tuple[OutboxItem, str]] = field(default_factory=dict)
    all_seen: bool = True


def choose(sending: Sending, ahead: Ahead | None) -> tuple[OutboxItem | None, tuple[OutboxItem, ...]]:
    """What to send next, and what was let go: too late, overtaken, or given up for a budget.

    Looks without stopping any writer: most ticks find nothing, and looking for names takes its time. What was found
    before and not taken up yet needs no look.
    """
    if ahead is not None and (ahead.items or ahead.all_seen):
        return (ahead.items.pop(0) if ahead.items else None), ()
    means = sending.means
    now = means.clock.now()
    silent = sending.record.why_silent(now)
    found = _Found()
    with means.database.read() as connection:
        reasons = circumstances.worth_nothing_more(connection, sending.record.id, silent, now)
        if not silent:
            most = 1 if ahead is None else ahead.most
            found = _candidates(sending, connection, frozenset(reasons), now, most)
    skipped = []
    for item, reason in {**reasons, **found.given_up}.values():
        # One transaction each: the row and its cohort are locked for an instant only.
        with means.database.write() as connection:
            skipped.append(outbox.skip(connection, item, reason))
    if ahead is not None:
        ahead.items += found.items[1:]
        ahead.all_seen = found.all_seen
    return next(iter(found.items), None), tuple(item for item in skipped if item is not None)


def _candidates(sending: Sending, connection: Connection, gone: frozenset[int], now: datetime, most: int) -> _Found:
    """The oldest due post that nothing keeps waiting and up to `most` - 1 that follow it."""
    record, means = sending.record, sending.means
    may = permission(connection, record, means.tariff, now=now, wall=means.clock.wall())
    if may.posts:
        return _Found()
    if not may.allowance.monthly:
        # Nearly always the first one may go: no more are read than it takes.
        for limit in (most, max(_SOME, most)):
            ready = due.due(connection, record.id, now, limit=limit, to_people=not may.replies)
            found = _from_first_that_may_go(sending, connection, ready, gone, may, now)
            if found:
                return _Found(found[:most], all_seen=len(ready) < limit)
        return _Found()
    # A budget has to see them all, and anew for each: every post takes from it.
    ready = due.due(connection, record.id, now, limit=MOST_WEIGHED, to_people=not may.replies)
    ready = tuple(item for item in ready if item.id not in gone)
    dear = unaffordable(connection, record, may.allowance, means.tariff, ready, now)
    gone |= {one.item.id for one in dear}
    found = _from_first_that_may_go(sending, connection, ready, gone, may, now)
    # What may still go out next month waits for it.
    given_up = {one.item.id: (one.item, one.reason) for one in dear if one.item.grace_until < month_ends(now)}
    return _Found(found[:1], given_up, all_seen=not found)


def _from_first_that_may_go(
    sending: Sending,
    connection: Connection,
    ready: Sequence[OutboxItem],
    gone: Collection[int],
    may: Permission,
    now: datetime,
) -> tuple[OutboxItem, ...]:
    """Those of `ready` from the first on that nothing keeps waiting; the others are looked at as they are taken up."""
    left = [item for item in ready if item.id not in gone and not may.why_not(item)]
    for place, item in enumerate(left):
        around = circumstances.around(connection, item, now, sending.means.names)
        verdict = judge(item, sending.record, around.circumstances, sending.policy.read_within, now)
        if verdict.ruling is not Ruling.WAIT:
            return tuple(left[place:])
    return ()
