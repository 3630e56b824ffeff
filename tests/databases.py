"""Databases with every table, copied from one that is made once in a test process.

Making seventy tables anew costs more than most tests that need them. On SQLite a copy is the same file; a database on
Postgres is emptied and used again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import make_url

from reinforce.store import tables
from reinforce.store.operating import migrations
from reinforce.store.session import Database

Build = Callable[[Database], object]
# For a test that asks nothing of a database which another of its module does not ask of both.
ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"])


def create_tables(database: Database) -> None:
    """Every table of the metadata, empty."""
    with database.write() as connection:
        tables.metadata.create_all(connection)


def migrate(database: Database) -> None:
    """What `reinforce init` finds when it comes a second time."""
    migrations.upgrade(database)


@cache
def _sqlite_file(build: Build) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.db"
        database = Database(f"sqlite:///{path}")
        build(database)
        database.close()
        return path.read_bytes()


def copy_sqlite(path: Path, build: Build = create_tables) -> str:
    """Write a copy of what `build` makes of an empty SQLite database to `path`; its URL."""
    path.write_bytes(_sqlite_file(build))
    return f"sqlite:///{path}"


class SqliteShelf:
    """SQLite files in `folder` that are lent to one test after the other, with their engines.

    An engine remembers the SQL of every statement it has seen; a new one in each test spent a third of its time on
    making it anew.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._free: list[tuple[Path, Database]] = []
        self._made = count(1)

    @contextmanager
    def open(self, build: Build) -> Iterator[Database]:
        """A database as `build` fills it, nobody else's while the block lasts."""
        place, database = self._free.pop() if self._free else self._new()
        place.mkdir()
        copy_sqlite(place / "reinforce.db", build)
        yield database
        database.close()
        rmtree(place)
        self._free.append((place, database))

    def _new(self) -> tuple[Path, Database]:
        place = self._folder / str(next(self._made))
        return place, Database(f"sqlite:///{place / 'reinforce.db'}")


class PostgresShelf:
    """Postgres databases that are made once and lent to one test after the other, put back as they were made.

    To make one, or to copy one, costs more than most tests: a thousand files, and a checkpoint to begin with.
    """

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make
        self._free: dict[Build, list[_Lent]] = {}

    @contextmanager
    def lend(self, build: Build) -> Iterator[str]:
        """The URL of a database as `build` fills it, nobody else's while the block lasts."""
        with self._lent(build) as lent:
            yield lent.url

    @contextmanager
    def open(self, build: Build) -> Iterator[Database]:
        """As `lend`, opened, by the engine that opened it before: its connections know the tables already."""
        with self._lent(build) as lent:
            yield lent.database

    @contextmanager
    def _lent(self, build: Build) -> Iterator[_Lent]:
        free = self._free.setdefault(build, [])
        lent = free.pop() if free else _Lent(self._make(), build)
        yield lent
        if lent.put_back():
            free.append(lent)
        else:
            lent.close()

    def close(self) -> None:
        """Let go of what is free."""
        for free in self._free.values():
            for lent in free:
                lent.close()


class _Lent:
    """One database, and what `build` had put into it: the rows of its tables, and where its sequences stood.

    A server process that is new to a database reads the catalogue for each table it meets, which took longer than
    emptying them: the one that puts it back is kept, and so are those of the engine.
    """

    def __init__(self, url: str, build: Build) -> None:
        self.url = url
        self._address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.database = Database(url)
        self._ours: set[int] = set()
        event.listen(self.database.engine, "connect", self._remember)
        build(self.database)
        self.database.close()
        self._janitor = psycopg.connect(self._address)
        with self._janitor.transaction():
            connection = self._janitor
            self._shape = _shape(connection)
            tables = [row[0] for row in connection.execute(_TABLES)]
            self._rows = {table: rows for table in tables if (rows := _rows_of(connection, table))}
            sequences = connection.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall()
        self._reset = "; ".join(
            [
                *(f'DELETE FROM "{table}"' for table in tables),
                *(f"SELECT setval('{name}', {last or 1}, {last is not None})" for name, last in sequences),
            ]
        )

    def put_back(self) -> bool:
        """Make it what it was; False if a test changed its tables, so that it is nobody's any more."""
        try:
            return self._emptied()
        except psycopg.OperationalError:  # a test restarted the server
            self.close()
            self._janitor = psycopg.connect(self._address)
            return self._emptied()

    def close(self) -> None:
        """Let go of it."""
        self.database.close()
        self._janitor.close()

    def _remember(self, raw: Any, _entry: Any) -> None:
        self._ours.add(raw.info.backend_pid)

    def _emptied(self) -> bool:
        connection = self._janitor
        with connection.transaction():
            connection.execute(_PUT_OUT, [list(self._ours)])
            if _shape(connection) != self._shape:
                return False
            connection.execute("SET LOCAL session_replication_role = replica")  # in any order, and no trigger fires
            connection.execute(self._reset.encode())
            for table, rows in self._rows.items():
                with connection.cursor().copy(f'COPY "{table}" FROM STDIN'.encode()) as copy:
                    copy.write(rows)
        return True


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
# Who is still connected may hold locks, and would write into the next test's tables; but our engine's, at rest.
_PUT_OUT = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND NOT (pid = ANY(%s) AND state = 'idle' AND pid NOT IN (SELECT pid FROM pg_locks))
"""


def _shape(connection: psycopg.Connection[Any]) -> list[Any]:
    """What changes if a table, a column, an index, a constraint or a trigger does."""
    catalogues = ("pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_index")
    return [
        connection.execute(f"SELECT count(*), max(xmin::text::bigint) FROM {name}".encode()).fetchone()
        for name in catalogues
    ]


def _rows_of(connection: psycopg.Connection[Any], table: str) -> bytes:
    with connection.cursor().copy(f'COPY "{table}" TO STDOUT'.encode()) as copy:
        return b"".join(bytes(part) for part in copy)
