"""Collect what is said in an event: from the mentions that were read, and from X's recent search.

The hashtag is searched for, and each conversation that belongs to the event: what answers a post need not bear its
hashtag. Every page is kept together with how far it brings the reading, in one transaction, so a process that dies
loses nothing and reads nothing twice but the page it was at. Posts may come up late in search, so each reading goes
back a little, and when the event is over all of it is read once more from its beginning, as far as search reaches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from reinforce.accounts.base import Account, arrived
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.gathering.backchannel import SETTLED, Feed, Membership, Stretch, is_due, packed, stretch
from reinforce.domain.gathering.events import Event, Phase
from reinforce.domain.listening.inbound import Arrived, oldest_id_at
from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.store.gathering import backchannel, events
from reinforce.store.listening import inbox
from reinforce.store.operating import audit
from reinforce.store.privacy import suppression
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.session import Database

SEARCH = "GET /2/tweets/search/recent"
PAGE = 100
# How many pages one call reads at most; what is left is read from there at the next.
PAGES = 20
LOST = "recent search shows seven days, and nothing read it in time"


@dataclass(frozen=True, slots=True)
class GatherOutcome:
    """`new` posts were found to belong to events. `pages` were read. `lost`: the events (slugs) of which a stretch
    can't be read any more. `swept`: those that were read once more to their end."""

    new: int = 0
    pages: int = 0
    lost: tuple[str, ...] = ()
    swept: tuple[str, ...] = ()


def gather(
    database: Database,
    record: AccountRecord,
    open_account: Callable[[], Account],
    *,
    now: datetime,
    speed: float = 1.0,
    keyed: KeyedHash | None = None,
    may_search: Callable[[], bool] = lambda: True,
) -> GatherOutcome:
    """Collect for every event of an account what there is at `now` (programme time, `speed` times as fast as X's).

    `open_account` gives the account once there is something to read; `may_search` is asked before each page. What
    somebody says who was erased is not kept: `keyed` knows them. An event that can't be read keeps none of the others
    waiting: what went wrong with the first is raised at the end (AccountError, as the account does); what was kept
    before stays.
    """
    with database.read() as connection:
        mine = [event for event in events.events(connection, account_id=record.id) if _is_read(event, now)]
    outcome = GatherOutcome()
    failed: Exception | None = None
    for event in mine:
        reading = _Reading(database, record, open_account, event, now, speed, keyed)
        try:
            reading.go_on(PAGES - outcome.pages, may_search)
        except Exception as error:  # whatever it is: the next event may be live
            failed = failed or error
        outcome = GatherOutcome(
            outcome.new + reading.new,
            outcome.pages + reading.pages,
            (*outcome.lost, *([event.slug] if reading.lost else ())),
            (*outcome.swept, *([event.slug] if reading.swept else ())),
        )
    if failed is not None:
        raise failed
    return outcome


def _is_read(event: Event, now: datetime) -> bool:
    return event.swept_at is None and event.phase(now) in (Phase.OPEN, Phase.OVER)


@dataclass(slots=True)
class _Reading:
    """The reading of one event."""

    database: Database
    record: AccountRecord
    open_account: Callable[[], Account]
    event: Event
    now: datetime
    speed: float
    keyed: KeyedHash | None
    new: int = 0
    pages: int = 0
    lost: bool = False
    swept: bool = False

    def go_on(self, most: int, may_search: Callable[[], bool]) -> None:
        """Take in what was read as mentions, then read at most so many pages of what is due."""
        with about_people(self.database) as connection:
            self.new += backchannel.match(connection, self.event, self.record.id)
        self._begin_sweep()
        while self.pages < most and may_search() and self._read_page():
            self.pages += 1
        self._end_sweep()

    def _begin_sweep(self) -> None:
        """When it has been over for long enough that what comes late is there, all of it is read once more."""
        over = self.now - self.event.closes_at >= SETTLED * max(self.speed, 1.0)
        if over and self.event.sweep_at is None:
            with about_people(self.database) as connection:
                backchannel.begin_sweep(connection, self.event, self.now)
                self.event = events.event_by_id(connection, self.event.id)

    def _end_sweep(self) -> None:
        if self.event.sweep_at is None:
            return
        with about_people(self.database) as connection:
            # Whatever the inbox was held against before: which posts are ours may have been settled since.
            anew = replace(self.event, matched_id=-1)
            self.new += backchannel.match(connection, anew, self.record.id)
            if all(feed.swept for feed in backchannel.feeds(connection, self.event)):
                events.change(connection, self.event.id, swept_at=self.now)
                audit.record(connection, "daemon", "event.read-to-its-end", f"event/{self.event.id}", {}, self.now)
                self.swept = True

    def _read_page(self) -> bool:
        """Read and keep one page of what is due; False if nothing is, or nothing came although there is more."""
        with self.database.read() as connection:
            due = [feed for feed in backchannel.feeds(connection, self.event) if is_due(feed, self.event, self.now)]
        if not due:
            return False
        query, feeds = packed(due)[0]
        wanted = stretch(feeds, self.event, self.now, self.speed)
        account = self.open_account()
        reading = account.search(query, since_id=wanted.since_id - 1, until_id=wanted.until_id, limit=PAGE)
        if not (reading.complete or reading.posts):
            return False
        left = None if reading.complete else min(post.id for post in reading.posts)
        with about_people(self.database) as connection:
            self._note_lost(connection, wanted)
            own = self.record.remote_user_id
            found = [arrived(post, mentions_us=own in post.mentions) for post in reading.posts]
            self._keep(connection, suppression.but_erased(connection, found, self.keyed))
            for feed in feeds:
                backchannel.keep_feed(connection, self.event.id, self._read(feed, left))
        return True

    def _read(self, feed: Feed, left: int | None) -> Feed:
        """`feed` after a page: down to `left`, or (None) to the end of what was asked for."""
        top = feed.top_id or oldest_id_at(self.now)
        if left is not None:
            return replace(feed, top_id=top, until_id=left)
        swept = self.event.sweep_at is not None
        return replace(feed, since_id=max(feed.since_id, top), top_id=None, until_id=None, at=self.now, swept=swept)

    def _keep(self, connection: Connection, found: list[Arrived]) -> None:
        """Put what belongs to the event into the inbox, and on its list. What search shows besides (a conversation
        goes on after the event) is nobody's business here and not kept."""
        there: Membership = backchannel.membership(connection, self.event)
        ours = []
        for post in sorted(found, key=lambda one: one.remote_id):
            if post.author_remote_id != self.record.remote_user_id and there.belongs(post):
                there.posts.add(post.remote_id)
                ours.append(post)
        known = inbox.handles(connection, self.record.id, [post.author_remote_id for post in ours])
        named = [replace(post, author_handle=known.get(post.author_remote_id, "")) for post in ours]
        inbox.save_page(connection, self.record.id, named, None, self.now)
        self.new += backchannel.match(connection, self.event, self.record.id)

    def _note_lost(self, connection: Connection, wanted: Stretch) -> None:
        if wanted.lost is None:
            return
        self.lost = True
        begins, ends = wanted.lost
        backchannel.note_gap(connection, self.event.id, begins, ends, LOST)
        detail = {"from": int(begins.timestamp()), "to": int(ends.timestamp())}
        audit.record(connection, "daemon", "event.gap", f"event/{self.event.id}", detail, self.now)
