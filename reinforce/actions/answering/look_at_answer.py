"""How an answer would go out, before anybody sends it: as a reply or as a post, in which words, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.answering.answer_rules import ROOM, objections_to
from reinforce.domain.answering.inquiry import ANSWER, Inquiry, InquiryState, Way
from reinforce.domain.sending.budget import Tariff, price_micros
from reinforce.domain.sending.outbox import State
from reinforce.domain.texts.canonical_text import nfc
from reinforce.domain.texts.wording import weighted_length
from reinforce.rendering.answer_texts import AnswerTexts, Fitting
from reinforce.rendering.posts import PostRenderer
from reinforce.store.answering import inquiries
from reinforce.store.people.roster_version import roster_version
from reinforce.store.planning import plan_snapshot
from reinforce.store.sending import circumstances, outbox
from reinforce.store.sending.known_names import KnownNames
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it is being written. `about` is the question in the answerer's words."""

    text: str
    about: str = ""
    initials: str = ""


@dataclass(frozen=True, slots=True)
class Composing:
    """What composes answers. `known_names` keeps its indexes: who looks while they type looks often."""

    renderer: PostRenderer
    tariff: Tariff
    known_names: KnownNames


@dataclass(frozen=True, slots=True)
class AnswerLook:
    """An answer, looked at. `way`: how it would go out now. `text` is the whole post, "" while it can't be made;
    `length` is how many weighted characters the answer takes of `room`, `price_micros` what it costs. `problem`: why it
    can't go out like this, "" if it can. `others` ask the same and wait: it answers them as well."""

    way: Way
    text: str
    length: int
    room: int
    price_micros: int
    problem: str
    others: tuple[int, ...]


def look_at_answer(
    database: Database, composing: Composing, inquiry_id: int, said: Said, *, now: datetime
) -> AnswerLook:
    """Look at an answer; nothing is kept. Without a text only the way is told. Raises NotFound.

    What is told holds for now: a post of its own may wait for an open hour, and with two more becomes a round-up.
    """
    text, about = nfc(said.text.strip()), nfc(said.about.strip())
    with database.read() as connection:
        one = inquiries.inquiry(connection, inquiry_id)
        waiting = inquiries.together(connection, one, InquiryState.OPEN, InquiryState.NEW)
        others = tuple(other.id for other in waiting if other.id != one.id)
        replies = _is_own_reply(connection, one) or circumstances.may_reply(connection, one.inbound_id, now)
        way, found = Way.REPLY if replies else Way.POST, Fitting("", "")
        problem = next((each.message for words in (text, about) if words for each in objections_to(words)), "")
        if text and not problem:
            way, fitting = _fit(connection, composing, one, way, Said(text, about, said.initials.strip()), now)
            found, problem = (found, fitting) if isinstance(fitting, str) else (fitting, "")
    price = price_micros(found.text or text, form=ANSWER, tariff=composing.tariff, reply=way is Way.REPLY)
    return AnswerLook(way, found.text, weighted_length(text), ROOM, price, problem, others)


def _fit(
    connection: Connection, composing: Composing, one: Inquiry, way: Way, said: Said, now: datetime
) -> tuple[Way, Fitting | str]:
    """The way that `said` takes, with its words, or why there are none."""
    frame = None if one.cohort_id is None else plan_snapshot.frame(connection, one.cohort_id)
    names = composing.known_names.of(connection, one.account_id, roster_version(connection))
    texts = AnswerTexts(composing.renderer, frame.cohort.language if frame else "en", names.unnamable)
    since = now - (frame.cadence.repeat_after if frame else outbox.REPEAT_AFTER)
    own = "" if one.outbox_id is None else outbox.item(connection, one.outbox_id).text_hash
    said_lately = outbox.taken_since(connection, one.account_id, since)

    def taken(text_hash: str) -> bool:
        return text_hash != own and said_lately(text_hash)

    if way is Way.REPLY:
        fitting = texts.fit(texts.reply(said.text, said.initials), taken)
        if isinstance(fitting, Fitting):
            return way, fitting
    return Way.POST, texts.fit(texts.post(said.text, said.about, said.initials), taken)


def _is_own_reply(connection: Connection, one: Inquiry) -> bool:
    """Whether the one reply is this question's own answer, which has not left and would be replaced."""
    if one.way is not Way.REPLY or one.outbox_id is None:
        return False
    return outbox.item(connection, one.outbox_id).state is State.PLANNED
