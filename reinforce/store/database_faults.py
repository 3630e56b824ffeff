"""What is wrong with the database, in words for a person: the one place that reads SQLite's and Postgres' codes.

=============  =======================================  ==========================================
fault          SQLite                                   Postgres (SQLSTATE)
=============  =======================================  ==========================================
FULL           full, or a write that failed             53100
LOCKED         busy, locked                             55P03, 40P01
READ_ONLY      readonly, perm                           25006 (a standby)
DAMAGED        corrupt, notadb                          XX001, XX002
UNREACHABLE    cantopen, an I/O error                   57P…, 08…, 53300; no connection at all
OTHER          anything else                            anything else
=============  =======================================  ==========================================
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.exc import DBAPIError


class FaultKind(StrEnum):
    """Why the database does not do what it is asked."""

    FULL = "full"
    LOCKED = "locked"
    READ_ONLY = "read-only"
    DAMAGED = "damaged"
    UNREACHABLE = "unreachable"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DatabaseFault:
    """`message` holds no parameter of a statement, and so no text or key; `advice` says what to do next."""

    kind: FaultKind
    message: str
    advice: str


_WORDS = {
    FaultKind.FULL: ("the database can't grow or be written", "Make room on its disk; the daemon goes on by itself."),
    FaultKind.LOCKED: (
        "the database is locked by another process",
        "Find who holds it (a copying tool, an editor); the daemon goes on by itself.",
    ),
    FaultKind.READ_ONLY: (
        "the database can't be written: it is read-only",
        "Give the daemon's user the right to write its file and folder, or connect to the primary, not a standby.",
    ),
    FaultKind.DAMAGED: (
        "the database is damaged",
        "Stop the daemon, see `reinforce doctor`, and put a backup back: reinforce db restore FILE",
    ),
    FaultKind.UNREACHABLE: (
        "the database can't be reached",
        "See that its server runs, or that its disk is there; the daemon goes on by itself.",
    ),
    FaultKind.OTHER: ("the database can't be used", "Run: reinforce doctor"),
}
# By SQLite's primary result codes; the low byte of what it reports.
_SQLITE = {
    sqlite3.SQLITE_FULL: FaultKind.FULL,
    sqlite3.SQLITE_BUSY: FaultKind.LOCKED,
    sqlite3.SQLITE_LOCKED: FaultKind.LOCKED,
    sqlite3.SQLITE_READONLY: FaultKind.READ_ONLY,
    sqlite3.SQLITE_PERM: FaultKind.READ_ONLY,
    sqlite3.SQLITE_CORRUPT: FaultKind.DAMAGED,
    sqlite3.SQLITE_NOTADB: FaultKind.DAMAGED,
    sqlite3.SQLITE_CANTOPEN: FaultKind.UNREACHABLE,
    sqlite3.SQLITE_IOERR: FaultKind.UNREACHABLE,
}
# Where a file system has a quota, a write past it fails without being called "full".
_SQLITE_WRITES = frozenset({sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_TRUNCATE, sqlite3.SQLITE_IOERR_SHMSIZE})
_POSTGRES = {
    "53100": FaultKind.FULL,
    "55P03": FaultKind.LOCKED,
    "40P01": FaultKind.LOCKED,
    "25006": FaultKind.READ_ONLY,
    "XX001": FaultKind.DAMAGED,
    "XX002": FaultKind.DAMAGED,
    "53300": FaultKind.UNREACHABLE,
}


def database_fault(error: Exception) -> DatabaseFault | None:
    """What `error` says about the database; None if it comes from elsewhere, or from a bug in a statement."""
    if not isinstance(error, DBAPIError):
        return None
    original = error.orig
    kind = _of_sqlite(original) if isinstance(original, sqlite3.Error) else _of_postgres(original)
    if kind is None:
        return None
    message, advice = _WORDS[kind]
    said = str(original).strip().partition("\n")[0]
    return DatabaseFault(kind, f"{message}: {said}", advice)


def _of_sqlite(error: sqlite3.Error) -> FaultKind | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    if code in _SQLITE_WRITES:
        return FaultKind.FULL
    known = _SQLITE.get(code & 0xFF)
    return known if known or not isinstance(error, sqlite3.OperationalError) else FaultKind.OTHER


def _of_postgres(error: BaseException | None) -> FaultKind | None:
    state = getattr(error, "sqlstate", None)
    name = type(error).__name__
    if state is None:
        # psycopg itself says so: there is no server at the other end, or none any more.
        return FaultKind.UNREACHABLE if name in ("OperationalError", "InterfaceError", "ConnectionTimeout") else None
    if state in _POSTGRES:
        return _POSTGRES[state]
    if state.startswith(("57P", "08")):
        return FaultKind.UNREACHABLE
    return FaultKind.OTHER if state[:2] in ("53", "58", "XX", "57") else None
