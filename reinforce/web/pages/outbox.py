"""The outbox: every post with its state; one post with its attempts and reasons, and what a person decides of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.sending.cancel import cancel
from reinforce.actions.sending.settle import settle
from reinforce.domain.access.rights import Right, Scope
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.sending.outbox import State
from reinforce.store.reporting.console.cohorts import cohort_names
from reinforce.store.reporting.console.inbox import answers_to
from reinforce.store.reporting.console.posts import PostDetail, PostFilter, post_detail, post_page
from reinforce.web.console import Console, whole_number
from reinforce.web.gate import NoRight
from reinforce.web.notices import Notice
from reinforce.web.reasons import explained
from reinforce.web.sight import Sight, sight_of
from reinforce.web.word_difference import marked
from reinforce.web.words import FORMS

# What people filter by; several states may stand behind one word.
CHOICES: dict[str, tuple[State, ...]] = {
    "waiting": (State.PLANNED, State.LEASED, State.SENDING),
    "posted": (State.POSTED,),
    "in doubt": (State.UNKNOWN, State.HELD),
    "refused": (State.REFUSED,),
    "skipped": (State.SKIPPED, State.CANCELLED),
}
DECISIONS = {"posted": State.POSTED, "resend": State.PLANNED, "skip": State.SKIPPED}
_DECIDED = {
    State.POSTED: "Post {id} is settled: it stands on the timeline.",
    State.PLANNED: "Post {id} is sent again, by the next look of the daemon.",
    State.SKIPPED: "Post {id} is let go: it is not sent again.",
}
# X's ids are signed 64-bit numbers.
_LARGEST_ID = 2**63 - 1
_REASON = "withdrawn by a person"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post of the timeline that may be the one in doubt: `ours` and `theirs` with the words marked that differ."""

    remote_id: str
    at: datetime
    ours: Markup
    theirs: Markup
    same: bool


def routes(console: Console) -> APIRouter:
    """`/outbox` and `/outbox/<id>`."""
    router = console.router()
    _add_pages(router, console)
    _add_forms(router, console)
    return router


def _add_pages(router: APIRouter, console: Console) -> None:
    @router.get("/outbox")
    def outbox(request: Request, state: str = "", cohort: str = "", form: str = "", before: str = "") -> Response:
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            sight = sight_of(connection, viewer)
            wanted = PostFilter(cohort, CHOICES.get(state, ()), form, whole_number(before), sight.seen)
            page = post_page(connection, wanted)
            cohorts = cohort_names(connection, sight.seen)
        counts = {word: sum(page.counts.get(one, 0) for one in states) for word, states in CHOICES.items()}
        steers = viewer.scope(Right.STEER)
        values = {
            "page": replace(page, posts=sight.of_posts(page.posts)),
            "counts": counts,
            "cohorts": cohorts,
            "forms": FORMS,
            "chosen": {"state": state if state in CHOICES else "", "cohort": cohort, "form": form},
            "cancellable": _cancellable(page.posts, steers) if state == "waiting" else frozenset(),
        }
        return console.show(request, "outbox", values)

    @router.get("/outbox/{post}")
    def one_post(request: Request, post: str) -> Response:
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            sight = sight_of(connection, viewer)
            detail = _seen(connection, post, sight.seen)
            named = sight.named.holds(detail.post.cohort_id)
            answers = answers_to(connection, detail.post.id) if named else ()
        cohort_id = detail.post.cohort_id
        values = _shown(detail, sight, named=named) | {
            "answers": answers,
            "named": named,
            "settles": viewer.scope(Right.SETTLE).holds(cohort_id),
            "steers": viewer.scope(Right.STEER).holds(cohort_id),
            "worded": _is_worded(detail, sight),
        }
        return console.show(request, "post", values)


