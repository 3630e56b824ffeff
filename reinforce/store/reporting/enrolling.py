"""Lists of enrollments, holds and absences, as people look at them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, case, cast, func, or_, select

from reinforce.domain.enrolling.updates import update_occurrence, updates
from reinforce.domain.errors import NotFound
from reinforce.domain.planning.slots import local_day
from reinforce.store import tables as t
from reinforce.store.people import cohorts, told
from reinforce.store.people.people import is_linked, learners_known_as

Row = dict[str, Any]


def enrollment_rows(
    connection: Connection, now: datetime, *, slug: str | None = None, state: str | None = None
) -> list[Row]:
    """Enrollments by cohort and name, of one cohort or all; who joined an open one has a handle only. `away_until` is
    the last day of an absence under way at `now` (programme time). Raises NotFound for the cohort."""
    query = _enrollments(now)
    if slug is not None:
        query = query.where(t.cohort.c.id == cohorts.cohort_by_slug(connection, slug).id)
    if state is not None:
        query = query.where(t.enrollment.c.state == state)
    return _rows(connection, query)


def person_detail(connection: Connection, employee_id: str, now: datetime) -> Row:
    """A learner's enrollments, with what they missed, and absences; who joined an open cohort is known by "@handle" or
    "x:ID". Raises NotFound."""
    person = t.learner.c
    known = [one.id for one in learners_known_as(connection, employee_id)]
    which = or_(person.id.in_(known), and_(person.employee_id == employee_id, person.employee_id != ""))
    row = connection.execute(select(person.id, person.name).where(which)).first()
    if row is None:
        raise NotFound(f"there is no learner with the employee id {employee_id}", "See: reinforce enrollment list")
    there = _rows(connection, _enrollments(now).where(person.id == row.id))
    gap, e = t.enrollment_gap.c, t.enrollment.c
    gaps = (
        select(t.cohort.c.slug.label("cohort"), gap.since, gap.until)
        .join(t.enrollment, e.id == gap.enrollment_id)
        .join(t.cohort, t.cohort.c.id == e.cohort_id)
        .where(e.learner_id == row.id)
        .order_by(gap.since)
    )
    return {
        "employee_id": employee_id,
        "name": row.name,
        "enrollments": there,
        "not_enrolled": _rows(connection, gaps),
        "absences": absence_rows(connection, now, employee_id=employee_id),
    }


def absence_rows(
    connection: Connection, now: datetime, *, employee_id: str | None = None, cohort_id: int | None = None
) -> list[Row]:
    """Absences by their first day: a person's all, else those of everybody, or of a cohort's people, that are not
    over."""
    a, person = t.absence.c, t.learner.c
    query = select(
        a.id, person.employee_id, person.name, a.first_day, a.last_day, (a.since <= now).label("begun")
    ).join(t.learner, person.id == a.learner_id)
    which: ColumnElement[bool] = a.until > now if employee_id is None else person.employee_id == employee_id
    if cohort_id is not None:
        enrolled = select(t.enrollment.c.learner_id).where(t.enrollment.c.cohort_id == cohort_id)
        query = query.where(person.id.in_(enrolled))
    rows = _rows(connection, query.where(which).order_by(a.first_day, a.id))
    return [{**row, "begun": bool(row["begun"])} for row in rows]


def hold_rows(connection: Connection, now: datetime, *, slug: str | None = None) -> list[Row]:
    """Holds by their first day: a cohort's all, else those of every cohort that are not over. Raises NotFound."""
    h, c = t.hold.c, t.cohort.c
    query = select(h.id, c.slug.label("cohort"), h.first_day, h.last_day, h.reason).join(t.cohort, c.id == h.cohort_id)
    which = h.until > now if slug is None else c.id == cohorts.cohort_by_slug(connection, slug).id
    return _rows(connection, query.where(which).order_by(h.first_day, h.id))


def update_rows(connection: Connection, slug: str) -> list[Row]:
    """The updates that a cohort's dates ask for, each with what became of it: its post's state, why there is none, or
    "to come". Raises NotFound."""
    cohort = cohorts.cohort_by_slug(connection, slug)
    asked = {update_occurrence(slug, one.kind): one for one in updates(cohort)}
    known = told.told(connection, asked)
    o, q = t.outbox.c, t.quiet.c
    keys = sorted(one.occurrence for one in known.values())
    quiet = dict(connection.execute(select(q.occurrence, q.reason).where(q.occurrence.in_(keys))).all())
    ids = [one.item_id for one in known.values() if one.item_id is not None]
    posts = {
        row.id: row for row in connection.execute(select(o.id, o.state, o.due_at, o.posted_at).where(o.id.in_(ids)))
    }
    rows = []
    for key, one in asked.items():
        there = known.get(key)
        post = posts.get(there.item_id) if there is not None else None
        when = one.day if post is None else local_day(post.posted_at or post.due_at, cohort.zone)
        why_not = quiet.get(there.occurrence, "") if there is not None else "to come"
        state = why_not if post is None else post.state
        rows.append({"update": one.kind.called, "day": one.day, "goes_out": when, "state": state})
    return rows


def shown_handle() -> ColumnElement[str]:
    """The handle of a learner of the query; "x:ID" for who joined by a post that search found, which tells none."""
    person = t.learner.c
    unknown = and_(person.handle == "", person.employee_id == "")
    return case((unknown, "x:" + cast(person.remote_user_id, Text)), else_=person.handle)


def _enrollments(now: datetime) -> Select[Any]:
    e, person, a = t.enrollment.c, t.learner.c, t.absence.c
    away = select(func.max(a.last_day)).where(a.learner_id == person.id, a.since <= now, a.until > now)
    return (
        select(
            t.cohort.c.slug.label("cohort"),
            person.employee_id,
            person.name,
            shown_handle().label("handle"),
            e.state,
            e.cause,
            func.coalesce(e.moved_at, e.joined_at).label("since"),
            e.joined_at,
            e.ended_at,
            is_linked().label("linked"),
            away.scalar_subquery().label("away_until"),
        )
        .select_from(t.enrollment)
        .join(t.learner, person.id == e.learner_id)
        .join(t.cohort, t.cohort.c.id == e.cohort_id)
        .order_by(t.cohort.c.slug, person.name, person.id)
    )


def _rows(connection: Connection, query: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(query).mappings()]
