"""Reads posts page by page, newest first, as X's timelines do."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from reinforce.practice import problems, tables
from reinforce.practice.asked import Range
from reinforce.practice.storage import as_id

MENTIONS_REACH = 800
TIMELINE_REACH = 3200


@dataclass(frozen=True, slots=True)
class View:
    """Who reads, and what a fault does to the reading.

    `viewer_id` is None for the app alone; `follows` says that the viewer follows the accounts marked as followed (the
    company's account does). Posts that landed after `landed_before` (machine seconds since 1970) are not
    seen yet; `shift` posts of the page before come again (or, negative, are passed over) when the next page is read.
    """

    viewer_id: int | None
    follows: bool = False
    landed_before: float | None = None
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page, newest first, with the tokens of its neighbours."""

    rows: Sequence[Row[Any]]
    next_token: str | None
    previous_token: str | None

    def meta(self) -> dict[str, Any]:
        """`meta` of a page of posts."""
        meta: dict[str, Any] = {"result_count": len(self.rows)}
        if self.rows:
            meta |= {"newest_id": str(self.rows[0].id), "oldest_id": str(self.rows[-1].id)}
        return meta | self.tokens()

    def tokens(self) -> dict[str, Any]:
        """`next_token` and `previous_token` where there are such pages."""
        tokens = {"next_token": self.next_token, "previous_token": self.previous_token}
        return {name: token for name, token in tokens.items() if token is not None}


def visible(view: View) -> ColumnElement[bool]:
    """The condition on `posts` that leaves what the viewer may see."""
    users, posts = tables.users.c, tables.posts.c
    open_authors = select(users.id).where(users.protected.is_(False))
    condition: ColumnElement[bool] = posts.author_id.in_(open_authors)
    if view.viewer_id is not None:
        condition = or_(condition, posts.author_id == view.viewer_id)
    if view.follows:
        condition = or_(condition, posts.author_id.in_(select(users.id).where(users.followed.is_(True))))
    condition = condition & posts.deleted_at.is_(None)
    if view.landed_before is not None:
        condition = condition & (posts.landed_wall <= view.landed_before)
    return condition


def in_range(asked: Range) -> list[ColumnElement[bool]]:
    """Conditions on `posts` for the ids and instants asked for."""
    posts = tables.posts.c
    found: list[ColumnElement[bool]] = []
    if asked.since_id is not None:
        found.append(posts.id > asked.since_id)
    if asked.until_id is not None:
        found.append(posts.id < asked.until_id)
    if asked.start is not None:
        found.append(posts.created_at >= asked.start)
    if asked.end is not None:
        found.append(posts.created_at < asked.end)
    return found


def read_page(
    connection: Connection,
    conditions: Sequence[ColumnElement[bool]],
    *,
    asked: Range,
    size: int,
    token: str | None,
    reach: int | None = None,
    shift: int = 0,
) -> Page:
    """One page of the posts under `conditions` within the range asked for. Raises Problem (400) if `token` is not ours.

    `reach` is how many of the newest posts under `conditions` can be read at all, whatever range is asked for.
    """
    posts = tables.posts.c
    direction, anchor = _token_of(token)
    bounds = [*conditions, *in_range(asked)]
    if reach is not None:
        bounds.append(posts.id > _floor(connection, conditions, reach))
    if direction == "back":
        query = select(tables.posts).where(*bounds, posts.id > anchor).order_by(posts.id).limit(size + 1)
        rows = list(connection.execute(query))
        page = rows[:size][::-1]
        return _page(page, next_from=page[-1].id if page else None, more_before=len(rows) > size)
    if direction == "on":
        bounds.append(posts.id < anchor)
    query = select(tables.posts).where(*bounds).order_by(posts.id.desc()).limit(size + 1 + abs(shift))
    rows = list(connection.execute(query))
    # A shifted page makes the next one begin earlier (some come twice) or later (some are passed over).
    pivot = max(size - 1 - shift, 0)
    next_from = rows[pivot].id if len(rows) > size and pivot < len(rows) else None
    return _page(rows[:size], next_from=next_from, more_before=direction == "on")


def read_users(connection: Connection, query: Any, *, size: int, token: str | None) -> Page:
    """One page of users. `query` selects from `users`; pages go by falling id."""
    users = tables.users.c
    direction, anchor = _token_of(token)
    if direction == "on":
        query = query.where(users.id < anchor)
    elif direction == "back":
        query = query.where(users.id > anchor)
    rows = list(connection.execute(query.order_by(users.id.desc()).limit(size + 1)))
    page = rows[:size]
    return _page(page, next_from=page[-1].id if len(rows) > size else None, more_before=direction == "on")


def _floor(connection: Connection, conditions: Sequence[ColumnElement[bool]], reach: int) -> int:
    """The id of the first post that is out of reach; 0 if there are not that many."""
    posts = tables.posts.c
    query = select(posts.id).where(*conditions).order_by(posts.id.desc()).offset(reach).limit(1)
    return int(connection.execute(query).scalar() or 0)


def _page(rows: Sequence[Row[Any]], *, next_from: int | None, more_before: bool) -> Page:
    return Page(
        rows,
        None if next_from is None else _token("on", next_from),
        _token("back", rows[0].id) if rows and more_before else None,
    )


def _token(direction: str, anchor: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([direction, str(anchor)]).encode()).decode()


def _token_of(token: str | None) -> tuple[str, int]:
    if token is None:
        return "", 0
    try:
        direction, anchor = json.loads(base64.urlsafe_b64decode(token.encode()))
        if direction not in ("on", "back"):
            raise ValueError(direction)
        return direction, as_id(anchor)
    except (ValueError, TypeError, binascii.Error):
        message = f"The `pagination_token` query parameter value [{token}] is not valid"
        raise problems.invalid("pagination_token", token, message) from None
