"""A cohort's people: who is enrolled in which state, a roster that is looked at before it is taken in, who is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.authoring.enroll import Terms, enroll
from reinforce.actions.authoring.undo_enroll import undo_enroll
from reinforce.actions.enrolling.be_away import absent_learner, lift_absence
from reinforce.actions.enrolling.change import complete, move_learner, re_enroll, withdraw
from reinforce.actions.enrolling.export_completions import export_completions
from reinforce.content.roster_file import Roster, read_roster_file
from reinforce.domain.access.rights import Right
from reinforce.domain.cohort import EnrollmentState
from reinforce.domain.enrolling.roster_changes import EnrollReport, RosterChange
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.rendering.spreadsheets import csv_bytes
from reinforce.store.people import away, cohorts, column_maps, people
from reinforce.store.reporting.console.enrolled import coarse, people_page, state_counts
from reinforce.web.cohort_lookup import cohort_for, line_of
from reinforce.web.console import Console, whole_number
from reinforce.web.gate import NoRight
from reinforce.web.notices import Notice, Undo
from reinforce.web.page import attachment
from reinforce.web.uploads import Kept, with_plain_names

Word = Annotated[str, Form(max_length=200)]
Ticked = Annotated[list[str] | None, Form()]
# So many lines of each kind are shown of a roster; the counts tell of all.
SHOWN = 100
CHANGES: dict[str, tuple[str, Callable[..., Any]]] = {
    "complete": ("completed the cohort", complete),
    "withdraw": ("left the cohort: they count no more from now on", withdraw),
    "re-enroll": ("take part again, with the memory they have", re_enroll),
}


def routes(console: Console) -> APIRouter:
    """`/cohorts/<slug>/people`, and what is done there."""
    router = APIRouter()

    @router.get("/cohorts/{slug}/people")
    def listed(request: Request, slug: str, state: str = "", q: str = "", page: str = "1") -> Response:
        return _show(console, request, slug, chosen={"state": state, "q": q[:100], "page": page})

    @router.get("/cohorts/{slug}/completions.csv")
    def exported(request: Request, slug: str) -> Response:
        viewer = console.gate.here(request)
        cohort_for(console, viewer, slug, Right.PEOPLE)
        actor, now = viewer.actor, console.clock.now()
        table = export_completions(console.database, slug, since=None, columns=None, actor=actor, now=now)
        return attachment(csv_bytes(table), f"{slug}-completions.csv", "text/csv; charset=utf-8")

    _add_roster(router, console)
    _add_changes(router, console)
    _add_absences(router, console)
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
            return _show(console, request, slug, fault=with_plain_names(fault, kept), given=given)
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
            return _show(console, request, slug, fault=with_plain_names(fault, kept))
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


def _add_changes(router: APIRouter, console: Console) -> None:
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/cohorts/{slug}/change", dependencies=changing)
    def change(request: Request, slug: str, who: Ticked = None, what: Word = "", to: Word = "") -> Response:
        viewer = console.gate.here(request)
        cohort_for(console, viewer, slug, Right.PEOPLE)
        address, now = f"/cohorts/{slug}/people", console.clock.now()
        if not who:
            return console.done(request, address, Notice("Nobody was ticked; nothing was done.", tone="care"))
        many = f"{len(who)} learner{'s' if len(who) != 1 else ''}"
        if what == "move":
            there = cohort_for(console, viewer, to, Right.PEOPLE)
            for one in who:
                move_learner(console.database, one, slug, there.slug, actor=viewer.actor, now=now)
            return console.done(request, address, Notice(f"{many} went to {there.title}, memory and code with them."))
        if what not in CHANGES:
            raise HTTPException(404)
        words, act = CHANGES[what]
        moved = act(console.database, slug, who, actor=viewer.actor, now=now)
        ids = [one.employee_id for one in moved]
        undo = None
        if what != "re-enroll" and len(ids) == 1:
            undo = Undo(f"/cohorts/{slug}/change", {"what": "re-enroll", "who": ids[0]}, "Take them in again")
        more = () if len(ids) == len(who) else (f"{len(who) - len(ids)} were so already.",)
        return console.done(request, address, Notice(f"{len(ids)} learners {words}.", more, undo))


def _add_absences(router: APIRouter, console: Console) -> None:
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/cohorts/{slug}/absence", dependencies=changing)
    def absence(request: Request, slug: str, who: Word = "", first: Word = "", last: Word = "") -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.PEOPLE)
        try:
            _require_here(console, there.id, who)
            days = (date.fromisoformat(first) if first else None, date.fromisoformat(last))
            made = absent_learner(console.database, who, *days, actor=viewer.actor, now=console.clock.now())
        except ValueError:
            fault = NotAllowed("That is no date.", "Write it as 2026-12-24.")
            return _show(console, request, slug, away_fault=fault, given={"who": who, "first": first, "last": last})
        except ReinforceError as refused:
            given = {"who": who, "first": first, "last": last}
            return _show(console, request, slug, away_fault=refused, given=given)
        words = f"{who} is away from {made.first_day} to {made.last_day}: their silence tells nothing."
        undo = Undo(f"/cohorts/{slug}/back", {"absence": str(made.id)}, "They are not away")
        return console.done(request, f"/cohorts/{slug}/people", Notice(words, undo=undo))

    @router.post("/cohorts/{slug}/back", dependencies=changing)
    def back(request: Request, slug: str, absence: Annotated[int, Form(ge=0)] = 0) -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.PEOPLE)
        with console.database.read() as connection:
            learner_id = away.absence_by_id(connection, absence).learner_id
            if learner_id not in {one.id for one in people.learners_of(connection, there.id, live=False)}:
                raise HTTPException(404)
        lift_absence(console.database, absence, actor=viewer.actor, now=console.clock.now())
        return console.done(request, f"/cohorts/{slug}/people", Notice("They are back."))


def _require_here(console: Console, cohort_id: int, employee_id: str) -> None:
    with console.database.read() as connection:
        found = people.learners_by_employee_id(connection, [employee_id]).get(employee_id)
        if found is None or cohort_id not in cohorts.cohorts_of_learner(connection, found.id):
            raise NotAllowed("Nobody in this cohort has that employee id.", "See the list on this page.")


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


def _show(
    console: Console,
    request: Request,
    slug: str,
    *,
    chosen: dict[str, str] | None = None,
    fault: ReinforceError | None = None,
    away_fault: ReinforceError | None = None,
    given: dict[str, str] | None = None,
) -> Response:
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
        "fault": fault,
        "away_fault": away_fault,
        "given": {"columns": "", "full": "", "move": "", "who": "", "first": "", "last": "", **(given or {})},
        "may": viewer.scope(Right.PEOPLE).holds(line.id),
    }
    return console.show(request, "cohort_people", values, status=422 if fault or away_fault else 200)
