"""Beliefs kept up to date with the event log, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import select, update

from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.planning.plan import PlanResult
from reinforce.domain.cohort import RosterRow
from reinforce.domain.planning.belief import FIELDS, Belief
from reinforce.domain.planning.plan_context import day_number
from reinforce.store import tables as t
from reinforce.store.listening import signals
from reinforce.store.people import people
from reinforce.store.planning import memories
from tests.databases import ON_SQLITE

if TYPE_CHECKING:
    from reinforce.domain.sending.outbox import OutboxItem
    from tests.actions.planning.conftest import Course


def _beliefs(course: Course) -> Belief:
    with course.database.read() as connection:
        ids = list(connection.execute(select(t.nugget.c.id).order_by(t.nugget.c.id)).scalars())
        return memories.load_cohort(connection, ids, course.learners)


def _recall(course: Course, item: OutboxItem, learner: int) -> float:
    with course.database.read() as connection:
        belief = memories.load_cohort(connection, [item.nugget_id or 0], [learner])
    return float(belief.recall(day_number(course.now))[0, 0])


def _rebuilt(course: Course) -> Belief:
    """The beliefs as they are after everything stored was thrown away."""
    with course.database.write() as connection:
        connection.execute(t.memory.delete())
    course.absorb()
    return _beliefs(course)


def _count(course: Course, item: OutboxItem, counts: dict[str, int]) -> None:
    """X is asked for a post's counts."""
    with course.database.write() as connection:
        signals.record(connection, item.id, counts, course.now)


def test_a_post_counts_as_soon_as_it_is_out_and_a_second_time_nothing_happens(course: Course) -> None:
    item = course.first_post()
    before = course.version()
    assert course.absorb().nuggets == 1
    assert course.version() == before + 1
    assert _recall(course, item, course.learners[0]) > 0.25
    assert course.absorb().nuggets == 0
    assert course.version() == before + 1


def test_silence_counts_once_the_window_has_closed(course: Course) -> None:
    item = course.first_post()
    course.absorb()
    open_window = _recall(course, item, course.learners[0])
    course.now += timedelta(hours=29)
    assert course.absorb().nuggets == 1
    assert 0.2 < _recall(course, item, course.learners[0]) < open_window


def test_an_answer_takes_the_place_of_silence_however_late_it_comes(course: Course) -> None:
    item = course.first_post()
    course.now += timedelta(days=4)
    course.absorb()
    silent = _recall(course, item, course.learners[0])
    course.reply(course.learners[0], item, 3)
    course.absorb()
    assert _recall(course, item, course.learners[0]) > silent + 0.3
    assert _recall(course, item, course.learners[1]) == pytest.approx(silent)


def test_a_voided_grade_is_as_if_it_had_never_been_but_the_reply_was_read(course: Course) -> None:
    item = course.first_post()
    review = course.reply(course.learners[0], item, 1)
    course.reply(course.learners[1], item, None)
    course.absorb()
    wrong = _recall(course, item, course.learners[0])
    course.void(review)
    course.absorb()
    assert _recall(course, item, course.learners[0]) != wrong
    assert _recall(course, item, course.learners[0]) == pytest.approx(_recall(course, item, course.learners[1]))


def test_votes_count_when_the_window_has_closed_and_again_when_more_come(course: Course) -> None:
    course.schedule(forms=["poll"], answer_window_hours=4)
    item = course.first_post()
    assert item.poll is not None
    with course.database.read() as connection:
        correct = t.option.c.question_id == item.question_id, t.option.c.correct
        right = item.poll["options"].index(connection.execute(select(t.option.c.text).where(*correct)).scalar_one())
    course.now += timedelta(hours=5)
    course.absorb()
    after = [_recall(course, item, course.learners[0])]
    for good, bad in ((2, 0), (2, 2), (4, 0)):
        votes = {right: good, (right + 1) % 3: bad}
        _count(course, item, {f"votes:{place}": number for place, number in votes.items()})
        assert course.absorb().nuggets == 1
        after.append(_recall(course, item, course.learners[0]))
    assert after[0] < after[1]
    assert after[2] < after[3]
    _count(course, item, {f"votes:{place}": 4 * (place == right) for place in range(4)})
    assert course.absorb().nuggets == 0


