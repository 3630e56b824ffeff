"""Move a cohort's enrollments as its dates ask for: the start, the window's close, the end, a long silence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from reinforce.domain.cohort import Cause, CohortState, EnrollmentState
from reinforce.domain.enrolling.moves import due_move, to_look_at
from reinforce.domain.planning.slots import local_day
from reinforce.store.people import cohorts, enrollments, standings
from reinforce.store.people.enrollments import Enrollment
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.session import Database

_ACTOR = "daemon"


def follow_dates(database: Database, cohort_id: int, *, now: datetime) -> Mapping[EnrollmentState, int]:
    """Make the moves that are due at `now` (programme time); returns how many enrollments came into which state.

    A finished cohort's enrollments stay as they are. Raises NotFound.
    """
    with database.read() as connection:
        cohort = cohorts.cohort_by_id(connection, cohort_id)
        today = local_day(now, cohort.zone)
        states = to_look_at(cohort, today)
        if cohort.state is CohortState.FINISHED or not states:
            return {}
        there = standings.standings(connection, cohort, states, now)
    due: dict[tuple[EnrollmentState, Cause], list[Enrollment]] = defaultdict(list)
    for enrollment, standing in there:
        move = due_move(standing, cohort, today)
        if move is not None:
            due[move].append(enrollment)
    if not due:
        return {}
    moved: Counter[EnrollmentState] = Counter()
    with about_people(database) as connection:
        for (state, cause), these in sorted(due.items()):
            moved[state] += len(enrollments.move(connection, these, state, cause, actor=_ACTOR, now=now))
    return moved
