"""Everything that happened on the practice account, as JSON: what tests and the console's tour read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from reinforce.practice import tables
from reinforce.practice.config import Config, current_rules
from reinforce.practice.posting import poll_totals
from reinforce.practice.rules import spent_this_month
from reinforce.practice.shapes import public_metrics
from reinforce.practice.storage import Storage, instant_of, setting


def texts_of(connection: Connection) -> dict[str, int]:
    """Text → how many live posts of the company say it: cheap enough to be asked again and again."""
    posts = tables.posts.c
    query = select(posts.text, posts.display_start).where(
        posts.author_id == setting(connection, "company_id"), posts.deleted_at.is_(None)
    )
    return dict(Counter(text[start:] for text, start in connection.execute(query)))


def state_of(connection: Connection, storage: Storage, config: Config) -> dict[str, Any]:
    """All of it.

    `posts`: all, deleted ones too, oldest first. `texts`: text → how many live posts of the company say it. `people`.
    `breaches` of X's rules for automated accounts that its API does not enforce. `spent`: millionths of a dollar this
    month. `calls`: endpoint → requests, cost, resources. `rules`. `now`: programme time.
    """
    company = setting(connection, "company_id")
    handles = {row.id: row.handle for row in connection.execute(select(tables.users))}
    rows = list(connection.execute(select(tables.posts).order_by(tables.posts.c.id)))
    rules = current_rules(connection, config)
    return {
        "now": instant_of(storage.now()).isoformat(),
        "company": {"user_id": str(company), "handle": handles[company]},
        "people": [
            {"user_id": str(user_id), "handle": handle} for user_id, handle in handles.items() if user_id != company
        ],
        "posts": [_post(connection, row, handles) for row in rows],
        "texts": texts_of(connection),
        "breaches": _breaches(connection, rows, company),
        "spent": spent_this_month(connection, storage),
        "calls": _calls(connection),
        "rules": {name: getattr(rules, name) for name in rules.__dataclass_fields__},
    }


def _said(row: Row[Any]) -> str:
    """The text its author wrote, without the handles X puts before a reply."""
    return str(row.text[row.display_start :])


def _post(connection: Connection, row: Row[Any], handles: dict[int, str]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "author": handles[row.author_id],
        "text": _said(row),
        "full_text": row.text,
        "in_reply_to": row.in_reply_to_id and str(row.in_reply_to_id),
        "conversation_id": str(row.conversation_id),
        "created_at": instant_of(row.created_at).isoformat(),
        "deleted": row.deleted_at is not None,
        "source": row.source,
        "cost": row.cost,
        "poll": _poll(connection, row.poll_id),
        "metrics": public_metrics(connection, row),
    }


def _breaches(connection: Connection, rows: Sequence[Row[Any]], company: int) -> list[dict[str, str]]:
    """More than one automated reply to one interaction, and posts that name somebody unasked."""
    found = []
    answered: set[int] = set()
    mentions = tables.mentions.c
    query = select(mentions.post_id).where(mentions.implicit.is_(False), mentions.user_id != company)
    naming = set(connection.execute(query).scalars())
    for row in rows:
        if row.author_id != company:
            continue
        to_somebody = row.in_reply_to_user_id not in (None, company)
        if to_somebody and row.in_reply_to_id in answered:
            found.append({"rule": "one automated reply per interaction", "post": str(row.id)})
        if to_somebody:
            answered.add(row.in_reply_to_id)
        elif row.id in naming:
            found.append({"rule": "no unsolicited mentions", "post": str(row.id)})
    return found


def _poll(connection: Connection, poll_id: int | None) -> list[dict[str, Any]] | None:
    if poll_id is None:
        return None
    poll = connection.execute(select(tables.polls).where(tables.polls.c.id == poll_id)).one()
    totals = poll_totals(connection, poll_id, poll.options)
    return [{"label": label, "votes": votes} for label, votes in zip(poll.options, totals, strict=True)]


def _calls(connection: Connection) -> dict[str, Any]:
    calls = tables.calls.c
    query = select(calls.endpoint, func.count(), func.sum(calls.cost), func.sum(calls.resources))
    return {
        endpoint: {"requests": requests, "cost": cost, "resources": resources}
        for endpoint, requests, cost, resources in connection.execute(query.group_by(calls.endpoint))
    }
