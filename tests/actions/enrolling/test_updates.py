"""Updates through any number of edits: each once, on an open day, for the dates there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from reinforce.accounts.tariff import read_tariff
from reinforce.actions.authoring.cohorts import pause_cohort, resume_cohort
from reinforce.actions.enrolling.be_away import hold_cohort, lift_hold
from reinforce.actions.enrolling.plan_updates import UpdateOutcome, plan_updates
from reinforce.actions.enrolling.set_dates import set_dates
from reinforce.domain.cohort import Cohort
from reinforce.domain.enrolling.updates import updates
from reinforce.domain.errors import ReinforceError
from reinforce.domain.planning.slots import local_day
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.rendering.posts import PostRenderer
from reinforce.store.people import cohorts, people
from reinforce.store.sending import outbox
from tests.actions.planning.conftest import MONDAY, REPOSITORY, Course, _prepare
from tests.databases import SqliteShelf

DAY = timedelta(days=1)
FIRST = date(2026, 3, 2)
ZONE = "Europe/Berlin"


@pytest.fixture
def course(sqlite_shelf: SqliteShelf) -> Iterator[Course]:
    """The course of the planner's tests, on SQLite only: nothing here depends on the database."""
    with sqlite_shelf.open(_prepare) as database:
        with database.read() as connection:
            cohort = cohorts.cohort_by_slug(connection, "press")
            found = people.learners_of(connection, cohort.id)
        renderer = PostRenderer(REPOSITORY / "templates" / "posts")
        yield Course(database, renderer, read_tariff(), cohort, tuple(one.id for one in found))


def now_is(course: Course) -> Cohort:
    with course.database.read() as connection:
        return cohorts.cohort_by_id(connection, course.cohort.id)


def tell(course: Course) -> UpdateOutcome:
    """As the daemon does: until nothing changes any more."""
    while True:
        outcome = plan_updates(course.database, course.cohort.id, course.renderer, course.tariff, now=course.now)
        if not outcome.changed:
            return outcome


def change(course: Course, **changes: Any) -> None:
    set_dates(course.database, "press", changes, actor="test", now=course.now)


def told(course: Course, *states: State) -> list[OutboxItem]:
    return [item for item in course.items(*states) if item.occurrence.startswith("update/")]


@pytest.mark.parametrize("seed", [1, 2])
def test_each_update_goes_out_once_on_an_open_day_whatever_is_edited_and_held(course: Course, seed: int) -> None:
    chance = Random(seed)
    for _ in range(70):
        _edit(course, chance)
        tell(course)
        cohort = now_is(course)
        wanted = {one.kind.value: one for one in updates(cohort)}
        for item in told(course, State.PLANNED):
            update, day = wanted[item.form], local_day(item.due_at, ZONE)
            assert item.decision["made_for"] == update.made_for
            assert update.day <= day
            assert not any(hold.first_day <= day <= hold.last_day for hold in cohort.holds)
            assert day.weekday() < 5
        course.now += timedelta(hours=chance.choice([6, 12, 24]))
        tell(course)
        course.send()
    posted = Counter(item.form for item in told(course, State.POSTED))

    assert len(posted) >= 3
    assert max(posted.values()) == 1


def _edit(course: Course, chance: Random) -> None:
    """Now and then an edit: all dates slide, or one changes (it may be refused), or a hold is made or lifted."""
    kind, today = chance.randrange(12), local_day(course.now, ZONE)
    try:
        if kind == 0:
            begin = today + chance.choice([-42, -37, -20, -8, -1, 2]) * DAY
            ahead = {"opens_on": 0, "closes_on": 10, "starts_on": 13, "assessment": 40, "ends_on": 45}
            change(course, **{field: begin + (n + chance.randrange(3)) * DAY for field, n in ahead.items()})
        elif kind < 3:
            field = chance.choice(["opens_on", "closes_on", "starts_on", "ends_on", "assessment"])
            change(course, **{field: chance.choice([None, *(today + n * DAY for n in range(-5, 20))])})
        elif kind == 3:
            first = today + chance.randrange(10) * DAY
            last = first + chance.randrange(6) * DAY
            hold_cohort(course.database, "press", first, last, "away", actor="test", now=course.now)
        elif kind == 4 and now_is(course).holds:
            lift_hold(course.database, chance.choice(now_is(course).holds).id, actor="test", now=course.now)
    except ReinforceError:
        return


