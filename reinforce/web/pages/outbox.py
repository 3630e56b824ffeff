"""The outbox: every post with its state, and one post with its attempts and its reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.domain.sending.outbox import State
from reinforce.store.reporting.console.cohorts import cohort_lines
from reinforce.store.reporting.console.inbox import answers_to
from reinforce.store.reporting.console.posts import PostFilter, post_detail, post_page
from reinforce.web.console import Console, whole_number
from reinforce.web.reasons import explained
from reinforce.web.sight import sight_of
from reinforce.web.words import FORMS

# What people filter by; several states may stand behind one word.
CHOICES: dict[str, tuple[State, ...]] = {
    "waiting": (State.PLANNED, State.LEASED, State.SENDING),
    "posted": (State.POSTED,),
    "in doubt": (State.UNKNOWN, State.HELD),
    "refused": (State.REFUSED,),
    "skipped": (State.SKIPPED, State.CANCELLED),
}


def routes(console: Console) -> APIRouter:
    """`/outbox` and `/outbox/<id>`."""
    router = APIRouter()

    @router.get("/outbox")
    def outbox(request: Request, state: str = "", cohort: str = "", form: str = "", before: str = "") -> Response:
        with console.database.read() as connection:
            sight = sight_of(connection, console.gate.here(request))
            wanted = PostFilter(cohort, CHOICES.get(state, ()), form, whole_number(before), sight.seen)
            page = post_page(connection, wanted)
            cohorts = cohort_lines(connection, sight.seen)
        counts = {word: sum(page.counts.get(one, 0) for one in states) for word, states in CHOICES.items()}
        values = {
            "page": replace(page, posts=sight.of_posts(page.posts)),
            "counts": counts,
            "cohorts": cohorts,
            "forms": FORMS,
            "chosen": {"state": state if state in CHOICES else "", "cohort": cohort, "form": form},
        }
        return console.show(request, "outbox", values)

    @router.get("/outbox/{post}")
    def one_post(request: Request, post: str) -> Response:
        with console.database.read() as connection:
            sight = sight_of(connection, console.gate.here(request))
            detail = post_detail(connection, whole_number(post) or 0)
            if detail is None or not sight.seen.holds(detail.post.cohort_id):
                raise HTTPException(404, "There is no such post.")
            named = sight.named.holds(detail.post.cohort_id)
            answers = answers_to(connection, detail.post.id) if named else ()
        if not named and detail.post.inbound_id is not None:
            detail = replace(detail, attempts=tuple(replace(one, detail="") for one in detail.attempts))
        detail = replace(detail, post=sight.of_post(detail.post))
        decision = detail.post.decision
        why = explained(decision, detail.post.zone)
        why = replace(why, others=tuple(map(sight.of_reason, why.others)))
        values = {
            "detail": detail,
            "answers": answers,
            "named": named,
            "why": why,
            "alike": [one | {"at": datetime.fromisoformat(one["at"])} for one in decision.get("alike", [])],
        }
        return console.show(request, "post", values)

    return router
