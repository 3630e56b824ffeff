"""Who may sign in and in which roles, and the tokens of their scripts: for operators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.access.tokens import NewToken
from reinforce.actions.access.users import (
    add_user,
    disable_user,
    enable_user,
    give_role,
    make_link,
    set_identity,
    take_role,
)
from reinforce.domain.access.rights import Grant
from reinforce.domain.errors import ReinforceError
from reinforce.store.access import sessions, users
from reinforce.store.access.users import User
from reinforce.store.people import cohorts
from reinforce.web.console import Console, whole_number
from reinforce.web.notices import Notice, Undo
from reinforce.web.own_tokens import Days, Slugs, Word, as_days, as_role, made_token, revoked_token, token_lines

Act = Callable[[User, str], Notice]
# What is told of a role where one is chosen; docs/how-to/let-people-in.md says the same.
ROLES: tuple[tuple[str, str], ...] = (
    ("viewer", "viewer: looks"),
    ("author", "author: writes procedures and wordings"),
    ("approver", "approver: says yes or no to texts"),
    ("facilitator", "facilitator: answers learners, sees them by name"),
    ("operator", "operator: keeps it running, lets people in; always for everything"),
)


def routes(console: Console) -> APIRouter:
    """`/users`, one of them, and what is changed there."""
    router = console.router()

    @router.get("/users")
    def listed(request: Request) -> Response:
        return _list(console, request)

    @router.post("/users/add", dependencies=[Depends(console.pages.tokens.check)])
    def add(request: Request, name: Word = "", role: Word = "", cohort: Slugs = None, identity: Word = "") -> Response:
        acting: dict[str, Any] = {"actor": console.gate.here(request).actor, "now": console.clock.wall()}
        try:
            who, known_as = (name.strip(), as_role(role), cohort or ()), identity.strip()
            made = add_user(console.database, *who, identity=known_as, **acting)
        except ReinforceError as fault:
            given = {"name": name, "role": role, "cohorts": cohort or (), "identity": identity}
            return _list(console, request, fault, given)
        if not made.code:
            return console.done(request, "/users", Notice(f"{made.user.name} may sign in as {made.user.identity}."))
        return console.done(request, "/users", _link(console, f"{made.user.name} may sign in.", made.code))

    @router.get("/users/{number}")
    def one(request: Request, number: str) -> Response:
        return _one(console, request, number)

    _add_roles(router, console)
    _add_doors(router, console)
    _add_tokens(router, console)
    return router


def _add_roles(router: APIRouter, console: Console) -> None:
    @router.post("/users/{number}/role", dependencies=[Depends(console.pages.tokens.check)])
    def role(request: Request, number: str, role: Word = "", cohort: Slugs = None, what: Word = "give") -> Response:
        if what not in ("give", "take"):
            raise HTTPException(404)
        change = give_role if what == "give" else take_role

        def act(user: User, actor: str) -> Notice:
            wanted = (user.name, as_role(role), cohort or ())
            changed = change(console.database, *wanted, actor=actor, now=console.clock.wall())
            with console.database.read() as connection:
                has = users.in_words(connection, changed.grants) or "nothing, so no page is shown to them"
                undo = _undo(connection, user, changed)
            return Notice(f"{user.name} is now {has}.", undo=undo)

        return _changed(console, request, number, act, {"role": role, "cohorts": cohort or ()})


def _add_doors(router: APIRouter, console: Console) -> None:
    """Keep somebody out, let them in again, and give them a link to choose a password with."""
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/users/{number}/disable", dependencies=changing)
    def disable(request: Request, number: str) -> Response:
        def act(user: User, actor: str) -> Notice:
            ended = disable_user(console.database, user.name, actor=actor, now=console.clock.wall())
            out = f"They were signed out of {ended} browser{'s' if ended != 1 else ''}; their tokens open nothing."
            return Notice(f"{user.name} is kept out.", (out,), Undo(f"/users/{user.id}/enable", label="Let in again"))

        return _changed(console, request, number, act)

    @router.post("/users/{number}/enable", dependencies=changing)
    def enable(request: Request, number: str) -> Response:
        def act(user: User, actor: str) -> Notice:
            enable_user(console.database, user.name, actor=actor, now=console.clock.wall())
            return Notice(f"{user.name} may sign in again, with the roles and the password they had.")

        return _changed(console, request, number, act)

    @router.post("/users/{number}/identity", dependencies=changing)
    def known_as(request: Request, number: str, identity: Word = "") -> Response:
        def act(user: User, actor: str) -> Notice:
            there = set_identity(
                console.database, user.name, identity.strip(), actor=actor, now=console.clock.wall()
            ).identity
            if not there:
                return Notice(f"{user.name} can't sign in with a company account any more.")
            return Notice(f"{user.name} is whoever signs in next as {there}, and stays so.")

        return _changed(console, request, number, act, {"identity": identity})

    @router.post("/users/{number}/link", dependencies=changing)
    def link(request: Request, number: str) -> Response:
        def act(user: User, actor: str) -> Notice:
            code = make_link(console.database, user.name, actor=actor, now=console.clock.wall())
            return _link(console, f"A link for {user.name}. Their old password holds until it is used.", code)

        return _changed(console, request, number, act)


def _add_tokens(router: APIRouter, console: Console) -> None:
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/users/{number}/token", dependencies=changing)
    def create(
        request: Request, number: str, label: Word = "", role: Word = "", cohort: Slugs = None, days: Days = "90"
    ) -> Response:
        def act(user: User, actor: str) -> Notice:
            return made_token(
                console, NewToken(user.name, label.strip(), as_role(role), cohort or (), as_days(days)), actor
            )

        return _changed(console, request, number, act, {"label": label, "days": days, "token_role": role})

    @router.post("/users/{number}/revoke", dependencies=changing)
    def revoke(request: Request, number: str, which: Word = "") -> Response:
        return _changed(console, request, number, lambda user, actor: revoked_token(console, user, which, actor))


def _changed(
    console: Console, request: Request, number: str, act: Act, given: Mapping[str, Any] | None = None
) -> Response:
    """Do something to a user and show them again: what was done, or what was wrong with it. A 404 if there is none."""
    viewer = console.gate.here(request)
    with console.database.read() as connection:
        user = _user(connection, number)
    try:
        notice = act(user, viewer.actor)
    except ReinforceError as fault:
        return _one(console, request, number, fault, given)
    return console.done(request, f"/users/{user.id}", notice)


def _user(connection: Connection, number: str) -> User:
    found = users.by_id(connection, whole_number(number) or 0)
    if found is None:
        raise HTTPException(404)
    return found


def _list(
    console: Console, request: Request, fault: ReinforceError | None = None, given: Mapping[str, Any] | None = None
) -> Response:
    now, held = console.clock.wall(), console.gate.lifetimes
    with console.database.read() as connection:
        rows = [
            (one, users.in_words(connection, one.grants), sessions.number_of(connection, one.id, now, held))
            for one in users.users(connection)
        ]
        every = _cohorts(connection)
    first = {"role": "viewer" if rows else "operator"}
    values = {"rows": rows, "cohorts": every, "roles": ROLES, "given": given or first, "fault": fault}
    values["company"] = console.company is not None
    return console.show(request, "users", values, status=200 if fault is None else 422)


def _one(
    console: Console,
    request: Request,
    number: str,
    fault: ReinforceError | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response:
    now = console.clock.wall()
    with console.database.read() as connection:
        user = _user(connection, number)
        slugs = cohorts.slugs(connection)
        values: dict[str, Any] = {
            "user": user,
            "grants": sorted((one.role.value, slugs.get(one.cohort_id or 0, "")) for one in user.grants),
            "browsers": sessions.number_of(connection, user.id, now, console.gate.lifetimes),
            "tokens_of": token_lines(connection, user.id, now),
            "cohorts": _cohorts(connection),
        }
    values["company"] = console.company is not None
    values |= {"roles": ROLES, "given": given or {}, "fault": fault, "itself": console.gate.here(request).user == user}
    return console.show(request, "user", values, status=200 if fault is None else 422)


def _cohorts(connection: Connection) -> list[tuple[str, str]]:
    return [(one.slug, one.title) for one in cohorts.cohorts(connection)]


def _link(console: Console, words: str, code: str) -> Notice:
    """What shows a one-time link; nobody can be shown it again."""
    how = "Hand it over: with it a password is chosen, once, within a day, by whoever has it. It is not shown again."
    return Notice(words, (how,), secret=f"{console.settings.console_url}/welcome?code={code}")


def _undo(connection: Connection, before: User, after: User) -> Undo | None:
    """What takes a change of one role in one place back."""
    differs = before.grants ^ after.grants
    if len(differs) != 1:
        return None
    one: Grant = next(iter(differs))
    fields = {"role": one.role.value, "what": "take" if one in after.grants else "give"}
    if one.cohort_id is not None:
        fields["cohort"] = cohorts.slugs(connection)[one.cohort_id]
    return Undo(f"/users/{after.id}/role", fields)
