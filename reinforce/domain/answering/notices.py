"""Telling those who answer: what they are told of, in which words, and when it is tried again.

A message is for one facilitator and lists everything that waits to be told to them at that moment, so that forty
questions in an hour are a few messages. It is sent after it was claimed in the database, and marked as sent after it
was taken: whoever dies between may send it twice, never not at all. Its `key` stays the same, and mail readers show two
letters with one Message-ID once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from reinforce.domain.errors import ReinforceError


class Channel(StrEnum):
    """How a facilitator is told. NONE: they look at the list themselves."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    NONE = "none"


class NoticeKind(StrEnum):
    """What is told of an inquiry, the most urgent first."""

    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    NEW = "new"


class NoticeState(StrEnum):
    """SENDING: claimed by a process. FAILED: given up, a person has to look. DROPPED: not worth telling any more."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Facilitator:
    """Somebody who answers. `address` is an e-mail address, or the name of a webhook."""

    id: int
    name: str
    initials: str
    channel: Channel
    address: str


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a message. `text` are the learner's own words; `due` is local and written out ("": no promise)."""

    notice_id: int
    kind: NoticeKind
    inquiry_id: int
    cohort: str
    text: str
    due: str


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to one facilitator. `key` is the same whenever this message is tried again."""

    key: str
    subject: str
    text: str


class NotDelivered(ReinforceError):
    """A message was not taken. `retry_after`: seconds until the other side wants to hear from us again, 0 if it did not
    say. Its words never hold a secret."""

    def __init__(self, message: str, advice: str = "", retry_after: float = 0.0) -> None:
        super().__init__(message, advice)
        self.retry_after = retry_after


class Messenger(Protocol):
    """Brings a message to a facilitator by mail or webhook."""

    def deliver(self, to: Facilitator, message: Message) -> None:
        """Return once the other side has taken it; raises NotDelivered otherwise."""


FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
# With the waits above: about six hours of tries.
MOST_TRIES = 12
_SHORTENED = 200


def wait_after(tries: int, retry_after: float = 0.0) -> timedelta:
    """How long to wait after the `tries`-th try failed (machine time): doubled each time, an hour at most; at least
    what the other side asked for, a day at most."""
    own = min(FIRST_WAIT * (1 << min(max(tries - 1, 0), 20)), LONGEST_WAIT)
    return max(own, timedelta(seconds=min(max(retry_after, 0.0), 86_400.0)))


_LEADS = {
    NoticeKind.OVERDUE: "Overdue",
    NoticeKind.DUE_SOON: "Due soon",
    NoticeKind.NEW: "New",
}


def message_of(told: Sequence[Told]) -> Message:
    """One message for everything in `told` (at least one), the most urgent first. It names no learner."""
    order = list(NoticeKind)
    lines = sorted(told, key=lambda one: (order.index(one.kind), one.inquiry_id))
    counts = [(kind, sum(one.kind is kind for one in lines)) for kind in order]
    parts = [f"{number} {_LEADS[kind].lower()}" for kind, number in counts if number]
    subject = f"Questions from learners: {', '.join(parts)}"
    written = [subject + ".", ""]
    for one in lines:
        until = f", to be answered by {one.due}" if one.due else ""
        where = f" in {one.cohort}" if one.cohort else ""
        written += [f"{_LEADS[one.kind]}: question {one.inquiry_id}{where}{until}", f"  {_short(one.text)}", ""]
    written.append("See one with suggestions, and answer it: reinforce questions show NUMBER")
    first = min(one.notice_id for one in lines)
    return Message(f"notice-{first}-{len(lines)}", subject, "\n".join(written))


def _short(text: str) -> str:
    flat = " ".join(text.split()) or "(the words are gone)"
    return flat if len(flat) <= _SHORTENED else flat[: _SHORTENED - 1] + "…"


def worth_telling(kind: NoticeKind, *, unanswered: bool, owed: bool, asked_at: datetime, now: datetime) -> bool:
    """Whether a notice that waits is still worth sending: an answered question is no news, and neither is one of last
    week that an outage held up."""
    if kind is NoticeKind.OVERDUE:
        return owed
    return unanswered and now - asked_at < timedelta(days=7)
