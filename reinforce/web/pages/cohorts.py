"""Cohorts, and one cohort: how it stands, what it remembers least, what is next, and its forecast."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from reinforce.domain.access.rights import Right
from reinforce.domain.planning.capacity import advice
from reinforce.domain.reporting.recall_map import Order
from reinforce.rendering.forecast_picture import curve_picture, verdict_picture
from reinforce.store.reporting.console.cohorts import cohort_lines
from reinforce.store.reporting.console.posts import latest_posted
from reinforce.web.cohort_lookup import line_of
from reinforce.web.console import Console
from reinforce.web.gate import NoRight
from reinforce.web.sight import sight_of

NEXT_POSTS = 3
# Of how many nuggets it is said that they are remembered least.
WEAKEST = 5


def routes(console: Console) -> APIRouter:
    """`/cohorts`, `/cohorts/<slug>` and `/cohorts/<slug>/forecast`."""
    router = console.router()

    @router.get("/cohorts")
    def cohorts(request: Request) -> Response:
        with console.database.read() as connection:
            lines = cohort_lines(connection, console.gate.here(request).scope(Right.LOOK))
        return console.show(request, "cohorts", {"cohorts": lines})

    @router.get("/cohorts/{slug}")
    def cohort(request: Request, slug: str, ahead: str = "") -> Response:
        with console.database.read() as connection:
            sight = sight_of(connection, console.gate.here(request))
            line = line_of(connection, slug, sight.seen)
            named = sight.named.holds(line.id)
            table = console.recall.table(connection, line.id, line.version, named=named)
            posted = sight.of_posts(latest_posted(connection, limit=3, cohort_id=line.id))
        look = console.forecast.next_slots if ahead else console.forecast.at_hand
        outlook = sight.of_outlook(line.id, look(line.id, NEXT_POSTS))
        weakest = table.window([], table.nuggets_by(Order.LOWEST)[:WEAKEST])
        values = {"line": line, "recall": weakest, "posted": posted, "outlook": outlook, "named": named}
        values["foreseen"] = sight.figures_of(line.id)
        return console.show(request, "cohort", values)

    @router.get("/cohorts/{slug}/forecast")
    def forecast(request: Request, slug: str, ahead: str = "") -> Response:
        with console.database.read() as connection:
            sight = sight_of(connection, console.gate.here(request))
            line = line_of(connection, slug, sight.seen)
        if not sight.figures_of(line.id):
            raise NoRight
        look = console.programme_forecast.of if ahead else console.programme_forecast.at_hand
        found = look(line.id, line.version)
        values: dict[str, Any] = {"line": line, "found": found}
        if found is not None:
            # Titles were escaped by whoever drew the pictures.
            values["pictures"] = [Markup(draw(found)) for draw in (curve_picture, verdict_picture)]  # noqa: S704
            values["advice"] = advice(found)
        return console.show(request, "forecast", values)

    return router
