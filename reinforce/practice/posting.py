"""What people and programs do to the practice account's storage: post, delete, like, vote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from reinforce.practice import tables
from reinforce.practice.config import PRICES, Rules
from reinforce.practice.entities import find_mentions, find_urls
from reinforce.practice.media import attach
from reinforce.practice.storage import Storage
from reinforce.practice.texts import normalised


@dataclass(frozen=True, slots=True)
class NewPoll:
    """2–4 options of at most 25 characters; open for `minutes` of programme time."""

    options: tuple[str, ...]
    minutes: int


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post as somebody writes it. `source` is "api", "page" or "script"; `priced` says whether it costs anything,
    `edits` which post it is a new version of."""

    text: str
    source: str
    reply_to: int | None = None
    quoted: int | None = None
    poll: NewPoll | None = None
    media: tuple[int, ...] = ()
    left_out: frozenset[int] = frozenset()
    priced: bool = False
    edits: int | None = None


@dataclass(frozen=True, slots=True)
class Composed:
    """A text with X's reply prefix, where its visible part begins, and who it mentions: user id → implicit."""

    text: str
    display_start: int
    mentioned: dict[int, bool]


def user_by_handle(connection: Connection, handle: str) -> Row[Any] | None:
    """The user with that handle, whatever its case."""
    return connection.execute(select(tables.users).where(tables.users.c.handle == handle)).one_or_none()


def user_by_id(connection: Connection, user_id: int) -> Row[Any] | None:
    """The user with that id."""
    return connection.execute(select(tables.users).where(tables.users.c.id == user_id)).one_or_none()


def live_post(connection: Connection, post_id: int) -> Row[Any] | None:
    """The post with that id unless it was deleted."""
    query = select(tables.posts).where(tables.posts.c.id == post_id, tables.posts.c.deleted_at.is_(None))
    return connection.execute(query).one_or_none()


def add_user(connection: Connection, storage: Storage, handle: str, name: str, **more: Any) -> int:
    """Create a user, or update the name (and `more`, which holds at least `kind`) of the one with that handle."""
    found = user_by_handle(connection, handle)
    if found is not None:
        values = {"name": name, **more}
        connection.execute(update(tables.users).where(tables.users.c.id == found.id).values(**values))
        return int(found.id)
    user_id = storage.next_id(connection)
    row = {"id": user_id, "handle": handle, "name": name, "created_at": storage.now(), **more}
    connection.execute(insert(tables.users).values(**row))
    return user_id


def compose(connection: Connection, author_id: int, new: NewPost, rules: Rules) -> Composed:
    """`new`'s text as X would store it. A reply mentions whom it answers and whom that post mentioned."""
    text = normalised(new.text)
    mentioned: dict[int, bool] = {}
    for span in find_mentions(text):
        user = user_by_handle(connection, span.value)
        if user is not None:
            mentioned[user.id] = False
    prefix = ""
    for user in _answered(connection, author_id, new):
        if user.id not in mentioned:
            mentioned[user.id] = True
            prefix += f"@{user.handle} "
    if not rules.reply_prefix:
        prefix = ""
    return Composed(prefix + text, len(prefix), mentioned)


def _answered(connection: Connection, author_id: int, new: NewPost) -> list[Row[Any]]:
    """Users a reply answers, the parent's author first; not oneself, nor those who were left out."""
    parent = live_post(connection, new.reply_to) if new.reply_to is not None else None
    if parent is None:
        return []
    also = select(tables.mentions.c.user_id).where(tables.mentions.c.post_id == parent.id)
    ids = [parent.author_id, *connection.execute(also.order_by(tables.mentions.c.user_id)).scalars()]
    wanted = [user_id for user_id in dict.fromkeys(ids) if user_id != author_id and user_id not in new.left_out]
    users = [user_by_id(connection, user_id) for user_id in wanted]
    return [user for user in users if user is not None]


def price_of(connection: Connection, author_id: int, new: NewPost) -> int:
    """What posting `new` through the API costs, in millionths of a dollar. A step of one's own thread is a post."""
    if not new.priced:
        return 0
    if find_urls(normalised(new.text)):
        return PRICES["post_with_url"]
    parent = live_post(connection, new.reply_to) if new.reply_to is not None else None
    return PRICES["post" if parent is None or parent.author_id == author_id else "reply"]


def add_post(connection: Connection, storage: Storage, author_id: int, new: NewPost, rules: Rules) -> Row[Any]:
    """Store `new`, which has passed the rules, and return its row."""
    composed = compose(connection, author_id, new, rules)
    parent = live_post(connection, new.reply_to) if new.reply_to is not None else None
    poll_id = _add_poll(connection, storage, new.poll) if new.poll is not None else None
    post_id = storage.next_id(connection)
    connection.execute(
        insert(tables.posts).values(
            id=post_id,
            author_id=author_id,
            text=composed.text,
            display_start=composed.display_start,
            conversation_id=parent.conversation_id if parent is not None else post_id,
            in_reply_to_id=parent.id if parent is not None else None,
            in_reply_to_user_id=parent.author_id if parent is not None else None,
            quoted_id=new.quoted,
            poll_id=poll_id,
            created_at=storage.now(),
            landed_wall=storage.wall(),
            source=new.source,
            cost=price_of(connection, author_id, new),
        )
    )
    if new.media:
        attach(connection, post_id, new.media)
    for user_id, implicit in composed.mentioned.items():
        connection.execute(insert(tables.mentions).values(user_id=user_id, post_id=post_id, implicit=implicit))
    row = live_post(connection, post_id)
    assert row is not None
    return row


def _add_poll(connection: Connection, storage: Storage, poll: NewPoll) -> int:
    poll_id = storage.next_id(connection)
    ends = storage.now() + poll.minutes * 60_000
    connection.execute(
        insert(tables.polls).values(id=poll_id, options=list(poll.options), duration_minutes=poll.minutes, ends_at=ends)
    )
    return poll_id


def set_like(connection: Connection, storage: Storage, post_id: int, user_id: int, *, liked: bool) -> None:
    """Like a post or take the like back; doing so twice changes nothing."""
    if liked:
        row = upsert(tables.likes).values(post_id=post_id, user_id=user_id, liked_at=storage.now())
        connection.execute(row.on_conflict_do_nothing())
        return
    likes = tables.likes.c
    connection.execute(delete(tables.likes).where(likes.post_id == post_id, likes.user_id == user_id))


def cast_vote(connection: Connection, storage: Storage, poll_id: int, user_id: int, position: int) -> bool:
    """Vote for option `position` (from 1). False if the poll is closed, has no such option, or the user has voted."""
    poll = connection.execute(select(tables.polls).where(tables.polls.c.id == poll_id)).one_or_none()
    if poll is None or poll.ends_at <= storage.now() or not 1 <= position <= len(poll.options):
        return False
    row = upsert(tables.votes).values(poll_id=poll_id, user_id=user_id, position=position)
    return connection.execute(row.on_conflict_do_nothing()).rowcount == 1


def poll_totals(connection: Connection, poll_id: int, options: Sequence[str]) -> list[int]:
    """Votes for each option, in order."""
    votes = tables.votes.c
    query = select(votes.position, func.count()).where(votes.poll_id == poll_id).group_by(votes.position)
    counts: dict[int, int] = {row[0]: row[1] for row in connection.execute(query)}
    return [counts.get(position, 0) for position in range(1, len(options) + 1)]
