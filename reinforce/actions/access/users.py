"""Who may sign in: members of the team get roles, a way in, and are kept out again. `now` is machine time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.access.passwords import checked_password
from reinforce.domain.access.rights import Role, check_grant
from reinforce.domain.answering.addresses import checked_name
from reinforce.domain.errors import Conflict, NotFound
from reinforce.store.access import sessions, users
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


def add_user(
    database: Database,
    name: str,
    role: Role,
    slugs: Sequence[str] = (),
    *,
    password: str = "",
    actor: str,
    now: datetime,
) -> LetIn:
    """Let a member of the team sign in with a role, in the cohorts `slugs` or in all; who is no member becomes one.

    Raises Conflict for somebody who may already, NotFound for a cohort there is not, NotAllowed for a password or a
    grant that can't be.
    """
    checked_name(name)
    kept = hashed(checked_password(password, name)) if password else ""
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
        code = "" if kept else sessions.make_link(connection, member_id, now)
        audit.record(connection, actor, "user.added", who, {"role": role.value, "cohorts": grants}, now)
        return LetIn(users.by_name(connection, name), code)


def give_role(database: Database, name: str, role: Role, slugs: Sequence[str], *, actor: str, now: datetime) -> User:
    """Give somebody a role in cohorts beside those they have it in, or in all. Raises as `add_user`."""
    with database.write() as connection:
        user = users.by_name(connection, name)
        grants = _cohort_ids(connection, role, slugs)
        users.give(connection, user.id, role, grants)
        audit.record(connection, actor, "user.role_given", user.actor, {"role": role.value, "cohorts": grants}, now)
        return users.by_name(connection, name)


def take_role(database: Database, name: str, role: Role, slugs: Sequence[str], *, actor: str, now: datetime) -> User:
    """Take a role from somebody, in these cohorts or altogether. Raises NotFound where they don't have it there."""
    with database.write() as connection:
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


def disable_user(database: Database, name: str, *, actor: str, now: datetime) -> int:
    """Keep somebody out: signed out everywhere, and their tokens open nothing. Undone by `enable_user`.

    Returns how many browsers were signed in. Raises NotFound."""
    with database.write() as connection:
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
