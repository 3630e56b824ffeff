"""What somebody sees of themselves: their roles, their tokens, their password, and the way out."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from reinforce.actions.access.sign_in import change_password, sign_out
from reinforce.domain.access.passwords import SHORTEST
from reinforce.domain.errors import NotAllowed
from reinforce.store.access import sessions, tokens, users
from reinforce.store.access.users import User
from reinforce.store.answering.facilitators import facilitators
from reinforce.web.console import Console
from reinforce.web.gate import Viewer
from reinforce.web.page import back_to
from reinforce.web.pages.sign_in import Word


def routes(console: Console) -> APIRouter:
    """`/me`, and what one does there."""
    router = APIRouter()
    changing = [Depends(console.pages.tokens.check)]

    @router.get("/me")
    def me(request: Request, done: str = "") -> Response:
        return _show(console, request, None, done=done == "password")

    @router.post("/me/password", dependencies=changing)
    def password(request: Request, old: Word = "", new: Word = "", again: Word = "") -> Response:
        viewer = console.gate.here(request)
        try:
            if new != again:
                raise NotAllowed("The two new passwords differ.", "Type the same one twice.")
            key = change_password(console.database, _user(viewer), old, new, key=viewer.key, now=console.clock.wall())
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

    return router


def _user(viewer: Viewer) -> User:
    if viewer.user is None:
        raise NotAllowed("nobody signs in here yet.", "Add the first user: reinforce user add NAME --role operator")
    return viewer.user


def _show(console: Console, request: Request, fault: NotAllowed | None, *, done: bool = False) -> Response:
    viewer, now = console.gate.here(request), console.clock.wall()
    values: dict[str, Any] = {"fault": fault, "done": done, "shortest": SHORTEST, "wall": now}
    with console.database.read() as connection:
        values["roles"] = users.in_words(connection, viewer.grants)
        if viewer.user is not None:
            values["browsers"] = sessions.number_of(connection, viewer.user.id, now, console.gate.lifetimes)
            values["tokens"] = tokens.tokens(connection, viewer.user.id)
            names = {one.name: one for one in facilitators(connection)}
            values["answers_as"] = names.get(viewer.user.name)
    return console.show(request, "account", values, status=200 if fault is None else 422)
