"""What the plan would post next, kept for as long as it holds, so that pages that are polled don't plan each time.

A forecast holds until the cohort's version moves (listen, grade, edits, roster, pause raise it), the outbox grows, or
its first slot has passed.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from reinforce.actions.preview import PreviewedPost, preview
from reinforce.clock import Clock
from reinforce.domain.budget import Tariff
from reinforce.domain.errors import ReinforceError
from reinforce.domain.plan_state import REVEAL
from reinforce.rendering.posts import PostRenderer
from reinforce.store.console.posts import newest_post_id, nugget_titles
from reinforce.store.session import Database

MOST_SLOTS = 8
# Most cadences have that many slots within the first stretch.
LOOK_AHEAD_DAYS = (10, 60)


@dataclass(frozen=True, slots=True)
class NextSlot:
    """A slot as the plan would fill it now, `at` in UTC. `nugget` is empty where it would stay quiet.

    `planned`: it stands in the outbox already.
    """

    at: datetime
    form: str
    nugget: str
    text: str
    reason: str
    price_micros: int
    planned: bool = False

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
        """The next `count` (at most MOST_SLOTS) slots of a cohort at its `version`."""
        now = self._clock.now()
        with self._database.read() as connection:
            basis = (version, newest_post_id(connection, cohort_id))
        with self._lock:
            kept = self._kept.get(cohort_id)
            if kept is None or kept[0] != basis or _has_passed(kept[1], now):
                kept = (basis, self.fresh(cohort_id))
                self._kept[cohort_id] = kept
        return Outlook(kept[1].slots[:count], kept[1].problem)

    def fresh(self, cohort_id: int) -> Outlook:
        """The next slots, at most MOST_SLOTS, as the plan sees them at this moment."""
        now = self._clock.now()
        with self._database.read() as connection:
            titles = nugget_titles(connection, cohort_id)
        found: list[NextSlot] = []
        for days in LOOK_AHEAD_DAYS:
            try:
                previewed = preview(self._database, cohort_id, self._renderer, self._tariff, now=now, days=days)
            except ReinforceError as error:
                return Outlook((), f"{error.message} {error.advice}".strip())
            found = [_slot(one, titles) for one in previewed if one.form != REVEAL and one.due_at > now]
            if len(found) >= MOST_SLOTS:
                break
        return Outlook(tuple(found[:MOST_SLOTS]))


def _slot(one: PreviewedPost, titles: Mapping[str, str]) -> NextSlot:
    form = one.form if one.nugget else ""
    return NextSlot(
        one.due_at, form, titles.get(one.nugget, one.nugget), one.text, one.reason, one.price_micros, one.planned
    )


def _has_passed(outlook: Outlook, now: datetime) -> bool:
    return bool(outlook.slots) and outlook.slots[0].at <= now
