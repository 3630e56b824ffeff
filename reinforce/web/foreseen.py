"""What the plan foresees for the cohorts of an account, kept for as long as it holds: it takes seconds, and a calendar
is looked at often."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reinforce.actions.planning.preview import PreviewedPost, preview_account
from reinforce.clock import Clock
from reinforce.domain.errors import ReinforceError
from reinforce.domain.sending.budget import Tariff
from reinforce.rendering.posts import PostRenderer
from reinforce.store.people import cohorts
from reinforce.store.planning import feed
from reinforce.store.session import Database

# Few lengths, so that months near each other share one walk. Further ahead too much changes it.
STRETCHES = (10, 45, 100)


@dataclass(frozen=True, slots=True)
class Foresight:
    """The posts that are foreseen up to `until` (UTC), or in words why they can't be told."""

    rows: tuple[PreviewedPost, ...]
    until: datetime
    problem: str = ""


class Foreseen:
    """Previews of accounts. One holds until a cohort of the account changes, its feed grows, or its first row is due.
    Safe under threads."""

    def __init__(self, database: Database, clock: Clock, renderer: PostRenderer, tariff: Tariff) -> None:
        self._database = database
        self._clock = clock
        self._means = (renderer, tariff)
        self._lock = threading.Lock()
        self._kept: dict[tuple[int, int], tuple[tuple[Any, ...], Foresight]] = {}

    def at_hand(self, account_id: int, days: int) -> Foresight | None:
        """What is foreseen for so many days, if it is known already."""
        basis, now = self._basis(account_id), self._clock.now()
        for stretch in STRETCHES:
            kept = self._kept.get((account_id, stretch))
            if stretch < min(days, STRETCHES[-1]) or kept is None or kept[0] != basis:
                continue
            if not any(one.due_at <= now for one in kept[1].rows):
                return kept[1]
        return None

    def of(self, account_id: int, days: int) -> Foresight:
        """What is foreseen for so many days, worked out now if it has to be: that takes seconds."""
        # One at a time: two would only take twice as long.
        with self._lock:
            found = self.at_hand(account_id, days)
            if found is None:
                stretch = next((one for one in STRETCHES if one >= days), STRETCHES[-1])
                basis = self._basis(account_id)
                found = self._fresh(account_id, stretch)
                self._kept[account_id, stretch] = (basis, found)
        return found

    def _fresh(self, account_id: int, days: int) -> Foresight:
        now = self._clock.now()
        until = now + timedelta(days=days)
        try:
            rows = preview_account(self._database, account_id, *self._means, now=now, days=days)
        except ReinforceError as error:
            return Foresight((), until, f"{error.message} {error.advice}".strip())
        return Foresight(tuple(one for one in rows if one.is_post and not one.planned and one.due_at > now), until)

    def _basis(self, account_id: int) -> tuple[Any, ...]:
        with self._database.read() as connection:
            there = [one for one in cohorts.cohorts(connection) if one.account_id == account_id]
            return (feed.newest(connection, account_id), *((one.id, one.version, one.state) for one in there))
