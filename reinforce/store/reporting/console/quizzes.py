"""Quiz rounds as the console lists them, and the hints of a round that stand on the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from reinforce.domain.access.rights import EVERYTHING, Scope
from reinforce.domain.quizzing.quiz import QuizPost, QuizState
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.reporting.console.rows import value_from, within

PAGE = 50


@dataclass(frozen=True, slots=True)
class QuizLine:
    """A round. `starts_at` (programme time) is None until it was started; `note` says how it ended."""

    id: int
    slug: str
    title: str
    state: QuizState
    starts_at: datetime | None
    note: str
    questions: int
    cohort_id: int
    cohort: str
    cohort_title: str
    zone: str


def quiz_lines(
    connection: Connection, seen: Scope = EVERYTHING, *, slug: str = "", before: int | None = None, limit: int = PAGE
) -> tuple[QuizLine, ...]:
    """The rounds that `seen` reaches, the newest first, at most `limit`; `slug` is one's own, `before` the id that the
    list goes on from."""
    q, c = t.quiz.c, t.cohort.c
    count = select(func.count()).where(t.quiz_question.c.quiz_id == q.id).correlate(t.quiz).scalar_subquery()
    query = (
        select(
            *(q.id, q.slug, q.title, q.state, q.starts_at, q.note, q.cohort_id),
            *(c.slug.label("cohort"), c.title.label("cohort_title"), c.zone, count.label("questions")),
        )
        .join(t.cohort, c.id == q.cohort_id)
        .where(within(seen, q.cohort_id))
    )
    if slug:
        query = query.where(q.slug == slug)
    if before is not None:
        query = query.where(q.id < before)
    rows = connection.execute(query.order_by(q.id.desc()).limit(limit)).mappings()
    return tuple(value_from(QuizLine, row, state=QuizState(row["state"])) for row in rows)


def hints_out(connection: Connection, quiz_id: int, number: int) -> tuple[str, ...]:
    """The posts with hints to a question that stand on the timeline, in their order."""
    p, o, q = t.quiz_post.c, t.outbox.c, t.quiz_question.c
    query = (
        select(o.text)
        .join(t.quiz_post, p.outbox_id == o.id)
        .join(t.quiz_question, q.id == p.question_id)
        .where(p.quiz_id == quiz_id, q.number == number, p.kind == QuizPost.HINT.value, o.state == State.POSTED.value)
    )
    return tuple(connection.execute(query.order_by(o.id)).scalars())
