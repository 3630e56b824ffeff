"""Recall: nuggets by learners or groups, who is at risk, what to expect, and the evidence behind a cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.domain.reporting.recall_map import MapNugget, Order, RecallMap, RecallTable, members
from reinforce.rendering.charts import heat_map
from reinforce.store.reporting.console.cohorts import CohortLine, cohort_lines
from reinforce.store.reporting.console.recall import evidence_of, said_in_cell
from reinforce.web.console import Console, whole_number
from reinforce.web.gate import NoRight
from reinforce.web.recall_cell import steps_of, told_of_group
from reinforce.web.sight import Sight, sight_of

# What a page can show and a person can read.
LEARNERS, NUGGETS, AT_RISK = 30, 15, 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: when, which team, in which order, and which part of the rows and of the nuggets."""

    cohort: str
    team: str
    at: str
    sort: Order
    nuggets: Order
    rows_from: int
    nuggets_from: int

    def but(self, **changed: Any) -> dict[str, Any]:
        """The parts of an address that asks for the same but for `changed`."""
        parts = {
            "cohort": self.cohort,
            "team": self.team,
            "at": self.at if self.at != "now" else "",
            "sort": self.sort.value if self.sort is not Order.LOWEST else "",
            "nuggets": self.nuggets.value if self.nuggets is not Order.NAME else "",
            "from": self.rows_from,
            "nugget_from": self.nuggets_from,
        }
        return parts | changed


def routes(console: Console) -> APIRouter:
    """`/recall` and `/recall/<cohort>/<nugget>/<learner or group>`."""
    router = console.router()

    @router.get("/recall")
    def recall(request: Request) -> Response:
        with console.database.read() as connection:
            sight = sight_of(connection, console.gate.here(request))
            lines = cohort_lines(connection, sight.seen)
            line = _chosen(lines, request.query_params.get("cohort", ""))
            if line is None:
                return console.show(request, "recall", {"line": None, "cohorts": lines})
            asked = _asked(request, line.slug)
            values = _map_values(console, connection, line, sight, asked)
        values |= {"line": line, "cohorts": lines, "asked": asked, "foreseen": _foreseen(console, line, sight)}
        return console.show(request, "recall", values)

    @router.get("/recall/{slug}/{nugget}/{who}")
    def cell(request: Request, slug: str, nugget: str, who: str, team: str = "") -> Response:
        with console.database.read() as connection:
            sight = sight_of(connection, console.gate.here(request))
            line = _chosen(cohort_lines(connection, sight.seen), slug)
            if line is None:
                raise _no_such("cohort")
            of = console.recall.map_of(connection, line.id, line.version)
            what = next((one for one in of.nuggets if one.id == (whole_number(nugget) or 0)), None)
            if what is None:
                raise _no_such("nugget in this cohort")
            if who == "group":
                values = _group_values(console, connection, line, what, team)
            else:
                if not sight.named.holds(line.id):
                    raise NoRight
                values = _learner_values(console, connection, line, of, what, whole_number(who) or 0, sight)
        return console.show(request, "recall_cell", {"line": line, "nugget": what, **values})

    return router


def _chosen(lines: tuple[CohortLine, ...], slug: str) -> CohortLine | None:
    """The cohort that is asked for, else the first there is. Raises a 404 for one that is not seen."""
    if not slug:
        return next(iter(lines), None)
    for line in lines:
        if line.slug == slug:
            return line
    raise _no_such("cohort")


def _no_such(what: str) -> HTTPException:
    return HTTPException(404, f"There is no such {what}.")


def _asked(request: Request, slug: str) -> Asked:
    given = request.query_params
    orders = {one.value: one for one in Order}
    return Asked(
        cohort=slug,
        team=given.get("team", ""),
        at="assessment" if given.get("at") == "assessment" else "now",
        sort=orders.get(given.get("sort", ""), Order.LOWEST),
        nuggets=orders.get(given.get("nuggets", ""), Order.NAME),
        rows_from=whole_number(given.get("from", "")) or 0,
        nuggets_from=whole_number(given.get("nugget_from", "")) or 0,
    )


