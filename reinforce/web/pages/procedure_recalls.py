"""Recalls of a procedure: what a new version made wrong, looked at before it is taken back; what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.revising.recall import preview, recall
from reinforce.actions.revising.undo import undo_recall
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.revising.recalling import RecallPlan, RecallWish
from reinforce.store.reporting.console.posts import posts_by_id
from reinforce.store.reporting.console.recalls import Acknowledged, RecallLine, recall_lines
from reinforce.store.revising import recalls
from reinforce.web.console import Console, whole_number
from reinforce.web.gate import Viewer
from reinforce.web.notices import Notice, Undo
from reinforce.web.procedure_reach import may_recall, seen_line
from reinforce.web.recall_cell import enough
from reinforce.web.sight import Sight, sight_of

SHOWN = 10


class WishForm(BaseModel):
    """What is to be recalled, as a form says it: each tick takes something from, or adds to, what would happen."""

    leave_out: list[str] = []
    retired: str = ""
    keep_posts: str = ""
    no_correction: str = ""
    keep_memory: str = ""

    def wish(self, procedure: str) -> RecallWish:
        """The same, as the actions take it."""
        return RecallWish(
            procedure,
            leave_out=tuple(self.leave_out),
            retired=bool(self.retired),
            delete=not self.keep_posts,
            correct=not self.no_correction,
            reset=not self.keep_memory,
        )


class ConfirmedForm(WishForm):
    """The same with the code of what was looked at."""

    code: str = ""


def routes(console: Console) -> APIRouter:
    """`/procedures/<slug>/recalls`, and what starts one and takes it back."""
    router = console.router()
    changing = [Depends(console.pages.tokens.check)]

    @router.get("/procedures/{slug}/recalls")
    def shown(request: Request, slug: str, asked: Annotated[WishForm, Query()]) -> Response:
        return _show(console, request, slug, asked)

    @router.post("/procedures/{slug}/recalls/start", dependencies=changing)
    def start(request: Request, slug: str, asked: Annotated[ConfirmedForm, Form()]) -> Response:
        viewer = _steering(console, request, slug)
        means = (console.renderer, console.tariff)
        by: dict[str, Any] = {"actor": viewer.actor, "now": console.clock.now()}
        by["single_user"] = console.settings.single_user
        try:
            done = recall(console.database, asked.wish(slug), asked.code, *means, **by)
        except ReinforceError as fault:
            return _show(console, request, slug, asked, fault=fault)
        words = f"Recall {done.id} of {slug} is under way: {len(done.plan.posts)} posts are taken off X, "
        words += f"{len(done.plan.corrections)} corrections planned."
        undo = Undo(f"/procedures/{slug}/recalls/{done.id}/undo", label="Take the recall back")
        return console.done(request, f"/procedures/{slug}/recalls", Notice(words, undo=undo))

    @router.post("/procedures/{slug}/recalls/{number}/undo", dependencies=changing)
    def undo(request: Request, slug: str, number: str) -> Response:
        viewer, recall_id = _steering(console, request, slug), whole_number(number) or 0
        with console.database.read() as connection:
            if recalls.recall_by_id(connection, recall_id).procedure != slug:
                raise HTTPException(404)
        undone = undo_recall(console.database, recall_id, actor=viewer.actor, now=console.clock.now())
        words = f"{undone.kept} posts stay on X after all, {undone.gone} are off it for good."
        more = (
            f"{undone.corrections} corrections are taken back, {undone.corrections_out} are out.",
            f"The memory of {undone.nuggets} nuggets is what it was.",
        )
        return console.done(request, f"/procedures/{slug}/recalls", Notice(words, more))

    return router


def _steering(console: Console, request: Request, slug: str) -> Viewer:
    viewer = console.gate.here(request)
    with console.database.read() as connection:
        if not may_recall(viewer, seen_line(connection, viewer, slug)):
            raise HTTPException(404)
    return viewer


def _show(
    console: Console, request: Request, slug: str, asked: WishForm, *, fault: ReinforceError | None = None
) -> Response:
    viewer = console.gate.here(request)
    with console.database.read() as connection:
        line, sight = seen_line(connection, viewer, slug), sight_of(connection, viewer)
        changed = [one for one in recalls.revised(connection, line.procedure.id) if one.since is not None]
        cohorts = {key: title for key, _, title in line.cohorts}
        done = recall_lines(connection, slug, cohorts, sight.seen, most=SHOWN)
        told = [_told(one, cohorts, sight) for one in done]
    values: dict[str, Any] = {
        "line": line,
        "changed": changed,
        "recalls": told,
        "asked": asked,
        "may": may_recall(viewer, line),
        "fault": fault,
        "plan": None,
        "nothing": None,
    }
    if values["may"]:
        values |= _looked(console, sight, asked.wish(slug))
    return console.show(request, "procedure_recalls", values, status=422 if fault else 200)


def _looked(console: Console, sight: Sight, wish: RecallWish) -> dict[str, Any]:
    """What a recall would do now, with its posts as they may be shown; or why there is nothing to recall."""
    try:
        plan = preview(console.database, wish, console.renderer, console.tariff, now=console.clock.now())
    except NotAllowed as nothing:
        return {"nothing": nothing}
    with console.database.read() as connection:
        posts = _posts_of(connection, plan)
    return {
        "plan": plan,
        "posts": sight.of_posts(posts),
        "learners": max((one.learners for one in plan.nuggets), default=0),
        "correcting_micros": sum(one.price_micros for one in plan.corrections),
    }


def _posts_of(connection: Connection, plan: RecallPlan) -> tuple[Any, ...]:
    lines = posts_by_id(connection, [one.outbox_id for one in plan.posts])
    return tuple(lines[one.outbox_id] for one in plan.posts)


def _told(line: RecallLine, cohorts: Mapping[int, str], sight: Sight) -> dict[str, Any]:
    """A recall as somebody may see it: names for facilitators, counts of five and more for everybody else."""
    seen = [(title, _who(line.acknowledged[key], named=sight.named.holds(key))) for key, title in cohorts.items()
            if key in line.acknowledged]  # fmt: skip
    return {
        "recall": line.recall,
        "posts": [(sight.of_post(post), fate, why) for post, fate, why in line.posts],
        "corrections": sight.of_posts(line.corrections),
        "acknowledged": seen if line.corrections else [],
    }


def _who(found: Acknowledged, *, named: bool) -> str:
    count, others = len(found.names), found.learners - len(found.names)
    if named:
        names = f": {', '.join(found.names)}" if found.names else ""
        return f"{count} of {found.learners}{names}"
    if not (enough(found.learners) and enough(count) and enough(others)):
        return "told of five and more only"
    return f"{count} of {found.learners}"
