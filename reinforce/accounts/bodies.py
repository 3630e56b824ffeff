"""Reads X's JSON without trusting it: old names and new ones, missing fields, wrong types, anything at all.

Nothing here raises. What a field should hold and doesn't is left out, and whoever needs to know whether something was
left out is told: an item that can't be read at all is *dropped*, one that lacks what a comparison needs is *blurred*.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from reinforce.accounts.base import Identity, Metrics, RemotePost, Uploaded

_SNOWFLAKE_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
_SHORT_LINK = re.compile(r"https?://t\.co/[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class PostsPage:
    """One page. `gone` holds ids that the service says do not exist or can't be seen.

    `recognised` is False when the body is nothing like an answer to a request for posts.
    """

    posts: tuple[RemotePost, ...]
    dropped: int
    blurred: int
    next_token: str | None
    gone: frozenset[int]
    recognised: bool


def parse(content: bytes) -> Any:
    """The JSON in `content`; None if there is none (or it is `null`)."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def mapping(value: Any) -> Mapping[str, Any]:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> Sequence[Any]:
    """`value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else ()


def text(value: Any) -> str:
    """`value` if it is a text, else an empty one. Halves of characters, which no database takes, are replaced."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else ""


def whole(value: Any) -> int | None:
    """`value` as a number that fits 64 bits: JSON's own or digits in a text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
    return value if fits else None


def instant(value: Any) -> datetime | None:
    """An RFC 3339 time as UTC."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
        if read is None:
            return None
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def posts_page(content: bytes) -> PostsPage:
    """The posts of a timeline, a mentions feed or a look-up, in the order they came."""
    body = mapping(parse(content))
    includes = mapping(body.get("includes"))
    users = _by_id(includes.get("users"))
    polls = _by_id(includes.get("polls"))
    meta, given = mapping(body.get("meta")), items(body.get("data"))
    read = [_post(mapping(item), users, polls) for item in given]
    posts = [post for post, _ in read if post is not None]
    promised = whole(meta.get("result_count")) or 0
    gone = _gone(body)
    return PostsPage(
        posts=tuple(posts),
        dropped=max(len(given), promised) - len(posts),
        blurred=sum(not sharp for post, sharp in read if post is not None),
        next_token=text(meta.get("next_token")) or None,
        gone=gone,
        recognised=isinstance(body.get("data", []), list) and bool(body.keys() & {"data", "meta"} or gone),
    )


def created_id(content: bytes) -> int | None:
    """The id of a post that was just made."""
    return whole(mapping(mapping(parse(content)).get("data")).get("id")) or None


def uploaded(content: bytes) -> Uploaded | None:
    """The picture that was just taken; None unless its id can be read, or if it failed."""
    data = mapping(mapping(parse(content)).get("data"))
    media_id = whole(data.get("id"))
    failed = mapping(data.get("processing_info")).get("state") == "failed"
    good_for = whole(data.get("expires_after_secs"))
    return Uploaded(media_id, None if good_for is None else float(good_for)) if media_id and not failed else None


def described(content: bytes) -> bool:
    """Whether the service says that it has kept a description."""
    return bool(whole(mapping(mapping(parse(content)).get("data")).get("id")))


def deleted(content: bytes) -> bool | None:
    """What the service says of a deletion; None if that can't be read."""
    said = mapping(mapping(parse(content)).get("data")).get("deleted")
    return said if isinstance(said, bool) else None


def identity(content: bytes) -> Identity | None:
    """Who we are; None unless id and handle can be read."""
    user = mapping(mapping(parse(content)).get("data"))
    user_id, handle = whole(user.get("id")), text(user.get("username"))
    if not user_id or not handle:
        return None
    protected = user.get("protected")
    return Identity(
        user_id=user_id,
        handle=handle,
        name=text(user.get("name")),
        protected=protected is True,
        description=text(user.get("description")),
        pinned_id=whole(user.get("pinned_tweet_id") or user.get("pinned_post_id")),
    )


