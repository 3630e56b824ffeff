"""Editing, as X lets people do it in its app: for half an hour, five times, each time a post of a new id.

The old version stays readable by its id; feeds, search and counts know the newest only. Who deletes one, deletes all of
them. Polls can't be edited, nor replies to others: X's documentation of 2026-08-22, "Edit posts".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, or_, select, update

from reinforce.practice import problems, tables
from reinforce.practice.config import Rules
from reinforce.practice.posting import NewPost, add_post, live_post
from reinforce.practice.storage import Storage

WINDOW = 30 * 60_000
MOST = 5
_e = tables.edits.c


def newest_only() -> ColumnElement[bool]:
    """The condition on `posts` that leaves out versions that were edited since."""
    return tables.posts.c.id.not_in(select(_e.previous_id))


# Built once: they are asked for each post that is shown.
_FIRST = select(_e.first_id).where(_e.post_id == bindparam("post"))
_LATER = select(_e.post_id).where(_e.first_id == bindparam("first")).order_by(_e.post_id)


def versions(connection: Connection, post_id: int) -> list[int]:
    """The ids of all that a post has been, the oldest first."""
    first = connection.execute(_FIRST, {"post": post_id}).scalar() or post_id
    return [first, *connection.execute(_LATER, {"first": first}).scalars()]


def is_eligible(row: Row[Any]) -> bool:
    """Whether posts of this kind can be edited at all."""
    return row.poll_id is None and row.in_reply_to_user_id in (None, row.author_id)


def controls(row: Row[Any], history: Sequence[int], first_at: int) -> dict[str, Any]:
    """Until when (milliseconds since 1970) and how often a post may still be edited."""
    return {
        "is_edit_eligible": is_eligible(row),
        "editable_until": first_at + WINDOW,
        "edits_remaining": MOST - (len(history) - 1),
    }


def edit_post(
    connection: Connection, storage: Storage, author_id: int, previous_id: int, new: NewPost, rules: Rules
) -> Row[Any]:
    """Put `new`'s text in the place of the author's post `previous_id`; returns the new version's row. Raises Problem
    where X would not let them."""
    row = live_post(connection, previous_id)
    if row is None or row.author_id != author_id:
        raise problems.forbidden("You are not authorized to edit this Post.")
    history = versions(connection, previous_id)
    first = live_post(connection, history[0])
    assert first is not None
    if history[-1] != previous_id:
        raise problems.forbidden("This Post has been edited already; edit its newest version.")
    if not is_eligible(row):
        raise problems.forbidden("Polls and replies to others can not be edited.")
    if len(history) > MOST or storage.now() >= first.created_at + WINDOW:
        raise problems.forbidden("This Post can no longer be edited.")
    kept = NewPost(new.text, new.source, reply_to=row.in_reply_to_id, quoted=row.quoted_id, left_out=new.left_out)
    made = add_post(connection, storage, author_id, kept, rules)
    connection.execute(insert(tables.edits).values(post_id=made.id, previous_id=previous_id, first_id=history[0]))
    same = update(tables.posts).where(tables.posts.c.id == made.id).values(conversation_id=row.conversation_id)
    connection.execute(same)
    again = live_post(connection, made.id)
    assert again is not None
    return again


def delete_all_versions(connection: Connection, storage: Storage, post_id: int) -> None:
    """Take a post out of sight with all that it has been. The rows stay, so that conversations keep their sense."""
    posts = tables.posts.c
    chain = or_(*(posts.id == one for one in versions(connection, post_id)))
    connection.execute(update(tables.posts).where(chain).values(deleted_at=storage.now()))
