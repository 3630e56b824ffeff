"""Several changes in one trip to the database: a post makes a dozen, and each trip costs more than the change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Select, Update, func, literal_column, select

from reinforce.store.session import note_change


@dataclass(frozen=True, slots=True)
class Change:
    """An update or insert, made once, and the values of its named parameters."""

    statement: Update | Insert
    values: Mapping[str, Any]


def make_changes(connection: Connection, *changes: Change) -> tuple[int, ...]:
    """Make changes of different tables, none of which sees what another did; how many rows each of them changed.

    On Postgres they are parts of one statement. SQLite has no trips to save and makes one after the other.
    """
    if connection.dialect.name != "postgresql" or len(changes) == 1:
        return tuple(connection.execute(change.statement, dict(change.values)).rowcount for change in changes)
    values: dict[str, Any] = {}
    for change in changes:
        note_change(connection, change.statement)
        values |= change.values
    assert len(values) == sum(len(change.values) for change in changes), "two changes name a parameter alike"
    return tuple(connection.execute(_as_one(tuple(change.statement for change in changes)), values).one())


@cache
def _as_one(statements: tuple[Update | Insert, ...]) -> Select[Any]:
    parts = [
        statement.returning(literal_column("1").label("row")).cte(f"part_{number}")
        for number, statement in enumerate(statements)
    ]
    return select(*(select(func.count()).select_from(part).scalar_subquery() for part in parts))
