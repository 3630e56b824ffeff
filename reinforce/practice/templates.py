"""Renders the practice account's pages, and says what a browser may do with them."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi.responses import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reinforce.shipped import shipped

# Nothing inline and nothing from elsewhere. The console on another loopback port may show a page in a frame.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action {forms}; "
    "base-uri 'none'; frame-ancestors 'self' http://127.0.0.1:* http://localhost:*"
)
_HEADERS = {"referrer-policy": "same-origin", "x-content-type-options": "nosniff", "cache-control": "no-cache"}
_ASSETS = {
    "practice.css": "text/css; charset=utf-8",
    "practice.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


class Templates:
    """Pages out of templates/practice. Everything put into one is escaped."""

    def __init__(self) -> None:
        self._folder = shipped("templates") / "practice"
        self._environment = Environment(
            loader=FileSystemLoader(self._folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self, name: str, *, status: int = 200, seen: str | None = None, **values: Any) -> Response:
        """The page `name`. With `seen`, the ETag a browser already has, a 304 if nothing changed."""
        content = self._environment.get_template(name).render(**values).encode()
        tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
        # The answer to an authorization leads back to the client, on another port.
        forms = "'self' http://127.0.0.1:* http://localhost:*" if name == "authorize.html" else "'self'"
        headers = _HEADERS | {"etag": tag, "content-security-policy": POLICY.format(forms=forms)}
        if seen is not None and seen.removeprefix("W/") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, status, headers, "text/html; charset=utf-8")

    def asset(self, name: str) -> Response | None:
        """A style sheet or script; None if there is no such."""
        if name not in _ASSETS:
            return None
        content = (self._folder / name).read_bytes()
        headers = {"cache-control": "max-age=300", "x-content-type-options": "nosniff"}
        return Response(content, 200, headers, _ASSETS[name])
