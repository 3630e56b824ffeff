"""What the report of a cohort is made of besides its programme's material: questions and their answers, and money."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from reinforce.domain.answering.inquiry import InquiryKind, InquiryState
from reinforce.domain.reporting.answer_times import Asked
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t


def questions_asked(connection: Connection, cohort_id: int, start: datetime, end: datetime) -> tuple[Asked, ...]:
    """The questions of a cohort that were asked in [start, end) (programme time), look-ups left out."""
    q, i = t.inquiry.c, t.inbound.c
    rows = connection.execute(
        select(i.author_remote_id, q.asked_at, q.due_at, func.coalesce(q.delivered_at, q.answered_at), q.state)
        .join(t.inbound, i.id == q.inbound_id)
        .where(q.cohort_id == cohort_id, q.kind == InquiryKind.QUESTION.value, q.asked_at >= start, q.asked_at < end)
    )
    closed = InquiryState.CLOSED.value
    return tuple(Asked(who, at, due, answered, state == closed) for who, at, due, answered, state in rows)


def spent_by_form(
    connection: Connection, cohort_id: int, start: datetime, end: datetime
) -> tuple[tuple[str, int, int], ...]:
    """(form, posts, micro-dollars) of what a cohort posted in [start, end), at the prices it was planned with, the
    dearest form first."""
    o = t.outbox.c
    rows = connection.execute(
        select(o.form, func.count(), func.coalesce(func.sum(o.price_micros), 0))
        .where(o.cohort_id == cohort_id, o.state == State.POSTED.value, o.posted_at >= start, o.posted_at < end)
        .group_by(o.form)
    )
    found = [(form, int(posts), int(micros)) for form, posts, micros in rows]
    return tuple(sorted(found, key=lambda one: (-one[2], one[0])))
