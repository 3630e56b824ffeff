"""Reports: what came of a cohort, measured apart from estimated; to read, to print, to save as a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.content.assessment_file import read_assessment
from reinforce.domain.access.rights import Right
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.reporting.programme_report import Assessed
from reinforce.rendering.spreadsheets import csv_bytes, workbook_bytes
from reinforce.store.reporting.console.cohorts import CohortLine, cohort_lines
from reinforce.web.console import Console
from reinforce.web.report import Report, Reports, Stretch
from reinforce.web.sight import Sight, sight_of
from reinforce.web.uploads import with_plain_names

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ADVICE = "Give days as 2026-03-02, the first not after the last."


def routes(console: Console) -> APIRouter:
    """`/reports`, with a form for an assessment's results, and the same as a table."""
    router, reports = console.router(), Reports(console.clock)

    @router.get("/reports")
    def report(request: Request) -> Response:
        return _page(console, reports, request, dict(request.query_params))

    @router.post("/reports", dependencies=[Depends(console.pages.tokens.check)])
    def with_results(
        request: Request, results: UploadFile, cohort: Annotated[str, Form()] = "", compare: Annotated[str, Form()] = ""
    ) -> Response:
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            lines = cohort_lines(connection, viewer.scope(Right.PEOPLE))
        if cohort not in {line.slug for line in lines}:
            raise HTTPException(404, "There is no such cohort.")
        kept = None
        try:
            kept = console.uploads.keep(results, viewer.actor)
            found = read_assessment(kept.path)
        except ReinforceError as fault:
            told = with_plain_names(fault, kept)
            return _page(console, reports, request, {"cohort": cohort}, fault=told)
        finally:
            if kept is not None:
                console.uploads.drop(kept)
        return _page(console, reports, request, {"cohort": cohort, "compare": compare}, results=found)

    @router.get("/reports/table.csv")
    def as_csv(request: Request) -> Response:
        line, made = _table(console, reports, request)
        return _file(csv_bytes(made.table()), "text/csv; charset=utf-8", f"report-{line.slug}.csv")

    @router.get("/reports/table.xlsx")
    def as_workbook(request: Request) -> Response:
        line, made = _table(console, reports, request)
        return _file(workbook_bytes(made.table(), "report"), _WORKBOOK, f"report-{line.slug}.xlsx")

    return router


def _page(
    console: Console,
    reports: Reports,
    request: Request,
    given: Mapping[str, str],
    *,
    results: Mapping[str, Assessed] | None = None,
    fault: ReinforceError | None = None,
) -> Response:
    viewer = console.gate.here(request)
    with console.database.read() as connection:
        sight = sight_of(connection, viewer)
        lines = cohort_lines(connection, sight.seen)
        line = _of_slug(lines, given.get("cohort", "")) or next(iter(lines), None)
        values: dict[str, Any] = {"line": line, "cohorts": lines, "fault": fault, "given": given}
        if line is None:
            return console.show(request, "reports", values)
        try:
            made = _made(console, reports, connection, line, sight, given, results)
        except NotAllowed as wrong:
            values["fault"], values["given"] = wrong, {"cohort": line.slug}
            made = _made(console, reports, connection, line, sight, {}, None)
    values |= {
        "report": made,
        "others": [one for one in lines if one.id != line.id],
        "may_choose_days": sight.named.holds(line.id),
        "may_give_results": viewer.scope(Right.PEOPLE).holds(line.id),
        "with_results": results is not None,
    }
    return console.show(request, "reports", values, status=200 if values["fault"] is None else 422)


def _table(console: Console, reports: Reports, request: Request) -> tuple[CohortLine, Report]:
    with console.database.read() as connection:
        sight = sight_of(connection, console.gate.here(request))
        lines = cohort_lines(connection, sight.seen)
        line = _of_slug(lines, request.query_params.get("cohort", "")) or next(iter(lines), None)
        if line is None:
            raise HTTPException(404, "There is no cohort to report on.")
        return line, _made(console, reports, connection, line, sight, request.query_params, None)


def _made(
    console: Console,
    reports: Reports,
    connection: Connection,
    line: CohortLine,
    sight: Sight,
    given: Mapping[str, str],
    results: Mapping[str, Assessed] | None,
) -> Report:
    """The report that is asked for. Raises NotAllowed for days that are none, a 404 for a cohort that is not seen."""
    other = _of_slug(cohort_lines(connection, sight.seen), given["compare"]) if given.get("compare") else None
    if other is not None and other.id == line.id:
        raise NotAllowed("A cohort can't be compared with itself.", "Choose another one.")
    stretch = _stretch(given) if sight.named.holds(line.id) else None
    pairs = line.learners * line.nuggets
    foreseen = console.programme_forecast.kept_today(line.id) if sight.figures_of(line.id) else None
    return reports.of(
        connection, line.id, stretch, other.id if other else None, pairs=pairs, foreseen=foreseen, results=results
    )


def _of_slug(lines: tuple[CohortLine, ...], slug: str) -> CohortLine | None:
    """The cohort of that name, None for "". Raises a 404 for one that is not seen."""
    if not slug:
        return None
    for line in lines:
        if line.slug == slug:
            return line
    raise HTTPException(404, "There is no such cohort.")


def _stretch(given: Mapping[str, str]) -> Stretch | None:
    """The days that are asked for; None for none. Raises NotAllowed."""
    if not given.get("from"):
        return None
    try:
        first = date.fromisoformat(given["from"])
        last = date.fromisoformat(given["to"]) if given.get("to") else None
    except ValueError:
        raise NotAllowed("That is no day.", _ADVICE) from None
    if not 2000 <= first.year <= 2200 or (last is not None and not first <= last <= date(2200, 12, 31)):
        raise NotAllowed("These days are not in order.", _ADVICE)
    return Stretch(first, last)


def _file(body: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=kind, headers=headers)
