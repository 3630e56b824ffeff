"""An account as the rest of the house knows it: a value, and what it may do just now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from reinforce.domain.accounts.base_url import is_on_loopback
from reinforce.domain.nugget import Confidentiality

# What nobody follows an account for: more than this, until somebody says otherwise.
POSTS_A_DAY = 12
POSTS_A_WEEK = 60
GAP_MINUTES = 10
# What each of them may be set to, as its column is called.
CAP_BOUNDS = {"posts_a_day": (1, 500), "posts_a_week": (1, 2000), "gap_minutes": (0, 720)}


class AccountState(StrEnum):
    """ACTIVE sends; PAUSED waits for a person or a time; UNPROVEN waits until its timeline has been read after a
    backup was put back."""

    ACTIVE = "active"
    PAUSED = "paused"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account on X or the practice account.

    `confidentiality` INTERNAL means that it is expected to be protected on X, and only then may carry internal
    nuggets; `protected` is what X said last, None before it was asked. `paused_until` and `read_at` (when mentions
    were last read to their end) are programme time; `halted_at` is when a person stopped it. `connected_at` is when its
    keys were stored (machine time), None before it was connected: other keys have another one. At most `posts_a_day`
    and `posts_a_week` go out on it, all cohorts together, and two cohorts' posts are `gap_minutes` apart. With
    `open_cohorts` it is for open cohorts, which anybody may join: it takes no other, and nothing internal, for as long
    as it is there, since those who joined follow it.
    """

    id: int
    name: str
    base_url: str
    handle: str
    remote_user_id: int | None
    confidentiality: Confidentiality
    protected: bool | None
    state: AccountState
    paused_reason: str
    paused_until: datetime | None
    halted_at: datetime | None
    read_at: datetime | None
    connected_at: datetime | None = None
    posts_a_day: int = POSTS_A_DAY
    posts_a_week: int = POSTS_A_WEEK
    gap_minutes: int = GAP_MINUTES
    open_cohorts: bool = False

    @property
    def on_this_machine(self) -> bool:
        """True for the practice account: its base URL is on loopback."""
        return is_on_loopback(self.base_url)

    @property
    def turned_public(self) -> bool:
        """True if the account was to be protected, and X says it is not."""
        return self.confidentiality is Confidentiality.INTERNAL and self.protected is False

    def why_silent(self, now: datetime) -> str:
        """Why nothing may be sent at `now` (programme time), in words for a person; empty if it may."""
        if self.halted_at is not None:
            return "the account is halted"
        if self.state is AccountState.UNPROVEN:
            return "the account is unproven: its timeline was not read since a backup was put back or a copy started"
        if self.state is AccountState.PAUSED and (self.paused_until is None or now < self.paused_until):
            return f"the account is paused: {self.paused_reason}"
        return ""


def address_of(account: AccountRecord, remote_id: int) -> str:
    """Where a post of the account can be read: on X, or on the page of the practice account."""
    if account.on_this_machine:
        return f"{account.base_url}/posts/{remote_id}"
    return f"https://x.com/{account.handle}/status/{remote_id}"
