"""Who may sign in: members of the team get roles, a way in, and are kept out again. `now` is machine time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.access.identities import checked_identity
from reinforce.domain.access.passwords import checked_password
from reinforce.domain.access.rights import Role, check_grant
from reinforce.domain.answering.addresses import checked_name
from reinforce.domain.errors import Conflict, NotFound
from reinforce.store.access import identities, sessions, users
from reinforce.store.access.operators import require_another
from reinforce.store.access.passwords import hashed
from reinforce.store.access.users import User
from reinforce.store.approving import members
from reinforce.store.operating import audit
from reinforce.store.people.cohorts import cohort_by_slug
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class LetIn:
    """Somebody who may sign in now; with `code` they choose a password, once, within a day ("" where one was given)."""

    user: User
    code: str = ""


def add_user(  # noqa: PLR0913 - a role, and a way in of two kinds
    database: Database,
    name: str,
    role: Role,
    slugs: Sequence[str] = (),
    *,
    password: str = "",
    identity: str = "",
    actor: str,
    now: datetime,
) -> LetIn:
    """Let a member of the team sign in with a role, in the cohorts `slugs` or in all; who is no member becomes one.
    With `identity`, the name that the company's sign-in knows them by, they need no password, and get no link.

    Raises Conflict for somebody who may already, or an identity that is somebody else's, NotFound for a cohort there is
    not, NotAllowed for a password, an identity or a grant that can't be.
    """
    checked_name(name)
    kept = hashed(checked_password(password, name)) if password else ""
    known_as = checked_identity(identity) if identity else ""
    with database.write() as connection:
        if users.find(connection, name) is not None:
            raise Conflict(f"{name} signs in already", f"Another role: reinforce user role {name} ROLE")
        grants = _cohort_ids(connection, role, slugs)
        try:
            who = members.actor_of(connection, name)
        except NotFound:
            who = members.add(connection, name, now)
            audit.record(connection, actor, "member.added", who, {}, now)
        member_id = int(who.removeprefix("member/"))
        users.let_in(connection, member_id, now)
        users.give(connection, member_id, role, grants)
        if kept:
            users.set_password(connection, member_id, kept)
        identities.set_identity(connection, member_id, known_as)
        code = "" if kept or known_as else sessions.make_link(connection, member_id, now)
        audit.record(connection, actor, "user.added", who, {"role": role.value, "cohorts": grants}, now)
        if known_as:
            audit.record(connection, actor, "user.identity_set", who, {}, now)
        return LetIn(users.by_name(connection, name), code)


def give_role(database: Database, name: str, role: Role, slugs: Sequence[str], *, actor: str, now: datetime) -> User:
    """Give somebody a role in cohorts beside those they have it in, or in all. Raises as `add_user`."""
    with database.write() as connection:
        user = users.by_name(connection, name)
        grants = _cohort_ids(connection, role, slugs)
        users.give(connection, user.id, role, grants)
        audit.record(connection, actor, "user.role_given", user.actor, {"role": role.value, "cohorts": grants}, now)
        return users.by_name(connection, name)


def take_role(
    database: Database, name: str, role: Role, slugs: Sequence[str], *, actor: str, now: datetime, anyway: bool = False
) -> User:
    """Take a role from somebody, in these cohorts or altogether. Raises NotFound where they don't have it there, and
    unless `anyway` NotAllowed for the last operator who can sign in."""
    with database.write() as connection:
        if role is Role.OPERATOR and not anyway:
            require_another(connection, name)
        user = users.by_name(connection, name)
        grants = [cohort_by_slug(connection, slug).id for slug in slugs]
        if not users.take(connection, user.id, role, grants):
            where = f" in {', '.join(slugs)} by itself" if slugs else ""
            raise NotFound(f"{name} is not {role.value}{where}", "See who has which role: reinforce user list")
        audit.record(connection, actor, "user.role_taken", user.actor, {"role": role.value, "cohorts": grants}, now)
        return users.by_name(connection, name)


def set_password(database: Database, name: str, password: str, *, actor: str, now: datetime) -> None:
    """Give somebody another password: they are signed out everywhere. Raises NotFound, NotAllowed."""
    kept = hashed(checked_password(password, name))
    with database.write() as connection:
        user = users.by_name(connection, name)
        users.set_password(connection, user.id, kept)
        sessions.forget_links(connection, user.id)
        ended = sessions.end_all(connection, user.id)
        audit.record(connection, actor, "user.password_set", user.actor, {"sessions_ended": ended}, now)


def make_link(database: Database, name: str, *, actor: str, now: datetime) -> str:
    """A code with which somebody chooses a password themselves. Their old one holds until then. Raises NotFound."""
    with database.write() as connection:
        user = users.by_name(connection, name)
        code = sessions.make_link(connection, user.id, now)
        audit.record(connection, actor, "user.link_made", user.actor, {}, now)
        return code


def set_identity(
    database: Database, name: str, identity: str, *, actor: str, now: datetime, anyway: bool = False
) -> User:
    """Say whom the company's sign-in knows somebody as; whoever comes from there as that next is them, for good. "" is
    nobody. Where they were known before, also as the same, they are signed out everywhere: it may be another person.

    Raises NotFound, Conflict for what is somebody else's, NotAllowed for what can't be a name, and unless `anyway`
    where it was the way in of the last operator."""
    known_as = checked_identity(identity) if identity else ""
    with database.write() as connection:
        user = users.by_name(connection, name)
        if user.recognised and not user.password_hash and not anyway:
            require_another(connection, name)
        identities.set_identity(connection, user.id, known_as)
        ended = sessions.end_all(connection, user.id) if user.identity else 0
        verb = "user.identity_set" if known_as else "user.identity_removed"
        audit.record(connection, actor, verb, user.actor, {"sessions_ended": ended}, now)
        return users.by_name(connection, name)


def disable_user(database: Database, name: str, *, actor: str, now: datetime, anyway: bool = False) -> int:
    """Keep somebody out: signed out everywhere, and their tokens open nothing. Undone by `enable_user`.

    Returns how many browsers were signed in. Raises NotFound, and unless `anyway` NotAllowed for the last operator who
    can sign in."""
    with database.write() as connection:
        if not anyway:
            require_another(connection, name)
        user = users.by_name(connection, name)
        users.disable(connection, user.id, now)
        sessions.forget_links(connection, user.id)
        ended = sessions.end_all(connection, user.id)
        audit.record(connection, actor, "user.disabled", user.actor, {"sessions_ended": ended}, now)
        return ended


def enable_user(database: Database, name: str, *, actor: str, now: datetime) -> None:
    """Let somebody who was disabled sign in again. Raises NotFound."""
    with database.write() as connection:
        user = users.by_name(connection, name)
        users.disable(connection, user.id, None)
        audit.record(connection, actor, "user.enabled", user.actor, {}, now)


def _cohort_ids(connection: Connection, role: Role, slugs: Sequence[str]) -> list[int]:
    found = [cohort_by_slug(connection, slug).id for slug in slugs]
    check_grant(role, found)
    return found
