"""How a page leaves the house: a template and its values become HTML with an ETag, whole or one block of it.

A page that shows something alive puts it into a block of its template; the script asks for `?part=<block>` every few
seconds and gets just that block, or 304 when nothing changed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from reinforce.rendering.pages import page_environment
from reinforce.web.assets import Assets
from reinforce.web.security import FormTokens
from reinforce.web.words import FILTERS


class Pages:
    """Renders the console's pages. `shared` gives what every page shows around its own part."""

    def __init__(self, folder: Path, assets: Assets, tokens: FormTokens) -> None:
        self._environment = page_environment(folder, FILTERS)
        self._environment.globals["asset"] = assets.url
        # Global, not imported by each template: a block that is rendered alone would not see an import.
        self._environment.globals["ui"] = self._environment.get_template("ui.html").module
        self.tokens = tokens

    def page(
        self,
        request: Request,
        name: str,
        values: dict[str, Any],
        *,
        part: str = "",
        status: int = 200,
        policy: str = "",
    ) -> Response:
        """The page `name`, or its block `part`. `policy` replaces the usual Content-Security-Policy."""
        template = self._environment.get_template(f"{name}.html")
        cookie = self.tokens.cookie_of(request) or self.tokens.new_cookie()
        values = {"here": request.url.path, "token": self.tokens.token(cookie), **values}
        block = template.blocks.get(part)
        html = template.render(values) if block is None else "".join(block(template.new_context(values)))
        return self._answer(request, html, cookie, status, policy)

    def _answer(self, request: Request, html: str, cookie: str, status: int, policy: str) -> Response:
        body = html.encode()
        headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:24]}"', "Vary": "Cookie"}
        if policy:
            headers["Content-Security-Policy"] = policy
        if status == 200 and headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        response = HTMLResponse(body, status, headers)
        if not self.tokens.cookie_of(request):
            self.tokens.set_cookie(response, cookie)
        return response


def back_to(address: str) -> RedirectResponse:
    """After a form: a plain GET of `address`, so that a reload repeats nothing."""
    return RedirectResponse(address, 303)


def attachment(content: bytes, name: str, media_type: str) -> Response:
    """A file to keep. Its name reaches the browser whatever letters it has."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_").replace("\\", "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


def shown_picture(media_type: str, content: bytes) -> Response:
    """A picture as an `img` asks for it: what it shows never changes under its address."""
    return Response(content, media_type=media_type, headers={"Cache-Control": "private, max-age=31536000, immutable"})
