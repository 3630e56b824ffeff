"""What comes next is the plan's own, kept for as long as it holds, and never waited for by a page."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update

from reinforce.accounts.tariff import read_tariff
from reinforce.rendering.posts import PostRenderer
from reinforce.shipped import shipped
from reinforce.store import tables as t
from reinforce.web.forecast import Forecast, NextSlot, QuietStretch, gathered
from reinforce.web.foreseen import Foreseen
from reinforce.web.kept import Kept
from reinforce.web.tour.guide import compared
from reinforce.web.tour.progress import Progress, ProgressFile, Said
from tests.web.seeding import NOW, Seeded


@pytest.fixture
def forecast(seeded: Seeded) -> Forecast:
    """A forecast over the seeded workspace."""
    renderer = PostRenderer(shipped("templates") / "posts")
    return Forecast(seeded.database, seeded.clock, Foreseen(seeded.database, seeded.clock, renderer, read_tariff()))


def test_a_forecast_says_what_stands_in_the_outbox_and_what_the_plan_would_add(
    seeded: Seeded, forecast: Forecast
) -> None:
    slots = forecast.next_slots(seeded.cohort_id, 6).slots
    assert slots[0].planned
    assert slots[0].nugget == "Stop it the normal way"
    assert [slot.at for slot in slots] == sorted(slot.at for slot in slots)
    later = [slot for slot in slots if not slot.planned and slot.nugget]
    assert later
    assert all(slot.reason and slot.text and slot.price_micros for slot in later)


def test_a_page_gets_what_is_known_and_is_told_when_that_was_overtaken(seeded: Seeded, forecast: Forecast) -> None:
    cohort_id = seeded.cohort_id
    assert forecast.at_hand(cohort_id, 3) is None, "nobody asked yet, and a page does not wait"
    made = forecast.next_slots(cohort_id, 3)
    assert forecast.at_hand(cohort_id, 3) == made
    assert not made.due
    with seeded.database.write() as connection:
        connection.execute(update(t.cohort).values(version=t.cohort.c.version + 1))
    before = forecast.at_hand(cohort_id, 3)
    assert before is not None
    assert (before.changed, before.slots) == (True, made.slots)
    assert not forecast.next_slots(cohort_id, 3).changed


def test_a_slot_that_passed_is_not_shown_as_the_next(seeded: Seeded, forecast: Forecast) -> None:
    first = forecast.next_slots(seeded.cohort_id, 3).slots[0]
    seeded.clock.step_to(first.at + timedelta(seconds=1))
    known = forecast.at_hand(seeded.cohort_id, 3)
    assert known is not None
    assert known.changed
    assert known.slots[0].at > first.at
    assert forecast.next_slots(seeded.cohort_id, 3).slots[0].at > first.at


def test_what_two_viewers_ask_for_at_once_is_worked_out_once() -> None:
    kept: Kept[str, int] = Kept()
    begun, go_on = threading.Event(), threading.Event()
    worked: list[int] = []

    def work() -> int:
        worked.append(1)
        begun.set()
        go_on.wait(5)
        return 7

    with ThreadPoolExecutor(2) as viewers:
        first = viewers.submit(kept.of, "account", 1, work)
        begun.wait(5)
        second = viewers.submit(kept.of, "account", 1, work)
        assert kept.at_hand("account", 1) is None, "a page that shows what is known does not wait"
        go_on.set()
        assert (first.result(5), second.result(5), len(worked)) == (7, 7, 1)


def test_a_cohort_that_cannot_be_planned_says_why(seeded: Seeded, forecast: Forecast) -> None:
    with seeded.database.write() as connection:
        connection.execute(update(t.cohort).values(country="XX"))
    outlook = forecast.next_slots(seeded.cohort_id, 3)
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