def _map_values(
    console: Console, connection: Connection, line: CohortLine, sight: Sight, asked: Asked
) -> dict[str, Any]:
    """The page's part of the map, what stands beside it, and, for facilitators, who is at risk."""
    named = sight.named.holds(line.id)
    of = console.recall.map_of(connection, line.id, line.version)
    at_then = asked.at == "assessment" and of.then is not None
    whole = console.recall.table(connection, line.id, line.version, named=named, at_then=at_then)
    then = None
    if of.then is not None:
        then = console.recall.table(connection, line.id, line.version, named=named, at_then=True).average
    now = console.recall.table(connection, line.id, line.version, named=named).average
    table = whole.only(asked.team) if asked.team else whole
    rows = table.rows_by(asked.sort)[asked.rows_from : asked.rows_from + LEARNERS]
    columns = table.nuggets_by(asked.nuggets)[asked.nuggets_from : asked.nuggets_from + NUGGETS]
    page = table.window(rows, columns)
    ids = [row.learner.id for row in page.rows if row.learner is not None]
    at_risk = console.recall.at_risk(connection, line.id, line.version) if named else ()
    teams = {one.team for one in of.learners if one.team} if named else {row.name for row in whole.rows}
    return {
        "named": named,
        "page": page,
        "chart": _chart(page, named=named),
        "evidence": evidence_of(connection, ids, [one.id for one in page.nuggets]) if ids else {},
        "rows": len(table.rows),
        "columns": len(table.nuggets),
        "hidden": len(of.nuggets) - len(whole.nuggets),
        "teams": sorted(teams),
        "then": of.then if at_then else None,
        "day": of.then,
        "average_now": now,
        "average_then": then,
        "at_risk": at_risk[:AT_RISK],
        "all_at_risk": len(at_risk),
        "sizes": (LEARNERS, NUGGETS),
    }


def _chart(page: RecallTable, *, named: bool) -> Markup:
    """The part of the map as SVG; names and titles are escaped by whoever draws it."""
    if not page.rows or not page.nuggets:
        return Markup("")
    names = [
        row.name + (f" ({row.size})" if row.learner is None else " (stopped)" if row.learner.stopped else "")
        for row in page.rows
    ]
    who = "learners" if named else "groups"
    description = f"{len(page.rows)} {who} by {len(page.nuggets)} nuggets. The table below holds the same values."
    titles = [one.title for one in page.nuggets]
    drawn = heat_map(
        names, titles, page.values.tolist(), title="Estimated recall, in per cent", description=description
    )
    return Markup(drawn)  # noqa: S704


def _foreseen(console: Console, line: CohortLine, sight: Sight) -> dict[str, Any]:
    """What the programme is likely to bring, if it was reckoned today, for those who may see it."""
    if not sight.figures_of(line.id):
        return {"told": False}
    found = console.programme_forecast.kept_today(line.id)
    return {"told": True, "found": found}


def _learner_values(
    console: Console,
    connection: Connection,
    line: CohortLine,
    of: RecallMap,
    nugget: MapNugget,
    learner_id: int,
    sight: Sight,
) -> dict[str, Any]:
    learner = next((one for one in of.learners if one.id == learner_id), None)
    if learner is None:
        raise _no_such("learner in this cohort")
    cell = console.recall.cell(connection, line.id, line.version, nugget.id)
    said = said_in_cell(connection, learner.id, nugget.id)
    told = steps_of(cell, learner.id, said, console.clock.now(), of.then, sight.seen)
    return {"learner": learner, "group": None, "told": told, "then": of.then}


def _group_values(
    console: Console, connection: Connection, line: CohortLine, nugget: MapNugget, team: str
) -> dict[str, Any]:
    """A group's cell, if it is in the table that everybody may see."""
    found: dict[str, float] = {}
    row = None
    for when, at_then in (("now", False), ("then", True)):
        table = console.recall.table(connection, line.id, line.version, named=False, at_then=at_then)
        column = next((i for i, one in enumerate(table.nuggets) if one.id == nugget.id), None)
        place = next((i for i, one in enumerate(table.rows) if one.name == team), None)
        if column is None or place is None:
            raise _no_such("group of five or more for this nugget")
        row, found[when] = table.rows[place], float(table.values[place, column])
    of = console.recall.map_of(connection, line.id, line.version)
    people = [one.id for one in members(of.learners, team)]
    told = told_of_group(console.recall.cell(connection, line.id, line.version, nugget.id), people)
    return {"learner": None, "group": row, "told": told, "recall": found, "then": of.then}
