"""What may answer a question, as the database's full-text search finds it: nuggets, and answers that were given.

A nugget's passage is written in the transaction that writes the nugget, an answer's when it is out; the index follows
by itself (store/tables/full_text.py). Only the answerer's words are kept of an answer, never the learner's.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Select, column, delete, func, insert, or_, select, table, text

from reinforce.domain.answering.matching import Match, Passage, ranked
from reinforce.domain.answering.stems import MOST, stems
from reinforce.store import tables as t
from reinforce.store.tables.full_text import INDEX, TSVECTOR

# The database gives the best of these many, and `matching.ranked` weighs them anew.
_CANDIDATES = 200
_p = t.passage.c
_index = table(INDEX, column("rowid"), column("rank"))


def keep_nugget(connection: Connection, nugget_id: int) -> None:
    """Make the passage of a nugget what its live wordings and question say; a retired nugget has none."""
    n, w, q = t.nugget.c, t.wording.c, t.question.c
    row = connection.execute(select(n.slug, n.title, n.topic, n.tags, n.retired_at).where(n.id == nugget_id)).one()
    connection.execute(delete(t.passage).where(_p.nugget_id == nugget_id))
    if row.retired_at is not None:
        return
    live = select(w.text).where(w.nugget_id == nugget_id, w.retired_at.is_(None)).order_by(w.position, w.id)
    said = list(connection.execute(live).scalars())
    asked = select(q.id, q.prompt, q.explanation, q.accepted).where(q.nugget_id == nugget_id, q.retired_at.is_(None))
    for question in connection.execute(asked):
        right = select(t.option.c.text).where(t.option.c.question_id == question.id)
        said += [question.prompt, question.explanation, *question.accepted, *connection.execute(right).scalars()]
    head = stems(" ".join([row.slug.replace("-", " "), row.title, row.topic, *row.tags]))
    _add(connection, head, stems("\n".join(said)), nugget_id=nugget_id)


def keep_answer(connection: Connection, inquiry_id: int, about: str, answer: str) -> None:
    """Make the passage of an answer what it says; it is found by later questions."""
    connection.execute(delete(t.passage).where(_p.inquiry_id == inquiry_id))
    _add(connection, stems(about), stems(answer), inquiry_id=inquiry_id)


def drop_answer(connection: Connection, inquiry_id: int) -> None:
    """Let an answer be found no more."""
    connection.execute(delete(t.passage).where(_p.inquiry_id == inquiry_id))


def _add(connection: Connection, head: Sequence[str], rest: Sequence[str], **whose: int) -> None:
    words = " ".join(dict.fromkeys((*head, *rest)))
    connection.execute(insert(t.passage).values(**whose, head=" ".join(dict.fromkeys(head)), words=words))


def found(
    connection: Connection, asked: str, *, account_id: int, cohort_id: int | None, least: float, answers: bool = False
) -> tuple[Match, ...]:
    """The passages that fit `asked`, the best first, each scoring `least` or more: live nuggets that the cohort learns
    (any cohort of the account where it is None), and with `answers` those given on the account."""
    return _fitting(connection, asked, _inside(account_id, cohort_id, answers=answers), least)


def nuggets_about(connection: Connection, asked: str, of: Select[tuple[int]], least: float) -> tuple[int, ...]:
    """The live nuggets among `of` (a query of their ids) that fit `asked`, the best first, scoring `least` or more."""
    found = _fitting(connection, asked, _p.nugget_id.in_(of), least)
    return tuple(one.passage.nugget_id for one in found if one.passage.nugget_id is not None)


def _fitting(connection: Connection, asked: str, inside: ColumnElement[bool], least: float) -> tuple[Match, ...]:
    wanted = tuple(dict.fromkeys(stems(asked)))[:MOST]
    if not wanted:
        return ()
    candidates = [
        Passage(row.id, row.nugget_id, row.inquiry_id, frozenset(row.head.split()), frozenset(row.words.split()))
        for row in connection.execute(_matching(connection, wanted).where(inside).limit(_CANDIDATES))
    ]
    total = connection.execute(select(func.count()).select_from(t.passage).where(inside)).scalar_one()
    return ranked(wanted, candidates, total, least)


def _inside(account_id: int, cohort_id: int | None, *, answers: bool) -> ColumnElement[bool]:
    """The condition that a passage belongs to the cohort, or to the account."""
    learns, c = t.cohort_procedure.c, t.cohort.c
    nuggets = (
        select(t.nugget.c.id)
        .join(t.cohort_procedure, learns.procedure_id == t.nugget.c.procedure_id)
        .join(t.cohort, c.id == learns.cohort_id)
        .where(c.account_id == account_id)
    )
    if cohort_id is not None:
        nuggets = nuggets.where(c.id == cohort_id)
    given = select(t.inquiry.c.id).where(t.inquiry.c.account_id == account_id)
    mine = _p.nugget_id.in_(nuggets)
    return or_(mine, _p.inquiry_id.in_(given)) if answers else mine


def _matching(connection: Connection, wanted: Sequence[str]) -> Select[tuple[object, ...]]:
    """Passages that hold any of the stems, those that the database ranks highest first. A stem is letters and figures
    only, so neither query language can be written into it; quotes and operators are ours."""
    if connection.dialect.name == "sqlite":
        words = " OR ".join(f'"{stem}"' for stem in wanted)
        joined = select(t.passage).join(_index, _index.c.rowid == _p.id)
        return joined.where(text(f"{INDEX} MATCH :words").bindparams(words=words)).order_by(_index.c.rank, _p.id)
    words = " | ".join(f"'{stem}'" for stem in wanted)
    fits = text(f"{TSVECTOR} @@ to_tsquery('simple', :words)").bindparams(words=words)
    rank = text(f"ts_rank({TSVECTOR}, to_tsquery('simple', :words)) DESC").bindparams(words=words)
    return select(t.passage).where(fits).order_by(rank, _p.id)
