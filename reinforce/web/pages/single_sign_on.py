"""Sign in by the company's own sign-in: sent there, and back again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from reinforce.actions.access.single_sign_on import Browser, come_back, enter, set_out
from reinforce.domain.access.identities import Answer
from reinforce.domain.access.sessions import Patience
from reinforce.domain.errors import ReinforceError
from reinforce.web.console import Console
from reinforce.web.page import back_to
from reinforce.web.pages.sign_in import local_address, show_sign_in, signed_in

if TYPE_CHECKING:
    from reinforce.identity.provider import Provider

CALLBACK = "/sign-in/oidc/callback"


def routes(console: Console) -> APIRouter:
    """`/sign-in/oidc` and its callback; not there where no such sign-in is set."""
    router = console.router()
    patience = Patience()

    # A link and no form: browsers apply the policy for forms to where a form's answer sends them on.
    @router.get("/sign-in/oidc")
    def leave(request: Request, next: str = "/") -> Response:  # noqa: A002 - the word that addresses use for it
        provider, going_to = _provider(console), local_address(next)
        if console.gate.viewer(request) is not None:
            return back_to(going_to)
        browser = _browser(console, request)
        try:
            held, now = console.gate.lifetimes, console.clock.wall()
            trip = set_out(console.database, browser, going_to, held, patience, now=now)
            answer = RedirectResponse(provider.page(trip, _callback(console, request)), 303)
        except ReinforceError as fault:
            return show_sign_in(console, request, going_to, fault=fault)
        console.pages.tokens.set_cookie(answer, browser.cookie)
        return answer

    @router.get(CALLBACK)
    def arrive(request: Request, state: str = "", code: str = "", error: str = "", iss: str = "") -> Response:
        provider, going_to, browser = _provider(console), "/", _browser(console, request)
        try:
            trip, going_to = come_back(console.database, browser, state, now=console.clock.wall())
            identity = provider.identity(Answer(code, error, iss), trip, _callback(console, request))
            key = enter(console.database, browser, identity, patience, now=console.clock.wall())
        except ReinforceError as fault:
            return show_sign_in(console, request, going_to, fault=fault)
        return signed_in(console, key, local_address(going_to))

    return router


def _provider(console: Console) -> Provider:
    if console.company is None:
        raise HTTPException(404)
    return console.company


def _browser(console: Console, request: Request) -> Browser:
    tokens = console.pages.tokens
    return Browser(tokens.cookie_of(request) or tokens.new_cookie(), request.client.host if request.client else "")


def _callback(console: Console, request: Request) -> str:
    """Our address as the browser knows it, to which the company's sign-in sends it back. Its name is one of ours: the
    outermost layer answers no other."""
    secure = console.gate.reach.secure
    return f"{'https' if secure else 'http'}://{request.url.netloc}{CALLBACK}"
