"""Column maps, by name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from reinforce.domain.enrolling.column_map import ColumnMap, column_map
from reinforce.domain.errors import NotFound
from reinforce.store import tables as t

_m = t.column_map.c


def maps(connection: Connection) -> dict[str, ColumnMap]:
    """Every map, by name."""
    rows = connection.execute(select(_m.name, _m.content).order_by(_m.name))
    return {name: column_map(content) for name, content in rows}


def map_by_name(connection: Connection, name: str) -> ColumnMap:
    """One map. Raises NotFound."""
    content = connection.execute(select(_m.content).where(_m.name == name)).scalar()
    if content is None:
        raise NotFound(f"there is no column map {name}", "See what there is: reinforce columns list")
    return column_map(content)


def save(connection: Connection, name: str, there: ColumnMap, now: datetime) -> int:
    """Keep a map under its name, in place of one that has it; returns its id."""
    values = {"content": there.content(), "saved_at": now}
    known = connection.execute(select(_m.id).where(_m.name == name)).scalar()
    if known is not None:
        connection.execute(update(t.column_map).where(_m.id == known).values(**values))
        return int(known)
    return int(connection.execute(insert(t.column_map).values(name=name, **values).returning(_m.id)).scalar_one())


def remove(connection: Connection, name: str) -> int:
    """Take a map out; returns the id it had. Raises NotFound."""
    map_by_name(connection, name)
    return int(connection.execute(delete(t.column_map).where(_m.name == name).returning(_m.id)).scalar_one())
