"""What of a round's scores is for everybody: teams only, the best three, and no share that would shame anyone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reinforce.domain.quizzing.quiz import Standing
from reinforce.domain.quizzing.scoring import COUNTED, Ruling, ScoredAnswer

SHOWN = 3
# A percentage is published of no fewer answers, and never one that says that most did not know.
FEWEST = 10
LEAST = 0.5


def top(standings: Sequence[Standing]) -> tuple[Standing, ...]:
    """The teams that are shown: those with points on the first three places, three at most.

    Where a shared place would make it more than three, it is left out whole: nobody is shown before an equal. If more
    than three share the first place, nobody is.
    """
    shown: tuple[Standing, ...] = ()
    for place in range(1, SHOWN + 1):
        here = tuple(one for one in standings if one.place == place and one.points > 0)
        if len(shown) + len(here) > SHOWN:
            break
        shown += here
    return shown


def sharing_first(standings: Sequence[Standing]) -> int:
    """How many teams share the first place with points."""
    return sum(one.place == 1 and one.points > 0 for one in standings)


def publishable_share(answers: Iterable[ScoredAnswer]) -> float | None:
    """The share of right answers among those that counted, if it may be published: of ten or more, half or more."""
    counted = [one for one in answers if one.ruling in COUNTED]
    right = sum(one.ruling is not Ruling.WRONG for one in counted)
    if len(counted) < FEWEST or right < LEAST * len(counted):
        return None
    return right / len(counted)
