"""What a person does about a question: take it, answer it, close it, open it again, make a nugget of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.content.added_nugget import Written, read_added
from reinforce.content.nugget_entry import Inherited
from reinforce.domain.access.rights import EVERYTHING, Scope
from reinforce.domain.answering.addresses import checked_initials
from reinforce.domain.answering.answer_rules import objections_to
from reinforce.domain.answering.inquiry import OWED, Inquiry, InquiryState, Way
from reinforce.domain.answering.notices import Facilitator
from reinforce.domain.errors import Conflict, NotAllowed
from reinforce.domain.nugget import Origin, StoredNugget
from reinforce.domain.sending.outbox import State
from reinforce.domain.texts.canonical_text import nfc
from reinforce.domain.texts.naming_guard import find_names
from reinforce.domain.texts.wording import text_hash
from reinforce.store.answering import facilitators, inquiries
from reinforce.store.authoring import additions, nuggets, passages
from reinforce.store.operating import audit
from reinforce.store.people import people
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.sending import outbox
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered. `about` is the question in the answerer's words, for a post that stands alone; `quote` allows
    the learner's own words instead, where they opted in. `only`: not those that ask the same."""

    text: str
    about: str = ""
    initials: str = ""
    quote: bool = False
    only: bool = False
    standing: str | None = None


def answer(
    database: Database, inquiry_id: int, given: Answer, *, actor: str, now: datetime, reach: Scope = EVERYTHING
) -> tuple[Inquiry, ...]:
    """Answer a question and those that ask the same, as far as `reach` holds their cohorts; the daemon brings it to
    them. An answer that is not out yet is replaced; the very same answer given twice is one. Returns the questions it
    answers.

    Raises NotFound; NotAllowed for a text that can't be posted or names somebody, ReinforceError for initials that are
    none; Conflict if an answer is out already,
    or somebody answered or closed the question since it was seen.
    """
    text, about = nfc(given.text.strip()), nfc(given.about.strip())
    with about_people(database) as connection:
        one = inquiries.inquiry(connection, inquiry_id, lock=True)
        if given.standing is not None and given.standing != one.standing:
            if _is_answered_so(one, text, about, given):
                return (one,)
            raise Conflict(f"somebody else dealt with question {one.id} meanwhile: {one.standing}", "Look at it again.")
        _check(connection, one, text, about)
        states = (InquiryState.OPEN, InquiryState.NEW)
        others = () if given.only else inquiries.together(connection, one, *states)
        meant = (one, *(other for other in others if other.id != one.id and reach.holds(other.cohort_id)))
        for each in meant:
            _withdraw(connection, each)
        answered = tuple(_answer(connection, each, text, about, given, now) for each in meant)
        detail = {"questions": [each.id for each in answered]}
        audit.record(connection, actor, "question.answered", f"inquiry/{one.id}", detail, now)
        return answered


def _check(connection: Connection, one: Inquiry, text: str, about: str) -> None:
    if not text:
        raise NotAllowed("an answer needs a text", "Write it in quotes behind the number.")
    for said in filter(None, (text, about)):
        found = objections_to(said)
        if found:
            raise NotAllowed(found[0].message, found[0].advice)
        if find_names(said, people.people_marks(connection, one.account_id)):
            raise NotAllowed(
                "this names somebody who has not agreed to it", "Say it without the name, the handle or the number."
            )
    if one.state is InquiryState.DELIVERED:
        raise Conflict(
            f"question {one.id} was answered: {one.answer}", "Post a correction, or answer a later question."
        )
    other = outbox.text_taken(connection, one.account_id, text_hash(text), one.asked_at)
    if other and one.answer != text:
        raise NotAllowed(
            "the account has posted these very words already", "Say it in other words: X refuses a text twice."
        )


def _is_answered_so(one: Inquiry, text: str, about: str, given: Answer) -> bool:
    """Whether this very answer was given a moment ago: a button that was pressed twice."""
    said = (one.answer, one.about, one.quote) == (text, about, given.quote)
    return said and one.state in (InquiryState.ANSWERED, InquiryState.DELIVERED)


def _withdraw(connection: Connection, one: Inquiry) -> None:
    """Take back the post that carries the answer of `one`, if there is one; what else it carries gets one of its own.
    Raises Conflict if it has left, or is leaving."""
    if one.state is not InquiryState.ANSWERED or one.outbox_id is None:
        return
    item = outbox.item(connection, one.outbox_id)
    if item.state is State.PLANNED:
        if outbox.cancel(connection, item, "the answer was changed") is None:
            raise Conflict("the answer is leaving at this moment", "Look again in a minute.")
    elif item.state not in (State.CANCELLED, State.SKIPPED, State.REFUSED):
        raise Conflict(f"the answer is {item.state.value} already", "Look: reinforce outbox")
    for other in inquiries.carried_by(connection, item.id):
        if other.id != one.id and other.state is InquiryState.ANSWERED:
            inquiries.change(connection, other, outbox_id=None)


