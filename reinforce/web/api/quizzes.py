"""Quiz rounds: where one stands, start, close, cancel."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel
from starlette.exceptions import HTTPException

from reinforce.actions.quizzing.run_quiz import cancel_quiz, close_quiz, start_quiz
from reinforce.actions.quizzing.show_quiz import QuizPage, quiz_page, show_quiz
from reinforce.domain.access.rights import Right
from reinforce.domain.errors import NotFound
from reinforce.domain.quizzing.quiz import Quiz, Standing
from reinforce.store.quizzing import quizzes
from reinforce.web.api.calls import calls_of
from reinforce.web.console import Console
from reinforce.web.gate import Viewer


class Start(BaseModel):
    """When the round begins, with its offset; null: at once. `anyway` starts it although its check has warnings."""

    at: AwareDatetime | None = None
    anyway: bool = False


def routes(console: Console) -> APIRouter:
    """`/quizzes/<slug>`."""
    router = calls_of(console, "quizzes")

    @router.get("/quizzes/{slug}")
    def quiz(request: Request, slug: str) -> QuizPage:
        """What everybody may see of a round: the best teams, and the questions whose answers are out."""
        _require(console, console.gate.here(request), slug, Right.LOOK)
        return quiz_page(console.database, slug, now=console.clock.now())

    @router.get("/quizzes/{slug}/standings")
    def standings(request: Request, slug: str) -> list[Standing]:
        """All teams, for the facilitator."""
        _require(console, console.gate.here(request), slug, Right.NAMES)
        return list(show_quiz(console.database, slug, now=console.clock.now()).standings)

    @router.post("/quizzes/{slug}/start")
    def start(request: Request, slug: str, asked: Start) -> Quiz:
        """Start a round that was made and checked."""
        viewer = console.gate.here(request)
        _require(console, viewer, slug, Right.ANSWER)
        at: datetime | None = asked.at
        actor, now = viewer.actor, console.clock.now()
        return start_quiz(console.database, slug, at, actor=actor, now=now, anyway=asked.anyway).quiz

    @router.post("/quizzes/{slug}/close")
    def close(request: Request, slug: str) -> Quiz:
        """Close a round now; what was answered in time is scored."""
        viewer = console.gate.here(request)
        _require(console, viewer, slug, Right.ANSWER)
        return close_quiz(console.database, slug, actor=viewer.actor, now=console.clock.now())

    @router.post("/quizzes/{slug}/cancel")
    def cancel(request: Request, slug: str) -> Quiz:
        """Cancel a round."""
        viewer = console.gate.here(request)
        _require(console, viewer, slug, Right.ANSWER)
        return cancel_quiz(console.database, slug, actor=viewer.actor, now=console.clock.now())

    return router


def _require(console: Console, viewer: Viewer, slug: str, right: Right) -> None:
    try:
        with console.database.read() as connection:
            there = quizzes.quiz_by_slug(connection, slug)
    except NotFound:
        raise HTTPException(404, "There is no such quiz.") from None
    if not viewer.scope(right).holds(there.cohort_id):
        raise HTTPException(404, "There is no such quiz.")
