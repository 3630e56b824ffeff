"""Hold a kept preview against what came of it, and name for each difference the evidence that caused it.

The proof is to decide again: with all that was known when the slot was decided the very post must come out that is on
record; without what came back after the preview, what the preview had shown, as long as nothing before it differs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from reinforce.actions.planning.preview.deciding_again import decide_again
from reinforce.actions.planning.preview.keeping import KeptPreview, KeptRow
from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.planning.plan_context import Quiet
from reinforce.domain.planning.slots import SlotTime
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.domain.walking.previewed import QUIET
from reinforce.rendering.posts import PostRenderer
from reinforce.store.people import cohorts
from reinforce.store.planning import decisions, plan_snapshot
from reinforce.store.planning.as_of import Moment
from reinforce.store.planning.came_since import CameSince, came_since
from reinforce.store.planning.plan_snapshot import CohortFrame
from reinforce.store.sending import outbox
from reinforce.store.session import Database

_NEAR = timedelta(days=2)
# (minute it is due at, form, text): what is compared.
_What = tuple[datetime, str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A slot that came otherwise than foreseen. `evidence` is what came between the preview and the decision.

    `reproduced`: decided again with it, the same comes out. `without`: decided again without it, what was foreseen
    comes out; else it differs because of what differed before (`follows`), or because somebody changed something (the
    `acts` of the evidence).
    """

    key: str
    decided_at: datetime
    foreseen: str
    came: str
    evidence: CameSince
    reproduced: bool
    without: bool
    follows: bool

    @property
    def explained(self) -> bool:
        """Whether it is proven both ways, or follows from what somebody did or what differed before it."""
        return self.reproduced and (self.without or self.follows or bool(self.evidence.acts))

    @property
    def because(self) -> str:
        """What caused it, as one sentence."""
        named = self.evidence.in_words()
        if not self.reproduced:
            return f"not known: decided again, something else comes out. Since the preview: {named}."
        if self.without:
            return f"{named}; without that, what was foreseen comes out."
        if self.evidence.acts:
            return f"{named}."
        if self.follows:
            return f"what had differed before it; since the preview: {named}."
        # A preview takes posts to be heard as on average; a window that is still open, as it is.
        return f"{named}; with that the same comes out again, without it not quite what was foreseen."


@dataclass(frozen=True, slots=True)
class Against:
    """How a kept preview compares: `slots` that were decided meanwhile, how many of them came as foreseen, and the
    `differences` in order of time."""

    slots: int
    differences: tuple[Difference, ...]

    @property
    def as_foreseen(self) -> int:
        """How many came as foreseen."""
        return self.slots - len(self.differences)


@dataclass(frozen=True, slots=True)
class _Came:
    """What is on record for a slot."""

    what: _What
    at: datetime
    item: OutboxItem | None


def against(database: Database, preview: KeptPreview, renderer: PostRenderer, tariff: Tariff) -> Against:
    """Compare a kept preview with what was decided since, slot by slot. Raises NotFound for a cohort that is gone."""
    with database.read() as connection:
        cohort = cohorts.cohort_by_slug(connection, preview.cohort)
        frame = plan_snapshot.frame(connection, cohort.id)
    found: list[Difference] = []
    count = 0
    for row, came in _decided(database, preview):
        count += 1
        if _same(came.what, _foreseen(row)):
            continue
        found.append(_explain(database, frame, preview, row, came, (renderer, tariff), follows=bool(found)))
    return Against(count, tuple(found))


def _decided(database: Database, preview: KeptPreview) -> Iterator[tuple[KeptRow, _Came]]:
    """The slots of the preview that are decided, in order of time, with what is on record of each."""
    slots = [row for row in preview.rows if row.slot]
    with database.read() as connection:
        quiet = decisions.quiet_at(connection, [row.key for row in slots])
        items = {row.key: outbox.item_by_occurrence(connection, row.key) for row in slots}
    for row in sorted(slots, key=lambda one: one.due_at):
        item = items[row.key]
        if item is not None and item.created_at > preview.taken_at:
            yield (
                row,
                _Came((item.due_at.replace(second=0, microsecond=0), item.form, item.text), item.created_at, item),
            )
        elif row.key in quiet and quiet[row.key] > preview.taken_at:
            yield row, _Came((_minute(row.due_at), QUIET, ""), quiet[row.key], None)


def _explain(
    database: Database,
    frame: CohortFrame,
    preview: KeptPreview,
    row: KeptRow,
    came: _Came,
    means: tuple[PostRenderer, Tariff],
    *,
    follows: bool,
) -> Difference:
    before = None if came.item is None else came.item.id

    def again(known: datetime) -> _What:
        slot = _slot(frame, row, came.at)
        if slot is None:
            return (_minute(row.due_at), "no slot", "")
        decision = decide_again(database, frame, slot, Moment(came.at, known, before), means)
        if isinstance(decision, Quiet):
            return (_minute(slot.at), QUIET, "")
        due = slot.at if decision.moved_from is None else decision.at
        return (_minute(due), decision.choice.form.value, decision.composed.text)

    with database.read() as connection:
        evidence = came_since(connection, frame.cohort, preview.taken_at, came.at)
    return Difference(
        key=row.key,
        decided_at=came.at,
        foreseen=_words(_foreseen(row)),
        came=_words(came.what),
        evidence=evidence,
        reproduced=_same(again(came.at), came.what),
        without=_same(again(preview.taken_at), _foreseen(row)),
        follows=follows,
    )


def _slot(frame: CohortFrame, row: KeptRow, when: datetime) -> SlotTime | None:
    holidays = holidays_of(frame.cohort, frame.cadence, when)
    day = _around(row)
    return plan_snapshot.slots_between(frame, holidays, *day).get(row.key)


def _around(row: KeptRow) -> tuple[datetime, datetime]:
    return row.due_at - _NEAR, row.due_at + _NEAR


def _foreseen(row: KeptRow) -> _What:
    return (_minute(row.due_at), row.form, row.text)


def _same(one: _What, other: _What) -> bool:
    # When an empty slot would have had its post says nothing.
    return one[1:] == other[1:] and (one[1] == QUIET or one[0] == other[0])


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _words(what: _What) -> str:
    at, form, text = what
    return "nothing" if form == QUIET else f"{at:%Y-%m-%d %H:%M} UTC, {form}: {text}"
