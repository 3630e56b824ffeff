"""One at a time across all processes, for what a unique index alone can't keep apart."""

from __future__ import annotations

import zlib

from sqlalchemy import Connection, text

# The upper half of the keys of Postgres' advisory locks, so that ours meet nobody else's in the same database.
_OURS = 1_919_247_302


def one_at_a_time(connection: Connection, what: str) -> None:
    """Wait until no other transaction is at `what`, and keep it until this one ends. SQLite has one writer anyway.

    A transaction that takes several takes "audit" last.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:ours, :key)"), advisory_key(what))


def beside_others(connection: Connection, what: str) -> None:
    """Wait until nobody has `what` alone (`one_at_a_time`), and keep it so until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(:ours, :key)"), advisory_key(what))


def advisory_key(what: str) -> dict[str, int]:
    """The two numbers (`ours`, `key`) of Postgres' advisory lock for `what`."""
    return {"ours": _OURS, "key": zlib.crc32(what.encode()) - 2**31}
