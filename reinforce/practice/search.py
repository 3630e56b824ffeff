"""Recent search: the part of X's query language that is of use here, refused where it is not understood."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, Connection, and_, func, not_, or_

from reinforce.practice import problems, tables
from reinforce.practice.posting import user_by_handle
from reinforce.practice.storage import as_id

MAX_QUERY = 512
DAYS = 7

_TERM = re.compile(r'(-?)("[^"]*"|\S+)')
_OPERATOR = re.compile(r"([a-z_]+):(\S+)")


def conditions_of(connection: Connection, query: str) -> list[ColumnElement[bool]]:
    """Conditions on `posts`, all of which must hold. Raises Problem (400) for a query that X or we would refuse.

    OR joins what stands on its two sides: terms beside each other bind closer, as they do on X.
    """
    if not query.strip():
        raise problems.invalid("query", query, "The `query` query parameter can not be empty")
    if len(query) > MAX_QUERY:
        message = f"Query length must be between 1 and {MAX_QUERY} characters, got {len(query)}"
        raise problems.invalid("query", query, message)
    if "(" in query or ")" in query:
        raise problems.invalid("query", query, "The practice account's search knows no parentheses: ask twice")
    sides = [side.strip() for side in re.split(r"(?:^|(?<=\s))OR(?=\s|$)", query)]
    if not all(sides):
        raise problems.invalid("query", query, "There were errors processing your request: no viable alternative at OR")
    return [or_(*(and_(*_all_of(connection, query, side)) for side in sides))]


def _all_of(connection: Connection, query: str, side: str) -> list[ColumnElement[bool]]:
    found = []
    for minus, term in _TERM.findall(side):
        condition = _condition(connection, query, term)
        found.append(not_(condition) if minus else condition)
    return found


def _condition(connection: Connection, query: str, term: str) -> ColumnElement[bool]:
    posts = tables.posts.c
    operator = _OPERATOR.fullmatch(term)
    if operator is None:
        return func.says(posts.text, term.strip('"')) == 1
    name, value = operator.groups()
    if name == "conversation_id" and value.isascii() and value.isdigit() and len(value) < 20:
        return posts.conversation_id == as_id(value)
    if name in ("from", "to"):
        return _of_user(connection, name, value.removeprefix("@"))
    if name == "is" and value in ("reply", "retweet", "quote"):
        # There are no retweets as posts here.
        return {"reply": posts.in_reply_to_id.is_not(None), "quote": posts.quoted_id.is_not(None),
                "retweet": posts.id < 0}[value]  # fmt: skip
    if name == "has" and value in ("hashtags", "mentions"):
        mark = "#" if value == "hashtags" else "@"
        return posts.text.contains(mark)
    message = f"There were errors processing your request: Reference to invalid operator '{name}' in {query!r}"
    raise problems.invalid("query", query, message)


def _of_user(connection: Connection, name: str, value: str) -> ColumnElement[bool]:
    posts = tables.posts.c
    user = user_by_handle(connection, value)
    user_id = -1 if user is None else user.id
    if value.isascii() and value.isdigit() and user is None and len(value) < 20:
        user_id = as_id(value)
    return (posts.author_id if name == "from" else posts.in_reply_to_user_id) == user_id
