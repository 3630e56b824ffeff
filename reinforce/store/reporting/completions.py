"""Where a cohort's enrollments stand and when they came there: no answer, no stop, no memory."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from reinforce.domain.cohort import EnrollmentState
from reinforce.domain.enrolling.completions import Completion
from reinforce.domain.planning.slots import local_day
from reinforce.store import tables as t
from reinforce.store.people import cohorts
from reinforce.store.people.people import is_linked

_VERB = "enrollment."


def completions(connection: Connection, slug: str, since: date | None = None) -> tuple[Completion, ...]:
    """The enrollments of a cohort by employee id, which who joined an open one has not; with `since` (a local date)
    those that moved on it or later. Raises NotFound."""
    cohort = cohorts.cohort_by_slug(connection, slug)
    e, person = t.enrollment.c, t.learner.c
    columns = (person.employee_id, person.name, person.zone, person.role, e.id, e.state, e.team, e.joined_at)
    query = (
        select(*columns, e.moved_at, is_linked().label("linked"))
        .join(t.learner, person.id == e.learner_id)
        .where(e.cohort_id == cohort.id, person.employee_id != "")
    )
    reached = _reached(connection, cohort.id, cohort.zone)
    found = []
    for row in connection.execute(query):
        one = Completion(
            row.employee_id,
            row.name,
            EnrollmentState(row.state),
            local_day(row.moved_at or row.joined_at, cohort.zone),
            local_day(row.joined_at, cohort.zone),
            reached[row.id],
            bool(row.linked),
            row.zone,
            row.role,
            row.team,
        )
        if since is None or one.since >= since:
            found.append(one)
    # By Python: the two databases order letters in two ways.
    return tuple(sorted(found, key=lambda one: one.employee_id))


def _reached(connection: Connection, cohort_id: int, zone: str) -> dict[int, dict[EnrollmentState, date]]:
    """When each enrollment last came into each state, by its id: the audit log has every move."""
    a = t.audit.c
    states = {f"{_VERB}{state.value}": state for state in EnrollmentState}
    of_cohort = (a.subject == f"cohort/{cohort_id}", a.verb.in_(sorted(states)))
    reached: dict[int, dict[EnrollmentState, Any]] = defaultdict(dict)
    for row in connection.execute(select(a.at, a.verb, a.detail).where(*of_cohort).order_by(a.id)):
        for enrollment_id in row.detail.get("enrollments", ()):
            reached[enrollment_id][states[row.verb]] = local_day(row.at, zone)
    return reached
