"""A cohort's dates, its holds, and whether it runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from reinforce.actions.authoring.cohorts import pause_cohort, resume_cohort
from reinforce.actions.enrolling.be_away import hold_cohort, lift_hold
from reinforce.actions.enrolling.set_dates import set_dates
from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.access.rights import Right
from reinforce.domain.cohort import Completes
from reinforce.domain.errors import ReinforceError
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.slots import local_day
from reinforce.store.people import cohorts
from reinforce.store.reporting.enrolling import hold_rows, update_rows
from reinforce.web.cohort_lookup import cohort_for, line_of
from reinforce.web.console import Console
from reinforce.web.date_fields import COMPLETES, LABELS, day_in, shown
from reinforce.web.notices import Notice, Undo

Word = Annotated[str, Form(max_length=200)]
HOLIDAYS_SHOWN = timedelta(days=120)


class DatesForm(BaseModel):
    """What the form of a cohort's dates sends; a date is "" for none."""

    opens_on: str = ""
    closes_on: str = ""
    starts_on: str = ""
    ends_on: str = ""
    assessment: str = ""
    completes: Completes = Completes.END
    lapse_after: int = Field(0, ge=0, le=3650)
    updates: str = ""


def routes(console: Console) -> APIRouter:
    """`/cohorts/<slug>/dates`, and what changes them."""
    router = APIRouter()
    changing = [Depends(console.pages.tokens.check)]

    @router.get("/cohorts/{slug}/dates")
    def dates(request: Request, slug: str) -> Response:
        return _show(console, request, slug)

    @router.post("/cohorts/{slug}/dates", dependencies=changing)
    def change(request: Request, slug: str, form: Annotated[DatesForm, Form()]) -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        given = {name: getattr(form, name) for name in LABELS}
        try:
            changes: dict[str, Any] = {name: day_in(text) for name, text in given.items()}
            changes |= {"completes": form.completes, "lapse_after": form.lapse_after, "updates": bool(form.updates)}
            set_dates(console.database, there.slug, changes, actor=viewer.actor, now=console.clock.now())
        except ReinforceError as fault:
            return _show(console, request, slug, fault=fault, given=given)
        more = ("What already went out about a date stays; what is to come moves within a minute.",)
        return console.done(request, f"/cohorts/{slug}/dates", Notice(f"The dates of {there.title} are set.", more))

    _add_holds(router, console)
    return router


def _add_holds(router: APIRouter, console: Console) -> None:
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/cohorts/{slug}/hold", dependencies=changing)
    def hold(request: Request, slug: str, first: Word = "", last: Word = "", reason: Word = "") -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        try:
            last_day = day_in(last)
            if last_day is None:
                raise ReinforceError("Until when?", "Give the last day on which nothing is posted.")
            actor, now = viewer.actor, console.clock.now()
            made = hold_cohort(console.database, there.slug, day_in(first), last_day, reason, actor=actor, now=now)
        except ReinforceError as fault:
            return _show(
                console, request, slug, hold_fault=fault, given={"first": first, "last": last, "reason": reason}
            )
        taken = made.taken_back
        more = (f"{taken} planned post{'s' if taken != 1 else ''} taken back.",) if taken else ()
        words = f"{there.title} is on hold from {made.hold.first_day} to {made.hold.last_day}."
        undo = Undo(f"/cohorts/{slug}/lift", {"hold": str(made.hold.id)}, "Lift the hold")
        return console.done(request, f"/cohorts/{slug}/dates", Notice(words, more, undo))

    @router.post("/cohorts/{slug}/lift", dependencies=changing)
    def lift(request: Request, slug: str, hold: Annotated[int, Form(ge=0)] = 0) -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        if hold not in {one.id for one in there.holds}:
            return console.done(request, f"/cohorts/{slug}/dates", Notice("That hold is gone already.", tone="care"))
        lift_hold(console.database, hold, actor=viewer.actor, now=console.clock.now())
        return console.done(request, f"/cohorts/{slug}/dates", Notice(f"{there.title} is not on hold any more."))

    @router.post("/cohorts/{slug}/pause", dependencies=changing)
    def pause(request: Request, slug: str, reason: Word = "") -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        pause_cohort(console.database, slug, reason, actor=viewer.actor, now=console.clock.now())
        undo = Undo(f"/cohorts/{slug}/resume", label="Let it go on")
        notice = Notice(f"{there.title} is paused: nothing is posted until it goes on.", undo=undo)
        return console.done(request, f"/cohorts/{slug}/dates", notice)

    @router.post("/cohorts/{slug}/resume", dependencies=changing)
    def resume(request: Request, slug: str) -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        resume_cohort(console.database, slug, actor=viewer.actor, now=console.clock.now())
        return console.done(request, f"/cohorts/{slug}/dates", Notice(f"{there.title} goes on from here."))


def _show(
    console: Console,
    request: Request,
    slug: str,
    *,
    fault: ReinforceError | None = None,
    hold_fault: ReinforceError | None = None,
    given: dict[str, str] | None = None,
) -> Response:
    viewer, now = console.gate.here(request), console.clock.now()
    with console.database.read() as connection:
        line = line_of(connection, slug, viewer.scope(Right.LOOK))
        there = cohorts.cohort_by_id(connection, line.id)
        cadence = Cadence.from_content(cohorts.schedule_in_use(connection, line.id))
        holds = hold_rows(connection, now, slug=slug)
        updates = update_rows(connection, slug)
    today = local_day(now, there.zone)
    there_or_given = {name: shown(getattr(there, name)) for name in LABELS} | (given or {})
    free = holidays_of(there, cadence, now)
    values: dict[str, Any] = {
        "line": line,
        "there": there,
        "dates": [(name, label, there_or_given[name]) for name, label in LABELS.items()],
        "completes": COMPLETES,
        "holds": holds,
        "updates": updates,
        "today": today,
        "holidays": [(day, name) for day, name in sorted(free.items()) if today <= day <= today + HOLIDAYS_SHOWN],
        "cadence": cadence,
        "fault": fault,
        "hold_fault": hold_fault,
        "given": {"first": "", "last": "", "reason": "", **(given or {})},
        "may": viewer.scope(Right.STEER).holds(line.id),
    }
    return console.show(request, "cohort_dates", values, status=422 if fault or hold_fault else 200)
