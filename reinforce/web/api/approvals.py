"""Approval of texts: see what waits, ask for a yes, say it."""

from __future__ import annotations

from datetime import date
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from reinforce.actions.approving.review import Decision, SubmitOutcome, decide, submit
from reinforce.domain.access.rights import Right
from reinforce.domain.approving.approval import Request as Asked
from reinforce.domain.approving.approval import RequestState
from reinforce.store.reporting.console.approvals import ApprovalLine, approval_page
from reinforce.web.api.calls import calls_of
from reinforce.web.api.values import Page, Row, Start
from reinforce.web.cohort_lookup import cohort_for
from reinforce.web.console import Console


class Submission(BaseModel):
    """For which local days a yes is asked for every text of the cohort's nuggets."""

    first_day: date
    last_day: date


class Word(BaseModel):
    """A yes or a no to requests of a cohort, all of them or none; without ids, to all that wait."""

    decision: Literal["approve", "reject"]
    ids: list[Row] = Field(default_factory=list, max_length=1000)
    note: str = Field("", max_length=200)


def routes(console: Console) -> APIRouter:
    """`/approvals` and `/cohorts/<slug>/approvals`."""
    router = calls_of(console, "approvals")

    @router.get("/approvals")
    def approvals(
        request: Request,
        decided: bool = False,
        cohort: str = "",
        start: Start = None,
    ) -> Page[ApprovalLine]:
        """Texts that wait for a yes, or with `decided` those that got one or a no."""
        seen = console.gate.here(request).scope(Right.LOOK)
        with console.database.read() as connection:
            page = approval_page(connection, seen, waiting=not decided, cohort=cohort, beyond=start)
        return Page(items=list(page.lines), next=page.lines[-1].id if page.more else None)

    @router.post("/cohorts/{slug}/approvals", status_code=201)
    def ask(request: Request, slug: str, days: Submission) -> SubmitOutcome:
        """Ask for a yes to every text of a cohort's nuggets."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.WRITE)
        span = (days.first_day, days.last_day)
        means = (console.renderer, console.tariff)
        actor, now = viewer.actor, console.clock.now()
        return submit(console.database, there.slug, span, means, texts=None, actor=actor, now=now)

    @router.post("/cohorts/{slug}/approvals/decide")
    def say(request: Request, slug: str, word: Word) -> list[Asked]:
        """Approve texts or send them back. Who wrote or submitted one can't approve it."""
        viewer = console.gate.here(request)
        there = cohort_for(console, viewer, slug, Right.APPROVE)
        state = RequestState.APPROVED if word.decision == "approve" else RequestState.REJECTED
        decision = Decision(state, word.note, single_user=console.settings.single_user)
        return list(
            decide(console.database, there.slug, word.ids, decision, actor=viewer.actor, now=console.clock.now())
        )

    return router
