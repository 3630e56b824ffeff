"""Several cohorts on one account: a post is seen by all, counts for all, and goes out once. On both databases."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import insert, select, update

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.planning.plan import PlanResult
from reinforce.content.schedule_file import read_schedule
from reinforce.domain.cohort import RosterRow
from reinforce.domain.planning.belief import KNOWN_ANYWAY
from reinforce.domain.planning.plan_context import day_number
from reinforce.domain.sending.kill_points import KillPoint
from reinforce.store import tables as t
from reinforce.store.people import people
from reinforce.store.planning import memories, plan_snapshot
from tests.actions.planning.conftest import REPOSITORY
from tests.databases import ON_SQLITE

if TYPE_CHECKING:
    from reinforce.domain.planning.plan_state import PlanSnapshot
    from tests.actions.planning.conftest import Course


def _beside(course: Course, slug: str, ids: list[str], role: str = "maintenance", **new: object) -> Course:
    """Another cohort on the same account with the same procedure; those of `ids` who are new are linked."""
    cadence = read_schedule(REPOSITORY / "schedules" / "cohort-adaptive.yaml").content
    wanted = NewCohort(slug, slug, "practice", ("lockout",), zone="Europe/Berlin", country="DE")
    cohort = create_cohort(course.database, wanted, cadence, actor="test", now=course.now)
    rows = [RosterRow(one, f"Person{one} Surname{one}", role=role, line=n) for n, one in enumerate(ids, 1)]
    enroll(course.database, slug, rows, actor="test", now=course.now)
    with course.database.write() as connection:
        found = people.learners_of(connection, cohort.id)
        for one in found:
            if one.remote_user_id is None:
                people.link(connection, one.id, 9_000_000 + one.id, f"handle_{one.id}", "test", course.now)
    return replace(course, cohort=cohort, learners=tuple(one.id for one in found))


def _snapshot(course: Course) -> PlanSnapshot:
    with course.database.read() as connection:
        return plan_snapshot.snapshot(connection, course.cohort.id, course.now, with_neighbours=True)[0]


def _recall(course: Course, nugget: int | None, learner: int) -> float:
    assert nugget is not None
    with course.database.read() as connection:
        belief = memories.load_cohort(connection, [nugget], [learner])
    return float(belief.recall(day_number(course.now))[0, 0])


def _by_turns(course: Course) -> None:
    """The cadence of all cohorts, with room for every slot and without opening weeks."""
    caps = {"a_day": 6, "a_week": 40, "new_a_week": 9}
    course.schedule(caps=caps, answer_window_hours=6, policy={"name": "wrr-edf", "deadline_days": 7})


def test_a_post_counts_for_every_learner_of_the_account_whose_role_it_fits(course: Course) -> None:
    other = _beside(course, "paint", ["P-1", "P-2"])
    office = _beside(course, "office", ["O-1"], role="office")
    with course.database.write() as connection:
        of_others = t.cohort_procedure.c.cohort_id.in_([other.cohort.id, office.cohort.id])
        connection.execute(t.cohort_procedure.delete().where(of_others))
        connection.execute(update(t.procedure).values(audience=["maintenance"]))
        connection.execute(update(t.nugget).values(audience=[]))
    item = course.first_post()
    course.absorb()
    seen = _recall(course, item.nugget_id, course.learners[0])
    assert seen > KNOWN_ANYWAY
    # Their cohort does not learn it; they may have seen it all the same.
    assert _recall(course, item.nugget_id, other.learners[0]) == pytest.approx(seen)
    assert _recall(course, item.nugget_id, office.learners[0]) == pytest.approx(KNOWN_ANYWAY)


def test_a_learner_in_two_cohorts_is_counted_once_and_others_of_running_cohorts_are_counted_too(
    course: Course,
) -> None:
    first = _snapshot(course)
    assert first.neighbours == ()
    _beside(course, "paint", ["E-1", "E-2", "P-1", "P-2"])
    _beside(course, "pack", ["P-2", "Q-1", "Q-2", "Q-3"])
    paused = _beside(course, "rest", ["R-1"])
    with course.database.write() as connection:
        connection.execute(update(t.cohort).where(t.cohort.c.id == paused.cohort.id).values(state="paused"))
        stopped = select(t.learner.c.id).where(t.learner.c.employee_id == "Q-1").scalar_subquery()
        asleep = select(t.learner.c.id).where(t.learner.c.employee_id == "Q-2").scalar_subquery()
        people.set_stopped(connection, connection.execute(select(stopped)).scalar_one(), course.now)
        people.snooze(connection, connection.execute(select(asleep)).scalar_one(), course.now + timedelta(days=3))
    there = _snapshot(course)
    assert there.learners == first.learners
    assert [one.cohort for one in there.neighbours] == [1, 1, 2]
    everybody = [*there.learners, *(one.learner for one in there.neighbours)]
    assert len(everybody) == len(set(everybody)) == 11
    assert there.belief.unmet.shape == (11, len(there.nuggets))
    with course.database.read() as connection:
        alone, _ = plan_snapshot.snapshot(connection, course.cohort.id, course.now)
    assert alone.belief.unmet.shape == (8, len(there.nuggets))


def test_a_nugget_that_another_cohort_has_on_the_feed_is_not_posted_again_and_counts(course: Course) -> None:
    other = _beside(course, "paint", ["P-1", "P-2"])
    first = course.plan().item
    assert first is not None
    assert first.decision["learners"] == 8
    assert first.decision["in_all"] == "10 learners of 2 cohorts"
    # In the opening weeks the other cohort has had its share with that; by turns it says something else.
    outcome = other.plan()
    assert outcome.result is PlanResult.QUIET
    assert "spread over the week" in outcome.reason
    _by_turns(course)
    other.now += timedelta(days=1)
    second = other.plan().item
    assert second is not None
    assert second.nugget_id != first.nugget_id
    (seen,) = [row for row in _snapshot(other).rows if not row.own]
    assert seen.nugget_id == first.nugget_id


def test_what_went_out_before_a_cohort_was_made_is_none_of_its_history(course: Course) -> None:
    item = course.first_post()
    course.now = item.due_at + timedelta(days=3, hours=-1)
    other = _beside(course, "paint", ["P-1"])
    other.now += timedelta(hours=1)
    outcome = other.plan()
    assert outcome.item is not None
    assert outcome.item.nugget_id == item.nugget_id
    assert outcome.item.decision["posts_so_far"] == 0
    # Its caps count it all the same: whoever follows the account has had it this week.
    assert any(row.id == item.id for row in _snapshot(other).rows)


def test_caps_count_everything_on_the_feed_and_say_so(course: Course) -> None:
    other = _beside(course, "paint", ["P-1"])
    course.schedule(caps={"a_day": 1, "a_week": 5, "new_a_week": 2}, reveal=False)
    assert course.plan().result is PlanResult.PLANNED
    outcome = other.plan()
    assert outcome.result is PlanResult.QUIET
    assert "1 of the last seven days' were other cohorts' on the same account" in outcome.reason


def test_votes_and_answers_of_any_cohort_are_evidence_and_a_response(course: Course) -> None:
    course.schedule(forms=["poll"], answer_window_hours=4)
    other = _beside(course, "paint", ["P-1"])
    item = course.first_post()
    before = _snapshot(other)
    assert (before.evidence, before.last_response) == (0, None)
    with course.database.write() as connection:
        rows = [{"outbox_id": item.id, "kind": f"votes:{n}", "value": n, "at": course.now} for n in range(3)]
        connection.execute(insert(t.signal), rows)
    after = _snapshot(other)
    assert after.evidence == 3
    assert after.last_response == item.posted_at


def test_two_cohorts_that_plan_at_the_same_time_do_not_both_post_a_nugget(course: Course) -> None:
    other = _beside(course, "paint", ["P-1", "P-2"])
    _by_turns(course)
    both_chose, first_has_chosen = threading.Barrier(2, timeout=60), {}

    def plan(which: Course) -> None:
        def meet(point: str) -> None:
            # Both have chosen from a feed with nothing on it before either may commit; once.
            if point == KillPoint.BEFORE_PLAN_COMMIT and which.cohort.id not in first_has_chosen:
                first_has_chosen[which.cohort.id] = True
                both_chose.wait()

        outcomes[which.cohort.id] = which.plan(checkpoint=meet)

    outcomes: dict[int, object] = {}
    threads = [threading.Thread(target=plan, args=(one,)) for one in (course, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == 2
    posts = (*course.items(), *other.items())
    assert len(posts) == 2
    assert len({post.nugget_id for post in posts}) == 2


@ON_SQLITE
@pytest.mark.parametrize("seed", range(2))
def test_a_nugget_never_comes_twice_within_a_day_on_a_feed_of_several_cohorts(course: Course, seed: int) -> None:
    draw = np.random.default_rng(seed)
    others = [course, *(_beside(course, slug, [f"{slug}-{n}" for n in range(3)]) for slug in ("paint", "pack"))]
    _by_turns(course)
    for _ in range(25):
        course.absorb()
        for place in draw.permutation(3):
            others[place].now = course.now
            others[place].plan()
            others[place].send()
        course.now += timedelta(hours=float(draw.choice([1, 4, 9])))
    posts = [
        (post.posted_at, post) for one in others for post in one.items() if post.posted_at and post.form != "reveal"
    ]
    assert len(posts) > 5
    for at, post in posts:
        again = [one for then, one in posts if one is not post and timedelta() <= then - at < timedelta(hours=20)]
        assert post.nugget_id not in {one.nugget_id for one in again}
    assert len({post.text_hash for _, post in posts}) == len(posts)
