"""A house whose machine time a test can let pass, and which waits for nothing between two tries."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path

from reinforce.bootstrap import House
from reinforce.clock import Clock
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.sending.send_policy import SendPolicy
from reinforce.settings import Settings

# What a daemon of another process is set to as well.
SHARED = {
    "database_url",
    "listen_seconds",
    "tick_seconds",
    "lease_seconds",
    "send_guard_seconds",
    "pause_bound_seconds",
    "send_deadline_seconds",
    "read_lag_seconds",
    "doubt",
}


class PassingClock(Clock):
    """Programme time that is stepped, monotonic time that can be let pass."""

    passed = 0.0

    def monotonic(self) -> float:  # type: ignore[override]
        """Seconds of machine time, and those that were let pass."""
        return Clock.monotonic() + self.passed


class HastyHouse(House):
    """A house that tries again at once."""

    @cached_property
    def clock(self) -> Clock:
        """Programme time that is stepped, monotonic time that is let pass."""
        return PassingClock(self.settings.clock_file)

    def let_pass(self, seconds: float) -> None:
        """As if so much machine time had passed for this process."""
        assert isinstance(self.clock, PassingClock)
        self.clock.passed += seconds

    def send_policy(self, record: AccountRecord) -> SendPolicy:
        """As set, with waits of hundredths of a second."""
        return replace(super().send_policy(record), backoff=0.01, backoff_limit=0.05, rest=0.01, rest_limit=0.05)


def settings(folder: Path, url: str) -> Settings:
    """What every daemon of a test is set to: what is in doubt is looked for, then sent again."""
    return Settings(
        workspace=folder / "workspace",
        database_url=url,
        listen_seconds=1,
        tick_seconds=0.05,
        lease_seconds=6,
        send_guard_seconds=2,
        pause_bound_seconds=0.1,
        send_deadline_seconds=2,
        read_lag_seconds=0.5,
        doubt="resend",
    )
