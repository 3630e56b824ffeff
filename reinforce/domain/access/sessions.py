"""For how long somebody stays signed in, and how often one may fail to. All of it in machine time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reinforce.domain.errors import SignInRefused

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
    """How many attempts within `window` may fail for one name, and from one address.

    `starts` is how many browsers of one address may be at the company's sign-in (a whole office may have one), to come
    back within `trip`; `told` how many failures are written into the audit log, `kept` how many attempts are remembered
    (far more than the hashing of passwords lets through within the window)."""

    by_name: int = 10
    by_address: int = 30
    starts: int = 200
    told: int = 20
    kept: int = 50_000
    window: timedelta = timedelta(minutes=15)
    trip: timedelta = timedelta(minutes=10)


def waiting(wait: timedelta, instead: str) -> SignInRefused:
    """What is said while no attempt is looked at; `instead` is what else helps."""
    minutes = -(-int(wait.total_seconds()) // 60)
    return SignInRefused(
        "Too many attempts failed.",
        f"Wait {minutes} minute{'s' if minutes != 1 else ''} and try again, or {instead}.",
        wait=int(wait.total_seconds()) + 1,
    )


def is_over(started: datetime, seen: datetime, now: datetime, lifetimes: Lifetimes) -> bool:
    """Whether a session that began at `started` and was used last at `seen` has ended."""
    return now - seen >= lifetimes.idle or now - started >= lifetimes.whole
