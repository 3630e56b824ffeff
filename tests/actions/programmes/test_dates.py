"""A programme's dates on a cohort: hand-overs, holds, ends. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from reinforce.actions.authoring.cohorts import pause_cohort
from reinforce.actions.operating.diagnose.programmes import programmes_under_way
from reinforce.actions.planning.preview import preview
from reinforce.actions.programmes.follow_programme import follow_programme
from reinforce.actions.programmes.hold_programme import finish_programme, hold_programme, resume_programme
from reinforce.actions.programmes.load_programme import load_programme
from reinforce.actions.programmes.start_programme import start_programme, stop_programme
from reinforce.bootstrap import House
from reinforce.content.programme_file import read_programme
from reinforce.daemon.programmes import Programmes
from reinforce.domain.cohort import Cohort
from reinforce.domain.errors import Conflict, NotAllowed, ReinforceError
from reinforce.domain.programmes.runs import ItemState, RunState
from reinforce.settings import Settings
from reinforce.shipped import shipped
from reinforce.store import tables as t
from reinforce.store.operating import audit
from reinforce.store.people.cohorts import cohort_by_slug
from reinforce.store.programmes import runs
from reinforce.store.programmes.runs import Run, RunItem
from tests.actions.programmes.conftest import SLUG, STARTS, ZONE, write_programme
from tests.cli.test_quizzing import a_cohort
from tests.databases import SqliteShelf

DAY = timedelta(days=1)
SECOND, THIRD = STARTS + 7 * DAY, STARTS + 21 * DAY
LAST = THIRD + 13 * DAY


class Shop:
    """A cohort on an account that nobody calls, with a programme loaded; the daemon's own step follows it."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.database = house, house.database
        self.to(STARTS - 3 * DAY)
        self._step = Programmes(house)
        found = read_programme(write_programme(folder), shipped("schedules"))
        load_programme(self.database, found, actor="test", now=self.now)

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    def to(self, day: date, at: time = time(9, 1)) -> None:
        self.house.clock.step_to(datetime.combine(day, at, ZONE))

    def follow(self, day: date, at: time = time(0, 1)) -> None:
        self.to(day, at)
        self._step.follow()

    def restart(self) -> None:
        """As after a kill: nothing that was in memory is there any more."""
        self._step = Programmes(self.house)

    def start(self, starts_on: date = STARTS) -> Run:
        return start_programme(self.database, "press-line", SLUG, starts_on, agreed=False, actor="test", now=self.now)

    def hold(self, first: date | None, last: date, *, shift: bool) -> int:
        held = hold_programme(self.database, SLUG, first, last, "moving", shift=shift, actor="test", now=self.now)
        return held.moved

    def finish(self, *, early: bool) -> Run:
        return finish_programme(self.database, SLUG, early=early, actor="test", now=self.now)

    @property
    def cohort(self) -> Cohort:
        with self.database.read() as connection:
            return cohort_by_slug(connection, SLUG)

    @property
    def run(self) -> Run:
        with self.database.read() as connection:
            found = runs.latest(connection, self.cohort.id)
        assert found is not None
        return found

    @property
    def first_days(self) -> list[date]:
        return [one.first_day for one in self.run.dates]

    @property
    def items(self) -> dict[str, RunItem]:
        with self.database.read() as connection:
            return {one.name: one for one in runs.items(connection, self.run.id)}

    @property
    def handed_over(self) -> list[int]:
        with self.database.read() as connection:
            return [one.detail["phase"] for one in audit.entries(connection) if one.verb == "programme.phase"]


@pytest.fixture
def shop(tmp_path: Path, sqlite_shelf: SqliteShelf) -> Iterator[Shop]:
    with sqlite_shelf.open(a_cohort) as database:
        house = House(Settings(workspace=tmp_path / "workspace"))
        house.database = database
        yield Shop(house, tmp_path / "files")
        house.close()


def test_the_preview_knows_the_cadence_of_the_days_to_come(shop: Shop) -> None:
    with shop.database.write() as connection:
        connection.execute(update(t.learner).values(role="operator"))
    pause_cohort(shop.database, "pollers", "not of this test", actor="test", now=shop.now)
    shop.start()
    shop.follow(STARTS)
    house = shop.house

    rows = preview(shop.database, shop.cohort.id, house.renderer, house.tariff, now=shop.now, days=34)

    assert {row.slot for row in rows if row.slot and row.local.date() < SECOND} == {"morning", "noon"}
    assert {row.slot for row in rows if row.slot and SECOND <= row.local.date() < THIRD} == {"late"}
    after = [row for row in rows if row.slot and row.local.date() >= THIRD and row.text]
    assert 1 <= len(after) <= 2, "the last phase has one post a week"


