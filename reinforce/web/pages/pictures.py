"""Pictures that posts show, for whichever page shows them. Who asks for one has its hash from such a page."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.store.sending import pictures
from reinforce.web.console import Console
from reinforce.web.page import shown_picture


def routes(console: Console) -> APIRouter:
    """`/pictures/<hash>`."""
    router = console.router()

    @router.get("/pictures/{picture}")
    def one(picture: str) -> Response:
        with console.database.read() as connection:
            found = pictures.contents(connection, [picture]).get(picture)
        if found is None:
            raise HTTPException(404)
        return shown_picture(*found)

    return router
