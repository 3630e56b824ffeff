"""Connections: one database, SQLite (embedded default) or Postgres, behind two context managers.

`Database.read()` gives a connection for reading, `Database.write()` one whose transaction is committed when the
block ends and rolled back when it raises. Rows become frozen domain values in the aggregate modules; nothing
above this room sees a SQLAlchemy row.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 5_000
# A change of one of these tables can change whom a text names: it raises the roster's version.
_ROSTER = frozenset({"learner", "consent", "enrollment"})
_SQLITE_NOW = text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
_POSTGRES_NOW = text("SELECT clock_timestamp()")
_RAISE_ROSTER_VERSION = text(
    "INSERT INTO roster_version (id, version) VALUES (1, 1) "
    "ON CONFLICT (id) DO UPDATE SET version = roster_version.version + 1"
)


class Instant(TypeDecorator[datetime]):
    """An instant in UTC. Refuses naive values; gives aware ones back (SQLite drops the zone on its own)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; a naive value is a bug of the caller and raises ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime can't be stored: give it a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return an aware UTC value."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """An engine with the two kinds of transaction the house uses."""

    def __init__(self, url: str) -> None:
        """`url` is a SQLAlchemy URL: `sqlite:///file.db` or `postgresql+psycopg://…`. Opens nothing yet."""
        self.engine = _sqlite_engine(url) if make_url(url).get_backend_name() == "sqlite" else _postgres_engine(url)
        self._turn = threading.Lock()
        event.listen(self.engine, "before_execute", _note_roster_change)

    @property
    def is_sqlite(self) -> bool:
        """True on SQLite, False on Postgres."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction: `BEGIN IMMEDIATE` on SQLite, so that read-modify-write never loses an update.

        If it changed people, their consents or who is enrolled, it raises the roster's version before it ends
        (`store.people.roster_version`): no code that changes them can forget it.
        """
        with self._in_turn(), self.engine.connect() as connection:
            last_acts: dict[tuple[Last, int], Callable[[Connection], object]] = {}
            connection.info.update(immediate=True, last_acts=last_acts)
            try:
                with connection.begin():
                    yield connection
                    for which in sorted(last_acts):
                        last_acts[which](connection)
            finally:
                connection.info.update(immediate=False, last_acts=None)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A snapshot for reading; nothing is kept of what is written in it."""
        # One snapshot for the whole block: SQLite in WAL gives it by itself, Postgres when asked.
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect().execution_options(**options) as connection:
            connection.info["immediate"] = False
            transaction = connection.begin()
            try:
                yield connection
            finally:
                transaction.rollback()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """SQLite has one writer: threads of this process queue here, instead of asking again every few milliseconds.

        Whoever waits for too long asks SQLite itself, whose error says what is wrong.
        """
        taken = self.is_sqlite and self._turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
        try:
            yield
        finally:
            if taken:
                self._turn.release()

    def forget_deleted(self, tables: Iterable[str]) -> None:
        """Let nothing that was deleted from `tables` lie about in the write-ahead log (SQLite), or among the dead rows
        (Postgres)."""
        if self.is_sqlite:
            raw = self.engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                raw.close()
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in sorted(tables):
                connection.exec_driver_sql(f"VACUUM {table}")

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


class Last(IntEnum):
    """What many transactions write to, in the order in which each of them does, just before it commits: two that took
    them in different orders would wait for each other for ever."""

    COHORT_VERSION = 1
    ROSTER_VERSION = 2
    AUDIT = 3


def do_last(connection: Connection, what: Last, number: int, act: Callable[[Connection], object]) -> None:
    """Do `act` just before the write transaction commits: once for each `what` and `number` (an id), in their order.

    It is done even if a savepoint that asked for it was taken back. Outside of `Database.write` it is done at once.
    """
    last_acts = connection.info.get("last_acts")
    if last_acts is None:
        act(connection)
    else:
        last_acts[what, number] = act


def count_last(connection: Connection, what: Last) -> int:
    """How many acts of a kind wait for the end of the transaction."""
    return sum(kind is what for kind, _ in connection.info.get("last_acts") or ())


def database_now(connection: Connection) -> datetime:
    """The database server's clock, UTC: leases expire by it, whatever a daemon's own clock says."""
    if connection.dialect.name == "sqlite":
        raw = connection.execute(_SQLITE_NOW).scalar_one()
        return datetime.fromisoformat(raw).replace(tzinfo=UTC)
    value: datetime = connection.execute(_POSTGRES_NOW).scalar_one()
    return value.astimezone(UTC)


def _note_roster_change(connection: Connection, statement: Any, *_rest: Any) -> None:
    if getattr(statement, "is_dml", False) and statement.table.name in _ROSTER:
        do_last(connection, Last.ROSTER_VERSION, 1, _raise_roster_version)


def _raise_roster_version(connection: Connection) -> None:
    connection.execute(_RAISE_ROSTER_VERSION)


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def _on_connect(raw: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        # The driver's own implicit BEGIN is deferred and starts too late: we say BEGIN ourselves, below.
        raw.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            # What was deleted is overwritten: who was erased must not be read out of the file's free pages.
            "secure_delete=ON",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        immediate: Any = connection.info.get("immediate", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgres_engine(url: str) -> Engine:
    # pool_pre_ping: a restarted server is noticed when a connection is taken, not in the middle of a send.
    return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=5)
