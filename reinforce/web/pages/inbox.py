"""The inbox: what came back, what it was read as and why; correct that, deal with it, make a nugget of a tip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.gathering.tip import NewTip, add_tip, own_words, take_back
from reinforce.actions.listening.deal_with import deal_with, give_back
from reinforce.actions.listening.grade import regrade
from reinforce.domain.access.rights import Right, Scope
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.listening.inbound import Correction
from reinforce.domain.listening.intent import Intent
from reinforce.store.reporting.console.additions import open_procedures
from reinforce.store.reporting.console.cohorts import cohort_names
from reinforce.store.reporting.console.inbox import InboundLine, inbound_line, inbox_page
from reinforce.store.reporting.console.posts import PostLine, latest_posted, post_detail
from reinforce.web.console import Console, whole_number
from reinforce.web.gate import Viewer
from reinforce.web.notices import Notice, Undo

# So many of the latest posts are offered as what a reply may answer; any other is named by its number.
LATEST = 15
JUDGED = {"": None, "right": True, "not": False}
_NO_PROCEDURE = "no procedure of yours has that name"


@dataclass(frozen=True, slots=True)
class TipForm:
    """What was typed to make a nugget of a reply. Wordings stand one a line."""

    procedure: str = ""
    title: str = ""
    wordings: str = ""
    public: bool = False
    credit: bool = False


def routes(console: Console) -> APIRouter:
    """`/inbox` and `/inbox/<reply>`."""
    router = console.router()

    @router.get("/inbox")
    def inbox(request: Request, show: str = "", cohort: str = "", before: str = "") -> Response:
        waiting_only = show == "waiting"
        named = console.gate.here(request).scope(Right.NAMES)
        with console.database.read() as connection:
            page = inbox_page(
                connection, needs_person=waiting_only, cohort=cohort, before=whole_number(before), named=named
            )
            cohorts = cohort_names(connection, named)
        chosen = {"show": "waiting" if waiting_only else "", "cohort": cohort}
        return console.show(request, "inbox", {"page": page, "cohorts": cohorts, "chosen": chosen})

    @router.get("/inbox/{reply}")
    def one(request: Request, reply: str) -> Response:
        return _show(console, request, reply)

    _add_reading(router, console)
    _add_tips(router, console)
    return router


def _add_reading(router: APIRouter, console: Console) -> None:
    token = [Depends(console.pages.tokens.check)]

    @router.post("/inbox/{reply}/correct", dependencies=token)
    def correct(
        request: Request,
        reply: str,
        meant: Annotated[list[str] | None, Form()] = None,
        post: Annotated[str, Form()] = "",
        number: Annotated[str, Form()] = "",
        right: Annotated[str, Form()] = "",
    ) -> Response:
        viewer = console.gate.here(request)
        with console.database.read() as connection:
            line = _line(connection, reply, viewer.scope(Right.ANSWER))
            answers = _meant_post(connection, number or post, viewer)
        intents = tuple(one for one in Intent if one.value in (meant or ()))
        now = console.clock.now()
        try:
            if not intents:
                raise NotAllowed("nothing was ticked", "Tick what the reply means; “comment” if it means nothing else.")
            correction = Correction(intents, answers, JUDGED.get(right))
            regrade(console.database, console.house.lexicon, line.id, correction, actor=viewer.actor, now=now)
        except ReinforceError as fault:
            typed = {"meant": [one.value for one in intents], "post": post, "number": number, "right": right}
            return _show(console, request, reply, fault=fault, typed=typed)
        more = ("What had followed from the old reading is taken back, and everything is worked out anew.",)
        return console.done(request, f"/inbox/{line.id}", Notice("The reply is read as you say from now on.", more))

    @router.post("/inbox/{reply}/done", dependencies=token)
    def done(request: Request, reply: str) -> Response:
        line, actor = _acting(console, request, reply)
        deal_with(console.database, line.id, actor=actor, now=console.clock.now())
        undo = Undo(f"/inbox/{line.id}/undone")
        return console.done(request, "/inbox?show=waiting", Notice("Dealt with: it waits for nobody.", undo=undo))

    @router.post("/inbox/{reply}/undone", dependencies=token)
    def undone(request: Request, reply: str) -> Response:
        line, actor = _acting(console, request, reply)
        give_back(console.database, line.id, actor=actor, now=console.clock.now())
        return console.done(request, "/inbox?show=waiting", Notice("It waits for a person again."))


def _add_tips(router: APIRouter, console: Console) -> None:
    token = [Depends(console.pages.tokens.check)]

    @router.post("/inbox/{reply}/tip", dependencies=token)
    def tip(
        request: Request,
        reply: str,
        procedure: Annotated[str, Form()] = "",
        title: Annotated[str, Form()] = "",
        wordings: Annotated[str, Form()] = "",
        public: Annotated[str, Form()] = "",
        credit: Annotated[str, Form()] = "",
    ) -> Response:
        line, actor = _acting(console, request, reply)
        form = TipForm(procedure, title.strip(), wordings, bool(public), bool(credit))
        lines = tuple(one.strip() for one in wordings.splitlines() if one.strip())
        try:
            _require_procedure(console, request, procedure)
            new = NewTip(procedure, form.title, lines, public=form.public, credit=form.credit)
            made = add_tip(console.database, line.id, new, console.renderer, actor=actor, now=console.clock.now())
        except ReinforceError as fault:
            return _show(console, request, reply, tip_fault=fault, tip=form)
        words = f"“{made.title}” is a nugget of {made.procedure} now, with {len(made.wordings)} wordings."
        undo = Undo(f"/inbox/{line.id}/tip/undo")
        return console.done(request, f"/inbox/{line.id}", Notice(words, undo=undo))

    @router.post("/inbox/{reply}/tip/undo", dependencies=token)
    def undo_tip(request: Request, reply: str) -> Response:
        line, actor = _acting(console, request, reply)
        gone = take_back(console.database, line.id, actor=actor, now=console.clock.now())
        words = f"“{gone.title}” is retired; what was posted of it stays on record."
        return console.done(request, f"/inbox/{line.id}", Notice(words))


def _show(console: Console, request: Request, reply: str, **told: Any) -> Response:
    """One reply with its forms; `told` are a fault and what was typed."""
    viewer = console.gate.here(request)
    with console.database.read() as connection:
        line = _line(connection, reply, viewer.scope(Right.NAMES))
        procedures = open_procedures(connection, viewer.scope(Right.ANSWER))
        posts = _answerable(connection, line, viewer.scope(Right.LOOK))
    kept = {"meant": list(line.read_as), "post": "", "number": "", "right": ""}
    values = {
        "line": line,
        "intents": list(Intent),
        "procedures": [(one.slug, one.title) for one in procedures],
        "posts": posts,
        "typed": told.get("typed", kept),
        "fault": told.get("fault"),
        "tip_fault": told.get("tip_fault"),
        "tip": told.get("tip", TipForm(wordings=own_words(line.text))),
    }
    failed = values["fault"] or values["tip_fault"]
    return console.show(request, "reply", values, status=422 if failed else 200)


def _line(connection: Connection, reply: str, scope: Scope) -> InboundLine:
    line = inbound_line(connection, whole_number(reply) or 0, scope)
    if line is None:
        raise HTTPException(404, "There is no such reply.")
    return line


def _acting(console: Console, request: Request, reply: str) -> tuple[InboundLine, str]:
    """The reply that a form is about, and who sent the form."""
    viewer = console.gate.here(request)
    with console.database.read() as connection:
        return _line(connection, reply, viewer.scope(Right.ANSWER)), viewer.actor


def _answerable(connection: Connection, line: InboundLine, seen: Scope) -> list[PostLine]:
    latest = latest_posted(connection, limit=3 * LATEST, chosen=True, seen=seen)
    return [post for post in latest if post.account_id == line.account_id][:LATEST]


def _meant_post(connection: Connection, number: str, viewer: Viewer) -> int | None:
    """The post that a reply is said to answer; a 404 for one that is not this person's to see."""
    if not number.strip():
        return None
    detail = post_detail(connection, whole_number(number.strip()) or 0)
    if detail is None or not viewer.scope(Right.LOOK).holds(detail.post.cohort_id):
        raise HTTPException(404, "There is no such post.")
    return detail.post.id


def _require_procedure(console: Console, request: Request, slug: str) -> None:
    scope = console.gate.here(request).scope(Right.ANSWER)
    with console.database.read() as connection:
        known = open_procedures(connection, scope)
    if slug not in {one.slug for one in known}:
        raise NotAllowed(_NO_PROCEDURE, "Choose one of the list; who learns another is of a cohort of others.")
