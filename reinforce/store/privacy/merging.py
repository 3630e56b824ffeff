"""Two records that turn out to be one person's: who joined an open cohort posts the code of a learner on a roster."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from reinforce.store import tables as t
from reinforce.store.people import people
from reinforce.store.planning import memories
from reinforce.store.privacy.holdings import HOLDINGS, Fate


def take_over(connection: Connection, joiner_id: int, learner_id: int, now: datetime) -> None:
    """All that is held of the joiner is the learner's from now on, a stop included, and the joiner's record goes. What
    they agreed to as a joiner ends: the code is a consent of its own."""
    p, c = t.learner.c, t.consent.c
    live = update(t.consent).where(c.learner_id == joiner_id, c.withdrawn_at.is_(None))
    connection.execute(live.values(withdrawn_at=now))
    for name, holding in HOLDINGS.items():
        if name == "learner":
            continue
        table = t.metadata.tables[name]
        for column in holding.named(Fate.WHOSE):
            theirs = update(table).where(table.c[column] == joiner_id)
            connection.execute(theirs.values({column: learner_id}))
    stopped_at = connection.execute(select(p.stopped_at).where(p.id == joiner_id)).scalar()
    connection.execute(delete(t.learner).where(p.id == joiner_id))
    if stopped_at is not None:
        people.set_stopped(connection, learner_id, stopped_at)
    memories.outdate(connection)
