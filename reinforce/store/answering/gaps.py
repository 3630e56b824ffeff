"""What learners looked up and no nugget said: what the author could write next."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, select

from reinforce.domain.answering.stems import stems
from reinforce.store import tables as t

_q = t.inquiry.c
_MOST_READ = 5_000


def gaps(connection: Connection, *, cohort_id: int | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """Topics (as first written), how often and when last they were looked up in vain, the most wanted first. Topics
    with the same word stems are one; those for which a nugget was made of the answer are left out."""
    query = (
        select(_q.id, _q.topic, _q.asked_at, _q.outcome, t.cohort.c.slug.label("cohort"))
        .outerjoin(t.cohort, t.cohort.c.id == _q.cohort_id)
        .where(_q.kind == "lookup", _q.missed.is_(True), _q.nugget_id.is_(None))
        .order_by(_q.id.desc())
        .limit(_MOST_READ)
    )
    if cohort_id is not None:
        query = query.where(_q.cohort_id == cohort_id)
    same: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        same[tuple(sorted(set(stems(row.topic))))].append(row)
    found = [
        {
            "topic": rows[-1].topic or "(no topic)",
            "times": len(rows),
            "last": rows[0].asked_at,
            "cohort": ", ".join(sorted({row.cohort for row in rows if row.cohort})),
            "why": rows[0].outcome,
            "questions": [row.id for row in reversed(rows)],
        }
        for rows in same.values()
    ]
    return sorted(found, key=lambda one: (-one["times"], -one["last"].timestamp()))[:limit]
