"""Asks the database whether it is damaged."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

_MOST = 5
_INDEXES = text(
    "SELECT c.oid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam "
    "WHERE n.nspname = current_schema() AND a.amname = 'btree' AND i.indisvalid ORDER BY 1"
)
_CHECKSUMS = text("SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()")


def check(connection: Connection) -> tuple[str, tuple[str, ...]]:
    """What was looked at, in words, and the first faults that were found.

    SQLite: every page and index, and every reference. Postgres: failed checksums, and every index where the extension
    `amcheck` is there and may be used.
    """
    if connection.dialect.name == "sqlite":
        return "every page and every reference", _of_sqlite(connection)
    return _of_postgres(connection)


def _of_sqlite(connection: Connection) -> tuple[str, ...]:
    said = [str(row[0]) for row in connection.execute(text(f"PRAGMA integrity_check({_MOST})"))]
    faults = [] if said == ["ok"] else said
    broken = connection.execute(text("PRAGMA foreign_key_check")).fetchmany(_MOST)
    faults += [f"a row of {row[0]} points to nothing in {row[2]}" for row in broken]
    return tuple(faults)


def _of_postgres(connection: Connection) -> tuple[str, tuple[str, ...]]:
    failures = int(connection.execute(_CHECKSUMS).scalar() or 0)
    faults = [f"{failures} pages failed their checksum"] if failures else []
    if connection.execute(text("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'")).first() is None:
        return "checksums; CREATE EXTENSION amcheck has its indexes looked at as well", tuple(faults)
    for (name,) in connection.execute(_INDEXES).all():
        try:
            with connection.begin_nested():
                connection.execute(text("SELECT bt_index_check(CAST(:name AS regclass))"), {"name": name})
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", "") == "42501":
                return "checksums; this user may not use amcheck", tuple(faults)
            faults.append(f"{name}: {str(error.orig).partition(chr(10))[0]}")
    return "checksums and every index", tuple(faults[:_MOST])
