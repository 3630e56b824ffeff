"""Posts as the pages show them: plain values, ready for a template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from reinforce.practice import tables
from reinforce.practice.config import MICROS
from reinforce.practice.editing import newest_only
from reinforce.practice.entities import find_hashtags, find_mentions, find_urls
from reinforce.practice.media import Picture, pictures
from reinforce.practice.posting import live_post, poll_totals, user_by_handle, user_by_id
from reinforce.practice.rendered import expanded
from reinforce.practice.shapes import public_metrics
from reinforce.practice.storage import instant_of


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a post's text; `href` is where it leads, None for plain text. `outside` links leave the machine."""

    text: str
    href: str | None = None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One option of a poll. `share` is 0 to 100."""

    position: int
    label: str
    votes: int
    share: int
    leading: bool


@dataclass(frozen=True, slots=True)
class PollView:
    """A poll as shown."""

    bars: tuple[Bar, ...]
    votes: int
    open: bool
    ends: datetime


@dataclass(frozen=True, slots=True)
class PostView:
    """A post as shown. `price` is in dollars, None where it cost nothing; `when` is programme time."""

    id: int
    name: str
    handle: str
    company: bool
    initials: str
    hue: int
    when: datetime
    age: str
    pieces: tuple[Piece, ...]
    answering: str | None
    answering_id: int | None
    poll: PollView | None
    pictures: tuple[Picture, ...]
    replies: int
    likes: int
    reposts: int
    impressions: int
    price: str | None
    pinned: bool


def views_of(connection: Connection, rows: Iterable[Row[Any]], now: int) -> list[PostView]:
    """The posts in the order given; `now` is programme time in milliseconds since 1970."""
    return [_view(connection, row, now) for row in rows]


def page_of_posts(connection: Connection, *conditions: Any, before: int | None, size: int = 30) -> Sequence[Row[Any]]:
    """Up to `size` live posts under `conditions`, newest first, older than the post `before`."""
    posts = tables.posts.c
    query = select(tables.posts).where(posts.deleted_at.is_(None), newest_only(), *conditions)
    if before is not None:
        query = query.where(posts.id < before)
    return connection.execute(query.order_by(posts.id.desc()).limit(size)).all()


def conversation(connection: Connection, post: Row[Any]) -> tuple[list[Row[Any]], list[Row[Any]]]:
    """Posts above `post` (what it answers, oldest first) and below it (its conversation's later posts)."""
    above: list[Row[Any]] = []
    parent_id = post.in_reply_to_id
    while parent_id is not None:
        parent = live_post(connection, parent_id)
        if parent is None:
            break
        above.insert(0, parent)
        parent_id = parent.in_reply_to_id
    posts = tables.posts.c
    query = select(tables.posts).where(
        posts.conversation_id == post.conversation_id, posts.id > post.id, posts.deleted_at.is_(None), newest_only()
    )
    return above, list(connection.execute(query.order_by(posts.id).limit(500)))


def _view(connection: Connection, row: Row[Any], now: int) -> PostView:
    author = user_by_id(connection, row.author_id)
    assert author is not None
    metrics = public_metrics(connection, row)
    answered = user_by_id(connection, row.in_reply_to_user_id) if row.in_reply_to_user_id else None
    return PostView(
        id=row.id,
        name=author.name,
        handle=author.handle,
        company=author.kind == "company",
        initials=_initials(author.name),
        hue=sum(author.handle.encode()) % 12,
        when=instant_of(row.created_at),
        age=_age(now - row.created_at, instant_of(row.created_at)),
        pieces=tuple(_pieces(connection, row.text[row.display_start :])),
        answering=answered.handle if answered is not None else None,
        answering_id=row.in_reply_to_id,
        poll=_poll(connection, row.poll_id, now) if row.poll_id is not None else None,
        pictures=pictures(connection, row.id),
        replies=metrics["reply_count"],
        likes=metrics["like_count"],
        reposts=metrics["retweet_count"],
        impressions=row.impressions,
        price=dollars(row.cost) if row.cost else None,
        pinned=author.pinned_post_id == row.id,
    )


def dollars(micros: int) -> str:
    """Millionths of a dollar as a price; fractions of a cent are shown."""
    return f"${micros / MICROS:.3f}" if micros % 10_000 else f"${micros / MICROS:.2f}"


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def _age(elapsed: int, when: datetime) -> str:
    minutes = elapsed // 60_000
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes}m"
    if minutes < 24 * 60:
        return f"{minutes // 60}h"
    return f"{when:%b} {when.day}"


def _pieces(connection: Connection, text: str) -> Iterable[Piece]:
    done = 0
    for start, end, href, outside in sorted(_links(connection, text)):
        yield Piece(text[done:start])
        yield Piece(text[start:end], href, outside)
        done = end
    yield Piece(text[done:])


def _links(connection: Connection, text: str) -> Iterable[tuple[int, int, str, bool]]:
    for span in find_urls(text):
        yield span.start, span.end, expanded(span.value), True
    for span in find_mentions(text):
        user = user_by_handle(connection, span.value)
        if user is not None:
            yield span.start, span.end, f"/u/{user.handle}", False
    for span in find_hashtags(text):
        yield span.start, span.end, f"/tag/{span.value}", False


def _poll(connection: Connection, poll_id: int, now: int) -> PollView:
    poll = connection.execute(select(tables.polls).where(tables.polls.c.id == poll_id)).one()
    totals = poll_totals(connection, poll_id, poll.options)
    votes = sum(totals)
    bars = tuple(
        Bar(position, label, count, round(100 * count / votes) if votes else 0, count > 0 and count == max(totals))
        for position, (label, count) in enumerate(zip(poll.options, totals, strict=True), 1)
    )
    return PollView(bars, votes, now < poll.ends_at, instant_of(poll.ends_at))
