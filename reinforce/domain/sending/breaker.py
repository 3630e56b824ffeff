"""A circuit breaker: an account that keeps failing is left alone for a while, then tried with one call.

::

    CLOSED ──3rd failure in a row──▶ OPEN until a time ──that time──▶ HALF_OPEN: one call may go
      ▲                               ▲                                   │
      └──────────── it worked ────────┼────────────── it worked ──────────┤
                                      └──────────── it failed ────────────┘

A failure is a call of which nobody knows the outcome (5xx, time-out, half an answer) or that reached nobody. A refusal
is none: the service works. Each failure in a row waits longer, doubled up to a limit, shortened by up to half by a
seeded chance, so that accounts which failed together don't come back together. Times are machine time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

THRESHOLD = 3
LONGEST_REST = timedelta(hours=1)


class Circuit(StrEnum):
    """CLOSED lets calls through, OPEN none, HALF_OPEN one."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """`failures` in a row; `retry_at` is set while it is open."""

    state: Circuit = Circuit.CLOSED
    failures: int = 0
    retry_at: datetime | None = None

    def wait(self, now: datetime) -> datetime | None:
        """Not before when a call may be made; None: now."""
        if self.state is not Circuit.OPEN or self.retry_at is None:
            return None
        # One that is further away was written before the clock was set back.
        return self.retry_at if timedelta() < self.retry_at - now <= LONGEST_REST else None

    def trying(self, now: datetime) -> Breaker:
        """A call is about to be made: an open circuit whose time has come is half open until it ends.

        A process that dies in that call leaves it half open; its outcome, once reconciled or tried again, decides.
        """
        if self.state is Circuit.OPEN and self.wait(now) is None:
            return Breaker(Circuit.HALF_OPEN, self.failures)
        return self

    def after(self, failed: bool, now: datetime, seed: str, first: float, longest: float) -> Breaker:
        """As `failed` or `worked`; rests in seconds."""
        if not failed:
            return self.worked()
        return self.failed(now, seed, timedelta(seconds=first), timedelta(seconds=longest))

    def worked(self) -> Breaker:
        """A call was answered."""
        return Breaker()

    def failed(self, now: datetime, seed: str, first: timedelta, longest: timedelta) -> Breaker:
        """A call was not. It rests for `first`, doubled with each failure up to `longest`; `seed` is what the chance is
        drawn from."""
        failures = self.failures + 1
        if self.state is not Circuit.HALF_OPEN and failures < THRESHOLD:
            return Breaker(Circuit.CLOSED, failures)
        wait = min(first * 2 ** min(max(failures - THRESHOLD, 0), 16), longest, LONGEST_REST)
        return Breaker(Circuit.OPEN, failures, now + wait * jitter(seed))


def jitter(seed: str) -> float:
    """A factor in (0.5, 1], the same for the same seed."""
    drawn = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") / 2**64
    return 1.0 - drawn / 2
