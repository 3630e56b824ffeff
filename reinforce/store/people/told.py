"""What became of the posts about a cohort's dates: planned, out, or let go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from reinforce.domain.enrolling.updates import ROUNDS, Calendar, Update, update_round
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t

_NOT_SENT = frozenset({State.SKIPPED, State.REFUSED})


@dataclass(frozen=True, slots=True)
class Told:
    """An update that has its post (`item_id`), or was let go (None); `made_for` is what for, `natural` the instant at
    which it would have gone out by its date alone, as text. `round` counts the attempts at it, from 1."""

    occurrence: str
    round: int
    made_for: str
    natural: str
    item_id: int | None = None
    state: State | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can be taken back: it was let go, or is planned and not under way."""
        return self.state in (None, State.PLANNED)

    def stands(self, update: Update | None, calendar: Calendar) -> bool:
        """Whether what was planned or let go is what the dates and the calendar ask for still."""
        if update is None or self.made_for != update.made_for:
            return False
        natural = calendar.first_time(update.day)
        return self.natural == (natural.isoformat() if natural else "")

    def may_be_made_again(self, update: Update) -> bool:
        """Whether its post ended without having gone out, and the dates are others now."""
        return self.state in _NOT_SENT and self.made_for != update.made_for and self.round < ROUNDS


def told(connection: Connection, occurrences: Collection[str]) -> dict[str, Told]:
    """What became of these updates in their latest round, by the key of their first; those of which nothing is on
    record are left out."""
    q, o = t.quiet.c, t.outbox.c
    wanted = sorted(update_round(one, number) for one in occurrences for number in range(1, ROUNDS + 1))
    every: dict[str, Told] = {}
    for occurrence, decision in connection.execute(select(q.occurrence, q.decision).where(q.occurrence.in_(wanted))):
        every[occurrence] = Told(occurrence, 0, *_made_for(decision))
    posts = select(o.id, o.occurrence, o.state, o.decision).where(o.occurrence.in_(wanted))
    for row in connection.execute(posts.where(o.state != State.CANCELLED.value)):
        every[row.occurrence] = Told(row.occurrence, 0, *_made_for(row.decision), row.id, State(row.state))
    found = {}
    for first in occurrences:
        for number in range(ROUNDS, 0, -1):
            there = every.get(update_round(first, number))
            if there is not None:
                found[first] = replace(there, round=number)
                break
    return found


def _made_for(decision: dict[str, str]) -> tuple[str, str]:
    # An erasure may have emptied it.
    return decision.get("made_for", ""), decision.get("natural", "")
