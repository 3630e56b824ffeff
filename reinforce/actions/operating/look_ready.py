"""Whether this house can do its work: what a probe wants to know, looked at in a moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from reinforce.domain.finding import Finding
from reinforce.store.operating import heartbeats, table_revision
from reinforce.store.session import Database

# Longer than a step may take before the daemon ends itself (`stuck_seconds`).
SILENT_AFTER = timedelta(seconds=200)


def look_ready(database: Database, *, wall: datetime, owner: str = "") -> tuple[Finding, ...]:
    """The database answers, has this version's tables, and a daemon gave a sign of life (the one called `owner`, where
    it is given). `wall` is machine time. Never raises: what can't be read is a finding."""
    try:
        return tuple(_look(database, wall, owner))
    except Exception as error:
        words = f"the database can't be read ({type(error).__name__})"
        return (Finding("fail", words, "See that it is reachable, then run: reinforce doctor"),)


def _look(database: Database, wall: datetime, owner: str) -> Iterator[Finding]:
    if not table_revision.is_current(database):
        yield Finding("fail", "the database is not at this version's tables", "Run: reinforce db upgrade")
        return
    yield Finding("ok", "the database answers, with this version's tables")
    with database.read() as connection:
        beats = [
            beat for beat in heartbeats.heartbeats(connection) if beat.role == "daemon" and owner in ("", beat.owner)
        ]
    newest = max((beat.at for beat in beats), default=None)
    if newest is None:
        yield Finding("fail", "no daemon has given a sign of life", "Start it: reinforce daemon")
    elif wall - newest > SILENT_AFTER:
        silent = round((wall - newest).total_seconds())
        yield Finding("fail", f"the daemon has been silent for {silent} s", "See its log; then start it again.")
    else:
        yield Finding("ok", "a daemon is at work")
