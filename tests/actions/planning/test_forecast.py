"""What a programme is likely to leave behind: the plan itself, run ahead, against nothing more being posted."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, update

from reinforce.actions.planning.forecast import Asked, forecast
from reinforce.domain.errors import NotAllowed
from reinforce.domain.planning.capacity import CohortForecast, advice
from reinforce.domain.planning.forecast import Verdict
from reinforce.store import tables as t
from tests.databases import ON_SQLITE

if TYPE_CHECKING:
    from tests.actions.planning.conftest import Course

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _short_procedure(course: Course) -> None:
    """Six nuggets say as much as nineteen, in a third of the time."""
    with course.database.write() as connection:
        connection.execute(update(t.nugget).where(t.nugget.c.position >= 6).values(retired_at=course.now))


def _forecast(course: Course, days: int | None = 7, wanted: float = 0.5) -> CohortForecast:
    return forecast(
        course.database, course.cohort.id, course.renderer, course.tariff, now=course.now, asked=Asked(days, wanted)
    )


def _set(course: Course, **changes: object) -> None:
    with course.database.write() as connection:
        connection.execute(update(t.cohort).values(**changes))


def _unlink_all(course: Course) -> None:
    with course.database.write() as connection:
        connection.execute(update(t.learner).values(remote_user_id=None))


def test_the_posts_of_a_programme_are_worth_something_and_more_of_them_more(course: Course) -> None:
    found = _forecast(course, days=14)
    assert found.foreseen.mean > found.foreseen.mean_without
    assert all(one.with_posts >= one.without - 1e-12 for one in found.foreseen.curve)
    means = [one.mean for one in found.tried]
    assert len(means) > 2
    # On which day the last post falls may cost a little; what a post brings is far more.
    assert all(denser > slower - 0.002 for slower, denser in pairwise(means))
    assert means[-1] > means[0] + 0.02
    assert [one.posts_a_week for one in found.tried] == sorted({one.posts_a_week for one in found.tried})


@ON_SQLITE
def test_a_forecast_changes_nothing_and_says_the_same_twice(course: Course) -> None:
    version = course.version()
    first = _forecast(course)
    assert _forecast(course) == first
    assert (course.items(), course.quiet(), course.version()) == ((), {}, version)


def test_the_cost_is_that_of_the_posts_the_preview_shows(course: Course) -> None:
    # Before the first reply is expected, the forecast's plan is the preview's.
    cost = _forecast(course, days=3).foreseen.cost
    shown = [one for one in course.preview(3) if one.form != "quiet"]
    assert (cost.posts, cost.reveals) == (2, 1)
    assert cost.posts_micros + cost.reveals_micros == sum(one.price_micros for one in shown)
    assert cost.total_micros == cost.posts_micros + cost.reveals_micros + cost.reads * course.tariff.own_read
    assert (cost.links, cost.links_micros) == (0, 0)


@ON_SQLITE
def test_what_was_posted_is_believed_and_fades_without_more(course: Course) -> None:
    course.first_post()
    course.now += 3 * DAY
    course.absorb()
    (posted,) = [one for one in _forecast(course).foreseen.nuggets if one.posted]
    assert posted.posted == 1
    assert 0.2 < posted.without < posted.with_posts


@ON_SQLITE
def test_where_nobody_is_linked_a_typical_learner_stands_for_each_on_the_roster(course: Course) -> None:
    course.first_post()
    _unlink_all(course)
    found = _forecast(course)
    assert (found.cast.typical, found.cast.people, found.cast.linked) == (True, 8, 0)
    assert "Nobody is linked yet: a typical learner stands for each of the 8 on the roster, by role." in found.notes
    assert found.foreseen.mean > found.foreseen.mean_without
    # What went out before may have reached them, too.
    assert sum(one.without > 0.2001 for one in found.foreseen.nuggets) == 1


def test_where_fewer_than_five_are_linked_nothing_is_said_about_these_few(course: Course) -> None:
    with course.database.write() as connection:
        few = course.learners[4:]
        connection.execute(update(t.learner).where(t.learner.c.id.in_(few)).values(remote_user_id=None))
    found = _forecast(course)
    assert (found.cast.typical, found.cast.linked) == (True, 4)
    assert any(note.startswith("Fewer than five people are linked") for note in found.notes)


def test_where_nobody_is_enrolled_typical_learners_stand_for_whoever_will_be(course: Course) -> None:
    with course.database.write() as connection:
        connection.execute(delete(t.enrollment))
    found = _forecast(course, days=7)
    assert (found.cast.people, found.cast.roster) == (20, 0)
    assert any(note.startswith("Nobody is enrolled yet") for note in found.notes)


@ON_SQLITE
def test_recall_is_told_for_the_assessment_and_only_for_what_is_posted_before_it(course: Course) -> None:
    _set(course, assessment=date(2026, 3, 13))
    found = _forecast(course, days=None)
    assert found.end.isoformat() == "2026-03-13T07:00:00+00:00"
    assert all(one.assessed and one.on == found.end for one in found.foreseen.nuggets)
    never = [one for one in found.foreseen.nuggets if one.verdict(0.1) is Verdict.NEVER_POSTED]
    assert never
    assert all(one.with_posts == one.without for one in never)
    assert sum(one.planned for one in found.foreseen.nuggets) == found.foreseen.cost.posts


def test_without_an_assessment_it_looks_sixty_days_ahead_and_says_so(course: Course) -> None:
    course.schedule(forms=["reminder"])
    with course.database.write() as connection:
        # Two nuggets are enough to see the end of the time that is looked at.
        connection.execute(update(t.nugget).where(t.nugget.c.position >= 2).values(retired_at=course.now))
    found = _forecast(course, days=None)
    assert found.end == course.now + 60 * DAY
    assert found.notes[0].startswith("No assessment is to come, so recall is that of 60 days from now")
    assert not any(one.assessed for one in found.foreseen.nuggets)


def test_it_names_the_day_on_which_a_nugget_runs_out_of_wordings(course: Course) -> None:
    course.schedule(
        forms=["reminder"],
        caps={"a_day": 1, "a_week": 5, "new_a_week": 5},
        policy={"name": "wrr-edf", "deadline_days": 7},
    )
    with course.database.write() as connection:
        connection.execute(update(t.nugget).where(t.nugget.c.position >= 1).values(retired_at=course.now))
    found = _forecast(course, days=14)
    (only,) = found.foreseen.nuggets
    wordings = only.planned
    assert only.wordings_until is not None
    # One a working day from Monday on: the first day without a fresh text is the one after the last wording.
    slots = [one.due_at for one in course.preview(14)]
    assert only.wordings_until == slots[wordings]
    assert only.questions_until is None
    assert any("1 of 1 nuggets run out of wordings, the first on 2026-03-" in line for line in advice(found))


def test_the_smallest_cadence_that_brings_every_nugget_there_is_named(course: Course) -> None:
    with course.database.write() as connection:
        connection.execute(update(t.nugget).where(t.nugget.c.position >= 3).values(retired_at=course.now))
    found = _forecast(course, days=21, wanted=0.4)
    assert found.enough is not None
    assert found.enough > found.tried[0].posts_a_week
    by_posts = {one.posts_a_week: one.reached for one in found.tried}
    assert by_posts[found.enough] == 3
    assert by_posts[found.enough - 1] < 3, "the search ends between two whole numbers"
    assert f"{found.enough} posts a week would bring all of them there." in advice(found)


def test_where_no_cadence_does_it_says_so(course: Course) -> None:
    found = _forecast(course, days=7, wanted=0.95)
    assert (found.enough, found.most) == (None, None)
    assert any(line.startswith("No cadence that was tried brings all of them there") for line in advice(found))


def test_what_cannot_be_forecast_is_refused_with_what_to_do(course: Course) -> None:
    _set(course, state="finished")
    with pytest.raises(NotAllowed, match="is finished"):
        _forecast(course)
    _set(course, state="running")
    with course.database.write() as connection:
        connection.execute(update(t.nugget).values(retired_at=course.now))
    with pytest.raises(NotAllowed, match="nothing to forecast") as refused:
        _forecast(course)
    assert "reinforce cohort show press" in refused.value.advice


def test_a_paused_cohort_is_foreseen_as_if_it_went_on(course: Course) -> None:
    _set(course, state="paused", paused_reason="a fire drill")
    assert any("paused" in note for note in _forecast(course, days=2).notes)


def test_dates_beyond_the_last_day_are_told(course: Course) -> None:
    _set(course, assessment=date(2026, 6, 1))
    found = _forecast(course, days=2)
    assert any("are assessed after the last day shown" in note for note in found.notes)


def test_a_slot_whose_post_is_on_its_way_is_not_filled_twice(course: Course) -> None:
    alone = _forecast(course, days=1).foreseen.cost.posts
    course.plan()
    found = _forecast(course, days=1).foreseen
    assert found.cost.posts == alone - 1
    assert sum(one.posted for one in found.nuggets) == 1
