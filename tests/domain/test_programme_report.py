"""What a programme's report may tell, and what it must not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from reinforce.domain.reporting.programme_report import (
    Answer,
    Assessed,
    CohortFigures,
    Material,
    Sent,
    differences,
    figures,
    may_be_told,
)
from reinforce.domain.reporting.shares import Share
from reinforce.rendering.programme_report import TOO_FEW, Heading, report_text, sections, told

BEGAN = datetime(2026, 3, 9, 9, tzinfo=UTC)
DAY = date(2026, 3, 9)
PHASES = [("before", DAY, DAY + timedelta(days=6)), ("after", DAY + timedelta(days=7), None)]


def _material(
    people: int, linked: int, answers: tuple[Answer, ...] = (), *, recall: float | None = 0.7, scores: int = 0
) -> Material:
    everybody = frozenset(range(people))
    reached = frozenset(range(linked))
    sent = tuple(
        Sent(DAY + timedelta(days=n), True, reached, frozenset(one.learner for one in answers)) for n in (0, 8)
    )
    assessed = {learner: Assessed(80.0, True) for learner in range(scores)}
    return Material("shop", "Shop", everybody, reached, sent, answers, recall, recall, assessed)


def _answers(learners: int, first_right: int, later_right: int) -> tuple[Answer, ...]:
    found = []
    for learner in range(learners):
        found.append(Answer(learner, 1, BEGAN, learner < first_right, True))
        found.append(Answer(learner, 1, BEGAN + timedelta(days=8), learner < later_right, False))
    return tuple(found)


def test_first_answers_stand_beside_the_same_peoples_last() -> None:
    answers = _answers(20, 11, 18)
    again = Answer(0, 1, BEGAN + timedelta(days=20), False, False)

    found = figures(_material(20, 20, (*answers, again)), PHASES)

    assert (found.first, found.later) == (Share(11, 20), Share(17, 20)), "of later answers the last counts"
    assert (found.paired_first, found.paired_later) == (Share(11, 20), Share(17, 20))
    assert [one.posts for one in found.phases] == [1, 1]


def test_fewer_than_five_people_are_never_told_of() -> None:
    found = figures(_material(9, 6, _answers(4, 4, 4), scores=3), PHASES)

    assert found.first is None
    assert found.recall is None
    assert (found.reach.linked, found.reach.not_linked) == (None, None), "three who are not linked would be told of"
    assert found.assessment is not None
    assert (found.assessment.passed, found.assessment.assessed, found.assessment.scores) == (None, None, None)
    text = _text(found)
    assert TOO_FEW in text
    assert "100%" not in text


def test_no_percentage_of_few_answers_or_of_less_than_half_right() -> None:
    assert told(Share(9, 9)) == "9 of 9"
    assert told(Share(4, 10)) == "4 of 10"
    assert told(Share(6, 10)).startswith("6 of 10, 60% (31% to 83%)")
    assert "%" not in told(Share(1, 40))
    assert "below half" in _text(figures(_material(20, 20, _answers(20, 5, 6), recall=0.3), PHASES))


def test_without_a_cohort_to_compare_with_no_cause_is_claimed() -> None:
    here = figures(_material(20, 20, _answers(20, 11, 18), scores=20), PHASES)
    there = figures(_material(20, 20, _answers(20, 11, 12), scores=12), PHASES)

    assert "claims no cause" in _text(here)
    (passed, later, responses) = differences(here, there)
    assert (passed.what, passed.value) == ("passed the assessment", 0.0)
    assert round(later.value, 2) == 0.3
    assert later.interval[0] < 0.3 < later.interval[1]
    assert responses.value == 0.0
    assert "no proof of a cause" in report_text(_heading(), sections(here, there, (later,), 60))


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.data())
@settings(max_examples=30)
def test_no_small_group_ever_shows(people: int, linked: int, answering: int, data: st.DataObject) -> None:
    linked, answering = min(linked, people), min(answering, linked, people)
    rights = data.draw(st.lists(st.booleans(), min_size=answering, max_size=answering))
    answers = tuple(Answer(learner, 1, BEGAN, right, True) for learner, right in enumerate(rights))

    found = figures(_material(people, linked, answers), PHASES)

    parts = [found.reach.linked, found.reach.not_linked, found.reach.answering, found.reach.not_heard]
    assert all(part is None or part == 0 or part >= 5 for part in parts)
    assert found.first is None or (answering >= 5 and found.first.of == answering)
    if found.first is not None and not may_be_told(found.first):
        assert "%" not in told(found.first)


def _heading() -> Heading:
    return Heading("Rollout", "Shop", DAY, None, "running", ("before: everybody has met it",))


def _text(found: CohortFigures) -> str:
    return report_text(_heading(), sections(found, None, (), 60))
