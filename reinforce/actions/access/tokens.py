"""Tokens for scripts: made, shown once, revoked. `now` is machine time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reinforce.domain.access.rights import Grant, Role, check_grant, narrowed
from reinforce.domain.answering.addresses import checked_name
from reinforce.domain.errors import NotAllowed, NotFound
from reinforce.store.access import tokens, users
from reinforce.store.operating import audit
from reinforce.store.people.cohorts import cohort_by_slug
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that is asked for: whose it is, what it is for, and what may be done with it for `days`."""

    member: str
    label: str
    role: Role
    slugs: Sequence[str]
    days: int


def create_token(database: Database, new: NewToken, *, actor: str, now: datetime) -> tuple[int, str]:
    """Make a token; returns its number and the token, which nobody can be shown again.

    Raises NotFound for a user or a cohort there is not, NotAllowed where its owner does not have that role there."""
    checked_name(new.label)
    with database.write() as connection:
        user = users.by_name(connection, new.member)
        cohorts = [cohort_by_slug(connection, slug).id for slug in new.slugs]
        check_grant(new.role, cohorts)
        wanted = frozenset([Grant(new.role, one) for one in cohorts] or [Grant(new.role)])
        if narrowed(user.grants, wanted) != wanted:
            raise NotAllowed(
                f"{user.name} is not {new.role.value} there, so a token of theirs can't be",
                "See who has which role: reinforce user list",
            )
        made, secret = tokens.make(connection, user.id, new.label, wanted, (now, now + timedelta(days=new.days)))
        detail = {"role": new.role.value, "cohorts": cohorts, "days": new.days}
        audit.record(connection, actor, "token.created", f"token/{made}", {**detail, "of": user.actor}, now)
        return made, secret


def revoke_token(database: Database, token_id: int, *, actor: str, now: datetime) -> None:
    """Let a token open nothing any more, from the next call on. Raises NotFound."""
    with database.write() as connection:
        if not tokens.revoke(connection, token_id, now):
            raise NotFound(f"there is no token {token_id} that holds", "See them with: reinforce token list")
        audit.record(connection, actor, "token.revoked", f"token/{token_id}", {}, now)
