"""Questions: the queue of what learners asked, by due time, and the one at hand with all that is done about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from reinforce.actions.answering.look_at_answer import AnswerLook, Composing, Said, look_at_answer
from reinforce.actions.answering.respond import Answer, answer, assign, close, make_nugget, reopen
from reinforce.domain.access.rights import Right, Scope
from reinforce.domain.answering.inquiry import Inquiry, InquiryState
from reinforce.domain.answering.notices import Facilitator
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.store.answering import inquiries, suggestions
from reinforce.store.answering.facilitators import facilitators
from reinforce.store.reporting.console.additions import open_procedures
from reinforce.store.reporting.console.cohorts import cohort_names
from reinforce.store.reporting.console.questions import (
    PAGE,
    SHOWN,
    QuestionFilter,
    QuestionLine,
    question_line,
    question_page,
)
from reinforce.store.sending.known_names import KnownNames
from reinforce.web.console import Console, whole_number
from reinforce.web.gate import Viewer
from reinforce.web.notices import Notice, Undo
from reinforce.web.words import query

EVERYTHING_ASKED = "all"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of the queue is shown: as the address says it, and as every link and form of the page carries it on."""

    show: str = "waiting"
    cohort: str = ""
    mine: str = ""
    skip: int = 0

    @property
    def query(self) -> str:
        """The address's own words for it."""
        shown = "" if self.show == "waiting" else self.show
        return query({"show": shown, "cohort": self.cohort, "mine": self.mine, "skip": self.skip or ""})

    def but(self, **other: Any) -> str:
        """The query with something else in it, from the top of the list."""
        return replace(self, **{"skip": 0, **other}).query


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """What was typed as an answer."""

    text: str = ""
    about: str = ""
    initials: str = ""
    quote: bool = False
    only: bool = False
    standing: str = ""


@dataclass(frozen=True, slots=True)
class NuggetForm:
    """What was typed to make a nugget of an answer. Wordings stand one a line."""

    procedure: str = ""
    title: str = ""
    wordings: str = ""
    public: bool = False


def answer_form(
    text: Annotated[str, Form()] = "",
    about: Annotated[str, Form()] = "",
    initials: Annotated[str, Form()] = "",
    quote: Annotated[str, Form()] = "",
    only: Annotated[str, Form()] = "",
    standing: Annotated[str, Form()] = "",
) -> AnswerForm:
    """The fields of an answer; browsers send line ends of their own."""
    plain = text.replace("\r\n", "\n")
    return AnswerForm(plain, about, initials, bool(quote), bool(only), standing.replace("\r\n", "\n"))


def nugget_form(
    procedure: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    wordings: Annotated[str, Form()] = "",
    public: Annotated[str, Form()] = "",
) -> NuggetForm:
    """The fields of a new nugget."""
    return NuggetForm(procedure, title.strip(), wordings, bool(public))


def chosen_of(show: str = "", cohort: str = "", mine: str = "", skip: str = "") -> Chosen:
    """What an address asks to be shown."""
    known = show if show in SHOWN or show == EVERYTHING_ASKED else "waiting"
    return Chosen(known, cohort, "yes" if mine else "", min(whole_number(skip) or 0, 1_000_000))


Shown = Annotated[Chosen, Depends(chosen_of)]


def routes(console: Console) -> APIRouter:
    """`/questions` and `/questions/<number>`."""
    router, page = console.router(), _Page(console)

    @router.get("/questions")
    def questions(request: Request, chosen: Shown) -> Response:
        return page.show(request, chosen)

    @router.get("/questions/{question}")
    def one(request: Request, question: str, chosen: Shown) -> Response:
        return page.show(request, chosen, question)

    _add_answering(router, console, page)
    _add_settling(router, console, page)
    return router


