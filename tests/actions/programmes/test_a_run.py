"""A programme on the practice account, from its start over two hand-overs to its end."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from reinforce.actions.planning.preview import preview
from reinforce.actions.programmes.hold_programme import finish_programme, hold_programme, resume_programme
from reinforce.actions.programmes.start_programme import stop_programme
from reinforce.domain.errors import Conflict, NotAllowed, ReinforceError
from reinforce.domain.programmes.runs import ItemState, RunState
from reinforce.store import tables as t
from reinforce.store.gathering import events
from reinforce.store.operating import audit
from reinforce.store.quizzing import quizzes
from tests.actions.programmes.conftest import SLUG, STARTS, Stage

DAY = timedelta(days=1)
SECOND, THIRD = STARTS + 7 * DAY, STARTS + 21 * DAY
LAST = THIRD + 13 * DAY


def test_it_hands_over_once_through_a_kill_and_a_day_on_which_nothing_ran(stage: Stage, tmp_path: Path) -> None:
    stage.load(tmp_path / "files")
    before = stage.cohort().schedule
    stage.start()
    cohort = stage.cohort()
    assert (cohort.starts_on, cohort.ends_on) == (STARTS, LAST)
    assert cohort.assessment == SECOND + 11 * DAY
    assert cohort.closes_on == STARTS + 9 * DAY

    stage.on(STARTS - DAY, time(12, 2))
    assert stage.handed_over() == []
    assert stage.cohort().schedule == before

    stage.on(STARTS, time(0, 1))
    assert stage.handed_over() == [1], "at the start of the local day"
    stage.on(STARTS, time(9, 1))
    stage.on(STARTS, time(10, 1), ticks=3)
    stage.on(STARTS, time(12, 1))
    stage.on(STARTS + DAY, time(10, 1), ticks=3)
    assert stage.slots_used() == ["2026-03-09 morning", "2026-03-09 noon", "2026-03-10 morning"]
    assert stage.items()["before-introduction-1"].state is ItemState.PLACED
    assert stage.items()["before-poll-1"].state is ItemState.PLACED
    texts = [post["text"] for post in stage.practice.state()["posts"]]
    assert sum("least sure" in text for text in texts) == 1

    # Nothing runs from the last day of the first phase until the second day of the second.
    stage.on(SECOND - DAY, time(9, 1))
    stage.restart()
    stage.on(SECOND + DAY, time(15, 1))
    stage.restart()
    stage.on(SECOND + DAY, time(15, 6))
    assert stage.handed_over() == [1, 2]
    assert stage.cohort().schedule == "press-line/press-shop/during"
    assert stage.slots_used()[-2:] == [f"{SECOND - DAY} morning", f"{SECOND + DAY} late"]
    with stage.house.database.read() as connection:
        there = events.events(connection, cohort_id=cohort.id)
    assert [one.title for one in there] == ["Press line, live"]
    assert there[0].starts.date() == SECOND + 2 * DAY

    stage.on(SECOND + 3 * DAY, time(10, 1))
    with stage.house.database.read() as connection:
        assert [one.title for one in quizzes.quizzes(connection)] == ["Press round"]

    stage.on(THIRD, time(8, 1))
    stage.on(THIRD, time(9, 1))
    stage.restart()
    stage.on(THIRD, time(12, 1))
    assert stage.handed_over() == [1, 2, 3]
    assert stage.slots_used()[-1] == f"{THIRD} morning"
    stage.on(LAST + DAY, time(0, 2))
    assert stage.run().state is RunState.FINISHED
    with stage.house.database.read() as connection:
        verbs = [one.verb for one in audit.entries(connection)]
        assert audit.verify(connection).whole
    assert verbs.count("programme.finish") == 1
    quiet = [reason for key, reason in _quiet(stage).items() if "noon" in key and "2026-03-1" in key]
    assert all("passed while nothing ran" in reason for reason in quiet)
    assert not [key for key in _quiet(stage) if key.endswith("/late") and key.split("/")[2] < str(SECOND)]
    assert not [key for key in _quiet(stage) if key.endswith("/noon") and str(SECOND) <= key.split("/")[2] < str(THIRD)]


def test_the_preview_knows_the_cadence_of_the_days_to_come(stage: Stage, tmp_path: Path) -> None:
    stage.load(tmp_path / "files")
    stage.start()
    stage.on(STARTS, time(0, 1))
    house = stage.house

    rows = preview(house.database, stage.cohort().id, house.renderer, house.tariff, now=house.clock.now(), days=34)

    slots = {row.slot for row in rows if row.slot and SECOND <= row.local.date() < THIRD}
    assert slots == {"late"}
    assert {row.slot for row in rows if row.slot and row.local.date() < SECOND} == {"morning", "noon"}
    after = [row for row in rows if row.slot and row.local.date() >= THIRD and row.text]
    assert 1 <= len(after) <= 2, "the last phase has one post a week"


def test_a_hold_moves_what_is_to_come_by_whole_weeks_if_it_is_to(stage: Stage, tmp_path: Path) -> None:
    stage.load(tmp_path / "files")
    stage.start()
    stage.on(STARTS, time(0, 1))
    house, database = stage.house, stage.house.database

    held = hold_programme(
        database, SLUG, STARTS + 3 * DAY, STARTS + 4 * DAY, "moving", shift=True, actor="test", now=house.clock.now()
    )

    assert held.moved == 7
    assert [one.first_day for one in stage.run().dates] == [STARTS, SECOND + 7 * DAY, THIRD + 7 * DAY]
    assert stage.cohort().ends_on == LAST + 7 * DAY
    assert stage.items()["press-line-live"].day == SECOND + 9 * DAY
    assert stage.items()["before-poll-1"].day == STARTS + DAY, "it comes before the hold"

    back = resume_programme(database, SLUG, actor="test", now=house.clock.now())
    assert back.moved == -7
    assert [one.first_day for one in stage.run().dates] == [STARTS, SECOND, THIRD]
    assert stage.cohort().ends_on == LAST
    assert stage.items()["press-line-live"].day == SECOND + 2 * DAY

    hold_programme(database, SLUG, None, STARTS + DAY, "a day", shift=False, actor="test", now=house.clock.now())
    assert [one.first_day for one in stage.run().dates] == [STARTS, SECOND, THIRD]
    stage.on(SECOND, time(0, 1))
    assert stage.handed_over() == [1, 2]


def test_starting_twice_is_refused_and_a_stop_undoes_a_start(stage: Stage, tmp_path: Path) -> None:
    stage.load(tmp_path / "files")
    before = stage.cohort()
    stage.start()
    with pytest.raises(Conflict, match="press-line runs on press-shop already"):
        stage.start()
    house = stage.house
    stage.on(SECOND, time(9, 1))

    stopped = stop_programme(house.database, SLUG, actor="test", now=house.clock.now())

    assert stopped.state is RunState.STOPPED
    after = stage.cohort()
    assert (after.schedule, after.starts_on, after.ends_on) == (before.schedule, before.starts_on, before.ends_on)
    assert after.assessment == before.assessment
    stage.on(THIRD, time(9, 1))
    assert stage.handed_over() == [1, 2]
    assert stage.start(THIRD + DAY).state is RunState.RUNNING


def test_it_ends_early_only_if_somebody_says_so(stage: Stage, tmp_path: Path) -> None:
    stage.load(tmp_path / "files")
    stage.start()
    house = stage.house
    with pytest.raises(NotAllowed, match="it begins on"):
        finish_programme(house.database, SLUG, early=True, actor="test", now=house.clock.now())
    stage.on(SECOND, time(9, 1))
    with pytest.raises(NotAllowed, match="until 2026-04-12"):
        finish_programme(house.database, SLUG, early=False, actor="test", now=house.clock.now())

    run = finish_programme(house.database, SLUG, early=True, actor="test", now=house.clock.now())

    assert run.state is RunState.FINISHED
    assert stage.cohort().ends_on == SECOND
    assert stage.items()["round"].state is ItemState.CANCELLED
    stage.on(THIRD, time(9, 1))
    assert stage.handed_over() == [1, 2]


def test_what_cannot_be_made_says_why_and_is_let_go_when_its_time_is_over(stage: Stage, tmp_path: Path) -> None:
    stage.load(tmp_path / "files")
    stage.start()
    stage.on(STARTS + 30 * DAY, time(9, 1))

    assert stage.items()["press-line-live"].state is ItemState.LET_GO
    assert "its time had passed" in stage.items()["press-line-live"].note
    assert stage.handed_over() == [1, 2, 3]
    stop_programme(stage.house.database, SLUG, actor="test", now=stage.house.clock.now())
    with pytest.raises(ReinforceError, match="has passed"):
        stage.start(date(2026, 3, 3))


def _quiet(stage: Stage) -> dict[str, str]:
    with stage.house.database.read() as connection:
        return dict(connection.execute(select(t.quiet.c.occurrence, t.quiet.c.reason)).all())
