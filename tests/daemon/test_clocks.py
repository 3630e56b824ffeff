"""Clocks that jump, stand still and change their zone: no slot has two posts, none is forgotten, none come at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from reinforce.actions.sending.recover import recover
from reinforce.daemon import Daemon
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.store import tables as t
from reinforce.store.sending import outbox
from tests.daemon.conftest import Crew

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _ticks(crew: Crew, daemon: Daemon, *instants: datetime) -> None:
    """A tick at each instant, in the order given; never two slots' posts at one of them."""
    for instant in instants:
        crew.house.clock.step_to(instant)
        before = len(_posted(crew))
        daemon.tick()
        assert len(_posted(crew)) - before <= 1, f"a burst at {instant}"


def _posted(crew: Crew) -> list[OutboxItem]:
    """What went out in slots; reveals come beside them."""
    return [item for item in crew.items(State.POSTED) if item.occurrence.startswith("slot/")]


def _settled(crew: Crew) -> set[str]:
    """The slots that were posted, or have a reason on record why not."""
    ended = crew.items(State.POSTED, State.SKIPPED, State.REFUSED)
    return {item.occurrence for item in ended if item.occurrence.startswith("slot/")} | set(crew.quiet())


def _every_slot(days: tuple[int, ...], names: tuple[str, ...] = ("morning", "noon", "afternoon")) -> set[str]:
    return {f"slot/press-shop/2026-03-{day:02}/{name}" for day in days for name in names}


@pytest.mark.parametrize("jump", [HOUR, -HOUR, DAY, -DAY], ids=str)
def test_a_clock_that_jumps_doubles_nothing_and_forgets_nothing(sqlite_crew: Crew, jump: timedelta) -> None:
    crew = sqlite_crew
    daemon = crew.hire()
    nine = datetime(2026, 3, 3, 8, tzinfo=UTC)  # 09:00 in Berlin, on Tuesday
    noon, afternoon = nine + 3 * HOUR, nine + 6 * HOUR
    crew.house.clock.step_to(nine - HOUR)
    with crew.house.database.write() as connection:
        connection.execute(update(t.cohort).values(created_at=nine - HOUR))
    _ticks(crew, daemon, nine, noon)
    assert len(_posted(crew)) == 2
    _ticks(crew, daemon, noon + jump, noon + jump + HOUR)  # as somebody set it
    _ticks(crew, daemon, noon + 2 * HOUR, afternoon, afternoon + HOUR)  # and set it right
    _ticks(crew, daemon, nine + DAY, noon + DAY, afternoon + DAY, afternoon + DAY + HOUR)
    crew.require_nothing_twice()
    assert _every_slot((3, 4)) <= _settled(crew)
    assert crew.beats()["a"].last_error == ""


def test_a_machine_that_slept_for_days_wakes_to_one_post(sqlite_crew: Crew) -> None:
    crew = sqlite_crew
    daemon = crew.hire()
    tuesday = datetime(2026, 3, 3, 8, tzinfo=UTC)
    _ticks(crew, daemon, tuesday)
    _ticks(crew, daemon, tuesday + 3 * DAY + 3 * HOUR + timedelta(minutes=2))
    crew.require_nothing_twice()
    assert _every_slot((3, 4, 5)) | _every_slot((6,), ("morning", "noon")) <= _settled(crew)
    assert len(_posted(crew)) == 2


def _schedule(crew: Crew, **changes: Any) -> None:
    with crew.house.database.write() as connection:
        content = connection.execute(select(t.schedule.c.content)).scalar_one()
        connection.execute(update(t.schedule).values(content={**content, **changes}))


@pytest.mark.parametrize(
    ("sunday", "instants"),
    [
        (datetime(2026, 3, 29, tzinfo=UTC), 1),  # 02:30 does not exist: the slot is at the jump, 01:00 UTC
        (datetime(2026, 10, 25, tzinfo=UTC), 0.5),  # 02:30 comes twice: the slot is at the first, 00:30 UTC
    ],
    ids=["forward", "back"],
)
def test_a_slot_in_the_night_in_which_the_clocks_change_has_one_post(
    sqlite_crew: Crew, sunday: datetime, instants: float
) -> None:
    crew = sqlite_crew
    every_day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    _schedule(crew, slots=[{"name": "night", "at": "02:30", "weekdays": every_day}], quiet_hours=None)
    daemon = crew.hire()
    crew.house.clock.step_to(sunday - 2 * HOUR)
    with crew.house.database.write() as connection:
        connection.execute(update(t.cohort).values(created_at=sunday - 2 * HOUR))
    _ticks(crew, daemon, *(sunday + minutes * timedelta(minutes=30) for minutes in range(-1, 6)))
    (post,) = _posted(crew)
    assert post.occurrence == f"slot/press-shop/{sunday.date()}/night"
    assert post.due_at == sunday + instants * HOUR
    crew.require_nothing_twice()


def test_a_cohort_that_moves_to_another_zone_gets_each_slot_of_a_date_once(sqlite_crew: Crew) -> None:
    crew = sqlite_crew
    daemon = crew.hire()
    nine = datetime(2026, 3, 3, 8, tzinfo=UTC)
    _ticks(crew, daemon, nine, nine + 3 * HOUR)
    for zone, hours in (("America/New_York", (6, 9, 12)), ("Pacific/Auckland", (13, 16, 19)), ("Europe/Berlin", (24,))):
        with crew.house.database.write() as connection:
            connection.execute(update(t.cohort).values(zone=zone))
        _ticks(crew, daemon, *(nine + hour * HOUR for hour in hours))
    crew.require_nothing_twice()
    assert _every_slot((3,)) <= _settled(crew)


def test_a_lease_given_before_the_database_clock_was_set_back_does_not_silence_the_account(sqlite_crew: Crew) -> None:
    crew = sqlite_crew
    daemon = crew.hire()
    daemon.tick()
    crew.step(minutes=6)
    (planned,) = crew.items(State.PLANNED)
    with crew.house.database.write() as connection:
        outbox.claim(connection, planned, "dead", DAY)
    assert recover(crew.house.database).released == ()
    daemon.tick()
    assert len(crew.items(State.POSTED)) == 1, (daemon.last_error, crew.items())
