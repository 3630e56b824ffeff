"""The states of one post on its way, and every move between them (shared by store, actions and tests).

The table of moves is the whole state machine: the store refuses what is not in it, the exhaustive model in the
tests walks it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where a post stands."""

    PLANNED = "planned"
    LEASED = "leased"
    SENDING = "sending"
    UNKNOWN = "unknown"
    HELD = "held"
    POSTED = "posted"
    REFUSED = "refused"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


TERMINAL = frozenset({State.POSTED, State.REFUSED, State.SKIPPED, State.CANCELLED})
# At most one row of an account may be in one of these: order is kept and reconciling is never ambiguous.
IN_FLIGHT = frozenset({State.LEASED, State.SENDING, State.UNKNOWN})

MOVES: frozenset[tuple[State, State]] = frozenset(
    {
        (State.PLANNED, State.LEASED),
        (State.PLANNED, State.SKIPPED),
        (State.PLANNED, State.CANCELLED),
        (State.LEASED, State.CANCELLED),
        (State.LEASED, State.PLANNED),
        (State.LEASED, State.SKIPPED),
        # One of our own guards says no for good: provably nothing was sent.
        (State.LEASED, State.REFUSED),
        (State.LEASED, State.SENDING),
        (State.SENDING, State.POSTED),
        (State.SENDING, State.PLANNED),
        (State.SENDING, State.REFUSED),
        (State.SENDING, State.UNKNOWN),
        (State.UNKNOWN, State.POSTED),
        (State.UNKNOWN, State.HELD),
        (State.UNKNOWN, State.PLANNED),
        (State.HELD, State.POSTED),
        (State.HELD, State.PLANNED),
        (State.HELD, State.SKIPPED),
    }
)
# After a backup was put back, the timeline may hold posts whose rows still say "planned". These moves are open only
# while the account is unproven, when nothing can be claimed.
PROVING: frozenset[tuple[State, State]] = frozenset(
    {
        (State.PLANNED, State.POSTED),
        (State.PLANNED, State.HELD),
    }
)


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A row of the outbox as a value. Times as in the table: programme time, but `lease_until`, `not_before` and
    `unknown_since`, which are machine time."""

    id: int
    account_id: int
    cohort_id: int | None
    nugget_id: int | None
    wording_id: int | None
    question_id: int | None
    inbound_id: int | None
    form: str
    occurrence: str
    state: State
    fence: int
    owner: str
    lease_until: datetime | None
    not_before: datetime | None
    unknown_since: datetime | None
    rounds: int
    text: str
    text_hash: str
    reply_to: int | None
    reply_to_outbox_id: int | None
    poll: dict[str, Any] | None
    alternatives: list[dict[str, Any]]
    price_micros: int
    due_at: datetime
    grace_until: datetime
    posted_at: datetime | None
    remote_id: int | None
    reason: str
    decision: dict[str, Any]
    outcome: str
    created_at: datetime
    media: list[dict[str, Any]] | None = None
    confidentiality: str | None = None


# Is told which post is taken up, before anything is done with it.
Noted = Callable[[OutboxItem], None]


def unnoted(_item: OutboxItem) -> None:
    """Nobody wants to know."""


class AttemptOutcome(StrEnum):
    """How an attempt to send ended. OPEN: nothing is known of it yet, or its process died."""

    OPEN = ""
    POSTED = "posted"
    NOT_SENT = "not_sent"
    THROTTLED = "throttled"
    CREDENTIALS = "credentials"
    NO_CREDIT = "no_credit"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to send, as it was made durable before its first byte; times are machine time.

    `since_id` is our newest post on the timeline then: whatever the attempt made is newer. None: we knew of none.
    """

    outbox_id: int
    n: int
    fence: int
    text_hash: str
    reply_to: int | None
    poll: dict[str, Any] | None
    since_id: int | None
    started_at: datetime
    deadline_at: datetime
    finished_at: datetime | None
    outcome: AttemptOutcome
    detail: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A post as the plan hands it to the outbox (`store.sending.outbox.add`).

    `alternatives` holds further approved wordings, in order, as {"wording_id", "text", "text_hash"} and, where it
    differs, "price_micros": the next one is taken when the service calls the first a duplicate and no earlier attempt
    of ours could have made it one. `decision` is what `explain`
    shows. `reply_to_outbox_id` is set for a reveal or a step of a course, whose `reply_to` is known only once the post
    above it is out. `media` holds up to four pictures as {"hash", "alt"} (store/sending/pictures.py has their bytes).
    `confidentiality` ("internal") is the author's word for a text that is no nugget's.
    """

    account_id: int
    occurrence: str
    form: str
    text: str
    text_hash: str
    due_at: datetime
    grace_until: datetime
    cohort_id: int | None = None
    nugget_id: int | None = None
    wording_id: int | None = None
    question_id: int | None = None
    inbound_id: int | None = None
    reply_to: int | None = None
    reply_to_outbox_id: int | None = None
    poll: dict[str, Any] | None = None
    alternatives: list[dict[str, Any]] = field(default_factory=list)
    price_micros: int = 0
    reason: str = ""
    decision: dict[str, Any] = field(default_factory=dict)
    media: list[dict[str, Any]] | None = None
    confidentiality: str | None = None


def slot_occurrence(cohort: str, day: date, slot: str) -> str:
    """The key of a slot's post: the local date and the slot's name, so that a DST overlap cannot make two."""
    return f"slot/{cohort}/{day.isoformat()}/{slot}"


def reply_occurrence(inbound_id: int) -> str:
    """The key of the one automated reply an inbound post may get."""
    return f"reply/{inbound_id}"


def reveal_occurrence(outbox_id: int) -> str:
    """The key of the reveal under a question."""
    return f"reveal/{outbox_id}"


def course_occurrence(thread_id: int, step: int, attempt: int = 1) -> str:
    """The key of a step of a course. A step whose post was refused or let go is tried again under another number."""
    return f"course/{thread_id}/{step}" + (f"/{attempt}" if attempt > 1 else "")


def now_occurrence(request: str) -> str:
    """The key of a post a person asked for; `request` is an id made once per request."""
    return f"now/{request}"


def poll_occurrence(request: str) -> str:
    """The key of a poll a person asked for; `request` is an id made once per request."""
    return f"poll/{request}"
