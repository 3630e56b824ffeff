"""A new cohort: what each choice means stands beside it, and a fault beside its field."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel
from starlette.responses import Response

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.content.scalars import slug_of, zones
from reinforce.domain.access.rights import Right
from reinforce.domain.cohort import Answers, Approval, Completes, Opening
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.store.accounts import accounts
from reinforce.store.authoring import nuggets
from reinforce.store.people import cohorts
from reinforce.web.cadences import USUAL, cadence, cadences
from reinforce.web.console import Console
from reinforce.web.date_fields import COMPLETES, LABELS, day_in
from reinforce.web.notices import Notice

ANSWERS = (
    (Answers.REPLIES, "by a reply: tells what each of them remembers; everybody who reads the account sees replies"),
    (Answers.POLLS, "in a poll: nobody sees who chose what, so what single people remember stays a guess"),
    (Answers.THINK_THEN_REVEAL, "in their heads: nothing is asked back, the answer follows; next to no evidence"),
)
APPROVAL = (
    (Approval.NONE, "go out without anybody's yes"),
    (Approval.FIRST, "need a yes the first time they go out"),
    (Approval.EVERYTHING, "need a yes, every one"),
)


class CohortForm(BaseModel):
    """What the form sends; all of it as text, so that what was typed stands there again."""

    title: str = ""
    slug: str = ""
    account: str = ""
    procedures: list[str] = []
    cadence: str = USUAL
    zone: str = ""
    country: str = ""
    language: str = "en"
    answers: str = Answers.REPLIES.value
    approval: str = Approval.FIRST.value
    opens_on: str = ""
    closes_on: str = ""
    starts_on: str = ""
    ends_on: str = ""
    assessment: str = ""
    completes: str = Completes.END.value
    updates: str = ""
    open: str = ""
    hashtag: str = ""
    most: str = "500"
    an_hour: str = "60"


class FieldFault(ReinforceError):
    """Something wrong with one field."""

    def __init__(self, field: str, message: str, advice: str = "") -> None:
        super().__init__(message, advice)
        self.field = field


def routes(console: Console) -> APIRouter:
    """`/new-cohort`: not below `/cohorts/`, where every word may be a cohort's."""
    router = console.router()

    @router.get("/new-cohort")
    def blank(request: Request) -> Response:
        return _show(console, request, CohortForm(updates="yes"))

    @router.post("/new-cohort", dependencies=[Depends(console.pages.tokens.check)])
    def create(request: Request, form: Annotated[CohortForm, Form()]) -> Response:
        viewer = console.gate.here(request)
        try:
            new, cadence = _asked(form), _cadence(console, form.cadence)
            made = create_cohort(console.database, new, cadence, actor=viewer.actor, now=console.clock.now())
        except ReinforceError as fault:
            return _show(console, request, form, fault)
        people = viewer.scope(Right.PEOPLE).holds(made.id)
        more = "People join it themselves." if made.opening else "Next: its people, by a roster."
        notice = Notice(f"{made.title} is there, and runs.", (more if people else "Its facilitators take people in.",))
        return console.done(request, f"/cohorts/{made.slug}{'/people' if people else ''}", notice)

    return router


def _asked(form: CohortForm) -> NewCohort:
    """The form as a cohort. Raises FieldFault."""
    if not form.title.strip():
        raise FieldFault("title", "Give it a name.")
    if not form.procedures:
        raise FieldFault("procedures", "Tick at least one.")
    given: dict[str, Any] = {}
    for name in LABELS:
        try:
            given[name] = day_in(getattr(form, name))
        except ReinforceError as fault:
            raise FieldFault(name, fault.message, fault.advice) from fault
    opening = Opening(form.hashtag, _count("most", form.most), _count("an_hour", form.an_hour)) if form.open else None
    return NewCohort(
        slug=form.slug or slug_of(form.title),
        title=form.title.strip(),
        account=form.account,
        procedures=tuple(form.procedures),
        zone=form.zone,
        country=form.country.strip().upper(),
        language=form.language.strip().lower(),
        answers=_one_of("answers", form.answers, Answers),
        completes=_one_of("completes", form.completes, Completes),
        updates=bool(form.updates),
        approval=Approval(_one_of("approval", form.approval, Approval)),
        opening=opening,
        **given,
    )


def _one_of(field: str, value: str, known: type[Answers | Approval | Completes]) -> str:
    if value not in [str(one) for one in known]:
        raise FieldFault(field, "Choose one of these.")
    return value


def _count(field: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise FieldFault(field, "Write a whole number.")
    return int(text)


def _cadence(console: Console, name: str) -> Any:
    try:
        return cadence(console, name)
    except NotAllowed as fault:
        raise FieldFault("cadence", "Choose one of these.") from fault


def _show(console: Console, request: Request, form: CohortForm, fault: ReinforceError | None = None) -> Response:
    with console.database.read() as connection:
        learned = nuggets.procedures(connection)
        there = accounts.accounts(connection)
        known = cohorts.cohorts(connection)
    if not form.zone:
        form.zone = known[-1].zone if known else "UTC"
    beside: dict[str, str] = defaultdict(str)
    if isinstance(fault, FieldFault):
        beside[fault.field] = f"{fault.message} {fault.advice}".strip()
    values = {
        "here": "/cohorts",
        "given": form,
        "procedures": learned,
        "accounts": there,
        "cadences": cadences(console).items(),
        "zones": sorted(zones()),
        "answers": ANSWERS,
        "approval": APPROVAL,
        "completes": COMPLETES,
        "dates": [(name, label, getattr(form, name)) for name, label in LABELS.items()],
        "fault": None if beside else fault,
        "beside": beside,
    }
    return console.show(request, "new_cohort", values, status=422 if fault or beside else 200)
