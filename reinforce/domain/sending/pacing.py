"""How a rate limit is spent: some of it at once, the rest spread over its window.

A window allows L calls until it ends. A quarter of them may go in a burst; the others become free evenly over the
window, so that what is due at its end still finds some, and nobody waits for the whole of it. At a fraction f of the
window, b + (L - b)·f calls may have been made, with b = max(1, L/4). Whoever may not call now is told when.

All times are machine time, UTC: X counts its windows on its own clock, which headers bring to ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from reinforce.domain.sending.budget import ListedLimit

POSTING = "POST /2/tweets"
# Behind the name of an endpoint: its limit by the day.
A_DAY = " a day"
_BURST = 4  # a quarter of a limit may go at once
_KEPT = 4  # replies leave a quarter of a limit to posts
# A reset this much later than a window is long belongs to a longer one.
_SLACK = timedelta(minutes=1)


class Use(StrEnum):
    """What a call is for. POST and REPLY share an endpoint; replies leave some of it to posts."""

    POST = "post"
    REPLY = "reply"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Window:
    """A limit of `limit` calls in `seconds`, of which `remaining` are left until `resets_at`."""

    limit: int
    remaining: int
    resets_at: datetime
    seconds: float

    def after_a_call(self) -> Window:
        """One call less."""
        return replace(self, remaining=max(self.remaining - 1, 0))


def listed_window(listed: ListedLimit, now: datetime) -> Window | None:
    """A fresh window as the price list has it; None if it lists none for one user."""
    if listed.per_user is None:
        return None
    ends = now + timedelta(seconds=listed.user_seconds)
    return Window(listed.per_user, listed.per_user, ends, listed.user_seconds)


def said_window(limit: int, remaining: int, reset: datetime | None, listed: ListedLimit, now: datetime) -> Window:
    """The window that an answer's headers speak of. X names no length: it is the shortest listed one that fits."""
    seconds = listed.user_seconds
    if reset is None:
        reset = now + timedelta(seconds=seconds)
    elif reset - now > timedelta(seconds=seconds) + _SLACK:
        seconds = max(listed.app_seconds, round((reset - now).total_seconds()))
    return Window(limit, min(remaining, limit), reset, seconds)


class Said(Protocol):
    """A limit as an answer's headers said it (`accounts.base.Limit`)."""

    @property
    def endpoint(self) -> str:
        """Such as "POST /2/tweets"."""

    @property
    def limit(self) -> int:
        """Calls a window."""

    @property
    def remaining(self) -> int:
        """What is left of it."""

    @property
    def reset(self) -> datetime | None:
        """When it begins anew, machine time."""


def said_windows(
    windows: Iterable[Said], daily: Iterable[Said], limits: Mapping[str, ListedLimit], now: datetime
) -> dict[str, Window]:
    """What headers said, by the names under which it is kept; limits by the day have theirs (`A_DAY`)."""
    named = [(one.endpoint, one) for one in windows] + [(one.endpoint + A_DAY, one) for one in daily]
    return {
        name: said_window(one.limit, one.remaining, one.reset, limits.get(one.endpoint, ListedLimit()), now)
        for name, one in named
    }


def worth_keeping(name: str, window: Window, known: Window | None) -> bool:
    """Whether a window differs enough from what is known to be written down: of a day's thousands, a hundredth does."""
    if known is None or not name.endswith(A_DAY):
        return True
    moved = abs(known.remaining - window.remaining) * 100 >= window.limit or window.remaining * 10 < window.limit
    return moved or known.limit != window.limit or abs(known.resets_at - window.resets_at) > _SLACK


def without_a_word(window: Window | None, listed: ListedLimit | None, now: datetime) -> dict[str, Window]:
    """What is left of posts after a call whose answer said nothing of limits; empty if none are known."""
    if window is None or now >= window.resets_at:
        window = None if listed is None else listed_window(listed, now)
    return {} if window is None else {POSTING: window.after_a_call()}


def window_wait(window: Window, use: Use, now: datetime) -> datetime | None:
    """Not before when a call for `use` may be made; None: now."""
    if not timedelta() < window.resets_at - now <= timedelta(seconds=window.seconds) + _SLACK:
        return None  # it is over, or was written before the clock was set back
    kept = -(-window.limit // _KEPT) if use is Use.REPLY and window.limit > 1 else 0
    if window.remaining <= kept:
        return window.resets_at
    burst = max(window.limit // _BURST, 1)
    next_call = window.limit - window.remaining + 1
    if next_call <= burst:
        return None
    share = (next_call - burst) / (window.limit - burst)
    free = window.resets_at - timedelta(seconds=window.seconds * (1 - share))
    return None if free <= now else min(free, window.resets_at)


def pace_wait(
    windows: Mapping[str, Window], endpoint: str, listed: ListedLimit | None, use: Use, now: datetime
) -> datetime | None:
    """As `window_wait` over every window of `endpoint` that is known; the listed one where none is."""
    known = [window for name, window in windows.items() if name in (endpoint, endpoint + A_DAY)]
    if not known and listed is not None:
        fresh = listed_window(listed, now)
        known = [] if fresh is None else [fresh]
    waits = [wait for window in known if (wait := window_wait(window, use, now)) is not None]
    return max(waits, default=None)
