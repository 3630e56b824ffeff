"""FSRS-6 against py-fsrs 6.3.2, its reference implementation, over made-up histories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from fsrs import Card, Rating, Scheduler
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.planning import memory
from reinforce.domain.planning.memory import DEFAULT_WEIGHTS, Weights

START = datetime(2026, 3, 2, 8, 55, tzinfo=UTC)
HISTORIES = st.lists(st.tuples(st.integers(0, 400), st.sampled_from([1, 2, 3, 4])), min_size=1, max_size=12)


def _oracle(history: list[tuple[int, int]], scheduler: Scheduler) -> tuple[float, float, float]:
    """(stability, difficulty, recall 9 days later) as py-fsrs has them."""
    card, at = Card(card_id=1, due=START), START
    for gap, rating in history:
        at += timedelta(days=gap)
        card, _ = scheduler.review_card(card, Rating(rating), at)
    assert card.stability is not None
    assert card.difficulty is not None
    return card.stability, card.difficulty, scheduler.get_card_retrievability(card, at + timedelta(days=9))


def _ours(history: list[tuple[int, int]], weights: Weights) -> tuple[float, float, float]:
    stability = difficulty = np.array(np.nan)
    for gap, rating in history:
        stability, difficulty = memory.repeat(stability, difficulty, gap, rating, weights)
    return float(stability), float(difficulty), float(memory.retrievability(stability, 9, weights.decay))


@given(HISTORIES)
def test_any_history_of_whole_days_ends_where_py_fsrs_ends(history: list[tuple[int, int]]) -> None:
    assert _ours(history, memory.DEFAULT) == pytest.approx(_oracle(history, Scheduler(enable_fuzzing=False)), rel=1e-9)


@given(HISTORIES, st.lists(st.floats(1.0, 1.1), min_size=21, max_size=21))
def test_other_weights_agree_too(history: list[tuple[int, int]], factors: list[float]) -> None:
    values = tuple(weight * factor for weight, factor in zip(DEFAULT_WEIGHTS, factors, strict=True))
    scheduler = Scheduler(parameters=values, enable_fuzzing=False)
    assert _ours(history, Weights(values)) == pytest.approx(_oracle(history, scheduler), rel=1e-9)


def test_many_memories_at_once_are_what_each_is_alone() -> None:
    draw = np.random.default_rng(7)
    stability, difficulty = draw.uniform(0.1, 300, 500), draw.uniform(1, 10, 500)
    stability[::7] = np.nan
    age, rating = draw.uniform(0, 90, 500), draw.integers(1, 5, 500)
    together = memory.repeat(stability, difficulty, age, rating)
    for i in range(0, 500, 23):
        alone = memory.repeat(stability[i], difficulty[i], age[i], rating[i])
        assert (together[0][i], together[1][i]) == pytest.approx((float(alone[0]), float(alone[1])), rel=1e-15)


@given(st.floats(0.01, 500), st.sampled_from([0.15, 0.1542, 0.5, 1.5]), st.floats(0.05, 0.999))
def test_the_curve_read_backwards_gives_the_age_back(stability: float, decay: float, recall: float) -> None:
    age = memory.age_at(recall, stability, decay)
    assert float(memory.retrievability(stability, age, decay)) == pytest.approx(recall, rel=1e-9)


@pytest.mark.parametrize("decay", [0.15, 0.5, 1.5])
def test_after_as_many_days_as_its_stability_nine_of_ten_are_recalled(decay: float) -> None:
    assert float(memory.retrievability(12.5, 12.5, decay)) == pytest.approx(0.9)


def test_half_a_day_is_not_floored_to_none() -> None:
    assert float(memory.retrievability(3.0, 1.5)) < float(memory.retrievability(3.0, 1.0))


def test_what_was_never_repeated_is_not_recalled() -> None:
    assert float(memory.retrievability(np.nan, 1.0)) == 0.0


def test_weights_of_another_version_of_fsrs_are_refused() -> None:
    with pytest.raises(ValueError, match="21 weights, not 19"):
        Weights((0.4,) * 19)


def test_a_changed_weight_changes_the_version() -> None:
    assert Weights((*DEFAULT_WEIGHTS[:-1], 0.2)).version != memory.DEFAULT.version
