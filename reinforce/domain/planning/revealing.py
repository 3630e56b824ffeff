"""When the answer under a question can follow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from reinforce.domain.planning.caps import AccountCaps, Room, clear_from
from reinforce.domain.planning.feed_rows import ON_TIME, of_others
from reinforce.domain.planning.plan_state import PlanSnapshot
from reinforce.domain.planning.slots import next_open

# An answer is still worth having days after its question; after that it would only puzzle.
WORTH_REVEALING = timedelta(days=7)
_DAY = timedelta(days=1)


def reveal_due(
    there: PlanSnapshot, holidays: Mapping[date, str], closes_at: datetime, room: Room, now: datetime
) -> datetime | None:
    """When the answer can follow, seen at `now`: in an open hour of a day that has room, from the window's end on,
    apart from other cohorts' posts. None: never; a day later than that: it has to wait for room."""
    zone = there.cohort.zone
    at = next_open(max(closes_at, now), there.cadence, zone, holidays)
    if at is not None:
        gap = AccountCaps.of(there.account).gap
        clear = clear_from(at, of_others(there.rows, at - gap - ON_TIME), gap)
        at = next_open(clear, there.cadence, zone, holidays)
    if at is not None and not room.holds((at,)):
        # Full today: look again at the next tick, when the days have moved on.
        return max(at, now) + _DAY
    return at
