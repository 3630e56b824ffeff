"""Databases with every table, copied from one that is made once in a test process.

Making seventy tables anew costs more than most tests that need them. A copy is the same file, or Postgres' own copy of
a database.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy.engine import make_url

from postgres_server import postgres_databases
from reinforce.store import tables
from reinforce.store.operating import migrations
from reinforce.store.session import Database

Build = Callable[[Database], object]


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


@contextmanager
def postgres_originals(postgres_url: str) -> Iterator[Callable[[Build], str]]:
    """Gives, for a `build`, the name of the Postgres database it made, for others to be copied from."""
    with postgres_databases(postgres_url) as make:

        @cache
        def original(build: Build) -> str:
            url = make()
            database = Database(url)
            build(database)
            database.close()  # a database is copied only while nobody is connected to it
            return str(make_url(url).database)

        yield original
