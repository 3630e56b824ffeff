"""What keeps other pages and other names out: host check, response headers, and the token on every form.

The console has no sign-in yet and is served on loopback only. What remains to fear there is another page open in the
same browser: one that makes its own name point at 127.0.0.1 (so the Host header is checked), one that posts a form to
us (so every form carries a token, and the browser's own word on where a request came from is heeded), one that frames
us (so no page may).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Form, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reinforce.domain.loopback import asks_for_loopback

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


class CrossSite(Exception):
    """A form that did not come from one of our pages, or from one opened before the console was restarted."""


def content_policy(*, frames: str = "") -> str:
    """The Content-Security-Policy of a page; `frames` is the one origin it may frame."""
    rules = dict(_POLICY, **({"frame-src": frames} if frames else {}))
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class Guard:
    """The outermost layer: foreign hosts and huge bodies are refused, every response gets its headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it is not for us."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = _refusal(headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    out.setdefault(name, value)
                out.setdefault("Content-Security-Policy", content_policy())
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _refusal(headers: Headers) -> PlainTextResponse | None:
    if not asks_for_loopback(headers.get("host", "")):
        return PlainTextResponse("This console answers to 127.0.0.1 and localhost only.", 421)
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > BODY_LIMIT or "transfer-encoding" in headers:
        return PlainTextResponse(f"A form here holds at most {BODY_LIMIT // 1024} KB.", 413)
    return None


class FormTokens:
    """Makes and checks the token in a form: it belongs to the browser's cookie, and only this process can make one."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def cookie(self, request: Request) -> str:
        """The browser's cookie, or a new one (`page` sets it)."""
        return request.cookies.get(COOKIE) or secrets.token_urlsafe(24)

    def token(self, cookie: str) -> str:
        """The token that forms shown to this cookie carry."""
        return hmac.new(self._key, cookie.encode(), hashlib.sha256).hexdigest()

    def check(self, request: Request, token: Annotated[str, Form()] = "") -> None:
        """Dependency of every route that changes something. Raises CrossSite."""
        cookie = request.cookies.get(COOKIE, "")
        if not cookie or not hmac.compare_digest(self.token(cookie).encode(), token.encode()):
            raise CrossSite
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            raise CrossSite
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise CrossSite
