"""When a hint is due: by time, or when many answers were not right. It goes to everybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from reinforce.domain.quizzing.quiz import Pace
from reinforce.domain.quizzing.scoring import COUNTED, Asked, Ruling, ScoredAnswer

# Of fewer answers a hint would show who had given them.
FEWEST = 5
# A hint that is out for less than this helps nobody.
_WORTH = timedelta(seconds=30)


def next_hint(
    pace: Pace,
    asked: Asked,
    given: Sequence[datetime],
    there_are: int,
    answers: Iterable[ScoredAnswer],
    now: datetime,
) -> str:
    """Why the next hint to `asked` is due at `now`, "" if it isn't. `given` are the instants of those before, of the
    `there_are` that its author wrote; `answers` are those to this question so far."""
    if len(given) >= there_are or not asked.opened_at <= now < asked.closes_at - _WORTH:
        return ""
    if pace.hint_minutes is not None:
        due = asked.opened_at + (len(given) + 1) * timedelta(minutes=pace.hint_minutes)
        if now >= due:
            return f"{pace.hint_minutes:g} minutes have passed"
    if pace.hint_share is None:
        return ""
    since = max(given, default=asked.opened_at)
    counted = [one for one in answers if one.ruling in COUNTED and one.given.at >= since]
    off = sum(one.ruling is Ruling.WRONG for one in counted)
    if len(counted) >= FEWEST and off >= pace.hint_share * len(counted):
        return f"many of the {len(counted)} answers since then were not right"
    return ""
