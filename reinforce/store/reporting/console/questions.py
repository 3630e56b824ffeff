"""What learners asked, as the console lists it, the one to be answered first at the top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, case, false, func, or_, select, true

from reinforce.domain.access.rights import EVERYTHING, Scope
from reinforce.domain.answering.inquiry import OWED, UNANSWERED, Inquiry, InquiryState, Way
from reinforce.store import tables as t
from reinforce.store.answering import inquiries
from reinforce.store.reporting.console.rows import within

PAGE = 30

_q = t.inquiry.c
_JOINED = (
    t.inquiry.join(t.inbound, t.inbound.c.id == _q.inbound_id)
    .outerjoin(t.learner, t.learner.c.id == t.inbound.c.learner_id)
    .outerjoin(t.cohort, t.cohort.c.id == _q.cohort_id)
    .outerjoin(t.facilitator, t.facilitator.c.id == _q.facilitator_id)
    .outerjoin(t.nugget, t.nugget.c.id == _q.nugget_id)
)
_OWED = _q.state.in_([state.value for state in OWED])
_STUCK = and_(_q.state == InquiryState.ANSWERED.value, _q.way == Way.STUCK.value)
# What people filter by. What is stuck has an answer, but it found no way out: that is for a person too.
SHOWN: Mapping[str, ColumnElement[bool]] = {
    "waiting": or_(_q.state.in_([state.value for state in UNANSWERED]), _STUCK),
    "on its way": and_(_q.state == InquiryState.ANSWERED.value, ~_STUCK),
    "answered": _q.state == InquiryState.DELIVERED.value,
    "closed": _q.state == InquiryState.CLOSED.value,
}


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question with the names that go with its numbers, "" for none; `zone` is its cohort's, "UTC" without one."""

    inquiry: Inquiry
    learner: str
    cohort: str
    cohort_title: str
    zone: str
    facilitator: str
    nugget: str


@dataclass(frozen=True, slots=True)
class QuestionFilter:
    """Which questions a list shows, of those that `scope` reaches; empty parts don't narrow it. `show` is a word of
    `SHOWN`, `skip` how many lie before this page."""

    show: str = "waiting"
    cohort: str = ""
    facilitator_id: int | None = None
    skip: int = 0
    scope: Scope = EVERYTHING


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One page of questions; `counts` are those of the same cohort and facilitator by words of `SHOWN`, and how many of
    them are "overdue"."""

    lines: tuple[QuestionLine, ...]
    counts: Mapping[str, int]
    more: bool


def question_page(connection: Connection, wanted: QuestionFilter, now: datetime, *, limit: int = PAGE) -> QuestionPage:
    """What is still owed by its due time, what is settled the newest first. `now` is programme time."""
    narrow = _narrowed(wanted)
    by_due = (_q.due_at.is_(None), _q.due_at, _q.id)
    order = by_due if wanted.show in ("waiting", "on its way") else (_q.asked_at.desc(), _q.id.desc())
    which = SHOWN.get(wanted.show, true())
    query = _lines().where(*narrow, which).order_by(*order).offset(wanted.skip).limit(limit + 1)
    rows = connection.execute(query).mappings().all()
    counted = {name: _counted(which) for name, which in {**SHOWN, "overdue": _overdue(now)}.items()}
    counts = select(*(column.label(name) for name, column in counted.items()))
    found = connection.execute(counts.select_from(_JOINED).where(*narrow)).mappings().one()
    lines = _with_inquiries(connection, rows[:limit])
    return QuestionPage(lines, {name: int(found[name] or 0) for name in counted}, len(rows) > limit)


def question_line(connection: Connection, inquiry_id: int, scope: Scope) -> QuestionLine | None:
    """One question, as far as `scope` reaches; None beyond."""
    query = _lines().where(_q.id == inquiry_id, within(scope, _q.cohort_id))
    lines = _with_inquiries(connection, connection.execute(query).mappings().all())
    return lines[0] if lines else None


def waiting_questions(connection: Connection, scope: Scope, now: datetime | None) -> tuple[int, int]:
    """How many questions wait for a person, and how many are overdue (0 without `now`), as far as `scope` reaches."""
    columns = (_counted(SHOWN["waiting"]), _counted(false() if now is None else _overdue(now)))
    found = connection.execute(select(*columns).where(within(scope, _q.cohort_id), _OWED)).one()
    return int(found[0] or 0), int(found[1] or 0)


def _overdue(now: datetime) -> ColumnElement[bool]:
    return and_(_OWED, _q.due_at <= now)


def _counted(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((which, 1), else_=0))


def _narrowed(wanted: QuestionFilter) -> list[ColumnElement[bool]]:
    narrow = [within(wanted.scope, _q.cohort_id)]
    if wanted.cohort:
        narrow.append(t.cohort.c.slug == wanted.cohort)
    if wanted.facilitator_id is not None:
        narrow.append(_q.facilitator_id == wanted.facilitator_id)
    return narrow


def _lines() -> Select[tuple[int, str, str, str, str, str, str]]:
    return select(
        _q.id,
        func.coalesce(t.learner.c.name, "").label("learner"),
        func.coalesce(t.cohort.c.slug, "").label("cohort"),
        func.coalesce(t.cohort.c.title, "").label("cohort_title"),
        func.coalesce(t.cohort.c.zone, "UTC").label("zone"),
        func.coalesce(t.facilitator.c.name, "").label("facilitator"),
        func.coalesce(t.nugget.c.title, "").label("nugget"),
    ).select_from(_JOINED)


def _with_inquiries(connection: Connection, rows: Sequence[RowMapping]) -> tuple[QuestionLine, ...]:
    known = inquiries.by_ids(connection, [row["id"] for row in rows])
    return tuple(
        QuestionLine(known[row["id"]], **{name: row[name] for name in QuestionLine.__dataclass_fields__ if name in row})
        for row in rows
        if row["id"] in known
    )
