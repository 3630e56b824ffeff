"""Posts about cohorts' dates on the walk: each takes its place some days ahead, before a nugget takes the room."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reinforce.domain.enrolling.updates import AHEAD, Update, placed, timed
from reinforce.domain.planning.caps import AccountCaps
from reinforce.domain.planning.deciding import Composed
from reinforce.domain.planning.feed_rows import ON_TIME, of_others
from reinforce.domain.planning.slots import local_day, resolve
from reinforce.domain.walking.account import Lane, Rank, Walk, Walked

_HOUR = timedelta(hours=1)


def tell_dates(walk: Walk, lane: Lane) -> None:
    """Have the lane's updates planned, each when its day is near enough."""
    if lane.updates:
        _look_at(walk, lane, walk.now)


def _look_at(walk: Walk, lane: Lane, when: datetime) -> None:
    walk.then(when, Rank.UPDATE, lane, lambda walk, when: _look(walk, lane, when))


def _look(walk: Walk, lane: Lane, when: datetime) -> None:
    zone = lane.cohort.zone
    soon = local_day(when + AHEAD, zone)
    waiting = [one for one in lane.updates if one.day > soon or not _take(walk, lane, one, when)]
    lane.updates = waiting
    if any(update.day <= soon for update in waiting):
        _look_at(walk, lane, _next_hour(when, zone))
    elif waiting:
        near = resolve(min(update.day for update in waiting), time(0), zone) - AHEAD
        _look_at(walk, lane, _next_hour(near - timedelta(microseconds=1), zone))


def _take(walk: Walk, lane: Lane, update: Update, when: datetime) -> bool:
    """Plan one update; False if it has to wait."""
    timing = timed(update, lane.calendar, when)
    if timing.why_not:
        return True
    gap, state = AccountCaps.of(lane.state.snapshot.account).gap, lane.state
    assert timing.at is not None
    others = of_others(state.snapshot.rows, timing.at - gap - ON_TIME)
    at = placed(timing, lane.calendar, state.room_beside_rows, others, gap)
    if at is None:
        return timing.last == local_day(when, lane.cohort.zone)
    if at > when + AHEAD:
        return False
    composed = lane.compose.update(update, at, state)
    if isinstance(composed, Composed):
        reason = f"The cohort's update: {update.kind.called.replace('_', ' ')}."
        walk.post(lane, Walked(lane.place, at, when, update.kind.value, composed=composed, reason=reason))
    return True


def _next_hour(at: datetime, zone: str) -> datetime:
    """When the next hour of the day begins after `at`: how often the dates are followed."""
    local = at.astimezone(ZoneInfo(zone))
    begun = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return at.astimezone(UTC) - begun + _HOUR
