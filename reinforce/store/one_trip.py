"""Several changes in one trip to the database: a post makes a dozen, and each trip costs more than the change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Select, Update, func, literal_column, select

from reinforce.store.operating import audit
from reinforce.store.session import note_change


@dataclass(frozen=True, slots=True)
class Change:
    """An update or insert, made once, and the values of its named parameters."""

    statement: Update | Insert
    values: Mapping[str, Any]


def make_changes(connection: Connection, *changes: Change, told: audit.Row | None = None) -> tuple[int, ...]:
    """Make changes of different tables, none of which sees what another did; how many rows each of them changed.

    If the first of them changed one row, `told` is added to the audit log.

    On Postgres they are parts of one statement. SQLite has no trips to save and makes one after the other.
    """
    if connection.dialect.name != "postgresql" or (len(changes) == 1 and told is None):
        made = tuple(connection.execute(change.statement, dict(change.values)).rowcount for change in changes)
        if told is not None and made[0] == 1:
            audit.add(connection, told)
        return made
    values = {} if told is None else told.parameters
    for change in changes:
        note_change(connection, change.statement)
        values |= change.values
    assert len(values) == sum(len(change.values) for change in changes) + len(told.parameters if told else ()), (
        "two changes name a parameter alike"
    )
    statement = _as_one(tuple(change.statement for change in changes), told is not None)
    *made_there, added = connection.execute(statement, values).one()
    if told is not None and made_there[0] == 1 and not added:
        audit.add(connection, told)  # the first row of all: there was no head yet
    return tuple(made_there)


@cache
def _as_one(statements: tuple[Update | Insert, ...], told: bool) -> Select[Any]:
    parts = [
        statement.returning(literal_column("1").label("row")).cte(f"part_{number}")
        for number, statement in enumerate(statements)
    ]
    counts = [select(func.count()).select_from(part).scalar_subquery() for part in parts]
    if not told:
        return select(*counts, literal_column("0"))
    added = audit.grow_and_add(parts).cte("told")
    return select(*counts, select(func.count()).select_from(added).scalar_subquery())
