"""Tell those who answer of questions that are new, due soon or overdue.

What is to be told becomes a row first. A round claims the rows of one facilitator, sends one message for all of them
outside any transaction, and writes down what became of it; a process that dies between leaves rows that are claimed
again after the lease. What is not taken is tried again, ever more rarely, for some hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from reinforce.domain.answering.inquiry import OWED, UNANSWERED
from reinforce.domain.answering.notices import (
    MOST_TRIES,
    Facilitator,
    Message,
    Messenger,
    NotDelivered,
    Told,
    message_of,
    wait_after,
    worth_telling,
)
from reinforce.store.answering import facilitators, inquiries, notices
from reinforce.store.answering.notices import Claimed
from reinforce.store.people import cohorts
from reinforce.store.session import Database

# Longer than any delivery takes; after that whoever claimed it is taken for dead.
LEASE = timedelta(minutes=2)
# A round must not hold the daemon up for long, whatever a mail server does.
FACILITATORS_A_ROUND = 3
MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class NotifyOutcome:
    """`raised` rows were new; `told` facilitators got a message; `failures` say why others did not."""

    raised: int = 0
    told: int = 0
    failures: tuple[str, ...] = ()


def notify(database: Database, messenger: Messenger, *, now: datetime) -> NotifyOutcome:
    """Raise what is due to be told at `now` (programme time) and deliver what waits."""
    with database.read() as connection:
        if not inquiries.any_owed(connection):
            return NotifyOutcome()
    with database.write() as connection:
        raised = notices.raise_due(connection, now)
    with database.read() as connection:
        waiting = notices.facilitators_waiting(connection, FACILITATORS_A_ROUND)
    told, failures = 0, []
    for facilitator_id in waiting:
        with database.write() as connection:
            claimed = notices.claim(connection, facilitator_id, LEASE, MOST_AT_ONCE)
            to, message, left = _message(connection, facilitator_id, claimed, now)
        if message is None:
            continue
        try:
            messenger.deliver(to, message)
        except NotDelivered as refusal:
            failures.append(f"{to.name}: {refusal.message}")
            _put_off(database, left, refusal)
            continue
        with database.write() as connection:
            notices.sent(connection, [one.id for one in left])
        told += 1
    return NotifyOutcome(raised, told, tuple(failures))


def _message(
    connection: Connection, facilitator_id: int, claimed: Sequence[Claimed], now: datetime
) -> tuple[Facilitator, Message | None, tuple[Claimed, ...]]:
    """What to say, and of which rows; what is not worth telling any more is dropped."""
    to = facilitators.by_id(connection, facilitator_id)
    lines, left, gone = [], [], []
    for one in claimed:
        asked = inquiries.inquiry(connection, one.inquiry_id)
        unanswered, owed = asked.state in UNANSWERED, asked.state in OWED
        worth = worth_telling(one.kind, unanswered=unanswered, owed=owed, asked_at=asked.asked_at, now=now)
        if not worth or asked.facilitator_id != facilitator_id:
            gone.append(one.id)
            continue
        cohort = None if asked.cohort_id is None else cohorts.cohort_by_id(connection, asked.cohort_id)
        zone = cohort.zone if cohort else "UTC"
        due = "" if asked.due_at is None else f"{asked.due_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"
        title = cohort.title if cohort else ""
        lines.append(Told(one.id, one.kind, asked.id, title, asked.text, due))
        left.append(one)
    notices.drop(connection, gone)
    return to, message_of(lines) if lines else None, tuple(left)


def _put_off(database: Database, claimed: Sequence[Claimed], refusal: NotDelivered) -> None:
    with database.write() as connection:
        for one in claimed:
            wait = None if one.attempts >= MOST_TRIES else wait_after(one.attempts, refusal.retry_after)
            notices.failed(connection, [one.id], refusal.message, wait)
