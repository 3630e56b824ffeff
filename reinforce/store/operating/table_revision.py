"""Which revision a database's tables are at, and which one this code was written for.

Every verb asks, so it is read here without Alembic, which takes longer to import than most verbs take to run.
"""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, inspect, text

from reinforce.domain.errors import ReinforceError
from reinforce.shipped import shipped
from reinforce.store.session import Database


@cache
def head() -> str:
    """The revision this code was written for: the highest number that a migration's file name begins with."""
    numbers = [script.name.partition("_")[0] for script in (shipped("alembic") / "versions").glob("[0-9]*.py")]
    if not numbers:
        raise ReinforceError("no migrations are shipped with this installation", "Install reinforce again.")
    return max(numbers)


def current(database: Database) -> str | None:
    """The revision the database stands at; None if it has never been migrated."""
    with database.read() as connection:
        return revision_of(connection)


def is_current(database: Database) -> bool:
    """True if the database's tables are the ones this code was written for."""
    return current(database) == head()


def revision_of(connection: Connection) -> str | None:
    """As `current`, within a transaction."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return revision
