"""Count what our recent posts got: likes, reposts, impressions, and the votes of polls.

Sparsely, since each post read costs money: about an hour after a post went out, then ever more rarely for a week. A
poll is counted once more when it has closed. X tells totals only; nobody's vote or like is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from reinforce.accounts.base import Account, RemotePost
from reinforce.domain.accounts.account import AccountRecord
from reinforce.store.listening import signals
from reinforce.store.listening.signals import Measured
from reinforce.store.session import Database

# Ages at which a post is counted. Half of a post's impressions come within its first hour or so, next to none after
# some days, so equal steps would be wasted.
AGES = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3), timedelta(days=7))
# A poll runs for seven days at most; an eighth lets its last count be taken.
_RECENT = timedelta(days=9)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class MeasureOutcome:
    """`counted` posts were counted, `gone` ones are no longer on X."""

    counted: int = 0
    gone: int = 0


def measure(database: Database, account_record: AccountRecord, account: Account, *, now: datetime) -> MeasureOutcome:
    """Count those recent posts whose time has come, at most 100 of them. Raises AccountError as the account does."""
    with database.read() as connection:
        recent = signals.posted_since(connection, account_record.id, now - _RECENT)
    due = [post for post in recent if is_due(post, now)][:_AT_ONCE]
    if not due:
        return MeasureOutcome()
    reading = account.lookup([post.remote_id for post in due])
    found = {post.id: post for post in reading.posts}
    gone = [post for post in due if post.remote_id not in found] if reading.complete else []
    with database.write() as connection:
        for post in due:
            if post.remote_id in found:
                signals.record(connection, post.outbox_id, counts_of(found[post.remote_id]), now)
        for post in gone:
            signals.record(connection, post.outbox_id, {signals.GONE: 1}, now)
    return MeasureOutcome(len(found), len(gone))


def is_due(post: Measured, now: datetime, ages: Sequence[timedelta] = AGES) -> bool:
    """Whether an age was passed since `post` was counted last, or it is a poll that may have closed."""
    passed = [post.posted_at + age for age in ages if post.posted_at + age <= now]
    if not passed:
        return False
    if post.last_at is None or post.last_at < passed[-1]:
        return True
    # A poll's end is known from X only: it is looked for once a day after the last age.
    waits = post.is_poll and not post.poll_closed and now >= post.posted_at + ages[-1]
    return waits and now - post.last_at >= timedelta(days=1)


def counts_of(post: RemotePost) -> dict[str, int]:
    """What X tells of a post, by kind of signal."""
    counts = {kind: value for kind, value in asdict(post.metrics).items() if value is not None}
    for place, (_option, votes) in enumerate(post.poll or ()):
        counts[f"{signals.VOTES}{place}"] = votes
    if post.poll_closed:
        counts[signals.POLL_CLOSED] = 1
    # Even a post of which nothing is told was looked at: that it was must be on record.
    return counts or {"likes": 0}
