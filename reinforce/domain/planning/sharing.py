"""Who gets the room that is left on an account: max-min by priority over seven days.

What is left is given out in thought, one post at a time, each time to the cohort that has had least for its priority
and still wants something in the days to come, as far as its caps and the account's let it. A cohort may take a slot now
if that gives it this very slot. So one whose slots come early can't starve the others; what somebody has no use for
goes to whoever has; and no cap is broken, for nothing is ever given beyond one.

Max-min fairness by progressive filling: Bertsekas and Gallager, Data Networks, 2nd edition, section 6.5.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from reinforce.domain.planning.caps import Bound, Room

SEVEN_DAYS = timedelta(days=7)
# How far ahead a post still fits into one stretch of seven local days with one of today.
HORIZON = timedelta(days=7)
_NEVER = datetime.min.replace(tzinfo=UTC)
# The instants at which a post takes room: its own, and its reveal's.
Want = tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What one cohort has on the feed and wants of it. `posts` are the instants of its posts lately and on their way,
    reveals included; `wants` are those to come, in order of time, and may be thought out only as far as they are looked
    through. `bound` are its caps."""

    title: str
    slug: str
    priority: int
    bound: Bound
    posts: tuple[datetime, ...]
    wants: Iterable[Want] = ()

    def had(self, at: datetime) -> int:
        """How many posts it has had in the seven days before `at`, those on their way included."""
        return sum(at - SEVEN_DAYS < one for one in self.posts)


@dataclass(frozen=True, slots=True)
class Kept:
    """For whom room is kept: a cohort's claim, when its post is to come, and how many both have had in seven days."""

    claim: Claim
    at: datetime
    had: int
    own: Claim
    own_had: int


@dataclass(slots=True)
class _Turn:
    """How far one cohort has got in the giving out."""

    claim: Claim
    wants: Iterator[Want]
    had: int
    deciding: bool = False
    given: int = 0
    granted: list[datetime] = field(default_factory=list)

    @property
    def order(self) -> tuple[float, datetime, bool, str]:
        """Who has had nothing comes first, then who has had least for its priority, then who has waited longest;
        among equals whoever may take it at once."""
        claim, so_far = self.claim, self.had + self.given
        # Halves round to what is next in proportion (Webster); from nothing on it would starve a low priority.
        level = (so_far + 0.5) / claim.priority if so_far else 0.0
        return (level, max(claim.posts, default=_NEVER), not self.deciding, claim.slug)


def keep(room: Room, wanted: Want, own: Claim, others: Sequence[Claim]) -> Kept | None:
    """For whom room has to be kept if it is not to be `wanted` by the cohort whose claim is `own`; None if it may have
    it. `room` is what is on the feed, `others` are the claims of the account's other running cohorts."""
    now = wanted[0]
    mine = _Turn(own, iter((wanted,)), own.had(now), deciding=True)
    turns = [mine, *(_Turn(one, _soon(one.wants, now), one.had(now)) for one in others)]
    waiting = list(turns)
    owed: list[Bound] = []
    while True:
        turn = min(waiting, key=lambda one: one.order)
        # Nobody is asked before it is their turn: most never have to think out what they want.
        want = next(turn.wants, None)
        if want is None:
            waiting.remove(turn)
            continue
        # A post takes no room from under the caps of whoever was given something before it.
        fits = all(room.within(want, bound) for bound in (*room.shared, turn.claim.bound, *owed))
        if turn is mine:
            return None if fits else _kept(turns, mine)
        if fits:
            room = room.taking(want)
            turn.given += len(want)
            turn.granted.append(want[0])
            if turn.claim.bound not in owed:
                owed.append(turn.claim.bound)
            if not all(room.within(wanted, bound) for bound in (*room.shared, own.bound, *owed)):
                return _kept(turns, mine)  # what is given out after that changes nothing for this one


def _soon(wants: Iterable[Want], now: datetime) -> Iterator[Want]:
    return (want for want in wants if now <= want[0] < now + HORIZON)


def _kept(turns: Sequence[_Turn], mine: _Turn) -> Kept | None:
    """The soonest of the posts that room is kept for; None if there is none: then it is the caps that refuse."""
    found = [Kept(one.claim, min(one.granted), one.had, mine.claim, mine.had) for one in turns if one.granted]
    return min(found, key=lambda one: (one.at, one.claim.slug), default=None)


def kept_reason(kept: Kept, when: str) -> str:
    """Why a slot is left, in words; `when` is the time of the post that room is kept for, as people read it."""
    claim, own = kept.claim, kept.own
    weight = "" if claim.priority == own.priority else f", at priority {claim.priority} against {own.priority}"
    return (
        f"Room is kept for the cohort “{claim.title}”, which has something due on {when} and has had "
        f"{kept.had} of the account's posts in seven days, this cohort {kept.own_had}{weight}."
    )
