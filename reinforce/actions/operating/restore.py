"""Put a backup back, so that nothing goes out twice afterwards."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from reinforce.domain.errors import NotAllowed
from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.store.operating import audit, copies, heartbeats, migrations, table_revision
from reinforce.store.privacy import list_file
from reinforce.store.privacy.keeping_away import write_list
from reinforce.store.privacy.suppression import Kind
from reinforce.store.session import Database

ALIVE_WITHIN = timedelta(seconds=30)
# Done in the step that puts the backup back: a daemon that starts a moment later must not find accounts that send.
UNPROVE = (
    "UPDATE account SET state = 'unproven', paused_until = NULL, "
    "paused_reason = 'restored from a backup: its timeline is read before anything is sent'"
)


@dataclass(frozen=True, slots=True)
class SuppressionList:
    """Where the list beside the database stands, and what its hashes are made with."""

    path: Path
    keyed: KeyedHash


def restore(
    database: Database,
    file: Path,
    keep_in: Path,
    *,
    actor: str,
    now: datetime,
    listed: SuppressionList | None = None,
) -> Path:
    """Replace the database by the backup `file`; returns where what was there is kept, in the folder `keep_in`.

    Who was erased, or said stop, since the backup was made is written into the list beside the database first
    (`listed`), as far as the database can still be read: `actions.privacy.keep_away` takes them out of the backup's
    content, which whoever calls this does next, and every daemon before anything else.

    Every account becomes unproven: `actions.sending.prove` reads its timeline before anything is sent again. `now` is
    machine time. A database that is too damaged to be read may be replaced as well. Raises NotAllowed while a daemon
    runs, ReinforceError if the file is no backup of ours; nothing is changed then.
    """
    _refuse_beside_a_daemon(database, now)
    copies.require_sound(database, file)
    kept = keep_in / f"before-restore-{now:%Y%m%dT%H%M%S}.{'db' if database.is_sqlite else 'dump'}"
    copies.set_aside(database, kept)
    if listed is not None:
        _carry_over(database, listed)
    copies.put_back(database, file, UNPROVE)
    migrations.upgrade(database)
    with database.write() as connection:
        audit.record(connection, actor, "database.restore", "workspace/1", {}, now)
    return kept


def _carry_over(database: Database, listed: SuppressionList) -> None:
    """Write the list as of now, newer than any backup's. Where the database can't be read, the file stays as it is."""
    with suppress(DBAPIError):
        if table_revision.is_current(database):
            # Of a stop the database tells how it stands now: it may have been taken back since the file was written.
            erased = [one for one in list_file.read(listed.path).entries if one.kind is Kind.ERASED]
            write_list(database, listed.path, listed.keyed, also=erased, ahead=True)


def _refuse_beside_a_daemon(database: Database, now: datetime) -> None:
    try:
        if not table_revision.is_current(database):
            return  # nothing of this version can be running on it
        with database.read() as connection:
            beats = heartbeats.heartbeats(connection)
    except DBAPIError:
        return  # damaged: that is what a restore is for, and no daemon can work on it
    alive = [beat.owner for beat in beats if now - beat.at < ALIVE_WITHIN]
    if alive:
        raise NotAllowed(f"a daemon is running ({', '.join(alive)})", "Stop it, then restore.")
