"""An account on X, or the practice account, through tweepy 4.17: the same code reaches both, by base URL."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reinforce.accounts import bodies
from reinforce.accounts.base import Draft, Heard, Identity, Limit, Reading, RefusalKind, Refused, RemotePost, Uploaded
from reinforce.accounts.calling import Call, KeySource, Line, MachineClock
from reinforce.accounts.meter import Meter
from reinforce.domain.accounts.base_url import X, checked_base_url
from reinforce.domain.accounts.credentials import OAuth1Keys

READ_SECONDS = 30.0
TIMELINE_REACH = 3200
MENTIONS_REACH = 800
LONGEST_QUERY = 512
_LARGEST_PAGE, _SMALLEST_PAGE = 100, 5
_UPLOAD, _DESCRIBE = "/2/media/upload", "/2/media/metadata"

_POST_FIELDS = [
    "attachments",
    "author_id",
    "conversation_id",
    "created_at",
    "entities",
    "in_reply_to_user_id",
    "lang",
    "public_metrics",
    "referenced_tweets",
]
_POLL_FIELDS = ["end_datetime", "options", "voting_status"]
# How many pages without a post are followed by their tokens before a feed counts as unreadable.
_EMPTY_PAGES = 5
_ME_FIELDS = ["description", "name", "pinned_tweet_id", "protected", "username"]


@dataclass(frozen=True, slots=True)
class _Feed:
    """A feed of posts. `reach` is how far back X lets one read; `own`: X charges its owner less for it;
    `compared`: its posts are matched with ours; `paged_by` is what tweepy calls the token of a page,
    `smallest` how many posts a page must ask for at least."""

    act: str
    method: str
    reach: int
    expansions: tuple[str, ...] = ()
    own: bool = False
    compared: bool = False
    paged_by: str = "pagination_token"
    ranged: bool = True
    smallest: int = _SMALLEST_PAGE


_OWN_POSTS = _Feed("reading our own posts", "get_users_tweets", TIMELINE_REACH, own=True, compared=True)
_MENTIONS = _Feed("reading mentions", "get_users_mentions", MENTIONS_REACH, expansions=("author_id",), own=True)
# How far search reaches is a matter of time, not of number.
_SEARCH = _Feed("searching recent posts", "search_recent_tweets", 2**31, paged_by="next_token", smallest=10)


# In this one nothing can be asked for by ids: it is read by its tokens only.
_QUOTES = _Feed("reading quotes of a post", "get_quote_tweets", 2**31, ranged=False, smallest=10)


class XAccount:
    """Implements `accounts.base.Account`. Safe under threads.

    `credentials` are OAuth 1.0a keys, or a source of whatever is to be used just now (`calling.KeySource`). `user_id`
    is looked up when it is needed and not given. `read_seconds` is the total deadline of every call but `post`, in
    machine seconds.
    """

    def __init__(
        self,
        credentials: OAuth1Keys | KeySource,
        clock: MachineClock,
        *,
        base_url: str = X,
        user_id: int | None = None,
        read_seconds: float = READ_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._line = Line(credentials, clock, checked_base_url(base_url), Meter(clock.wall), tls)
        self._user_id = user_id
        self._read_seconds = read_seconds

    def __repr__(self) -> str:
        return f"XAccount({self._line.base_url}, user_id={self._user_id})"

    def identity(self) -> Identity:
        """Who we are. Raises BadCredentials if nobody."""
        call = self._reading_call("reading who we are")
        answer = call.run(lambda client, signed: client.get_me(user_fields=_ME_FIELDS, user_auth=signed))
        found = bodies.identity(answer.body)
        if found is None:
            raise call.useless(answer)
        self._user_id = found.user_id
        return replace(found, access_level=self._line.meter.access_level)

    def post(self, draft: Draft, *, timeout: float) -> int:
        """Post `draft`, return its id. `timeout` is the total deadline in machine seconds (connect and read)."""
        call = Call(self._line, "posting", timeout)
        answer = call.run(
            lambda client, signed: client.create_tweet(
                text=draft.text,
                in_reply_to_tweet_id=draft.reply_to,
                poll_options=None if draft.poll is None else list(draft.poll.options),
                poll_duration_minutes=None if draft.poll is None else draft.poll.minutes,
                media_ids=list(draft.media_ids) or None,
                user_auth=signed,
            )
        )
        made = bodies.created_id(answer.body)
        if made is None:
            raise call.useless(answer)
        return made

    def upload(self, picture: bytes, *, timeout: float) -> Uploaded:
        """Hand over a picture in one request; tweepy's client has no method for it."""
        call = Call(self._line, "uploading a picture", timeout)
        body = {"media": base64.b64encode(picture).decode("ascii"), "media_category": "tweet_image"}
        answer = call.run(lambda client, signed: client.request("POST", _UPLOAD, json=body, user_auth=signed))
        taken = bodies.uploaded(answer.body)
        if taken is None:
            raise call.useless(answer)
        return taken

    def describe(self, media_id: int, alt_text: str) -> None:
        """Give a picture that was handed over its alternative text."""
        call = self._reading_call("describing a picture")
        body = {"id": str(media_id), "metadata": {"alt_text": {"text": alt_text}}}
        answer = call.run(lambda client, signed: client.request("POST", _DESCRIBE, json=body, user_auth=signed))
        if not bodies.described(answer.body):
            raise call.useless(answer)

    def delete(self, post_id: int) -> bool:
        """Delete one of our posts; False if it was gone already."""
        call = self._reading_call("deleting a post")
        try:
            answer = call.run(lambda client, signed: client.delete_tweet(post_id, user_auth=signed))
        except Refused as refusal:
            if refusal.kind is RefusalKind.GONE:
                return False
            raise
        said = bodies.deleted(answer.body)
        if said is None:
            raise call.useless(answer)
        return said

    def own_posts(self, *, since_id: int | None, until_id: int | None = None, limit: int = TIMELINE_REACH) -> Reading:
        """Our own timeline, replies and threads included, down to (not with) `since_id`, from before `until_id`.

        Not complete either when a post lacks what a comparison with ours needs (its links, its poll).
        """
        return self._feed(_OWN_POSTS, self._own_id, since_id, limit, until_id)

    def mentions(self, *, since_id: int | None, limit: int = MENTIONS_REACH) -> Reading:
        """Posts that mention us or reply to us, down to (not with) `since_id`, with their authors' handles.

        `since_id` alone loses posts that appear late: ask with an overlap and pass over what is known by id.
        """
        return self._feed(_MENTIONS, self._own_id, since_id, limit)

    def search(self, query: str, *, since_id: int, until_id: int | None = None, limit: int = _LARGEST_PAGE) -> Reading:
        """Posts of the last seven days that match `query`, newer than `since_id` and older than `until_id`; without
        their authors' handles, each of which would cost as much as two posts.

        Raises Refused for a `since_id` of before seven days. Posts appear in search some time after they were made.
        """
        if not 1 <= len(query) <= LONGEST_QUERY:
            raise ValueError(f"a query has 1 to {LONGEST_QUERY} characters")
        return self._feed(_SEARCH, lambda: query, since_id, limit, until_id)

    def quotes(self, post_id: int, *, limit: int = _LARGEST_PAGE) -> Reading:
        """The newest posts that quote `post_id`, at most `limit` (of which X may give back, and charge, ten all the
        same); without their authors' handles. `complete`: there are no more. Those of protected accounts are counted
        by X, but not shown. Raises Refused (GONE) where there is no such post.
        """
        found: dict[int, RemotePost] = {}
        token, whole = None, True
        for _ in range(limit // _QUOTES.smallest + _EMPTY_PAGES):
            page = self._page(_QUOTES, post_id, (None, None), token, limit - len(found))
            whole = whole and not page.dropped
            found |= {post.id: post for post in page.posts}
            token = page.next_token
            if token is None or len(found) >= limit:
                break
        return Reading(_newest_first(found.values())[:limit], complete=whole and token is None and len(found) <= limit)

    def lookup(self, ids: Sequence[int]) -> Reading:
        """Posts by id (at most 100), with metrics and poll totals; those that are gone are left out.

        `complete` is True if each id came back or was said to be gone.
        """
        if not 1 <= len(ids) <= _LARGEST_PAGE:
            raise ValueError("lookup takes 1 to 100 ids")
        call = self._reading_call("looking posts up")
        answer = call.run(
            lambda client, signed: client.get_tweets(list(ids), **_fields(), user_auth=signed),
        )
        page = bodies.posts_page(answer.body)
        if not page.recognised:
            raise call.useless(answer)
        self._line.meter.count_read(len(page.posts), own=False)
        accounted = {post.id for post in page.posts} | page.gone
        return Reading(_newest_first(page.posts), complete=not page.dropped and accounted.issuperset(ids))

    def limits(self) -> tuple[Limit, ...]:
        """Rate limits as last seen, one per endpoint that was called."""
        return self._line.meter.limits()

    def heard(self) -> Heard:
        """What answers said since this was last asked: to be kept by whoever asks."""
        return self._line.meter.heard()

    def calls(self) -> Mapping[tuple[str, str], int]:
        """How many calls ended how since this process began: (endpoint, HTTP status or "no_answer" or "not_sent")."""
        return self._line.meter.calls()

    def clock_skew(self) -> float | None:
        """Seconds by which the service's Date header was last ahead of machine time; None before any call."""
        return self._line.meter.skew

    def _own_id(self) -> int:
        return self._user_id if self._user_id is not None else self.identity().user_id

    def _feed(
        self,
        feed: _Feed,
        subject: Callable[[], int | str],
        since_id: int | None,
        limit: int,
        until_id: int | None = None,
    ) -> Reading:
        """Read a feed page by page; `subject` is whose it is, or what is searched for.

        Each page asks for what is older than the oldest post seen (`until_id`), not for a page's token: so what is
        posted or deleted meanwhile can't shift a post from a page not read yet to one already read.
        """
        limit = min(limit, feed.reach)
        found: dict[int, RemotePost] = {}
        whole, token, oldest = True, None, until_id
        for _ in range(limit // _SMALLEST_PAGE + _EMPTY_PAGES):
            page = self._page(feed, subject(), (since_id, oldest), token, limit - len(found))
            # Posts at or above `until_id`: the service did not keep to it, and what it passed over is unknown.
            strayed = oldest is not None and any(post.id >= oldest for post in page.posts)
            whole = whole and not strayed and not page.dropped and not (page.blurred and feed.compared)
            fresh = {post.id: post for post in page.posts if post.id > (since_id or 0) and post.id not in found}
            found |= fresh
            if page.next_token is None:
                # Beyond its reach X just ends, whether or not it came down to `since_id`.
                whole = whole and len(found) <= limit and len(found) < feed.reach
                return Reading(_newest_first(found.values())[:limit], whole)
            if len(found) >= limit:
                break
            # A page may be empty and yet not the last; only its token leads on then.
            token = None if fresh else page.next_token
            oldest = min(found, default=until_id)
        return Reading(_newest_first(found.values())[:limit], complete=False)

    def _page(
        self, feed: _Feed, subject: int | str, between: tuple[int | None, int | None], token: str | None, wanted: int
    ) -> bodies.PostsPage:
        call = self._reading_call(feed.act)
        answer = call.run(
            lambda client, signed: getattr(client, feed.method)(
                subject,
                **({"since_id": between[0], "until_id": between[1]} if feed.ranged else {}),
                max_results=max(feed.smallest, min(_LARGEST_PAGE, wanted)),
                **{feed.paged_by: token},
                **_fields(*feed.expansions),
                user_auth=signed,
            )
        )
        page = bodies.posts_page(answer.body)
        if not page.recognised or (not page.posts and page.gone):
            raise call.useless(answer)
        self._line.meter.count_read(len(page.posts), own=feed.own)
        return page

    def _reading_call(self, act: str) -> Call:
        return Call(self._line, act, self._read_seconds)


def _fields(*expansions: str) -> dict[str, Any]:
    """What every request for posts asks for. A profile read costs ten post reads: only mentions ask for authors."""
    people = {"user_fields": ["name", "username"]} if expansions else {}
    return {
        "tweet_fields": _POST_FIELDS,
        "poll_fields": _POLL_FIELDS,
        "expansions": ["attachments.poll_ids", *expansions],
        **people,
    }


def _newest_first(posts: Iterable[RemotePost]) -> tuple[RemotePost, ...]:
    return tuple(sorted(posts, key=lambda post: post.id, reverse=True))
