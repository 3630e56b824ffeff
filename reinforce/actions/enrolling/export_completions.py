"""Give out where a cohort's learners stand, as a table for another system: employee ids, states and their dates."""

from __future__ import annotations

from datetime import date, datetime

from reinforce.domain.enrolling.completions import Cells, mapped_table, plain_table
from reinforce.domain.enrolling.joining import JOINED_BY_THEMSELVES
from reinforce.domain.errors import NotAllowed
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, column_maps
from reinforce.store.reporting.completions import completions
from reinforce.store.session import Database


def export_completions(
    database: Database, slug: str, *, since: date | None, columns: str | None, actor: str, now: datetime
) -> Cells:
    """Headings and rows by employee id; `since`: only those that moved on that local date or later; `columns`: as the
    system of this column map reads them. That somebody took it is on the audit log. Raises NotFound; NotAllowed for an
    open cohort, whose people have no employee id."""
    with database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, slug)
        if cohort.opening is not None:
            raise NotAllowed(f"{slug} is an open cohort: nobody in it has an employee id", JOINED_BY_THEMSELVES)
        rows = completions(connection, slug, since)
        there = None if columns is None else column_maps.map_by_name(connection, columns)
        table = plain_table(rows) if there is None else mapped_table(rows, there)
        audit.record(connection, actor, "enrollment.export", f"cohort/{cohort.id}", {"rows": len(rows)}, now)
    return table
