"""The posts of a cohort with the style of their wording, whom they reached, and what came back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from reinforce.domain.nugget import Form
from reinforce.domain.planning.exposure import NuggetLog
from reinforce.domain.reporting.styles import Use
from reinforce.domain.sending.outbox import State
from reinforce.domain.texts.style import style_of
from reinforce.store import tables as t
from reinforce.store.planning.event_log import read_log

_ASKED = {"multiple_choice": "multiple choice", "short": "short answer", "number": "number"}


def wording_uses(connection: Connection, cohort_id: int, now: datetime) -> tuple[Use, ...]:
    """The cohort's reminders, questions and polls whose window for answers is over at `now`, in order of time; of
    learners only those who are or were in the cohort."""
    o, w, q = t.outbox.c, t.wording.c, t.question.c
    query = (
        select(o.id, o.nugget_id, o.form, o.posted_at, o.text, w.style, q.kind)
        .select_from(t.outbox.outerjoin(t.wording, w.id == o.wording_id).outerjoin(t.question, q.id == o.question_id))
        .where(o.cohort_id == cohort_id, o.state == State.POSTED.value, o.nugget_id.is_not(None))
        .where(o.form.in_([form.value for form in Form]))
        .order_by(o.posted_at, o.id)
    )
    rows = connection.execute(query).all()
    enrolled = select(t.enrollment.c.learner_id).where(t.enrollment.c.cohort_id == cohort_id)
    ours = frozenset(connection.execute(enrolled).scalars())
    log = read_log(connection, now)
    logs: dict[int, NuggetLog] = {row.nugget_id: log.of(connection, row.nugget_id) for row in rows}
    found = []
    for row in rows:
        seen = next(one for one in logs[row.nugget_id].posts if one.id == row.id)
        if not seen.closed:
            continue
        form = Form(row.form)
        reached = frozenset(seen.learners.tolist()) & ours
        graded = {
            one.learner: one.rating > 1
            for one in logs[row.nugget_id].reviews
            if one.post == row.id and one.learner in reached
        }
        style = style_of(row.text, row.style or "") if form is Form.REMINDER else _ASKED.get(row.kind, "")
        responded = frozenset(seen.replied.tolist()) & reached
        found.append(Use(row.nugget_id, form, style, row.posted_at, reached, responded, graded))
    return tuple(found)
