"""Programmes: loaded from a file, run on a cohort, held, stopped, finished."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from reinforce.actions.programmes.hold_programme import finish_programme, hold_programme, resume_programme
from reinforce.actions.programmes.load_programme import load_programme
from reinforce.actions.programmes.start_programme import preview_start, start_programme, stop_programme
from reinforce.domain.access.rights import Right
from reinforce.domain.cohort import Cohort, Hold
from reinforce.domain.errors import NotAllowed
from reinforce.domain.programmes.programme import ItemKind
from reinforce.domain.programmes.runs import RunDates
from reinforce.placing import Foretold, foretell
from reinforce.store.programmes import runs
from reinforce.store.programmes.programmes import programme_by_slug, programme_rows
from reinforce.store.reporting.programmes import plan_document, run_document
from reinforce.web.api.calls import calls_of
from reinforce.web.api.values import LookOnly
from reinforce.web.cohort_lookup import cohort_for
from reinforce.web.console import Console
from reinforce.web.gate import Viewer
from reinforce.web.programme_files import from_files, require_theirs

Document = dict[str, Any]


class Loaded(BaseModel):
    """A programme by its own days, and whether it was (or would be) "added", "changed" or "unchanged"."""

    change: str
    programme: Document


class NewStart(BaseModel):
    """Which programme starts on a local date. `agreed`: to what posts with links cost."""

    programme: str = Field(max_length=200)
    first_day: date
    agreed: bool = False


class ItemForetold(BaseModel):
    """Something with its place in a programme, at a local time of day as "09:00". `problem`: why it can't be made."""

    phase: str
    kind: ItemKind
    name: str
    day: date
    at: str
    posts: list[str]
    price_micros: int
    linked: bool
    problem: str

    @classmethod
    def of(cls, one: Foretold) -> ItemForetold:
        """One as it was foretold."""
        names = cls.model_fields.keys() - {"at"}
        return cls(at=f"{one.at:%H:%M}", **{name: getattr(one, name) for name in names})


class Started(BaseModel):
    """The run's dates and what has its place in it, as foretold; the run, null if this was only a look."""

    dates: RunDates
    items: list[ItemForetold]
    run: Document | None


class NewHold(BaseModel):
    """Local days, both included, without posts. `shift`: what is to come moves by as many whole weeks as hold them."""

    first_day: date | None = None
    last_day: date
    reason: str = Field("on hold", max_length=200)
    shift: bool = False


class Held(BaseModel):
    """A hold, how many posts it took back, and by how many days what is to come is later (earlier, if negative)."""

    hold: Hold
    taken_back: int
    moved_days: int


class Finish(BaseModel):
    """`early`: end it today, although its last day is still to come."""

    early: bool = False


def routes(console: Console) -> APIRouter:
    """`/programmes` and `/cohorts/<slug>/programme`."""
    router = calls_of(console, "programmes")

    @router.get("/programmes")
    def listed(request: Request) -> list[Document]:
        """The programmes that are loaded."""
        console.gate.here(request)
        with console.database.read() as connection:
            return [
                {name: one[name] for name in ("programme", "title", "phases")} for one in programme_rows(connection)
            ]

    @router.get("/programmes/{slug}")
    def one(request: Request, slug: str) -> Document:
        """A programme by its own days."""
        console.gate.here(request)
        with console.database.read() as connection:
            return plan_document(programme_by_slug(connection, slug)[1])

    @router.post("/programmes/load")
    def load(
        request: Request,
        look: Annotated[LookOnly, Query()],
        file: Annotated[UploadFile, File()],
        beside: Annotated[list[UploadFile] | None, File()] = None,
    ) -> Loaded:
        """Load a programme (YAML) with the cadences and quizzes `beside` it. Cohorts that run it go on as they
        were started."""
        viewer = console.gate.here(request)
        read = from_files(console, viewer, file, beside or ())
        require_theirs(console, viewer, read.slug)
        now, dry_run = console.clock.now(), look.dry_run
        done = load_programme(console.database, read, actor=viewer.actor, now=now, dry_run=dry_run)
        return Loaded(change=done.change, programme=plan_document(read))

    _add_runs(router, console)
    return router


