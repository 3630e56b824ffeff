"""The database itself: its tables, its pages, and the chain of the audit log."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from reinforce.domain.finding import Finding
from reinforce.store.operating import audit, table_revision
from reinforce.store.operating import integrity as pages
from reinforce.store.session import Database

# A longer log takes more than a moment: `reinforce audit verify` is for that.
ROWS_READ = 50_000
RESTORE = "Stop the daemons and restore a backup: reinforce db restore FILE"


def tables(database: Database) -> Finding:
    """Whether the tables are this version's."""
    if table_revision.is_current(database):
        return Finding("ok", "the database is at this version's tables")
    return Finding("fail", "the database is not at this version's tables", "Run: reinforce db upgrade")


def integrity(connection: Connection) -> Iterator[Finding]:
    """Damaged pages and indexes, and rows that point to nothing."""
    looked_at, faults = pages.check(connection)
    if faults:
        yield Finding("fail", f"the database is damaged: {'; '.join(faults)}", RESTORE)
    else:
        yield Finding("ok", f"the database is sound ({looked_at})")


def audit_log(connection: Connection) -> Iterator[Finding]:
    """Whether the log of who did what is whole."""
    length = audit.head(connection).length
    if length > ROWS_READ:
        yield Finding("ok", f"the audit log has {length} rows; reinforce audit verify reads them all")
        return
    found = audit.verify(connection)
    if found.whole:
        yield Finding("ok", f"the audit log is whole: {found.head}")
    else:
        where = "" if found.broken_at is None else f"row {found.broken_at} "
        yield Finding("fail", f"the audit log is not whole: {where}{found.fault}", "Look: reinforce audit verify")
