"""What is done to those ticked among a cohort's people: they complete, leave, come back, go elsewhere, are away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.enrolling.be_away import absent_learner, lift_absence
from reinforce.actions.enrolling.change import complete, move_learner, re_enroll, withdraw
from reinforce.domain.access.rights import Right
from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.store.people import away, cohorts, people
from reinforce.web.cohort_lookup import cohort_for
from reinforce.web.console import Console
from reinforce.web.date_fields import day_in
from reinforce.web.gate import Viewer
from reinforce.web.notices import Notice, Undo
from reinforce.web.pages.cohort_people import show_people

# No page shows more people than this at once.
MOST = 200
Absences = Annotated[list[int] | None, Form(max_length=MOST)]
CHANGES: dict[str, tuple[str, Callable[..., Any]]] = {
    "complete": ("completed the cohort", complete),
    "withdraw": ("left the cohort: they count no more from now on", withdraw),
    "re-enroll": ("take part again, with the memory they have", re_enroll),
}
# So many of those who could not be changed are named, with why.
TOLD = 10


class ChangeForm(BaseModel):
    """Who was ticked and what becomes of them; `to` for those who go elsewhere, `first` and `last` for those who are
    away; and the part of the list that was shown."""

    who: list[str] = Field([], max_length=MOST)
    what: str = ""
    to: str = ""
    first: str = ""
    last: str = ""
    state: str = ""
    q: str = ""
    page: str = "1"


def routes(console: Console) -> APIRouter:
    """`/cohorts/<slug>/change` and `…/back`."""
    router = console.router()
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/cohorts/{slug}/change", dependencies=changing)
    def change(request: Request, slug: str, form: Annotated[ChangeForm, Form()]) -> Response:
        viewer = console.gate.here(request)
        here = cohort_for(console, viewer, slug, Right.PEOPLE)
        chosen = {"state": form.state, "q": form.q, "page": form.page}
        address = f"/cohorts/{slug}/people?{urlencode({name: one for name, one in chosen.items() if one})}"
        if not form.who:
            return console.done(request, address, Notice("Nobody was ticked; nothing was done.", tone="care"))
        try:
            notice = _act(console, viewer, here, form)
        except ReinforceError as fault:
            given = form.model_dump(exclude={"state", "q", "page"})
            return show_people(console, request, slug, chosen=chosen, faults={"change": fault}, given=given)
        return console.done(request, address, notice)

    @router.post("/cohorts/{slug}/back", dependencies=changing)
    def back(request: Request, slug: str, absence: Absences = None) -> Response:
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.PEOPLE)
        with console.database.read() as connection:
            here = {one.id for one in people.learners_of(connection, there.id, live=False)}
            if any(away.absence_by_id(connection, one).learner_id not in here for one in absence or ()):
                raise HTTPException(404)
        for one in absence or ():
            lift_absence(console.database, one, actor=viewer.actor, now=console.clock.now())
        return console.done(request, f"/cohorts/{slug}/people", Notice("They are back."))

    return router


def _act(console: Console, viewer: Viewer, here: Cohort, form: ChangeForm) -> Notice:
    ticked = tuple(dict.fromkeys(form.who))
    if form.what == "move":
        return _moved(console, viewer, here, form.to, ticked)
    if form.what == "away":
        return _away(console, viewer, here, ticked, (form.first, form.last))
    return _changed(console, viewer, here, form.what, ticked)


def _changed(console: Console, viewer: Viewer, here: Cohort, what: str, who: Sequence[str]) -> Notice:
    if what not in CHANGES:
        raise NotAllowed("Nothing was chosen.", "Say what becomes of those ticked.")
    words, act = CHANGES[what]
    moved = act(console.database, here.slug, who, actor=viewer.actor, now=console.clock.now())
    ids = [one.employee_id for one in moved]
    undo = None
    if what != "re-enroll" and ids:
        undo = Undo(f"/cohorts/{here.slug}/change", {"what": "re-enroll", "who": ids}, "Take them in again")
    more = () if len(ids) == len(who) else (f"{len(who) - len(ids)} were so already.",)
    return Notice(f"{_many(len(ids))} {words}.", more, undo)


def _moved(console: Console, viewer: Viewer, here: Cohort, to: str, who: Sequence[str]) -> Notice:
    if not to:
        raise NotAllowed("No cohort was chosen.", "Say which one they go to.")
    there = cohort_for(console, viewer, to, Right.PEOPLE)

    def move(one: str) -> None:
        move_learner(console.database, one, here.slug, there.slug, actor=viewer.actor, now=console.clock.now())

    gone, refused = _each(who, move)
    undo = Undo(f"/cohorts/{there.slug}/change", {"what": "move", "to": here.slug, "who": gone}, "Move them back")
    words = f"{_many(len(gone))} went to {there.title}, memory and code with them."
    return Notice(words, refused, undo if gone else None, "care" if refused else "good")


def _away(console: Console, viewer: Viewer, here: Cohort, who: Sequence[str], days: tuple[str, str]) -> Notice:
    first_day, last_day = map(day_in, days)
    if last_day is None:
        raise NotAllowed("Until when are they away?", "Give the last day.")
    made: list[int] = []

    def leave(one: str) -> None:
        _require_here(console, here.id, one)
        absence = absent_learner(
            console.database, one, first_day, last_day, actor=viewer.actor, now=console.clock.now()
        )
        made.append(absence.id)

    gone, refused = _each(who, leave)
    undo = Undo(f"/cohorts/{here.slug}/back", {"absence": [str(one) for one in made]}, "They are not away")
    words = f"{_many(len(gone))} away until {last_day}: their silence tells nothing."
    return Notice(words, refused, undo if made else None, "care" if refused else "good")


def _each(who: Sequence[str], act: Callable[[str], None]) -> tuple[list[str], tuple[str, ...]]:
    """Do it to one after the other; who it was done to, and why not to others. Raises what a single one raised."""
    done, refused = [], []
    for one in who:
        try:
            act(one)
        except ReinforceError as fault:
            if len(who) == 1:
                raise
            refused.append(f"{one}: {fault.message}")
        else:
            done.append(one)
    more = (f"… and {len(refused) - TOLD} more.",) if len(refused) > TOLD else ()
    return done, (*refused[:TOLD], *more)


def _require_here(console: Console, cohort_id: int, employee_id: str) -> None:
    with console.database.read() as connection:
        found = people.learners_by_employee_id(connection, [employee_id]).get(employee_id)
        if found is None or cohort_id not in cohorts.cohorts_of_learner(connection, found.id):
            raise NotAllowed("nobody who takes part here has that employee id", "See the list on this page.")


def _many(count: int) -> str:
    return f"{count} learner{'s' if count != 1 else ''}"
