"""A cohort's dates, its holds, and whether it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from reinforce.actions.authoring.cohorts import pause_cohort, resume_cohort, set_priority
from reinforce.actions.enrolling.be_away import hold_cohort, lift_hold
from reinforce.actions.enrolling.set_dates import check_new_dates, set_dates
from reinforce.actions.programmes.hold_programme import Held, hold_programme, resume_programme
from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.access.rights import Right
from reinforce.domain.cohort import Cohort, Completes
from reinforce.domain.errors import ReinforceError
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.slots import local_day
from reinforce.store.accounts import accounts
from reinforce.store.people import cohorts
from reinforce.store.programmes import runs
from reinforce.store.reporting.enrolling import hold_rows, update_rows
from reinforce.web.cohort_lookup import cohort_for, line_of
from reinforce.web.console import Console
from reinforce.web.date_effects import DateEffect, date_effects
from reinforce.web.date_fields import COMPLETES, LABELS, day_in, shown
from reinforce.web.notices import Notice, Undo

Word = Annotated[str, Form(max_length=200)]
HOLIDAYS_SHOWN = timedelta(days=120)


class DatesForm(BaseModel):
    """What the form of a cohort's dates sends; a date is "" for none. `look`: only what it would do is asked."""

    opens_on: str = ""
    closes_on: str = ""
    starts_on: str = ""
    ends_on: str = ""
    assessment: str = ""
    completes: Completes = Completes.END
    lapse_after: int = Field(0, ge=0, le=3650)
    updates: str = ""
    look: str = ""

    def changes(self) -> dict[str, Any]:
        """As `set_dates` takes them. Raises ReinforceError for what is no date."""
        given: dict[str, Any] = {name: day_in(getattr(self, name)) for name in LABELS}
        more = {"completes": self.completes, "lapse_after": self.lapse_after, "updates": bool(self.updates)}
        return given | more


class HoldForm(BaseModel):
    """What the form of a hold sends. `back` is the page of the calendar it stood on, "" for the cohort's own."""

    first: str = Field("", max_length=200)
    last: str = Field("", max_length=200)
    reason: str = Field("", max_length=200)
    shift: str = Field("", max_length=200)
    back: str = Field("", max_length=200)


def routes(console: Console) -> APIRouter:
    """`/cohorts/<slug>/dates`, and what changes them."""
    router = console.router()
    changing = [Depends(console.pages.tokens.check)]

    @router.get("/cohorts/{slug}/dates")
    def dates(request: Request, slug: str) -> Response:
        return _show(console, request, slug)

    @router.post("/cohorts/{slug}/dates/look", dependencies=changing)
    def look(request: Request, slug: str, form: Annotated[DatesForm, Form()]) -> Response:
        there = cohort_for(console, console.gate.here(request), slug, Right.STEER)
        try:
            values: dict[str, Any] = {"effects": _effects(console, there, form), "problem": None}
        except ReinforceError as fault:
            values = {"effects": None, "problem": fault}
        return console.show(request, "cohort_date_effects", values)

    @router.post("/cohorts/{slug}/dates", dependencies=changing)
    def change(request: Request, slug: str, form: Annotated[DatesForm, Form()]) -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        given = form.model_dump(exclude={"look"})
        try:
            effects = _effects(console, there, form)
            if form.look:
                return _show(console, request, slug, given=given, effects=effects)
            set_dates(console.database, there.slug, form.changes(), actor=viewer.actor, now=console.clock.now())
        except ReinforceError as fault:
            return _show(console, request, slug, fault=fault, given=given)
        more = tuple(f"{one.update}: {one.words}" for one in effects)
        return console.done(request, f"/cohorts/{slug}/dates", Notice(f"The dates of {there.title} are set.", more))

    @router.post("/cohorts/{slug}/priority", dependencies=changing)
    def share(request: Request, slug: str, priority: Annotated[int, Form(ge=1, le=10)]) -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        set_priority(console.database, slug, priority, actor=viewer.actor, now=console.clock.now())
        undo = Undo(f"/cohorts/{slug}/priority", {"priority": str(there.priority)}, f"Back to {there.priority}")
        notice = Notice(f"{there.title} has priority {priority} on its account.", undo=undo)
        return console.done(request, f"/cohorts/{slug}/dates", notice)

    _add_holds(router, console)
    return router


def _effects(console: Console, there: Cohort, form: DatesForm) -> tuple[DateEffect, ...]:
    """What the form's dates would change. Raises ReinforceError as `set_dates`."""
    changes = form.changes()
    check_new_dates(console.database, there.slug, changes)
    with console.database.read() as connection:
        return date_effects(connection, there, replace(there, **changes), console.clock.now())