def _answer(connection: Connection, one: Inquiry, text: str, about: str, given: Answer, now: datetime) -> Inquiry:
    facilitator = None if one.facilitator_id is None else facilitators.by_id(connection, one.facilitator_id)
    own = facilitator.initials if facilitator else ""
    initials = checked_initials(given.initials) if given.initials else own
    return inquiries.change(
        connection,
        one,
        state=InquiryState.ANSWERED.value,
        answer=text,
        about=about,
        initials=initials,
        quote=given.quote,
        answered_at=now,
        way=Way.REPLY.value,
        outbox_id=None,
        outcome="",
    )


def assign(database: Database, inquiry_id: int, name: str | None, *, actor: str, now: datetime) -> Facilitator | None:
    """Give a question to a facilitator, who is told of it, or to nobody. Raises NotFound; NotAllowed once settled."""
    with about_people(database) as connection:
        one = inquiries.inquiry(connection, inquiry_id, lock=True)
        if one.state not in OWED:
            raise NotAllowed(
                f"question {one.id} is {one.state.value}", f"Open it again: reinforce questions reopen {one.id}"
            )
        facilitator = None if name is None else facilitators.by_name(connection, name)
        inquiries.change(connection, one, facilitator_id=facilitator.id if facilitator else None)
        detail = {"facilitator": facilitator.id if facilitator else None}
        audit.record(connection, actor, "question.assigned", f"inquiry/{one.id}", detail, now)
        return facilitator


def close(database: Database, inquiry_id: int, reason: str, *, actor: str, now: datetime) -> Inquiry:
    """Settle a question without an answer. Raises NotFound; NotAllowed if it was answered."""
    with about_people(database) as connection:
        one = inquiries.inquiry(connection, inquiry_id, lock=True)
        if one.state not in (InquiryState.NEW, InquiryState.OPEN):
            raise NotAllowed(
                f"question {one.id} is {one.state.value}",
                f"Take the answer back first: reinforce questions reopen {one.id}",
            )
        closed = inquiries.change(connection, one, state=InquiryState.CLOSED.value, outcome=reason)
        audit.record(connection, actor, "question.closed", f"inquiry/{one.id}", {}, now)
        return closed


def reopen(database: Database, inquiry_id: int, *, actor: str, now: datetime) -> Inquiry:
    """Let a question wait for an answer again: one that was closed, or whose answer has not left. Raises Conflict if
    the answer is out or leaving."""
    with about_people(database) as connection:
        one = inquiries.inquiry(connection, inquiry_id, lock=True)
        if one.state is InquiryState.DELIVERED:
            raise Conflict(
                f"the answer to question {one.id} is out: {one.answer}", "What was said can't be taken back."
            )
        _withdraw(connection, one)
        if one.state in (InquiryState.ANSWERED, InquiryState.CLOSED):
            values = {
                "state": InquiryState.OPEN.value,
                "answered_at": None,
                "way": "",
                "outbox_id": None,
                "outcome": "",
            }
            one = inquiries.change(connection, one, **values)
            audit.record(connection, actor, "question.reopened", f"inquiry/{one.id}", {}, now)
        return one


def make_nugget(
    database: Database,
    inquiry_id: int,
    procedure_slug: str,
    values: Mapping[str, Written],
    *,
    actor: str,
    now: datetime,
) -> StoredNugget:
    """Make a nugget of an answer, in a loaded procedure. `values` are a nugget's keys as in its file; without wordings
    the answer is the first.

    Raises NotFound, NotAllowed without an answer, ContentRefused, and what `store.authoring.additions` raises.
    """
    with about_people(database) as connection:
        one = inquiries.inquiry(connection, inquiry_id, lock=True)
        if not one.answer or one.state not in (InquiryState.ANSWERED, InquiryState.DELIVERED):
            raise NotAllowed(
                f"question {one.id} has no answer yet", f'Answer it first: reinforce questions answer {one.id} "…"'
            )
        procedure = nuggets.procedure_by_slug(connection, procedure_slug)
        inherited = Inherited(procedure.language, procedure.confidentiality)
        nugget = read_added({"wordings": [one.answer], **values}, inherited)
        for wording in nugget.wordings:
            if find_names(wording.text, people.people_marks(connection, one.account_id)):
                raise NotAllowed("a wording names somebody who has not agreed to it", "Say it without the name.")
        made = additions.add_nugget(connection, procedure, nugget, Origin.ANSWER, one.inbound_id, now)
        inquiries.change(connection, one, nugget_id=made.id)
        # Its words are the nugget's now: found once, not twice.
        passages.drop_answer(connection, one.id)
        audit.record(connection, actor, "question.made-nugget", f"inquiry/{one.id}", {"nugget": made.id}, now)
        return made
