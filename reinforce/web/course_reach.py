"""Courses belong to no cohort: they are for those whose role is for all of them."""

from __future__ import annotations

from fastapi import Request
from starlette.exceptions import HTTPException

from reinforce.domain.access.rights import Right
from reinforce.web.console import Console
from reinforce.web.gate import Viewer


def for_all(console: Console, request: Request, right: Right) -> Viewer:
    """Who asks, if they hold a right for all cohorts. Raises HTTPException, 404, for anybody else."""
    viewer = console.gate.here(request)
    if not viewer.scope(right).everything:
        raise HTTPException(404)
    return viewer
