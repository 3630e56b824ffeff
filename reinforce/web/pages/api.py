"""The API for scripts, version 1, with a token in the header: so far, who one is to it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from reinforce.store.people import cohorts
from reinforce.web.console import Console
from reinforce.web.route_rights import API


def routes(console: Console) -> APIRouter:
    """`/api/v1/me`."""
    router = APIRouter(prefix=f"{API}v1")

    @router.get("/me")
    def me(request: Request) -> Response:
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            slugs = cohorts.slugs(connection)
        token = viewer.token
        return JSONResponse(
            {
                "actor": viewer.actor,
                "name": viewer.user.name if viewer.user else "",
                "roles": [
                    {"role": one.role.value, "cohort": None if one.cohort_id is None else slugs.get(one.cohort_id)}
                    for one in sorted(viewer.grants, key=lambda one: (one.role.value, one.cohort_id or 0))
                ],
                "token": None
                if token is None
                else {"id": token.id, "label": token.label, "expires_at": token.expires_at.isoformat()},
            }
        )

    return router
