"""The procedures that are loaded, as the console lists them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from reinforce.domain.cohort import CohortState
from reinforce.store import tables as t
from reinforce.store.authoring import nuggets
from reinforce.store.authoring.nuggets import StoredProcedure


@dataclass(frozen=True, slots=True)
class ProcedureLine:
    """One procedure. `cohorts`: ids, slugs and titles of those that learn it and are not finished; `cohort_ids`: those
    of all that ever did; `nuggets` and `questions` count what is not retired."""

    procedure: StoredProcedure
    nuggets: int
    questions: int
    cohorts: tuple[tuple[int, str, str], ...]
    cohort_ids: frozenset[int]


def procedure_lines(connection: Connection) -> tuple[ProcedureLine, ...]:
    """Every procedure, by slug, in four statements."""
    n, q, c, learns = t.nugget.c, t.question.c, t.cohort.c, t.cohort_procedure.c
    live = select(n.procedure_id, func.count()).where(n.retired_at.is_(None)).group_by(n.procedure_id)
    asked = (
        select(n.procedure_id, func.count(func.distinct(n.id)))
        .join(t.question, q.nugget_id == n.id)
        .where(n.retired_at.is_(None), q.retired_at.is_(None))
        .group_by(n.procedure_id)
    )
    counts = {row[0]: int(row[1]) for row in connection.execute(live)}
    questions = {row[0]: int(row[1]) for row in connection.execute(asked)}
    learned = select(learns.procedure_id, c.id, c.slug, c.title, c.state).join(t.cohort, c.id == learns.cohort_id)
    cohorts: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    ids: dict[int, set[int]] = defaultdict(set)
    for row in connection.execute(learned.order_by(c.title, c.slug)):
        ids[row.procedure_id].add(row.id)
        if row.state != CohortState.FINISHED.value:
            cohorts[row.procedure_id].append((row.id, row.slug, row.title))
    return tuple(
        ProcedureLine(
            one, counts.get(one.id, 0), questions.get(one.id, 0), tuple(cohorts[one.id]), frozenset(ids[one.id])
        )
        for one in nuggets.procedures(connection)
    )
