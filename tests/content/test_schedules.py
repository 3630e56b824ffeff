"""Cadence files: those that ship, and what is said of broken ones."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from reinforce.content.holiday_calendar import holidays_between
from reinforce.content.schedule_file import find_schedule, read_schedule
from reinforce.domain.errors import ContentRefused, NotFound, ReinforceError
from reinforce.domain.nugget import Form
from reinforce.domain.planning.cadence import (
    RULES,
    AdaptiveRule,
    Cadence,
    LadderRule,
    PolicyName,
    QuietHours,
    RetireRule,
)

REPOSITORY = Path(__file__).resolve().parents[2]
SHIPPED = REPOSITORY / "schedules"
LEAST = 'slots: [{at: "09:00"}]\n'


def _read(tmp_path: Path, text: str) -> Cadence:
    path = tmp_path / "mine.yaml"
    path.write_text(text, "utf-8")
    return read_schedule(path).cadence


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_ships_can_be_read_and_comes_back_from_what_is_kept(path: Path) -> None:
    found = read_schedule(path)
    assert found.name == path.stem
    assert Cadence.from_content(json.loads(json.dumps(found.content))) == found.cadence


def test_the_presets_are_what_their_names_say() -> None:
    default = read_schedule(SHIPPED / "cohort-adaptive.yaml").cadence
    assert isinstance(default.rule, AdaptiveRule)
    assert (default.rule.opening_posts_a_week, default.rule.opening_days, default.rule.halve_after_days) == (3, 14, 14)
    assert (default.caps.a_week, default.caps.new_a_week, default.forms[0]) == (5, 2, Form.QUESTION)
    assert read_schedule(SHIPPED / "ladder-1-3-10-30-60.yaml").cadence.rule == LadderRule((1, 3, 10, 30, 60))
    assert read_schedule(SHIPPED / "retire-12-24.yaml").cadence.rule == RetireRule(12, 24, 2)


def test_the_least_there_must_be_is_one_slot(tmp_path: Path) -> None:
    cadence = _read(tmp_path, LEAST)
    (slot,) = cadence.slots
    assert (slot.name, slot.at, slot.weekdays) == ("at-0900", time(9), frozenset(range(5)))
    assert cadence.quiet_hours is None
    assert cadence.repeat_after == timedelta(days=90)
    assert cadence.policy is PolicyName.COHORT_ADAPTIVE


def test_every_key_is_read(tmp_path: Path) -> None:
    cadence = _read(
        tmp_path,
        """
name: night-shift
title: Night shift
slots:
  - {name: start, at: "22:15", weekdays: [Monday, fri]}
  - {at: "03:00", weekdays: sun}
