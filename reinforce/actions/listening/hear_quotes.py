"""Read who quoted our posts without mentioning us: the feed of mentions does not show it.

X charges for each post that is read, so nothing is asked while nobody quotes: our posts are counted anyway (`measure`),
and only of one whose count of quotes rose are the quotes read, as many as it rose by. A quote that mentions us as well
comes by both ways, and is kept once. What is found so late as the next count is judged by X's stamp, like any reply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reinforce.accounts.base import Account, Refused, arrived
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.store.listening import inbox, signals
from reinforce.store.listening.signals import Quoted
from reinforce.store.privacy import suppression
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.session import Database

QUOTES = "GET /2/tweets/:id/quote_tweets"
# Posts are counted for a week; an eighth day lets the last count be followed.
_RECENT = timedelta(days=9)
# How many of one post's quotes are read at once: each costs as much as a third of a post.
MOST = 100


@dataclass(frozen=True, slots=True)
class QuotesOutcome:
    """`new` quotes of `posts` that were asked about were kept."""

    posts: int = 0
    new: int = 0


def hear_quotes(
    database: Database,
    record: AccountRecord,
    account: Account,
    *,
    now: datetime,
    keyed: KeyedHash | None = None,
    may_read: Callable[[], bool] = lambda: True,
) -> QuotesOutcome:
    """Read the quotes of those posts that were quoted since they were last asked about. `may_read` is asked before each
    call; who was erased (`keyed` knows them) is not kept. Raises AccountError as the account does; what was read
    before stays."""
    with database.read() as connection:
        changed = signals.quoted_since(connection, record.id, now - _RECENT)
    asked = new = 0
    for post in changed:
        if post.counted > post.heard:
            if not may_read():
                break
            asked += 1
            new += _hear(database, record, account, post, now, keyed)
        with database.write() as connection:
            # A count that fell (a quote was deleted) is noted as well, or the next quote would not show.
            signals.record(connection, post.outbox_id, {signals.QUOTES_HEARD: post.counted}, now)
    return QuotesOutcome(asked, new)


def _hear(
    database: Database, record: AccountRecord, account: Account, post: Quoted, now: datetime, keyed: KeyedHash | None
) -> int:
    try:
        found = account.quotes(post.remote_id, limit=min(post.counted - post.heard, MOST)).posts
    except Refused:  # the post is gone, or closed to us for good
        return 0
    # X takes a reply to a post that quotes us, as to one that mentions us.
    others = [arrived(one) for one in found if one.author_id != record.remote_user_id]
    with about_people(database) as connection:
        kept = suppression.but_erased(connection, others, keyed)
        known = inbox.handles(connection, record.id, [one.author_remote_id for one in kept])
        named = [replace(one, author_handle=known.get(one.author_remote_id, "")) for one in kept]
        return inbox.save_page(connection, record.id, named, None, now)
