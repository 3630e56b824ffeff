"""Rows as the JSON X's API gives for them: only the default fields and what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, Select, bindparam, func, select

from reinforce.practice import problems, tables
from reinforce.practice.asked import Wanted
from reinforce.practice.editing import controls, newest_only, versions
from reinforce.practice.media import attached_to, media_key, media_rows
from reinforce.practice.posting import live_post, poll_totals, user_by_handle, user_by_id
from reinforce.practice.rendered import render
from reinforce.practice.storage import count_of, instant_of

_NEWER = {"edit_history_tweet_ids": "edit_history_post_ids", "referenced_tweets": "referenced_posts"}
_IMPLIED_FIELDS = {
    "author_id": "author_id",
    "in_reply_to_user_id": "in_reply_to_user_id",
    "attachments.poll_ids": "attachments",
    "attachments.media_keys": "attachments",
    "referenced_tweets.id": "referenced_tweets",
    "referenced_posts": "referenced_tweets",
    "referenced_tweets.id.author_id": "referenced_tweets",
    "entities.mentions.username": "entities",
}


def stamp(at: int) -> str:
    """An instant as X writes it: whole seconds, UTC."""
    return instant_of(at).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Shaper:
    """Builds the answer to one request: call `posts` or `users`, then read `includes` and `errors`.

    `viewer_id` decides which fields may be seen; `now` (milliseconds since 1970) whether polls are open.
    """

    def __init__(
        self, connection: Connection, wanted: Wanted, *, viewer_id: int | None, now: int, new_names: bool = False
    ) -> None:
        self._connection = connection
        self._wanted = wanted
        self._viewer_id = viewer_id
        self._now = now
        self._new_names = new_names or wanted.new_names
        self._fields = wanted.post_fields | {
            field for expansion, field in _IMPLIED_FIELDS.items() if expansion in wanted.expansions
        }
        self._users: dict[int, None] = {}
        self._polls: dict[int, None] = {}
        self._posts: dict[int, None] = {}
        self._media: dict[int, None] = {}
        self.errors: list[dict[str, Any]] = []

    def posts(self, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
        """The posts, remembering whom and what their expansions include."""
        for row in rows:
            self._expand(row)
        return [self._post(row) for row in rows]

    def users(self, rows: Iterable[Row[Any]]) -> list[dict[str, Any]]:
        """The users, remembering which pinned posts to include."""
        rows = list(rows)
        if self._wanted.expansions & {"pinned_tweet_id", "pinned_post_id"}:
            self._posts |= {row.pinned_post_id: None for row in rows if row.pinned_post_id is not None}
        return [self._user(row) for row in rows]

    def includes(self) -> dict[str, Any]:
        """What the expansions asked for; {} if nothing."""
        found: dict[str, Any] = {}
        posts = [row for row in (live_post(self._connection, post_id) for post_id in self._posts) if row is not None]
        if posts:
            if "referenced_tweets.id.author_id" in self._wanted.expansions:
                self._users |= {row.author_id: None for row in posts}
            found["posts" if self._new_names else "tweets"] = [self._post(row) for row in posts]
        users = [row for row in (user_by_id(self._connection, user_id) for user_id in self._users) if row is not None]
        if users:
            found["users"] = [self._user(row) for row in users]
        if self._polls:
            found["polls"] = [self._poll(poll_id) for poll_id in self._polls]
        if self._media:
            found["media"] = [self._picture(one) for one in media_rows(self._connection, list(self._media))]
        return found

    def answer(self, data: Any, meta: dict[str, Any] | None = None) -> dict[str, Any]:
        """The whole body around `data`, without its empty parts."""
        parts = {"data": data, "includes": self.includes(), "errors": self.errors, "meta": meta}
        return {name: part for name, part in parts.items() if part}

    def _expand(self, row: Row[Any]) -> None:
        wanted = self._wanted.expansions
        if "author_id" in wanted or "username" in wanted:
            self._users[row.author_id] = None
        if "in_reply_to_user_id" in wanted and row.in_reply_to_user_id is not None:
            self._users[row.in_reply_to_user_id] = None
        if "entities.mentions.username" in wanted:
            mentions = tables.mentions.c
            query = select(mentions.user_id).where(mentions.post_id == row.id)
            self._users |= dict.fromkeys(self._connection.execute(query).scalars())
        if "attachments.poll_ids" in wanted and row.poll_id is not None:
            self._polls[row.poll_id] = None
        if "attachments.media_keys" in wanted:
            self._media |= dict.fromkeys(attached_to(self._connection, row.id))
        if any(name.startswith("referenced_") for name in wanted):
            self._posts |= {post_id: None for post_id in (row.in_reply_to_id, row.quoted_id) if post_id is not None}

    def _post(self, row: Row[Any]) -> dict[str, Any]:
        shown = render(
            row.text, display_start=row.display_start, user_id_of=self._user_id_of, media=self._media_links(row)
        )
        history = versions(self._connection, row.id)
        post: dict[str, Any] = {
            "id": str(row.id), "text": shown.text, "edit_history_tweet_ids": [str(one) for one in history]
        }  # fmt: skip
        makers: dict[str, Callable[[], Any]] = {
            "author_id": lambda: str(row.author_id),
            "conversation_id": lambda: str(row.conversation_id),
            "created_at": lambda: stamp(row.created_at),
            "in_reply_to_user_id": lambda: row.in_reply_to_user_id and str(row.in_reply_to_user_id),
            # X names the language it detects; the practice account detects none, and says so as X does.
            "lang": lambda: "und",
            "possibly_sensitive": lambda: False,
            "reply_settings": lambda: "everyone",
            "source": lambda: "practice account" if row.source == "api" else "phone",
            "edit_controls": lambda: self._edit_controls(row, history),
            "display_text_range": lambda: [shown.display_start, len(shown.text)],
            "entities": lambda: shown.entities,
            "attachments": lambda: self._attachments(row),
            "referenced_tweets": lambda: _references(row),
            "public_metrics": lambda: self._public_metrics(row),
            "non_public_metrics": lambda: self._non_public_metrics(row),
        }
        for field in sorted(self._fields & makers.keys()):
            value = makers[field]()
            if value is not None and value not in ({}, []):
                post[field] = value
        return {_NEWER.get(name, name): value for name, value in post.items()} if self._new_names else post

    def _media_links(self, row: Row[Any]) -> list[dict[str, str]]:
        shown = attached_to(self._connection, row.id)
        if not shown:
            return []
        author = user_by_id(self._connection, row.author_id)
        handle = "" if author is None else author.handle
        page = f"https://x.com/{handle}/status/{row.id}/photo/1"
        return [{"expanded_url": page, "media_key": media_key(one)} for one in shown]

    def _attachments(self, row: Row[Any]) -> dict[str, list[str]]:
        polls = {"poll_ids": [str(row.poll_id)]} if row.poll_id else {}
        shown = attached_to(self._connection, row.id)
        return polls | ({"media_keys": [media_key(one) for one in shown]} if shown else {})

    def _picture(self, row: Row[Any]) -> dict[str, Any]:
        picture = {"media_key": media_key(row.id), "type": "photo"}
        more = {"alt_text": row.alt_text or None, "width": row.width or None, "height": row.height or None}
        return picture | {name: value for name, value in more.items() if name in self._wanted.media_fields and value}

    def _user_id_of(self, handle: str) -> int | None:
        user = user_by_handle(self._connection, handle)
        return None if user is None else int(user.id)

    def _edit_controls(self, row: Row[Any], history: Sequence[int]) -> dict[str, Any]:
        first = live_post(self._connection, history[0])
        found = controls(row, history, row.created_at if first is None else first.created_at)
        return found | {"editable_until": stamp(found["editable_until"])}

    def _public_metrics(self, row: Row[Any]) -> dict[str, int]:
        return public_metrics(self._connection, row)

    def _non_public_metrics(self, row: Row[Any]) -> dict[str, int] | None:
        if row.author_id == self._viewer_id:
            return {"impression_count": row.impressions}
        self.errors.append(problems.field_hidden("non_public_metrics", row.id))
        return None

    def _poll(self, poll_id: int) -> dict[str, Any]:
        query = select(tables.polls).where(tables.polls.c.id == poll_id)
        row = self._connection.execute(query).one()
        totals = poll_totals(self._connection, poll_id, row.options)
        poll: dict[str, Any] = {
            "id": str(poll_id),
            "options": [
                {"position": position, "label": label, "votes": votes}
                for position, (label, votes) in enumerate(zip(row.options, totals, strict=True), 1)
            ],
        }
        more = {
            "duration_minutes": row.duration_minutes,
            "end_datetime": stamp(row.ends_at),
            "voting_status": "open" if self._now < row.ends_at else "closed",
        }
        return poll | {name: value for name, value in more.items() if name in self._wanted.poll_fields}

    def _user(self, row: Row[Any]) -> dict[str, Any]:
        user: dict[str, Any] = {"id": str(row.id), "name": row.name, "username": row.handle}
        wanted = self._wanted.user_fields
        plain = {
            "created_at": stamp(row.created_at),
            "description": row.description,
            "protected": row.protected,
            "verified": False,
            "verified_type": "none",
            "url": "",
            "location": None,
        }
        user |= {name: value for name, value in plain.items() if name in wanted and value is not None}
        if row.pinned_post_id is not None and "pinned_tweet_id" in wanted | self._wanted.expansions:
            user["pinned_tweet_id"] = str(row.pinned_post_id)
        if "most_recent_tweet_id" in wanted | self._wanted.expansions:
            posts = tables.posts.c
            query = select(func.max(posts.id)).where(posts.author_id == row.id, posts.deleted_at.is_(None))
            newest = self._connection.execute(query).scalar()
            user |= {"most_recent_tweet_id": str(newest)} if newest is not None else {}
        if "public_metrics" in wanted:
            user["public_metrics"] = self._user_metrics(row)
        return user

    def _user_metrics(self, row: Row[Any]) -> dict[str, int]:
        posts, users = tables.posts, tables.users
        made = count_of(self._connection, posts, posts.c.author_id == row.id, posts.c.deleted_at.is_(None))
        learners = count_of(self._connection, users, users.c.kind != "company")
        followed = count_of(self._connection, users, users.c.followed.is_(True))
        company = row.kind == "company"
        return {
            "followers_count": learners if company else 0,
            "following_count": followed if company else 1,
            "tweet_count": made,
            "listed_count": 0,
            "like_count": count_of(self._connection, tables.likes, tables.likes.c.user_id == row.id),
        }


def _metrics_query() -> Select[int, int, int, int]:
    posts = tables.posts
    post: BindParameter[int] = bindparam("post")
    alive = posts.c.deleted_at.is_(None) & newest_only()

    def count(table: Any, *conditions: Any) -> ColumnElement[int]:
        return select(func.count()).select_from(table).where(*conditions).scalar_subquery()

    return select(
        count(tables.reposts, tables.reposts.c.post_id == post).label("reposts"),
        count(posts, posts.c.in_reply_to_id == post, alive).label("replies"),
        count(tables.likes, tables.likes.c.post_id == post).label("likes"),
        count(posts, posts.c.quoted_id == post, alive).label("quotes"),
    )


# Built once and asked in one: a timeline shows a hundred posts, again and again.
_METRICS = _metrics_query()


def public_metrics(connection: Connection, row: Row[Any]) -> dict[str, int]:
    """Counts anybody may see of a post."""
    found = connection.execute(_METRICS, {"post": row.id}).one()
    return {
        "retweet_count": found.reposts,
        "reply_count": found.replies,
        "like_count": found.likes,
        "quote_count": found.quotes,
        "bookmark_count": 0,
        "impression_count": row.impressions,
    }


def _references(row: Row[Any]) -> list[dict[str, str]]:
    references = (("replied_to", row.in_reply_to_id), ("quoted", row.quoted_id))
    return [{"type": kind, "id": str(post_id)} for kind, post_id in references if post_id is not None]
