"""What a cohort remembers, what came of it, and what is to be expected: in figures, apart from each other."""

from __future__ import annotations

import math
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from reinforce.domain.access.rights import Right
from reinforce.domain.errors import NotAllowed
from reinforce.rendering.forecast_document import forecast_document
from reinforce.web.api.calls import calls_of
from reinforce.web.api.values import Offset
from reinforce.web.cohort_lookup import line_of
from reinforce.web.console import Console
from reinforce.web.gate import NoRight
from reinforce.web.report import Report, Reports, Stretch
from reinforce.web.sight import sight_of

ROWS = 100
_EARLIEST, _LATEST = date(2000, 1, 1), date(2200, 12, 31)


class Days(BaseModel):
    """Local days, both included, for who may see single people; nothing: since the cohort began. `compare` is another
    of your cohorts."""

    first: date | None = Field(None, ge=_EARLIEST, le=_LATEST)
    last: date | None = Field(None, ge=_EARLIEST, le=_LATEST)
    compare: str = Field("", max_length=200)


class RecallNugget(BaseModel):
    """A column."""

    id: int
    title: str
    procedure: str


class RecallRow(BaseModel):
    """A learner by name, or a group of `size`; estimated recall by nugget, 0 to 1, null where it says nothing."""

    name: str
    size: int
    recall: list[float | None]


class RecallPage(BaseModel):
    """Estimated recall, of all (null for none) and by rows, the lowest first; `next` goes into `?start=`."""

    average: float | None
    nuggets: list[RecallNugget]
    items: list[RecallRow]
    next: int | None


def routes(console: Console) -> APIRouter:
    """`/cohorts/<slug>/recall`, `/report` and `/forecast`."""
    router, reports = calls_of(console, "figures", "/cohorts/{slug}"), Reports(console.clock)

    @router.get("/recall")
    def recall(request: Request, slug: str, at: Literal["now", "assessment"] = "now", start: Offset = 0) -> RecallPage:
        """What is remembered by estimate: of learners for the facilitators of the cohort, else of groups of five and
        more."""
        with console.database.read() as connection:
            sight = sight_of(connection, console.gate.here(request))
            line = line_of(connection, slug, sight.seen)
            named, then = sight.named.holds(line.id), at == "assessment"
            if then and console.recall.map_of(connection, line.id, line.version).then is None:
                raise HTTPException(404, "No day is to come by which it is wanted.")
            table = console.recall.table(connection, line.id, line.version, named=named, at_then=then)
        order = sorted(range(len(table.rows)), key=lambda i: (table.of_row[i], table.rows[i].name))
        rows = [
            RecallRow(name=table.rows[i].name, size=table.rows[i].size, recall=[_told(one) for one in table.values[i]])
            for i in order[start : start + ROWS]
        ]
        nuggets = [RecallNugget(id=one.id, title=one.title, procedure=one.procedure) for one in table.nuggets]
        further = start + ROWS if len(order) > start + ROWS else None
        return RecallPage(average=table.average, nuggets=nuggets, items=rows, next=further)

    @router.get("/report")
    def report(request: Request, slug: str, days: Annotated[Days, Query()]) -> Report:
        """What came of a cohort, measured apart from estimated; nothing of fewer than five people."""
        with console.database.read() as connection:
            sight = sight_of(connection, console.gate.here(request))
            line = line_of(connection, slug, sight.seen)
            other = line_of(connection, days.compare, sight.seen) if days.compare else None
            if other is not None and other.id == line.id:
                raise NotAllowed("A cohort can't be compared with itself.", "Choose another one.")
            stretch = None
            if days.first is not None:
                if not sight.named.holds(line.id):
                    raise NoRight
                if days.last is not None and days.last < days.first:
                    raise NotAllowed("These days are not in order.", "Give the first day first.")
                stretch = Stretch(days.first, days.last)
            foreseen = console.programme_forecast.kept_today(line.id) if sight.figures_of(line.id) else None
            pairs = line.learners * line.nuggets
            beside = other.id if other else None
            return reports.of(connection, line.id, stretch, beside, pairs=pairs, foreseen=foreseen)

    @router.get("/forecast")
    def forecast(request: Request, slug: str) -> dict[str, Any]:
        """What recall to expect with and without the programme, what it costs, which cadence would do. Takes seconds
        the first time on a day."""
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            line = line_of(connection, slug, viewer.scope(Right.LOOK))
            if not sight_of(connection, viewer).figures_of(line.id):
                raise NoRight
        return forecast_document(console.programme_forecast.of(line.id, line.version))

    return router


def _told(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 3)
