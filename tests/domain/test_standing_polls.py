"""Polls of where a cohort stands: what X takes, what votes say to the plan, what two polls say of one another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.errors import ReinforceError
from reinforce.domain.polling.comparing import compare
from reinforce.domain.polling.needs import needs, weights
from reinforce.domain.polling.poll import NewPoll, Poll, check
from reinforce.domain.reporting.shares import Share, difference_interval

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _poll(votes: tuple[int, ...], topics: tuple[str, ...] = (), options: tuple[str, ...] = (), **more: object) -> Poll:
    options = options or tuple(f"Option {place}" for place in range(len(votes)))
    topics = topics or ("",) * len(votes)
    values = {"closed_at": NOW, **more}
    return Poll(1, 1, "press", 1, "Where?", options, topics, "", 60, NOW, "posted", NOW, votes, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (NewPoll(" ", ("A", "B"), 60), "a question"),
        (NewPoll("Q", ("A",), 60), "2 to 4 options"),
        (NewPoll("Q", ("A", "B", "C", "D", "E"), 60), "2 to 4 options"),
        (NewPoll("Q", ("A", "x" * 26), 60), "26 characters"),
        (NewPoll("Q", ("A", " "), 60), "empty"),
        (NewPoll("Q", ("Yes", "yes "), 60), 'two options say "yes"'),
        (NewPoll("Q", ("A", "B"), 4), "5 minutes to 7 days"),
        (NewPoll("Q", ("A", "B"), 10_081), "5 minutes to 7 days"),
        (NewPoll("Q", ("A", "B"), 60, ("tagging",)), "2 options and 1 topics"),
    ],
)
def test_a_poll_that_x_would_refuse_is_refused_here_with_what_to_do(new: NewPoll, words: str) -> None:
    with pytest.raises(ReinforceError, match=words) as refused:
        check(new)
    assert refused.value.advice


@pytest.mark.parametrize("minutes", [5, 10_080])
def test_the_shortest_and_the_longest_poll_are_taken(minutes: int) -> None:
    check(NewPoll("Q", ("A" * 25, "B"), minutes))


@given(st.lists(st.integers(0, 5_000), min_size=2, max_size=4))
def test_votes_move_topics_against_one_another_and_never_far(votes: list[int]) -> None:
    found = weights([f"t{place}" for place in range(len(votes))], votes)
    if not sum(votes):
        assert not found
        return
    assert all(0.5 <= weight <= 2.0 for weight in found.values())
    ordered = sorted(found, key=lambda topic: votes[int(topic[1:])])
    assert [found[topic] for topic in ordered] == pytest.approx(sorted(found.values()))
    if len(set(votes)) == 1:
        assert list(found.values()) == pytest.approx([1.0] * len(votes))


def test_few_votes_say_little() -> None:
    few, many = weights(["a", "b"], [2, 0])["a"], weights(["a", "b"], [200, 0])["a"]
    assert 1.0 < few < 1.2 < many


def test_options_that_stand_for_nothing_say_nothing() -> None:
    assert weights(["", ""], [10, 2]) == {}
    assert weights(["a", ""], [10, 2]) == {}
    assert weights(["a", "b", ""], [10, 10, 90]) == {"a": pytest.approx(1.0), "b": pytest.approx(1.0)}


def test_what_a_poll_says_fades_over_four_weeks() -> None:
    poll = _poll((30, 2), ("a", "b"))
    fresh, later, old = (needs([poll], NOW + timedelta(days=days)) for days in (0, 14, 28))
    assert fresh["a"] - 1.0 == pytest.approx(2 * (later["a"] - 1.0))
    assert old == {}


def test_the_newest_poll_on_a_topic_counts() -> None:
    first, second = _poll((30, 2), ("a", "b")), _poll((2, 30), ("a", "b"), closed_at=NOW + timedelta(days=1))
    assert needs([second, first], NOW + timedelta(days=1))["a"] < 1.0


def test_two_polls_are_held_against_one_another_by_their_options() -> None:
    before, after = _poll((30, 10), options=("No", "Yes")), _poll((28, 12), options=("yes", "no"))
    no, yes = compare(before, after)
    assert (no.first, no.second) == (Share(30, 40), Share(12, 40))
    assert yes.difference == pytest.approx(0.45)
    assert yes.tells
    assert no.tells


def test_newcombes_interval_is_the_published_one() -> None:
    # Newcombe 1998, table II, (a) 56/70 − 48/80, method 10: 0.0524 to 0.3339.
    low, high = difference_interval(Share(48, 80), Share(56, 70))
    assert low == pytest.approx(0.0524, abs=5e-5)
    assert high == pytest.approx(0.3339, abs=5e-5)


def test_few_votes_tell_no_difference() -> None:
    assert not compare(_poll((3, 2)), _poll((2, 3)))[0].tells


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (_poll((), options=("Option 0", "Option 1"), topics=("", ""), closed_at=None), "not closed"),
        (
            _poll((), options=("Option 0", "Option 1"), topics=("", ""), closed_at=None, lost="its post was refused"),
            "refused",
        ),
        (_poll((0, 0)), "nobody voted"),
        (_poll((1, 2), options=("Maybe", "Option 1")), "same options"),
    ],
)
def test_what_cannot_be_compared_says_why(second: Poll, words: str) -> None:
    with pytest.raises(ReinforceError, match=words):
        compare(_poll((1, 2)), second)