def _add_holds(router: APIRouter, console: Console) -> None:
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/cohorts/{slug}/hold", dependencies=changing)
    def hold(request: Request, slug: str, form: Annotated[HoldForm, Form()]) -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        try:
            first_day, last_day = day_in(form.first), day_in(form.last)
            if last_day is None:
                raise ReinforceError("Until when?", "Give the last day on which nothing is posted.")
            by: dict[str, Any] = {"actor": viewer.actor, "now": console.clock.now()}
            days = (console.database, slug, first_day, last_day, form.reason)
            made = hold_programme(*days, shift=True, **by) if form.shift else hold_cohort(*days, **by)
        except ReinforceError as fault:
            return _show(console, request, slug, hold_fault=fault, given=form.model_dump())
        taken, moved = made.taken_back, made.moved if isinstance(made, Held) else 0
        more: tuple[str, ...] = (f"{taken} planned post{'s' if taken != 1 else ''} taken back.",) if taken else ()
        more += (f"What is to come of its programme is {moved} days later.",) if moved else ()
        words = f"{there.title} is on hold from {made.hold.first_day} to {made.hold.last_day}."
        undo = Undo(f"/cohorts/{slug}/lift", {"hold": str(made.hold.id), "back": form.back}, "Lift the hold")
        return console.done(request, _back(slug, form.back), Notice(words, more, undo))

    @router.post("/cohorts/{slug}/lift", dependencies=changing)
    def lift(request: Request, slug: str, hold: Annotated[int, Form(ge=0)] = 0, back: Word = "") -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        if hold not in {one.id for one in there.holds}:
            return console.done(request, _back(slug, back), Notice("That hold is gone already.", tone="care"))
        more: tuple[str, ...] = ()
        if _moved_the_programme(console, there, hold):
            held = resume_programme(console.database, slug, actor=viewer.actor, now=console.clock.now())
            more = (f"What is to come of its programme is {-held.moved} days earlier again.",) if held.moved else ()
        else:
            lift_hold(console.database, hold, actor=viewer.actor, now=console.clock.now())
        words = f"{there.title} is not on hold any more."
        return console.done(request, _back(slug, back), Notice(words, more))

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


def _back(slug: str, page: str) -> str:
    """Where a form of holds leads: to the page of the calendar it was filled in on, else to the cohort's dates."""
    return page if page.startswith("/calendar?") else f"/cohorts/{slug}/dates"


def _moved_the_programme(console: Console, there: Cohort, hold: int) -> bool:
    """Whether this is the hold that is under way, or the next one, and moved what is to come of a programme."""
    today = local_day(console.clock.now(), there.zone)
    following = next((one.id for one in there.holds if one.last_day >= today), None)
    with console.database.read() as connection:
        running = runs.running(connection, there.id)
    return hold == following and any(str(hold) in run.shifts for run in running)


def _show(
    console: Console,
    request: Request,
    slug: str,
    *,
    fault: ReinforceError | None = None,
    hold_fault: ReinforceError | None = None,
    given: Mapping[str, Any] | None = None,
    effects: tuple[DateEffect, ...] | None = None,
) -> Response:
    viewer, now = console.gate.here(request), console.clock.now()
    with console.database.read() as connection:
        line = line_of(connection, slug, viewer.scope(Right.LOOK))
        there = cohorts.cohort_by_id(connection, line.id)
        cadence = Cadence.from_content(cohorts.schedule_in_use(connection, line.id))
        holds = hold_rows(connection, now, slug=slug)
        updates = update_rows(connection, slug)
        account = accounts.account_by_id(connection, there.account_id)
        running = runs.running(connection, there.id)
    today = local_day(now, there.zone)
    stored: dict[str, Any] = {name: shown(getattr(there, name)) for name in LABELS}
    stored |= {"completes": there.completes.value, "lapse_after": there.lapse_after, "updates": there.updates}
    filled = {**stored, "first": "", "last": "", "reason": "", "shift": "", **(given or {})}
    free = holidays_of(there, cadence, now)
    values: dict[str, Any] = {
        "line": line,
        "there": there,
        "dates": [(name, label, filled[name]) for name, label in LABELS.items()],
        "completes": COMPLETES,
        "holds": holds,
        "updates": updates,
        "today": today,
        "holidays": [(day, name) for day, name in sorted(free.items()) if today <= day <= today + HOLIDAYS_SHOWN],
        "cadence": cadence,
        "fault": fault,
        "hold_fault": hold_fault,
        "given": filled,
        "priorities": [(number, str(number)) for number in range(1, 11)],
        "effects": effects,
        "problem": None,
        "account": account,
        "programme": running[0].programme.title if running else "",
        "may": viewer.scope(Right.STEER).holds(line.id),
    }
    return console.show(request, "cohort_dates", values, status=422 if fault or hold_fault else 200)