def test_impressions_count_once_a_post_has_been_out_for_a_day(course: Course) -> None:
    item = course.first_post()
    course.now += timedelta(hours=20)
    course.absorb()
    _count(course, item, {"impressions": 1, "likes": 3})
    assert course.absorb().nuggets == 0
    course.now += timedelta(hours=10)
    course.absorb()
    uncounted = _recall(course, item, course.learners[0])
    _count(course, item, {"impressions": 40})
    assert course.absorb().nuggets == 1
    assert _recall(course, item, course.learners[0]) > uncounted


def test_one_who_is_not_linked_is_never_taken_for_silent(course: Course) -> None:
    with course.database.write() as connection:
        connection.execute(t.consent.delete().where(t.consent.c.learner_id == course.learners[0]))
    item = course.first_post()
    course.now += timedelta(days=2)
    course.absorb()
    assert _recall(course, item, course.learners[0]) == pytest.approx(0.2)
    assert _recall(course, item, course.learners[1]) > 0.2


def test_who_joined_after_a_post_did_not_see_it(course: Course) -> None:
    item = course.first_post()
    with course.database.write() as connection:
        late = update(t.enrollment).where(t.enrollment.c.learner_id == course.learners[0])
        connection.execute(late.values(joined_at=course.now + timedelta(days=1)))
    course.absorb()
    assert _recall(course, item, course.learners[0]) == pytest.approx(0.2)


def test_another_role_makes_it_another_past(course: Course) -> None:
    with course.database.write() as connection:
        connection.execute(update(t.nugget).values(audience=["maintenance"]))
    item = course.first_post()
    course.absorb()
    assert _recall(course, item, course.learners[0]) > 0.25
    moved = [RosterRow("E-1", "Person1 Surname1", role="office", line=1)]
    enroll(course.database, "press", moved, actor="test", now=course.now)
    assert course.absorb().nuggets == 1
    assert _recall(course, item, course.learners[0]) == pytest.approx(0.2)
    with course.database.write() as connection:
        connection.execute(update(t.nugget).values(audience=["office"]))
    assert course.absorb().nuggets == 1
    assert _recall(course, item, course.learners[0]) > 0.25
    assert _recall(course, item, course.learners[1]) == pytest.approx(0.2)


def test_a_damaged_belief_is_noticed_and_computed_again(course: Course) -> None:
    item = course.first_post()
    course.reply(course.learners[0], item, 3)
    course.absorb()
    sound = _beliefs(course)
    course.schedule(policy={"name": "wrr-edf", "deadline_days": 7})
    course.now = item.due_at + timedelta(days=1)
    with course.database.write() as connection:
        packed = connection.execute(select(t.memory.c.packed)).scalar_one()
        broken = packed[:-9] + bytes([packed[-9] ^ 0x40]) + packed[-8:]
        connection.execute(update(t.memory).values(packed=broken))
    outcome = course.plan()
    assert outcome.result is PlanResult.NOTHING_DUE
    assert "1 beliefs were damaged" in outcome.reason
    assert course.absorb().nuggets == 1
    assert course.plan().result is PlanResult.PLANNED
    for name in FIELDS:
        assert getattr(_beliefs(course), name) == pytest.approx(getattr(sound, name))


@ON_SQLITE
@pytest.mark.parametrize("seed", range(2))
def test_what_was_kept_up_bit_by_bit_equals_what_is_rebuilt(course: Course, seed: int) -> None:
    draw = np.random.default_rng(seed)
    forms = ["poll", "reminder"] if seed else ["question", "reminder"]
    course.schedule(caps={"a_day": 6, "a_week": 30, "new_a_week": 9}, answer_window_hours=6, forms=forms)
    for _ in range(30):
        _, posted = course.tick(float(draw.choice([1, 5, 12])))
        for item in (*posted, *course.items()[-3:]):
            if item.posted_at is None or item.form == "reveal":
                continue
            counts = {"impressions": int(draw.integers(30))}
            counts |= {f"votes:{place}": int(draw.integers(9)) for place in range(4 if item.poll else 0)}
            _count(course, item, counts)
            for learner in draw.choice(course.learners, 3, replace=False):
                grade = [1, 3, 3, None][int(draw.integers(4))]
                review = course.reply(int(learner), item, grade)
                if review and draw.random() < 0.2:
                    course.void(review)
    with course.database.write() as connection:
        people.set_stopped(connection, course.learners[0], course.now)
    course.absorb()
    kept, rebuilt = _beliefs(course), _rebuilt(course)
    assert (kept.unmet < 1).any()
    for name in FIELDS:
        np.testing.assert_allclose(getattr(kept, name), getattr(rebuilt, name), rtol=1e-6, atol=1e-6)