def _add_answering(router: APIRouter, console: Console, page: _Page) -> None:
    token = [Depends(console.pages.tokens.check)]

    @router.post("/questions/{question}/check", dependencies=token)
    def check(request: Request, question: str, typed: Annotated[AnswerForm, Depends(answer_form)]) -> Response:
        line, _ = page.found(request, question)
        return console.show(request, "answer_look", {"look": page.look(line.inquiry, typed), "line": line})

    @router.post("/questions/{question}/answer", dependencies=token)
    def answer_it(
        request: Request, question: str, chosen: Shown, typed: Annotated[AnswerForm, Depends(answer_form)]
    ) -> Response:
        line, viewer = page.found(request, question)
        given = Answer(typed.text, typed.about, typed.initials.strip(), typed.quote, typed.only, typed.standing or None)
        try:
            way = page.look(line.inquiry, typed).way
            reach, now = viewer.scope(Right.ANSWER), console.clock.now()
            done = answer(console.database, line.inquiry.id, given, actor=viewer.actor, now=now, reach=reach)
        except ReinforceError as fault:
            return page.show(request, chosen, question, fault=fault, typed=typed)
        numbers = [each.id for each in done]
        others = [str(number) for number in numbers if number != line.inquiry.id]
        words = f"Question {line.inquiry.id} is answered{', with ' + ', '.join(others) if others else ''}."
        how = "as a reply" if way.value == "reply" else "as a post of its own, which names nobody"
        more = (f"The daemon brings it to them {how}. Until it has left, it can be changed or taken back.",)
        undo = Undo(f"/questions/{line.inquiry.id}/reopen", {"others": ",".join(others)}, "Take it back")
        return console.done(request, f"/questions?{chosen.query}", Notice(words, more, undo))

    @router.post("/questions/{question}/nugget", dependencies=token)
    def nugget(
        request: Request, question: str, chosen: Shown, typed: Annotated[NuggetForm, Depends(nugget_form)]
    ) -> Response:
        line, viewer = page.found(request, question)
        wordings = [one.strip() for one in typed.wordings.splitlines() if one.strip()]
        values: dict[str, Any] = {"title": typed.title, "wordings": wordings or [line.inquiry.answer]}
        values |= {"confidentiality": "public"} if typed.public else {}
        now = console.clock.now()
        try:
            page.require_procedure(viewer, typed.procedure)
            made = make_nugget(console.database, line.inquiry.id, typed.procedure, values, actor=viewer.actor, now=now)
        except ReinforceError as fault:
            return page.show(request, chosen, question, nugget_fault=fault, nugget=typed)
        words = f"“{made.title}” is a nugget of {made.procedure} now, with {len(made.wordings)} wordings."
        return console.done(request, f"/questions/{line.inquiry.id}?{chosen.query}", Notice(words))


def _add_settling(router: APIRouter, console: Console, page: _Page) -> None:
    token = [Depends(console.pages.tokens.check)]

    @router.post("/questions/{question}/assign", dependencies=token)
    def assign_it(request: Request, question: str, chosen: Shown, name: Annotated[str, Form()] = "") -> Response:
        line, viewer = page.found(request, question)
        given = assign(console.database, line.inquiry.id, name or None, actor=viewer.actor, now=console.clock.now())
        words = f"Question {line.inquiry.id} is {given.name + '’s' if given else 'nobody’s'} now."
        undo = Undo(f"/questions/{line.inquiry.id}/assign", {"name": line.facilitator})
        return console.done(request, f"/questions/{line.inquiry.id}?{chosen.query}", Notice(words, undo=undo))

    @router.post("/questions/{question}/close", dependencies=token)
    def close_it(request: Request, question: str, chosen: Shown, reason: Annotated[str, Form()] = "") -> Response:
        line, viewer = page.found(request, question)
        why = " ".join(reason.split())[:200] or "closed by hand"
        close(console.database, line.inquiry.id, why, actor=viewer.actor, now=console.clock.now())
        undo = Undo(f"/questions/{line.inquiry.id}/reopen")
        words = f"Question {line.inquiry.id} is closed without an answer."
        return console.done(request, f"/questions?{chosen.query}", Notice(words, undo=undo))

    @router.post("/questions/{question}/reopen", dependencies=token)
    def reopen_it(request: Request, question: str, chosen: Shown, others: Annotated[str, Form()] = "") -> Response:
        lines = [page.found(request, number)[0] for number in (question, *filter(None, others.split(",")))]
        actor = console.gate.here(request).actor
        for line in lines:
            reopen(console.database, line.inquiry.id, actor=actor, now=console.clock.now())
        number = lines[0].inquiry.id
        return console.done(request, f"/questions/{number}?{chosen.query}", Notice(f"Question {number} waits again."))


