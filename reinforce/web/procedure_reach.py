"""Which procedures somebody sees and changes: a procedure is its cohorts' together, so who changes it has the right in
all of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from reinforce.domain.access.rights import Right, Scope
from reinforce.store.reporting.console.procedures import ProcedureLine, procedure_lines
from reinforce.web.gate import Viewer


def may_write(viewer: Viewer, cohort_ids: Collection[int]) -> bool:
    """Whether they may change a procedure that these cohorts learn, or ever did."""
    scope = viewer.scope(Right.WRITE)
    return bool(scope) and all(scope.holds(one) for one in cohort_ids)


def may_recall(viewer: Viewer, line: ProcedureLine) -> bool:
    """Whether they may recall: it takes back posts in every cohort that learns the procedure, or ever did."""
    scope = viewer.scope(Right.STEER)
    return bool(scope) and all(scope.holds(one) for one in line.cohort_ids)


def seen_lines(connection: Connection, viewer: Viewer) -> tuple[ProcedureLine, ...]:
    """The procedures that somebody sees: those that their cohorts learn; authors also those that none learns yet."""
    seen, writes = viewer.scope(Right.LOOK), viewer.scope(Right.WRITE)
    return tuple(
        replace(line, cohorts=tuple(one for one in line.cohorts if seen.holds(one[0])))
        for line in procedure_lines(connection)
        if _sees(seen, writes, line.cohort_ids)
    )


def seen_line(connection: Connection, viewer: Viewer, slug: str) -> ProcedureLine:
    """One of them. Raises HTTPException, 404, for one that is not there or not for them."""
    line = next((one for one in seen_lines(connection, viewer) if one.procedure.slug == slug), None)
    if line is None:
        raise HTTPException(404)
    return line


def writable_line(connection: Connection, viewer: Viewer, slug: str) -> ProcedureLine:
    """One that they may change. Raises HTTPException, 404, for any other."""
    line = seen_line(connection, viewer, slug)
    if not may_write(viewer, line.cohort_ids):
        raise HTTPException(404)
    return line


def _sees(seen: Scope, writes: Scope, cohort_ids: Collection[int]) -> bool:
    return seen.everything or any(seen.holds(one) for one in cohort_ids) or (bool(writes) and not cohort_ids)
