"""Writes procedures: a load becomes rows, and nothing that was posted or remembered loses what it points at.

An unchanged nugget keeps its row as it is. A changed one keeps its row and gets a new revision: a wording whose text
stays keeps its row (and so its place in the rotation), a new text is a new row, a text that is gone is retired; a
changed question is a new row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from reinforce.domain.authoring.revision import Change, KnownNugget, NuggetChange, content_hash, nugget_content
from reinforce.domain.nugget import WITH_PICTURE, Nugget, Origin, Procedure, Question, Wording
from reinforce.store import tables as t
from reinforce.store.authoring import passages
from reinforce.store.authoring.nuggets import live_questions


def known_nuggets(connection: Connection, procedure_id: int) -> tuple[KnownNugget, ...]:
    """Every nugget a procedure ever had, in order."""
    n = t.nugget.c
    query = select(n.slug, n.title, n.content_hash, n.retired_at, n.origin).where(n.procedure_id == procedure_id)
    rows = connection.execute(query.order_by(n.position, n.id))
    return tuple(
        KnownNugget(row.slug, row.title, row.content_hash, row.retired_at is not None, row.origin != Origin.FILE.value)
        for row in rows
    )


def last_contents(connection: Connection, procedure_id: int, slugs: Collection[str]) -> dict[str, dict[str, Any]]:
    """What those nuggets said at their last revision, retirements aside, by slug."""
    n, v = t.nugget.c, t.nugget_revision.c
    query = (
        select(n.slug, v.content)
        .join(t.nugget_revision, v.nugget_id == n.id)
        .where(n.procedure_id == procedure_id, n.slug.in_(sorted(slugs)), v.change != Change.RETIRED.value)
        .order_by(v.id)
    )
    return dict(connection.execute(query).all())


def save_procedure(connection: Connection, procedure: Procedure, digest: str, source: str, now: datetime) -> int:
    """Add a procedure at revision 1, or overwrite its own fields and raise its revision; returns its id."""
    p = t.procedure.c
    values = {
        "title": procedure.title,
        "owner": procedure.owner,
        "language": procedure.language,
        "audience": list(procedure.audience),
        "importance": procedure.importance,
        "confidentiality": procedure.confidentiality.value,
        "assessment": procedure.assessment,
        "content_hash": digest,
        "source": source,
        "loaded_at": now,
    }
    changed = update(t.procedure).where(p.slug == procedure.slug).values(**values, revision=p.revision + 1)
    procedure_id = connection.execute(changed.returning(p.id)).scalar()
    if procedure_id is None:
        new = insert(t.procedure).values(**values, slug=procedure.slug, revision=1)
        procedure_id = connection.execute(new.returning(p.id)).scalar_one()
    return int(procedure_id)


def save_nuggets(
    connection: Connection,
    procedure_id: int,
    nuggets: Sequence[Nugget],
    changes: Sequence[NuggetChange],
    now: datetime,
) -> None:
    """Carry out `changes` (from `revision.compare`) on a procedure's nuggets; `nuggets` are the file's."""
    by_slug = {nugget.slug: nugget for nugget in nuggets}
    positions = {nugget.slug: position for position, nugget in enumerate(nuggets)}
    for change in changes:
        if change.change is Change.RETIRED:
            retire(connection, procedure_id, change.slug, now)
        elif change.change is Change.ADDED:
            _add(connection, procedure_id, by_slug[change.slug], positions[change.slug], now)
        elif change.change is not Change.UNCHANGED:
            _revise(connection, procedure_id, by_slug[change.slug], change, now)
    ids = _ids(connection, procedure_id)
    for slug, position in positions.items():
        n = t.nugget.c
        elsewhere = or_(n.position != position, n.origin != Origin.FILE.value)
        moved = update(t.nugget).where(n.id == ids[slug], elsewhere)
        # What a colleague brought in belongs to the file once the file has it.
        connection.execute(moved.values(position=position, origin=Origin.FILE.value))
    _save_prerequisites(connection, nuggets, ids)


def _ids(connection: Connection, procedure_id: int) -> dict[str, int]:
    n = t.nugget.c
    rows = connection.execute(select(n.slug, n.id).where(n.procedure_id == procedure_id))
    return {row.slug: row.id for row in rows}


def _values(nugget: Nugget, content: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": nugget.title,
        "topic": nugget.topic,
        "tags": list(nugget.tags),
        "audience": list(nugget.audience),
        "importance": nugget.importance,
        "confidentiality": nugget.confidentiality.value,
        "source_step": nugget.source_step,
        "picture": content["picture"],
        "content_hash": content_hash(content),
        "retired_at": None,
    }


def add_to_procedure(
    connection: Connection, procedure_id: int, nugget: Nugget, origin: Origin, inbound_id: int | None, now: datetime
) -> int:
    """Put one nugget behind the others of a procedure, which gets a new revision; returns the nugget's id. That it may
    be there is for the caller to see (`store.authoring.additions`)."""
    n, p = t.nugget.c, t.procedure.c
    last = connection.execute(select(func.max(n.position)).where(n.procedure_id == procedure_id)).scalar()
    connection.execute(update(t.procedure).where(p.id == procedure_id).values(revision=p.revision + 1))
    nugget_id = _add(connection, procedure_id, nugget, 0 if last is None else last + 1, now)
    connection.execute(update(t.nugget).where(n.id == nugget_id).values(origin=origin.value, inbound_id=inbound_id))
    return nugget_id


def _add(connection: Connection, procedure_id: int, nugget: Nugget, position: int, now: datetime) -> int:
    content = nugget_content(nugget)
    values = _values(nugget, content)
    new = insert(t.nugget).values(**values, procedure_id=procedure_id, slug=nugget.slug, position=position, revision=1)
    nugget_id = int(connection.execute(new.returning(t.nugget.c.id)).scalar_one())
    _remember(connection, nugget_id, 1, Change.ADDED, content, now)
    _save_wordings(connection, nugget_id, nugget.wordings, now)
    if nugget.question is not None:
        _add_question(connection, nugget_id, nugget.question)
    passages.keep_nugget(connection, nugget_id)
    return nugget_id


def _revise(connection: Connection, procedure_id: int, nugget: Nugget, change: NuggetChange, now: datetime) -> None:
    n = t.nugget.c
    content = nugget_content(nugget)
    own = (n.procedure_id == procedure_id) & (n.slug == nugget.slug)
    before = connection.execute(select(n.picture).where(own)).scalar()
    row = connection.execute(
        update(t.nugget)
        .where(own)
        .values(**_values(nugget, content), revision=n.revision + 1)
        .returning(n.id, n.revision)
    ).one()
    judged = {"meaning": change.meaning, "why": change.why}
    _remember(connection, row.id, row.revision, change.change, content, now, **judged)
    _save_wordings(connection, row.id, nugget.wordings, now)
    _save_question(connection, row.id, nugget.question, now)
    if before != content["picture"]:
        _void_approvals(connection, row.id, now)
    passages.keep_nugget(connection, row.id)


def _void_approvals(connection: Connection, nugget_id: int, now: datetime) -> None:
    """A yes was to a text with its picture: with another one it counts no more."""
    a = t.approval.c
    shown = (a.nugget_id == nugget_id) & a.form.in_(sorted(WITH_PICTURE)) & a.voided_at.is_(None)
    connection.execute(update(t.approval).where(shown).values(voided_at=now))


def retire(connection: Connection, procedure_id: int, slug: str, now: datetime) -> None:
    """Take a nugget out of every plan. Its wordings and its question stay, for the day it comes back."""
    n = t.nugget.c
    gone = update(t.nugget).where(n.procedure_id == procedure_id, n.slug == slug).values(retired_at=now)
    row = connection.execute(gone.returning(n.id, n.revision)).one()
    _remember(connection, row.id, row.revision, Change.RETIRED, {}, now)
    passages.keep_nugget(connection, row.id)


def _remember(
    connection: Connection,
    nugget_id: int,
    revision: int,
    change: Change,
    content: Mapping[str, Any],
    now: datetime,
    **judged: Any,
) -> None:
    values = {"nugget_id": nugget_id, "revision": revision, "change": change.value, "content": dict(content), "at": now}
    connection.execute(insert(t.nugget_revision).values(**values, **{"meaning": False, "why": "", **judged}))


def _save_wordings(connection: Connection, nugget_id: int, wordings: Sequence[Wording], now: datetime) -> None:
    w = t.wording.c
    rows = connection.execute(select(t.wording).where(w.nugget_id == nugget_id).order_by(w.id)).all()
    # The newest row of a text and language: one that was retired comes back with its history.
    known = {(row.text, row.language): row for row in rows}
    kept = set()
    for position, wording in enumerate(wordings):
        row = known.get((wording.text, wording.language))
        values = {"position": position, "style": wording.style, "retired_at": None}
        if row is None:
            values |= {"nugget_id": nugget_id, "text": wording.text, "language": wording.language}
            connection.execute(insert(t.wording).values(**values))
        else:
            kept.add(row.id)
            connection.execute(update(t.wording).where(w.id == row.id).values(**values))
    gone = [row.id for row in rows if row.id not in kept and row.retired_at is None]
    connection.execute(update(t.wording).where(w.id.in_(gone)).values(retired_at=now))


def _save_question(connection: Connection, nugget_id: int, question: Question | None, now: datetime) -> None:
    there = live_questions(connection, [nugget_id]).get(nugget_id)
    if there is not None and there[1] == question:
        return
    if there is not None:
        gone = update(t.question).where(t.question.c.id == there[0])
        connection.execute(gone.values(retired_at=now))
    if question is not None:
        _add_question(connection, nugget_id, question)


def _add_question(connection: Connection, nugget_id: int, question: Question) -> None:
    new = insert(t.question).values(
        nugget_id=nugget_id,
        kind=question.kind.value,
        prompt=question.prompt,
        accepted=list(question.accepted),
        tolerance=question.tolerance,
        hints=list(question.hints),
        explanation=question.explanation,
    )
    question_id = connection.execute(new.returning(t.question.c.id)).scalar_one()
    for option in question.options:
        connection.execute(
            insert(t.option).values(question_id=question_id, key=option.key, text=option.text, correct=option.correct)
        )


def _save_prerequisites(connection: Connection, nuggets: Sequence[Nugget], ids: Mapping[str, int]) -> None:
    """Make the rows those of the file; a retired nugget neither needs nor is needed."""
    p = t.prerequisite.c
    everyone = list(ids.values())
    for start in range(0, len(everyone), 500):
        batch = everyone[start : start + 500]
        connection.execute(delete(t.prerequisite).where(p.nugget_id.in_(batch)))
    rows = [
        {"nugget_id": ids[nugget.slug], "requires_id": ids[slug]} for nugget in nuggets for slug in nugget.prerequisites
    ]
    if rows:
        connection.execute(insert(t.prerequisite), rows)
