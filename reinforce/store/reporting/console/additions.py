"""Into which procedures somebody may bring a nugget of their learners: a tip, or an answer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from reinforce.domain.access.rights import Scope
from reinforce.store import tables as t
from reinforce.store.reporting.console.rows import value_from, within


@dataclass(frozen=True, slots=True)
class ProcedureChoice:
    """A loaded procedure, by its slug and title."""

    slug: str
    title: str


def open_procedures(connection: Connection, scope: Scope) -> tuple[ProcedureChoice, ...]:
    """The procedures that are learnt in cohorts of `scope` and in no others: a nugget more is a nugget more for
    everybody who learns it. All of them where the scope is everything."""
    p, learns = t.procedure.c, t.cohort_procedure.c
    query = select(p.slug, p.title).order_by(p.title)
    if not scope.everything:
        theirs = select(learns.procedure_id).where(within(scope, learns.cohort_id))
        others = select(learns.procedure_id).where(~within(scope, learns.cohort_id))
        query = query.where(p.id.in_(theirs), p.id.not_in(others))
    return tuple(value_from(ProcedureChoice, row) for row in connection.execute(query).mappings())
