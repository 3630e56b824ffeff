"""A programme on the practice account, from its start over two hand-overs to its end."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

from sqlalchemy import select

from reinforce.domain.programmes.runs import ItemState, RunState
from reinforce.store import tables as t
from reinforce.store.gathering import events
from reinforce.store.operating import audit
from reinforce.store.quizzing import quizzes
from tests.actions.programmes.conftest import STARTS, Stage

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
    stage.on(STARTS, time(10, 1), ticks=2)
    stage.on(STARTS, time(12, 1))
    stage.on(STARTS + DAY, time(10, 1), ticks=2)
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


def _quiet(stage: Stage) -> dict[str, str]:
    with stage.house.database.read() as connection:
        return dict(connection.execute(select(t.quiet.c.occurrence, t.quiet.c.reason)).all())
