"""Procedures and their nuggets, as the plan, the grader and the console read them.

A nugget keeps its row for good: memory and history point at it. What is written is in `store.authoring.revisions`.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, select

from reinforce.domain.errors import NotFound
from reinforce.domain.nugget import Confidentiality, Option, Question, QuestionKind, StoredNugget, StoredWording
from reinforce.domain.picture import ShownPicture
from reinforce.store import tables as t

# SQLite takes some thousands of parameters in one statement.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class StoredProcedure:
    """A procedure at its latest revision, without its nuggets. `source` is the file it came from."""

    id: int
    slug: str
    title: str
    owner: str
    language: str
    audience: tuple[str, ...]
    importance: float
    confidentiality: Confidentiality
    assessment: date | None
    revision: int
    content_hash: str
    source: str
    loaded_at: datetime


def procedures(connection: Connection) -> tuple[StoredProcedure, ...]:
    """Every procedure, by slug."""
    return tuple(
        _procedure(row) for row in connection.execute(select(t.procedure).order_by(t.procedure.c.slug)).mappings()
    )


def procedure_by_slug(connection: Connection, slug: str) -> StoredProcedure:
    """One procedure. Raises NotFound, which names the nearest there is."""
    row = connection.execute(select(t.procedure).where(t.procedure.c.slug == slug)).mappings().first()
    if row is not None:
        return _procedure(row)
    known = connection.execute(select(t.procedure.c.slug)).scalars().all()
    raise NotFound(f"there is no procedure {slug}", _advice(slug, known, "Load it first: reinforce load FILE"))


def cohort_nuggets(connection: Connection, cohort_id: int, *, retired: bool = False) -> tuple[StoredNugget, ...]:
    """The nuggets of a cohort's procedures, in the order of procedures and files; with `retired`, those too."""
    learned = select(t.cohort_procedure.c.procedure_id).where(t.cohort_procedure.c.cohort_id == cohort_id)
    return _read(connection, t.nugget.c.procedure_id.in_(learned), retired=retired)


def procedure_nuggets(connection: Connection, procedure_id: int, *, retired: bool = False) -> tuple[StoredNugget, ...]:
    """The nuggets of one procedure in file order."""
    return _read(connection, t.nugget.c.procedure_id == procedure_id, retired=retired)


def nuggets_by_id(connection: Connection, ids: Collection[int]) -> dict[int, StoredNugget]:
    """Nuggets by their ids, retired ones included; ids that are none are left out."""
    wanted = sorted(set(ids))
    found: dict[int, StoredNugget] = {}
    for start in range(0, len(wanted), _BATCH):
        batch = t.nugget.c.id.in_(wanted[start : start + _BATCH])
        found |= {nugget.id: nugget for nugget in _read(connection, batch, retired=True)}
    return found


def nugget_by_reference(connection: Connection, reference: str, cohort_id: int | None) -> StoredNugget:
    """The nugget that a person means by "procedure/slug" or "slug", among a cohort's or among all.

    Raises NotFound: nothing by that name (the nearest are told), only a retired one, or one in several procedures.
    """
    procedure, _, slug = reference.rpartition("/")
    scope: ColumnElement[bool] = t.nugget.c.id.is_not(None)
    if cohort_id is not None:
        learned = select(t.cohort_procedure.c.procedure_id).where(t.cohort_procedure.c.cohort_id == cohort_id)
        scope = t.nugget.c.procedure_id.in_(learned)
    n, p = t.nugget.c, t.procedure.c
    every = select(n.id, n.slug, p.slug.label("procedure"), n.retired_at).join(t.procedure, p.id == n.procedure_id)
    rows = connection.execute(every.where(scope)).all()
    named = [row for row in rows if row.slug == slug and procedure in ("", row.procedure)]
    live = [row for row in named if row.retired_at is None]
    if len(live) == 1:
        return nuggets_by_id(connection, [live[0].id])[live[0].id]
    if live:
        choices = " or ".join(sorted(f"{row.procedure}/{row.slug}" for row in live))
        raise NotFound(f"{reference} is in several procedures", f"Name one of them: {choices}.")
    if named:
        raise NotFound(f"{reference} was retired by a later revision", "Put it back into the file and load that.")
    known = [row.slug for row in rows if row.retired_at is None]
    raise NotFound(f"there is no nugget {reference} here", _advice(slug, known, "See: reinforce cohort show COHORT"))


