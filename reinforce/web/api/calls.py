"""Where a part of the API puts its calls."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.security import HTTPBearer

from reinforce.web.api.problems import PROBLEMS
from reinforce.web.console import Console
from reinforce.web.route_rights import V1


def calls_of(console: Console, tag: str, under: str = "") -> APIRouter:
    """Takes the calls `/api/v1<under>…`. In the document each has what all share: the token, and how it is refused."""
    # Only the document needs the bearer; the gate reads the token.
    bearer = Depends(HTTPBearer(auto_error=False))
    return console.router(prefix=f"{V1}{under}", tags=[tag], responses=PROBLEMS, dependencies=[bearer])
