"""The procedures that are loaded, as the console lists them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

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


@dataclass(frozen=True, slots=True)
class NuggetRevision:
    """One revision of a nugget: when it came, what it did (`change`), and whether it changed the meaning, why."""

    nugget: str
    title: str
    revision: int
    change: str
    meaning: bool
    why: str
    at: datetime


def latest_revisions(connection: Connection, procedure_id: int, limit: int) -> tuple[NuggetRevision, ...]:
    """What changed last in a procedure, the latest first."""
    n, v = t.nugget.c, t.nugget_revision.c
    query = (
        select(n.slug.label("nugget"), n.title, v.revision, v.change, v.meaning, v.why, v.at)
        .join(t.nugget, n.id == v.nugget_id)
        .where(n.procedure_id == procedure_id)
        .order_by(v.id.desc())
        .limit(limit)
    )
    return tuple(NuggetRevision(**row) for row in connection.execute(query).mappings())


def last_posted(connection: Connection, account_id: int, hashes: Collection[str]) -> dict[str, datetime]:
    """When an account last posted each of these texts; a text it never posted is left out."""
    o = t.outbox.c
    query = (
        select(o.text_hash, func.max(o.posted_at))
        .where(o.account_id == account_id, o.text_hash.in_(sorted(set(hashes))), o.posted_at.is_not(None))
        .group_by(o.text_hash)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def said_texts(connection: Connection, procedure_id: int, cohort_id: int | None) -> tuple[tuple[str, str, str], ...]:
    """Every live wording of a procedure, and of whatever else a cohort learns: its procedure, its nugget (slugs) and
    the text."""
    n, p, w, learns = t.nugget.c, t.procedure.c, t.wording.c, t.cohort_procedure.c
    also = select(learns.procedure_id).where(learns.cohort_id == cohort_id)
    query = (
        select(p.slug.label("procedure"), n.slug, w.text)
        .join(t.nugget, n.id == w.nugget_id)
        .join(t.procedure, p.id == n.procedure_id)
        .where(or_(p.id == procedure_id, p.id.in_(also)), n.retired_at.is_(None), w.retired_at.is_(None))
        .order_by(p.slug, n.position, w.id)
    )
    return tuple((row.procedure, row.slug, row.text) for row in connection.execute(query))
