"""How many posts a day and a week there is room for. Days are local dates; a reveal counts like any other post."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from reinforce.domain.planning.cadence import Caps

_WEEK = tuple(timedelta(days=n) for n in range(7))


def has_room(posts: Mapping[date, int], adding: Iterable[date], caps: Caps) -> bool:
    """Whether posts on the days `adding` would keep every day and every seven days in a row within the caps."""
    new = Counter(adding)
    total = Counter(posts) + new
    if any(total[day] > caps.a_day for day in new):
        return False
    # Every stretch of seven days that holds a new post begins within the six days before it.
    begins = {day - back for day in new for back in _WEEK}
    return all(sum(total[begin + ahead] for ahead in _WEEK) <= caps.a_week for begin in begins)
