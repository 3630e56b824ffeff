"""Keep a column map under a name, or take one out."""

from __future__ import annotations

from datetime import datetime

import regex

from reinforce.domain.enrolling.column_map import ColumnMap, require_sound
from reinforce.domain.errors import ReinforceError
from reinforce.store.operating import audit
from reinforce.store.people import column_maps
from reinforce.store.session import Database

_NAME = regex.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_NAME = 60


def save_columns(database: Database, name: str, there: ColumnMap, *, actor: str, now: datetime) -> None:
    """Keep a map; one of the same name is replaced. Raises ReinforceError for a name or a map that can't be meant."""
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        advice = "Lower-case letters, digits and hyphens, such as hr-monthly."
        raise ReinforceError(f'a column map can\'t be called "{name}"', advice)
    require_sound(there)
    with database.write() as connection:
        map_id = column_maps.save(connection, name, there, now)
        audit.record(connection, actor, "columns.save", f"column_map/{map_id}", {"fields": len(there.columns)}, now)


def remove_columns(database: Database, name: str, *, actor: str, now: datetime) -> ColumnMap:
    """Take a map out; returns it, so that it can be saved again. Raises NotFound."""
    with database.write() as connection:
        there = column_maps.map_by_name(connection, name)
        map_id = column_maps.remove(connection, name)
        audit.record(connection, actor, "columns.remove", f"column_map/{map_id}", {}, now)
    return there
