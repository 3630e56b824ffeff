"""Tokens of scripts as pages make, list and revoke them: somebody's on their page of a user, one's own on `/me`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Form
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from reinforce.actions.access.tokens import NewToken, create_token, revoke_token
from reinforce.domain.access.rights import Role
from reinforce.domain.errors import NotAllowed
from reinforce.store.access import tokens, users
from reinforce.store.access.tokens import ApiToken
from reinforce.store.access.users import User
from reinforce.web.console import Console, whole_number
from reinforce.web.notices import Notice

Word = Annotated[str, Form(max_length=200)]
Slugs = Annotated[list[str] | None, Form(max_length=1000)]
Days = Annotated[str, Form(max_length=10)]
LONGEST = 366
# Of those that hold no more, as many are told of.
_OVER = 10


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token with its roles in words. `state` is "holds", "expired" or "revoked"."""

    token: ApiToken
    roles: str
    state: str


def token_lines(connection: Connection, member_id: int, now: datetime) -> tuple[TokenLine, ...]:
    """Somebody's tokens, those that hold first, then a few that did."""
    lines = [
        TokenLine(one, users.in_words(connection, one.grants), _state(one, now))
        for one in tokens.tokens(connection, member_id)
    ]
    holding = [one for one in lines if one.state == "holds"]
    return (*holding, *[one for one in lines if one.state != "holds"][:_OVER])


def made_token(console: Console, new: NewToken, actor: str) -> Notice:
    """Make a token, and show it this once. Raises as `create_token`."""
    number, secret = create_token(console.database, new, actor=actor, now=console.clock.wall())
    words = f"Token {number}, {new.label}, acts as {new.role.value} of {new.member} for {new.days} days."
    return Notice(words, ("Copy it now: nobody can be shown it again.",), secret=secret)


def revoked_token(console: Console, user: User, which: str, actor: str) -> Notice:
    """Revoke one of somebody's tokens. A 404 for one that is not theirs; raises NotFound for one that is over."""
    number = whole_number(which) or 0
    with console.database.read() as connection:
        if number not in {one.id for one in tokens.tokens(connection, user.id)}:
            raise HTTPException(404)
    revoke_token(console.database, number, actor=actor, now=console.clock.wall())
    return Notice(f"Token {number} opens nothing any more.")


def as_role(word: str) -> Role:
    """A role out of a form. Raises NotAllowed."""
    try:
        return Role(word)
    except ValueError:
        raise NotAllowed(f'there is no role "{word}"', f"Choose one of {', '.join(Role)}.") from None


def as_days(word: str) -> int:
    """For how many days a token is to hold. Raises NotAllowed."""
    if not (word.isascii() and word.isdigit() and 1 <= int(word) <= LONGEST):
        raise NotAllowed(f'"{word}" is no number of days', f"A token holds for 1 to {LONGEST} days.")
    return int(word)


def _state(token: ApiToken, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at <= now else "holds"
