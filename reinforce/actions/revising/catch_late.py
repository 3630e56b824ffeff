"""Recalled posts that were still on their way when the recall was confirmed: once they are out, they are to go too."""

from __future__ import annotations

from datetime import datetime

from reinforce.store.revising import recalls
from reinforce.store.sending import deletions
from reinforce.store.session import Database


def catch_late(database: Database, *, now: datetime) -> int:
    """Ask for the deletion of those that came out since; how many."""
    with database.read() as connection:
        if not recalls.late(connection):
            return 0
    with database.write() as connection:
        found = recalls.late(connection)
        return sum(deletions.ask(connection, item, recalls.REASON, now) for item in found)
