"""Which slots do posts stand in that nobody has a row of?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.sending.adoption import Opening, adopt

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _slot(hour: float, name: str = "a", grace: float = 4) -> Opening:
    at = NINE + hour * HOUR
    return Opening(f"slot/{name}/{hour:g}", 1, at, at + grace * HOUR)


def test_a_post_fills_the_last_slot_before_it() -> None:
    adoption = adopt({7: NINE + timedelta(seconds=5)}, [_slot(-4), _slot(0), _slot(4)])
    assert adoption.fills == {7: _slot(0)}
    assert [opening for opening, _ in adoption.doubtful] == [_slot(-4)], "it may have been sent late"


def test_of_two_cohorts_with_one_slot_time_the_one_without_a_post_is_in_doubt() -> None:
    slots = [_slot(0, "a"), _slot(0, "b")]
    one = adopt({7: NINE}, slots)
    assert len(one.fills) == len(one.doubtful) == 1
    two = adopt({7: NINE, 8: NINE}, slots)
    assert (len(two.fills), two.doubtful) == (2, ())


def test_a_post_of_another_time_fills_nothing() -> None:
    adoption = adopt({7: NINE - HOUR, 8: NINE + 5 * HOUR}, [_slot(0)])
    assert (dict(adoption.fills), adoption.doubtful) == ({}, ())


@given(
    st.lists(st.floats(-12, 12), max_size=6, unique=True),
    st.dictionaries(st.integers(1, 9), st.floats(-13, 13), max_size=6),
)
def test_no_slot_that_may_have_had_its_post_stays_free(hours: list[float], posts: dict[int, float]) -> None:
    slots = [_slot(hour) for hour in hours]
    made = {key: NINE + hour * HOUR for key, hour in posts.items()}
    adoption = adopt(made, slots)
    settled = [*adoption.fills.values(), *(opening for opening, _ in adoption.doubtful)]
    assert len(set(settled)) == len(settled)
    for slot in slots:
        assert (slot in settled) == any(slot.may_hold(at) for at in made.values())
    assert set(adoption.fills) <= set(posts)