def test_a_hold_moves_what_is_to_come_by_whole_weeks_if_it_is_to(shop: Shop) -> None:
    shop.start()
    shop.follow(STARTS)

    assert shop.hold(STARTS + 3 * DAY, STARTS + 4 * DAY, shift=True) == 7
    assert shop.first_days == [STARTS, SECOND + 7 * DAY, THIRD + 7 * DAY]
    assert shop.cohort.ends_on == LAST + 7 * DAY
    assert shop.items["press-line-live"].day == SECOND + 9 * DAY
    assert shop.items["before-poll-1"].day == STARTS + DAY, "it comes before the hold"

    assert resume_programme(shop.database, SLUG, actor="test", now=shop.now).moved == -7
    assert shop.first_days == [STARTS, SECOND, THIRD]
    assert shop.cohort.ends_on == LAST
    assert shop.items["press-line-live"].day == SECOND + 2 * DAY

    assert shop.hold(None, STARTS + DAY, shift=False) == 0
    shop.follow(SECOND)
    assert shop.handed_over == [1, 2]
    # The hold begins on the day on which the second phase has begun: that one gets longer, and begins no second time.
    assert shop.hold(SECOND, SECOND + 8 * DAY, shift=True) == 14
    assert shop.first_days == [STARTS, SECOND, THIRD + 14 * DAY]
    shop.to(SECOND + 3 * DAY)
    assert resume_programme(shop.database, SLUG, actor="test", now=shop.now).moved == -7, "one week was needed"
    assert shop.first_days == [STARTS, SECOND, THIRD + 7 * DAY]
    shop.restart()
    shop.follow(THIRD)
    assert shop.handed_over == [1, 2]
    shop.follow(THIRD + 7 * DAY)
    assert shop.handed_over == [1, 2, 3]


def test_a_hold_before_its_first_day_takes_nothing_from_a_programme(shop: Shop) -> None:
    shop.start()

    assert shop.hold(None, STARTS - DAY, shift=True) == 0
    assert resume_programme(shop.database, SLUG, actor="test", now=shop.now).moved == 0
    assert shop.hold(None, STARTS, shift=True) == 7
    assert shop.first_days == [STARTS + 7 * DAY, SECOND + 7 * DAY, THIRD + 7 * DAY]
    assert shop.cohort.starts_on == STARTS + 7 * DAY
    assert resume_programme(shop.database, SLUG, actor="test", now=shop.now).moved == -7
    assert (shop.first_days[0], shop.cohort.starts_on, shop.cohort.ends_on) == (STARTS, STARTS, LAST)


def test_who_comes_second_hands_nothing_over(shop: Shop) -> None:
    seen = shop.start()
    shop.to(SECOND)

    assert follow_programme(shop.database, seen, now=shop.now).begun == ("before", "during")
    assert follow_programme(shop.database, seen, now=shop.now).begun == ()
    assert shop.handed_over == [1, 2]
    assert shop.cohort.schedule == "press-line/press-shop/during"


def test_starting_twice_is_refused_and_a_stop_undoes_a_start(shop: Shop) -> None:
    before = shop.cohort
    shop.start()
    with pytest.raises(Conflict, match="press-line runs on press-shop already"):
        shop.start()
    shop.follow(SECOND, time(9, 1))

    stopped = stop_programme(shop.database, SLUG, actor="test", now=shop.now)

    assert stopped.state is RunState.STOPPED
    after = shop.cohort
    assert (after.schedule, after.starts_on, after.ends_on) == (before.schedule, before.starts_on, before.ends_on)
    assert (after.assessment, after.closes_on) == (before.assessment, before.closes_on)
    shop.follow(THIRD, time(9, 1))
    assert shop.handed_over == [1, 2]
    with pytest.raises(ReinforceError, match="has passed"):
        shop.start(THIRD - DAY)
    assert shop.start(THIRD + DAY).state is RunState.RUNNING


def test_it_ends_early_only_if_somebody_says_so(shop: Shop) -> None:
    shop.start()
    with pytest.raises(NotAllowed, match="it begins on"):
        shop.finish(early=True)
    shop.follow(SECOND, time(9, 1))
    with pytest.raises(NotAllowed, match="until 2026-04-12"):
        shop.finish(early=False)

    assert shop.finish(early=True).state is RunState.FINISHED
    assert shop.cohort.ends_on == SECOND
    assert shop.items["round"].state is ItemState.CANCELLED
    shop.follow(THIRD)
    assert shop.handed_over == [1, 2]
    assert shop.finish(early=False).state is RunState.FINISHED, "said once more, it only reports"


def test_what_was_not_made_in_time_is_let_go_and_says_why(shop: Shop) -> None:
    shop.start()
    shop.follow(STARTS + 30 * DAY, time(9, 1))

    assert shop.handed_over == [1, 2, 3]
    assert {one.state for one in shop.items.values()} == {ItemState.LET_GO}
    assert "its time had passed" in shop.items["press-line-live"].note
    with shop.database.read() as connection:
        told = [one.what for one in programmes_under_way(connection)]
    assert len(told) == 4
    assert any("the quiz round of the programme on press-shop was let go" in one for one in told)
