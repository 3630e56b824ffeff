"""What belongs to an event: which posts, by what searches they are found, and how far search still reaches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reinforce.domain.gathering.events import Event, EventKind
from reinforce.domain.listening.inbound import Arrived, Inbound, made_at, oldest_id_at
from reinforce.domain.texts.wording import hashtags

# X's recent search shows seven days and takes queries of 512 characters.
REACH = timedelta(days=7)
LONGEST_QUERY = 512
# X counts its seven days from when the question arrives, by its own clock.
MARGIN = timedelta(minutes=5)
# How late a post may come up in search. X states no bound; most come within seconds, all is read again at the end.
OVERLAP = timedelta(minutes=2)
SETTLED = timedelta(minutes=10)
# How often each is asked for, in programme time. What is read costs money only if it is there: an empty answer is free.
_TAG_EVERY = {EventKind.LIVE: timedelta(minutes=1), EventKind.RECORDING: timedelta(minutes=15)}
_THREADS_EVERY = {EventKind.LIVE: timedelta(minutes=15), EventKind.RECORDING: timedelta(hours=6)}
_OR = " OR "


def tag_term(event: Event) -> str:
    """What finds the posts that bear its hashtag."""
    return hashtag_term(event.hashtag)


def hashtag_term(hashtag: str) -> str:
    """What finds the posts that bear a hashtag (without #)."""
    return f"#{hashtag} -is:retweet"


def searched_from(known: int, begins: datetime, now: datetime, speed: float = 1.0) -> int:
    """The id from which on to search at `now`, where all before `known` was read: a little further back, since posts
    may come up late, but no further than `begins`, nor than search reaches."""
    late = min(known, oldest_id_at(now - OVERLAP * max(speed, 1.0)))
    return max(oldest_id_at(begins), late, oldest_id_at(now - REACH + MARGIN * max(speed, 1.0)))


def thread_term(conversation_id: int) -> str:
    """What finds the posts of a conversation, which need not bear the hashtag."""
    return f"conversation_id:{conversation_id}"


@dataclass(frozen=True, slots=True)
class Feed:
    """How far search was read for one term (store/tables/gathering.py): all older than `since_id` is known. `ours`: a
    conversation that we began."""

    term: str
    since_id: int
    top_id: int | None = None
    until_id: int | None = None
    at: datetime | None = None
    swept: bool = False
    ours: bool = False

    @property
    def stand(self) -> tuple[int, int]:
        """Feeds with the same one can be asked for in one query, down to the oldest `since_id` among them: of those
        never read, and of those being read together, nothing is read twice by that."""
        if self.until_id is not None:
            return self.top_id or 0, self.until_id
        return (0, 0) if self.at is None else (0, self.since_id)


def is_due(feed: Feed, event: Event, now: datetime) -> bool:
    """Whether a term is to be asked for at `now`: one whose reading was begun at once, others in their turn."""
    if event.sweep_at is not None:
        return not feed.swept
    if feed.until_id is not None:
        return True
    often = feed.ours or feed.term == tag_term(event)
    if feed.at is None and often:
        return True
    # Nobody answers a post at once: a conversation that a participant began has its first turn later.
    last = feed.at or made_at(feed.since_id)
    return now - last >= (_TAG_EVERY if often else _THREADS_EVERY)[event.kind]


def packed(feeds: Iterable[Feed]) -> tuple[tuple[str, tuple[Feed, ...]], ...]:
    """Queries that ask for several terms at once, each as long as X takes it, with the feeds they serve."""
    by_stand: dict[tuple[int, int], list[Feed]] = {}
    for feed in feeds:
        by_stand.setdefault(feed.stand, []).append(feed)
    queries: list[tuple[Feed, ...]] = []
    for together in by_stand.values():
        taken: list[Feed] = []
        for feed in together:
            if len(_OR.join(one.term for one in (*taken, feed))) > LONGEST_QUERY:
                queries.append(tuple(taken))
                taken = []
            taken.append(feed)
        queries.append(tuple(taken))
    return tuple((_OR.join(feed.term for feed in taken), taken) for taken in queries)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is to be asked for: from `since_id` on, older than `until_id` (None: up to now). `lost` is the stretch of
    time that search does not reach back to any more."""

    since_id: int
    until_id: int | None
    lost: tuple[datetime, datetime] | None = None


def stretch(feeds: Sequence[Feed], event: Event, now: datetime, speed: float = 1.0) -> Stretch:
    """What feeds of one query are to be asked for at `now` (programme time, `speed` times as fast as X's)."""
    begins, known = oldest_id_at(event.opens_at), min(feed.since_id for feed in feeds)
    begun = feeds[0].until_id
    if event.sweep_at is not None:
        wanted = begins
    else:
        wanted = max(begins, min(known, oldest_id_at(now - OVERLAP * max(speed, 1.0))))
    horizon = now - REACH + MARGIN * max(speed, 1.0)
    ends = oldest_id_at(event.closes_at)
    until = min(begun or ends, ends)
    oldest = oldest_id_at(horizon)
    lost = None
    if max(known, begins) < oldest:
        lost = (made_at(max(known, begins)), min(horizon, event.closes_at))
    return Stretch(max(wanted, oldest), until if begun or until <= oldest_id_at(now) else None, lost)


@dataclass(slots=True)
class Membership:
    """What is known to belong to an event, by X's ids: `ours` are our own posts about it, `posts` what was said in it.
    What answers either, or stands in a conversation that either began, belongs as well."""

    event: Event
    ours: Collection[int]
    posts: set[int] = field(default_factory=set)

    def belongs(self, post: Inbound | Arrived) -> bool:
        """Whether `post` was said in the event: within its time, with its hashtag, or in a conversation of it."""
        if not self.event.holds(post.created_at):
            return False
        tagged = bears(post.text, self.event.hashtag)
        around = (post.in_reply_to, post.conversation_id)
        return tagged or any(one in self.ours or one in self.posts for one in around if one is not None)


def bears(text: str, hashtag: str) -> bool:
    """Whether a text bears a hashtag, however it is capitalised."""
    return hashtag.casefold() in (tag.casefold() for tag in hashtags(text))
