"""What the report of styles is made of, from posts and replies in a real database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from reinforce.domain.nugget import Form
from reinforce.domain.reporting.shares import Share
from reinforce.domain.reporting.styles import compare
from reinforce.store.reporting.wording_uses import wording_uses

if TYPE_CHECKING:
    from tests.actions.planning.conftest import Course


def test_a_reminders_style_is_its_wordings_and_replies_count_once_their_time_is_over(course: Course) -> None:
    course.schedule(forms=["reminder"])
    post = course.first_post()
    for learner in course.learners[:5]:
        course.reply(learner, post, 3, "acknowledgement")
    course.reply(course.learners[5], post, None)
    with course.database.read() as connection:
        assert wording_uses(connection, course.cohort.id, course.now) == ()
        (use,) = wording_uses(connection, course.cohort.id, course.now + timedelta(days=3))
    assert (use.form, use.style) == (Form.REMINDER, "reason")
    (line,) = compare([use])
    assert (line.responses, line.knew) == (Share(6, 8), Share(5, 5))


def test_a_question_is_grouped_by_how_it_asks(course: Course) -> None:
    post = course.first_post()
    assert post.form == "question"
    course.void(course.reply(course.learners[0], post, 3))
    course.reply(course.learners[1], post, 1)
    with course.database.read() as connection:
        (use,) = wording_uses(connection, course.cohort.id, course.now + timedelta(days=3))
    assert use.style == "multiple choice"
    assert use.graded == {course.learners[1]: False}
    assert use.responded == {course.learners[0], course.learners[1]}
