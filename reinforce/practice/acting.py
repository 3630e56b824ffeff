"""Acting as people do in X's own app: they write and vote there, whatever becomes of calls to the API."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from reinforce.practice.config import Rules
from reinforce.practice.editing import edit_post
from reinforce.practice.posting import NewPost, add_post, cast_vote, live_post, user_by_handle
from reinforce.practice.problems import Problem
from reinforce.practice.rules import check_person_post
from reinforce.practice.storage import Storage, as_id


def act_all(connection: Connection, storage: Storage, rules: Rules, asked: Any) -> list[str | None]:
    """Let people do what `asked` says, in order: {"as": handle, "text": text, "reply_to": post id or null} writes,
    {"as": handle, "post": post id, "vote": position from 1} votes, {"as": handle, "edit": post id, "text": text} edits.
    The ids of what was written, None for a vote.

    Raises ValueError with the entry that can't be done; the caller's transaction is to be given up then.
    """
    if not isinstance(asked, list):
        raise ValueError('acts are a JSON list of objects such as {"as": "kim_r", "text": "Who signs the tag?"}')
    return [_act(connection, storage, rules, number, entry) for number, entry in enumerate(asked, 1)]


def _act(connection: Connection, storage: Storage, rules: Rules, number: int, entry: Any) -> str | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("as"), str):
        raise ValueError(f"act {number}: needs `as`, the handle of who does it")
    person = user_by_handle(connection, entry["as"])
    if person is None or person.kind == "company":
        raise ValueError(f"act {number}: nobody to act as is called {entry['as']!r}")
    if "vote" in entry:
        _vote(connection, storage, person.id, number, entry)
        return None
    if not isinstance(entry.get("text"), str):
        raise ValueError(f"act {number}: needs a `text` to write, or a `post` and a `vote`")
    parent = entry.get("reply_to")
    new = NewPost(entry["text"], "page", reply_to=None if parent is None else _id(number, "reply_to", parent))
    try:
        check_person_post(connection, new)
        if entry.get("edit") is not None:
            edited = _id(number, "edit", entry["edit"])
            return str(edit_post(connection, storage, person.id, edited, new, rules).id)
    except Problem as problem:
        raise ValueError(f"act {number}: {problem.body.get('detail', 'X would refuse this')}") from problem
    return str(add_post(connection, storage, person.id, new, rules).id)


def _vote(connection: Connection, storage: Storage, user_id: int, number: int, entry: dict[str, Any]) -> None:
    post, position = live_post(connection, _id(number, "post", entry.get("post"))), entry["vote"]
    if post is None or post.poll_id is None or not isinstance(position, int):
        raise ValueError(f"act {number}: `post` has to be that of a poll, `vote` a position from 1")
    if not cast_vote(connection, storage, post.poll_id, user_id, position):
        raise ValueError(f"act {number}: the vote does not count: the poll is closed, or they have voted already")


def _id(number: int, key: str, value: Any) -> int:
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()):
        raise ValueError(f"act {number}: `{key}` is a post's id as a string")
    return as_id(value)
