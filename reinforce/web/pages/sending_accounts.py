"""Settings: the accounts with what bounds them, and stopping everything. What stands in files is in `rules.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.operating.set_budget import set_budget
from reinforce.actions.operating.set_caps import set_caps
from reinforce.actions.sending.halt import halt, resume
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.errors import NotAllowed, NotFound, ReinforceError
from reinforce.domain.finding import Finding
from reinforce.domain.sending.allowance import Bounds
from reinforce.domain.sending.budget import MICROS, micros_of
from reinforce.domain.sending.outlook import warning
from reinforce.store.accounts import accounts
from reinforce.store.people import cohorts
from reinforce.store.reporting.budgets import BudgetLine, budget_lines
from reinforce.web.console import Console
from reinforce.web.notices import Notice, Undo

Word = Annotated[str, Form(max_length=100)]
_NUMBERS = {"posts": "posts a month", "posts_a_day": "posts a day", "replies_a_day": "replies a day"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """A form that was sent and refused: which one, what was typed, and what is wrong with it."""

    form: str
    given: Mapping[str, str]
    fault: ReinforceError


@dataclass(frozen=True, slots=True)
class BoundsLine:
    """An account's or a cohort's budget with what stands in its form, and a warning of a shortage."""

    line: BudgetLine
    typed: Mapping[str, str]
    warning: str


@dataclass(frozen=True, slots=True)
class AccountPart:
    """An account on the page: its record, why it is silent, its budgets, the cohorts that have none of their own."""

    record: AccountRecord
    silent: str
    bounds: tuple[BoundsLine, ...]
    others: tuple[tuple[str, str], ...]


def routes(console: Console) -> APIRouter:
    """`/settings`, and what is changed there."""
    router = console.router()

    @router.get("/settings")
    def shown(request: Request) -> Response:
        return _show(console, request)

    @router.post("/settings/check", dependencies=[Depends(console.pages.tokens.check)])
    def check(request: Request, account: Word = "") -> Response:
        _account(console, account)
        try:
            return _show(console, request, found={account: console.house.check_account(account)})
        except ReinforceError as fault:
            return _show(console, request, wrong=Wrong(f"check {account}", {}, fault))

    _add_bounds(router, console)
    _add_halt(router, console)
    return router


def _add_bounds(router: APIRouter, console: Console) -> None:
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/settings/caps", dependencies=changing)
    def caps(
        request: Request, account: Word = "", posts_a_day: Word = "", posts_a_week: Word = "", gap_minutes: Word = ""
    ) -> Response:
        actor, now = console.gate.here(request).actor, console.clock.now()
        given = {"posts_a_day": posts_a_day, "posts_a_week": posts_a_week, "gap_minutes": gap_minutes}
        before = _account(console, account)
        try:
            day, week, gap = (_number(value, key.replace("_", " ")) for key, value in given.items())
            set_caps(console.database, account, day, week, gap, actor=actor, now=now)
        except ReinforceError as fault:
            return _show(console, request, wrong=Wrong(f"caps {account}", given, fault))
        old = {key: str(getattr(before, key)) for key in given}
        return console.done(
            request,
            "/settings",
            Notice(f"{account}: the next slots go by this.", undo=Undo("/settings/caps", {"account": account, **old})),
        )

    @router.post("/settings/budget", dependencies=changing)
    def budget(
        request: Request,
        account: Word = "",
        cohort: Word = "",
        dollars: Word = "",
        posts: Word = "",
        posts_a_day: Word = "",
        replies_a_day: Word = "",
    ) -> Response:
        actor, now = console.gate.here(request).actor, console.clock.now()
        given = {"dollars": dollars, "posts": posts, "posts_a_day": posts_a_day, "replies_a_day": replies_a_day}
        before = _bounds_now(console, _account(console, account).name, cohort)
        try:
            set_budget(console.database, account, cohort or None, _bounds(given), actor=actor, now=now)
        except NotFound:
            raise HTTPException(404) from None
        except ReinforceError as fault:
            return _show(console, request, wrong=Wrong(f"budget {account} {cohort}", given, fault))
        whose = f"cohort {cohort}" if cohort else account
        undo = Undo("/settings/budget", {"account": account, "cohort": cohort, **_typed(before)})
        return console.done(request, "/settings", Notice(f"The budget of {whose} is kept.", undo=undo))


def _add_halt(router: APIRouter, console: Console) -> None:
    changing = [Depends(console.pages.tokens.check)]

    @router.post("/settings/halt", dependencies=changing)
    def stop(request: Request, account: Word = "") -> Response:
        actor, now = console.gate.here(request).actor, console.clock.now()
        done = halt(console.database, account or None, actor=actor, now=now)
        many = done.under_way
        late = (f"{many} post{'s were' if many != 1 else ' was'} under way already: see the outbox.",) if many else ()
        words = f"Halted: nothing is sent from {', '.join(done.accounts)} until somebody resumes."
        return console.done(request, "/settings", Notice(words, late, tone="care"))

    @router.post("/settings/resume", dependencies=changing)
    def go_on(request: Request, account: Word = "") -> Response:
        actor, now = console.gate.here(request).actor, console.clock.now()
        done = resume(console.database, account or None, actor=actor, now=now)
        waits = tuple(f"{one} still waits until the daemon has read its timeline." for one in done.unproven)
        return console.done(request, "/settings", Notice(f"Sending goes on from {', '.join(done.accounts)}.", waits))


def _show(
    console: Console,
    request: Request,
    *,
    found: Mapping[str, tuple[Finding, ...]] | None = None,
    wrong: Wrong | None = None,
) -> Response:
    now = console.clock.now()
    with console.database.read() as connection:
        records = accounts.accounts(connection)
        every = cohorts.cohorts(connection)
        lines = budget_lines(connection, console.tariff, now)
    parts = []
    for record in records:
        own = tuple(
            BoundsLine(one, _typed(one.bounds), warning(one.name, one.bounds, one.outlook))
            for one in lines
            if one.account == record.name
        )
        bounded = {one.line.cohort for one in own}
        others = [(c.slug, c.title) for c in every if c.account_id == record.id and c.slug not in bounded]
        parts.append(AccountPart(record, record.why_silent(now), own, tuple(others)))
    values: dict[str, Any] = {
        "parts": parts,
        "found": found or {},
        "wrong": wrong,
        "empty": _typed(Bounds()),
    }
    return console.show(request, "settings", values, status=200 if wrong is None else 422)


def _account(console: Console, name: str) -> AccountRecord:
    """An account; a 404 for one there is not."""
    with console.database.read() as connection:
        try:
            return accounts.account_by_name(connection, name)
        except NotFound:
            raise HTTPException(404) from None


def _bounds_now(console: Console, account: str, cohort: str) -> Bounds:
    with console.database.read() as connection:
        lines = budget_lines(connection, console.tariff, console.clock.now())
    return next((one.bounds for one in lines if (one.account, one.cohort) == (account, cohort)), Bounds())


def _typed(bounds: Bounds) -> dict[str, str]:
    """Bounds as they stand in their form; "" where nothing is bounded."""
    micros = bounds.micros_a_month
    numbers = {"posts": bounds.posts_a_month, "posts_a_day": bounds.posts_a_day, "replies_a_day": bounds.replies_a_day}
    money = "" if micros is None else f"{Decimal(micros) / MICROS:.6f}".rstrip("0").rstrip(".")
    return {"dollars": money, **{key: "" if value is None else str(value) for key, value in numbers.items()}}


def _bounds(given: Mapping[str, str]) -> Bounds:
    """The bounds that a form says. Raises NotAllowed."""
    try:
        micros = micros_of(given["dollars"]) if given["dollars"].strip() else None
    except ValueError:
        raise NotAllowed(f'"{given["dollars"]}" is no sum of dollars', "Write it as 12.50.") from None
    return Bounds(micros, *(_number(given[key], words) for key, words in _NUMBERS.items()))


def _number(text: str, what: str) -> int | None:
    """A whole number out of a form; None for none. Raises NotAllowed."""
    text = text.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise NotAllowed(f'{what}: "{text}" is no whole number', "Write figures only, or leave it empty.")
    return int(text)
