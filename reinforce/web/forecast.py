"""What the plan would post next, kept for as long as it holds, so that pages that are polled don't plan each time.

A forecast holds until the cohort's version moves (listen, grade, edits, roster, pause raise it), the outbox grows, or
its first slot has passed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from reinforce.actions.planning.preview import PreviewedPost, preview, preview_account
from reinforce.clock import Clock
from reinforce.domain.cohort import CohortState
from reinforce.domain.errors import ReinforceError
from reinforce.domain.planning.plan_state import REVEAL
from reinforce.domain.sending.budget import Tariff
from reinforce.rendering.posts import PostRenderer
from reinforce.store.people import cohorts
from reinforce.store.planning import feed
from reinforce.store.reporting.console.posts import newest_post_id, nugget_titles
from reinforce.store.session import Database

ENOUGH = 5
# Most cadences have that many posts within the first stretch.
LOOK_AHEAD_DAYS = (10, 30, 90)


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
class QuietStretch:
    """Slots in a row, from `at` to `until` (UTC), that stay empty for one reason."""

    at: datetime
    until: datetime
    slots: int
    reason: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next slots of a cohort, or in words why they can't be told."""

    slots: tuple[NextSlot, ...]
    problem: str = ""

    @property
    def rows(self) -> tuple[NextSlot | QuietStretch, ...]:
        """The slots for a list that people read, less what stands in the outbox already (shown as posts there)."""
        return gathered(slot for slot in self.slots if not slot.planned)


class Forecast:
    """Asks the plan itself, by the same code path, what it would do; changes nothing. Safe under threads."""

    def __init__(self, database: Database, clock: Clock, renderer: PostRenderer, tariff: Tariff) -> None:
        self._database = database
        self._clock = clock
        self._renderer = renderer
        self._tariff = tariff
        self._lock = threading.Lock()
        self._kept: dict[int, tuple[tuple[int, int], Outlook]] = {}
        # (account, days) → what it was walked on, and the rows of all its cohorts.
        self._walked: dict[tuple[int, int], tuple[tuple[Any, ...], tuple[PreviewedPost, ...]]] = {}

    def next_slots(self, cohort_id: int, version: int, count: int) -> Outlook:
        """The next slots of a cohort at its `version`, up to the one that holds the `count`-th post."""
        now = self._clock.now()
        with self._database.read() as connection:
            basis = (version, newest_post_id(connection, cohort_id))
        with self._lock:
            kept = self._kept.get(cohort_id)
            if kept is None or kept[0] != basis or _has_passed(kept[1], now):
                kept = (basis, self.fresh(cohort_id))
                self._kept[cohort_id] = kept
        return Outlook(_up_to(kept[1].slots, count), kept[1].problem)

    def fresh(self, cohort_id: int) -> Outlook:
        """The next slots as the plan sees them at this moment, as far as it takes to hold ENOUGH posts."""
        now = self._clock.now()
        with self._database.read() as connection:
            titles = nugget_titles(connection, cohort_id)
        found: list[NextSlot] = []
        for days in LOOK_AHEAD_DAYS:
            try:
                previewed = self._previewed(cohort_id, now, days)
            except ReinforceError as error:
                return Outlook((), f"{error.message} {error.advice}".strip())
            found = [_slot(one, titles) for one in previewed if one.form != REVEAL and one.due_at > now]
            if sum(bool(slot.nugget) for slot in found) >= ENOUGH:
                break
        return Outlook(tuple(found))

    def _previewed(self, cohort_id: int, now: datetime, days: int) -> tuple[PreviewedPost, ...]:
        """A cohort's preview. All running cohorts of an account are walked together, so a page that shows many of them
        asks once."""
        with self._database.read() as connection:
            cohort = cohorts.cohort_by_id(connection, cohort_id)
            there = [one for one in cohorts.cohorts(connection) if one.account_id == cohort.account_id]
            basis = (feed.newest(connection, cohort.account_id), *((one.id, one.version, one.state) for one in there))
        if cohort.state is not CohortState.RUNNING:
            return preview(self._database, cohort_id, self._renderer, self._tariff, now=now, days=days)
        key = (cohort.account_id, days)
        kept = self._walked.get(key)
        if kept is None or kept[0] != basis or any(one.due_at <= now for one in kept[1]):
            means = (self._renderer, self._tariff)
            kept = (basis, preview_account(self._database, cohort.account_id, *means, now=now, days=days))
            self._walked[key] = kept
        return tuple(one for one in kept[1] if one.cohort == cohort.slug)


def gathered(slots: Iterable[NextSlot]) -> tuple[NextSlot | QuietStretch, ...]:
    """`slots` with neighbours that stay empty for the same reason drawn together."""
    rows: list[NextSlot | QuietStretch] = []
    for slot in slots:
        if slot.nugget:
            rows.append(slot)
            continue
        last = rows[-1] if rows else None
        if isinstance(last, QuietStretch) and last.reason == slot.reason:
            rows[-1] = replace(last, until=slot.at, slots=last.slots + 1)
        else:
            rows.append(QuietStretch(slot.at, slot.at, 1, slot.reason))
    return tuple(rows)


def _up_to(slots: tuple[NextSlot, ...], posts: int) -> tuple[NextSlot, ...]:
    filled = [place for place, slot in enumerate(slots) if slot.nugget]
    return slots[: filled[posts - 1] + 1] if len(filled) >= posts else slots


def _slot(one: PreviewedPost, titles: Mapping[str, str]) -> NextSlot:
    form = one.form if one.nugget else ""
    return NextSlot(
        one.due_at, form, titles.get(one.nugget, one.nugget), one.text, one.reason, one.price_micros, one.planned
    )


def _has_passed(outlook: Outlook, now: datetime) -> bool:
    return bool(outlook.slots) and outlook.slots[0].at <= now
