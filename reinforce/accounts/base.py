"""What the rest of the house knows of an account on X: a protocol, a few values, a few errors.

::

    AccountError                 anything the account's service said or failed to say
    ├── NotSent                  the connection failed before the first byte: nothing can have happened
    ├── Throttled(until)         429: not before `until` (machine time, UTC)
    ├── Refused(kind, words)     permanent: DUPLICATE, REPLY_RULE, INVALID or GONE, with X's own words
    ├── BadCredentials           401, or 403 of a suspended or locked account: a person has to act
    ├── OutOfCredit              402
    └── UnknownOutcome           5xx, time-out, reset, unreadable body: it may or may not have happened
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from reinforce.domain.listening.inbound import Arrived, made_at
from reinforce.domain.sending.budget import NOTHING_READ, Readings


class AccountError(Exception):
    """Base of everything an account raises. The message never holds a secret."""


class NotSent(AccountError):
    """The connection failed before the first byte: nothing can have happened on the other side."""


class UnknownOutcome(AccountError):
    """The call may or may not have taken effect; only reading our own timeline can tell."""


class BadCredentials(AccountError):
    """The account refused who we are, or is suspended or locked; a person has to act.

    `transient` is True for a 401 caused by a skewed clock, which a later try may mend by itself.
    """

    def __init__(self, words: str, *, transient: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.transient = transient


class OutOfCredit(AccountError):
    """402: the developer account has no credit left."""


class Throttled(AccountError):
    """429. `until` is machine time, UTC; when the service named no time it is a default from now."""

    def __init__(self, until: datetime, words: str = "") -> None:
        super().__init__(words or f"throttled until {until.isoformat()}")
        self.until = until


class RefusalKind(StrEnum):
    """Why a call was refused for good."""

    DUPLICATE = "duplicate"
    REPLY_RULE = "reply_rule"
    INVALID = "invalid"
    GONE = "gone"


class Refused(AccountError):
    """Permanent. `words` are the service's own, for the record."""

    def __init__(self, kind: RefusalKind, words: str) -> None:
        super().__init__(words)
        self.kind = kind
        self.words = words


@dataclass(frozen=True, slots=True)
class Poll:
    """A native poll: 2–4 options of at most 25 characters, 5 to 10,080 minutes of programme time."""

    options: tuple[str, ...]
    minutes: int


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be posted, byte for byte."""

    text: str
    reply_to: int | None = None
    poll: Poll | None = None
    media_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A picture that the service has taken. It can be posted for `good_for` seconds from now (machine time); None where
    the service did not say."""

    media_id: int
    good_for: float | None = None


@dataclass(frozen=True, slots=True)
class Metrics:
    """Counts as the service returns them; None where it returned none."""

    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    quotes: int | None = None
    impressions: int | None = None


