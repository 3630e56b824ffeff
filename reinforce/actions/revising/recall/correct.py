"""Composes the posts that say what is right now, one for each nugget, account and language.

Every cohort of an account reads the same feed, so one post serves all that speak a language. It goes out in the next
open hour; a day with room is preferred, for a week, and after that it takes room that nothing else needs: who learnt
something wrong should not have to wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.authoring.confidentiality import may_carry, who_reads
from reinforce.domain.cohort import Cohort, CohortState
from reinforce.domain.nugget import StoredNugget
from reinforce.domain.planning.caps import has_room
from reinforce.domain.planning.deciding import Composed, Unfit
from reinforce.domain.planning.slots import local_day, next_open
from reinforce.domain.revising.recalling import CORRECTION, Correction, correction_key
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outbox import OutboxItem, Planned, State
from reinforce.rendering.composing import composer_in
from reinforce.rendering.posts import PostForm, PostRenderer, PostValues
from reinforce.store.accounts import accounts
from reinforce.store.authoring import nuggets
from reinforce.store.people import cohorts
from reinforce.store.planning import feed
from reinforce.store.planning.post_frame import PostFrame, post_frame
from reinforce.store.revising.recalls import Revised
from reinforce.store.sending import outbox

_GRACE = timedelta(days=3)
_LOOK_AHEAD = 7


@dataclass(slots=True)
class _Ready:
    """A correction as the outbox takes it."""

    shown: Correction
    planned: Planned
    repeat_after: timedelta


@dataclass(slots=True)
class Corrector:
    """Composes corrections at `now` (programme time) and puts those that were confirmed into the outbox."""

    connection: Connection
    renderer: PostRenderer
    tariff: Tariff
    now: datetime
    _ready: dict[str, _Ready] = field(default_factory=dict)
    _days: dict[int, Counter[date]] = field(default_factory=dict)

    def corrections(
        self, procedure_id: int, nugget: Revised, posts: Sequence[OutboxItem]
    ) -> tuple[list[Correction], list[str]]:
        """A correction for each account on which `posts` are out and each language its cohorts speak; and in words
        where there can be none."""
        made, why_not = [], []
        seen = {item.account_id for item in posts if item.state is State.POSTED and item.inbound_id is None}
        learning = cohorts.cohorts_of_procedure(self.connection, procedure_id)
        for account_id in sorted(seen):
            account = accounts.account_by_id(self.connection, account_id)
            speaking: dict[str, Cohort] = {}
            for cohort in sorted(learning, key=lambda one: one.id):
                if cohort.account_id == account_id and cohort.state is CohortState.RUNNING:
                    speaking.setdefault(cohort.language, cohort)
            if not speaking:
                why_not.append(f"{nugget.slug}: no correction on {account.name}, no running cohort learns it there")
            for language, cohort in speaking.items():
                ready = self._compose(nugget, cohort, language)
                if isinstance(ready, str):
                    why_not.append(f"{nugget.slug}: no correction for {cohort.slug}: {ready}")
                else:
                    self._ready[ready.shown.occurrence] = ready
                    made.append(ready.shown)
        return made, why_not

    def add(self, recall_id: int, confirmed: Iterable[Correction]) -> None:
        """Plan them. Raises Conflict if a text was taken meanwhile: nothing of the recall is done then."""
        for one in confirmed:
            ready = self._ready[one.occurrence]
            occurrence = f"recall/{recall_id}/{one.occurrence}"
            values = {name: getattr(ready.planned, name) for name in Planned.__dataclass_fields__}
            planned = Planned(**values | {"occurrence": occurrence, "decision": {"recall": recall_id}})
            outbox.add(self.connection, planned, self.now, ready.repeat_after)

    def _compose(self, nugget: Revised, cohort: Cohort, language: str) -> _Ready | str:
        frame = post_frame(self.connection, cohort.id, self.now)
        stored = nuggets.nuggets_by_id(self.connection, [nugget.id])[nugget.id]
        if not may_carry(frame.account, stored.confidentiality):
            return f"it is internal, and {who_reads(frame.account)}"
        at = self._time(frame)
        if at is None:
            return "its cadence is never open"
        learnt = (*nuggets.cohort_nuggets(self.connection, cohort.id), stored)
        compose = composer_in(language, learnt, self.renderer, self.tariff, frame.unnamed)
        ways = list(_ways(self.renderer, stored, language))
        if not ways:
            return f"it has no wording in {language}"
        composed = compose.first_fit(ways, CORRECTION, at, frame.texts, frame.cadence.repeat_after)
        if isinstance(composed, Unfit):
            return composed.reason
        self._days[cohort.id][local_day(at, cohort.zone)] += 1
        return _ready(frame, stored, composed, at, correction_key(nugget.id, frame.account.id, language))

    def _time(self, frame: PostFrame) -> datetime | None:
        """The next open hour of a day that has room; of the next open day where a week has none."""
        cohort, cadence = frame.cohort, frame.cadence
        if cohort.id not in self._days:
            rows = feed.rows(self.connection, cohort, self.now, answers=False)
            self._days[cohort.id] = Counter(local_day(row.at, cohort.zone) for row in rows)
        days = self._days[cohort.id]
        holidays = holidays_of(cohort, cadence, self.now)
        first = at = next_open(self.now, cadence, cohort.zone, holidays)
        for _ in range(_LOOK_AHEAD):
            if at is None or has_room(days, [local_day(at, cohort.zone)], cadence.caps):
                break
            at = next_open(at + timedelta(days=1), cadence, cohort.zone, holidays)
        else:
            return first
        return at


def _ways(renderer: PostRenderer, nugget: StoredNugget, language: str) -> Iterable[tuple[PostForm, PostValues]]:
    """Every way to say it, those in the first wording first."""
    if nugget.retired:
        for way in range(renderer.variants("correction_retired", language)):
            yield PostForm.CORRECTION_RETIRED, PostValues(language, title=nugget.title, variant=way)
        return
    for wording in nugget.wordings:
        for way in range(renderer.variants("correction", language)) if wording.language == language else ():
            yield PostForm.CORRECTION, PostValues(language, text=wording.text, variant=way)


def _ready(frame: PostFrame, nugget: StoredNugget, composed: Composed, at: datetime, key: str) -> _Ready:
    said = [one.id for one in nugget.wordings if one.text in composed.text]
    planned = Planned(
        account_id=frame.account.id,
        cohort_id=frame.cohort.id,
        nugget_id=nugget.id,
        wording_id=max(said, default=None),
        occurrence=key,
        form=CORRECTION,
        text=composed.text,
        text_hash=composed.text_hash,
        price_micros=composed.price_micros,
        due_at=at,
        grace_until=at + _GRACE,
        reason="What was posted of this nugget before its revision is wrong, and was recalled.",
    )
    shown = Correction(
        key, nugget.slug, frame.account.name, frame.cohort.slug, at, composed.text, composed.price_micros
    )
    return _Ready(shown, planned, frame.cadence.repeat_after)
