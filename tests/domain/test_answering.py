"""Promised times, word stems and how well a passage fits a question."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.content.schedule_file import find_schedule, read_schedule
from reinforce.domain.answering.matching import Passage, likeness, ranked
from reinforce.domain.answering.notices import wait_after
from reinforce.domain.answering.promise import promised_by
from reinforce.domain.answering.stems import stems
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.slots import day_off, in_quiet_hours, local_day
from reinforce.shipped import shipped

CADENCE = Cadence.from_content(read_schedule(find_schedule("cohort-adaptive", shipped("schedules"))).content)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
HOLIDAYS = {date(2026, 4, 3): "Good Friday", date(2026, 4, 6): "Easter Monday"}
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS, st.integers(1, 60), st.integers(1, 60), st.sampled_from(ZONES))
def test_a_promise_falls_into_working_hours_and_more_time_never_ends_sooner(
    asked: datetime, hours: int, more: int, zone: str
) -> None:
    first = promised_by(asked, timedelta(hours=hours), CADENCE, zone, HOLIDAYS)
    later = promised_by(asked, timedelta(hours=hours + more), CADENCE, zone, HOLIDAYS)
    assert first is not None
    assert later is not None
    assert asked + timedelta(hours=hours) <= first < later
    just_before = first - timedelta(seconds=1)
    assert not in_quiet_hours(just_before, CADENCE, zone)
    assert not day_off(local_day(just_before, zone), CADENCE, HOLIDAYS)
    assert local_day(just_before, zone).weekday() in CADENCE.weekdays


def test_a_holiday_and_a_weekend_are_no_working_time() -> None:
    thursday = datetime(2026, 4, 2, 15, 0, tzinfo=UTC)  # 17:00 in Berlin, an hour before the quiet hours
    due = promised_by(thursday, timedelta(hours=2), CADENCE, "Europe/Berlin", HOLIDAYS)
    assert due == datetime(2026, 4, 7, 6, 0, tzinfo=UTC)  # Tuesday 08:00: Friday and Monday are holidays


@pytest.mark.parametrize(("one", "other"), [
    ("who signs the tags?", "Who must sign a tag"),
    ("wer unterschreibt die Karten", "Karte unterschreiben"),
    ("¿dónde están los candados?", "candado"),
    ("qui signe l’étiquette ?", "étiquettes signées"),
])  # fmt: skip
def test_the_same_words_in_other_forms_have_stems_in_common(one: str, other: str) -> None:
    assert set(stems(one)) & set(stems(other))


@given(st.text(max_size=300))
def test_stems_are_letters_and_figures_only_and_stay_what_they_are(text: str) -> None:
    found = stems(text)
    assert all(stem and not set(stem) & set("\"'|&!():*<> \n\\") for stem in found)


def test_rare_words_weigh_more_and_the_head_counts_half_as_much_again() -> None:
    passages = [
        Passage(1, 1, None, frozenset({"lock"}), frozenset({"lock", "key"})),
        Passage(2, 2, None, frozenset(), frozenset({"lock", "tag"})),
        Passage(3, 3, None, frozenset({"tag"}), frozenset({"lock", "tag"})),
    ]
    found = ranked(("lock", "tag"), passages, 3, 0.0)
    # Both of the first two say all that was asked; the one that is about it comes first, though it is younger.
    assert [match.passage.id for match in found] == [3, 2, 1]
    assert [match.score for match in found[:2]] == [1.0, 1.0]
    assert ranked(("forklift",), passages, 3, 0.1) == ()
    assert ranked((), passages, 3, 0.0) == ()


@given(st.lists(st.sampled_from("abcdef")), st.lists(st.sampled_from("abcdef")))
def test_likeness_is_mutual_and_whole_only_for_the_same_words(one: list[str], other: list[str]) -> None:
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1
    assert (likeness(one, other) == 1) == (set(one) == set(other) and bool(one))


@given(st.integers(0, 10_000), st.floats(0, 1e9))
def test_waits_grow_to_an_hour_and_heed_the_other_side_for_a_day_at_most(tries: int, asked: float) -> None:
    assert timedelta(seconds=30) <= wait_after(tries) <= timedelta(hours=1)
    assert wait_after(tries, asked) >= timedelta(seconds=min(asked, 86_400))
