"""What an account may still do today and this month: pure sums over what it did.

A day is the last 24 hours, a month the calendar month in UTC, both in programme time: X bills by the calendar month and
does not say in which zone, nor whether its day is rolling; these are the stricter readings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from reinforce.domain.sending.budget import Tariff, dollars


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may be spent. None: not bounded here. Money is micro-dollars a month, posts and replies go by number."""

    micros_a_month: int | None = None
    posts_a_month: int | None = None
    posts_a_day: int | None = None
    replies_a_day: int | None = None

    @property
    def monthly(self) -> bool:
        """Whether a month is bounded at all."""
        return self.micros_a_month is not None or self.posts_a_month is not None


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent: this month (posts in doubt counted as posted, readings only for a whole account) and in the last
    24 hours. `posts_today` counts no replies, `posts_month` everything that was posted."""

    micros_month: int = 0
    posts_month: int = 0
    posts_today: int = 0
    replies_today: int = 0


def daily_bounds(bounds: Bounds, tariff: Tariff, *, on_this_machine: bool) -> tuple[int, int]:
    """(posts, replies) a day: as set, else what an account that X has not verified was reported to get.

    The practice account gets what X gives to anybody at most.
    """
    most = tariff.daily["posts"]
    usual = (most, most) if on_this_machine else (tariff.daily["posts_unverified"], tariff.daily["replies_unverified"])
    set_ones = (bounds.posts_a_day, bounds.replies_a_day)
    posts, replies = (one if given is None else given for one, given in zip(usual, set_ones, strict=True))
    return min(posts, most), min(replies, most)


def why_not_today(spent: Spent, daily: tuple[int, int], most: int, *, reply: bool) -> str:
    """Why another post (or reply) must wait, in words for a person; empty if it need not. `most` of both in all."""
    posts, replies = daily
    if reply and spent.replies_today >= replies:
        return f"{replies} replies went out in the last 24 hours: that is a day's limit"
    if not reply and spent.posts_today >= posts:
        return f"{posts} posts went out in the last 24 hours: that is a day's limit"
    if spent.posts_today + spent.replies_today >= most:
        return f"{most} posts and replies went out in the last 24 hours: that is a day's limit"
    return ""


def why_not_this_month(spent: Spent, bounds: Bounds, price_micros: int) -> str:
    """Why a post of that price does not fit into the month any more; empty if it does."""
    if bounds.micros_a_month is not None and spent.micros_month + price_micros > bounds.micros_a_month:
        left = max(bounds.micros_a_month - spent.micros_month, 0)
        return f"it costs {dollars(price_micros)}, and {dollars(left)} of {dollars(bounds.micros_a_month)} are left"
    if bounds.posts_a_month is not None and spent.posts_month >= bounds.posts_a_month:
        return f"all {bounds.posts_a_month} posts of the month have gone out"
    return ""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Everything at once, for the account and those of its cohorts that have bounds of their own."""

    bounds: Bounds
    spent: Spent
    cohorts: Mapping[int, tuple[Bounds, Spent]]

    @property
    def monthly(self) -> bool:
        """Whether any month is bounded."""
        return self.bounds.monthly or any(bounds.monthly for bounds, _ in self.cohorts.values())

    def why_not_this_month(self, cohort_id: int | None, price_micros: int) -> str:
        """Why a post of that price and cohort does not fit into the month; empty if it does."""
        reason = why_not_this_month(self.spent, self.bounds, price_micros)
        if reason or cohort_id is None or cohort_id not in self.cohorts:
            return reason and f"the account's budget: {reason}"
        bounds, spent = self.cohorts[cohort_id]
        reason = why_not_this_month(spent, bounds, price_micros)
        return reason and f"the cohort's budget: {reason}"


def month_begins(now: datetime) -> datetime:
    """The beginning of the calendar month of `now`, UTC."""
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_ends(now: datetime) -> datetime:
    """The beginning of the next one."""
    return month_begins(month_begins(now) + timedelta(days=32))
