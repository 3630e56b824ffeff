"""The numbers a send goes by. All are machine seconds: none of them is scaled in a rehearsal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SendPolicy:
    """How one account is sent to.

    `lease` L: how long a claim is ours · `guard` G: oldest lease with which a call may start · `pause` P: bound
    between guard and first byte · `deadline` S: total deadline of a call · `lag` V: how long after that a post may
    take to show on our timeline · `quarantine` Q: how long an unknown post must be watched before its absence counts
    · `doubt`: what becomes of one that stays absent, "hold" (X's default) or "resend", which also turns into a hold
    after `rounds` times · `read_within`: mentions must have been read to their end that recently before a reply or a
    post that names somebody (programme seconds: it is X's own stamps that are read) · `backoff`: the first wait after
    a try that sent nothing, doubled each time up to `backoff_limit` · `rest`: how long an account that failed three
    times in a row is left alone, doubled with each further failure up to `rest_limit` (domain/sending/breaker.py).

    Raises ValueError where the numbers can't keep the promise: Q < G + P + S + V posts twice (the model in the tests
    shows how), and L < G + P + S calls a healthy send unknown.
    """

    lease: float = 60.0
    guard: float = 10.0
    pause: float = 5.0
    deadline: float = 30.0
    lag: float = 60.0
    quarantine: float = 105.0
    doubt: Literal["hold", "resend"] = "hold"
    rounds: int = 3
    read_within: float = 300.0
    backoff: float = 5.0
    backoff_limit: float = 300.0
    rest: float = 30.0
    rest_limit: float = 1_800.0

    def __post_init__(self) -> None:
        sending = self.guard + self.pause + self.deadline
        if self.quarantine < sending + self.lag:
            raise ValueError(
                f"a quarantine of {self.quarantine:g} s could end before an unknown post shows: "
                f"it takes {sending + self.lag:g} s (guard + pause + deadline + lag)"
            )
        if self.lease < sending:
            raise ValueError(
                f"a lease of {self.lease:g} s could end in the middle of a send: "
                f"it takes {sending:g} s (guard + pause + deadline)"
            )

    def backoff_after(self, tries: int) -> float:
        """Seconds to wait after the `tries`-th try in a row that sent nothing (counted from 1)."""
        # The exponent is bounded before the power is taken: an account may be unreachable for days.
        return float(min(self.backoff * 2 ** min(tries - 1, 16), self.backoff_limit))


# On the practice account of an accelerated rehearsal a day takes a minute: what is in doubt is settled in seconds. Its
# timeline does not lag unless a fault makes it, so a doubt may end in sending again.
REHEARSAL = SendPolicy(
    lease=2.0,
    guard=0.5,
    pause=0.1,
    deadline=1.0,
    lag=0.3,
    quarantine=2.0,
    doubt="resend",
    read_within=float("inf"),
    backoff=0.5,
    backoff_limit=10.0,
    rest=1.0,
    rest_limit=10.0,
)
