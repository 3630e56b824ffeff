"""What keeps other pages and other names out: host check, response headers, and the token on every form.

What is to fear is another page open in the same browser: one that makes its own name point at us (so the Host header is
checked), one that posts a form to us (so every form carries a token, and the browser's own word on where a request came
from is heeded), one that frames us (so no page may). Who somebody is, and what they may, is `gate.py`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Form, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reinforce.domain.loopback import LOOPBACK_NAMES, host_name, is_loopback
from reinforce.web.route_rights import takes_files
from reinforce.web.uploads import LARGEST

COOKIE = "reinforce_console"
BODY_LIMIT = 256 * 1024

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": that makes browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "private, no-cache",
}
_A_YEAR = "max-age=31536000"


class CrossSite(Exception):
    """A form that did not come from one of our pages, or from one opened before the console was restarted."""


@dataclass(frozen=True, slots=True)
class Reach:
    """From where the console is reached. `names`: those it answers to; `secure`: browsers reach it by HTTPS; `proxy`:
    the address of the proxy before it, "" for none; `beyond`: others than this machine can reach it."""

    names: frozenset[str] = LOOPBACK_NAMES
    secure: bool = False
    proxy: str = ""
    beyond: bool = False

    @property
    def cookie(self) -> str:
        """The cookie's name. By HTTPS one that no other name of the company's, and no plain HTTP, can set for us."""
        return f"__Host-{COOKIE}" if self.secure else COOKIE


THIS_MACHINE = Reach()


def content_policy(*, frames: str = "") -> str:
    """The Content-Security-Policy of a page; `frames` is the one origin it may frame."""
    rules = dict(_POLICY, **({"frame-src": frames} if frames else {}))
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class Guard:
    """The outermost layer: foreign hosts and huge bodies are refused, every response gets its headers."""

    def __init__(self, app: ASGIApp, reach: Reach = THIS_MACHINE) -> None:
        self._app = app
        self._reach = reach

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it is not for us."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    out.setdefault(name, value)
                out.setdefault("Content-Security-Policy", content_policy())
                if self._reach.secure:
                    out.setdefault("Strict-Transport-Security", _A_YEAR)
            await send(message)

        headers = Headers(scope=scope)
        refusal = _refusal(headers, scope, self._reach)
        if refusal is not None:
            await refusal(scope, receive, send_with_headers)
            return
        if self._reach.proxy:
            scope = {**scope, "client": (asked_by(scope, headers, self._reach.proxy), 0)}
        await self._app(scope, receive, send_with_headers)


def _refusal(headers: Headers, scope: Scope, reach: Reach) -> PlainTextResponse | None:
    if host_name(headers.get("host", "")) not in reach.names:
        names = "127.0.0.1 and localhost only" if not reach.beyond else "its own name only"
        return PlainTextResponse(f"This console answers to {names}.", 421)
    if reach.proxy and not (is_loopback(_peer(scope)) or _peer(scope) == reach.proxy):
        return PlainTextResponse("This console is reached through its proxy.", 403)
    files = takes_files(scope["path"]) and headers.get("content-type", "").startswith("multipart/form-data")
    limit = LARGEST + BODY_LIMIT if files else BODY_LIMIT
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > limit or "transfer-encoding" in headers:
        return PlainTextResponse(f"What is sent here may have at most {limit // 1024} KB. Nothing was done.", 413)
    return None


def _peer(scope: Scope) -> str:
    return str(scope["client"][0]) if scope.get("client") else ""


def asked_by(scope: Scope, headers: Headers, proxy: str) -> str:
    """Who asked the proxy. Only the last address is the proxy's word: what stands before it the client can write."""
    peer = _peer(scope)
    said = ",".join(headers.getlist("x-forwarded-for")).rpartition(",")[2].strip()
    try:
        return str(ip_address(said)) if peer == proxy else peer
    except ValueError:
        return peer


class FormTokens:
    """Makes and checks the token in a form: it belongs to the browser's cookie, and only this process can make one.

    The cookie bears a session's key, or before anybody signs in a word by chance; signing in changes it, so a form from
    before is worth nothing after."""

    def __init__(self, reach: Reach = THIS_MACHINE) -> None:
        self._key = secrets.token_bytes(32)
        self._reach = reach

    def cookie_of(self, request: Request) -> str:
        """What the browser's cookie bears; "" if it has none."""
        return request.cookies.get(self._reach.cookie, "")

    def new_cookie(self) -> str:
        """A word for a browser that has none."""
        return secrets.token_urlsafe(24)

    def set_cookie(self, response: Response, value: str) -> None:
        """Give a browser its cookie. Lax: who follows a link from a mail is to be known."""
        response.set_cookie(
            self._reach.cookie, value, httponly=True, samesite="lax", secure=self._reach.secure, path="/"
        )

    def token(self, cookie: str) -> str:
        """The token that forms shown to this cookie carry."""
        return hmac.new(self._key, cookie.encode(), hashlib.sha256).hexdigest()

    def check(self, request: Request, token: Annotated[str, Form()] = "") -> None:
        """Dependency of every route that changes something. Raises CrossSite."""
        cookie = self.cookie_of(request)
        if not cookie or not hmac.compare_digest(self.token(cookie).encode(), token.encode()):
            raise CrossSite
        origin = request.headers.get("origin")
        if origin is not None and not self._is_ours(origin, request):
            raise CrossSite
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise CrossSite

    def _is_ours(self, origin: str, request: Request) -> bool:
        said = urlsplit(origin)
        return said.netloc == request.headers.get("host") and said.scheme == ("https" if self._reach.secure else "http")