def _add_runs(router: APIRouter, console: Console) -> None:
    @router.get("/cohorts/{slug}/programme")
    def run_of(request: Request, slug: str) -> Document:
        """The cohort's last run: its dates, where it stands, what became of each part."""
        there = cohort_for(console, console.gate.here(request), slug, Right.LOOK)
        return _document(console, there)

    @router.post("/cohorts/{slug}/programme", status_code=201)
    def start(request: Request, slug: str, new: NewStart, look: Annotated[LookOnly, Query()]) -> Started:
        """Start a programme: its days become dates, the daemon does the rest. With `dry_run`: dates, posts, prices."""
        viewer, there = _steered(console, request, slug)
        now = console.clock.now()
        dates = preview_start(console.database, new.programme, there.slug, new.first_day, now=now)
        with console.database.read() as connection:
            found = programme_by_slug(connection, new.programme)[1]
        items = list(foretell(console.house, found, there, dates))
        told = [ItemForetold.of(one) for one in items]
        if look.dry_run:
            return Started(dates=dates, items=told, run=None)
        wrong = [f"{one.kind.value} {one.name}: {one.problem}" for one in items if one.problem]
        if wrong:
            raise NotAllowed(f"not all of it can be done on this cohort: {' | '.join(wrong)}", "Mend its file.")
        what = (new.programme, there.slug, new.first_day)
        start_programme(console.database, *what, agreed=new.agreed, actor=viewer.actor, now=now)
        return Started(dates=dates, items=told, run=_document(console, there))

    @router.post("/cohorts/{slug}/programme/hold")
    def hold(request: Request, slug: str, new: NewHold) -> Held:
        """Post nothing for some days, and let what is to come wait for as many weeks if it is to `shift`."""
        viewer, there = _steered(console, request, slug)
        days = (new.first_day, new.last_day, new.reason)
        by: dict[str, Any] = {"actor": viewer.actor, "now": console.clock.now()}
        held = hold_programme(console.database, there.slug, *days, shift=new.shift, **by)
        return Held(hold=held.hold, taken_back=held.taken_back, moved_days=held.moved)

    @router.post("/cohorts/{slug}/programme/resume")
    def go_on(request: Request, slug: str) -> Held:
        """End the hold that the cohort is in, or the next to come."""
        viewer, there = _steered(console, request, slug)
        held = resume_programme(console.database, there.slug, actor=viewer.actor, now=console.clock.now())
        return Held(hold=held.hold, taken_back=held.taken_back, moved_days=held.moved)

    @router.post("/cohorts/{slug}/programme/stop")
    def stop(request: Request, slug: str) -> Document:
        """Undo a start: the cohort has the cadence and the dates again that it had before."""
        viewer, there = _steered(console, request, slug)
        run = stop_programme(console.database, there.slug, actor=viewer.actor, now=console.clock.now())
        with console.database.read() as connection:
            return run_document(connection, run, console.clock.now())

    @router.post("/cohorts/{slug}/programme/finish")
    def finish(request: Request, slug: str, how: Finish) -> Document:
        """Finish a cohort's programme: nothing of it comes any more."""
        viewer, there = _steered(console, request, slug)
        finish_programme(console.database, there.slug, early=how.early, actor=viewer.actor, now=console.clock.now())
        return _document(console, there)


def _steered(console: Console, request: Request, slug: str) -> tuple[Viewer, Cohort]:
    viewer = console.gate.here(request)
    return viewer, cohort_for(console, viewer, slug, Right.STEER)


def _document(console: Console, there: Cohort) -> Document:
    with console.database.read() as connection:
        run = runs.latest(connection, there.id)
        if run is None:
            raise HTTPException(404, "No programme was started on this cohort.")
        return run_document(connection, run, console.clock.now())
