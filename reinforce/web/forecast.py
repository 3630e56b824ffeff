"""What the plan would post next, kept for as long as it holds, so that pages that are polled don't plan each time.

A forecast holds until the cohort's version moves (listen, grade, edits, roster, pause raise it), the outbox grows, or
its first slot has passed.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from reinforce.actions.preview import preview
from reinforce.clock import Clock
from reinforce.domain.budget import Tariff
from reinforce.domain.errors import ReinforceError
from reinforce.rendering.posts import PostRenderer
from reinforce.store.console.posts import newest_post_id
from reinforce.store.session import Database

LOOK_AHEAD_DAYS = 21


@dataclass(frozen=True, slots=True)
class NextSlot:
    """A slot as the plan would fill it now, `at` in UTC. `nugget` is empty where it would stay quiet."""

    at: datetime
    form: str
    nugget: str
    text: str
    reason: str
    price_micros: int

    def as_json(self) -> dict[str, Any]:
        """A form that a file can keep."""
        return {**asdict(self), "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> NextSlot:
        """What `as_json` gave."""
        return cls(**{**kept, "at": datetime.fromisoformat(kept["at"])})


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next slots of a cohort, or in words why they can't be told."""

    slots: tuple[NextSlot, ...]
    problem: str = ""


class Forecast:
    """Asks the plan itself, by the same code path, what it would do; changes nothing. Safe under threads."""

    def __init__(self, database: Database, clock: Clock, renderer: PostRenderer, tariff: Tariff) -> None:
        self._database = database
        self._clock = clock
        self._renderer = renderer
        self._tariff = tariff
        self._lock = threading.Lock()
        self._kept: dict[int, tuple[tuple[int, int], Outlook]] = {}

    def next_slots(self, cohort_id: int, version: int, count: int) -> Outlook:
        """The next `count` slots of a cohort at its `version`."""
        now = self._clock.now()
        with self._database.read() as connection:
            basis = (version, newest_post_id(connection, cohort_id))
        with self._lock:
            kept = self._kept.get(cohort_id)
            if kept is None or kept[0] != basis or _stale(kept[1], now, count):
                kept = (basis, self.fresh(cohort_id, count))
                self._kept[cohort_id] = kept
        return Outlook(kept[1].slots[:count], kept[1].problem)

    def fresh(self, cohort_id: int, count: int) -> Outlook:
        """The next `count` slots as the plan sees them at this moment."""
        now = self._clock.now()
        try:
            previewed = preview(self._database, cohort_id, self._renderer, self._tariff, now=now, days=LOOK_AHEAD_DAYS)
        except ReinforceError as error:
            return Outlook((), f"{error.message} {error.advice}".strip())
        slots = tuple(
            NextSlot(one.at, one.form, one.nugget, one.text, one.reason, one.price_micros) for one in previewed
        )
        return Outlook(tuple(slot for slot in slots if slot.at > now)[:count])


def _stale(outlook: Outlook, now: datetime, count: int) -> bool:
    if not outlook.slots or len(outlook.slots) < count:
        return True
    return outlook.slots[0].at <= now