quiet_hours: {from: "07:00", until: "21:00"}
holidays: {country: de, subdivision: by, days: [2026-12-24, 2026-12-31]}
caps: {a_day: 1, a_week: 4, new_a_week: 1}
repeat_after_days: 60
grace_hours: 1.5
answer_window_hours: 12
reveal: no
forms: [reminder, poll]
policy: {name: retire, wrong_days: 7}
""",
    )
    assert [slot.weekdays for slot in cadence.slots] == [frozenset({0, 4}), frozenset({6})]
    assert cadence.quiet_hours == QuietHours(time(7), time(21))
    assert (cadence.country, cadence.subdivision) == ("DE", "BY")
    assert cadence.days_off == {date(2026, 12, 24), date(2026, 12, 31)}
    assert (cadence.grace, cadence.answer_window) == (timedelta(hours=1.5), timedelta(hours=12))
    assert (cadence.reveal, cadence.forms) == (False, (Form.REMINDER, Form.POLL))
    assert cadence.rule == RetireRule(wrong_days=7)


BROKEN = {
    "no slots": ("title: x\n", ['1:1: a schedule needs "slots".']),
    "an empty list of slots": ("slots: []\n", ["1:8: there is no slot."]),
    "an unknown key": (LEAST + "zone: Europe/Berlin\n", ['2:1: a schedule has no key "zone".']),
    "a misspelt key": ('slots:\n  - {at: "09:00", weekday: mon}\n', ['2:19: a slot has no key "weekday".']),
    "no time": ("slots: [{name: a}]\n", ['1:9: a slot needs "at".']),
    "a time that is none": ('slots: [{at: "25:00"}]\n', ['1:14: "at" must be a time of day, not "25:00".']),
    "two slots of one name": (
        'slots:\n  - {name: a, at: "09:00"}\n  - {name: a, at: "10:00"}\n',
        ['3:12: a slot "a" stands here twice.'],
    ),
    "a day that is none": (
        'slots: [{at: "09:00", weekdays: [mon, someday]}]\n',
        ['1:39: "someday" is no day of the week.'],
    ),
    "a slot in quiet hours": (
        'slots: [{name: late, at: "22:00"}]\nquiet_hours: {from: "20:00", until: "07:00"}\n',
        ['1:9: the slot "late" at 22:00 lies in the quiet hours.'],
    ),
    "quiet hours without an end": (LEAST + 'quiet_hours: {from: "20:00"}\n', ['2:14: quiet hours needs "until".']),
    "quiet hours of no length": (
        LEAST + 'quiet_hours: {from: "20:00", until: "20:00"}\n',
        ["2:14: quiet hours begin and end at the same time."],
    ),
    "a country without holidays": (
        LEAST + "holidays: {country: XX}\n",
        ['2:21: there are no holidays for the country "XX".'],
    ),
    "a subdivision of another country": (
        LEAST + "holidays: {country: DE, subdivision: CA}\n",
        ['2:21: "CA" is no subdivision of "DE" with holidays of its own.'],
    ),
    "a subdivision without a country": (
        LEAST + "holidays: {subdivision: BY}\n",
        ["2:25: a subdivision needs its country."],
    ),
    "a date that is none": (LEAST + "holidays: {days: [2026-02-30]}\n", ['2:19: "2026-02-30" is no date.']),
    "a cap that is no number": (LEAST + "caps: {a_day: many}\n", ['2:15: "a_day" must be a number, not "many".']),
    "a cap of half a post": (LEAST + "caps: {a_day: 1.5}\n", ['2:15: "a_day" must be a whole number, not 1.5.']),
    "a week smaller than a day": (
        LEAST + "caps: {a_day: 3, a_week: 2}\n",
        ["2:26: a week can't hold less than a day may."],
    ),
    "a form that is none": (LEAST + "forms: [quiz]\n", ['2:9: "quiz" is no form of post.']),
    "a policy that is none": (LEAST + "policy: leitner\n", ['2:9: "policy" can\'t be "leitner".']),
    "a policy's name that is none": (LEAST + "policy: {name: ladders}\n", ['2:16: "name" can\'t be "ladders".']),
    "a number of another policy": (
        LEAST + "policy: {name: ladder, wrong_days: 3}\n",
        ['2:24: the policy ladder has no key "wrong_days".'],
    ),
    "a number out of bounds": (
        LEAST + "policy: {name: retire, wrong_days: 0}\n",
        ['2:36: "wrong_days" is 0.'],
    ),
    "steps that go back": (
        LEAST + "policy: {name: ladder, steps: [3, 1]}\n",
        ["2:35: step 1 does not come after 3."],
    ),
    "steps that are no numbers": (
        LEAST + "policy: {name: ladder, steps: [soon]}\n",
        ['2:32: "steps" must hold numbers of days.'],
    ),
    "several faults at once": (
        'slots: [{at: "9 am"}]\ngrace_hours: 900\nreveal: perhaps\n',
        [
            '1:14: "at" must be a time of day, not "9 am".',
            '2:14: "grace_hours" is 900.',
            '3:9: "reveal" must be yes or no, not "perhaps".',
        ],
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_cadence_is_told_everything_that_is_broken_and_where(tmp_path: Path, kind: str) -> None:
    text, expected = BROKEN[kind]
    with pytest.raises(ContentRefused) as refused:
        _read(tmp_path, text)
    assert [f"{fault.line}:{fault.column}: {fault.message}" for fault in refused.value.faults] == expected
    assert all(fault.advice for fault in refused.value.faults)


def test_a_name_finds_what_ships_and_a_path_any_file() -> None:
    assert find_schedule("wrr-edf", SHIPPED) == SHIPPED / "wrr-edf.yaml"
    assert find_schedule("elsewhere/mine.yaml", SHIPPED) == Path("elsewhere/mine.yaml")
    with pytest.raises(NotFound, match="no schedule cohort-adaptiv") as missing:
        find_schedule("cohort-adaptiv", SHIPPED)
    assert missing.value.advice.startswith('Did you mean "cohort-adaptive"?')


def test_the_hash_follows_the_content_and_not_the_comments(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    hashes = []
    for text in (LEAST, "# why\n" + LEAST, LEAST + "grace_hours: 2\n"):
        path.write_text(text, "utf-8")
        hashes.append(read_schedule(path).content_hash)
    assert hashes[0] == hashes[1] != hashes[2]


def test_every_number_of_a_policy_is_described_in_the_reference() -> None:
    text = (REPOSITORY / "docs" / "reference" / "schedule-file.md").read_text("utf-8")
    names = [one.name for rule in RULES.values() for one in fields(rule)]
    assert [name for name in (*RULES, *names) if f"`{name}`" not in text] == []


def test_holidays_are_named_in_english_and_only_within_the_dates() -> None:
    found = holidays_between("DE", "BY", date(2026, 12, 1), date(2027, 1, 6))
    assert found == {
        date(2026, 12, 25): "Christmas Day",
        date(2026, 12, 26): "Second Day of Christmas",
        date(2027, 1, 1): "New Year's Day",
        date(2027, 1, 6): "Epiphany",
    }
    assert date(2027, 1, 6) not in holidays_between("DE", "", date(2026, 12, 1), date(2027, 1, 6))
    assert holidays_between("", "", date(2026, 1, 1), date(2026, 12, 31)) == {}
    with pytest.raises(ReinforceError, match="no holidays for the country"):
        holidays_between("XX", "", date(2026, 1, 1), date(2026, 1, 2))
