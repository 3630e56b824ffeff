"""Two polls of the same options, side by side: counts, shares with their intervals, differences with theirs.

X tells totals only. Whether the same people voted twice is not known, so the two polls are taken for two samples that
have nothing to do with one another. A difference is no effect: it says how the votes differ, not why.
"""

from __future__ import annotations

from dataclasses import dataclass

from reinforce.domain.errors import ReinforceError
from reinforce.domain.polling.poll import Poll
from reinforce.domain.reporting.shares import Share, difference_interval

CAVEATS = (
    "X tells totals only: who voted, and whether the same people voted both times, is not known.",
    "A difference says how the votes differ, not why: no cause is claimed without a cohort to compare with.",
)


@dataclass(frozen=True, slots=True)
class Compared:
    """One option in both polls. `difference` is the second share less the first, `interval` its 95 % interval."""

    option: str
    first: Share
    second: Share
    difference: float
    interval: tuple[float, float]

    @property
    def tells(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.interval[0] > 0.0 or self.interval[1] < 0.0


def compare(first: Poll, second: Poll) -> tuple[Compared, ...]:
    """Each option of `first`, in its order. Raises ReinforceError unless both have closed, got votes and offer the same
    options."""
    for poll in (first, second):
        if poll.closed_at is None:
            why = poll.lost or "it has not closed yet"
            raise ReinforceError(f"poll {poll.id} has no result: {why}", "See how it stands: reinforce poll list")
        if not poll.voted:
            raise ReinforceError(f"nobody voted in poll {poll.id}", "There is nothing to compare: ask again.")
    places = {option.casefold(): place for place, option in enumerate(second.options)}
    if places.keys() != {option.casefold() for option in first.options}:
        raise ReinforceError(
            f"polls {first.id} and {second.id} do not offer the same options",
            "Only polls of the same options can be compared: ask the second in the words of the first.",
        )
    return tuple(
        _compared(option, Share(votes, first.voted), Share(second.votes[places[option.casefold()]], second.voted))
        for option, votes in zip(first.options, first.votes, strict=True)
    )


def _compared(option: str, first: Share, second: Share) -> Compared:
    return Compared(option, first, second, second.value - first.value, difference_interval(first, second))
