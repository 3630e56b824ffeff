"""Quiz rounds: made, looked at, started, closed, cancelled."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, File, Query, Request, UploadFile
from pydantic import AwareDatetime, BaseModel, Field

from reinforce.actions.quizzing.check_quiz import QuizCheck, check_quiz
from reinforce.actions.quizzing.create_quiz import CreatedQuiz, create_quiz, draw_quiz
from reinforce.actions.quizzing.run_quiz import cancel_quiz, close_quiz, start_quiz
from reinforce.actions.quizzing.show_quiz import QuizPage, quiz_page, show_quiz
from reinforce.content.quiz_file import MOST_QUESTIONS, read_quiz
from reinforce.content.scalars import slug_of
from reinforce.domain.access.rights import Right
from reinforce.domain.errors import ContentRefused
from reinforce.domain.quizzing.quiz import Pace, Quiz, QuizFile, Standing
from reinforce.store.quizzing import quizzes
from reinforce.store.reporting.console.quizzes import QuizLine, quiz_lines
from reinforce.web.api.calls import calls_of
from reinforce.web.api.reach import theirs
from reinforce.web.api.values import PAGE, LookOnly, Page, Start
from reinforce.web.cohort_lookup import cohort_for
from reinforce.web.console import Console
from reinforce.web.gate import Viewer
from reinforce.web.uploads import with_plain_names


class Beginning(BaseModel):
    """When the round begins, with its offset; null: at once. `anyway` starts it although its check has warnings."""

    at: AwareDatetime | None = None
    anyway: bool = False


class Drawn(BaseModel):
    """How many questions to draw, and what the round is called; named by its day if it is not."""

    count: int = Field(10, ge=1, le=MOST_QUESTIONS)
    title: str = Field("", max_length=200)
    slug: str = Field("", max_length=60)


def routes(console: Console) -> APIRouter:
    """`/quizzes`, and `/cohorts/<slug>/quizzes` to make one."""
    router = calls_of(console, "quizzes")

    @router.get("/quizzes")
    def listed(request: Request, start: Start = None) -> Page[QuizLine]:
        """The rounds of your cohorts, the newest first."""
        seen = console.gate.here(request).scope(Right.LOOK)
        with console.database.read() as connection:
            lines = quiz_lines(connection, seen, before=start, limit=PAGE + 1)
        return Page(items=list(lines[:PAGE]), next=lines[PAGE - 1].id if len(lines) > PAGE else None)

    @router.get("/quizzes/{slug}")
    def quiz(request: Request, slug: str) -> QuizPage:
        """What everybody may see of a round: the best teams, and the questions whose answers are out."""
        _quiz(console, console.gate.here(request), slug, Right.LOOK)
        return quiz_page(console.database, slug, now=console.clock.now())

    @router.get("/quizzes/{slug}/standings")
    def standings(request: Request, slug: str) -> list[Standing]:
        """All teams, for the facilitator."""
        _quiz(console, console.gate.here(request), slug, Right.NAMES)
        return list(show_quiz(console.database, slug, now=console.clock.now()).standings)

    @router.get("/quizzes/{slug}/check")
    def check(request: Request, slug: str) -> QuizCheck:
        """Every post of a round as it would go out, when, for how much, and what to mend."""
        there = _quiz(console, console.gate.here(request), slug, Right.ANSWER)
        return check_quiz(console.database, there.slug, console.renderer, console.tariff, now=console.clock.now())

    _add_making(router, console)
    _add_running(router, console)
    return router


def _add_making(router: APIRouter, console: Console) -> None:
    @router.post("/cohorts/{slug}/quizzes", status_code=201)
    def from_file(
        request: Request, slug: str, look: Annotated[LookOnly, Query()], file: Annotated[UploadFile, File()]
    ) -> CreatedQuiz:
        """Make a round of a quiz file; nothing is posted before it is started."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.ANSWER)
        kept = console.uploads.keep(file, viewer.actor)
        try:
            draft = replace(read_quiz(kept.path), file=kept.name)
            return _made(console, viewer, there.slug, draft, dry_run=look.dry_run)
        except ContentRefused as refused:
            raise with_plain_names(refused, kept) from None
        finally:
            console.uploads.drop(kept)

    @router.post("/cohorts/{slug}/quizzes/draw", status_code=201)
    def draw(request: Request, slug: str, asked: Drawn, look: Annotated[LookOnly, Query()]) -> CreatedQuiz:
        """Make a round of questions of the cohort's own nuggets."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.ANSWER)
        name = slug_of(asked.slug or asked.title) or f"{there.slug}-{console.clock.now():%Y-%m-%d}"
        draft = draw_quiz(console.database, there.slug, asked.count, name, asked.title or name, Pace())
        return _made(console, viewer, there.slug, draft, dry_run=look.dry_run)


def _add_running(router: APIRouter, console: Console) -> None:
    @router.post("/quizzes/{slug}/start")
    def start(request: Request, slug: str, asked: Beginning) -> Quiz:
        """Start a round that was made and checked."""
        viewer = console.gate.here(request)
        _quiz(console, viewer, slug, Right.ANSWER)
        at: datetime | None = asked.at
        actor, now = viewer.actor, console.clock.now()
        return start_quiz(console.database, slug, at, actor=actor, now=now, anyway=asked.anyway).quiz

    @router.post("/quizzes/{slug}/close")
    def close(request: Request, slug: str) -> Quiz:
        """Close a round now; what was answered in time is scored."""
        viewer = console.gate.here(request)
        _quiz(console, viewer, slug, Right.ANSWER)
        return close_quiz(console.database, slug, actor=viewer.actor, now=console.clock.now())

    @router.post("/quizzes/{slug}/cancel")
    def cancel(request: Request, slug: str) -> Quiz:
        """Cancel a round."""
        viewer = console.gate.here(request)
        _quiz(console, viewer, slug, Right.ANSWER)
        return cancel_quiz(console.database, slug, actor=viewer.actor, now=console.clock.now())


def _made(console: Console, viewer: Viewer, cohort: str, draft: QuizFile, *, dry_run: bool) -> CreatedQuiz:
    means, now = (console.renderer, console.tariff), console.clock.now()
    return create_quiz(console.database, cohort, draft, *means, actor=viewer.actor, now=now, dry_run=dry_run)


def _quiz(console: Console, viewer: Viewer, slug: str, right: Right) -> Quiz:
    return theirs(console, viewer, right, "quiz", lambda connection: quizzes.quiz_by_slug(connection, slug))
