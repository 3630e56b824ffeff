"""Style sheets and scripts, served under a name that changes with their content, so that they may be kept for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


class Assets:
    """The files of a folder, read once: nothing that a request says ever becomes a path."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, tuple[str, bytes]] = {}
        for path in sorted(folder.iterdir()):
            if path.suffix in _TYPES:
                content = path.read_bytes()
                self._files[path.name] = (hashlib.sha256(content).hexdigest()[:16], content)

    def url(self, name: str) -> str:
        """Where a page finds the file `name`. Raises KeyError for one that does not ship."""
        return f"/static/{self._files[name][0]}/{name}"

    def routes(self, router: APIRouter) -> APIRouter:
        """`/static/<digest>/<name>`; an old digest gets the file as it is now, but may not keep it."""

        @router.get("/static/{digest}/{name}")
        def static(request: Request, digest: str, name: str) -> Response:
            if name not in self._files:
                raise HTTPException(404)
            current, content = self._files[name]
            headers = {
                "ETag": f'"{current}"',
                "Cache-Control": "public, max-age=31536000, immutable" if digest == current else "no-cache",
            }
            if request.headers.get("if-none-match") == headers["ETag"]:
                return Response(status_code=304, headers=headers)
            return Response(content, media_type=_TYPES[Path(name).suffix], headers=headers)

        return router
