"""Read what mentions or answers us, and keep it together with how far was read, in one transaction.

`since_id` alone loses posts that appear late, so a reading goes back by an overlap; what is known by its id is passed
over. A reading that did not come down to where the last one ended keeps what it found and leaves the cursor: the next
one asks for all of it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reinforce.accounts.base import Account, BadCredentials, OutOfCredit, arrived
from reinforce.domain.accounts.account import AccountRecord, AccountState
from reinforce.domain.listening.inbound import oldest_id_at
from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.domain.sending.answers import next_day
from reinforce.domain.sending.kill_points import Checkpoint, KillPoint, unwatched
from reinforce.store.accounts import accounts
from reinforce.store.listening import inbox
from reinforce.store.operating import audit
from reinforce.store.privacy import suppression
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.session import Database

# How late a mention may appear in the feed. X states no bound; replies were reported minutes late.
OVERLAP = timedelta(minutes=10)
# X lets nobody read further back than this. Beyond it lies what nobody can read any more.
REACH = 800


@dataclass(frozen=True, slots=True)
class ListenOutcome:
    """`new` posts of `seen` were kept. `complete`: all there is to read was read. `gap`: more had come since the last
    reading than X gives back; what is older than its reach is lost to us."""

    seen: int
    new: int
    complete: bool
    gap: bool = False


def listen(
    database: Database,
    account_record: AccountRecord,
    account: Account,
    *,
    now: datetime,
    overlap: timedelta = OVERLAP,
    keyed: KeyedHash | None = None,
    checkpoint: Checkpoint = unwatched,
) -> ListenOutcome:
    """Read the account's mentions and keep the new ones. `overlap` is programme time: an accelerated clock needs more.

    What somebody writes who was erased is not kept: `keyed` knows them from the suppression list, and is needed as soon
    as there is one. Raises AccountError as the account does; nothing has changed then, but that an account which is
    refused, or out of credit, pauses: what can't be read must not be answered.
    """
    with database.read() as connection:
        cursor = inbox.cursor(connection, account_record.id)
    try:
        reading = account.mentions(since_id=_since(cursor, now, overlap), limit=REACH)
    except (BadCredentials, OutOfCredit) as error:
        _pause(database, account_record, error, now)
        raise
    checkpoint(KillPoint.INBOX_READ)
    gap = not reading.complete and len(reading.posts) >= REACH
    complete = reading.complete or gap
    newest = max((post.id for post in reading.posts), default=None)
    # A first reading that finds nothing must leave a mark as well, or it would stay the first for ever.
    since_id = (newest if newest is not None else cursor or oldest_id_at(now - overlap)) if complete else None
    others = [arrived(post) for post in reading.posts if post.author_id != account_record.remote_user_id]
    with about_people(database) as connection:
        kept = suppression.but_erased(connection, others, keyed)
        new = inbox.save_page(connection, account_record.id, kept, since_id, now)
        if complete:
            accounts.mark_read(connection, account_record.id, now)
        if gap:
            audit.record(connection, "daemon", "listen.gap", f"account/{account_record.id}", {"read": REACH}, now)
    return ListenOutcome(len(reading.posts), new, complete, gap)


def _pause(database: Database, record: AccountRecord, error: BadCredentials | OutOfCredit, now: datetime) -> None:
    """As a post would that was answered like this."""
    refused = isinstance(error, BadCredentials)
    if record.state is not AccountState.ACTIVE or (isinstance(error, BadCredentials) and error.transient):
        return
    with database.write() as connection:
        accounts.pause_account(connection, record.id, str(error), None if refused else next_day(now))
        audit.record(connection, "daemon", "account.pause", f"account/{record.id}", {}, now)


def _since(cursor: int | None, now: datetime, overlap: timedelta) -> int | None:
    """The id to read down to: the last one read, or an older one that what appears late may still come after."""
    return None if cursor is None else min(cursor, oldest_id_at(now - overlap))
