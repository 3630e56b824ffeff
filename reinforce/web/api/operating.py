"""For operators: accounts, halt and resume, who may sign in, the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from reinforce.actions.access.tokens import revoke_token
from reinforce.actions.access.users import add_user, disable_user, enable_user
from reinforce.actions.sending.halt import HaltOutcome, halt, resume
from reinforce.domain.access.rights import Role
from reinforce.store.access import tokens, users
from reinforce.store.access.users import User
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.reporting.console.status import AccountLine, house_status
from reinforce.web.api.calls import calls_of
from reinforce.web.api.me import RoleHeld
from reinforce.web.api.values import RowInPath
from reinforce.web.console import Console


class UserLine(BaseModel):
    """Somebody who may sign in. `password`: whether they have one."""

    name: str
    actor: str
    roles: list[RoleHeld]
    since: datetime
    disabled: bool
    password: bool


class NewUser(BaseModel):
    """A name, a role, and for which cohorts (none: all). They get a link with which they choose a password, unless the
    company's sign-in knows them, as `identity`."""

    name: str = Field(min_length=1, max_length=100)
    role: Role
    cohorts: list[str] = Field(default_factory=list, max_length=200)
    identity: str = Field(default="", max_length=254)


class LetIn(BaseModel):
    """The user, and the one-time link with which they choose a password: it is shown here and nowhere else. It is empty
    for who comes through the company's sign-in."""

    user: UserLine
    link: str


class TokenLine(BaseModel):
    """A token without its secret."""

    id: int
    member: str
    label: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class Which(BaseModel):
    """An account by name; null: all of them."""

    account: str | None = Field(None, max_length=200)


class AuditLine(BaseModel):
    """A row of the audit log. `detail` holds ids, counts and words of the product only."""

    id: int
    at: datetime
    actor: str
    verb: str
    subject: str
    detail: dict[str, Any]


class Verified(BaseModel):
    """Whether the log is as it was written. `head` is worth noting down elsewhere."""

    whole: bool
    head: str
    broken_at: int | None
    fault: str


def routes(console: Console) -> APIRouter:
    """`/accounts`, `/halt`, `/resume`, `/users`, `/tokens` and `/audit`."""
    router = calls_of(console, "operating")

    @router.get("/accounts")
    def accounts(request: Request) -> list[AccountLine]:
        """The accounts that posts go out on."""
        console.gate.here(request)
        with console.database.read() as connection:
            return list(house_status(connection).accounts)

    @router.post("/halt")
    def stop(request: Request, which: Which) -> HaltOutcome:
        """Send nothing any more, from this moment."""
        actor, now = console.gate.here(request).actor, console.clock.now()
        return halt(console.database, which.account, actor=actor, now=now)

    @router.post("/resume")
    def go_on(request: Request, which: Which) -> HaltOutcome:
        """Take a halt back."""
        actor, now = console.gate.here(request).actor, console.clock.now()
        return resume(console.database, which.account, actor=actor, now=now)

    @router.get("/audit")
    def log(request: Request, limit: Annotated[int, Query(ge=1, le=1000)] = 100, subject: str = "") -> list[AuditLine]:
        """Who did what to which id, the newest first."""
        console.gate.here(request)
        with console.database.read() as connection:
            rows = audit.latest(connection, limit=limit, subject=subject or None)
        return [
            AuditLine(id=r.id, at=r.at, actor=r.actor, verb=r.verb, subject=r.subject, detail=r.detail) for r in rows
        ]

    @router.get("/audit/verification")
    def verify(request: Request) -> Verified:
        """Read the whole log and say whether anybody changed it."""
        console.gate.here(request)
        with console.database.read() as connection:
            found = audit.verify(connection)
        return Verified(whole=found.whole, head=str(found.head), broken_at=found.broken_at, fault=found.fault)

    _add_users(router, console)
    return router


def _add_users(router: APIRouter, console: Console) -> None:
    @router.get("/users")
    def listed(request: Request) -> list[UserLine]:
        """Who may sign in, in which roles."""
        console.gate.here(request)
        with console.database.read() as connection:
            slugs = cohorts.slugs(connection)
            return [_line(one, slugs) for one in users.users(connection)]

    @router.post("/users", status_code=201)
    def let_in(request: Request, new: NewUser) -> LetIn:
        """Let somebody sign in."""
        actor, now = console.gate.here(request).actor, console.clock.wall()
        who = (new.name, new.role, new.cohorts)
        made = add_user(console.database, *who, identity=new.identity, actor=actor, now=now)
        with console.database.read() as connection:
            slugs = cohorts.slugs(connection)
        link = f"{console.settings.console_url}/welcome?code={made.code}" if made.code else ""
        return LetIn(user=_line(made.user, slugs), link=link)

    @router.post("/users/{name}/disable")
    def keep_out(request: Request, name: str) -> UserLine:
        """Keep somebody out from this moment."""
        actor, now = console.gate.here(request).actor, console.clock.wall()
        disable_user(console.database, name, actor=actor, now=now)
        return _named(console, name)

    @router.post("/users/{name}/enable")
    def let_in_again(request: Request, name: str) -> UserLine:
        """Let somebody in again."""
        actor, now = console.gate.here(request).actor, console.clock.wall()
        enable_user(console.database, name, actor=actor, now=now)
        return _named(console, name)

    @router.get("/tokens")
    def given(request: Request) -> list[TokenLine]:
        """Every token that was made, without its secret."""
        console.gate.here(request)
        with console.database.read() as connection:
            found = tokens.tokens(connection)
        names = TokenLine.model_fields
        return [TokenLine(**{name: getattr(one, name) for name in names}) for one in found]

    @router.post("/tokens/{token}/revoke", status_code=204)
    def revoke(request: Request, token: RowInPath) -> None:
        """Take a token back, from this moment."""
        revoke_token(console.database, token, actor=console.gate.here(request).actor, now=console.clock.wall())


def _line(one: User, slugs: dict[int, str]) -> UserLine:
    roles = [
        RoleHeld(role=grant.role.value, cohort=None if grant.cohort_id is None else slugs.get(grant.cohort_id))
        for grant in sorted(one.grants, key=lambda grant: (grant.role.value, grant.cohort_id or 0))
    ]
    return UserLine(
        name=one.name,
        actor=one.actor,
        roles=roles,
        since=one.user_since,
        disabled=one.disabled_at is not None,
        password=bool(one.password_hash),
    )


def _named(console: Console, name: str) -> UserLine:
    with console.database.read() as connection:
        slugs = cohorts.slugs(connection)
        return next(_line(one, slugs) for one in users.users(connection) if one.name == name)
