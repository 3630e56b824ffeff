"""Plan the posts about cohorts' dates, each once: the window opens, its last call, the start, halfway, the week before
the assessment, the end.

An update is planned a week ahead, so that its day and its week have room for it before a nugget takes that. As long as
it is not under way it follows the dates: what was made for others is taken back and made anew. What went out stays, and
is never said again, for its key holds no date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.accounts.account import AccountState
from reinforce.domain.cohort import Cohort, CohortState
from reinforce.domain.enrolling.updates import (
    AHEAD,
    Calendar,
    Timed,
    Update,
    UpdateKind,
    end_of_day,
    placed,
    timed,
    update_occurrence,
    update_round,
    updates,
)
from reinforce.domain.errors import Conflict
from reinforce.domain.planning.caps import AccountCaps
from reinforce.domain.planning.deciding import Composed, Unfit
from reinforce.domain.planning.slots import local_day
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outbox import OutboxItem, Planned, State
from reinforce.rendering.composing import composer_in
from reinforce.rendering.posts import PostRenderer
from reinforce.rendering.update_posts import compose_update, is_up
from reinforce.store.accounts import accounts
from reinforce.store.authoring import nuggets
from reinforce.store.people import cohorts, people, told
from reinforce.store.people.told import Told
from reinforce.store.planning import decisions, feed, plan_snapshot
from reinforce.store.planning.plan_snapshot import CohortFrame
from reinforce.store.sending import outbox
from reinforce.store.session import Database

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class UpdateOutcome:
    """The posts that were planned, how many were taken back to be made anew, and in words those that are let go.
    `waits`: what the account has said is not known yet."""

    planned: tuple[OutboxItem, ...] = ()
    taken_back: int = 0
    let_go: tuple[str, ...] = ()
    waits: bool = False

    @property
    def changed(self) -> bool:
        """Whether there is reason to look again at once."""
        return bool(self.planned or self.taken_back or self.let_go or self.waits)


def plan_updates(
    database: Database, cohort_id: int, renderer: PostRenderer, tariff: Tariff, *, now: datetime
) -> UpdateOutcome:
    """Plan what is due of a cohort's updates at `now` (programme time), and take back what is planned for other dates.

    Raises NotFound, and ReinforceError for a country without holidays or a template that can't be rendered.
    """
    with database.read() as connection:
        there = plan_snapshot.frame(connection, cohort_id)
        cohort = there.cohort
        if cohort.state is not CohortState.RUNNING:
            return UpdateOutcome()
        if accounts.account_by_id(connection, cohort.account_id).state is AccountState.UNPROVEN:
            return UpdateOutcome(waits=True)  # it may have said it: its timeline is read first
        known = told.told(connection, [update_occurrence(cohort.slug, kind) for kind in UpdateKind])
    calendar = Calendar(there.cadence, cohort.zone, holidays_of(cohort, there.cadence, now))
    asked = {update_occurrence(cohort.slug, one.kind): one for one in updates(cohort)}
    stale = [one for key, one in known.items() if one.is_open and not one.stands(asked.get(key), calendar)]
    if stale:  # what is to come in their place, the next look sees: their texts and their room are free then
        return UpdateOutcome(taken_back=_take_back(database, stale))
    missing = [(one, _round(known.get(key), one)) for key, one in asked.items() if one in _coming(cohort, now)]
    due = [(update, number) for update, number in missing if number]
    if not due:
        return UpdateOutcome()
    telling = _Telling(database, there, calendar, (renderer, tariff), now)
    done = [telling.take(update, number) for update, number in due]
    planned = tuple(one for one in done if isinstance(one, OutboxItem))
    return UpdateOutcome(planned, let_go=tuple(one for one in done if isinstance(one, str) and one))


def _take_back(database: Database, stale: Sequence[Told]) -> int:
    """Take back what is planned, or was let go, for other dates; returns how many."""
    count = 0
    with database.write() as connection:
        for one in stale:
            if one.item_id is None:
                count += decisions.forget_quiet(connection, [one.occurrence])
                continue
            item = outbox.item(connection, one.item_id)
            why = "the cohort's dates, or its calendar, have changed"
            if item.state is State.PLANNED:
                count += outbox.cancel(connection, item, why) is not None
    return count


def _round(known: Told | None, update: Update) -> int:
    """Which attempt at an update is to be made now; 0 for none."""
    if known is None:
        return 1
    return known.round + 1 if known.may_be_made_again(update) else 0


def _coming(cohort: Cohort, now: datetime) -> tuple[Update, ...]:
    """The updates whose day has come, or comes within `AHEAD`."""
    soon = local_day(now + AHEAD, cohort.zone)
    return tuple(one for one in updates(cohort) if one.day <= soon)


class _Telling:
    """What becomes of one cohort's updates."""

    def __init__(
        self,
        database: Database,
        there: CohortFrame,
        calendar: Calendar,
        means: tuple[PostRenderer, Tariff],
        now: datetime,
    ) -> None:
        self._database, self._calendar, self._now = database, calendar, now
        self._cohort, self._cadence = there.cohort, there.cadence
        cohort, account_id = there.cohort, there.cohort.account_id
        with database.read() as connection:
            rows = feed.rows(connection, cohort, now, answers=False)
            self._room = feed.room(connection, cohort, there.cadence, now)
            self._gap = AccountCaps.of(accounts.account_by_id(connection, account_id)).gap
            learnt = nuggets.cohort_nuggets(connection, cohort.id)
            marks = people.people_marks(connection, account_id)
            self._texts = plan_snapshot.texts_used(connection, account_id, now - there.cadence.repeat_after)
        self._occurrence = ""  # that of the update which is being taken
        self._others = [row.stands for row in rows if not row.own]
        self._compose = composer_in(cohort.language, learnt, *means, marks)

    def take(self, update: Update, number: int) -> OutboxItem | str:
        """Its post in that round, or in words why there will be none; "" if it has to wait."""
        self._occurrence = update_round(update_occurrence(self._cohort.slug, update.kind), number)
        when = timed(update, self._calendar, self._now)
        if when.why_not:
            return self._let_go(update, when, when.why_not)
        at = placed(when, self._calendar, self._room, self._others, self._gap)
        if at is None and when.last == local_day(self._now, self._cohort.zone):
            return self._let_go(update, when, "there is no room for it under the caps while it is true")
        if at is None or at > self._now + AHEAD:
            return ""
        if is_up(self._compose, self._cohort, update, at, self._texts):
            return self._let_go(update, when, "the account has said it already")
        composed = compose_update(self._compose, self._cohort, update, at, self._texts, self._cadence.repeat_after)
        return self._commit(update, when, composed, at)

    def _commit(self, update: Update, when: Timed, composed: Composed | Unfit, at: datetime) -> OutboxItem | str:
        if isinstance(composed, Unfit):
            return self._let_go(update, when, composed.reason)
        with self._database.write() as connection:
            if plan_snapshot.version_of(connection, self._cohort.id) != self._cohort.version:
                return ""  # dates or holds may have changed meanwhile: the next tick sees them as they are
            try:
                item = outbox.add(
                    connection, self._planned(update, when, composed, at), self._now, self._cadence.repeat_after
                )
            except Conflict as conflict:
                return self._quiet(connection, update, when, conflict.message)
            cohorts.raise_version(connection, self._cohort.id)
        self._room = self._room.taking((at,))
        return item

    def _planned(self, update: Update, when: Timed, composed: Composed, at: datetime) -> Planned:
        assert when.last is not None
        zone, moved = self._cohort.zone, local_day(at, self._cohort.zone) != update.day
        why = f", moved from {update.day}: {self._why_moved(update, at)}" if moved else ""
        # A number of days is true on its own day only.
        last = local_day(at, zone) if update.kind.called == "days_left" else when.last
        return Planned(
            account_id=self._cohort.account_id,
            cohort_id=self._cohort.id,
            occurrence=self._occurrence,
            form=update.kind.value,
            text=composed.text,
            text_hash=composed.text_hash,
            alternatives=[dict(one) for one in composed.alternatives],
            price_micros=composed.price_micros,
            due_at=at,
            grace_until=end_of_day(last, zone),
            reason=f"The cohort's update: {update.kind.called.replace('_', ' ')}{why}.",
            decision=_decision(update, when),
        )

    def _why_moved(self, update: Update, at: datetime) -> str:
        zone, first = self._cohort.zone, self._calendar.first_time(update.day)
        if first is not None and local_day(first, zone) != update.day:
            return f"that day is {self._calendar.why_off(update.day)}"
        late = local_day(at, zone) == local_day(self._now, zone)
        return "it was late" if late else "there was no room before"

    def _let_go(self, update: Update, when: Timed, why: str) -> str:
        with self._database.write() as connection:
            return self._quiet(connection, update, when, why)

    def _quiet(self, connection: Connection, update: Update, when: Timed, why: str) -> str:
        reason = f"No update is posted on {update.kind.called.replace('_', ' ')}: {why}."
        decision = _decision(update, when)
        decisions.record_quiet(connection, self._cohort.id, self._occurrence, reason, decision, self._now)
        return reason


def _decision(update: Update, when: Timed) -> dict[str, str]:
    natural = when.natural.isoformat() if when.natural else ""
    return {"made_for": update.made_for, "natural": natural, "day": update.day.isoformat()}
