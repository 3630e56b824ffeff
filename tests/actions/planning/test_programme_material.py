"""What a programme's report is made of, from posts and answers in a real database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from reinforce.domain.reporting.programme_report import Assessed, figures
from reinforce.domain.reporting.shares import Share
from reinforce.store.people import people
from reinforce.store.reporting.programme_material import material

if TYPE_CHECKING:
    from tests.actions.planning.conftest import Course


def test_a_first_answer_is_one_before_anything_else_was_said_to_that_person(course: Course) -> None:
    first = course.first_post()
    assert first.form == "question"
    for learner in course.learners[:6]:
        course.reply(learner, first, 3 if learner in course.learners[:4] else 1)
    days = (date(2026, 3, 1), None)
    with course.database.read() as connection:
        cohort, now = course.cohort, course.now + timedelta(days=3)
        employee = people.learners_of(connection, cohort.id)[0].employee_id
        found = material(
            connection, cohort, days, {employee: Assessed(80.0, None), "E-nobody": Assessed(1.0, None)}, now
        )
        before = material(connection, cohort, (date(2026, 1, 1), date(2026, 1, 31)), {}, now)

    made = figures(found, [("all", days[0], None)])
    assert (made.first, made.later) == (Share(4, 6), None)
    assert made.responses == Share(6, 8)
    assert made.reach.linked == 8
    assert len(found.assessed) == 1
    assert made.recall is not None
    assert 0 < made.recall < 1
    assert (before.sent, before.answers) == ((), ())
