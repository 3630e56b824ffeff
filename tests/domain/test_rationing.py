"""Who goes first when a month's money won't do for everybody, and that it never costs more than there is."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reinforce.accounts.tariff import read_tariff
from reinforce.domain.sending.allowance import (
    Allowance,
    Bounds,
    Spent,
    daily_bounds,
    month_begins,
    month_ends,
    why_not_this_month,
    why_not_today,
)
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.domain.sending.outlook import outlook, warning
from reinforce.domain.sending.rationing import Ahead, Rank, Room, needs, rank_of, ration

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TARIFF = read_tariff()
POST, REPLY = TARIFF.post, TARIFF.reply


def _item(number: int, occurrence: str, price: int = POST, gain: float | None = None, **decision: Any) -> OutboxItem:
    values: dict[str, Any] = dict.fromkeys(field.name for field in fields(OutboxItem))
    values |= {
        "id": number,
        "occurrence": occurrence,
        "price_micros": price,
        "state": State.PLANNED,
        "form": "reminder",
    }
    return OutboxItem(**(values | {"decision": decision | ({} if gain is None else {"gain": gain})}))


def _slots(*gains: float | None) -> list[OutboxItem]:
    return [_item(n, f"slot/c/2026-03-{n:02}/a", gain=gain) for n, gain in enumerate(gains, 1)]


def _kept(waiting: list[OutboxItem], room: Room, ahead: Ahead = Ahead()) -> set[int]:  # noqa: B008 - frozen
    return {item.id for item in waiting} - {one.item.id for one in ration(waiting, room, ahead, POST)}


def test_while_there_is_enough_nothing_is_given_up() -> None:
    waiting = _slots(0.1, 0.2, None)
    assert _kept(waiting, Room(3 * POST, None)) == {1, 2, 3}
    assert _kept(waiting, Room(None, None), Ahead(chosen_micros=10**9, chosen_posts=10**6)) == {1, 2, 3}


def test_what_gains_least_for_a_dollar_is_given_up_first() -> None:
    assert _kept(_slots(0.1, 0.9, 0.5), Room(2 * POST, None)) == {2, 3}
    dear = [_item(1, "slot/a", price=TARIFF.post_with_link, gain=1.0), _item(2, "slot/b", gain=0.2)]
    assert _kept(dear, Room(TARIFF.post_with_link, None)) == {2}  # a fifth of the gain at a thirteenth of the price


def test_answers_replies_wishes_and_updates_come_before_any_reminder() -> None:
    occurrences = ("slot/c/2026-03-10/a", "update/c/start", "now/1", "reply/7", "reveal/3")
    waiting = [_item(n, occurrence, gain=9.0) for n, occurrence in enumerate(occurrences)]
    assert [rank_of(one) for one in reversed(waiting)] == sorted(Rank)
    for kept in range(5):
        assert _kept(waiting, Room(None, kept)) == set(range(5 - kept, 5))


def test_the_reveal_of_a_question_that_is_out_is_set_aside() -> None:
    waiting = _slots(5.0)
    assert _kept(waiting, Room(POST, None), Ahead(owed_micros=POST, owed_posts=1)) == set()
    assert _kept([*waiting, _item(9, "reveal/3")], Room(2 * POST, None)) == {1, 9}


def test_a_question_brings_its_reveal_with_it() -> None:
    question = _item(1, "slot/q", gain=1.0, reveal_at="2026-03-11T09:00:00+00:00")
    assert needs(question, POST) == (2 * POST, 2)
    assert _kept([question], Room(2 * POST - 1, None)) == set()
    assert _kept([question], Room(2 * POST, None)) == {1}


def test_what_is_still_to_come_sets_the_bar() -> None:
    past = tuple((value * 1e6 / POST, f"past/{value}") for value in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8))
    ahead = Ahead(chosen_micros=9 * POST, chosen_posts=9, values=past)
    half = Room(5 * POST, None)
    assert _kept(_slots(0.15), half, ahead) == set()
    assert _kept(_slots(0.75), half, ahead) == {1}


def test_posts_that_are_all_worth_the_same_go_out_in_their_share() -> None:
    ahead = Ahead(chosen_micros=90 * POST, chosen_posts=90, values=tuple((None, f"slot/{n}") for n in range(60)))
    went = sum(bool(_kept([_item(n, f"slot/c/{n}")], Room(30 * POST, None), ahead)) for n in range(300))
    assert 60 < went < 140
    assert _kept(_slots(None), Room(30 * POST, None), ahead) == _kept(_slots(None), Room(30 * POST, None), ahead)


@given(
    gains=st.lists(st.one_of(st.none(), st.floats(0, 3)), max_size=12),
    obliged=st.lists(st.sampled_from(["reveal", "reply", "now", "update"]), max_size=6),
    micros=st.one_of(st.none(), st.integers(-POST, 20 * POST)),
    posts=st.one_of(st.none(), st.integers(-1, 20)),
    ahead=st.builds(Ahead, *(st.integers(0, 5 * POST), st.integers(0, 5)) * 3),
)
def test_what_is_kept_is_never_more_than_there_is(
    gains: list[float | None], obliged: list[str], micros: int | None, posts: int | None, ahead: Ahead
) -> None:
    waiting = _slots(*gains) + [_item(100 + n, f"{kind}/{n}") for n, kind in enumerate(obliged)]
    kept = [item for item in waiting if item.id in _kept(waiting, Room(micros, posts), ahead)]
    assert micros is None or sum(item.price_micros for item in kept) <= max(micros, 0)
    assert posts is None or len(kept) <= max(posts, 0)
    if any(rank_of(item) is not Rank.CHOSEN for item in waiting if item not in kept):
        assert all(rank_of(item) is not Rank.CHOSEN or micros is None or posts is None for item in kept)


def test_a_month_is_the_calendar_month_in_utc() -> None:
    assert month_begins(NOW) == datetime(2026, 3, 1, tzinfo=UTC)
    assert month_ends(NOW) == datetime(2026, 4, 1, tzinfo=UTC)
    assert month_ends(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_post_that_would_break_the_month_is_named_with_what_is_left() -> None:
    bounds = Bounds(micros_a_month=100_000, posts_a_month=5)
    assert why_not_this_month(Spent(85_000, 4), bounds, POST) == ""
    assert "$0.015" in why_not_this_month(Spent(86_000, 4), bounds, POST)
    assert "5 posts" in why_not_this_month(Spent(0, 5), bounds, POST)
    both = Allowance(bounds, Spent(), {3: (Bounds(posts_a_month=1), Spent(POST, 1))})
    assert both.why_not_this_month(3, POST).startswith("the cohort's budget")
    assert both.why_not_this_month(None, POST) == both.why_not_this_month(4, POST) == ""


def test_a_day_is_bounded_as_x_was_reported_to_do_unless_it_is_set() -> None:
    usual = daily_bounds(Bounds(), TARIFF, on_this_machine=False)
    assert usual == (TARIFF.daily["posts_unverified"], TARIFF.daily["replies_unverified"])
    assert daily_bounds(Bounds(posts_a_day=10**6), TARIFF, on_this_machine=False)[0] == TARIFF.daily["posts"]
    assert why_not_today(Spent(posts_today=50), usual, 2_400, reply=False)
    assert not why_not_today(Spent(posts_today=50), usual, 2_400, reply=True)
    assert why_not_today(Spent(replies_today=200), usual, 2_400, reply=True)
    assert why_not_today(Spent(posts_today=2, replies_today=3), (9, 9), 5, reply=True)


def test_a_shortage_is_told_before_it_happens() -> None:
    bounds, ahead = Bounds(micros_a_month=1_000_000), Ahead(chosen_micros=1_500_000, chosen_posts=100)
    short = outlook(bounds, Spent(400_000, 20), ahead, NOW)
    assert short.expected_micros == 1_900_000
    assert 0.39 < short.share < 0.41
    assert short.ends_at is not None
    assert NOW < short.ends_at < month_ends(NOW)
    assert "$1.90 expected of $1.00" in warning("account acme", bounds, short)
    enough = outlook(bounds, Spent(400_000, 20), replace(ahead, chosen_micros=600_000), NOW)
    assert not enough.short
    assert warning("account acme", bounds, enough) == ""
