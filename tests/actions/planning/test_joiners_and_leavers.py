"""Who joins late, leaves, comes back, changes or is away: what the plan counts, and what memory knows."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.enrolling.be_away import absent_learner, hold_cohort, lift_absence, lift_hold
from reinforce.actions.enrolling.change import complete, move_learner, re_enroll, withdraw
from reinforce.domain.cohort import EnrollmentState, RosterRow
from reinforce.domain.enrolling.updates import end_of_day
from reinforce.domain.errors import Conflict, NotAllowed
from reinforce.domain.planning.plan_context import day_number
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.store.people import cohorts, enrollments, people
from reinforce.store.planning import memories, plan_snapshot
from tests.actions.planning.conftest import Course
from tests.databases import ON_SQLITE

DAY = timedelta(days=1)


def counted(course: Course, slug: str = "press") -> set[int]:
    """Whom a plan of the cohort counts now."""
    with course.database.read() as connection:
        cohort = cohorts.cohort_by_slug(connection, slug)
        snapshot, _ = plan_snapshot.snapshot(connection, cohort.id, course.now)
    return set(snapshot.learners)


def recall(course: Course, item: OutboxItem, learner: int) -> float:
    assert item.nugget_id is not None
    with course.database.read() as connection:
        belief, _ = memories.load_sound(connection, [item.nugget_id], [learner])
    return float(belief.recall(day_number(course.now))[0, 0])


def days_of_posts(course: Course, days: int) -> Counter[date]:
    found: Counter[date] = Counter()
    for _ in range(days * 2):  # at 08:55, when the slot of nine is planned, and twelve hours later
        _, posted = course.tick(hours=12)
        found.update(item.due_at.date() for item in posted)
    return found


@ON_SQLITE
def test_a_late_joiner_weighs_from_the_day_they_join_and_costs_the_cohort_no_post(course: Course) -> None:
    before = days_of_posts(course, 7)
    row = RosterRow("E-9", "Person9 Surname9", role="maintenance", line=1)
    enroll(course.database, "press", [row], actor="test", now=course.now)
    with course.database.write() as connection:
        late = people.learners_by_employee_id(connection, ["E-9"])["E-9"]
        assert late.id not in counted(course)
        people.link(connection, late.id, 9_000_999, "late", "code", course.now)
    assert counted(course) == {*course.learners, late.id}
    after = days_of_posts(course, 7)
    assert sum(after.values()) <= sum(before.values())
    assert max(after.values()) <= max(before.values())


def test_a_leaver_counts_no_more_and_one_who_comes_back_has_the_memory_they_had(course: Course) -> None:
    first = course.first_post()
    pat = course.learners[0]
    course.reply(pat, first, 3)
    course.absorb()
    known = recall(course, first, pat)
    version = course.version()
    withdraw(course.database, "press", ["E-1"], actor="test", now=course.now)
    assert course.version() > version
    assert pat not in counted(course)
    course.now += 20 * DAY
    re_enroll(course.database, "press", ["E-1"], actor="test", now=course.now)
    assert pat in counted(course)
    course.absorb()
    assert 0.0 < recall(course, first, pat) < known  # forgetting went on, nothing was lost


def test_what_was_posted_while_they_were_out_or_away_is_not_theirs_to_be_silent_about(course: Course) -> None:
    gone, away, there = course.learners[:3]
    withdraw(course.database, "press", ["E-1"], actor="test", now=course.now)
    absent_learner(course.database, "E-2", None, date(2026, 3, 6), actor="test", now=course.now)
    assert counted(course) == set(course.learners) - {gone, away}
    item = course.first_post()
    re_enroll(course.database, "press", ["E-1"], actor="test", now=course.now)
    course.now += 2 * DAY
    course.absorb()
    unmet = recall(course, item, gone)
    assert unmet == pytest.approx(recall(course, item, away)) == pytest.approx(0.2)
    assert recall(course, item, there) > unmet


def test_moving_to_another_cohort_takes_memory_along_and_back(course: Course) -> None:
    first = course.first_post()
    pat = course.learners[0]
    course.reply(pat, first, 3)
    course.absorb()
    known = recall(course, first, pat)
    with course.database.read() as connection:
        content = cohorts.schedule_in_use(connection, course.cohort.id)
    new = NewCohort("paint", "Paint shop", "practice", ("lockout",), zone="Europe/Berlin")
    create_cohort(course.database, new, content, actor="test", now=course.now)
    left, joined = move_learner(course.database, "E-1", "press", "paint", actor="test", now=course.now)
    assert (left.state, joined.state) == (EnrollmentState.WITHDRAWN, EnrollmentState.ENROLLED)
    assert (pat in counted(course), counted(course, "paint")) == (False, {pat})
    assert recall(course, first, pat) == known
    with pytest.raises(NotAllowed):
        move_learner(course.database, "E-1", "press", "paint", actor="test", now=course.now)
    move_learner(course.database, "E-1", "paint", "press", actor="test", now=course.now)
    assert (pat in counted(course), counted(course, "paint")) == (True, set())


def test_what_a_person_says_of_several_is_done_for_all_or_none(course: Course) -> None:
    complete(course.database, "press", ["E-1"], actor="test", now=course.now)
    with pytest.raises(NotAllowed):
        withdraw(course.database, "press", ["E-2", "E-1"], actor="test", now=course.now)
    assert course.learners[1] in counted(course)
    assert complete(course.database, "press", ["E-1"], actor="test", now=course.now) == ()
    with course.database.read() as connection:
        there = enrollments.enrollments(connection, course.cohort.id)
    assert there[course.learners[0]].state is EnrollmentState.COMPLETED


def test_an_absence_can_be_ended_early_and_does_not_overlap_another(course: Course) -> None:
    made = absent_learner(course.database, "E-1", None, date(2026, 3, 20), actor="test", now=course.now)
    with pytest.raises(Conflict):
        absent_learner(course.database, "E-1", date(2026, 3, 10), date(2026, 3, 30), actor="test", now=course.now)
    course.now += 3 * DAY
    lift_absence(course.database, made.id, actor="test", now=course.now)
    assert course.learners[0] in counted(course)


@ON_SQLITE
def test_a_hold_takes_back_what_was_planned_leaves_slots_quiet_and_no_backlog(course: Course) -> None:
    assert course.plan().item is not None
    made = hold_cohort(course.database, "press", None, date(2026, 3, 6), "stocktaking", actor="test", now=course.now)
    assert made.taken_back == 1
    in_it = days_of_posts(course, 5)
    assert not in_it
    held = [why for why in course.quiet().values() if why.endswith("on hold: stocktaking.")]
    assert len(held) >= 3
    with course.database.read() as connection:
        snapshot, _ = plan_snapshot.snapshot(connection, course.cohort.id, course.now)
    # Nobody was silent in it, so the rate is not halved for two weeks without a word.
    assert snapshot.last_response == end_of_day(date(2026, 3, 6), "Europe/Berlin")
    with pytest.raises(Conflict):
        lift_hold(course.database, made.hold.id, actor="test", now=course.now + 9 * DAY)
    after = days_of_posts(course, 7)
    assert after
    assert max(after.values()) <= 2  # a question and a reveal, as ever
    assert len(course.items(State.POSTED)) <= 5
