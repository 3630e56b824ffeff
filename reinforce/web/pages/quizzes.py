"""Quizzes: the rounds of teams; make one, look it through, start it, and the room while it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, UploadFile
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.quizzing.check_quiz import check_quiz
from reinforce.actions.quizzing.create_quiz import create_quiz, draw_quiz
from reinforce.actions.quizzing.run_quiz import cancel_quiz, close_quiz, start_quiz
from reinforce.actions.quizzing.show_quiz import show_quiz
from reinforce.content.quiz_file import MOST_QUESTIONS, read_quiz
from reinforce.content.scalars import slug_of
from reinforce.domain.access.rights import Right, Scope
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.quizzing.quiz import Pace, QuizFile, QuizState
from reinforce.store.reporting.console.cohorts import cohort_names
from reinforce.store.reporting.console.quizzes import PAGE, QuizLine, hints_out, quiz_lines
from reinforce.web.console import Console, whole_number
from reinforce.web.date_fields import instant_in
from reinforce.web.gate import Viewer
from reinforce.web.notices import Notice, Undo
from reinforce.web.quiz_room import question_at_hand, room_of
from reinforce.web.uploads import with_plain_names

# So many of the latest answers are listed; the command line has them all.
LATEST = 50
USUAL = 10


@dataclass(frozen=True, slots=True)
class DrawForm:
    """What was typed to draw a round."""

    cohort: str = ""
    title: str = ""
    slug: str = ""
    count: str = str(USUAL)


def draw_form(
    cohort: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    slug: Annotated[str, Form()] = "",
    count: Annotated[str, Form()] = "",
) -> DrawForm:
    """The fields of a round to be drawn."""
    return DrawForm(cohort, title.strip(), slug.strip(), count.strip())


def routes(console: Console) -> APIRouter:
    """`/quizzes` and `/quizzes/<slug>`."""
    router = console.router()

    @router.get("/quizzes")
    def quizzes(request: Request, before: str = "") -> Response:
        return _list(console, request, before)

    @router.get("/quizzes/{quiz}")
    def one(request: Request, quiz: str, wide: str = "") -> Response:
        return _room(console, request, quiz, wide=bool(wide))

    _add_making(router, console)
    _add_running(router, console)
    return router


def _add_making(router: APIRouter, console: Console) -> None:
    token = [Depends(console.pages.tokens.check)]

    @router.post("/quizzes/upload", dependencies=token)
    def upload(request: Request, cohort: Annotated[str, Form()] = "", file: UploadFile | None = None) -> Response:
        viewer, kept = _require_cohort(console, request, cohort), None
        try:
            kept = console.uploads.keep(file, viewer.actor)
            draft = replace(read_quiz(kept.path), file=kept.name)
            return _create(console, request, cohort, draft)
        except ReinforceError as fault:
            return _list(console, request, fault=with_plain_names(fault, kept), cohort=cohort)
        finally:
            if kept is not None:
                console.uploads.drop(kept)

    @router.post("/quizzes/draw", dependencies=token)
    def draw(request: Request, typed: Annotated[DrawForm, Depends(draw_form)]) -> Response:
        _require_cohort(console, request, typed.cohort)
        try:
            count = int(typed.count) if typed.count.isascii() and typed.count.isdigit() and len(typed.count) < 4 else 0
            if not 1 <= count <= MOST_QUESTIONS:
                raise NotAllowed(f"“{typed.count}” is no number of questions", f"Write one from 1 to {MOST_QUESTIONS}.")
            slug = slug_of(typed.slug or typed.title) or f"{typed.cohort}-{console.clock.now():%Y-%m-%d}"
            drawn = draw_quiz(console.database, typed.cohort, count, slug, typed.title or slug, Pace())
            return _create(console, request, typed.cohort, drawn)
        except ReinforceError as fault:
            return _list(console, request, draw_fault=fault, typed=typed)


def _add_running(router: APIRouter, console: Console) -> None:
    token = [Depends(console.pages.tokens.check)]

    @router.post("/quizzes/{quiz}/start", dependencies=token)
    def start(
        request: Request, quiz: str, at: Annotated[str, Form()] = "", anyway: Annotated[str, Form()] = ""
    ) -> Response:
        line, viewer = _acting(console, request, quiz)
        now = console.clock.now()
        try:
            begins = instant_in(at, line.zone)
            done = start_quiz(console.database, quiz, begins, actor=viewer.actor, now=now, anyway=bool(anyway))
        except ReinforceError as fault:
            return _room(console, request, quiz, fault=fault, typed={"at": at, "anyway": bool(anyway)})
        teams = ", ".join(f"{name} ({size})" for name, size in sorted(done.teams.items()))
        notes = (f"Teams: {teams or 'none'}.", *(f"{note[0].upper()}{note[1:]}." for note in done.notes))
        return console.done(request, f"/quizzes/{quiz}", Notice(f"{line.title} is started.", notes))

    @router.post("/quizzes/{quiz}/close", dependencies=token)
    def close(request: Request, quiz: str) -> Response:
        line, viewer = _acting(console, request, quiz)
        close_quiz(console.database, quiz, actor=viewer.actor, now=console.clock.now())
        more = ("The answer to the open question and the leaderboard follow.",)
        return console.done(request, f"/quizzes/{quiz}", Notice(f"{line.title} closes.", more))

    @router.post("/quizzes/{quiz}/cancel", dependencies=token)
    def cancel(request: Request, quiz: str) -> Response:
        line, viewer = _acting(console, request, quiz)
        cancel_quiz(console.database, quiz, actor=viewer.actor, now=console.clock.now())
        more = () if line.state is QuizState.DRAFT else ("What was posted already stays on X.",)
        return console.done(request, "/quizzes", Notice(f"{line.title} is cancelled.", more))


def _create(console: Console, request: Request, cohort: str, draft: QuizFile) -> Response:
    house, actor = console, console.gate.here(request).actor
    made = create_quiz(house.database, cohort, draft, house.renderer, house.tariff, actor=actor, now=house.clock.now())
    more = ("Nothing is posted before it is started. Look it through first.",)
    undo = Undo(f"/quizzes/{made.slug}/cancel", label="Throw it away")
    number = f"{made.questions} question{'' if made.questions == 1 else 's'}"
    words = f"{made.title} is made: {number}, {made.evidence} of them on nuggets."
    return console.done(request, f"/quizzes/{made.slug}", Notice(words, more, undo))


def _list(console: Console, request: Request, before: str = "", **told: Any) -> Response:
    """The rounds, with the forms that make one; `told` are a fault and what was typed."""
    viewer = console.gate.here(request)
    with console.database.read() as connection:
        lines = quiz_lines(connection, viewer.scope(Right.LOOK), before=whole_number(before), limit=PAGE + 1)
        cohorts = cohort_names(connection, viewer.scope(Right.ANSWER)) if viewer.may(Right.ANSWER) else ()
    values = {
        "lines": lines[:PAGE],
        "more": len(lines) > PAGE,
        "cohorts": [(one.slug, one.title) for one in cohorts],
        "cohort": told.get("cohort", ""),
        "typed": told.get("typed", DrawForm()),
        "fault": told.get("fault"),
        "draw_fault": told.get("draw_fault"),
        "most": MOST_QUESTIONS,
    }
    failed = values["fault"] or values["draw_fault"]
    return console.show(request, "quizzes", values, status=422 if failed else 200)


def _room(console: Console, request: Request, quiz: str, *, wide: bool = False, **told: Any) -> Response:
    """One round: the room for everybody; for its facilitators the look before, every answer, and the buttons."""
    viewer, now = console.gate.here(request), console.clock.now()
    with console.database.read() as connection:
        line = _line(connection, quiz, viewer.scope(Right.LOOK))
        status = show_quiz(console.database, quiz, now=now)
        question = question_at_hand(status)
        hints = hints_out(connection, line.id, question.number) if question else ()
    holds = viewer.scope(Right.ANSWER).holds(line.cohort_id) and not wide
    values: dict[str, Any] = {
        "line": line,
        "room": room_of(status, hints),
        "holds": holds,
        # A browser counts seconds down only where they are everybody's seconds.
        "ticks_from": None if console.clock.accelerated else now,
    }
    if holds:
        draft, places = line.state is QuizState.DRAFT, {one.team: one for one in status.standings}
        last = len(places) + 1
        values |= {
            "status": status,
            "teams": sorted(
                status.teams, key=lambda one: (places[one.name].place if one.name in places else last, one.name)
            ),
            "answers": status.answers[: -LATEST - 1 : -1],
            "places": places,
            "check": check_quiz(console.database, quiz, console.renderer, console.tariff, now=now) if draft else None,
            "fault": told.get("fault"),
            "typed": told.get("typed", {"at": "", "anyway": False}),
        }
    return console.show(request, "quiz_wide" if wide else "quiz", values, status=422 if told.get("fault") else 200)


def _line(connection: Connection, quiz: str, scope: Scope) -> QuizLine:
    lines = quiz_lines(connection, scope, slug=quiz)
    if not lines:
        raise HTTPException(404, "There is no such quiz.")
    return lines[0]


def _acting(console: Console, request: Request, quiz: str) -> tuple[QuizLine, Viewer]:
    """The round that a form is about, and who sent the form."""
    viewer = console.gate.here(request)
    with console.database.read() as connection:
        return _line(connection, quiz, viewer.scope(Right.ANSWER)), viewer


def _require_cohort(console: Console, request: Request, slug: str) -> Viewer:
    """Who asks, if they hold rounds in this cohort; a 404 else."""
    viewer = console.gate.here(request)
    with console.database.read() as connection:
        known = cohort_names(connection, viewer.scope(Right.ANSWER))
    if slug not in {one.slug for one in known}:
        raise HTTPException(404, "There is no such cohort.")
    return viewer
