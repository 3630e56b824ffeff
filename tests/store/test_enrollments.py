"""Enrollments as they are stored: one function moves them; holds and absences stand beside them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from reinforce.domain.cohort import Cause, EnrollmentState, RosterRow
from reinforce.domain.errors import NotAllowed
from reinforce.store import tables as t
from reinforce.store.operating import audit
from reinforce.store.people import away, cohorts, enrollments, invitations, people, standings
from reinforce.store.people.enrollments import Enrollment, Newcomer
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
INVITED, ENROLLED, ACTIVE = EnrollmentState.INVITED, EnrollmentState.ENROLLED, EnrollmentState.ACTIVE
WITHDRAWN, LAPSED = EnrollmentState.WITHDRAWN, EnrollmentState.LAPSED


def join(connection: Connection, cohort_id: int, employee_id: str = "E-1") -> Enrollment:
    learner_id = people.add_learner(connection, RosterRow(employee_id, f"Person {employee_id}"), NOW)
    enrollments.enter(connection, cohort_id, [Newcomer(learner_id)], actor="author", now=NOW)
    return here(connection, cohort_id, learner_id)


def here(connection: Connection, cohort_id: int, learner_id: int) -> Enrollment:
    return enrollments.enrollments(connection, cohort_id)[learner_id]


def move(
    connection: Connection, one: Enrollment, to: EnrollmentState, cause: Cause, now: datetime = NOW
) -> tuple[Enrollment, ...]:
    return enrollments.move(connection, [one], to, cause, actor="author", now=now)


def test_a_move_writes_state_times_audit_and_version(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        there = join(connection, cohort_id)
    with database.read() as connection:
        version = cohorts.cohort_by_id(connection, cohort_id).version
    with database.write() as connection:
        assert move(connection, there, WITHDRAWN, Cause.PERSON, NOW + DAY) == (there,)
    with database.read() as connection:
        left = here(connection, cohort_id, there.learner_id)
        assert (left.state, left.cause, left.since, left.ended_at) == (WITHDRAWN, Cause.PERSON, NOW + DAY, NOW + DAY)
        assert cohorts.cohort_by_id(connection, cohort_id).version > version
        (noted,) = [one for one in audit.entries(connection) if one.verb == "enrollment.withdrawn"]
        assert noted.detail == {"cause": "person", "enrollments": [there.id]}
        assert cohorts.cohorts_of_learner(connection, there.learner_id) == ()


def test_there_are_no_other_moves(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        there = join(connection, cohort_id)
        with pytest.raises(NotAllowed):
            move(connection, there, ACTIVE, Cause.PERSON)
        with pytest.raises(NotAllowed):
            move(connection, there, LAPSED, Cause.PERSON)


def test_of_two_who_move_one_enrollment_one_does(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        there = join(connection, cohort_id)
        assert move(connection, there, WITHDRAWN, Cause.PERSON)
        assert move(connection, there, LAPSED, Cause.CLOSED) == ()
        assert here(connection, cohort_id, there.learner_id).state is WITHDRAWN


def test_what_lay_between_an_end_and_a_return_is_kept(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        there = join(connection, cohort_id)
        move(connection, there, LAPSED, Cause.CLOSED, NOW + DAY)
        move(connection, here(connection, cohort_id, there.learner_id), INVITED, Cause.ROSTER, NOW + 3 * DAY)
        back = here(connection, cohort_id, there.learner_id)
        assert (back.joined_at, back.ended_at, back.since) == (NOW, None, NOW + 3 * DAY)
        gap = connection.execute(select(t.enrollment_gap)).mappings().one()
        assert (gap["enrollment_id"], gap["since"], gap["until"]) == (there.id, NOW + DAY, NOW + 3 * DAY)


def test_who_withdrew_cannot_use_a_code_any_more(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        there = join(connection, cohort_id)
        invitations.new_invitation(connection, there.id, "BCDF2345", NOW + 9 * DAY)
        move(connection, there, WITHDRAWN, Cause.PERSON)
        assert invitations.redeem(connection, "BCDF2345", NOW) is None


def test_a_hold_belongs_to_its_cohort_until_it_is_lifted(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        made = away.add_hold(connection, cohort_id, date(2026, 3, 9), date(2026, 3, 13), "stocktaking", "UTC", NOW)
        assert cohorts.cohort_by_id(connection, cohort_id).holds == (made,)
        away.end_hold(connection, made.id, cohort_id, date(2026, 3, 10), NOW + 9 * DAY)
        (cut,) = cohorts.cohort_by_slug(connection, "press-shop").holds
        assert cut.last_day == date(2026, 3, 10)
        away.end_hold(connection, made.id, cohort_id, None, NOW)
        (cohort,) = cohorts.cohorts(connection)
        assert cohort.holds == ()


def test_an_absence_counts_by_the_learners_days(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        there = join(connection, cohort_id)
        made = away.add_absence(connection, there.learner_id, date(2026, 3, 3), date(2026, 3, 4), "Asia/Tokyo", NOW)
        assert away.absences_of(connection, there.learner_id) == (made,)
        begins = datetime(2026, 3, 2, 15, tzinfo=UTC)  # midnight in Tokyo
        assert away.absent(connection, cohort_id, begins - timedelta(seconds=1)) == set()
        assert away.absent(connection, cohort_id, begins) == {there.learner_id}
        assert away.absent(connection, cohort_id, begins + 2 * DAY) == set()


def test_standings_say_who_is_linked_stopped_or_away(database: Database, cohort_id: int) -> None:
    with database.write() as connection:
        pat, kim = join(connection, cohort_id), join(connection, cohort_id, "E-2")
        people.link(connection, pat.learner_id, 77, "pat_m", "code", NOW)
        people.set_stopped(connection, kim.learner_id, NOW)
        away.add_absence(connection, pat.learner_id, date(2026, 3, 2), date(2026, 3, 4), "UTC", NOW)
        cohort = cohorts.cohort_by_id(connection, cohort_id)
        found = dict(standings.standings(connection, cohort, list(EnrollmentState), NOW))
        by_learner = {one.learner_id: standing for one, standing in found.items()}
        assert (by_learner[pat.learner_id].state, by_learner[pat.learner_id].linked) == (ENROLLED, True)
        assert (by_learner[pat.learner_id].away, by_learner[pat.learner_id].stopped) == (True, False)
        assert (by_learner[kim.learner_id].linked, by_learner[kim.learner_id].stopped) == (False, True)
