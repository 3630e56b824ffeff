"""Cohorts: list, read, dates, holds, pause, and what the plan would post."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from reinforce.actions.answering.facilitate import promise
from reinforce.actions.approving.review import set_mode
from reinforce.actions.authoring.cohorts import NewCohort, create_cohort, pause_cohort, resume_cohort, set_priority
from reinforce.actions.enrolling.be_away import HoldOutcome, hold_cohort, lift_hold
from reinforce.actions.enrolling.set_dates import set_dates
from reinforce.actions.planning.preview import PreviewedPost, preview
from reinforce.domain.access.rights import Right
from reinforce.domain.cohort import Answers, Approval, Cohort, CohortState, Completes, Hold, Opening
from reinforce.domain.errors import NotFound
from reinforce.store.reporting.console.cohorts import CohortLine, cohort_lines
from reinforce.web.api.calls import calls_of
from reinforce.web.api.values import Reason, RowInPath
from reinforce.web.cadences import USUAL, cadence
from reinforce.web.cohort_lookup import cohort_for, line_of
from reinforce.web.console import Console
from reinforce.web.gate import NoRight
from reinforce.web.sight import sight_of


class CohortSeen(BaseModel):
    """A cohort with the counts a facilitator asks for first; `learners` are the live ones, `linked` among them. How
    many said stop is told to facilitators alone, with their names: beside another count it would tell who did."""

    id: int
    slug: str
    title: str
    zone: str
    language: str
    state: CohortState
    paused_reason: str
    hashtag: str | None
    schedule: str
    account: str
    starts_on: date | None
    assessment: date | None
    procedures: list[str]
    nuggets: int
    learners: int
    linked: int
    posted: int
    last_posted: datetime | None
    next_due: datetime | None

    @classmethod
    def of(cls, line: CohortLine) -> CohortSeen:
        """A line of the console's, as the API tells it."""
        return cls(**{name: getattr(line, name) for name in cls.model_fields})


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


class OpenTo(BaseModel):
    """How people come into an open cohort, which has no roster: by a reply that asks to join, or a post with the
    hashtag."""

    hashtag: str = Field(min_length=1, max_length=100)
    most: int = Field(500, ge=1, le=100_000)
    an_hour: int = Field(60, ge=1, le=10_000)


class NewCohortAsked(BaseModel):
    """A cohort to create. `account` and `procedures` are names, `cadence` one that ships; with `open` it has no
    roster."""

    slug: str = Field(min_length=1, max_length=60)
    title: str = Field(min_length=1, max_length=200)
    account: str = Field(max_length=200)
    procedures: list[str] = Field(min_length=1, max_length=200)
    cadence: str = Field(USUAL, max_length=100)
    zone: str = Field("UTC", max_length=60)
    country: str = Field("", max_length=10, examples=["DE"])
    language: str = Field("en", max_length=2)
    answers: Answers = Answers.REPLIES
    approval: Approval = Approval.FIRST
    opens_on: date | None = None
    closes_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    assessment: date | None = None
    completes: Completes = Completes.END
    lapse_after: int = Field(0, ge=0, le=3650)
    updates: bool = True
    open: OpenTo | None = None

    def as_new(self) -> NewCohort:
        """The same, as the actions take it."""
        plain = self.model_dump(exclude={"open", "procedures", "cadence"})
        opening = None if self.open is None else Opening(**self.open.model_dump())
        return NewCohort(procedures=tuple(self.procedures), opening=opening, **plain)


class Promises(BaseModel):
    """What changes of a cohort; what is left out stays. `facilitator`: whose its questions are, "" for nobody's;
    `priority`: so many times the room of one of priority 1 on a crowded account."""

    model_config = ConfigDict(extra="forbid")

    respond_hours: float | None = Field(None, gt=0, le=10_000)
    acknowledge: bool | None = None
    facilitator: str | None = Field(None, max_length=200)
    priority: int | None = Field(None, ge=1, le=10)
    approval: Approval | None = None


class NewHold(BaseModel):
    """Days, both included, on which nothing is posted; local to the cohort. No first day: today."""

    first_day: date | None = None
    last_day: date = Field(examples=["2026-12-24"])
    reason: str = Field("", max_length=200)


def routes(console: Console) -> APIRouter:
    """`/cohorts`."""
    router = calls_of(console, "cohorts", "/cohorts")

    @router.get("")
    def cohorts(request: Request) -> list[CohortSeen]:
        """Your cohorts, with the counts a facilitator asks for first."""
        seen = console.gate.here(request).scope(Right.LOOK)
        with console.database.read() as connection:
            return [CohortSeen.of(line) for line in cohort_lines(connection, seen)]

    @router.post("", status_code=201)
    def create(request: Request, new: NewCohortAsked) -> Cohort:
        """Create a cohort; it runs from its first day."""
        actor, now = console.gate.here(request).actor, console.clock.now()
        return create_cohort(console.database, new.as_new(), cadence(console, new.cadence), actor=actor, now=now)

    @router.get("/{slug}")
    def cohort(request: Request, slug: str) -> CohortSeen:
        """One cohort."""
        seen = console.gate.here(request).scope(Right.LOOK)
        with console.database.read() as connection:
            return CohortSeen.of(line_of(connection, slug, seen))

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
    _add_holds(router, console)
    return router


def _add_changes(router: APIRouter, console: Console) -> None:
    @router.patch("/{slug}/dates")
    def dates(request: Request, slug: str, new: NewDates) -> Cohort:
        """Set dates; what already went out about one stays."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        changes: dict[str, Any] = {name: getattr(new, name) for name in new.model_fields_set}
        return set_dates(console.database, there.slug, changes, actor=viewer.actor, now=console.clock.now())

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

    @router.patch("/{slug}")
    def promises(request: Request, slug: str, new: Promises) -> Cohort:
        """Change what a cohort promises its learners, which texts need a yes, and its share of a crowded account."""
        viewer, now = console.gate.here(request), console.clock.now()
        there = cohort_for(console, viewer, slug, Right.STEER)
        if new.approval is not None and not viewer.scope(Right.APPROVE).holds(there.id):
            raise NoRight  # who may not say yes does not say that none is needed, either
        said = (new.respond_hours, new.acknowledge, new.facilitator)
        made = promise(console.database, there.slug, *said, actor=viewer.actor, now=now)
        if new.priority is not None:
            made = set_priority(console.database, there.slug, new.priority, actor=viewer.actor, now=now)
        if new.approval is not None:
            set_mode(console.database, there.slug, new.approval, actor=viewer.actor, now=now)
        return cohort_for(console, viewer, there.slug, Right.STEER) if new.approval is not None else made


def _add_holds(router: APIRouter, console: Console) -> None:
    @router.get("/{slug}/holds")
    def holds(request: Request, slug: str) -> list[Hold]:
        """The cohort's holds, past ones too."""
        return list(cohort_for(console, console.gate.here(request), slug, Right.LOOK).holds)

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
