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
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, DateTime, Dialect, Engine, create_engine, event, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 5_000
# For how long (milliseconds) Postgres waits for the next statement of a transaction that is open.
_GIVES_UP = "idle_in_transaction_session_timeout=30000"
# A change of one of these tables can change whom a text names: it raises the roster's version.
_ROSTER = frozenset({"learner", "consent", "enrollment"})
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


class database_clock(FunctionElement[datetime]):  # noqa: N801 - used like SQLAlchemy's own `func.now`
    """The database server's clock at the moment the statement runs, as an `Instant`, for use within a statement."""

    type = Instant()
    inherit_cache = True


@compiles(database_clock, "sqlite")
def _sqlite_clock(*_: Any, **__: Any) -> str:
    # As SQLAlchemy stores an instant there, so that both compare as texts.
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiles(database_clock, "postgresql")
def _postgres_clock(*_: Any, **__: Any) -> str:
    return "clock_timestamp()"


class Database:
    """An engine with the two kinds of transaction the house uses."""

    def __init__(self, url: str) -> None:
        """`url` is a SQLAlchemy URL: `sqlite:///file.db` or `postgresql+psycopg://…`. Opens nothing yet."""
        self.engine = _sqlite_engine(url) if make_url(url).get_backend_name() == "sqlite" else _postgres_engine(url)
        self._turn = threading.Lock()
        event.listen(self.engine, "before_execute", note_change)

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
            connection.info.update(immediate=False, changed=False)
            transaction = connection.begin()
            try:
                yield connection
            except BaseException:
                transaction.rollback()
                raise
            # psycopg forgets every statement it has prepared when a transaction is rolled back, so one that only read
            # is committed.
            if connection.info["changed"]:
                transaction.rollback()
            else:
                transaction.commit()

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """A connection for one reading statement, which is a snapshot by itself: no transaction is made for it."""
        if self.is_sqlite:
            with self.read() as connection:
                yield connection
        else:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                yield connection

    @contextmanager
    def at_once(self) -> Iterator[Connection]:
        """A connection for one changing statement, which is a transaction by itself: on Postgres without the trips for
        its beginning and its end."""
        if self.is_sqlite:
            with self.write() as connection:
                yield connection
        else:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                yield connection

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


_NOW = select(database_clock())


def database_now(connection: Connection) -> datetime:
    """The database server's clock, UTC: leases expire by it, whatever a daemon's own clock says."""
    value: datetime = connection.execute(_NOW).scalar_one()
    return value


def note_change(connection: Connection, statement: Any, *_rest: Any) -> None:
    """Remember what `statement` changes until the transaction ends. Called for every statement that is executed; those
    that are parts of another have to be told of."""
    if getattr(statement, "is_select", False):
        return
    connection.info["changed"] = True
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
        raw.create_function("sha256_hex", 1, lambda text: sha256(text.encode()).hexdigest(), deterministic=True)

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        immediate: Any = connection.info.get("immediate", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgres_engine(url: str) -> Engine:
    # A server that went away without a word is given up after these; libpq's own defaults are minutes. And the server
    # gives up a process that was stopped in the middle of a transaction: what it keeps locked would hold up all others.
    # The URL wins.
    asked = {"connect_timeout": "10", "tcp_user_timeout": "30000", "options": f"-c {_GIVES_UP}"}
    patience = {name: value for name, value in asked.items() if name not in make_url(url).query}
    engine = create_engine(url, pool_size=5, max_overflow=5, connect_args=patience)

    @event.listens_for(engine, "checkout")
    def _on_checkout(raw: Any, _entry: ConnectionPoolEntry, _proxy: Any) -> None:
        # A server that was restarted said goodbye on the connections it had: that is noticed when one is taken, not in
        # the middle of a send. It lies in the socket already, so nothing is asked; twice, for a word and for the end.
        try:
            raw.pgconn.consume_input()
            raw.pgconn.consume_input()
        except raw.OperationalError as error:
            raise InvalidatePoolError from error

    return engine
