"""What an account's followers read of a cohort in a week: its posts as they stood, less what is off X again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from reinforce.domain.planning.plan_state import REVEAL
from reinforce.domain.post_forms import FOUND
from reinforce.domain.sending.outbox import State, reveal_occurrence
from reinforce.store import tables as t
from reinforce.store.people import cohorts
from reinforce.store.sending.deletions import IS_DELETED

_o = t.outbox.c


@dataclass(frozen=True, slots=True)
class WeekPost:
    """A post that went out to all, at `at` (programme time). `options` are a poll's, `pictures` what pictures show;
    `answer` is the text of its reveal, "" while there is none; `asked` the question that a reveal answers."""

    id: int
    form: str
    text: str
    at: datetime
    remote_id: int | None = None
    options: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    answer: str = ""
    asked: str = ""


@dataclass(frozen=True, slots=True)
class _Reveals:
    """Reveals by the question's row, and questions by the reveal's."""

    answers: Mapping[int, str] = field(default_factory=dict)
    questions: Mapping[int, tuple[int, str]] = field(default_factory=dict)


def posts_of_week(connection: Connection, slug: str, since: datetime, until: datetime) -> tuple[WeekPost, ...]:
    """What the cohort could read on its account from `since` to `until` (programme time), in its order: its own posts,
    those that go to all followers, and what another cohort had of the same procedures. What answers one person's reply
    is left out, and an answer stands with its question where both are of the week. Raises NotFound."""
    cohort = cohorts.cohort_by_slug(connection, slug)
    p = t.cohort_procedure.c
    learnt = select(t.nugget.c.id).where(
        t.nugget.c.procedure_id.in_(select(p.procedure_id).where(p.cohort_id == cohort.id))
    )
    query = (
        select(_o.id, _o.form, _o.text, _o.posted_at, _o.remote_id, _o.poll, _o.media, _o.occurrence)
        .where(
            _o.account_id == cohort.account_id,
            or_(_o.cohort_id == cohort.id, _o.cohort_id.is_(None), _o.nugget_id.in_(learnt)),
            _o.form != FOUND,
            _o.state == State.POSTED.value,
            _o.posted_at >= since,
            _o.posted_at < until,
            or_(_o.inbound_id.is_(None), _o.reply_to.is_(None)),
            ~IS_DELETED,
        )
        .order_by(_o.posted_at, _o.id)
    )
    rows = connection.execute(query).all()
    reveals = _reveals(connection, rows)
    here = {row.id for row in rows}
    return tuple(
        _post(row, reveals)
        for row in rows
        if not (row.form == REVEAL and reveals.questions.get(row.id, (0, ""))[0] in here)
    )


def _post(row: Any, reveals: _Reveals) -> WeekPost:
    poll, media = row.poll or {}, row.media or ()
    return WeekPost(
        row.id,
        row.form,
        row.text,
        row.posted_at,
        row.remote_id,
        tuple(str(one) for one in poll.get("options", ())),
        tuple(str(one.get("alt", "")) for one in media if one.get("alt")),
        reveals.answers.get(row.id, ""),
        reveals.questions.get(row.id, (0, ""))[1] if row.form == REVEAL else "",
    )


def _reveals(connection: Connection, rows: Any) -> _Reveals:
    """The answers that are out to the questions among `rows`, and the questions of the reveals among them."""
    keys = {reveal_occurrence(row.id): row.id for row in rows}
    posted = select(_o.occurrence, _o.text).where(
        _o.occurrence.in_(sorted(keys)), _o.form == REVEAL, _o.state == State.POSTED.value
    )
    answers = {keys[row.occurrence]: row.text for row in connection.execute(posted)}
    questions: dict[int, tuple[int, str]] = {}
    asked = {row.id: int(row.occurrence.rpartition("/")[2]) for row in rows if row.form == REVEAL}
    texts = select(_o.id, _o.text).where(_o.id.in_(sorted(asked.values())))
    by_id = {row.id: row.text for row in connection.execute(texts)}
    for reveal, question in asked.items():
        questions[reveal] = (question, by_id.get(question, ""))
    return _Reveals(answers, questions)
