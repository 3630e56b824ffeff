"""The outbox: list, read, post at once, cancel, settle."""

from __future__ import annotations

from datetime import UTC
from enum import StrEnum

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, Field
from starlette.exceptions import HTTPException

from reinforce.actions.planning.post_now import post_now
from reinforce.actions.sending.cancel import cancel
from reinforce.actions.sending.move import Moved, move_post
from reinforce.actions.sending.settle import settle
from reinforce.domain.access.rights import Right
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.store.reporting.console.posts import AttemptLine, PostFilter, PostLine, post_detail, post_page
from reinforce.web.api.calls import NeededKey, calls_of, request_id
from reinforce.web.api.values import Page, Reason, Row, RowInPath, Start
from reinforce.web.cohort_lookup import cohort_for
from reinforce.web.console import Console
from reinforce.web.gate import Viewer
from reinforce.web.sight import sight_of


class PostWithAttempts(BaseModel):
    """A post, and each attempt to send it."""

    post: PostLine
    attempts: list[AttemptLine]


class NewPost(BaseModel):
    """A nugget to post at once; `form` left out: the first that the cadence allows."""

    nugget: str = Field(max_length=400, examples=["lockout/try-out"])
    form: str | None = Field(None, max_length=40, examples=["reminder"])


class NewTime(BaseModel):
    """When, with its offset."""

    at: AwareDatetime


class Fate(StrEnum):
    """What became of a held post, as a person found out: it is out, it is to be sent again, or it is let go."""

    POSTED = "posted"
    RESEND = "resend"
    SKIP = "skip"


class Settlement(BaseModel):
    """A person's decision; `remote_id` is the post's id on X, for `posted`."""

    fate: Fate
    remote_id: Row | None = None


_TO = {Fate.POSTED: State.POSTED, Fate.RESEND: State.PLANNED, Fate.SKIP: State.SKIPPED}


def routes(console: Console) -> APIRouter:
    """`/posts`, and `/cohorts/<slug>/posts` for one at once."""
    router = calls_of(console, "posts")

    @router.get("/posts")
    def posts(
        request: Request, state: State | None = None, cohort: str = "", form: str = "", start: Start = None
    ) -> Page[PostLine]:
        """Posts in every state; what we wrote to one person is shown to the facilitators of the cohort only."""
        with console.database.read() as connection:
            sight = sight_of(connection, console.gate.here(request))
            states = () if state is None else (state,)
            page = post_page(connection, PostFilter(cohort, states, form, start, sight.seen))
        shown = list(sight.of_posts(page.posts))
        return Page(items=shown, next=shown[-1].id if page.more else None)

    @router.get("/posts/{post}")
    def post(request: Request, post: RowInPath) -> PostWithAttempts:
        """One post with its reason, what it was chosen over, and its attempts."""
        with console.database.read() as connection:
            sight = sight_of(connection, console.gate.here(request))
            detail = post_detail(connection, post)
        if detail is None or not sight.seen.holds(detail.post.cohort_id):
            raise HTTPException(404, "There is no such post.")
        to_one = detail.post.inbound_id is not None and not sight.named.holds(detail.post.cohort_id)
        attempts = () if to_one else detail.attempts
        return PostWithAttempts(post=sight.of_post(detail.post), attempts=list(attempts))

    _add_changes(router, console)
    return router


def _add_changes(router: APIRouter, console: Console) -> None:
    @router.post("/cohorts/{slug}/posts", status_code=201)
    def post_at_once(request: Request, slug: str, new: NewPost, key: NeededKey) -> OutboxItem:
        """Put a nugget into the outbox at once. Needs an `Idempotency-Key`."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.STEER)
        named = request_id(viewer, key)
        means = (console.renderer, console.tariff)
        now, actor = console.clock.now(), viewer.actor
        return post_now(console.database, new.nugget, there.slug, new.form, named, *means, now=now, actor=actor)

    @router.post("/posts/{post}/cancel")
    def cancel_post(request: Request, post: RowInPath, why: Reason) -> OutboxItem:
        """Withdraw a post that has not been sent."""
        viewer = console.gate.here(request)
        _require(console, viewer, post, Right.STEER)
        reason = why.reason or "withdrawn by a person"
        return cancel(console.database, post, actor=viewer.actor, reason=reason, now=console.clock.now())

    @router.post("/posts/{post}/move")
    def move(request: Request, post: RowInPath, to: NewTime) -> Moved:
        """Let a planned post go out at another time, where the rules allow it then."""
        viewer = console.gate.here(request)
        _require(console, viewer, post, Right.STEER)
        return move_post(console.database, post, to.at.astimezone(UTC), actor=viewer.actor, now=console.clock.now())

    @router.post("/posts/{post}/settle")
    def settle_post(request: Request, post: RowInPath, decision: Settlement) -> OutboxItem:
        """Decide a held post, whose fate the timeline could not tell."""
        viewer = console.gate.here(request)
        _require(console, viewer, post, Right.SETTLE)
        actor, now, to = viewer.actor, console.clock.now(), _TO[decision.fate]
        return settle(console.database, post, to, remote_id=decision.remote_id, actor=actor, now=now)


def _require(console: Console, viewer: Viewer, post: int, right: Right) -> None:
    """Raise HTTPException 404 unless somebody holds a right in the cohort of a post."""
    with console.database.read() as connection:
        detail = post_detail(connection, post)
    if detail is None or not viewer.scope(right).holds(detail.post.cohort_id):
        raise HTTPException(404, "There is no such post.")
