"""Put a backup back, so that nothing goes out twice afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from reinforce.domain.errors import NotAllowed
from reinforce.store.operating import audit, copies, heartbeats, migrations
from reinforce.store.session import Database

ALIVE_WITHIN = timedelta(seconds=30)
# Done in the step that puts the backup back: a daemon that starts a moment later must not find accounts that send.
UNPROVE = (
    "UPDATE account SET state = 'unproven', paused_until = NULL, "
    "paused_reason = 'restored from a backup: its timeline is read before anything is sent'"
)


def restore(database: Database, file: Path, keep_in: Path, *, actor: str, now: datetime) -> Path:
    """Replace the database by the backup `file`; returns where what was there is kept, in the folder `keep_in`.

    Every account becomes unproven: `actions.sending.prove` reads its timeline before anything is sent again. `now` is
    machine time. A database that is too damaged to be read may be replaced as well. Raises NotAllowed while a daemon
    runs, ReinforceError if the file is no backup of ours; nothing is changed then.
    """
    _refuse_beside_a_daemon(database, now)
    copies.require_sound(database, file)
    kept = keep_in / f"before-restore-{now:%Y%m%dT%H%M%S}.{'db' if database.is_sqlite else 'dump'}"
    copies.set_aside(database, kept)
    copies.put_back(database, file, UNPROVE)
    migrations.upgrade(database)
    with database.write() as connection:
        audit.record(connection, actor, "database.restore", "workspace/1", {}, now)
    return kept


def _refuse_beside_a_daemon(database: Database, now: datetime) -> None:
    try:
        if not migrations.is_current(database):
            return  # nothing of this version can be running on it
        with database.read() as connection:
            beats = heartbeats.heartbeats(connection)
    except DBAPIError:
        return  # damaged: that is what a restore is for, and no daemon can work on it
    alive = [beat.owner for beat in beats if now - beat.at < ALIVE_WITHIN]
    if alive:
        raise NotAllowed(f"a daemon is running ({', '.join(alive)})", "Stop it, then restore.")
