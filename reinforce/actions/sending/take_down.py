"""Take posts off X that are to go: one after the other, in the order in which it was asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from reinforce.accounts.base import Account, AccountError, BadCredentials, Refused, Throttled
from reinforce.clock import Clock
from reinforce.domain.accounts.account import AccountRecord, AccountState
from reinforce.domain.sending.send_policy import SendPolicy
from reinforce.store.accounts import accounts
from reinforce.store.operating import audit
from reinforce.store.sending import deletions
from reinforce.store.sending.deletions import Deletion, DeletionState
from reinforce.store.session import Database, database_now

AT_ONCE = 5
DELETED, GONE = "deleted", "it was gone already"


@dataclass(frozen=True, slots=True)
class TakenDown:
    """How many posts are off X now, and why the next one still is not; "" if nothing is left to do."""

    gone: int = 0
    waiting: str = ""


def take_down(
    database: Database, record: AccountRecord, account: Account, policy: SendPolicy, clock: Clock
) -> TakenDown:
    """Delete up to `AT_ONCE` of an account's posts. Never raises what the account raises.

    A halt stops posts, not this: whoever halts an account because of what it said wants it gone. One that is paused,
    or unproven (a copy or a backup, whose posts may be another's), deletes nothing.
    """
    if record.state is not AccountState.ACTIVE:
        return TakenDown(waiting=f"the account is {record.state.value}: {record.paused_reason}")
    gone = 0
    for _ in range(AT_ONCE):
        with database.read() as connection:
            found = deletions.next_asked(connection, record.id)
            early = found is not None and _too_early(connection, found[0])
        if found is None:
            return TakenDown(gone)
        if early:
            return TakenDown(gone, found[0].outcome)
        deletion, remote_id = found
        waiting = _delete(database, deletion, remote_id, account, policy, clock)
        if waiting:
            return TakenDown(gone, waiting)
        gone += 1
    return TakenDown(gone)


def _too_early(connection: Connection, deletion: Deletion) -> bool:
    return deletion.not_before is not None and deletion.not_before > database_now(connection)


def _delete(
    database: Database, deletion: Deletion, remote_id: int, account: Account, policy: SendPolicy, clock: Clock
) -> str:
    """Delete one, outside any transaction, and write down what came of it; why it is not gone yet."""
    try:
        there = account.delete(remote_id)
    except AccountError as error:
        return _failed(database, deletion, error, policy, clock)
    now = clock.now()
    with database.write() as connection:
        words = DELETED if there else GONE
        if deletions.settle(connection, deletion, DeletionState.DONE, outcome=words, done_at=now, not_before=None):
            audit.record(connection, "daemon", "post.deleted", f"outbox/{deletion.outbox_id}", {"there": there}, now)
    return ""


def _failed(database: Database, deletion: Deletion, error: AccountError, policy: SendPolicy, clock: Clock) -> str:
    now, words = clock.now(), str(error)
    with database.write() as connection:
        if isinstance(error, Refused):
            if deletions.settle(connection, deletion, DeletionState.REFUSED, outcome=words):
                subject = f"outbox/{deletion.outbox_id}"
                audit.record(connection, "daemon", "post.deletion_refused", subject, {}, now)
            return words
        wait = database_now(connection) + timedelta(seconds=policy.backoff_after(deletion.tries + 1))
        not_before = max(wait, error.until) if isinstance(error, Throttled) else wait
        deletions.settle(connection, deletion, DeletionState.ASKED, outcome=words, not_before=not_before)
        if isinstance(error, BadCredentials) and not error.transient:
            accounts.pause_account(connection, deletion.account_id, words)
            audit.record(connection, "daemon", "account.pause", f"account/{deletion.account_id}", {}, now)
    return words
