"""What became of the call, written down: the post's fate, what is left of X's limits, how the service does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

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
from reinforce.domain.sending.breaker import Breaker, jitter
from reinforce.domain.sending.budget import Readings
from reinforce.domain.sending.kill_points import KillPoint
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.domain.sending.pacing import POSTING, Window, said_windows, without_a_word, worth_keeping
from reinforce.store.accounts import accounts
from reinforce.store.one_trip import Change
from reinforce.store.operating import audit
from reinforce.store.sending import attempts, governor, outbox
from reinforce.store.session import database_now

# The outcome is worth more than one try at a busy database: what is not written down has to be read back from X.
OUTCOME_TRIES = 3


def commit_outcome(sending: Sending, attempted: Attempted, answer: Answer) -> PublishOutcome:
    """Write down what the answer means. Whatever happens here, nothing is sent again."""
    means = sending.means
    learned = _learned(sending, attempted, answer, sending.account.heard())
    for last_try in (False,) * (OUTCOME_TRIES - 1) + (True,):
        try:
            outcome = _commit_plainly(sending, attempted, answer, learned) or _commit(
                sending, attempted, answer, learned
            )
            break
        except OperationalError:  # a deadlock, a lock that took too long, a server that restarts
            if last_try:
                raise
    means.checkpoint(KillPoint.AFTER_OUTCOME_COMMIT)
    return outcome


def _commit_plainly(sending: Sending, attempted: Attempted, answer: Answer, learned: _Learned) -> PublishOutcome | None:
    """The outcome of nearly every post: it is out, and nothing else is to be decided. One statement writes all of it
    down. None if it takes more than that."""
    if answer.kind is not AnswerKind.POSTED or learned.is_more:
        return None
    now = sending.means.clock.now()
    settled = settle_posted(answer, now)
    with sending.means.database.at_once() as connection:
        beside = [attempts.finished(attempted.attempt, settled.attempt, settled.words), *learned.beside]
        told = _told(attempted, settled, now)
        moved = outbox.move(connection, attempted.item, settled.to, beside, told, **settled.changes)
    return None if moved is None else PublishOutcome(KINDS[moved.state], moved, settled.words)


def _told(attempted: Attempted, settled: Settlement, now: datetime) -> audit.Row:
    detail = {"attempt": attempted.attempt.n, "outcome": settled.attempt.value}
    return audit.Row(now, "daemon", f"post.{settled.to.value}", f"outbox/{attempted.item.id}", detail)


def _commit(sending: Sending, attempted: Attempted, answer: Answer, learned: _Learned) -> PublishOutcome:
    with sending.means.database.write() as connection:
        return _written(sending, connection, attempted, answer, learned)


def _written(
    sending: Sending, connection: Connection, attempted: Attempted, answer: Answer, learned: _Learned
) -> PublishOutcome:
    now = sending.means.clock.now()
    learned.keep(connection, sending.record.id, now)
    settled = _settle(sending, connection, attempted, answer)
    finished = attempts.finished(attempted.attempt, settled.attempt, settled.words)
    moved = outbox.move(connection, attempted.item, settled.to, [finished, *learned.beside], **settled.changes)
    if moved is None and settled.to is State.POSTED:
        moved = _posted_all_the_same(connection, attempted.item, settled)
    if moved is None:
        return PublishOutcome(Published.LOST, attempted.item, TAKEN_OVER)
    if settled.pause:
        accounts.pause_account(connection, moved.account_id, settled.words, settled.pause_until)
        audit.record(connection, "daemon", "account.pause", f"account/{moved.account_id}", {}, now)
    audit.add(connection, _told(attempted, settled, now))
    return PublishOutcome(KINDS[moved.state], moved, settled.words)


@dataclass(frozen=True, slots=True)
class _Learned:
    """What the call taught of X's limits and of whether the service works. `beside` is what can be written down in the
    same trip as the post; the rest takes statements of its own."""

    beside: tuple[Change, ...]
    windows: Mapping[str, Window]
    read: Readings
    breaker: Breaker | None

    @property
    def is_more(self) -> bool:
        """Whether anything is left that does not go beside the post."""
        return bool(self.windows or self.read or self.breaker)

    def keep(self, connection: Connection, account_id: int, now: datetime) -> None:
        """Write down what does not go beside the post."""
        governor.keep(connection, account_id, self.windows, self.read, now)
        if self.breaker is not None:
            governor.keep_breaker(connection, account_id, self.breaker)


def _learned(sending: Sending, attempted: Attempted, answer: Answer, heard: Heard) -> _Learned:
    means, policy, before = sending.means, sending.policy, attempted.standing
    wall, limits = means.clock.wall(), means.tariff.limits
    windows = said_windows(heard.limits, heard.daily, limits, wall)
    if POSTING not in windows and answer.kind is not AnswerKind.NOT_SENT:
        # X said nothing: by the list, there is one less.
        windows |= without_a_word(before.windows.get(POSTING), limits.get(POSTING), wall)
    windows = {name: one for name, one in windows.items() if worth_keeping(name, one, before.windows.get(name))}
    posting = windows.pop(POSTING) if POSTING in windows and POSTING in before.windows else None
    breaker = None
    if answer.words != HELD_UP:
        failed = answer.kind in (AnswerKind.UNKNOWN, AnswerKind.NOT_SENT)
        seed = f"{attempted.item.id}/{attempted.attempt.n}"
        after = before.breaker.after(failed, wall, seed, policy.rest, policy.rest_limit)
        breaker = after if after != before.breaker else None
    beside = () if posting is None else (governor.kept_window(sending.record.id, POSTING, posting),)
    return _Learned(beside, windows, heard.read, breaker)


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
