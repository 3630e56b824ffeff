"""Recall as the console shows it: who and what stand on a cohort's map, and the evidence behind one cell of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from reinforce.domain.cohort import LIVE
from reinforce.domain.planning.exposure import NuggetLog
from reinforce.domain.planning.parameters import DEFAULT_PARAMETERS, Parameters
from reinforce.domain.reporting.recall_map import MapLearner, MapNugget
from reinforce.store import tables as t
from reinforce.store.people.people import is_linked
from reinforce.store.planning import parameters
from reinforce.store.planning.event_log import read_log
from reinforce.store.reporting.enrolling import shown_handle

_LIVE = [state.value for state in LIVE]


@dataclass(frozen=True, slots=True)
class RecallFrame:
    """Columns and rows of a cohort's map, and the date by which recall is wanted (its own, else the last of its
    procedures')."""

    nuggets: tuple[MapNugget, ...]
    learners: tuple[MapLearner, ...]
    zone: str
    assessment: date | None


@dataclass(frozen=True, slots=True)
class Said:
    """What a learner wrote that became a review, and the review's place in the log."""

    review_id: int
    text: str
    at: datetime
    rating: int
    evidence: str
    voided: bool


@dataclass(frozen=True, slots=True)
class CellPost:
    """A post of the cell's nugget, whichever cohort it was made for."""

    id: int
    text: str
    form: str
    cohort_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class CellLog:
    """All that a nugget's beliefs come from, and what they are computed with."""

    log: NuggetLog
    parameters: Parameters
    posts: dict[int, CellPost]


def recall_frame(connection: Connection, cohort_id: int) -> RecallFrame:
    """The live learners and the nuggets in use of a cohort, with whom each nugget is for."""
    n, p, c = t.nugget.c, t.procedure.c, t.cohort.c
    cohort = connection.execute(select(c.zone, c.assessment).where(c.id == cohort_id)).one()
    rows = connection.execute(
        select(n.id, n.title, p.slug, n.audience, p.audience.label("of_procedure"), p.assessment)
        .join(t.procedure, p.id == n.procedure_id)
        .join(t.cohort_procedure, t.cohort_procedure.c.procedure_id == n.procedure_id)
        .where(t.cohort_procedure.c.cohort_id == cohort_id, n.retired_at.is_(None))
        .order_by(p.slug, n.position, n.id)
    ).all()
    nuggets = tuple(MapNugget(row.id, row.title, row.slug, tuple(row.audience or row.of_procedure)) for row in rows)
    last = max((row.assessment for row in rows if row.assessment is not None), default=None)
    return RecallFrame(nuggets, _learners(connection, cohort_id), cohort.zone, cohort.assessment or last)


def _learners(connection: Connection, cohort_id: int) -> tuple[MapLearner, ...]:
    person, enrolled = t.learner.c, t.enrollment.c
    name = func.coalesce(func.nullif(person.name, ""), shown_handle())
    rows = connection.execute(
        select(person.id, name, person.role, enrolled.team, is_linked(), person.stopped_at)
        .join(t.enrollment, enrolled.learner_id == person.id)
        .where(enrolled.cohort_id == cohort_id, enrolled.state.in_(_LIVE))
        .order_by(person.name, person.id)
    )
    return tuple(
        MapLearner(id_, shown, role, team, linked=bool(linked), stopped=stopped is not None)
        for id_, shown, role, team, linked, stopped in rows
    )


def evidence_of(
    connection: Connection, learner_ids: Collection[int], nugget_ids: Collection[int]
) -> dict[tuple[int, int], int]:
    """How many reviews stand behind each of some dozens of cells, by (learner, nugget); a missing one has none."""
    r = t.review.c
    rows = connection.execute(
        select(r.learner_id, r.nugget_id, func.count())
        .where(r.learner_id.in_(sorted(learner_ids)), r.nugget_id.in_(sorted(nugget_ids)), r.voided_at.is_(None))
        .group_by(r.learner_id, r.nugget_id)
    )
    return {(learner_id, nugget_id): count for learner_id, nugget_id, count in rows}


def marks_of(connection: Connection, nugget_ids: Collection[int]) -> dict[int, frozenset[bytes]]:
    """The marks of these nuggets' beliefs as they are stored: one that has changed has to be read again."""
    m, wanted = t.memory.c, frozenset(nugget_ids)
    found: dict[int, set[bytes]] = {}
    for nugget_id, mark in connection.execute(select(m.nugget_id, m.mark)):
        if nugget_id in wanted:
            found.setdefault(nugget_id, set()).add(bytes(mark))
    return {nugget_id: frozenset(marks) for nugget_id, marks in found.items()}


def cell_log(connection: Connection, nugget_id: int, now: datetime, feeds: dict[int, Any]) -> CellLog:
    """The log of one nugget at `now` (programme time), with the posts it speaks of. `feeds` are those of an event log:
    they hold for all nuggets, and what is read of them is left in there."""
    log = replace(read_log(connection, now, [nugget_id]), feeds=feeds).of(connection, nugget_id)
    o = t.outbox.c
    ids = {post.id for post in log.posts}
    rows = connection.execute(
        select(o.id, o.text, o.form, o.cohort_id, o.posted_at).where(o.nugget_id == nugget_id, o.posted_at.is_not(None))
    )
    posts = {row.id: CellPost(*row) for row in rows if row.id in ids}
    return CellLog(log, parameters.by_nugget(connection).get(nugget_id, DEFAULT_PARAMETERS), posts)


def said_in_cell(connection: Connection, learner_id: int, nugget_id: int) -> dict[int, Said]:
    """What a learner wrote that was graded for one nugget, by the review's id, those that were voided included."""
    r, i = t.review.c, t.inbound.c
    rows = connection.execute(
        select(r.id, func.coalesce(i.text, ""), r.at, r.rating, r.evidence, r.voided_at)
        .outerjoin(t.inbound, i.id == r.inbound_id)
        .where(r.learner_id == learner_id, r.nugget_id == nugget_id)
        .order_by(r.at, r.id)
    )
    return {row[0]: Said(*row[:5], voided=row[5] is not None) for row in rows}
