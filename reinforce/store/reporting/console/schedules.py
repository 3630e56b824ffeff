"""The cadences that were given to cohorts, and which cohorts have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from reinforce.store import tables as t


@dataclass(frozen=True, slots=True)
class KeptSchedule:
    """A cadence as it is in use: its validated content, and the slugs and titles of its cohorts."""

    name: str
    content: Mapping[str, Any]
    content_hash: str
    loaded_at: datetime
    cohorts: tuple[tuple[str, str], ...]


def kept_schedules(connection: Connection) -> tuple[KeptSchedule, ...]:
    """Every cadence that was ever given to a cohort, by name."""
    c = t.cohort.c
    cohorts: dict[int, list[tuple[str, str]]] = {}
    for row in connection.execute(select(c.schedule_id, c.slug, c.title).order_by(c.title, c.slug)):
        cohorts.setdefault(row.schedule_id, []).append((row.slug, row.title))
    rows = connection.execute(select(t.schedule).order_by(t.schedule.c.name)).mappings()
    return tuple(
        KeptSchedule(
            row["name"], row["content"], row["content_hash"], row["loaded_at"], tuple(cohorts.get(row["id"], ()))
        )
        for row in rows
    )