def test_a_hold_made_after_an_update_was_planned_moves_it_and_lifting_brings_it_back(course: Course) -> None:
    change(course, starts_on=FIRST + 3 * DAY)
    tell(course)
    (planned,) = told(course, State.PLANNED)
    assert local_day(planned.due_at, ZONE) == FIRST + 3 * DAY
    held = hold_cohort(
        course.database, "press", FIRST + 3 * DAY, FIRST + 6 * DAY, "stocktaking", actor="test", now=course.now
    )
    tell(course)
    (moved,) = told(course, State.PLANNED)
    assert local_day(moved.due_at, ZONE) == FIRST + 7 * DAY
    assert "moved from 2026-03-05: that day is on hold: stocktaking" in moved.reason
    lift_hold(course.database, held.hold.id, actor="test", now=course.now)
    tell(course)
    (back,) = told(course, State.PLANNED)
    assert back.due_at == planned.due_at


def test_what_a_hold_lets_go_is_on_record_and_comes_back_with_the_days(course: Course) -> None:
    change(course, closes_on=FIRST + 4 * DAY)
    held = hold_cohort(course.database, "press", FIRST, FIRST + 4 * DAY, "stocktaking", actor="test", now=course.now)
    tell(course)
    assert "on hold: stocktaking" in course.quiet()["update/press/days_left"]
    lift_hold(course.database, held.hold.id, actor="test", now=course.now)
    tell(course)
    assert [item.form for item in told(course, State.PLANNED)] == ["update_days_left"]
    assert "3 days left" in told(course, State.PLANNED)[0].text


def test_nothing_is_told_while_paused_nor_of_what_is_long_past(course: Course) -> None:
    pause_cohort(course.database, "press", "", actor="test", now=course.now)
    change(course, starts_on=FIRST + DAY)
    assert not tell(course).planned
    course.now = MONDAY + 5 * DAY
    resume_cohort(course.database, "press", actor="test", now=course.now)
    tell(course)
    assert told(course) == []
    assert course.quiet()["update/press/start"] == ("No update is posted on start: its day, 2026-03-03, has passed.")


def test_the_preview_shows_updates_to_come_and_keeps_their_room(course: Course) -> None:
    course.schedule(caps={"a_day": 1, "a_week": 5, "new_a_week": 5})
    change(course, starts_on=FIRST + 7 * DAY, ends_on=FIRST + 60 * DAY)
    found = course.preview(10)
    start = next(one for one in found if one.form == "update_start")
    assert start.text.startswith("Press shop starts today.")
    assert not start.planned
    assert [one.form for one in found if one.local.date() == start.local.date() and one.form != "quiet"] == [start.form]
    tell(course)
    (planned,) = [one for one in course.preview(10) if one.form == "update_start"]
    assert (planned.planned, planned.due_at, planned.text) == (True, start.due_at, start.text)


def test_what_was_let_pass_unsent_goes_out_for_later_dates_and_then_never_again(course: Course) -> None:
    change(course, starts_on=FIRST + DAY)
    tell(course)
    with course.database.write() as connection:
        (item,) = told(course, State.PLANNED)
        assert outbox.skip(connection, item, "too late: the account was paused")
    course.now += 3 * DAY
    tell(course)
    assert told(course, State.PLANNED) == []
    for days in (7, 9, 8):
        change(course, starts_on=FIRST + days * DAY)
        tell(course)
    (again,) = told(course, State.PLANNED)
    assert (again.occurrence, local_day(again.due_at, ZONE)) == ("update/press/start/2", FIRST + 8 * DAY)
    course.now = again.due_at
    course.send()
    change(course, starts_on=FIRST + 20 * DAY)
    course.now += 13 * DAY
    tell(course)
    assert told(course, State.PLANNED) == []
