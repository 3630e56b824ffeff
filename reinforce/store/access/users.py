"""Members of the team who may sign in, and their roles."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from reinforce.domain.access.rights import Grant, Role
from reinforce.domain.errors import NotFound
from reinforce.store import tables as t
from reinforce.store.people import cohorts

_m, _r, _i = t.member.c, t.member_role.c, t.member_identity.c
_ADD = "Let them in: reinforce user add NAME --role ROLE"


@dataclass(frozen=True, slots=True)
class User:
    """A member who may sign in, unless disabled or gone. `password_hash` is "" while they have none, `identity` while
    nobody at the company's sign-in is them; `recognised`: they came from there before."""

    id: int
    name: str
    grants: frozenset[Grant]
    user_since: datetime
    password_hash: str
    disabled_at: datetime | None
    identity: str = ""
    recognised: bool = False

    @property
    def may_enter(self) -> bool:
        """Whether anything is to be shown to them at all."""
        return self.disabled_at is None and bool(self.grants)

    @property
    def can_enter(self) -> bool:
        """Whether there is a way in that they have used, or chosen."""
        return self.may_enter and (bool(self.password_hash) or self.recognised)

    @property
    def is_operator(self) -> bool:
        """Whether they may let people in."""
        return Grant(Role.OPERATOR) in self.grants

    @property
    def actor(self) -> str:
        """How the audit log knows them."""
        return f"member/{self.id}"


def any_ever(connection: Connection) -> bool:
    """Whether somebody signs in here, or ever did: from then on nobody gets in without."""
    return connection.execute(select(_m.id).where(_m.user_since.is_not(None)).limit(1)).first() is not None


def users(connection: Connection) -> tuple[User, ...]:
    """Everybody who may sign in, by name; the disabled ones as well."""
    return _read(connection)


def by_name(connection: Connection, name: str) -> User:
    """One of the team. Raises NotFound."""
    found = _read(connection, _m.name == name)
    if not found:
        known = ", ".join(one.name for one in users(connection)) or "none yet"
        raise NotFound(f"there is no user {name}", f"Users: {known}. {_ADD}")
    return found[0]


def find(connection: Connection, name: str) -> User | None:
    """One of the team, if there is one of this name."""
    return next(iter(_read(connection, _m.name == name)), None)


def by_id(connection: Connection, member_id: int) -> User | None:
    """One of the team, if they are still there."""
    return next(iter(_read(connection, _m.id == member_id)), None)


def let_in(connection: Connection, member_id: int, now: datetime) -> None:
    """Make a user of a member."""
    connection.execute(update(t.member).where(_m.id == member_id, _m.user_since.is_(None)).values(user_since=now))


def set_password(connection: Connection, member_id: int, password_hash: str) -> None:
    """Keep another password."""
    connection.execute(update(t.member).where(_m.id == member_id).values(password_hash=password_hash))


def disable(connection: Connection, member_id: int, at: datetime | None) -> None:
    """Keep somebody out from `at` on; None lets them in again."""
    connection.execute(update(t.member).where(_m.id == member_id).values(disabled_at=at))


def give(connection: Connection, member_id: int, role: Role, cohort_ids: Collection[int]) -> None:
    """Give somebody a role in cohorts, beside what they have of it; in all of them where none is given."""
    if not cohort_ids:
        take(connection, member_id, role, ())
    have = {one.cohort_id for one in _grants(connection, [member_id]).get(member_id, ()) if one.role is role}
    wanted: set[int | None] = set(cohort_ids) if cohort_ids else {None}
    if None not in have:
        rows = [{"member_id": member_id, "role": role.value, "cohort_id": one} for one in wanted - have]
        if rows:
            connection.execute(insert(t.member_role), rows)


def take(connection: Connection, member_id: int, role: Role, cohort_ids: Collection[int]) -> int:
    """Take a role in these cohorts from somebody, or all of it; returns in how many places they had it."""
    gone = delete(t.member_role).where(_r.member_id == member_id, _r.role == role.value)
    gone = gone.where(_r.cohort_id.in_(cohort_ids)) if cohort_ids else gone
    return connection.execute(gone).rowcount


def in_words(connection: Connection, grants: Collection[Grant]) -> str:
    """Roles as a person reads them: "approver; facilitator of press-shop, paint-shop"."""
    slugs = cohorts.slugs(connection)
    said = []
    for role in sorted({one.role for one in grants}):
        where = sorted(
            slugs.get(one.cohort_id, "?") for one in grants if one.role is role and one.cohort_id is not None
        )
        said.append(f"{role.value} of {', '.join(where)}" if where else role.value)
    return "; ".join(said)


def _read(connection: Connection, *where: object) -> tuple[User, ...]:
    query = select(_m.id, _m.name, _m.user_since, _m.password_hash, _m.disabled_at, _i.named, _i.subject)
    query = query.outerjoin(t.member_identity, _i.member_id == _m.id)
    query = query.where(_m.user_since.is_not(None), _m.left_at.is_(None), *where)  # type: ignore[arg-type]
    rows = connection.execute(query.order_by(_m.name)).all()
    grants = _grants(connection, [row.id for row in rows])
    return tuple(
        User(
            id=row.id,
            name=row.name,
            grants=frozenset(grants.get(row.id, ())),
            user_since=row.user_since,
            password_hash=row.password_hash,
            disabled_at=row.disabled_at,
            identity=row.named or "",
            recognised=row.subject is not None,
        )
        for row in rows
    )


def _grants(connection: Connection, member_ids: Collection[int]) -> dict[int, list[Grant]]:
    found: dict[int, list[Grant]] = {}
    rows = connection.execute(select(_r.member_id, _r.role, _r.cohort_id).where(_r.member_id.in_(member_ids)))
    for row in rows:
        found.setdefault(row.member_id, []).append(Grant(Role(row.role), row.cohort_id))
    return found
