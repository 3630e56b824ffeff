"""Cohorts: list, read, dates, holds, pause, and what the plan would post."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from reinforce.actions.authoring.cohorts import pause_cohort, resume_cohort
from reinforce.actions.enrolling.be_away import HoldOutcome, hold_cohort, lift_hold
from reinforce.actions.enrolling.set_dates import set_dates
from reinforce.actions.planning.preview import PreviewedPost, preview
from reinforce.domain.access.rights import Right
from reinforce.domain.cohort import Cohort, Completes
from reinforce.domain.errors import NotFound
from reinforce.store.reporting.console.cohorts import CohortLine, cohort_lines
from reinforce.web.api.calls import calls_of
from reinforce.web.api.values import Reason, RowInPath
from reinforce.web.cohort_lookup import cohort_for, line_of
from reinforce.web.console import Console
from reinforce.web.gate import NoRight
from reinforce.web.sight import sight_of


class NewDates(BaseModel):
    """Dates to set, local to the cohort; what is left out stays, null takes a date out."""

    model_config = ConfigDict(extra="forbid")

    opens_on: date | None = None
    closes_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    assessment: date | None = None
    completes: Completes = Completes.END
    lapse_after: int = Field(0, ge=0, le=3650, description="days without a word; 0: never")
    updates: bool = True


class NewHold(BaseModel):
    """Days, both included, on which nothing is posted; local to the cohort. No first day: today."""

    first_day: date | None = None
    last_day: date = Field(examples=["2026-12-24"])
    reason: str = Field("", max_length=200)


def routes(console: Console) -> APIRouter:
    """`/cohorts`."""
    router = calls_of(console, "cohorts", "/cohorts")

    @router.get("")
    def cohorts(request: Request) -> list[CohortLine]:
        """Your cohorts, with the counts a facilitator asks for first."""
        seen = console.gate.here(request).scope(Right.LOOK)
        with console.database.read() as connection:
            return list(cohort_lines(connection, seen))

    @router.get("/{slug}")
    def cohort(request: Request, slug: str) -> CohortLine:
        """One cohort."""
        seen = console.gate.here(request).scope(Right.LOOK)
        with console.database.read() as connection:
            return line_of(connection, slug, seen)

    @router.get("/{slug}/plan")
    def plan(request: Request, slug: str, days: Annotated[int, Query(ge=1, le=90)] = 7) -> list[PreviewedPost]:
        """What would go out on the next days if nobody answered; changes nothing. Reasons tell of memory, so they need
        a cohort of five, or the right to see single people."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.LOOK)
        with console.database.read() as connection:
            if not sight_of(connection, viewer).figures_of(there.id):
                raise NoRight
        means = (console.renderer, console.tariff)
        return list(preview(console.database, there.id, *means, now=console.clock.now(), days=days))

    _add_changes(router, console)
    return router


def _add_changes(router: APIRouter, console: Console) -> None:
    @router.patch("/{slug}/dates")
    def dates(request: Request, slug: str, new: NewDates) -> Cohort:
        """Set dates; what already went out about one stays."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        changes: dict[str, Any] = {name: getattr(new, name) for name in new.model_fields_set}
        return set_dates(console.database, there.slug, changes, actor=viewer.actor, now=console.clock.now())

    @router.post("/{slug}/holds", status_code=201)
    def hold(request: Request, slug: str, new: NewHold) -> HoldOutcome:
        """Post nothing on these days; what was planned for them is taken back."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        days = (new.first_day, new.last_day, new.reason)
        return hold_cohort(console.database, there.slug, *days, actor=viewer.actor, now=console.clock.now())

    @router.delete("/{slug}/holds/{hold}")
    def lift(request: Request, slug: str, hold: RowInPath) -> Cohort:
        """End a hold today; one that has not begun never was."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        if hold not in {one.id for one in there.holds}:
            raise NotFound(f"{slug} has no hold {hold}", "See its holds: GET the cohort's page, or reinforce hold list")
        return lift_hold(console.database, hold, actor=viewer.actor, now=console.clock.now())

    @router.post("/{slug}/pause")
    def pause(request: Request, slug: str, why: Reason) -> Cohort:
        """Post nothing until it goes on."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        return pause_cohort(console.database, there.slug, why.reason, actor=viewer.actor, now=console.clock.now())

    @router.post("/{slug}/resume")
    def resume(request: Request, slug: str) -> Cohort:
        """Let a paused cohort go on from here."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        return resume_cohort(console.database, there.slug, actor=viewer.actor, now=console.clock.now())