class _Page:
    """Shows the queue with the question at hand, as far as the viewer answers."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._composing = Composing(console.renderer, console.tariff, KnownNames())

    def found(self, request: Request, question: str) -> tuple[QuestionLine, Viewer]:
        """The question that an address names, and who asks; a 404 beyond the cohorts they answer for."""
        viewer = self._console.gate.here(request)
        with self._console.database.read() as connection:
            return _line(connection, question, viewer.scope(Right.ANSWER)), viewer

    def look(self, one: Inquiry, typed: AnswerForm) -> AnswerLook:
        """How an answer would go out."""
        said, now = Said(typed.text, typed.about, typed.initials), self._console.clock.now()
        return look_at_answer(self._console.database, self._composing, one.id, said, now=now)

    def require_procedure(self, viewer: Viewer, slug: str) -> None:
        """Raise NotAllowed for a procedure that others learn as well."""
        with self._console.database.read() as connection:
            known = open_procedures(connection, viewer.scope(Right.ANSWER))
        if slug not in {one.slug for one in known}:
            raise NotAllowed("no procedure of yours has that name", "Choose one of the list.")

    def show(self, request: Request, chosen: Chosen, question: str = "", **told: Any) -> Response:
        """The page; `told` are a fault and what was typed."""
        console, now = self._console, self._console.clock.now()
        viewer = console.gate.here(request)
        scope = viewer.scope(Right.ANSWER)
        with console.database.read() as connection:
            staff = facilitators(connection)
            me = next((one for one in staff if viewer.user and one.name == viewer.user.name), None)
            wanted = QuestionFilter(chosen.show, chosen.cohort, _mine(chosen, me), chosen.skip, scope)
            page = question_page(connection, wanted, now)
            line = _line(connection, question, scope) if question else next(iter(page.lines), None)
            values: dict[str, Any] = {
                "page": page,
                "line": line,
                "chosen": chosen,
                "shows": [*SHOWN, EVERYTHING_ASKED],
                "skips": {"newer": max(0, chosen.skip - PAGE), "older": chosen.skip + PAGE},
                "cohorts": cohort_names(connection, scope),
                "staff": staff,
                "me": me,
                "picked": bool(question),
            }
            if line is not None:
                values |= _about(connection, line, scope)
        values |= {"fault": told.get("fault"), "nugget_fault": told.get("nugget_fault")}
        if line is not None:
            values["typed"] = typed = told.get("typed") or _kept(line, me, staff)
            values["nugget"] = told.get("nugget") or NuggetForm(wordings=line.inquiry.answer)
            # What is out is not looked at any more.
            out = line.inquiry.state is InquiryState.DELIVERED
            values["look"] = None if out else self.look(line.inquiry, typed)
        failed = values["fault"] or values["nugget_fault"]
        return console.show(request, "questions", values, status=422 if failed else 200)


def _line(connection: Connection, question: str, scope: Scope) -> QuestionLine:
    line = question_line(connection, whole_number(question) or 0, scope)
    if line is None:
        raise HTTPException(404, "There is no such question.")
    return line


def _mine(chosen: Chosen, me: Facilitator | None) -> int | None:
    """Whose questions alone are shown; nobody's where somebody asks for theirs and is no facilitator by name."""
    if not chosen.mine:
        return None
    return me.id if me else 0


def _about(connection: Connection, line: QuestionLine, scope: Scope) -> dict[str, Any]:
    """What stands around one question: who asks the same, and what may answer it."""
    one = line.inquiry
    alike = [each for each in inquiries.together(connection, one, *InquiryState) if scope.holds(each.cohort_id)]
    return {
        "alike": [each for each in alike if each.id != one.id],
        "suggested": suggestions.suggestions(connection, one) if one.text else (),
        "procedures": [(each.slug, each.title) for each in open_procedures(connection, scope)],
    }


def _kept(line: QuestionLine, me: Facilitator | None, staff: tuple[Facilitator, ...]) -> AnswerForm:
    """The answer that there is, or an empty one with the initials of whoever writes it."""
    one = line.inquiry
    theirs = next((each for each in staff if each.id == one.facilitator_id), None)
    signs = me or theirs
    initials = one.initials or (signs.initials if signs else "")
    return AnswerForm(one.answer, one.about, initials, one.quote, standing=one.standing)