@dataclass(frozen=True, slots=True)
class RemotePost:
    """A post as read back. `text` is as X returns it (entities, t.co links); `created_at` is X's, UTC.

    `links` maps each t.co address in the text to what it stands for. `mentions` holds user ids.
    `poll` is the options with their votes, in order, None if the post has no poll; `poll_closed` says if it has ended.
    `quote_of` is the post it quotes, `reply_to_user` whom it replies to. `versions` are the ids of all it has been, the
    oldest first, its own among them: an edited post is a new one, and the old stays readable by its id.
    """

    id: int
    text: str
    author_id: int
    created_at: datetime
    author_handle: str = ""
    author_name: str = ""
    conversation_id: int | None = None
    in_reply_to: int | None = None
    mentions: tuple[int, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    poll: tuple[tuple[str, int], ...] | None = None
    poll_closed: bool = False
    metrics: Metrics = Metrics()
    language: str = ""
    quote_of: int | None = None
    reply_to_user: int | None = None
    versions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Posts read, newest first. `complete` is True only if every page down to the asked-for id was read."""

    posts: tuple[RemotePost, ...]
    complete: bool


def arrived(post: RemotePost, *, mentions_us: bool = True) -> Arrived:
    """A post of somebody else's as the inbox takes it."""
    earlier = tuple(version for version in post.versions if version < post.id)
    return Arrived(
        remote_id=post.id,
        author_remote_id=post.author_id,
        author_handle=post.author_handle,
        text=html.unescape(post.text),
        # Whatever X stamps a later version with, it was not written before its id was made.
        created_at=max(post.created_at, made_at(post.id)) if earlier else post.created_at,
        in_reply_to=post.in_reply_to,
        conversation_id=post.conversation_id,
        mentions_us=mentions_us,
        quote_of=post.quote_of,
        reply_to_user=post.reply_to_user,
        edit_of=max(earlier, default=None),
        earlier=earlier,
    )


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the credentials belong to, for the check-up. `automated` is None where the API does not tell.

    `access_level` is what the service says OAuth 1.0a keys may do ("read", "read-write",
    "read-write-directmessages"), "" where it does not say.
    """

    user_id: int
    handle: str
    name: str
    protected: bool
    description: str = ""
    pinned_id: int | None = None
    automated: bool | None = None
    access_level: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate limit as last seen in a response's headers. `reset` is machine time, UTC."""

    endpoint: str
    limit: int
    remaining: int
    reset: datetime | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What answers said since they were last asked about. `daily` are limits by the day; `read` are the posts that were
    read, and have to be paid for."""

    limits: tuple[Limit, ...] = ()
    daily: tuple[Limit, ...] = ()
    read: Readings = NOTHING_READ

    def __bool__(self) -> bool:
        return bool(self.limits or self.daily or self.read)


class Account(Protocol):
    """An account on X, or the practice account: the same code reaches both, by base URL."""

    def identity(self) -> Identity:
        """Who we are. Raises BadCredentials if nobody."""

    def post(self, draft: Draft, *, timeout: float) -> int:
        """Post `draft`, return its id. `timeout` is the total deadline in machine seconds (connect and read)."""

    def upload(self, picture: bytes, *, timeout: float) -> Uploaded:
        """Hand over a PNG, JPEG or WebP of at most 5 MB. One that no post shows is gone after a while, and does no
        harm: this may be repeated. `timeout` is the total deadline in machine seconds."""

    def describe(self, media_id: int, alt_text: str) -> None:
        """Give a picture that was handed over its alternative text, 1 to 1,000 characters. May be repeated."""

    def delete(self, post_id: int) -> bool:
        """Delete one of our posts; False if it was gone already."""

    def own_posts(self, *, since_id: int | None, until_id: int | None = None, limit: int = 3200) -> Reading:
        """Our own timeline, replies and threads included, down to (not with) `since_id`, from before `until_id`."""

    def mentions(self, *, since_id: int | None, limit: int = 800) -> Reading:
        """Posts that mention us or reply to us, down to (not with) `since_id`."""

    def search(self, query: str, *, since_id: int, until_id: int | None = None, limit: int = 100) -> Reading:
        """Posts of the last seven days that match `query` (at most 512 characters of X's query language), newer than
        `since_id` (which must itself be of the last seven days) and older than `until_id`; without their authors'
        handles. Posts of protected accounts are not among them."""

    def quotes(self, post_id: int, *, limit: int = 100) -> Reading:
        """The newest posts that quote a post, at most `limit`; without their authors' handles. Raises Refused (GONE)
        where there is no such post."""

    def lookup(self, ids: Sequence[int]) -> Reading:
        """Posts by id (at most 100), with metrics and poll totals; those that are gone are left out."""

    def limits(self) -> tuple[Limit, ...]:
        """Rate limits as last seen, one per endpoint that was called."""

    def heard(self) -> Heard:
        """What answers said since this was last asked: to be kept by whoever asks."""

    def calls(self) -> Mapping[tuple[str, str], int]:
        """How many calls ended how since this process began: (endpoint, HTTP status or "no_answer" or "not_sent")."""

    def clock_skew(self) -> float | None:
        """Seconds by which the service's Date header was last ahead of machine time; None before any call."""
