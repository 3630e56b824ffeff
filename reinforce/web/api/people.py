"""Who is enrolled: lists, rosters, what becomes of enrollments, who is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, File, Query, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from reinforce.actions.authoring.enroll import Terms, enroll
from reinforce.actions.authoring.undo_enroll import Undone, undo_enroll
from reinforce.actions.enrolling.be_away import absent_learner, lift_absence
from reinforce.actions.enrolling.change import Moved, complete, move_learner, re_enroll, withdraw
from reinforce.actions.enrolling.export_completions import export_completions
from reinforce.content.roster_file import read_roster_file
from reinforce.domain.access.rights import Right
from reinforce.domain.cohort import EnrollmentState
from reinforce.domain.enrolling.roster_changes import EnrollReport
from reinforce.domain.errors import ContentRefused, NotFound
from reinforce.rendering.spreadsheets import csv_bytes
from reinforce.store.people import cohorts, column_maps, people
from reinforce.store.people.away import Absence
from reinforce.store.reporting.console.enrolled import EnrolledPerson, people_page
from reinforce.store.reporting.enrolling import absence_rows
from reinforce.web.api.calls import calls_of
from reinforce.web.api.values import Page, RowInPath
from reinforce.web.cohort_lookup import cohort_for
from reinforce.web.console import Console
from reinforce.web.page import attachment
from reinforce.web.uploads import with_plain_names

Roster = Annotated[UploadFile, File()]


class Which(BaseModel):
    """Which people: in a state, with some letters in their name, handle or employee id."""

    state: EnrollmentState | None = None
    q: str = Field("", max_length=200)
    start: int = Field(1, ge=1, le=10_000)


class RosterOptions(BaseModel):
    """How a roster is meant. `full`: whoever is missing has left; `move`: whoever is in another cohort comes over;
    `agreed`: how many may leave, where they are more than a tenth; `columns`: the column map to read it by."""

    preview: bool = False
    columns: str = Field("", max_length=200)
    full: bool = False
    move: bool = False
    agreed: int = Field(0, ge=0, le=1_000_000)


class Change(StrEnum):
    """What may become of an enrollment."""

    COMPLETE = "complete"
    WITHDRAW = "withdraw"
    RE_ENROLL = "re-enroll"


_ACTS: dict[Change, Callable[..., tuple[Moved, ...]]] = {
    Change.COMPLETE: complete,
    Change.WITHDRAW: withdraw,
    Change.RE_ENROLL: re_enroll,
}


class ChangeOfMany(BaseModel):
    """Which learners, by employee id, and what becomes of them: all of them or none."""

    change: Change
    employee_ids: list[str] = Field(min_length=1, max_length=1000)


class MoveOfOne(BaseModel):
    """Who goes to which cohort."""

    employee_id: str = Field(max_length=200)
    to: str = Field(max_length=200, examples=["paint-shop"])


class NewAbsence(BaseModel):
    """Days, both included, local to the learner. No first day: today."""

    employee_id: str = Field(max_length=200)
    first_day: date | None = None
    last_day: date


class AbsenceLine(BaseModel):
    """A learner is away on these days, both included."""

    id: int
    employee_id: str
    name: str
    first_day: date
    last_day: date
    begun: bool


def routes(console: Console) -> APIRouter:
    """`/cohorts/<slug>/enrollments` and its neighbours."""
    router = calls_of(console, "people", "/cohorts/{slug}")

    @router.get("/enrollments")
    def enrollments(request: Request, slug: str, which: Annotated[Which, Query()]) -> Page[EnrolledPerson]:
        """A page of fifty people by name: for the facilitators of the cohort."""
        there = cohort_for(console, console.gate.here(request), slug, Right.NAMES)
        with console.database.read() as connection:
            state, now = which.state.value if which.state else "", console.clock.now()
            page = people_page(connection, there.id, now, state=state, words=which.q, page=which.start)
        return Page(items=list(page.people), next=which.start + 1 if page.more else None)

    @router.get("/completions.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
    def completions(request: Request, slug: str) -> Response:
        """Who stands where by employee id, as CSV. No cell is a formula."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.PEOPLE)
        actor, now = viewer.actor, console.clock.now()
        table = export_completions(console.database, there.slug, since=None, columns=None, actor=actor, now=now)
        return attachment(csv_bytes(table), f"{there.slug}-completions.csv", "text/csv; charset=utf-8")

    _add_roster(router, console)
    _add_changes(router, console)
    _add_absences(router, console)
    return router


