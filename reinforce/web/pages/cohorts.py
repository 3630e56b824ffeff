"""Cohorts, and one cohort with its heat map: who is likely to remember what, just now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.domain.memory import Floats
from reinforce.store.console.cohorts import CohortLine, HeatFrame, cohort_lines, heat_frame
from reinforce.store.console.posts import latest_posted
from reinforce.store.memories import load_cohort
from reinforce.web.console import Console

NEXT_SLOTS = 3


@dataclass(frozen=True, slots=True)
class Heat:
    """A cohort's estimated recall. `recall` is learners × nuggets, 0 to 1; the averages leave out who said stop."""

    frame: HeatFrame
    recall: Floats
    of_nugget: tuple[float, ...]
    of_learner: tuple[float, ...]
    average: float | None


def heat_of(connection: Connection, cohort_id: int, day: float) -> Heat:
    """The heat map of a cohort on `day` (days since 1970-01-01 UTC, fractional)."""
    frame = heat_frame(connection, cohort_id)
    if not frame.nuggets or not frame.learners:
        return Heat(frame, np.empty((len(frame.learners), len(frame.nuggets))), (), (), None)
    belief = load_cohort(connection, [n.id for n in frame.nuggets], [p.id for p in frame.learners])
    recall = belief.recall(day)
    taught = recall[[not person.stopped for person in frame.learners]]
    of_nugget = taught.mean(axis=0) if len(taught) else np.zeros(len(frame.nuggets))
    average = float(taught.mean()) if len(taught) else None
    return Heat(frame, recall, tuple(map(float, of_nugget)), tuple(map(float, recall.mean(axis=1))), average)


def routes(console: Console) -> APIRouter:
    """`/cohorts` and `/cohorts/<slug>`."""
    router = APIRouter()

    @router.get("/cohorts")
    def cohorts(request: Request) -> Response:
        with console.database.read() as connection:
            lines = cohort_lines(connection)
        return console.show(request, "cohorts", {"cohorts": lines})

    @router.get("/cohorts/{slug}")
    def cohort(request: Request, slug: str) -> Response:
        now = console.clock.now()
        with console.database.read() as connection:
            line = _line(connection, slug)
            heat = heat_of(connection, line.id, now.timestamp() / 86400)
            posted = latest_posted(connection, limit=3, cohort_id=line.id)
        outlook = console.forecast.next_slots(line.id, line.version, NEXT_SLOTS)
        values = {"line": line, "heat": heat, "chart": chart_of(heat), "posted": posted, "outlook": outlook}
        return console.show(request, "cohort", values)

    return router


def _line(connection: Connection, slug: str) -> CohortLine:
    for line in cohort_lines(connection):
        if line.slug == slug:
            return line
    raise HTTPException(404, "There is no such cohort.")