def _post(
    item: Mapping[str, Any], users: Mapping[int, Mapping[str, Any]], polls: Mapping[int, Mapping[str, Any]]
) -> tuple[RemotePost | None, bool]:
    """The post, and whether all that reconciling compares (text with its links, poll) was there to be read."""
    post_id, body = whole(item.get("id")), item.get("text")
    if not post_id or not isinstance(body, str):
        return None, False
    author = whole(item.get("author_id")) or 0
    entities = mapping(item.get("entities"))
    links = _links(entities)
    poll, closed, poll_read = _poll(mapping(item.get("attachments")), polls)
    post = RemotePost(
        id=post_id,
        text=text(body),
        author_id=author,
        created_at=instant(item.get("created_at")) or _snowflake_time(post_id),
        author_handle=text(mapping(users.get(author)).get("username")),
        author_name=text(mapping(users.get(author)).get("name")),
        conversation_id=whole(item.get("conversation_id")),
        in_reply_to=_referenced(item, "replied_to"),
        mentions=_mentions(entities, users),
        links=links,
        poll=poll,
        poll_closed=closed,
        metrics=_metrics(mapping(item.get("public_metrics"))),
        language=text(item.get("lang")),
        quote_of=_referenced(item, "quoted"),
        reply_to_user=whole(item.get("in_reply_to_user_id")),
        versions=_versions(item),
    )
    return post, poll_read and all(found in links for found in _SHORT_LINK.findall(post.text))


def _by_id(value: Any) -> dict[int, Mapping[str, Any]]:
    found = ((whole(mapping(item).get("id")), mapping(item)) for item in items(value))
    return {key: item for key, item in found if key is not None}


def _referenced(item: Mapping[str, Any], kind: str) -> int | None:
    """The post that this one answers ("replied_to") or quotes ("quoted")."""
    for name in ("referenced_tweets", "referenced_posts"):
        for reference in map(mapping, items(item.get(name))):
            if reference.get("type") == kind:
                return whole(reference.get("id"))
    return None


def _versions(item: Mapping[str, Any]) -> tuple[int, ...]:
    given = items(item.get("edit_history_tweet_ids") or item.get("edit_history_post_ids"))
    return tuple(sorted(version for version in map(whole, given) if version))


def _mentions(entities: Mapping[str, Any], users: Mapping[int, Mapping[str, Any]]) -> tuple[int, ...]:
    """Ids of the users named; where the service gives a handle only, the id is looked up beside it."""
    by_handle = {text(user.get("username")).lower(): key for key, user in users.items()}
    found: list[int] = []
    for mention in map(mapping, items(entities.get("mentions"))):
        user_id = whole(mention.get("id")) or by_handle.get(text(mention.get("username")).lower())
        if user_id and user_id not in found:
            found.append(user_id)
    return tuple(found)


def _links(entities: Mapping[str, Any]) -> dict[str, str]:
    pairs = ((text(url.get("url")), url) for url in map(mapping, items(entities.get("urls"))))
    return {short: _target(url) for short, url in pairs if short}


def _target(url: Mapping[str, Any]) -> str:
    """What a short link stands for; nothing that we wrote, if X put it there for a picture."""
    return "" if url.get("media_key") else text(url.get("unwound_url")) or text(url.get("expanded_url"))


def _poll(
    attachments: Mapping[str, Any], polls: Mapping[int, Mapping[str, Any]]
) -> tuple[tuple[tuple[str, int], ...] | None, bool, bool]:
    """Options with votes in their order, whether it is over, and whether an attached poll could be read."""
    ids = items(attachments.get("poll_ids"))
    if not ids:
        return None, False, True
    poll = mapping(polls.get(whole(ids[0]) or 0))
    options = [mapping(option) for option in items(poll.get("options"))]
    if not options or not all(isinstance(option.get("label"), str) for option in options):
        return None, False, False
    ordered = sorted(options, key=lambda option: whole(option.get("position")) or 0)
    votes = tuple((text(option["label"]), whole(option.get("votes")) or 0) for option in ordered)
    return votes, poll.get("voting_status") == "closed", True


def _metrics(counts: Mapping[str, Any]) -> Metrics:
    return Metrics(
        likes=whole(counts.get("like_count")),
        replies=whole(counts.get("reply_count")),
        reposts=whole(counts.get("retweet_count", counts.get("repost_count"))),
        quotes=whole(counts.get("quote_count")),
        impressions=whole(counts.get("impression_count")),
    )


def _gone(body: Mapping[str, Any]) -> frozenset[int]:
    """Ids that `errors` names as not there, or not for us, in the place of data."""
    named: Iterable[int | None] = (
        whole(error.get("resource_id") or error.get("value"))
        for error in map(mapping, items(body.get("errors")))
        if text(error.get("type")).endswith(("/resource-not-found", "/not-authorized-for-resource"))
    )
    return frozenset(value for value in named if value)


def _snowflake_time(post_id: int) -> datetime:
    """When the post was made, from its id: 41 bits of milliseconds stand above 22 others."""
    return _SNOWFLAKE_EPOCH + timedelta(milliseconds=post_id >> 22)
