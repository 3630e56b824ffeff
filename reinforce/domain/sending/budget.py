"""What a post costs on X, and what a cadence costs a month.

Money is whole micro-dollars (millionths of a US dollar), so that sums are exact. The prices come from a dated file
(`accounts.tariff.read_tariff`); nothing here knows a number of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from reinforce.domain.nugget import Form
from reinforce.domain.texts.canonical_text import nfc
from reinforce.domain.texts.web_addresses import find_addresses

MICROS = 1_000_000
_MOST = 10**9 * MICROS
# 146,097 days in the Gregorian calendar's 4,800 months.
DAYS_A_MONTH = Fraction(146_097, 4_800)


@dataclass(frozen=True, slots=True)
class ListedLimit:
    """A rate limit as X lists it: requests a window (seconds), for one user and for the whole app; None: not listed."""

    per_user: int | None = None
    user_seconds: int = 900
    per_app: int | None = None
    app_seconds: int = 900


@dataclass(frozen=True, slots=True)
class Tariff:
    """X's prices in micro-dollars, and its limits, as of a day.

    `own_read` is a post of the account's own timeline or mentions, where the account owns the developer app; `read` is
    a post read any other way, `user_read` a profile read; `media_metadata` is a picture's alternative text (the picture
    itself costs nothing), `deletion` a post taken off X. `limits` is keyed by endpoint ("POST /2/tweets"); limits seen
    in a response's headers win over it. `daily` holds limits a day that are reported but not promised
    ("posts_unverified", "replies_unverified", "posts").
    """

    as_of: date
    source: str
    post: int
    post_with_link: int
    poll: int
    reply: int
    own_read: int
    read: int
    user_read: int
    media_metadata: int
    deletion: int
    limits: Mapping[str, ListedLimit]
    daily: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Readings:
    """Posts read: `own` of them on the account's own timeline and among its mentions, `others` any other way."""

    own: int = 0
    others: int = 0

    def __bool__(self) -> bool:
        return bool(self.own or self.others)

    def micros(self, tariff: Tariff) -> int:
        """What they cost, in micro-dollars."""
        return self.own * tariff.own_read + self.others * tariff.read


NOTHING_READ = Readings()


@dataclass(frozen=True, slots=True)
class MonthlyCost:
    """What an average month costs, in micro-dollars."""

    posts: int
    replies: int
    reads: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.posts + self.replies + self.reads


def micros_of(text: str) -> int:
    """A sum as a person writes it ("12.50", "$12.50") as micro-dollars. Raises ValueError for what is none, is negative
    or finer than a millionth, or is more than anybody has."""
    try:
        micros = Decimal(text.strip().removeprefix("$")) * MICROS
    except ArithmeticError:
        raise ValueError(f"{text!r} is no sum of money") from None
    if not micros.is_finite() or not 0 <= micros <= _MOST or micros != micros.to_integral_value():
        raise ValueError(f"{text!r} is negative, too much, or finer than a millionth")
    return int(micros)


def holds_link(text: str) -> bool:
    """Whether X sees a web address in `text`, which raises its price ("see example.com" holds one, too)."""
    return bool(find_addresses(nfc(text)))


def price_micros(text: str, *, form: str, tariff: Tariff, reply: bool = False) -> int:
    """What posting `text` costs. `form` is a `Form` or any other word of the outbox, priced as a plain post.

    A link costs the link's price whatever carries it: where two prices could apply, the higher is assumed.
    """
    if reply:
        plain = tariff.reply
    elif form == Form.POLL:
        plain = tariff.poll
    else:
        plain = tariff.post
    return max(plain, tariff.post_with_link) if holds_link(text) else plain


def monthly_cost(
    tariff: Tariff,
    *,
    posts_per_day: float,
    replies_per_day: float = 0.0,
    reads_per_day: float = 0.0,
    link_share: float = 0.0,
) -> MonthlyCost:
    """What an average month of such days costs. `link_share` is the share of posts (0 to 1) that hold a link.

    `reads_per_day` counts posts read on our own timeline and among our mentions. Raises ValueError for a negative rate
    or a share outside 0 to 1.
    """
    if min(posts_per_day, replies_per_day, reads_per_day) < 0 or not 0 <= link_share <= 1:
        raise ValueError("rates can't be negative, and link_share is a share of the posts, between 0 and 1")
    share = Fraction(link_share)
    post = (1 - share) * tariff.post + share * tariff.post_with_link
    return MonthlyCost(
        posts=_a_month(posts_per_day, post),
        replies=_a_month(replies_per_day, Fraction(tariff.reply)),
        reads=_a_month(reads_per_day, Fraction(tariff.own_read)),
    )


def _a_month(per_day: float, price: Fraction) -> int:
    return round(Fraction(per_day) * DAYS_A_MONTH * price)


def dollars(micros: int) -> str:
    """`micros` for people: at least cents, and no digit that isn't needed ("$0.015", "$12.00")."""
    sign = "-" if micros < 0 else ""
    whole, rest = divmod(abs(micros), MICROS)
    digits = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}${whole:,}.{digits}"
