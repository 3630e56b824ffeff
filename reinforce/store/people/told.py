"""What became of the posts about a cohort's dates: planned, out, or let go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t


@dataclass(frozen=True, slots=True)
class Told:
    """An update that has its post (`item_id`), or was let go (None); `made_for` is what for, `natural` the instant at
    which it would have gone out by its date alone, as text."""

    occurrence: str
    made_for: str
    natural: str
    item_id: int | None = None
    state: State | None = None


def told(connection: Connection, occurrences: Collection[str]) -> dict[str, Told]:
    """What became of these updates, by occurrence; those of which nothing is on record are left out."""
    q, o = t.quiet.c, t.outbox.c
    wanted = sorted(occurrences)
    found = {}
    for occurrence, decision in connection.execute(select(q.occurrence, q.decision).where(q.occurrence.in_(wanted))):
        found[occurrence] = Told(occurrence, *_made_for(decision))
    posts = select(o.id, o.occurrence, o.state, o.decision).where(o.occurrence.in_(wanted))
    for row in connection.execute(posts.where(o.state != State.CANCELLED.value)):
        found[row.occurrence] = Told(row.occurrence, *_made_for(row.decision), row.id, State(row.state))
    return found


def _made_for(decision: dict[str, str]) -> tuple[str, str]:
    # An erasure may have emptied it.
    return decision.get("made_for", ""), decision.get("natural", "")
