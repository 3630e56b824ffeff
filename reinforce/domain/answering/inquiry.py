"""What a learner asked of us: a question for a person, or a look-up that the procedure itself may answer.

A nugget's own question is a `Question`; this is the other direction. States, and what moves them::

    new ──take up──▶ open ──answer──▶ answered ──the answer is out──▶ delivered
     │                │  ◀──reopen──     │
     │                └──────close──────▶ closed ──reopen──▶ open
     └──look up: found──▶ answered
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class InquiryKind(StrEnum):
    """QUESTION wants a person, LOOKUP a nugget ("@account how lockout"); a look-up that misses wants a person too."""

    QUESTION = "question"
    LOOKUP = "lookup"


class InquiryState(StrEnum):
    """NEW: read, not taken up yet. OPEN: waits for an answer. ANSWERED: its answer is on its way."""

    NEW = "new"
    OPEN = "open"
    ANSWERED = "answered"
    DELIVERED = "delivered"
    CLOSED = "closed"


class Way(StrEnum):
    """How an answer goes out. POST: as a post that names nobody, since a reply is not possible. STUCK: neither worked,
    a person has to look."""

    REPLY = "reply"
    POST = "post"
    STUCK = "stuck"


# What is still owed to the learner.
UNANSWERED = frozenset({InquiryState.NEW, InquiryState.OPEN})
OWED = UNANSWERED | {InquiryState.ANSWERED}


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A row of `inquiry` with what it was read from. `text` are the learner's own words, "" once they were taken out.

    Times are programme time, `asked_at` X's stamp. `due_at` None: no promise can be kept (a cadence without a working
    day). `answer` and `about` are the answerer's words; `quote`: the learner's own may be shown if they opted in."""

    id: int
    inbound_id: int
    account_id: int
    cohort_id: int | None
    facilitator_id: int | None
    kind: InquiryKind
    state: InquiryState
    topic: str
    missed: bool
    similar_to: int | None
    asked_at: datetime
    due_soon_at: datetime | None
    due_at: datetime | None
    about: str
    answer: str
    initials: str
    quote: bool
    answered_at: datetime | None
    way: Way | None
    round: int
    outbox_id: int | None
    delivered_at: datetime | None
    nugget_id: int | None
    outcome: str
    text: str
    remote_id: int
    author_remote_id: int
    author_handle: str
    learner_id: int | None
    mentions_us: bool

    def overdue(self, now: datetime) -> bool:
        """Whether the promised time has passed and nothing is out."""
        return self.state in OWED and self.due_at is not None and now >= self.due_at

    @property
    def standing(self) -> str:
        """What somebody goes by who answers it: whether it waits or is closed, or the answer that it has. Taking it up
        and giving it to somebody change nothing about that."""
        if self.state in UNANSWERED:
            return "waiting"
        return f"{'closed' if self.state is InquiryState.CLOSED else 'answered'}: {self.answer}"

    def due_soon(self, now: datetime) -> bool:
        """Whether it has to be answered soon, and was not."""
        return self.state in UNANSWERED and self.due_soon_at is not None and now >= self.due_soon_at


def answer_occurrence(inquiry_id: int, number: int) -> str:
    """The key of the nameless post that carries an answer, and perhaps others; `number` counts its posts."""
    return f"answer/{inquiry_id}/{number}"


# Forms of the outbox: what a post of this part of the house is called.
ANSWER = "answer"
LOOKUP_REPLY = "lookup"
ACKNOWLEDGEMENT = "acknowledgement"
