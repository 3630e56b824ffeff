"""What became of the call, written down: the post's fate, what is left of X's limits, how the service does."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from reinforce.accounts.base import Heard
from reinforce.actions.sending.publish.terms import (
    HELD_UP,
    KINDS,
    TAKEN_OVER,
    Attempted,
    Published,
    PublishOutcome,
    Sending,
)
from reinforce.domain.sending.answers import Answer, AnswerKind, Settlement, settle, settle_posted
from reinforce.domain.sending.breaker import jitter
from reinforce.domain.sending.kill_points import KillPoint
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.domain.sending.pacing import POSTING, said_windows, without_a_word, worth_keeping
from reinforce.store.accounts import accounts
from reinforce.store.one_trip import Change
from reinforce.store.operating import audit
from reinforce.store.sending import attempts, governor, outbox
from reinforce.store.session import database_now

# The outcome is worth more than one try at a busy database: what is not written down has to be read back from X.
OUTCOME_TRIES = 3


def commit_outcome(sending: Sending, attempted: Attempted, answer: Answer) -> PublishOutcome:
    """Write down what the answer means. Whatever happens here, nothing is sent again."""
    means, heard = sending.means, sending.account.heard()
    for last_try in (False,) * (OUTCOME_TRIES - 1) + (True,):
        try:
            with means.database.write() as connection:
                outcome = _commit(sending, connection, attempted, answer, heard)
            break
        except OperationalError:  # a deadlock, a lock that took too long, a server that restarts
            if last_try:
                raise
    means.checkpoint(KillPoint.AFTER_OUTCOME_COMMIT)
    return outcome


def _commit(
    sending: Sending, connection: Connection, attempted: Attempted, answer: Answer, heard: Heard
) -> PublishOutcome:
    now = sending.means.clock.now()
    govern = _govern(sending, connection, attempted, answer, heard)
    settled = _settle(sending, connection, attempted, answer)
    finished = attempts.finished(attempted.attempt, settled.attempt, settled.words)
    moved = outbox.move(connection, attempted.item, settled.to, [finished, *govern], **settled.changes)
    if moved is None and settled.to is State.POSTED:
        moved = _posted_all_the_same(connection, attempted.item, settled)
    if moved is None:
        return PublishOutcome(Published.LOST, attempted.item, TAKEN_OVER)
    if settled.pause:
        accounts.pause_account(connection, moved.account_id, settled.words, settled.pause_until)
        audit.record(connection, "daemon", "account.pause", f"account/{moved.account_id}", {}, now)
    detail = {"attempt": attempted.attempt.n, "outcome": settled.attempt.value}
    audit.record(connection, "daemon", f"post.{moved.state.value}", f"outbox/{moved.id}", detail, now)
    return PublishOutcome(KINDS[moved.state], moved, settled.words)


def _govern(
    sending: Sending, connection: Connection, attempted: Attempted, answer: Answer, heard: Heard
) -> tuple[Change, ...]:
    """Remember what is left of X's limits, and whether the service works; what of it can be changed beside the post."""
    means, policy, before = sending.means, sending.policy, attempted.standing
    wall, limits = means.clock.wall(), means.tariff.limits
    windows = said_windows(heard.limits, heard.daily, limits, wall)
    if POSTING not in windows and answer.kind is not AnswerKind.NOT_SENT:
        # X said nothing: by the list, there is one less.
        windows |= without_a_word(before.windows.get(POSTING), limits.get(POSTING), wall)
    windows = {name: one for name, one in windows.items() if worth_keeping(name, one, before.windows.get(name))}
    posting = windows.pop(POSTING) if POSTING in windows and POSTING in before.windows else None
    governor.keep(connection, sending.record.id, windows, heard.read, means.clock.now())
    if answer.words != HELD_UP:
        failed = answer.kind in (AnswerKind.UNKNOWN, AnswerKind.NOT_SENT)
        seed = f"{attempted.item.id}/{attempted.attempt.n}"
        after = before.breaker.after(failed, wall, seed, policy.rest, policy.rest_limit)
        if after != before.breaker:
            governor.keep_breaker(connection, sending.record.id, after)
    return () if posting is None else (governor.kept_window(sending.record.id, POSTING, posting),)


def _posted_all_the_same(connection: Connection, item: OutboxItem, settled: Settlement) -> OutboxItem | None:
    """The lease ran out while the answer came. The answer is evidence, as good as finding it on the timeline."""
    there = outbox.item(connection, item.id)
    if there.fence != item.fence or there.state not in (State.UNKNOWN, State.HELD):
        return None
    return outbox.move(connection, there, State.POSTED, **settled.changes)


def _settle(sending: Sending, connection: Connection, attempted: Attempted, answer: Answer) -> Settlement:
    item, n, now = attempted.item, attempted.attempt.n, sending.means.clock.now()
    if answer.kind is AnswerKind.POSTED:  # nearly always, and then nothing more need be known
        return settle_posted(answer, now)
    taken_since = now - outbox.REPEAT_AFTER
    free = (
        position
        for position, other in enumerate(item.alternatives)
        if not outbox.text_taken(connection, item.account_id, other["text_hash"], taken_since)
    )
    wait = timedelta(seconds=sending.policy.backoff_after(n) * jitter(f"{item.id}/{n}"))
    return settle(
        item,
        answer,
        tried_before=any(one.text_hash == attempted.attempt.text_hash for one in attempted.earlier),
        next_wording=next(free, None),
        now=now,
        retry_at=database_now(connection) + wait,
    )
