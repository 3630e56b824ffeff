"""How many posts there is room for, and how far apart: by a cohort's caps and by those of its account.

Days are local dates; a reveal counts like any other post. The account's caps hold on the local days of every cohort
that runs on it, so that none of their learners gets more, whatever zone they live in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.planning.slots import local_day


class DayAndWeek(Protocol):
    """At most so many posts on a local day and in any seven days in a row."""

    @property
    def a_day(self) -> int: ...

    @property
    def a_week(self) -> int: ...


@dataclass(frozen=True, slots=True)
class AccountCaps:
    """What nobody's posts on an account may exceed together, and how long two cohorts' posts are apart at least."""

    a_day: int
    a_week: int
    gap: timedelta

    @staticmethod
    def of(account: AccountRecord) -> AccountCaps:
        """The caps that stand on an account's row."""
        return AccountCaps(account.posts_a_day, account.posts_a_week, timedelta(minutes=account.gap_minutes))


def has_room(posts: Mapping[date, int], adding: Iterable[date], caps: DayAndWeek) -> bool:
    """Whether posts on the days `adding` would keep every day and every seven days in a row within the caps."""
    new = Counter(adding)
    if not new:
        return True
    if any(posts.get(day, 0) + count > caps.a_day for day, count in new.items()):
        return False
    # Every stretch of seven days that holds a new post begins within the six days before it.
    first, last = min(new).toordinal() - 6, max(new).toordinal()
    days = [date.fromordinal(number) for number in range(first, last + 7)]
    there, more = [posts.get(day, 0) for day in days], [new.get(day, 0) for day in days]
    total, added = sum(there[:7]) + sum(more[:7]), sum(more[:7])
    for begin in range(last - first + 1):
        if added and total > caps.a_week:
            return False
        if begin < last - first:
            added += more[begin + 7] - more[begin]
            total += there[begin + 7] - there[begin] + more[begin + 7] - more[begin]
    return True


# Caps with the zone whose days they count.
Bound = tuple[str, DayAndWeek]


@dataclass(frozen=True, slots=True)
class Room:
    """What is on a feed, by zone and local date, and whose caps bound it. `own` are the cohort's, `shared` the
    account's: those in every zone of its running cohorts."""

    days: Mapping[str, Mapping[date, int]]
    own: Bound
    shared: tuple[Bound, ...]

    @staticmethod
    def of(posts: Iterable[datetime], own: Bound, account: AccountCaps, zones: Iterable[str]) -> Room:
        """The room beside `posts` (instants). `zones` are those of the account's running cohorts."""
        everywhere = tuple(dict.fromkeys([own[0], *zones]))
        instants = list(posts)
        days = {zone: Counter(local_day(at, zone) for at in instants) for zone in everywhere}
        return Room(days, own, tuple((zone, account) for zone in everywhere))

    def holds(self, posts: Sequence[datetime]) -> bool:
        """Whether posts at these instants are within the cohort's caps and the account's."""
        return self.within(posts, self.own) and self.holds_shared(posts)

    def holds_shared(self, posts: Sequence[datetime]) -> bool:
        """Whether posts at these instants are within the account's caps."""
        return all(self.within(posts, bound) for bound in self.shared)

    def within(self, posts: Sequence[datetime], bound: Bound) -> bool:
        """Whether posts at these instants are within one bound; its zone is one of the account's."""
        zone, caps = bound
        return has_room(self.days[zone], [local_day(at, zone) for at in posts], caps)

    def taking(self, posts: Sequence[datetime]) -> Room:
        """The room that is left beside these posts, too."""
        return self._counting(posts, 1) if posts else self

    def giving_back(self, posts: Sequence[datetime]) -> Room:
        """The room that is left if these posts of it are not to come."""
        return self._counting(posts, -1) if posts else self

    def _counting(self, posts: Sequence[datetime], each: int) -> Room:
        days = {}
        for zone, there in self.days.items():
            counts = dict(there)
            for at in posts:
                day = local_day(at, zone)
                counts[day] = counts.get(day, 0) + each
            days[zone] = counts
        return replace(self, days=days)


def clear_from(at: datetime, others: Iterable[datetime], gap: timedelta) -> datetime:
    """The first instant from `at` on that is `gap` or more from each of the `others`."""
    for other in sorted(others):
        if other - gap < at < other + gap:
            at = other + gap
    return at
