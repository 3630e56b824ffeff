"""What a person decides about enrollments: somebody completes, withdraws, comes back, or goes to another cohort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.cohort import LIVE, Cause, CohortState, EnrollmentState, Learner
from reinforce.domain.enrolling.moves import allowed, entered
from reinforce.domain.errors import Conflict, NotAllowed, NotFound
from reinforce.store.people import cohorts, enrollments, people
from reinforce.store.people.enrollments import Enrollment, Newcomer
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.session import Database

_ALL = "See who there is: reinforce enrollment list {slug}"


@dataclass(frozen=True, slots=True)
class Moved:
    """An enrollment that moved."""

    employee_id: str
    cohort: str
    was: EnrollmentState
    state: EnrollmentState


def complete(
    database: Database, slug: str, employee_ids: Sequence[str], *, actor: str, now: datetime
) -> tuple[Moved, ...]:
    """These learners have completed the cohort; all of them or none. Raises NotFound, NotAllowed."""
    return _change(database, slug, employee_ids, EnrollmentState.COMPLETED, actor, now)


def withdraw(
    database: Database, slug: str, employee_ids: Sequence[str], *, actor: str, now: datetime
) -> tuple[Moved, ...]:
    """These learners leave the cohort: they count no more from now on, and their codes are void; all of them or none.
    Raises NotFound, NotAllowed."""
    return _change(database, slug, employee_ids, EnrollmentState.WITHDRAWN, actor, now)


def re_enroll(
    database: Database, slug: str, employee_ids: Sequence[str], *, actor: str, now: datetime
) -> tuple[Moved, ...]:
    """These learners take part again, with the memory they have: what they forgot meanwhile is forgotten, and what was
    posted meanwhile was not theirs to see. It lifts no stop. All of them or none. Raises NotFound, NotAllowed."""
    return _change(database, slug, employee_ids, None, actor, now)


def move_learner(
    database: Database, employee_id: str, slug: str, to_slug: str, *, actor: str, now: datetime
) -> tuple[Moved, Moved]:
    """A learner leaves one cohort for another, and keeps their memory and their code. Raises NotFound; NotAllowed if
    they are not in the first or the other is finished; Conflict if they are in the other already."""
    with about_people(database) as connection:
        here, there = cohorts.cohort_by_slug(connection, slug), cohorts.cohort_by_slug(connection, to_slug)
        if there.state is CohortState.FINISHED or here.id == there.id:
            raise NotAllowed(
                f"nobody can go to {to_slug} from {slug}", "Name another cohort, one that is not finished."
            )
        if (here.opening is None) is not (there.opening is None):
            raise NotAllowed(
                f"{slug if here.opening else to_slug} is open to everybody, and the other has a roster",
                "People come into an open cohort, and leave it, by their own word.",
            )
        ((learner, left),) = _found(connection, here.id, slug, [employee_id])
        if left.state not in LIVE:
            raise NotAllowed(f"they are {left.state.value} in {slug}", _back(to_slug))
        before = enrollments.enrollments(connection, there.id).get(learner.id)
        if before is not None and before.state in LIVE:
            raise Conflict(f"they are in {to_slug} already", f"End it here: reinforce enrollment withdraw {slug} …")
        state = entered(linked=learner.linked)
        newcomer = Newcomer(learner.id, learner.linked)
        enrollments.take_over(connection, left, there.id, newcomer, actor=actor, now=now)
        gone = Moved(employee_id, slug, left.state, EnrollmentState.WITHDRAWN)
        return gone, Moved(employee_id, to_slug, before.state if before else state, state)


def _change(
    database: Database,
    slug: str,
    employee_ids: Sequence[str],
    to: EnrollmentState | None,
    actor: str,
    now: datetime,
) -> tuple[Moved, ...]:
    """Move to `to`; with None, back into the cohort. Whoever is there already stays as they are."""
    with about_people(database) as connection:
        cohort = cohorts.cohort_by_slug(connection, slug)
        if to is None and cohort.state is CohortState.FINISHED:
            raise NotAllowed(f"the cohort {slug} is finished", "Enroll them in another one.")
        moving: dict[EnrollmentState, list[Enrollment]] = {}
        told = []
        for learner, there in _found(connection, cohort.id, slug, employee_ids):
            state = to or entered(linked=learner.linked)
            if there.state is state or (to is None and there.state in LIVE):
                continue
            if not allowed(there.state, state, Cause.PERSON):
                raise NotAllowed(f"one of them is {there.state.value} in {slug} already", _back(slug))
            moving.setdefault(state, []).append(there)
            told.append(Moved(learner.employee_id or f"@{learner.handle}", slug, there.state, state))
        for state, these in moving.items():
            enrollments.move(connection, these, state, Cause.PERSON, actor=actor, now=now)
        return tuple(told)


def _found(
    connection: Connection, cohort_id: int, slug: str, employee_ids: Sequence[str]
) -> list[tuple[Learner, Enrollment]]:
    known = people.learners_by_employee_id(connection, employee_ids)
    there = enrollments.enrollments(connection, cohort_id)
    found = []
    for employee_id in dict.fromkeys(employee_ids):
        # Who joined an open cohort has no employee id.
        joined = people.learners_known_as(connection, employee_id)
        learner = known.get(employee_id) or next((one for one in joined if one.id in there), None)
        if learner is None or learner.id not in there:
            raise NotFound(f"{employee_id} is not in {slug}", _ALL.format(slug=slug))
        found.append((learner, there[learner.id]))
    return found


def _back(slug: str) -> str:
    return f"Take them back in first: reinforce enrollment re-enroll {slug} …"
