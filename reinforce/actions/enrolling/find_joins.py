"""Search for posts with an open cohort's hashtag that ask to join and do not mention the account.

What mentions the account is read anyway; this finds the others, while the cohort can be joined: the newest page each
half hour, and no more of a hashtag that is flooded, since each post that is found costs money. What does not ask to
join is nobody's business here and not kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.accounts.base import Account, Reading, arrived
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.cohort import Cohort
from reinforce.domain.enrolling.joining import Said, asks_to_join, joinable_since
from reinforce.domain.gathering.backchannel import hashtag_term, searched_from
from reinforce.domain.listening.inbound import Arrived, oldest_id_at
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.store.enrolling import joining
from reinforce.store.listening import inbox
from reinforce.store.people import cohorts
from reinforce.store.privacy import suppression
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.session import Database

EVERY = timedelta(minutes=30)
PAGE = 100


@dataclass(frozen=True, slots=True)
class FindOutcome:
    """How many `new` posts that ask to join were kept. `flooded` are the hashtags of which there was more than is
    read."""

    new: int = 0
    flooded: tuple[str, ...] = ()


def find_joins(
    database: Database,
    record: AccountRecord,
    open_account: Callable[[], Account | None],
    lexicon: Lexicon,
    *,
    now: datetime,
    speed: float = 1.0,
    keyed: KeyedHash | None = None,
) -> FindOutcome:
    """Search for the hashtag of every open cohort of an account that can be joined at `now` (programme time, `speed`
    times as fast as X's) and was not searched for lately. `open_account` gives None where nothing may be
    searched for just now.

    What somebody says who was erased is not kept: `keyed` knows them. Raises AccountError, as the account does; what
    was kept before stays."""
    new, flooded = 0, list[str]()
    if not record.open_cohorts:
        return FindOutcome()
    with database.read() as connection:
        due = [(one, since) for one in cohorts.open_on(connection, record.id) if (since := _due(connection, one, now))]
    for cohort, since in due:
        assert cohort.opening is not None
        account, tag = open_account(), cohort.opening.hashtag
        if account is None:
            break
        with database.read() as connection:
            known = joining.searched(connection, cohort.id)[1]
        first = searched_from(known, since, now, speed)
        reading = account.search(hashtag_term(tag), since_id=first - 1, limit=PAGE)
        asking = _asking(reading, tag, record.remote_user_id, lexicon)
        with about_people(database) as connection:
            kept = suppression.but_erased(connection, asking, keyed)
            handles = inbox.handles(connection, record.id, [post.author_remote_id for post in kept])
            named = [replace(post, author_handle=handles.get(post.author_remote_id, "")) for post in kept]
            new += inbox.save_page(connection, record.id, named, None, now)
            joining.set_searched(connection, cohort.id, oldest_id_at(now), now)
        flooded += () if reading.complete else (tag,)
    return FindOutcome(new, tuple(flooded))


def _due(connection: Connection, cohort: Cohort, now: datetime) -> datetime | None:
    """Since when a cohort can be joined that is to be searched for now; None: it is not."""
    last = joining.searched(connection, cohort.id)[0]
    if last is not None and timedelta() <= now - last < EVERY:
        return None
    return joinable_since(cohort, cohorts.created_at(connection, cohort.id), now)


def _asking(reading: Reading, tag: str, own: int | None, lexicon: Lexicon) -> list[Arrived]:
    found = [arrived(post, mentions_us=own in post.mentions) for post in reading.posts if post.author_id != own]
    return [post for post in found if asks_to_join(Said(post.text, post.mentions_us, _alone(post)), tag, lexicon)]


def _alone(post: Arrived) -> bool:
    return post.in_reply_to is None and post.quote_of is None
