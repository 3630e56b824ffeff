"""Sign in with name and password, or choose a password with a one-time link."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from reinforce.actions.access.sign_in import Attempt, link_over, sign_in, welcome
from reinforce.domain.access.passwords import SHORTEST
from reinforce.domain.access.sessions import Patience
from reinforce.domain.errors import NotAllowed, ProviderFault, ReinforceError, SignInRefused
from reinforce.store.access import sessions
from reinforce.web.console import Console
from reinforce.web.page import back_to

Word = Annotated[str, Form(max_length=1000)]


def routes(console: Console) -> APIRouter:
    """`/sign-in` and `/welcome`."""
    router = console.router()
    patience = Patience()

    @router.get("/sign-in")
    def form(request: Request, next: str = "/") -> Response:  # noqa: A002 - the word that addresses use for it
        if console.gate.viewer(request) is not None:
            return back_to(local_address(next))
        return show_sign_in(console, request, local_address(next))

    @router.post("/sign-in", dependencies=[Depends(console.pages.tokens.check)])
    def attempt(request: Request, name: Word = "", password: Word = "", next: Word = "/") -> Response:  # noqa: A002
        given = Attempt(name, password, request.client.host if request.client else "")
        try:
            key = sign_in(console.database, given, console.gate.lifetimes, patience, now=console.clock.wall())
        except SignInRefused as fault:
            return show_sign_in(console, request, local_address(next), name=name, fault=fault)
        return signed_in(console, key, local_address(next))

    _add_welcome(router, console)
    return router


def _add_welcome(router: APIRouter, console: Console) -> None:
    @router.get("/welcome")
    def invited(request: Request, code: str = "") -> Response:
        # Looking uses nothing up: mail programs and messengers open links before people do.
        return _welcome(console, request, code, None)

    @router.post("/welcome", dependencies=[Depends(console.pages.tokens.check)])
    def choose(request: Request, code: Word = "", password: Word = "", again: Word = "") -> Response:
        try:
            if password != again:
                raise NotAllowed("The two passwords differ.", "Type the same one twice.")
            key = welcome(console.database, code, password, now=console.clock.wall())
        except NotAllowed as fault:
            return _welcome(console, request, code, fault)
        return signed_in(console, key, "/")


def show_sign_in(
    console: Console, request: Request, going_to: str, *, name: str | None = None, fault: ReinforceError | None = None
) -> Response:
    """The page with every way in, and what was wrong with the one that was tried; `name` where that was the form."""
    label = console.settings.oidc_label if console.company is not None else ""
    values = {"next": going_to, "name": name, "fault": fault, "company": label}
    wait = fault.wait if isinstance(fault, SignInRefused) else 0
    status = 200 if fault is None else 429 if wait else 502 if isinstance(fault, ProviderFault) else 401
    answer = console.show(request, "sign_in", values, status=status)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def signed_in(console: Console, key: str, address: str) -> Response:
    """On to a page with a new cookie: what an old one opened, or was made for, is worth nothing to it."""
    answer = back_to(address)
    console.pages.tokens.set_cookie(answer, key)
    return answer


def _welcome(console: Console, request: Request, code: str, fault: NotAllowed | None) -> Response:
    with console.database.read() as connection:
        user = sessions.whose_link(connection, code, console.clock.wall())
    if user is None:
        raise link_over()
    values = {"code": code, "user": user, "fault": fault, "shortest": SHORTEST, "viewer": None}
    return console.show(request, "welcome", values, status=200 if fault is None else 422)


def local_address(address: str) -> str:
    """Where to go on after signing in: an address of ours, "/" for anything else.

    Browsers read "//elsewhere", "/\\\\elsewhere" and addresses with a tab in them as addresses of somebody else."""
    parts = urlsplit(address)
    ours = address.startswith("/") and not parts.scheme and not parts.netloc
    if not ours or address.startswith("//") or "\\" in address or not address.isprintable():
        return "/"
    return address