def live_questions(connection: Connection, ids: Any) -> dict[int, tuple[int, Question]]:
    """The question of each nugget in `ids` (a sequence or a subquery of ids), with its row id."""
    q, o = t.question.c, t.option.c
    live = select(t.question).where(q.nugget_id.in_(ids), q.retired_at.is_(None)).order_by(q.id)
    rows = connection.execute(live).mappings().all()
    choices: dict[int, list[Option]] = defaultdict(list)
    of_these = select(q.id).where(q.nugget_id.in_(ids), q.retired_at.is_(None))
    for row in connection.execute(select(t.option).where(o.question_id.in_(of_these)).order_by(o.key)):
        choices[row.question_id].append(Option(row.key, row.text, row.correct))
    return {row["nugget_id"]: (row["id"], _question(row, choices[row["id"]])) for row in rows}


def question_by_id(connection: Connection, question_id: int) -> Question | None:
    """A question as it was asked, retired or not: replies to it are graded by it. None if there is none."""
    q, o = t.question.c, t.option.c
    row = connection.execute(select(t.question).where(q.id == question_id)).mappings().first()
    if row is None:
        return None
    choices = connection.execute(select(t.option).where(o.question_id == question_id).order_by(o.key))
    return _question(row, [Option(one.key, one.text, one.correct) for one in choices])


def _read(connection: Connection, where: ColumnElement[bool], *, retired: bool) -> tuple[StoredNugget, ...]:
    """Nuggets with all that belongs to them, in five statements however many there are."""
    n, p = t.nugget.c, t.procedure.c
    query = (
        select(
            t.nugget,
            p.slug.label("procedure"),
            p.importance.label("procedure_importance"),
            p.audience.label("procedure_audience"),
            p.assessment,
        )
        .join(t.procedure, p.id == n.procedure_id)
        .where(where)
        .order_by(p.slug, n.position, n.id)
    )
    if not retired:
        query = query.where(n.retired_at.is_(None))
    rows = connection.execute(query).mappings().all()
    ids = select(n.id).where(where)
    wordings = _wordings(connection, ids)
    questions = live_questions(connection, ids)
    requires = _requires(connection, ids)
    return tuple(
        _nugget(row, wordings.get(row["id"], ()), questions.get(row["id"]), requires.get(row["id"], ())) for row in rows
    )


def _wordings(connection: Connection, ids: Any) -> dict[int, tuple[StoredWording, ...]]:
    w = t.wording.c
    query = (
        select(t.wording).where(w.nugget_id.in_(ids), w.retired_at.is_(None)).order_by(w.nugget_id, w.position, w.id)
    )
    found: dict[int, list[StoredWording]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.nugget_id].append(StoredWording(row.id, row.text, row.language, row.style))
    return {nugget_id: tuple(wordings) for nugget_id, wordings in found.items()}


def _requires(connection: Connection, ids: Any) -> dict[int, tuple[int, ...]]:
    c = t.prerequisite.c
    query = select(c.nugget_id, c.requires_id).where(c.nugget_id.in_(ids)).order_by(c.nugget_id, c.requires_id)
    found: dict[int, list[int]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.nugget_id].append(row.requires_id)
    return {nugget_id: tuple(others) for nugget_id, others in found.items()}


def _question(row: RowMapping, options: list[Option]) -> Question:
    return Question(
        kind=QuestionKind(row["kind"]),
        prompt=row["prompt"],
        options=tuple(options),
        accepted=tuple(row["accepted"]),
        tolerance=row["tolerance"],
        hints=tuple(row["hints"]),
        explanation=row["explanation"],
    )


def _nugget(
    row: RowMapping,
    wordings: tuple[StoredWording, ...],
    question: tuple[int, Question] | None,
    requires: tuple[int, ...],
) -> StoredNugget:
    return StoredNugget(
        id=row["id"],
        procedure_id=row["procedure_id"],
        procedure=row["procedure"],
        slug=row["slug"],
        title=row["title"],
        topic=row["topic"],
        tags=tuple(row["tags"]),
        audience=tuple(row["audience"] or row["procedure_audience"]),
        importance=row["importance"] * row["procedure_importance"],
        confidentiality=Confidentiality(row["confidentiality"]),
        source_step=row["source_step"],
        position=row["position"],
        revision=row["revision"],
        retired=row["retired_at"] is not None,
        wordings=wordings,
        question_id=None if question is None else question[0],
        question=None if question is None else question[1],
        requires=requires,
        assessment=row["assessment"],
        picture=None if row["picture"] is None else ShownPicture(**row["picture"]),
    )


def _procedure(row: RowMapping) -> StoredProcedure:
    values = {**row, "audience": tuple(row["audience"]), "confidentiality": Confidentiality(row["confidentiality"])}
    return StoredProcedure(**values)


def _advice(name: str, known: Iterable[str], otherwise: str) -> str:
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(near)}?" if near else otherwise
