"""What the plan foresees for the cohorts of an account, kept for as long as it holds: it takes seconds, and pages that
show it are looked at often."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta

from reinforce.actions.planning.preview import PreviewedPost, WhatIf, preview_account
from reinforce.clock import Clock
from reinforce.domain.errors import ReinforceError
from reinforce.domain.sending.budget import Tariff
from reinforce.rendering.posts import PostRenderer
from reinforce.store.planning import feed
from reinforce.store.session import Database
from reinforce.web.kept import Kept

# Few lengths, so that pages that look differently far ahead share one walk. Further ahead too much changes it.
STRETCHES = (10, 45, 100)
# Answers come in all day, and each changes it a little. What was foreseen rests for so many times as long as it took,
# so that a page that is left open keeps no core busy with it.
RESTS = 10


@dataclass(frozen=True, slots=True)
class Foresight:
    """What is foreseen from `at` up to `until` (UTC), with slots that stay empty and posts that are planned already; or
    in words why it can't be told. `rested_at`: when it may be worked out anew by itself (machine's monotonic seconds).
    """

    rows: tuple[PreviewedPost, ...]
    at: datetime
    until: datetime
    rested_at: float
    problem: str = ""

    @property
    def posts(self) -> tuple[PreviewedPost, ...]:
        """The posts that are not planned yet."""
        return tuple(one for one in self.rows if one.is_post and not one.planned)

    def stands_at(self, now: datetime) -> bool:
        """Whether none of its rows has come due."""
        return not any(one.due_at <= now for one in self.rows)


class Foreseen:
    """Previews of accounts. One holds until a cohort of the account changes, its feed grows, or its first row is due.
    Safe under threads.

    `supposed` is a cohort that does not run (its id), foreseen as if it did.
    """

    def __init__(self, database: Database, clock: Clock, renderer: PostRenderer, tariff: Tariff) -> None:
        self._database = database
        self._clock = clock
        self._means = (renderer, tariff)
        self._kept: Kept[tuple[int, int | None, int], Foresight] = Kept(lambda one: one.stands_at(clock.now()))

    def at_hand(self, account_id: int, days: int, supposed: int | None = None) -> Foresight | None:
        """What is foreseen for so many days, if it is known already. Never waits."""
        basis = self._basis(account_id)
        found = (self._kept.at_hand((account_id, supposed, stretch), basis) for stretch in _reaching(days))
        return next((one for one in found if one is not None), None)

    def latest(self, account_id: int, days: int, supposed: int | None = None) -> Foresight | None:
        """What was last foreseen for so many days, whatever came to pass since."""
        found = (self._kept.latest((account_id, supposed, stretch)) for stretch in _reaching(days))
        return max((one for one in found if one is not None), key=lambda one: one.at, default=None)

    def of(self, account_id: int, days: int, supposed: int | None = None) -> Foresight:
        """What is foreseen for so many days, worked out now if it has to be: that takes seconds."""
        found = self.at_hand(account_id, days, supposed)
        if found is not None:
            return found
        stretch = _reaching(days)[0]
        basis = self._basis(account_id)
        return self._kept.of((account_id, supposed, stretch), basis, lambda: self.fresh(account_id, stretch, supposed))

    def fresh(self, account_id: int, days: int, supposed: int | None = None) -> Foresight:
        """What is foreseen at this moment, worked out in any case."""
        now, begun = self._clock.now(), self._clock.monotonic()
        rows: tuple[PreviewedPost, ...] = ()
        problem = ""
        what_if = WhatIf(supposed)
        try:
            rows = preview_account(self._database, account_id, *self._means, now=now, days=days, what_if=what_if)
        except ReinforceError as error:
            problem = f"{error.message} {error.advice}".strip()
        ended = self._clock.monotonic()
        ahead = tuple(one for one in rows if one.due_at > now)
        return Foresight(ahead, now, now + timedelta(days=days), ended + RESTS * (ended - begun), problem)

    def _basis(self, account_id: int) -> Hashable:
        with self._database.read() as connection:
            return feed.stand(connection, account_id)


def _reaching(days: int) -> tuple[int, ...]:
    """The stretches of at least so many days, or the longest."""
    return tuple(one for one in STRETCHES if one >= days) or STRETCHES[-1:]
