"""For operators: accounts, what they may spend, halt and resume, the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from reinforce.actions.operating.set_budget import set_budget
from reinforce.actions.operating.set_caps import set_caps
from reinforce.actions.sending.halt import HaltOutcome, halt, resume
from reinforce.domain.sending.allowance import Bounds
from reinforce.store.operating import audit
from reinforce.store.reporting.budgets import BudgetLine, budget_lines
from reinforce.store.reporting.console.status import AccountLine, house_status
from reinforce.web.api.calls import calls_of
from reinforce.web.api.values import LARGEST, PAGE, Page, Start
from reinforce.web.console import Console


class Which(BaseModel):
    """An account by name; null: all of them."""

    account: str | None = Field(None, max_length=200)


class Caps(BaseModel):
    """What a follower of an account gets, whichever cohorts the posts are for; what is left out stays."""

    posts_a_day: int | None = Field(None, ge=0, le=100_000)
    posts_a_week: int | None = Field(None, ge=0, le=100_000)
    gap_minutes: int | None = Field(None, ge=0, le=100_000)


class NewBudget(BaseModel):
    """What an account may spend, or with `cohort` the posts of that one. It replaces what was set; null: not bounded.
    Money is millionths of a dollar a calendar month (UTC)."""

    account: str = Field(max_length=200)
    cohort: str | None = Field(None, max_length=200)
    micros_a_month: int | None = Field(None, ge=0, le=LARGEST)
    posts_a_month: int | None = Field(None, ge=0, le=10**9)
    posts_a_day: int | None = Field(None, ge=0, le=10**9)
    replies_a_day: int | None = Field(None, ge=0, le=10**9)


class AuditLine(BaseModel):
    """A row of the audit log. `detail` holds ids, counts and words of the product only."""

    id: int
    at: datetime
    actor: str
    verb: str
    subject: str
    detail: dict[str, Any]


class Verified(BaseModel):
    """Whether the log is as it was written. `head` is worth noting down elsewhere."""

    whole: bool
    head: str
    broken_at: int | None
    fault: str


def routes(console: Console) -> APIRouter:
    """`/accounts`, `/budgets`, `/halt`, `/resume` and `/audit`."""
    router = calls_of(console, "operating")

    @router.get("/accounts")
    def accounts(request: Request) -> list[AccountLine]:
        """The accounts that posts go out on."""
        console.gate.here(request)
        with console.database.read() as connection:
            return list(house_status(connection).accounts)

    @router.post("/halt")
    def stop(request: Request, which: Which) -> HaltOutcome:
        """Send nothing any more, from this moment."""
        actor, now = console.gate.here(request).actor, console.clock.now()
        return halt(console.database, which.account, actor=actor, now=now)

    @router.post("/resume")
    def go_on(request: Request, which: Which) -> HaltOutcome:
        """Take a halt back."""
        actor, now = console.gate.here(request).actor, console.clock.now()
        return resume(console.database, which.account, actor=actor, now=now)

    @router.get("/audit")
    def log(request: Request, subject: str = "", start: Start = None) -> Page[AuditLine]:
        """Who did what to which id, the newest first."""
        console.gate.here(request)
        with console.database.read() as connection:
            rows = audit.latest(connection, limit=PAGE + 1, subject=subject or None, before=start)
        lines = [
            AuditLine(id=r.id, at=r.at, actor=r.actor, verb=r.verb, subject=r.subject, detail=r.detail)
            for r in rows[:PAGE]
        ]
        return Page(items=lines, next=lines[-1].id if len(rows) > PAGE else None)

    @router.get("/audit/verification")
    def verify(request: Request) -> Verified:
        """Read the whole log and say whether anybody changed it."""
        console.gate.here(request)
        with console.database.read() as connection:
            found = audit.verify(connection)
        return Verified(whole=found.whole, head=str(found.head), broken_at=found.broken_at, fault=found.fault)

    _add_budgets(router, console)
    return router


def _add_budgets(router: APIRouter, console: Console) -> None:
    @router.get("/budgets")
    def budgets(request: Request) -> list[BudgetLine]:
        """What was spent this month, what is expected, what was given up, and what is left of X's limits."""
        console.gate.here(request)
        with console.database.read() as connection:
            return list(budget_lines(connection, console.tariff, console.clock.now()))

    @router.put("/budgets", status_code=204)
    def bound(request: Request, new: NewBudget) -> None:
        """Bound an account's month, or one cohort's."""
        actor, now = console.gate.here(request).actor, console.clock.now()
        wanted = Bounds(new.micros_a_month, new.posts_a_month, new.posts_a_day, new.replies_a_day)
        set_budget(console.database, new.account, new.cohort, wanted, actor=actor, now=now)

    @router.patch("/accounts/{name}", status_code=204)
    def cap(request: Request, name: str, caps: Caps) -> None:
        """Bound what a follower of an account gets."""
        actor, now = console.gate.here(request).actor, console.clock.now()
        wanted = (caps.posts_a_day, caps.posts_a_week, caps.gap_minutes)
        set_caps(console.database, name, *wanted, actor=actor, now=now)
