"""Whether what an address names is for who asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from reinforce.domain.access.rights import Right
from reinforce.domain.errors import NotFound
from reinforce.web.console import Console
from reinforce.web.gate import Viewer


class OfCohort(Protocol):
    """Something that belongs to a cohort."""

    @property
    def cohort_id(self) -> int: ...


_Thing = TypeVar("_Thing", bound=OfCohort)


def theirs(console: Console, viewer: Viewer, right: Right, what: str, find: Callable[[Connection], _Thing]) -> _Thing:
    """What `find` finds, if somebody has a right in its cohort. Raises HTTPException 404 where they don't, as where
    there is none: what is near by name is not for everybody either."""
    try:
        with console.database.read() as connection:
            found = find(connection)
    except NotFound:
        raise HTTPException(404, f"There is no such {what}.") from None
    if not viewer.scope(right).holds(found.cohort_id):
        raise HTTPException(404, f"There is no such {what}.")
    return found
