"""The API for scripts, version 1: the verbs of the command line over HTTP, by the same actions.

Every call bears a token (`Authorization: Bearer …`); what a token may is its roles', and never more than its owner may
now. Times are ISO 8601 with their offset, in UTC; days are local dates of the cohort; money is millionths of a dollar.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from reinforce import __version__
from reinforce.web.api import (
    announcements,
    approvals,
    cohorts,
    courses,
    events,
    figures,
    me,
    operating,
    people,
    polls,
    posts,
    procedures,
    programmes,
    questions,
    quizzes,
    recalls,
    users,
)
from reinforce.web.api.calls import IN_DOCUMENT, KEY
from reinforce.web.console import Console
from reinforce.web.route_rights import V1

_PARTS = (
    me,
    procedures,
    recalls,
    cohorts,
    people,
    posts,
    approvals,
    questions,
    quizzes,
    events,
    announcements,
    polls,
    courses,
    programmes,
    figures,
    operating,
    users,
)


def routes(console: Console) -> APIRouter:
    """Everything under `/api/v1`, and what describes it."""
    # Each part bears the whole of its address: the gate knows a route by it.
    router = console.router()
    for part in _PARTS:
        router.routes.extend(part.routes(console).routes)
    described: dict[str, Any] = {}

    @router.get(f"{V1}/openapi.json", include_in_schema=False)
    def openapi(request: Request) -> Response:
        console.gate.here(request)
        if not described:
            described.update(document(router))
        return JSONResponse(described)

    return router


def document(router: APIRouter) -> dict[str, Any]:
    """The OpenAPI document of a router."""
    made = get_openapi(title="reinforce", version=__version__, description=__doc__, routes=router.routes)
    for call in (one["post"] for one in made["paths"].values() if "post" in one):
        given = call.setdefault("parameters", [])
        if not any(one["name"] == KEY for one in given):
            given.append(IN_DOCUMENT)
    return made
