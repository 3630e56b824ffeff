"""Write down what a poll of where a cohort stands came to: once, when X says that it has closed.

The votes were read by `measure`, which counts every post of ours and looks at a poll once more as soon as it is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.domain.polling.poll import Poll
from reinforce.store.listening import signals
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.polling import polls
from reinforce.store.session import Database

# Longer than this after its end nobody looks at a poll any more (actions/listening/measure.py).
_LOOKED_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class CloseOutcome:
    """Polls whose result was written down, and those that will have none."""

    closed: int = 0
    lost: int = 0


def close_polls(database: Database, *, now: datetime) -> CloseOutcome:
    """Write down the results there are at `now` (programme time); the plan of their cohorts is made anew."""
    with database.read() as connection:
        waiting = polls.undecided(connection)
        counted = {poll.id: signals.latest(connection, poll.outbox_id) for poll in waiting if polls.is_out(poll)}
    closed = lost = 0
    for poll in waiting:
        counts = counted.get(poll.id, {})
        why = _why_lost(poll, counts, now)
        if not why and signals.POLL_CLOSED not in counts:
            continue
        with database.write() as connection:
            done = polls.give_up(connection, poll.id, why) if why else _close(connection, poll, counts, now)
            closed += done and not why
            lost += done and bool(why)
    return CloseOutcome(closed, lost)


def _close(connection: Connection, poll: Poll, counts: dict[str, int], now: datetime) -> bool:
    votes = [counts.get(f"{signals.VOTES}{place}", 0) for place in range(len(poll.options))]
    if not polls.close(connection, poll.id, votes, now):
        return False
    cohorts.raise_version(connection, poll.cohort_id)
    audit.record(connection, "daemon", "poll-closed", f"outbox/{poll.outbox_id}", {"votes": votes}, now)
    return True


def _why_lost(poll: Poll, counts: dict[str, int], now: datetime) -> str:
    """Why it will have no result, "" while it may."""
    if not polls.is_out(poll) or poll.posted_at is None:
        return f"its post was {poll.state}"
    if signals.POLL_CLOSED in counts:
        return ""
    if signals.GONE in counts:
        return "its post is no longer on X"
    ends = poll.posted_at + timedelta(minutes=poll.minutes)
    return "X did not say how it ended" if now > ends + _LOOKED_FOR else ""
