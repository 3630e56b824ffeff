"""Count what our recent posts got: likes, reposts, impressions, and the votes of polls.

Sparsely, since each post read costs money: about an hour after a post went out, then ever more rarely for a week. A
poll is counted once more as soon as it has closed. X tells totals only; nobody's vote or like is read. The posts are
read as stretches of our own timeline: that costs a fifth of asking for them by their ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from reinforce.accounts.base import Account, RemotePost
from reinforce.domain.accounts.account import AccountRecord
from reinforce.store.listening import signals
from reinforce.store.listening.signals import Measured
from reinforce.store.quizzing import rounds
from reinforce.store.session import Database

# Ages at which a post is counted. Half of a post's impressions come within its first hour or so, next to none after
# some days, so equal steps would be wasted.
AGES = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3), timedelta(days=7))
# A poll runs for seven days at most; an eighth lets its last count be taken.
_RECENT = timedelta(days=9)
_AT_ONCE = 100
# X closes a poll at its own pace: it is asked a little later, and again if it does not say so yet.
_SETTLED = timedelta(minutes=1)
_ASK_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class MeasureOutcome:
    """`counted` posts were counted, `gone` ones are no longer on X."""

    counted: int = 0
    gone: int = 0


def measure(database: Database, account_record: AccountRecord, account: Account, *, now: datetime) -> MeasureOutcome:
    """Count those recent posts whose time has come, at most 100 of them. Raises AccountError as the account does."""
    with database.read() as connection:
        recent = signals.posted_since(connection, account_record.id, now - _RECENT)
        closes = rounds.closes(connection, account_record.id)
    due = [post for post in recent if is_due(post, now, closes_at=closes.get(post.outbox_id))][:_AT_ONCE]
    if not due:
        return MeasureOutcome()
    found: dict[int, RemotePost] = {}
    gone: list[Measured] = []
    for stretch in stretches(due, recent):
        reading = account.own_posts(since_id=stretch[0].remote_id - 1, until_id=stretch[-1].remote_id + 1)
        found |= {post.id: post for post in reading.posts}
        gone += [post for post in stretch if post.remote_id not in found] if reading.complete else []
    found = {post.remote_id: found[post.remote_id] for post in due if post.remote_id in found}
    with database.write() as connection:
        for post in due:
            if post.remote_id in found:
                signals.record(connection, post.outbox_id, counts_of(found[post.remote_id]), now)
        for post in gone:
            signals.record(connection, post.outbox_id, {signals.GONE: 1}, now)
    return MeasureOutcome(len(found), len(gone))


def stretches(due: Sequence[Measured], recent: Sequence[Measured]) -> list[list[Measured]]:
    """`due` as runs of posts with no other of `recent` between them, each in the order of X's ids: no run makes X give
    back, and charge, a post that is not due."""
    wanted = {post.outbox_id for post in due}
    runs: list[list[Measured]] = [[]]
    for post in sorted(recent, key=lambda one: one.remote_id):
        if post.outbox_id in wanted:
            runs[-1].append(post)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def is_due(
    post: Measured, now: datetime, ages: Sequence[timedelta] = AGES, *, closes_at: datetime | None = None
) -> bool:
    """Whether an age was passed since `post` was counted last, or it is a poll that may have closed, or a question of a
    round that closed (`closes_at`): an answer that quotes it shows by its count only, and must be in before the end."""
    if closes_at is not None and closes_at <= now and (post.last_at is None or post.last_at < closes_at):
        return True
    passed = [post.posted_at + age for age in ages if post.posted_at + age <= now]
    if passed and (post.last_at is None or post.last_at < passed[-1]):
        return True
    return _ended_unseen(post, now)


def _ended_unseen(post: Measured, now: datetime) -> bool:
    """Whether it is a poll that ought to be over and whose end X has not told yet; then it is asked again each hour."""
    if post.closes_at is None or post.poll_closed or now < post.closes_at + _SETTLED:
        return False
    return post.last_at is None or post.last_at < post.closes_at + _SETTLED or now - post.last_at >= _ASK_AGAIN


def counts_of(post: RemotePost) -> dict[str, int]:
    """What X tells of a post, by kind of signal."""
    counts = {kind: value for kind, value in asdict(post.metrics).items() if value is not None}
    for place, (_option, votes) in enumerate(post.poll or ()):
        counts[f"{signals.VOTES}{place}"] = votes
    if post.poll_closed:
        counts[signals.POLL_CLOSED] = 1
    # Even a post of which nothing is told was looked at: that it was must be on record.
    return counts or {"likes": 0}
