"""Where the enrollments of a cohort stand, as far as its dates can move them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, func, literal, null, select

from reinforce.domain.cohort import Cohort, EnrollmentState
from reinforce.domain.enrolling.moves import Standing
from reinforce.domain.planning.slots import local_day
from reinforce.store import tables as t
from reinforce.store.people import away, enrollments, people
from reinforce.store.people.enrollments import Enrollment


def standings(
    connection: Connection, cohort: Cohort, states: Collection[EnrollmentState], now: datetime
) -> tuple[tuple[Enrollment, Standing], ...]:
    """The cohort's enrollments in one of `states`, each with where it stands. When somebody was last heard is looked up
    only where the cohort asks for it."""
    e = t.enrollment.c
    query = (
        select(
            e.id,
            t.learner.c.stopped_at.is_not(None).label("stopped"),
            people.is_linked().label("linked"),
            away.is_absent(now).label("away"),
            *(_heard(now) if cohort.lapse_after else (null().label("wrote"), null().label("back"))),
        )
        .join(t.learner, t.learner.c.id == e.learner_id)
        .where(e.cohort_id == cohort.id, e.state.in_(sorted(state.value for state in states)))
    )
    by_id = {one.id: one for one in enrollments.enrollments(connection, cohort.id).values()}
    found = []
    for row in connection.execute(query.order_by(e.id)):
        there = by_id[row.id]
        standing = Standing(
            state=there.state,
            cause=there.cause,
            since=local_day(there.since, cohort.zone),
            linked=bool(row.linked),
            stopped=bool(row.stopped),
            away=bool(row.away),
            heard=_last_sign((row.wrote, row.back), cohort, local_day(now, cohort.zone)),
        )
        found.append((there, standing))
    return tuple(found)


def _heard(now: datetime) -> tuple[ColumnElement[datetime], ColumnElement[datetime]]:
    """When a learner last wrote, and last came back from an absence."""
    i, a = t.inbound.c, t.absence.c
    wrote = select(func.max(i.created_at)).where(i.learner_id == t.learner.c.id)
    back = select(func.max(a.until)).where(a.learner_id == t.learner.c.id, a.until <= literal(now, a.until.type))
    return wrote.scalar_subquery().label("wrote"), back.scalar_subquery().label("back")


def _last_sign(instants: tuple[datetime | None, ...], cohort: Cohort, today: date) -> date | None:
    days = [local_day(one, cohort.zone) for one in instants if one is not None]
    days += [min(hold.last_day, today) for hold in cohort.holds if hold.first_day <= today]
    return max(days, default=None)