def _add_forms(router: APIRouter, console: Console) -> None:
    token = [Depends(console.pages.tokens.check)]

    @router.post("/outbox/{post}/settle", dependencies=token)
    def settle_post(
        request: Request,
        post: str,
        decision: Annotated[str, Form()] = "",
        remote_id: Annotated[str, Form()] = "",
        fence: Annotated[str, Form()] = "",
    ) -> Response:
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            sight = sight_of(connection, viewer)
            detail = _seen(connection, post, viewer.scope(Right.SETTLE))
        if not _is_worded(detail, sight):
            raise NoRight
        if decision not in DECISIONS:
            raise NotAllowed("this is no decision about a post", "Go back and press one of the buttons.")
        to, number = DECISIONS[decision], detail.post.id
        there = _remote_id(remote_id) if to is State.POSTED else None
        now = console.clock.now()
        settle(console.database, number, to, remote_id=there, fence=whole_number(fence), actor=viewer.actor, now=now)
        return console.done(request, f"/outbox/{number}", Notice(_DECIDED[to].format(id=number)))

    @router.post("/outbox/{post}/cancel", dependencies=token)
    def cancel_post(request: Request, post: str, reason: Annotated[str, Form()] = "") -> Response:
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            number = _seen(connection, post, viewer.scope(Right.STEER)).post.id
        why = reason.strip()[:200] or _REASON
        cancel(console.database, number, actor=viewer.actor, reason=why, now=console.clock.now())
        return console.done(request, f"/outbox/{number}", Notice(f"Post {number} is withdrawn: it is not sent."))

    @router.post("/outbox/cancel", dependencies=token)
    def cancel_some(request: Request, post: Annotated[list[str] | None, Form()] = None) -> Response:
        viewer = console.gate.here(request)
        steers = viewer.scope(Right.STEER)
        with console.database.read() as connection:
            numbers = [_seen(connection, one, steers).post.id for one in dict.fromkeys(post or ())]
        if not numbers:
            raise NotAllowed("no post was ticked", "Go back and tick those that are not to go out.")
        left = []
        for number in numbers:
            try:
                cancel(console.database, number, actor=viewer.actor, reason=_REASON, now=console.clock.now())
            except ReinforceError as error:
                left.append(f"{error.message}.")
        done = len(numbers) - len(left)
        words = f"{done} post{'' if done == 1 else 's'} withdrawn."
        return console.done(
            request, "/outbox?state=waiting", Notice(words, tuple(left), tone="care" if left else "good")
        )


def _seen(connection: Connection, post: str, scope: Scope) -> PostDetail:
    """A post within a scope; a 404 for every other."""
    detail = post_detail(connection, whole_number(post) or 0)
    if detail is None or not scope.holds(detail.post.cohort_id):
        raise HTTPException(404, "There is no such post.")
    return detail


def _is_worded(detail: PostDetail, sight: Sight) -> bool:
    """Whether its words are for this viewer: nobody can say what became of a text that they may not read."""
    return detail.post.inbound_id is None or sight.named.holds(detail.post.cohort_id)


def _shown(detail: PostDetail, sight: Sight, *, named: bool) -> dict[str, Any]:
    """A post as somebody sees it, with why, and what on the timeline may be it."""
    alike = _candidates(detail) if _is_worded(detail, sight) else []
    if not named and detail.post.inbound_id is not None:
        detail = replace(detail, attempts=tuple(replace(one, detail="") for one in detail.attempts))
    detail = replace(detail, post=sight.of_post(detail.post))
    why = explained(detail.post.decision, detail.post.zone)
    why = replace(why, others=tuple(map(sight.of_reason, why.others)))
    return {"detail": detail, "why": why, "alike": alike}


def _candidates(detail: PostDetail) -> list[Candidate]:
    ours = detail.post.text
    return [
        Candidate(one["remote_id"], datetime.fromisoformat(one["at"]), *marked(ours, one["text"]), one["text"] == ours)
        for one in detail.post.decision.get("alike", [])
    ]


def _remote_id(typed: str) -> int:
    """A post's id on X, typed as such or as the address of the post."""
    digits = typed.strip().partition("?")[0].rstrip("/").rpartition("/")[2]
    if not (digits.isascii() and digits.isdigit() and int(digits[:20]) <= _LARGEST_ID):
        raise NotAllowed(
            f"“{typed.strip()[:60]}” is no post's address", "Copy it from the post itself: …/status/1900000000000000001"
        )
    return int(digits)


def _cancellable(posts: tuple[Any, ...], steers: Scope) -> frozenset[int]:
    """Which posts of a list somebody may withdraw."""
    states = (State.PLANNED, State.LEASED)
    return frozenset(post.id for post in posts if post.state in states and steers.holds(post.cohort_id))
