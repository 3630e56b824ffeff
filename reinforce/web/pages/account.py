"""What somebody sees of themselves: their roles, their tokens, their password, and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from reinforce.actions.access.sign_in import Change, change_password, sign_out
from reinforce.actions.access.tokens import NewToken
from reinforce.domain.access.passwords import SHORTEST
from reinforce.domain.access.sessions import Patience
from reinforce.domain.errors import NotAllowed, ReinforceError, SignInRefused
from reinforce.store.access import sessions, users
from reinforce.store.access.users import User
from reinforce.store.answering.facilitators import facilitators
from reinforce.store.people import cohorts
from reinforce.web.console import Console
from reinforce.web.gate import Viewer
from reinforce.web.own_tokens import Days, Slugs, as_days, as_role, made_token, revoked_token, token_lines
from reinforce.web.page import back_to
from reinforce.web.pages.sign_in import Word


def routes(console: Console) -> APIRouter:
    """`/me`, and what one does there."""
    router = console.router()
    changing = [Depends(console.pages.tokens.check)]
    patience = Patience()

    @router.get("/me")
    def me(request: Request, done: str = "") -> Response:
        return _show(console, request, None, done=done == "password")

    @router.post("/me/password", dependencies=changing)
    def password(request: Request, old: Word = "", new: Word = "", again: Word = "") -> Response:
        viewer = console.gate.here(request)
        try:
            if new != again:
                raise NotAllowed("The two new passwords differ.", "Type the same one twice.")
            change = Change(old, new, request.client.host if request.client else "")
            now = console.clock.wall()
            key = change_password(console.database, _user(viewer), change, patience, key=viewer.key, now=now)
        except NotAllowed as fault:
            return _show(console, request, fault)
        answer = back_to("/me?done=password")
        console.pages.tokens.set_cookie(answer, key)
        return answer

    def leave(request: Request, *, everywhere: bool) -> Response:
        viewer = console.gate.here(request)
        sign_out(console.database, _user(viewer), viewer.key, everywhere=everywhere, now=console.clock.wall())
        answer = back_to("/sign-in")
        console.pages.tokens.set_cookie(answer, console.pages.tokens.new_cookie())
        return answer

    @router.post("/sign-out", dependencies=changing)
    def out(request: Request) -> Response:
        return leave(request, everywhere=False)

    @router.post("/sign-out-everywhere", dependencies=changing)
    def out_everywhere(request: Request) -> Response:
        return leave(request, everywhere=True)

    _add_tokens(router, console)
    return router


def _add_tokens(router: APIRouter, console: Console) -> None:
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/me/token", dependencies=changing)
    def create(
        request: Request, label: Word = "", role: Word = "", cohort: Slugs = None, days: Days = "90"
    ) -> Response:
        viewer = console.gate.here(request)
        try:
            new = NewToken(_user(viewer).name, label.strip(), as_role(role), cohort or (), as_days(days))
            return console.done(request, "/me", made_token(console, new, viewer.actor))
        except ReinforceError as fault:
            given = {"label": label, "token_role": role, "days": days}
            return _show(console, request, None, token_fault=fault, given=given)

    @router.post("/me/revoke", dependencies=changing)
    def revoke(request: Request, which: Word = "") -> Response:
        viewer = console.gate.here(request)
        return console.done(request, "/me", revoked_token(console, _user(viewer), which, viewer.actor))


def _user(viewer: Viewer) -> User:
    if viewer.user is None:
        raise NotAllowed("nobody signs in here yet.", "Add the first user: reinforce user add NAME --role operator")
    return viewer.user


def _show(
    console: Console,
    request: Request,
    fault: NotAllowed | None,
    *,
    done: bool = False,
    token_fault: ReinforceError | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response:
    viewer, now = console.gate.here(request), console.clock.wall()
    values: dict[str, Any] = {"fault": fault, "done": done, "shortest": SHORTEST, "given": given or {}}
    values["token_fault"] = token_fault
    with console.database.read() as connection:
        values["roles"] = users.in_words(connection, viewer.grants)
        if viewer.user is not None:
            values["browsers"] = sessions.number_of(connection, viewer.user.id, now, console.gate.lifetimes)
            values["token_list"] = token_lines(connection, viewer.user.id, now)
            values["own_roles"] = sorted({(one.role.value, one.role.value) for one in viewer.grants})
            values["own_cohorts"] = _own_cohorts(connection, viewer)
            names = {one.name: one for one in facilitators(connection)}
            values["answers_as"] = names.get(viewer.user.name)
    faulty = fault is not None or token_fault is not None
    wait = fault.wait if isinstance(fault, SignInRefused) else 0
    answer = console.show(request, "account", values, status=429 if wait else 422 if faulty else 200)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _own_cohorts(connection: Connection, viewer: Viewer) -> list[tuple[str, str]]:
    """Slugs and titles of the cohorts that a token of theirs may be narrowed to."""
    own = {one.cohort_id for one in viewer.grants}
    return [(one.slug, one.title) for one in cohorts.cohorts(connection) if None in own or one.id in own]
