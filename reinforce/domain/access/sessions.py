"""For how long somebody stays signed in, and how often one may fail to. All of it in machine time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# A session's last use is written down no more often than this.
NOTED_EVERY = timedelta(minutes=1)
LINK_HOLDS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """A session ends after `idle` without a page, and after `whole` in any case."""

    idle: timedelta = timedelta(hours=8)
    whole: timedelta = timedelta(days=7)


def lifetimes(idle_minutes: float, days: float) -> Lifetimes:
    """Lifetimes as they are set."""
    return Lifetimes(timedelta(minutes=idle_minutes), timedelta(days=days))


@dataclass(frozen=True, slots=True)
class Patience:
    """How many attempts within `window` may fail for one name, and from one address."""

    by_name: int = 10
    by_address: int = 30
    window: timedelta = timedelta(minutes=15)


def is_over(started: datetime, seen: datetime, now: datetime, lifetimes: Lifetimes) -> bool:
    """Whether a session that began at `started` and was used last at `seen` has ended."""
    return now - seen >= lifetimes.idle or now - started >= lifetimes.whole
