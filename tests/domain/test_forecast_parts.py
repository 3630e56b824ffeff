"""The parts of a forecast that need no database: denser cadences, who stands for whom, and the search."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.cohort import Answers, Cohort, CohortState
from reinforce.domain.nugget import Confidentiality, Form, StoredNugget
from reinforce.domain.planning.belief import unmet
from reinforce.domain.planning.cadence import AdaptiveRule, Cadence, Caps, PolicyName, QuietHours, Slot
from reinforce.domain.planning.capacity import search, smallest
from reinforce.domain.planning.denser_cadence import most_posts, weekly_room, with_posts_a_week
from reinforce.domain.planning.forecast import Cost, Foreseen, NuggetForecast
from reinforce.domain.planning.plan_state import PlanSnapshot
from reinforce.domain.planning.slots import slot_times
from reinforce.domain.planning.stand_ins import cast

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WORKDAYS = frozenset(range(5))


def _cadence(slots: tuple[Slot, ...], caps: Caps, quiet: QuietHours | None = None) -> Cadence:
    return Cadence(
        name="test",
        slots=slots,
        quiet_hours=quiet,
        country="",
        subdivision="",
        days_off=frozenset(),
        caps=caps,
        repeat_after=timedelta(days=90),
        grace=timedelta(hours=4),
        answer_window=timedelta(hours=30),
        reveal=True,
        forms=(Form.QUESTION, Form.REMINDER),
        policy=PolicyName.COHORT_ADAPTIVE,
        rule=AdaptiveRule(),
    )


MORNINGS = _cadence((Slot("morning", time(9), WORKDAYS),), Caps(2, 5, 2), QuietHours(time(18), time(7)))


@given(st.integers(6, 30))
def test_a_denser_cadence_has_room_for_what_was_asked_in_its_open_hours(posts: int) -> None:
    denser = with_posts_a_week(MORNINGS, posts)
    assert weekly_room(denser) == posts
    assert denser.caps.new_a_week >= MORNINGS.caps.new_a_week
    assert denser.weekdays == MORNINGS.weekdays
    slots = list(slot_times(denser, "UTC", {}, MONDAY, MONDAY + timedelta(days=7)))
    assert not [one for one in slots if one.off]
    assert all(time(9) <= one.at.time() < time(18) for one in slots)
    on_a_day = Counter(one.day for one in slots)
    assert len(on_a_day) == 5
    assert min(on_a_day.values()) * 5 >= posts
    assert len({one.at for one in slots}) == len(slots)


def test_a_cadence_has_the_room_that_its_narrowest_limit_leaves() -> None:
    assert weekly_room(MORNINGS) == 5
    assert weekly_room(_cadence(MORNINGS.slots, Caps(2, 50, 2))) == 10
    assert weekly_room(_cadence((Slot("one", time(9), frozenset({0})),), Caps(3, 50, 2))) == 2
    assert most_posts(MORNINGS) == 30


def _foreseen(reached: int, of: int) -> Foreseen:
    nuggets = tuple(
        NuggetForecast(f"p/{n}", "", MONDAY, True, 0.9 if n < reached else 0.1, 0.1, 1, 0, None, None)
        for n in range(of)
    )
    return Foreseen(nuggets, (), Cost(posts=1, posts_micros=15_000))


@pytest.mark.parametrize("enough", [6, 7, 11, 15, 19, 30])
def test_the_search_finds_the_smallest_cadence_that_is_enough(enough: int) -> None:
    asked: list[int] = []

    def attempt(posts: int) -> Foreseen:
        asked.append(posts)
        return _foreseen(4 if posts >= enough else 3, 4)

    tried = search(_foreseen(1, 4), 5, 30, 0.5, attempt)
    assert smallest(tried, 4) == enough
    assert smallest(tried, 3) == tried[1].posts_a_week
    assert len(asked) <= 9
    assert len(set(asked)) == len(asked)


def test_a_cadence_that_is_enough_is_not_searched_for() -> None:
    def attempt(posts: int) -> Foreseen:
        raise AssertionError(posts)

    tried = search(_foreseen(4, 4), 5, 30, 0.5, attempt)
    assert [one.posts_a_week for one in tried] == [5]


def _snapshot(roles: tuple[str, ...], nuggets: int = 100) -> PlanSnapshot:
    reached = np.linspace(0.0, 1.0, len(roles))[:, None] * np.ones((1, nuggets))
    nugget = StoredNugget(
        1, 1, "p", "n", "N", "", (), (), 1.0, Confidentiality.PUBLIC, "", 0, 1, False, (), None, None, (), None
    )
    return PlanSnapshot(
        cohort=Cohort(1, "c", "C", 1, "UTC", "en", CohortState.RUNNING, Answers.REPLIES, "s", 0, None, None, ""),
        account=None,  # type: ignore[arg-type]
        cadence=MORNINGS,
        created_at=MONDAY,
        nuggets=(nugget,) * nuggets,
        learners=tuple(range(len(roles))),
        roles=roles,
        roster=roles,
        belief=replace(unmet(len(roles), nuggets), unmet=reached),
        rows=(),
        evidence=0,
        last_response=None,
        texts={},
        wordings={},
    )


def test_a_sample_stands_for_a_large_cohort_by_role_and_by_what_has_reached_it() -> None:
    roles = ("fitter",) * 1500 + ("welder",) * 499 + ("foreman",)
    everybody = _snapshot(roles)
    sample, who = cast(everybody)
    assert (who.rows, who.people, who.typical) == (121, 2000, False)
    assert who.each == pytest.approx(2000 / 121)
    assert Counter(sample.roles) == {"fitter": 90, "welder": 30, "foreman": 1}
    assert sample.belief.unmet.shape == (121, 100)
    fitters = np.asarray(sample.roles) == "fitter"
    assert sample.belief.unmet[fitters].mean() == pytest.approx(everybody.belief.unmet[:1500].mean(), abs=0.01)
    assert cast(everybody)[0].learners == sample.learners


def test_a_small_cohort_stands_for_itself() -> None:
    snapshot = _snapshot(("fitter",) * 60)
    sample, who = cast(snapshot)
    assert sample is snapshot
    assert (who.rows, who.each) == (60, 1.0)
