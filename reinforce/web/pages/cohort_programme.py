"""A programme on a cohort: loaded, looked at with its dates, posts and prices before it is started; stopped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import Response

from reinforce.actions.programmes.load_programme import load_programme
from reinforce.actions.programmes.start_programme import preview_start, start_programme, stop_programme
from reinforce.domain.access.rights import Right
from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.programmes.runs import RunDates, RunState
from reinforce.placing import Foretold, foretell
from reinforce.store.programmes import programmes, runs
from reinforce.store.reporting.programmes import run_document
from reinforce.web.cohort_lookup import cohort_for, line_of
from reinforce.web.console import Console
from reinforce.web.date_fields import day_in
from reinforce.web.notices import Notice, Undo
from reinforce.web.page import attachment
from reinforce.web.programme_files import archive, from_files, from_starter, require_theirs, shelf

Word = Annotated[str, Form(max_length=200)]


def routes(console: Console) -> APIRouter:
    """`/cohorts/<slug>/programme`, and what starts and stops one."""
    router = console.router()
    changing = [Depends(console.pages.tokens.check)]

    @router.get("/cohorts/{slug}/programme")
    def shown(request: Request, slug: str, programme: str = "") -> Response:
        return _show(console, request, slug, given={"programme": programme})

    @router.post("/cohorts/{slug}/programme/look", dependencies=changing)
    def look(request: Request, slug: str, programme: Word = "", first: Word = "") -> Response:
        there = cohort_for(console, console.gate.here(request), slug, Right.STEER)
        given = {"programme": programme, "first": first}
        try:
            looked = _looked(console, there, programme, _first_day(first))
        except ReinforceError as fault:
            return _show(console, request, slug, fault=fault, given=given)
        return _show(console, request, slug, looked=looked, given=given)

    @router.post("/cohorts/{slug}/programme/start", dependencies=changing)
    def start(request: Request, slug: str, programme: Word = "", first: Word = "", agreed: Word = "") -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        try:
            day = _first_day(first)
            _, items = _looked(console, there, programme, day)
            wrong = [f"{one.kind.value} {one.name}: {one.problem}" for one in items if one.problem]
            if wrong:
                raise NotAllowed(f"not all of it can be done on this cohort: {' | '.join(wrong)}", "Mend its file.")
            actor, now = viewer.actor, console.clock.now()
            run = start_programme(console.database, programme, slug, day, agreed=bool(agreed), actor=actor, now=now)
        except ReinforceError as fault:
            return _show(console, request, slug, fault=fault, given={"programme": programme, "first": first})
        undo = Undo(f"/cohorts/{slug}/programme/stop", label="Stop it again")
        notice = Notice(f"{run.programme.title} starts on {there.title} on {day}.", undo=undo)
        return console.done(request, f"/cohorts/{slug}/programme", notice)

    _add_others(router, console)
    return router


def _add_others(router: APIRouter, console: Console) -> None:
    changing = [Depends(console.pages.tokens.check)]

    @router.get("/cohorts/{slug}/programme/files.zip")
    def files(request: Request, slug: str, starter: str = "sop-rollout") -> Response:
        cohort_for(console, console.gate.here(request), slug, Right.WRITE)
        return attachment(archive(starter, slug), f"{starter}.zip", "application/zip")

    @router.post("/cohorts/{slug}/programme/load", dependencies=changing)
    def load(
        request: Request,
        slug: str,
        starter: Word = "",
        name: Word = "",
        file: Annotated[UploadFile | None, File()] = None,
        beside: Annotated[list[UploadFile] | None, File()] = None,
    ) -> Response:
        viewer = console.gate.here(request)
        cohort_for(console, viewer, slug, Right.WRITE)
        try:
            read = from_starter(starter, name) if starter else from_files(console, viewer, file, beside or ())
            require_theirs(console, viewer, read.slug)
            loaded = load_programme(console.database, read, actor=viewer.actor, now=console.clock.now())
        except ReinforceError as fault:
            return _show(console, request, slug, load_fault=fault, given={"starter": starter, "name": name})
        notice = Notice(f"{read.title} is {loaded.change}.", ("It runs nowhere by this. Look what it would be here.",))
        return console.done(request, f"/cohorts/{slug}/programme?programme={read.slug}", notice)

    @router.post("/cohorts/{slug}/programme/stop", dependencies=changing)
    def stop(request: Request, slug: str) -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        run = stop_programme(console.database, slug, actor=viewer.actor, now=console.clock.now())
        notice = Notice(f"{run.programme.title} is stopped; {there.title} goes on as before it.")
        return console.done(request, f"/cohorts/{slug}/programme", notice)


def _first_day(text: str) -> date:
    day = day_in(text)
    if day is None:
        raise NotAllowed("On which day does it start?", "Give its first day.")
    return day


def _looked(console: Console, there: Cohort, programme: str, day: date) -> tuple[RunDates, list[Foretold]]:
    dates = preview_start(console.database, programme, there.slug, day, now=console.clock.now())
    with console.database.read() as connection:
        _, found = programmes.programme_by_slug(connection, programme)
    return dates, list(foretell(console.house, found, there, dates))


def _show(
    console: Console,
    request: Request,
    slug: str,
    *,
    fault: ReinforceError | None = None,
    load_fault: ReinforceError | None = None,
    looked: tuple[RunDates, list[Foretold]] | None = None,
    given: Mapping[str, str] | None = None,
) -> Response:
    viewer, now = console.gate.here(request), console.clock.now()
    with console.database.read() as connection:
        line = line_of(connection, slug, viewer.scope(Right.LOOK))
        latest = runs.latest(connection, line.id)
        run = None if latest is None else run_document(connection, latest, now)
        known = programmes.programme_rows(connection)
    dates, items = looked or (None, [])
    values: dict[str, Any] = {
        "line": line,
        "run": run,
        "running": latest is not None and latest.state is RunState.RUNNING,
        "programmes": [(one["programme"], f"{one['title']}: {one['phases']}") for one in known],
        "dates": dates,
        "items": items,
        "total": sum(one.price_micros for one in items),
        "linked": any(one.linked for one in items),
        "problems": any(one.problem for one in items),
        "given": {"programme": "", "first": "", "starter": "", "name": slug, **(given or {})},
        "fault": fault,
        "load_fault": load_fault,
        "starters": shelf() if viewer.scope(Right.WRITE).holds(line.id) else (),
        "may": viewer.scope(Right.STEER).holds(line.id),
    }
    return console.show(request, "cohort_programme", values, status=422 if fault or load_fault else 200)
