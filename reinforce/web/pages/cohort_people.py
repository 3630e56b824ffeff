"""A cohort's people: who is enrolled in which state, and a roster that is looked at before it is taken in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import Response

from reinforce.actions.authoring.enroll import Terms, enroll
from reinforce.actions.authoring.undo_enroll import undo_enroll
from reinforce.content.roster_file import Roster, read_roster_file
from reinforce.domain.access.rights import Right
from reinforce.domain.cohort import EnrollmentState
from reinforce.domain.enrolling.roster_changes import EnrollReport, RosterChange
from reinforce.domain.enrolling.weeks import name_of_week, week_before
from reinforce.domain.errors import ReinforceError
from reinforce.domain.planning.slots import local_day
from reinforce.store.people import column_maps
from reinforce.store.reporting.console.cohorts import cohort_names
from reinforce.store.reporting.console.enrolled import coarse, people_page, state_counts
from reinforce.web.cohort_lookup import cohort_for, line_of
from reinforce.web.console import Console, whole_number
from reinforce.web.gate import NoRight
from reinforce.web.notices import Notice, Undo
from reinforce.web.uploads import Kept, with_plain_names

Word = Annotated[str, Form(max_length=200)]
# So many lines of each kind are shown of a roster; the counts tell of all.
SHOWN = 100

NOTHING_GIVEN: Mapping[str, Any] = {
    "columns": "",
    "full": "",
    "move": "",
    "days": "30",
    "who": [],
    "what": "",
    "to": "",
    "first": "",
    "last": "",
}
CHANGES = (
    ("complete", "have completed it, whatever its dates say"),
    ("withdraw", "leave it: they count no more from now on, and their codes are void"),
    ("re-enroll", "take part again, with the memory they have; a stop of theirs stays"),
)


def routes(console: Console) -> APIRouter:
    """`/cohorts/<slug>/people`, and what is done there."""
    router = console.router()

    @router.get("/cohorts/{slug}/people")
    def listed(request: Request, slug: str, state: str = "", q: str = "", page: str = "1") -> Response:
        return show_people(console, request, slug, chosen={"state": state, "q": q[:100], "page": page})

    _add_roster(router, console)
    return router


def _add_roster(router: APIRouter, console: Console) -> None:
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/cohorts/{slug}/roster", dependencies=changing)
    def look(
        request: Request,
        slug: str,
        file: Annotated[UploadFile | None, File()] = None,
        columns: Word = "",
        full: Word = "",
        move: Word = "",
    ) -> Response:
        viewer = console.gate.here(request)
        cohort_for(console, viewer, slug, Right.PEOPLE)
        kept = None
        given = {"columns": columns, "full": full, "move": move}
        try:
            kept = console.uploads.keep(file, viewer.actor)
            read = _read(console, kept, columns)
            terms = Terms(True, bool(full), bool(move), reach=viewer.scope(Right.PEOPLE))
            report = _enroll(console, slug, read, viewer.actor, terms)
        except ReinforceError as fault:
            if kept is not None:
                console.uploads.drop(kept)
            return show_people(console, request, slug, faults={"roster": with_plain_names(fault, kept)}, given=given)
        return _looked(console, request, slug, kept, read, report, given)

    @router.post("/cohorts/{slug}/enroll", dependencies=changing)
    def take_in(
        request: Request,
        slug: str,
        key: Word = "",
        columns: Word = "",
        full: Word = "",
        move: Word = "",
        agreed: Annotated[int, Form(ge=0)] = 0,
    ) -> Response:
        viewer = console.gate.here(request)
        cohort_for(console, viewer, slug, Right.PEOPLE)
        kept = console.uploads.find(key, viewer.actor)
        try:
            read = _read(console, kept, columns)
            terms = Terms(False, bool(full), bool(move), agreed, viewer.scope(Right.PEOPLE))
            report = _enroll(console, slug, read, viewer.actor, terms)
        except ReinforceError as fault:
            return show_people(console, request, slug, faults={"roster": with_plain_names(fault, kept)})
        console.uploads.drop(kept)
        told = report.summary([line for line in report.lines if line.note])
        first, *more = told.splitlines()
        undo = None if report.changes_nothing else Undo(f"/cohorts/{slug}/undo-enroll", label="Take the roster back")
        notice = Notice(f"Taken in: {first.partition(': ')[2]}.", tuple(more[:20]), undo)
        return console.done(request, f"/cohorts/{slug}/people", notice)

    @router.post("/cohorts/{slug}/undo-enroll", dependencies=changing)
    def undo(request: Request, slug: str) -> Response:
        viewer = console.gate.here(request)
        cohort_for(console, viewer, slug, Right.PEOPLE)
        undone = undo_enroll(console.database, slug, actor=viewer.actor, now=console.clock.now())
        first, *more = str(undone).splitlines()
        return console.done(request, f"/cohorts/{slug}/people", Notice(first, tuple(more)))


def _read(console: Console, kept: Kept, columns: str) -> Roster:
    with console.database.read() as connection:
        known = column_maps.map_by_name(connection, columns) if columns else None
    return read_roster_file(kept.path, known)


def _enroll(console: Console, slug: str, read: Roster, actor: str, terms: Terms) -> EnrollReport:
    keyed = console.house.keyed_hash
    now = console.clock.now()
    return enroll(console.database, slug, read.rows, actor=actor, now=now, keyed=keyed, terms=terms)


def _looked(
    console: Console,
    request: Request,
    slug: str,
    kept: Kept,
    read: Roster,
    report: EnrollReport,
    given: dict[str, str],
) -> Response:
    changes = [(change, report.of(change)) for change in RosterChange]
    values = {
        "slug": slug,
        "kept": kept,
        "read": read,
        "report": report,
        "changes": [(change, len(lines), lines[:SHOWN]) for change, lines in changes if lines],
        "given": given,
    }
    return console.show(request, "cohort_roster", values)


def show_people(
    console: Console,
    request: Request,
    slug: str,
    *,
    chosen: dict[str, str] | None = None,
    faults: Mapping[str, ReinforceError] | None = None,
    given: Mapping[str, Any] | None = None,
) -> Response:
    """The people of a cohort: `chosen` of them, with what was `given` to a form and its fault, by the form's name."""
    viewer, now = console.gate.here(request), console.clock.now()
    chosen = chosen or {"state": "", "q": "", "page": "1"}
    number = min(max(whole_number(chosen.pop("page")) or 1, 1), 10_000)
    with console.database.read() as connection:
        line = line_of(connection, slug, viewer.scope(Right.LOOK))
        named = viewer.scope(Right.NAMES).holds(line.id)
        counts = state_counts(connection, line.id)
        found = None
        if named:
            state, words = chosen["state"], chosen["q"]
            found = people_page(connection, line.id, now, state=state, words=words, page=number)
        maps = sorted(column_maps.maps(connection))
        others = cohort_names(connection, viewer.scope(Right.PEOPLE))
    if (chosen["state"] or chosen["q"]) and not named:
        raise NoRight
    values: dict[str, Any] = {
        "line": line,
        "counts": counts if named else coarse(counts),
        "found": found,
        "number": number,
        "chosen": chosen,
        "states": list(EnrollmentState),
        "maps": maps,
        "changes": CHANGES,
        "faults": faults or {},
        "others": [one for one in others if one.id != line.id],
        "given": {**NOTHING_GIVEN, **(given or {})},
        "week": name_of_week(week_before(local_day(now, line.zone))[0]),
        "may": viewer.scope(Right.PEOPLE).holds(line.id),
    }
    return console.show(request, "cohort_people", values, status=422 if faults else 200)
