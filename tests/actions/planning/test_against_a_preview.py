"""A kept preview against what came of it: each difference names what caused it, and deciding again proves it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from reinforce.actions.enrolling.be_away import hold_cohort
from reinforce.actions.planning.preview import look_ahead
from reinforce.actions.planning.preview.explaining import Against, against
from reinforce.actions.planning.preview.keeping import KeptPreview, from_file, kept, to_file
from reinforce.domain.errors import ReinforceError
from tests.actions.planning.conftest import Course


def _keep(course: Course, days: int = 21) -> KeptPreview:
    look = look_ahead(course.database, course.cohort.id, course.renderer, course.tariff, now=course.now, days=days)
    return from_file(to_file(kept(look)), "memory")


def _against(course: Course, preview: KeptPreview) -> Against:
    return against(course.database, preview, course.renderer, course.tariff)


def _live(course: Course, days: int, answer: Callable[[Course, int], None] = lambda _course, _post: None) -> None:
    """Days of ticks around the slots of nine and three o'clock in Berlin; `answer` what goes out."""
    start = course.now
    for day in range(days):
        for hours in (0, 6):
            for minutes in (0, 5, 60):
                course.now = start + timedelta(days=day, hours=hours, minutes=minutes)
                course.absorb()
                course.plan()
                course.reveals()
                for item in course.send():
                    answer(course, item.id)
    course.now = start + timedelta(days=days)


def test_what_nobody_answered_came_as_foreseen(sqlite_course: Course) -> None:
    preview = _keep(sqlite_course)
    _live(sqlite_course, 8)
    found = _against(sqlite_course, preview)
    assert found.slots >= 5
    assert found.differences == ()


def test_each_difference_names_the_answers_that_caused_it(sqlite_course: Course) -> None:
    course = sqlite_course
    preview = _keep(course)

    def answer(course: Course, post: int) -> None:
        item = next(one for one in course.items() if one.id == post)
        if item.form == "question":
            for place, learner in enumerate(course.learners):
                course.reply(learner, item, 1 if place % 3 else 3)

    _live(course, 12, answer)
    found = _against(course, preview)
    assert len(found.differences) >= 2
    assert found.as_foreseen + len(found.differences) == found.slots
    assert all(one.explained for one in found.differences), [one.because for one in found.differences]
    first = found.differences[0]
    assert (first.reproduced, first.without, first.follows) == (True, True, False)
    assert first.evidence.graded
    assert "graded replies (" in first.because
    assert first.because.endswith("without that, what was foreseen comes out.")


def test_what_a_person_changed_is_named_with_its_entry_in_the_audit_log(sqlite_course: Course) -> None:
    course = sqlite_course
    preview = _keep(course)
    day = course.now.date() + timedelta(days=2)
    course.now += timedelta(minutes=1)
    hold_cohort(course.database, "press", day, day, "Inventory", actor="cli", now=course.now)
    _live(course, 4)
    found = _against(course, preview)
    assert found.differences
    assert found.differences[0].came == "nothing"
    assert all(one.explained for one in found.differences)
    assert "cohort.hold (audit" in found.differences[0].because


def test_a_file_that_is_no_preview_is_refused(sqlite_course: Course) -> None:
    for text in ("", "{}", '{"format": "another"}'):
        with pytest.raises(ReinforceError, match="is no kept preview"):
            from_file(text, "march.json")
    assert _keep(sqlite_course, 3).cohort == "press"
