"""The practice account's SQLite file: opening it, transactions, settings, and ids that only grow."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import URL

from reinforce.clock import Clock
from reinforce.practice import tables
from reinforce.practice.matching import says

# X's ids count milliseconds from this instant (2010-11-04T01:42:54.657Z), shifted left by 22 bits.
SNOWFLAKE_EPOCH = 1_288_834_974_657
_SHIFT = 22
MAX_ID = 2**63 - 1


def as_id(digits: str) -> int:
    """Digits as an id; those beyond 64 bits, which no post has, as the greatest one there can be."""
    return min(int(digits[:20]), MAX_ID)


def milliseconds(instant: datetime) -> int:
    """`instant` (aware) as milliseconds since 1970."""
    return round(instant.timestamp() * 1000)


def instant_of(at: int) -> datetime:
    """The UTC instant `at` milliseconds after 1970."""
    return datetime.fromtimestamp(at / 1000, UTC)


def first_id_at(at: int) -> int:
    """The smallest id that a post made at `at` (milliseconds since 1970) can have."""
    return max(at - SNOWFLAKE_EPOCH, 0) << _SHIFT


class Storage:
    """Everything the practice account knows. Safe under threads of one process; survives restarts.

    Writers take turns on a lock of their own besides SQLite's, so that a busy server never answers "database is
    locked". Programme time is read from `clock` where a row is stamped.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.clock = clock
        self._turn = threading.RLock()
        self._engine = _engine(folder / "practice.sqlite3")
        tables.metadata.create_all(self._engine)
        (folder / "practice.sqlite3").chmod(0o600)

    def close(self) -> None:
        """Close every connection. The storage can't be used afterwards."""
        self._engine.dispose()

    def now(self) -> int:
        """Programme time in milliseconds since 1970."""
        return milliseconds(self.clock.now())

    def wall(self) -> float:
        """Machine time in seconds since 1970."""
        return self.clock.wall().timestamp()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read-only snapshot."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A write transaction, one at a time; rolled back if the block raises."""
        with self._turn, self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def next_id(self, connection: Connection) -> int:
        """A new snowflake at programme time, greater than every one before it, also after a restart.

        While programme time stands still, or was set back, ids go on from the last one.
        """
        last = int(setting(connection, "last_id", 0))
        snowflake = max(first_id_at(self.now()), last + 1)
        save_setting(connection, "last_id", snowflake)
        return snowflake


def setting(connection: Connection, key: str, default: Any = None) -> Any:
    """The saved value under `key`, else `default`."""
    value = connection.execute(select(tables.settings.c.value).where(tables.settings.c.key == key)).scalar()
    return default if value is None else value


def save_setting(connection: Connection, key: str, value: Any) -> None:
    """Keep `value` (anything JSON can say) under `key`."""
    row = insert(tables.settings).values(key=key, value=value)
    connection.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def count_of(connection: Connection, table: Any, *conditions: Any) -> int:
    """Rows of `table` under `conditions`."""
    return int(connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())


def _engine(path: Path) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)), pool_size=20, max_overflow=40)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # Otherwise the driver begins transactions by itself, too late to keep a read and its write together.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("says", 2, says, deterministic=True)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
