"""Recalls of a procedure: what a new version made wrong, looked at before it is taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from reinforce.actions.revising.recall import preview, recall
from reinforce.actions.revising.undo import Undone, undo_recall
from reinforce.domain.errors import NotFound
from reinforce.domain.revising.recalling import Correction, RecalledNugget, RecallPlan, RecallWish
from reinforce.store.reporting.console.posts import PostLine, posts_by_id
from reinforce.store.revising import recalls
from reinforce.web.api.calls import calls_of
from reinforce.web.api.values import RowInPath
from reinforce.web.console import Console
from reinforce.web.gate import Viewer
from reinforce.web.procedure_reach import may_recall, seen_line
from reinforce.web.sight import sight_of


class Wish(BaseModel):
    """What is to be recalled: of `nuggets` only these if any are named, of `leave_out` none; with `retired` those that
    were taken out of the procedure too. Posts are deleted, corrections posted, memory begins anew, unless said
    otherwise."""

    nuggets: list[str] = Field(default_factory=list, max_length=500)
    leave_out: list[str] = Field(default_factory=list, max_length=500)
    retired: bool = False
    delete_posts: bool = True
    correct: bool = True
    reset_memory: bool = True

    def of(self, procedure: str) -> RecallWish:
        """The same, as the actions take it."""
        parts = {"delete": self.delete_posts, "correct": self.correct, "reset": self.reset_memory}
        return RecallWish(procedure, tuple(self.nuggets), tuple(self.leave_out), self.retired, **parts)


class Confirmed(Wish):
    """The same with the code of what was looked at: if anything else would happen, nothing does."""

    code: str = Field(max_length=64)


class Looked(BaseModel):
    """What one confirmation would do; `code` confirms just that."""

    code: str
    nuggets: list[RecalledNugget]
    posts: list[PostLine]
    corrections: list[Correction]
    notes: list[str]
    resets_memory: bool
    deletion_micros: int


class RecallSeen(BaseModel):
    """A recall as it stands; `posts` counts them by what became of them."""

    id: int
    procedure: str
    actor: str
    at: datetime
    undone_at: datetime | None
    posts: dict[str, int]
    nuggets: list[str]


def routes(console: Console) -> APIRouter:
    """`/procedures/<slug>/recalls`."""
    router = calls_of(console, "recalls", "/procedures/{slug}/recalls")

    @router.get("")
    def listed(request: Request, slug: str) -> list[RecallSeen]:
        """The recalls of a procedure, the latest first."""
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            seen_line(connection, viewer, slug)
            found = [one for one in recalls.recalls(connection) if one.procedure == slug]
        return [RecallSeen(**{name: getattr(one, name) for name in RecallSeen.model_fields}) for one in found]

    @router.post("/preview")
    def look(request: Request, slug: str, wish: Wish) -> Looked:
        """What a recall would do, post by post; changes nothing."""
        viewer = _recalling(console, request, slug)
        plan = preview(console.database, wish.of(slug), console.renderer, console.tariff, now=console.clock.now())
        return Looked(
            code=plan.code,
            nuggets=list(plan.nuggets),
            posts=_posts(console, viewer, plan),
            corrections=list(plan.corrections),
            notes=list(plan.notes),
            resets_memory=plan.reset,
            deletion_micros=plan.deletion_micros,
        )

    @router.post("", status_code=201)
    def confirm(request: Request, slug: str, asked: Confirmed) -> RecallSeen:
        """Do what was looked at."""
        viewer = _recalling(console, request, slug)
        means = (console.renderer, console.tariff)
        by: dict[str, Any] = {"actor": viewer.actor, "now": console.clock.now()}
        alone = console.settings.single_user
        done = recall(console.database, asked.of(slug), asked.code, *means, **by, single_user=alone)
        with console.database.read() as connection:
            one = recalls.recall_by_id(connection, done.id)
        return RecallSeen(**{name: getattr(one, name) for name in RecallSeen.model_fields})

    @router.post("/{recall}/undo")
    def undo(request: Request, slug: str, recall: RowInPath) -> Undone:
        """Take a recall back as far as it has not happened: what is off X stays off."""
        viewer = _recalling(console, request, slug)
        try:
            with console.database.read() as connection:
                known = recalls.recall_by_id(connection, recall)
        except NotFound:
            known = None
        if known is None or known.procedure != slug:
            raise HTTPException(404, "There is no such recall.")
        return undo_recall(console.database, recall, actor=viewer.actor, now=console.clock.now())

    return router


def _recalling(console: Console, request: Request, slug: str) -> Viewer:
    viewer = console.gate.here(request)
    with console.database.read() as connection:
        if not may_recall(viewer, seen_line(connection, viewer, slug)):
            raise HTTPException(404, "There is no such procedure.")
    return viewer


def _posts(console: Console, viewer: Viewer, plan: RecallPlan) -> list[PostLine]:
    """The posts of a plan; what we wrote to one person is shown to the facilitators of the cohort only."""
    with console.database.read() as connection:
        sight = sight_of(connection, viewer)
        lines = posts_by_id(connection, [one.outbox_id for one in plan.posts])
    return list(sight.of_posts(tuple(lines[one.outbox_id] for one in plan.posts)))
