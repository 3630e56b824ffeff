"""Who may sign in, in which roles, and tokens: everybody's for operators, and one's own."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from reinforce.actions.access.tokens import NewToken, create_token, revoke_token
from reinforce.actions.access.users import add_user, disable_user, enable_user, give_role, take_role
from reinforce.domain.access.rights import Grant, Right, Role, narrowed
from reinforce.domain.errors import NotAllowed
from reinforce.store.access import tokens, users
from reinforce.store.access.tokens import ApiToken
from reinforce.store.access.users import User
from reinforce.store.people import cohorts
from reinforce.web.api.calls import NEEDS_KEY, calls_of
from reinforce.web.api.me import RoleHeld
from reinforce.web.api.values import RowInPath
from reinforce.web.cohort_lookup import cohort_for
from reinforce.web.console import Console
from reinforce.web.gate import NoRight


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


class GivenRole(BaseModel):
    """A role, for these cohorts; none: for all, later ones as well."""

    role: Role
    cohorts: list[str] = Field(default_factory=list, max_length=200)


class TokenLine(BaseModel):
    """A token without its secret."""

    id: int
    member: str
    label: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class OwnToken(BaseModel):
    """A token to make: what it is for, its role, for which of your cohorts (none: all), and for how many days."""

    label: str = Field(min_length=1, max_length=100)
    role: Role
    cohorts: list[str] = Field(default_factory=list, max_length=200)
    days: int = Field(90, ge=1, le=366)


class MadeToken(BaseModel):
    """A token, this once."""

    id: int
    token: str


def routes(console: Console) -> APIRouter:
    """`/users`, `/tokens` and `/me/tokens`."""
    router = calls_of(console, "users")

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

    _add_roles(router, console)
    _add_tokens(router, console)
    return router


def _add_roles(router: APIRouter, console: Console) -> None:
    @router.post("/users/{name}/roles")
    def give(request: Request, name: str, given: GivenRole) -> UserLine:
        """Give somebody a role beside those they have."""
        actor, now = console.gate.here(request).actor, console.clock.wall()
        give_role(console.database, name, given.role, given.cohorts, actor=actor, now=now)
        return _named(console, name)

    @router.post("/users/{name}/roles/take")
    def take(request: Request, name: str, taken: GivenRole) -> UserLine:
        """Take a role from somebody, in these cohorts or altogether. The last operator stays one."""
        actor, now = console.gate.here(request).actor, console.clock.wall()
        take_role(console.database, name, taken.role, taken.cohorts, actor=actor, now=now)
        return _named(console, name)


def _add_tokens(router: APIRouter, console: Console) -> None:
    @router.get("/tokens")
    def given(request: Request) -> list[TokenLine]:
        """Every token that was made, without its secret."""
        console.gate.here(request)
        with console.database.read() as connection:
            return [_token_line(one) for one in tokens.tokens(connection)]

    @router.post("/tokens/{token}/revoke", status_code=204)
    def revoke(request: Request, token: RowInPath) -> None:
        """Take a token back, from this moment."""
        revoke_token(console.database, token, actor=console.gate.here(request).actor, now=console.clock.wall())

    @router.get("/me/tokens")
    def own(request: Request) -> list[TokenLine]:
        """Your own tokens, without their secrets."""
        user = console.gate.here(request).user
        with console.database.read() as connection:
            return [_token_line(one) for one in tokens.tokens(connection, user.id)] if user else []

    @router.post("/me/tokens", status_code=201, dependencies=NEEDS_KEY)
    def make(request: Request, new: OwnToken) -> MadeToken:
        """Make a token for yourself, within the roles of the call's own and for no longer than that one holds. Its
        secret is shown here and nowhere else. Needs an `Idempotency-Key`."""
        viewer, now = console.gate.here(request), console.clock.wall()
        if viewer.user is None or viewer.token is None:
            raise NoRight
        ids = [cohort_for(console, viewer, slug, Right.LOOK).id for slug in new.cohorts]
        wanted = {Grant(new.role, one) for one in ids} or {Grant(new.role)}
        if narrowed(viewer.grants, wanted) != wanted:
            raise NoRight
        if now + timedelta(days=new.days) > viewer.token.expires_at:
            until = f"{viewer.token.expires_at:%Y-%m-%d}"
            raise NotAllowed("a token can't make one that outlives it", f"This one holds until {until}.")
        asked = NewToken(viewer.user.name, new.label, new.role, new.cohorts, new.days)
        number, secret = create_token(console.database, asked, actor=viewer.actor, now=now)
        return MadeToken(id=number, token=secret)

    @router.post("/me/tokens/{token}/revoke", status_code=204)
    def give_up(request: Request, token: RowInPath) -> None:
        """Take one of your own tokens back."""
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            own = tokens.tokens(connection, viewer.user.id) if viewer.user else ()
        if token not in {one.id for one in own}:
            raise HTTPException(404, "You have no such token.")
        revoke_token(console.database, token, actor=viewer.actor, now=console.clock.wall())


def _token_line(one: ApiToken) -> TokenLine:
    return TokenLine(**{name: getattr(one, name) for name in TokenLine.model_fields})


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
