"""What the steps of a send hand to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from reinforce.accounts.base import Account
from reinforce.clock import Clock
from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.kill_points import Checkpoint, unwatched
from reinforce.domain.sending.outbox import Attempt, Noted, OutboxItem, State, unnoted
from reinforce.domain.sending.send_policy import SendPolicy
from reinforce.store.sending.governor import Standing
from reinforce.store.sending.known_names import KnownNames
from reinforce.store.session import Database

HELD_UP = "this process was held up for longer than the send guard allows: nothing was sent"
CONNECTED_ANEW = "the account was connected anew: it is sent with its new keys at the next look"
TAKEN_OVER = "another process has taken it over"


class Published(StrEnum):
    """What became of the post that was taken up. POSTPONED: it is planned again. LOST: another process has it."""

    NOTHING = "nothing"
    POSTED = "posted"
    POSTPONED = "postponed"
    REFUSED = "refused"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    LOST = "lost"


KINDS = {
    State.POSTED: Published.POSTED,
    State.PLANNED: Published.POSTPONED,
    State.REFUSED: Published.REFUSED,
    State.SKIPPED: Published.SKIPPED,
    State.UNKNOWN: Published.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class PublishOutcome:
    """`item` as it stands now; `reason` in words for a person; `let_go`: posts that had become too late."""

    kind: Published
    item: OutboxItem | None = None
    reason: str = ""
    let_go: tuple[OutboxItem, ...] = ()

    @property
    def moved(self) -> bool:
        """True if it is worth asking for the next post at once."""
        return self.kind not in (Published.NOTHING, Published.POSTPONED)


@dataclass(frozen=True, slots=True)
class Means:
    """What a process sends with, whatever the account. `owner` names the process in leases; `note` is told which post
    is taken up, before anything is sent."""

    database: Database
    clock: Clock
    owner: str
    tariff: Tariff
    names: KnownNames = field(default_factory=KnownNames)
    checkpoint: Checkpoint = unwatched
    note: Noted = unnoted


@dataclass(slots=True)
class Ahead:
    """The posts of one account that one look found due, the oldest first, and of which none was taken up yet; at most
    `most` of them. They were candidates then: what changed since, the claim and the last look see. `all_seen`: there
    were no others, and what came since is for the next tick."""

    most: int
    items: list[OutboxItem] = field(default_factory=list)
    all_seen: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """One run through the steps: whose post, through which account, by which rules."""

    record: AccountRecord
    account: Account
    policy: SendPolicy
    means: Means

    def lease_too_old(self, since: float) -> bool:
        """Whether a claim made at `since` (monotonic) is older than the send guard allows."""
        return self.means.clock.monotonic() - since > self.policy.guard


@dataclass(frozen=True, slots=True)
class Claimed:
    """A leased post; `since` is the monotonic time just before the claim, from which the lease's age is counted."""

    item: OutboxItem
    since: float
    standing: Standing


@dataclass(frozen=True, slots=True)
class Attempted:
    """A post on its way: its attempt is durable. `earlier` are the attempts before, oldest first."""

    item: OutboxItem
    since: float
    standing: Standing
    attempt: Attempt
    earlier: tuple[Attempt, ...]
