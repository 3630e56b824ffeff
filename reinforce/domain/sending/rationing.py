"""When a month's budget will not do for everything, the least valuable posts are given up first.

Two things are settled beforehand. *Obligations* go first, whatever they would gain: the answer under a question that
was asked, what a thread or a quiz still owes, a reply to a person, what a person asked for, updates of a cohort. What
is expected of them until the month ends is set aside; so is the reveal of every question that is out.
*Chosen* posts (what the plan picked for a slot) share the rest by what they gain for a dollar. If it would do for a
share q of those still to come, the bar is the value that the best q of the last four weeks' reached: what lies below is
given up, so that something better later in the month finds its money. Equal values are drawn by a seeded chance.

A plan without gains (turns, ladders) leaves all its posts equal: then q of them go out, spread over the month.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from reinforce.domain.sending.budget import MICROS, dollars
from reinforce.domain.sending.outbox import OutboxItem

GIVEN_UP = "budget: "


class Rank(IntEnum):
    """Who comes first, the lowest number first."""

    OWED = 0
    REPLY = 1
    ASKED_FOR = 2
    UPDATE = 3
    CHOSEN = 4


_RANKS = {
    "reveal": Rank.OWED,
    "course": Rank.OWED,
    "quiz": Rank.OWED,
    "recall": Rank.OWED,
    "reply": Rank.REPLY,
    "answer": Rank.REPLY,
    "now": Rank.ASKED_FOR,
    "poll": Rank.ASKED_FOR,
    "event": Rank.ASKED_FOR,
    "prompt": Rank.ASKED_FOR,
    "slot": Rank.CHOSEN,
}


@dataclass(frozen=True, slots=True)
class Room:
    """What is left of a month. None: not bounded."""

    micros: int | None
    posts: int | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is expected until the month ends, besides the posts that wait: reveals that are owed, other obligations and
    readings, chosen posts (a question with its reveal). `values` are what the chosen posts of the last four weeks
    gained for a dollar, those given up included; None where the plan named no gain."""

    owed_micros: int = 0
    owed_posts: int = 0
    steady_micros: int = 0
    steady_posts: int = 0
    chosen_micros: int = 0
    chosen_posts: int = 0
    values: tuple[tuple[float | None, str], ...] = ()


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A post that is let go, and why."""

    item: OutboxItem
    reason: str


def rank_of(item: OutboxItem) -> Rank:
    """Where a post stands."""
    return _RANKS.get(item.occurrence.partition("/")[0], Rank.UPDATE)


def value_of(gain: object, price_micros: int) -> float | None:
    """What a dollar buys: the plan's gain (in recalls) by the price; None where the plan named none."""
    return float(gain) * MICROS / price_micros if isinstance(gain, int | float) and price_micros > 0 else None


def needs(item: OutboxItem, reveal_micros: int) -> tuple[int, int]:
    """(micro-dollars, posts) that sending `item` binds: a question brings its reveal with it."""
    reveal = item.decision.get("reveal_at") is not None
    return item.price_micros + reveal_micros * reveal, 1 + reveal


def ration(waiting: Sequence[OutboxItem], room: Room, ahead: Ahead, reveal_micros: int) -> tuple[GivenUp, ...]:
    """Those of the `waiting` posts that are given up. `reveal_micros` is what a reveal costs."""
    obliged = sorted((item for item in waiting if rank_of(item) is not Rank.CHOSEN), key=_order)
    chosen = sorted((item for item in waiting if rank_of(item) is Rank.CHOSEN), key=_order)
    micros, posts = _Purse(room.micros), _Purse(room.posts)
    given_up = []
    for item in obliged:
        money, number = needs(item, reveal_micros)
        if not (micros.holds(money) and posts.holds(number)):
            given_up.append(GivenUp(item, f"{GIVEN_UP}nothing is left for it this month ({_left(room)})"))
            continue
        micros.take(money)
        posts.take(number)
    micros.take(ahead.owed_micros + ahead.steady_micros)
    posts.take(ahead.owed_posts + ahead.steady_posts)
    given_up += _ration_chosen(chosen, micros, posts, ahead, reveal_micros)
    return tuple(given_up)


def share_of_chosen(room_micros: int | None, room_posts: int | None, micros: int, posts: int) -> float:
    """For which share (0 to 1) of chosen posts that need so much there is room."""
    shares = [
        max(room, 0) / need for room, need in ((room_micros, micros), (room_posts, posts)) if room is not None and need
    ]
    return min([1.0, *shares])


def _ration_chosen(
    chosen: Sequence[OutboxItem], micros: _Purse, posts: _Purse, ahead: Ahead, reveal_micros: int
) -> Iterable[GivenUp]:
    wanted = [needs(item, reveal_micros) for item in chosen]
    money = ahead.chosen_micros + sum(each for each, _ in wanted)
    number = ahead.chosen_posts + sum(each for _, each in wanted)
    share = share_of_chosen(micros.left, posts.left, money, number)
    usual = _median([value for value, _ in ahead.values if value is not None])
    bar = _bar([_worth(item, usual) for item in chosen], ahead.values, usual, share)
    for item, (price, count) in zip(chosen, wanted, strict=True):
        if bar is not None and _worth(item, usual) < bar:
            reason = f"what is left does for {share:.0%} of what is still to come this month, and others gain more"
        elif not (micros.holds(price) and posts.holds(count)):
            reason = f"it costs {dollars(price)}, and what is left is set aside for answers and replies"
        else:
            micros.take(price)
            posts.take(count)
            continue
        yield GivenUp(item, GIVEN_UP + reason)


def _bar(
    waiting: Sequence[tuple[float, float]], past: Sequence[tuple[float | None, str]], usual: float, share: float
) -> tuple[float, float] | None:
    """The worth that a post has to reach; None: all may go. `usual` stands in where the plan named no gain."""
    if share >= 1:
        return None
    pool = sorted(
        [*waiting, *((usual if value is None else value, _chance(seed)) for value, seed in past)], reverse=True
    )
    # At least one: while nothing is known of what else will come, the best that waits is the best there is.
    return pool[max(math.ceil(share * len(pool)), 1) - 1] if pool else None


def _worth(item: OutboxItem, usual: float = 0.0) -> tuple[float, float]:
    value = value_of(item.decision.get("gain"), item.price_micros)
    return usual if value is None else value, _chance(item.occurrence)


def _order(item: OutboxItem) -> tuple[int, float, float, int]:
    value, chance = _worth(item)
    return int(rank_of(item)), -value, -chance, item.id


def _chance(seed: str) -> float:
    """A number in [0, 1), the same for the same seed."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") / 2**64


def _median(values: list[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0.0


def _left(room: Room) -> str:
    parts = [] if room.micros is None else [dollars(max(room.micros, 0))]
    parts += [] if room.posts is None else [f"{max(room.posts, 0)} posts"]
    return f"{' and '.join(parts)} left"


class _Purse:
    """What is left of something; None: it is not bounded."""

    def __init__(self, left: int | None) -> None:
        self.left = left

    def holds(self, amount: int) -> bool:
        return self.left is None or amount <= self.left

    def take(self, amount: int) -> None:
        if self.left is not None:
            self.left -= amount
