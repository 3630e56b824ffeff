"""What is made durable before the call: the claim, then the attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.actions.sending.publish.terms import (
    CONNECTED_ANEW,
    HELD_UP,
    KINDS,
    TAKEN_OVER,
    Attempted,
    Claimed,
    Published,
    PublishOutcome,
    Sending,
)
from reinforce.domain.accounts.account import AccountState
from reinforce.domain.sending.kill_points import KillPoint
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.domain.sending.send_guard import Ruling, Verdict, judge
from reinforce.store.accounts import accounts
from reinforce.store.operating import audit
from reinforce.store.sending import attempts, circumstances, due, governor, outbox
from reinforce.store.sending.circumstances import Surroundings
from reinforce.store.sending.governor import Standing
from reinforce.store.sending.permission import permission


def claim(sending: Sending, chosen: OutboxItem) -> Claimed | None:
    """Take it, unless somebody else was first or something changed."""
    means = sending.means
    since = means.clock.monotonic()
    with means.database.write() as connection:
        item, standing = _claim(sending, connection, chosen)
        means.checkpoint(KillPoint.BEFORE_CLAIM_COMMIT)
    if item is None:
        return None
    means.checkpoint(KillPoint.AFTER_CLAIM_COMMIT)
    return Claimed(item, since, standing)


def _claim(sending: Sending, connection: Connection, chosen: OutboxItem) -> tuple[OutboxItem | None, Standing]:
    means = sending.means
    now, wall = means.clock.now(), means.clock.wall()
    record = accounts.account_by_id(connection, sending.record.id, lock=True)
    # Once more, now that nobody else can send for this account: money that is left can be spent once.
    may = permission(connection, record, means.tariff, now=now, wall=wall)
    if record.why_silent(now) or may.why_wait(chosen):
        return None, may.standing
    if record.state is AccountState.PAUSED:
        accounts.resume_account(connection, record.id)  # it was paused until a time that has come
    until = may.machine_now + timedelta(seconds=sending.policy.lease)
    claimed = due.claim_due(connection, chosen, means.owner, now, until)
    trying = may.standing.breaker.trying(wall)
    if claimed is not None and trying is not may.standing.breaker:
        governor.keep_breaker(connection, record.id, trying)
    return claimed, replace(may.standing, breaker=trying)


def commit_attempt(sending: Sending, claimed: Claimed) -> Attempted | PublishOutcome:
    """Look at everything once more and make the attempt durable, in one transaction: a halt, a pause or a stop that was
    committed before it holds."""
    means, item = sending.means, claimed.item
    try:
        with means.database.write() as connection:
            now = means.clock.now()
            record = circumstances.lock(connection, item)
            around = circumstances.around(connection, item, now, means.names)
            verdict = judge(item, record, around.circumstances, sending.policy.read_within, now)
            if sending.lease_too_old(claimed.since):
                verdict = Verdict(Ruling.WAIT, HELD_UP)
            elif record.connected_at != sending.record.connected_at:
                verdict = Verdict(Ruling.WAIT, CONNECTED_ANEW)
            if verdict.ruling is not Ruling.GO:
                return _give_up(connection, item, verdict, now)
            attempted = _begin(sending, connection, claimed, around)
            means.checkpoint(KillPoint.BEFORE_ATTEMPT_COMMIT)
    except _TakenOver:
        return PublishOutcome(Published.LOST, item, TAKEN_OVER)
    means.checkpoint(KillPoint.AFTER_ATTEMPT_COMMIT)
    return attempted


class _TakenOver(Exception):
    """Another process has the post: nothing of this transaction may stay."""


def _begin(sending: Sending, connection: Connection, claimed: Claimed, around: Surroundings) -> Attempted:
    parent = around.circumstances.parent
    item = claimed.item if parent is None else replace(claimed.item, reply_to=parent.remote_id)
    # The fence counts claims: one that is claimed for the first time was never tried.
    earlier = attempts.attempts(connection, item.id) if item.fence > 1 else ()
    started, policy = around.machine_now, sending.policy
    attempt, begun = attempts.beginning(
        item,
        earlier,
        since_id=around.since_id,
        started_at=started,
        deadline_at=started + timedelta(seconds=policy.guard + policy.pause + policy.deadline),
    )
    moved = outbox.move(connection, item, State.SENDING, [begun], reply_to=item.reply_to)
    if moved is None:
        raise _TakenOver
    return Attempted(moved, claimed.since, claimed.standing, attempt, earlier)


def _give_up(connection: Connection, item: OutboxItem, verdict: Verdict, now: datetime) -> PublishOutcome:
    """End a claim before anything was sent."""
    if verdict.ruling is Ruling.SKIP:
        moved = outbox.skip(connection, item, verdict.reason)
    elif verdict.ruling is Ruling.REFUSE:
        moved = outbox.move(connection, item, State.REFUSED, outcome=verdict.reason)
    else:
        moved = outbox.release(connection, item)
    if verdict.ruling is Ruling.PAUSE:
        accounts.pause_account(connection, item.account_id, verdict.reason)
        audit.record(connection, "daemon", "account.pause", f"account/{item.account_id}", {}, now)
    if moved is None:
        return PublishOutcome(Published.LOST, item, TAKEN_OVER)
    if moved.state is not State.PLANNED:
        audit.record(connection, "daemon", f"post.{moved.state.value}", f"outbox/{item.id}", {}, now)
    return PublishOutcome(KINDS[moved.state], moved, verdict.reason)
