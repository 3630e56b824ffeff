"""The same cadence with more posts a week: what a forecast tries when the cadence in use is too slow."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from math import ceil

from reinforce.domain.planning.cadence import AdaptiveRule, Cadence, Caps, QuietHours, Rule, Slot

# Not more than so many posts on a day are tried, reveals included: beyond that people mute an account.
MOST_A_DAY = 6
# When a day without quiet hours ends, as far as new slots are concerned.
_EVENING = time(20)


def weekly_room(cadence: Cadence) -> int:
    """How many posts a week its slots and caps leave room for, reveals included."""
    slots = sum(len(slot.weekdays) for slot in cadence.slots)
    return min(cadence.caps.a_week, len(cadence.weekdays) * cadence.caps.a_day, slots * (2 if cadence.reveal else 1))


def most_posts(cadence: Cadence) -> int:
    """The most posts a week that are tried, reveals included."""
    return MOST_A_DAY * len(cadence.weekdays)


def with_posts_a_week(cadence: Cadence, posts: int) -> Cadence:
    """The cadence with room for `posts` a week, reveals included: caps, slots of a day, new nuggets and the pace of the
    opening weeks grow alike; days, quiet hours, forms and policy stay."""
    days = len(cadence.weekdays)
    a_day = max(cadence.caps.a_day, ceil(posts / days))
    factor = posts / weekly_room(cadence)
    caps = Caps(a_day, posts, ceil(cadence.caps.new_a_week * factor))
    return replace(cadence, slots=_slots(cadence, ceil(posts / days)), caps=caps, rule=_rule(cadence.rule, factor))


def _rule(rule: Rule, factor: float) -> Rule:
    if not isinstance(rule, AdaptiveRule):
        return rule
    return replace(rule, opening_posts_a_week=max(rule.opening_posts_a_week * factor, 1.0))


def _slots(cadence: Cadence, a_day: int) -> tuple[Slot, ...]:
    """On each of its days at least `a_day` slots; a day that has too few gets them evenly over its open hours."""
    found: list[Slot] = []
    for weekday in sorted(cadence.weekdays):
        there = [slot for slot in cadence.slots if weekday in slot.weekdays]
        if len(there) >= a_day:
            found += [replace(slot, weekdays=frozenset({weekday})) for slot in there]
            continue
        begin = min(slot.at for slot in there)
        found += [
            Slot(f"{weekday}-{place + 1}", at, frozenset({weekday}))
            for place, at in enumerate(_spread(begin, _closing(begin, cadence.quiet_hours), a_day))
        ]
    return tuple(found)


def _closing(begin: time, quiet: QuietHours | None) -> time:
    if quiet is not None and quiet.start > begin:
        return quiet.start
    return _EVENING if begin < _EVENING else time(23, 59)


def _spread(begin: time, end: time, count: int) -> tuple[time, ...]:
    first, last = begin.hour * 60 + begin.minute, end.hour * 60 + end.minute
    minutes = [first + (last - first) * place // count for place in range(count)]
    return tuple(time(minute // 60, minute % 60) for minute in minutes)
