"""Ask X whether what came in is still there: what was deleted or edited there is not kept here as it was.

Each post whose words are kept is asked about again before a day has passed, a hundred a call, for as long as they are
kept; each costs a read, so the time that texts are kept for bounds what this costs. What is gone is only marked: its
words are taken out by `actions/privacy`, and what was made of them (a grade) stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reinforce.accounts.base import Account
from reinforce.domain.accounts.account import AccountRecord
from reinforce.store.listening import inbox, vanishing
from reinforce.store.operating import audit
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.sending import outbox
from reinforce.store.session import Database

# X's rule leaves 24 hours; what remains is for the call, for a daemon that was down, and for the taking out.
AGAIN_AFTER = timedelta(hours=18)
_AT_ONCE = 100
# Of what an answer left open X is asked anew after so long.
_ASK_ANEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LookOutcome:
    """How many posts were asked about, how many of them X shows no more, and how many were edited since."""

    asked: int = 0
    gone: int = 0
    edited: int = 0


def look_again(database: Database, record: AccountRecord, account: Account, *, now: datetime) -> LookOutcome:
    """Ask about those posts that were seen longest ago, at most 100. Raises AccountError as the account does."""
    with database.read() as connection:
        wanted = vanishing.unseen_since(connection, record.id, now - AGAIN_AFTER, _AT_ONCE)
    if not wanted:
        return LookOutcome()
    reading = account.lookup(wanted)
    found = {post.id: post for post in reading.posts}
    # Where the answer was not whole, what is missing from it may be there all the same.
    gone = [remote_id for remote_id in wanted if remote_id not in found] if reading.complete else []
    edited = {post.id: max(post.versions) for post in reading.posts if max(post.versions, default=0) > post.id}
    with about_people(database) as connection:
        vanishing.note_seen(connection, record.id, [*found, *gone], now)
        unsaid = [remote_id for remote_id in wanted if remote_id not in found and remote_id not in gone]
        vanishing.note_seen(connection, record.id, unsaid, now - AGAIN_AFTER + _ASK_ANEW)
        for remote_id, newest in edited.items():
            inbox.replace(connection, record.id, [remote_id], newest, now)
        for item in vanishing.waiting_replies(connection, record.id, gone):
            outbox.skip(connection, item, "what it answers was deleted")
        if vanishing.note_gone(connection, record.id, gone, now):
            audit.record(connection, "daemon", "reply.gone", f"account/{record.id}", {"posts": len(gone)}, now)
    return LookOutcome(len(wanted), len(gone), len(edited))