def _add_roster(router: APIRouter, console: Console) -> None:
    @router.post("/roster")
    def roster(request: Request, slug: str, file: Roster, asked: Annotated[RosterOptions, Query()]) -> EnrollReport:
        """Take in a roster (CSV or XLSX), or with `preview` say what it would do."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.PEOPLE)
        kept = console.uploads.keep(file, viewer.actor)
        try:
            with console.database.read() as connection:
                known = column_maps.map_by_name(connection, asked.columns) if asked.columns else None
            rows = read_roster_file(kept.path, known).rows
            reach = viewer.scope(Right.PEOPLE)
            terms = Terms(asked.preview, asked.full, asked.move, asked.agreed, reach)
            actor, now, keyed = viewer.actor, console.clock.now(), console.house.keyed_hash
            return enroll(console.database, there.slug, rows, actor=actor, now=now, keyed=keyed, terms=terms)
        except ContentRefused as refused:
            raise with_plain_names(refused, kept) from None
        finally:
            console.uploads.drop(kept)

    @router.post("/roster/undo")
    def undo(request: Request, slug: str) -> Undone:
        """Take the cohort's last roster back."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.PEOPLE)
        return undo_enroll(console.database, there.slug, actor=viewer.actor, now=console.clock.now())


def _add_changes(router: APIRouter, console: Console) -> None:
    @router.post("/enrollments/change")
    def change(request: Request, slug: str, asked: ChangeOfMany) -> list[Moved]:
        """Let learners complete, leave or take part again."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.PEOPLE)
        act = _ACTS[asked.change]
        return list(act(console.database, there.slug, asked.employee_ids, actor=viewer.actor, now=console.clock.now()))

    @router.post("/enrollments/move")
    def move(request: Request, slug: str, asked: MoveOfOne) -> list[Moved]:
        """Let a learner go to another cohort of yours, memory and code with them."""
        viewer = console.gate.here(request)
        here = cohort_for(console, viewer, slug, Right.PEOPLE)
        there = cohort_for(console, viewer, asked.to, Right.PEOPLE)
        slugs = (here.slug, there.slug)
        return list(
            move_learner(console.database, asked.employee_id, *slugs, actor=viewer.actor, now=console.clock.now())
        )


def _add_absences(router: APIRouter, console: Console) -> None:
    @router.get("/absences")
    def listed(request: Request, slug: str) -> list[AbsenceLine]:
        """Who of the cohort is away, or will be."""
        there = cohort_for(console, console.gate.here(request), slug, Right.NAMES)
        with console.database.read() as connection:
            rows = absence_rows(connection, console.clock.now(), cohort_id=there.id)
        return [AbsenceLine(**one) for one in rows]

    @router.post("/absences", status_code=201)
    def absence(request: Request, slug: str, new: NewAbsence) -> Absence:
        """Say that a learner is away: their silence tells nothing meanwhile."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.PEOPLE)
        with console.database.read() as connection:
            found = people.learners_by_employee_id(connection, [new.employee_id]).get(new.employee_id)
            if found is None or there.id not in cohorts.cohorts_of_learner(connection, found.id):
                raise NotFound("nobody in this cohort has that employee id", "See its enrollments.")
        days = (new.first_day, new.last_day)
        return absent_learner(console.database, new.employee_id, *days, actor=viewer.actor, now=console.clock.now())

    @router.delete("/absences/{absence}", status_code=204)
    def back(request: Request, slug: str, absence: RowInPath) -> None:
        """A learner is back earlier; one that has not begun never was."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.PEOPLE)
        with console.database.read() as connection:
            rows = absence_rows(connection, console.clock.now(), cohort_id=there.id)
        if absence not in {one["id"] for one in rows}:
            raise NotFound(f"nobody in this cohort has an absence {absence} to lift", "See its absences.")
        lift_absence(console.database, absence, actor=viewer.actor, now=console.clock.now())
