"""What the plan would post next in a cohort, for pages that are polled: they show what is known, and have it worked out
afterwards where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from reinforce.actions.planning.preview import PreviewedPost
from reinforce.clock import Clock
from reinforce.domain.cohort import CohortState
from reinforce.domain.planning.plan_state import REVEAL
from reinforce.store.people import cohorts
from reinforce.store.reporting.console.posts import nugget_titles
from reinforce.store.session import Database
from reinforce.web.foreseen import STRETCHES, Foreseen, Foresight

# Most cadences have that many posts within the shortest stretch.
ENOUGH = 5


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
    """The next slots of a cohort as they were foreseen `at` an instant (UTC), or in words why they can't be told.
    `changed`: something came since that may change them; `rested`: they are old enough to be worked out anew."""

    slots: tuple[NextSlot, ...]
    problem: str
    at: datetime
    changed: bool = False
    rested: bool = True

    @property
    def due(self) -> bool:
        """Whether a page that shows them should have them worked out anew."""
        return self.changed and self.rested

    @property
    def rows(self) -> tuple[NextSlot | QuietStretch, ...]:
        """The slots for a list that people read, less what stands in the outbox already (shown as posts there)."""
        return gathered(slot for slot in self.slots if not slot.planned)


class Forecast:
    """The next slots of cohorts, out of what is foreseen of their accounts. Safe under threads."""

    def __init__(self, database: Database, clock: Clock, foreseen: Foreseen) -> None:
        self._database = database
        self._clock = clock
        self._foreseen = foreseen

    def at_hand(self, cohort_id: int, count: int) -> Outlook | None:
        """The next slots of a cohort, up to the one that holds the `count`-th post, if they are known: as they are, or
        else as they were before something changed. Never waits."""
        found = self._outlook(cohort_id, self._foreseen.at_hand)
        if found is None:
            found = self._outlook(cohort_id, self._foreseen.latest)
            found = None if found is None else replace(found, changed=True)
        return None if found is None else _up_to(found, count)

    def next_slots(self, cohort_id: int, count: int) -> Outlook:
        """The next slots of a cohort, up to the one that holds the `count`-th post, worked out now if they have to be:
        that takes seconds."""
        found = self._outlook(cohort_id, self._foreseen.of)
        assert found is not None  # whoever works it out has it
        return _up_to(found, count)

    def fresh(self, cohort_id: int) -> Outlook:
        """The next slots as the plan sees them at this moment, as far as it takes to hold ENOUGH posts."""
        found = self._outlook(cohort_id, self._foreseen.fresh)
        assert found is not None
        return found

    def _outlook(self, cohort_id: int, ask: Callable[[int, int, int | None], Foresight | None]) -> Outlook | None:
        """The slots of the shortest stretch that holds ENOUGH posts, as `ask` gives what is foreseen; None if it does
        not."""
        now = self._clock.now()
        with self._database.read() as connection:
            cohort = cohorts.cohort_by_id(connection, cohort_id)
            titles = nugget_titles(connection, cohort_id)
        supposed = None if cohort.state is CohortState.RUNNING else cohort_id
        outlook = None
        for days in STRETCHES:
            foresight = ask(cohort.account_id, days, supposed)
            if foresight is None:
                return None
            ours = (one for one in foresight.rows if one.cohort == cohort.slug and one.form != REVEAL)
            slots = tuple(_slot(one, titles) for one in ours if one.due_at > now)
            rested = self._clock.monotonic() >= foresight.rested_at
            outlook = Outlook(slots, foresight.problem, foresight.at, rested=rested)
            if foresight.problem or sum(bool(slot.nugget) for slot in slots) >= ENOUGH:
                break
        return outlook


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


def _up_to(outlook: Outlook, posts: int) -> Outlook:
    filled = [place for place, slot in enumerate(outlook.slots) if slot.nugget]
    return replace(outlook, slots=outlook.slots[: filled[posts - 1] + 1]) if len(filled) >= posts else outlook


def _slot(one: PreviewedPost, titles: Mapping[str, str]) -> NextSlot:
    form = one.form if one.nugget else ""
    return NextSlot(
        one.due_at, form, titles.get(one.nugget, one.nugget), one.text, one.reason, one.price_micros, one.planned
    )
