"""What an account's answer to "post this" means for the post: the middle of OUTBOX's table of moves, as a function.

====================================  =====================================================================
answer                                the post is then
====================================  =====================================================================
posted                                posted
not sent, throttled, clock            planned, not before a time
credentials                           planned; the account pauses until a person resumes it
no credit                             planned; the account pauses until the next day (UTC)
duplicate, tried before               unknown: it may be our own, from a time we know nothing of
duplicate, a first try                planned with the next free wording, refused if there is none
refused                               refused, with X's words
anything else                         unknown
====================================  =====================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from reinforce.domain.sending.outbox import AttemptOutcome, OutboxItem, State


class AnswerKind(StrEnum):
    """CLOCK: our clock and X's are too far apart for a signature. UNKNOWN: it may or may not have been posted."""

    POSTED = "posted"
    NOT_SENT = "not_sent"
    THROTTLED = "throttled"
    CLOCK = "clock"
    CREDENTIALS = "credentials"
    NO_CREDIT = "no_credit"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """`words` are X's own or ours; `remote_id` is set if it was posted, `until` (machine time) if it was throttled."""

    kind: AnswerKind
    words: str = ""
    remote_id: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """Where the post goes, what is written into its row and its attempt, and whether the account stops.

    `pause_until` (programme time) None: until a person resumes it.
    """

    to: State
    attempt: AttemptOutcome
    words: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    pause: bool = False
    pause_until: datetime | None = None


def settle(
    item: OutboxItem, answer: Answer, *, tried_before: bool, next_wording: int | None, now: datetime, retry_at: datetime
) -> Settlement:
    """What `answer` means for `item`.

    `tried_before`: an earlier attempt sent this very text. `next_wording` is the index of the first free one of
    `item.alternatives`, None if there is none. `now` is programme time, `retry_at` machine time.
    """
    words = answer.words
    if answer.kind is AnswerKind.POSTED:
        return settle_posted(answer, now)
    if answer.kind in _TRY_AGAIN:
        not_before = max(answer.until, retry_at) if answer.until else retry_at
        return Settlement(State.PLANNED, _TRY_AGAIN[answer.kind], words, {"not_before": not_before, "outcome": words})
    if answer.kind in _PAUSE:
        until = next_day(now) if answer.kind is AnswerKind.NO_CREDIT else None
        changes = {"outcome": words}
        return Settlement(State.PLANNED, _PAUSE[answer.kind], words, changes, pause=True, pause_until=until)
    if answer.kind is AnswerKind.DUPLICATE:
        return _duplicate(item, words, tried_before=tried_before, next_wording=next_wording)
    if answer.kind is AnswerKind.REFUSED:
        return Settlement(State.REFUSED, AttemptOutcome.REFUSED, words, {"outcome": words})
    return Settlement(State.UNKNOWN, AttemptOutcome.UNKNOWN, words, {"outcome": words})


def settle_posted(answer: Answer, now: datetime) -> Settlement:
    """What it means that the post is out, whichever it is. `now` is programme time."""
    done = {"remote_id": answer.remote_id, "posted_at": now, "not_before": None, "outcome": "posted"}
    return Settlement(State.POSTED, AttemptOutcome.POSTED, changes=done)


def next_day(now: datetime) -> datetime:
    """When the next day begins, UTC: until then an account that is out of credit pauses."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


_TRY_AGAIN = {
    AnswerKind.NOT_SENT: AttemptOutcome.NOT_SENT,
    AnswerKind.THROTTLED: AttemptOutcome.THROTTLED,
    AnswerKind.CLOCK: AttemptOutcome.CREDENTIALS,
}
_PAUSE = {
    AnswerKind.CREDENTIALS: AttemptOutcome.CREDENTIALS,
    AnswerKind.NO_CREDIT: AttemptOutcome.NO_CREDIT,
}


def _duplicate(item: OutboxItem, words: str, *, tried_before: bool, next_wording: int | None) -> Settlement:
    if tried_before:
        return Settlement(State.UNKNOWN, AttemptOutcome.DUPLICATE, words, {"outcome": words})
    if next_wording is None:
        return Settlement(State.REFUSED, AttemptOutcome.DUPLICATE, words, {"outcome": words})
    other = item.alternatives[next_wording]
    changes = {
        "text": other["text"],
        "text_hash": other["text_hash"],
        "wording_id": other.get("wording_id"),
        "price_micros": other.get("price_micros", item.price_micros),
        "alternatives": item.alternatives[next_wording + 1 :],
        "outcome": words,
    }
    return Settlement(State.PLANNED, AttemptOutcome.DUPLICATE, words, changes)
