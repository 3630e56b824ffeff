"""Take recalled posts off X.

A deletion is safe to repeat: what is gone already is done, so whoever dies between the call and its outcome leaves a
row from which the next tick goes on. Nothing is deleted while the account is silent (halted, paused, unproven).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reinforce.accounts.base import Account, AccountError, Refused, Throttled
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.revising.recalling import PostState
from reinforce.domain.sending.outbox import TERMINAL, State
from reinforce.store.operating import audit
from reinforce.store.revising import recalls
from reinforce.store.revising.recalls import Taking
from reinforce.store.session import Database

# X allows 50 in a quarter of an hour; a few a tick leave the rest of the tick its time.
_AT_ONCE = 10
_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class DeleteOutcome:
    """The posts (rows of the outbox) that were settled, by what became of them, and why the rest waits."""

    settled: tuple[tuple[int, PostState], ...] = ()
    waits: str = ""


def delete_recalled(
    database: Database, record: AccountRecord, account: Account, *, now: datetime, wall: datetime
) -> DeleteOutcome:
    """Delete what is due on one account, a few posts at most. `now` is programme time, `wall` machine time.

    Never raises what the account raises: it waits a minute, or until the service's limit is over.
    """
    silent = record.why_silent(now)
    if silent:
        return DeleteOutcome(waits=silent)
    with database.read() as connection:
        waiting = recalls.pending(connection, record.id, _AT_ONCE)
    settled: list[tuple[int, PostState]] = []
    for taking in waiting:
        try:
            state, words = _take_off(account, taking)
        except Throttled as throttled:
            return _put_off(database, record, settled, max(throttled.until - wall, _AGAIN_AFTER), str(throttled))
        except AccountError as error:
            return _put_off(database, record, settled, _AGAIN_AFTER, str(error))
        if state is PostState.PENDING:
            continue
        with database.write() as connection:
            if recalls.settle(connection, taking, state, words, now):
                detail = {"recall": taking.recall_id}
                audit.record(connection, "daemon", f"post.{state.value}", f"outbox/{taking.outbox_id}", detail, now)
        settled.append((taking.outbox_id, state))
    return DeleteOutcome(tuple(settled))


def _take_off(account: Account, taking: Taking) -> tuple[PostState, str]:
    """What became of it. PENDING: it is still on its way, and is looked at again."""
    if taking.remote_id is None:
        never = taking.state in TERMINAL and taking.state is not State.POSTED
        return (PostState.NEVER_OUT, "it never went out") if never else (PostState.PENDING, "")
    try:
        deleted = account.delete(taking.remote_id)
    except Refused as refused:
        return PostState.REFUSED, refused.words
    return (PostState.DELETED, "") if deleted else (PostState.GONE, "X had it no more")


def _put_off(
    database: Database,
    record: AccountRecord,
    settled: list[tuple[int, PostState]],
    wait: timedelta,
    words: str,
) -> DeleteOutcome:
    with database.write() as connection:
        recalls.put_off(connection, record.id, wait, words)
    return DeleteOutcome(tuple(settled), words)
