"""Where the database stands, so that a copy of it is told from what it was copied from.

SQLite: the machine, the file's path and its inode; a copy differs in one of them at least. Postgres: the cluster's own
number, its timeline (another after a recovery or a failover, which may have lost the last commits) and the database's
number. Two names for one database (two hosts, a socket and a port) make one place.

What it can't tell: a snapshot of a whole disk or machine that was rolled back, and a dump put back by hand into the
same Postgres database.
"""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path

from sqlalchemy import Connection, select, text, update

from reinforce.store import tables as t
from reinforce.store.session import Database

# What a backup bears instead of a place, so that wherever it is put back it comes from elsewhere.
BACKUP = "a backup"


def place(database: Database, connection: Connection) -> str:
    """Where the database stands now, as a hash; "" for one in memory, which nobody can copy."""
    if not database.is_sqlite:
        asked = (
            "SELECT system_identifier, timeline_id, oid FROM pg_control_system(), pg_control_checkpoint(),"
            " pg_database WHERE datname = current_database()"
        )
        return _hashed(*connection.execute(text(asked)).one())
    file = database.engine.url.database
    if not file or file == ":memory:":
        return ""
    real = Path(file).resolve()
    return _hashed(_machine(), real, real.stat().st_ino)


def known_place(connection: Connection) -> str:
    """Where a daemon last saw it; "" before any did, or while there is no workspace."""
    return connection.execute(select(t.workspace.c.place)).scalar() or ""


def set_place(connection: Connection, here: str) -> None:
    """Remember where it stands."""
    connection.execute(update(t.workspace).values(place=here))


def _hashed(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def _machine() -> str:
    try:
        return Path("/etc/machine-id").read_text("ascii").strip() or socket.gethostname()
    except OSError:
        return socket.gethostname()
