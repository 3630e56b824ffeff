"""What learners ask: the queue, and what becomes of each. For facilitators: it holds learners' own words."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy import Connection
from starlette.exceptions import HTTPException

from reinforce.actions.answering.respond import Answer, answer, assign, close, reopen
from reinforce.domain.access.rights import Right
from reinforce.domain.answering.inquiry import Inquiry, InquiryState
from reinforce.domain.errors import NotFound
from reinforce.store.answering import inquiries
from reinforce.web.api.calls import calls_of
from reinforce.web.api.values import PAGE, Offset, Page, RowInPath
from reinforce.web.console import Console
from reinforce.web.gate import Viewer


class NewAnswer(BaseModel):
    """An answer. `about`: the question in your words, for a post that stands alone; `quote`: the learner's own instead,
    where they opted in; `only`: not to those who asked the same."""

    text: str = Field(min_length=1, max_length=2000)
    about: str = Field("", max_length=400)
    initials: str = Field("", max_length=5)
    quote: bool = False
    only: bool = False


class Assignee(BaseModel):
    """Whose question it is: a facilitator's name, null for nobody's."""

    name: str | None = Field(max_length=200)


class Reason(BaseModel):
    """Why it is closed without an answer."""

    reason: str = Field(min_length=1, max_length=200)


def routes(console: Console) -> APIRouter:
    """`/questions`."""
    router = calls_of(console, "questions", "/questions")

    @router.get("")
    def questions(request: Request, state: InquiryState | None = None, start: Offset = 0) -> Page[Inquiry]:
        """Questions of your cohorts, the one to be answered first at the top."""
        named = console.gate.here(request).scope(Right.NAMES)
        states = () if state is None else (state,)
        with console.database.read() as connection:
            found = inquiries.listed(connection, states=states, scope=named, skip=start, limit=PAGE + 1)
        return Page(items=list(found[:PAGE]), next=start + PAGE if len(found) > PAGE else None)

    _add_changes(router, console)
    return router


def _add_changes(router: APIRouter, console: Console) -> None:
    @router.post("/{question}/assign")
    def give(request: Request, question: RowInPath, to: Assignee) -> Inquiry:
        """Give a question to a facilitator, or to nobody."""
        viewer = console.gate.here(request)
        _require(console, viewer, question)
        assign(console.database, question, to.name, actor=viewer.actor, now=console.clock.now())
        with console.database.read() as connection:
            return inquiries.inquiry(connection, question)

    @router.post("/{question}/answer")
    def respond(request: Request, question: RowInPath, new: NewAnswer) -> list[Inquiry]:
        """Answer it, and those that ask the same; the daemon brings it to them, once."""
        viewer = console.gate.here(request)
        _require(console, viewer, question)
        given = Answer(new.text, new.about, new.initials, new.quote, new.only)
        reach, now = viewer.scope(Right.ANSWER), console.clock.now()
        return list(answer(console.database, question, given, actor=viewer.actor, now=now, reach=reach))

    @router.post("/{question}/close")
    def end(request: Request, question: RowInPath, why: Reason) -> Inquiry:
        """Close it without an answer."""
        viewer = console.gate.here(request)
        _require(console, viewer, question)
        return close(console.database, question, why.reason, actor=viewer.actor, now=console.clock.now())

    @router.post("/{question}/reopen")
    def again(request: Request, question: RowInPath) -> Inquiry:
        """Take a close back."""
        viewer = console.gate.here(request)
        _require(console, viewer, question)
        return reopen(console.database, question, actor=viewer.actor, now=console.clock.now())


def _require(console: Console, viewer: Viewer, question: int) -> None:
    with console.database.read() as connection:
        one = _found(connection, question)
    if one is None or not viewer.scope(Right.ANSWER).holds(one.cohort_id):
        raise HTTPException(404, "There is no such question.")


def _found(connection: Connection, question: int) -> Inquiry | None:
    try:
        return inquiries.inquiry(connection, question)
    except NotFound:
        return None
