"""The cohort that an address names, for somebody who may do something there."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from reinforce.domain.access.rights import Right, Scope
from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import NotFound
from reinforce.store.people import cohorts
from reinforce.store.reporting.console.cohorts import CohortLine, cohort_lines
from reinforce.web.console import Console
from reinforce.web.gate import Viewer


def line_of(connection: Connection, slug: str, seen: Scope) -> CohortLine:
    """A cohort as pages show it. Raises HTTPException 404 for one that is not there or not seen."""
    for line in cohort_lines(connection, seen):
        if line.slug == slug:
            return line
    raise HTTPException(404, "There is no such cohort.")


def cohort_for(console: Console, viewer: Viewer, slug: str, right: Right) -> Cohort:
    """A cohort in which somebody holds a right. Raises HTTPException 404 where they don't, as where there is none."""
    with console.database.read() as connection:
        try:
            there = cohorts.cohort_by_slug(connection, slug)
        except NotFound:
            raise HTTPException(404) from None
    if not viewer.scope(right).holds(there.id):
        raise HTTPException(404)
    return there
