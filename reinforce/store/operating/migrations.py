"""Brings a database's tables to the revision this code was written for.

Alembic is driven from here, without an alembic.ini: the scripts are what ships in `alembic/`. A migration runs in one
transaction that holds a lock, so two processes that start at once take turns, and the second finds the work done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from reinforce.domain.errors import ReinforceError
from reinforce.shipped import shipped
from reinforce.store.operating.table_revision import head, revision_of
from reinforce.store.session import Database
from reinforce.store.tables import metadata

# Any constant will do, as long as no other program locks the same number in the same database.
_POSTGRES_LOCK = 7_305_802_117_604_011


def upgrade(database: Database) -> str:
    """Bring the database to `head()` and return that. Safe when several processes do it at once.

    Raises ReinforceError if the database is of a newer version than this code, or holds tables that no migration
    made; nothing is changed then.
    """
    with _locked(database) as connection:
        _require_known(connection)
        if revision_of(connection) != head():
            command.upgrade(_configuration(connection), "head")
    return head()


def downgrade(database: Database, revision: str) -> None:
    """Take the tables back to `revision` ("base": none are left, nor what was in them)."""
    with _locked(database) as connection:
        _require_known(connection)
        command.downgrade(_configuration(connection), revision)


def _configuration(connection: Connection | None = None) -> Config:
    configuration = Config()
    # The path goes through ConfigParser, to which a "%" would be the start of a reference.
    configuration.set_main_option("script_location", str(shipped("alembic")).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["connection"] = connection
    return configuration


def _require_known(connection: Connection) -> None:
    """Refuse a database whose revision, or whose tables, this code knows nothing of."""
    revision = revision_of(connection)
    if revision is None:
        strangers = set(inspect(connection).get_table_names()) & set(metadata.tables)
        if strangers:
            raise ReinforceError(
                f"the database holds tables that no migration made ({', '.join(sorted(strangers)[:3])} …)",
                "Point `database_url` to an empty database, or restore a backup that `reinforce db backup` made.",
            )
        return
    if revision not in _known():
        raise ReinforceError(
            f"the database is at revision {revision}, which this version of reinforce does not know",
            "It was upgraded by a newer version: install that one, or restore a backup made before the upgrade.",
        )


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(_configuration()).walk_revisions())


@contextmanager
def _locked(database: Database) -> Iterator[Connection]:
    """A connection in a transaction that no second migration can be in at the same time."""
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if database.is_sqlite:
            # A migration that rebuilds a table drops the old one, which would take the rows that point to it along.
            # The pragma is ignored inside a transaction, so it is set before ours begins.
            driver.execute("PRAGMA foreign_keys=OFF")
        connection.info["immediate"] = True
        try:
            with connection.begin():
                if not database.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
                yield connection
                if database.is_sqlite:
                    _require_sound_references(connection)
        finally:
            connection.info["immediate"] = False
            if database.is_sqlite:
                driver.execute("PRAGMA foreign_keys=ON")


def _require_sound_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise RuntimeError(f"the migration would leave {len(broken)} rows that point to nothing: {broken[:3]}")
