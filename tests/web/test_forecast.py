"""A forecast is the plan's own, and kept for as long as it holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from reinforce.accounts.tariff import read_tariff
from reinforce.rendering.posts import PostRenderer
from reinforce.shipped import shipped
from reinforce.store import tables as t
from reinforce.web.forecast import Forecast, NextSlot, QuietStretch, gathered
from reinforce.web.tour.guide import compared
from reinforce.web.tour.progress import Progress, ProgressFile, Said
from tests.web.seeding import NOW, Seeded


@pytest.fixture
def forecast(seeded: Seeded) -> Forecast:
    """A forecast over the seeded workspace."""
    renderer = PostRenderer(shipped("templates") / "posts")
    return Forecast(seeded.database, seeded.clock, renderer, read_tariff())


def test_a_forecast_says_what_stands_in_the_outbox_and_what_the_plan_would_add(
    seeded: Seeded, forecast: Forecast
) -> None:
    slots = forecast.next_slots(seeded.cohort_id, 7, 6).slots
    assert slots[0].planned
    assert slots[0].nugget == "Stop it the normal way"
    assert [slot.at for slot in slots] == sorted(slot.at for slot in slots)
    later = [slot for slot in slots if not slot.planned and slot.nugget]
    assert later
    assert all(slot.reason and slot.text and slot.price_micros for slot in later)


def test_a_forecast_is_made_again_when_the_cohort_changed_or_its_first_slot_passed(
    seeded: Seeded, forecast: Forecast
) -> None:
    first = forecast.next_slots(seeded.cohort_id, 7, 3).slots
    assert forecast.next_slots(seeded.cohort_id, 7, 3).slots[0] is first[0]
    assert forecast.next_slots(seeded.cohort_id, 8, 3).slots[0] is not first[0]
    seeded.clock.step_to(first[0].at + timedelta(seconds=1))
    assert forecast.next_slots(seeded.cohort_id, 8, 3).slots[0].at > first[0].at


def test_a_cohort_that_cannot_be_planned_says_why(seeded: Seeded, forecast: Forecast) -> None:
    with seeded.database.write() as connection:
        connection.execute(update(t.cohort).values(country="XX"))
    outlook = forecast.next_slots(seeded.cohort_id, 9, 3)
    assert outlook.slots == ()
    assert "XX" in outlook.problem


def test_slots_that_stay_empty_for_one_reason_are_drawn_together() -> None:
    rows = gathered([_slot(1, ""), _slot(5, ""), _slot(9, "try"), _slot(13, "")])
    assert rows == (
        QuietStretch(NOW + timedelta(hours=1), NOW + timedelta(hours=5), 2, ""),
        _slot(9, "try"),
        QuietStretch(NOW + timedelta(hours=13), NOW + timedelta(hours=13), 1, ""),
    )


def _slot(hours: int, nugget: str) -> NextSlot:
    return NextSlot(NOW + timedelta(hours=hours), "question", nugget, "", "", 0)


def test_slots_before_and_after_a_reply_are_set_side_by_side() -> None:
    before = [_slot(1, "lock"), _slot(5, "tell"), _slot(9, "try"), _slot(13, "")]
    after = [_slot(5, "lock"), _slot(9, "try"), _slot(13, ""), _slot(17, "tell")]
    said = Said(1, 2, 3, "A", NOW.isoformat(), before=[s.as_json() for s in before], after=[s.as_json() for s in after])
    rows = compared(said)
    assert [row.passed for row in rows] == [True, False, False, False, False]
    assert [row.changed for row in rows] == [False, True, False, False, False]
    assert rows[-1].before is None


def test_a_place_mark_that_cannot_be_read_is_a_new_tour(seeded: Seeded) -> None:
    path = seeded.folder / "tour.json"
    place = ProgressFile(path)
    place.see(3)
    assert place.see(1).seen == (1, 3)
    assert ProgressFile(path).read().seen == (1, 3)
    for broken in ("", "{", "[]", '{"seen": [1]}', '{"seen":[],"answer":{"x":1},"stop":null,"crash":null,"pasted":0}'):
        path.write_text(broken)
        assert place.read() == Progress()
