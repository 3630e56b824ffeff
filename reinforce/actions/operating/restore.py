"""Put a backup back, so that nothing goes out twice afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from reinforce.domain.errors import NotAllowed
from reinforce.store import tables as t
from reinforce.store.operating import copies, heartbeats, migrations
from reinforce.store.session import Database

ALIVE_WITHIN = timedelta(seconds=30)
UNPROVEN = "restored from a backup: its timeline is read before anything is sent"


def restore(database: Database, file: Path, keep_in: Path, *, now: datetime) -> Path:
    """Replace the database by the backup `file`; returns where what was there is kept, in the folder `keep_in`.

    Every account becomes unproven: `actions.sending.prove` reads its timeline before anything is sent again. `now` is
    machine time. Raises NotAllowed while a daemon runs, ReinforceError if the file is no backup of ours.
    """
    _refuse_beside_a_daemon(database, now)
    kept = keep_in / f"before-restore-{now:%Y%m%dT%H%M%S}.{'db' if database.is_sqlite else 'dump'}"
    copies.write_copy(database, kept)
    copies.put_back(database, file)
    migrations.upgrade(database)
    with database.write() as connection:
        connection.execute(update(t.account).values(state="unproven", paused_reason=UNPROVEN))
    return kept


def _refuse_beside_a_daemon(database: Database, now: datetime) -> None:
    if not migrations.is_current(database):
        return  # nothing of this version can be running on it
    with database.read() as connection:
        alive = [beat.owner for beat in heartbeats.heartbeats(connection) if now - beat.at < ALIVE_WITHIN]
    if alive:
        raise NotAllowed(f"a daemon is running ({', '.join(alive)})", "Stop it, then restore.")
