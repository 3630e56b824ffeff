"""Plan the posts that speak of events: announcement, reminders, the start with its link, the news that one is off.

An announcement goes out when the cadence is open and has room. A reminder and the start are bound to the event's time:
a reminder is let go where the cadence is closed or full then, the start is not: a person chose its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.cohort import CohortState
from reinforce.domain.errors import Conflict
from reinforce.domain.gathering.events import Event, Notice, NoticeKind, notices
from reinforce.domain.planning.deciding import Composed, Unfit
from reinforce.domain.planning.slot_queue import AHEAD
from reinforce.domain.planning.slots import next_open
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outbox import OutboxItem, Planned
from reinforce.rendering.composing import composer_in
from reinforce.rendering.event_posts import compose_notice
from reinforce.rendering.posts import PostRenderer
from reinforce.store.authoring import nuggets
from reinforce.store.gathering import backchannel, events
from reinforce.store.people import cohorts, people
from reinforce.store.planning import decisions, feed, plan_snapshot
from reinforce.store.planning.plan_snapshot import CohortFrame
from reinforce.store.sending import outbox
from reinforce.store.session import Database

_REASONS = {
    NoticeKind.ANNOUNCEMENT: "The announcement of the event {slug}.",
    NoticeKind.REMINDER: "The reminder of the event {slug}, {hours} hours before.",
    NoticeKind.START: "The event {slug} starts.",
    NoticeKind.CANCELLED: "The event {slug} is cancelled, and had been announced.",
}


@dataclass(frozen=True, slots=True)
class AnnounceOutcome:
    """The posts that were planned, and in words those that are let go."""

    planned: tuple[OutboxItem, ...] = ()
    let_go: tuple[str, ...] = ()


def announce(database: Database, renderer: PostRenderer, tariff: Tariff, *, now: datetime) -> AnnounceOutcome:
    """Plan what is due of every event at `now` (programme time), each post once. Raises ReinforceError for a country
    without holidays or a template that can't be rendered."""
    planned: list[OutboxItem] = []
    let_go: list[str] = []
    for event, due in _due(database, now):
        for notice in due:
            done = _Announcing(database, event, renderer, tariff, now).take(notice)
            if isinstance(done, OutboxItem):
                planned.append(done)
            elif done:
                let_go.append(done)
    return AnnounceOutcome(tuple(planned), tuple(let_go))


def _due(database: Database, now: datetime) -> list[tuple[Event, list[Notice]]]:
    """The events with what is to be said of them by now and is neither planned nor let go yet."""
    with database.read() as connection:
        wanted = [(event, _notices(event, now)) for event in events.events(connection)]
        keys = [one.occurrence(event.id) for event, found in wanted for one in found]
        taken = plan_snapshot.taken(connection, keys) | events.withdrawn(connection, keys)
    open_still = [(event, [one for one in found if one.occurrence(event.id) not in taken]) for event, found in wanted]
    return [(event, found) for event, found in open_still if found]


def _notices(event: Event, now: datetime) -> list[Notice]:
    return [one for one in notices(event) if one.at <= now + AHEAD]


class _Announcing:
    """What becomes of one event's notices."""

    def __init__(self, database: Database, event: Event, renderer: PostRenderer, tariff: Tariff, now: datetime) -> None:
        self._database, self._event, self._now = database, event, now
        with database.read() as connection:
            self._there: CohortFrame = plan_snapshot.frame(connection, event.cohort_id)
            cohort, cadence = self._there.cohort, self._there.cadence
            self._room = feed.room(connection, cohort, cadence, now)
            learnt = nuggets.cohort_nuggets(connection, cohort.id)
            marks = people.people_marks(connection, cohort.account_id)
            self._texts = plan_snapshot.texts_used(connection, cohort.account_id, now - cadence.repeat_after)
            self._found = backchannel.found_again(connection, event, cohort.account_id)
            self._posted = bool(backchannel.own_posts(connection, event, under_way=True))
        self._compose = composer_in(cohort.language, learnt, renderer, tariff, marks)
        self._holidays = holidays_of(cohort, cadence, now)

    def take(self, notice: Notice) -> OutboxItem | str:
        """Its post, or in words why there will be none; "" if it has to wait."""
        why_not = self._why_not(notice)
        if why_not:
            return self._let_go(notice, why_not)
        if self._there.cohort.state is not CohortState.RUNNING:
            return ""
        at = self._time(notice)
        if at is None or at >= notice.until:
            return self._let_go(notice, "the cadence is closed or full until its time is over")
        if at > self._now + AHEAD:
            return ""
        repeat_after = self._there.cadence.repeat_after
        composed = compose_notice(self._compose, self._event, notice, at, self._texts, repeat_after)
        return self._commit(notice, composed, at)

    def _why_not(self, notice: Notice) -> str:
        """Why there is nothing to post any more, "" if there is."""
        if notice.kind is NoticeKind.CANCELLED and not self._posted:
            return "nothing had been posted of it"
        if self._is_up(notice):
            return "it is up since before a backup was put back"
        return "its time passed before it could go out" if self._now >= notice.until else ""

    def _is_up(self, notice: Notice) -> bool:
        """Whether it went out before a backup was put back that knew nothing of it, in whatever words."""
        stands = (one.posted_at for one in self._found if one.posted_at and self._event.title in one.text)
        return any(notice.at - AHEAD <= at < notice.until for at in stands)

    def _time(self, notice: Notice) -> datetime | None:
        """When it can go out; None: not in its time."""
        cadence, zone = self._there.cadence, self._there.cohort.zone
        wanted = max(notice.at, self._now)
        if notice.kind is NoticeKind.START:
            return wanted
        at = next_open(wanted, cadence, zone, self._holidays)
        if at is None or (at > wanted and not notice.moves):
            return None
        # What bears bad news takes room that nothing else needs: who was to come must not come in vain.
        if notice.kind is NoticeKind.CANCELLED or self._room.holds((at,)):
            return at
        return max(at, self._now) + timedelta(days=1) if notice.moves else None

    def _commit(self, notice: Notice, composed: Composed | Unfit, at: datetime) -> OutboxItem | str:
        if isinstance(composed, Unfit):
            return self._let_go(notice, composed.reason)
        cohort = self._there.cohort
        with self._database.write() as connection:
            if events.event_by_id(connection, self._event.id, lock=True) != self._event:
                return ""  # it was moved, closed or cancelled meanwhile: the next tick sees it as it is
            try:
                post = self._planned(notice, composed, at)
                item = outbox.add(connection, post, self._now, self._there.cadence.repeat_after)
            except Conflict as conflict:
                return self._quiet(connection, notice, conflict.message)
            cohorts.raise_version(connection, cohort.id)
        self._texts[composed.text_hash] = at
        self._room = self._room.taking((at,))
        return item

    def _planned(self, notice: Notice, composed: Composed, at: datetime) -> Planned:
        cohort = self._there.cohort
        return Planned(
            account_id=cohort.account_id,
            cohort_id=cohort.id,
            occurrence=notice.occurrence(self._event.id),
            form=notice.kind.value,
            text=composed.text,
            text_hash=composed.text_hash,
            alternatives=[dict(one) for one in composed.alternatives],
            price_micros=composed.price_micros,
            due_at=at,
            grace_until=notice.until,
            reason=_REASONS[notice.kind].format(slug=self._event.slug, hours=notice.hours),
            decision={"event": self._event.slug, "opens_at": self._event.opens_at.isoformat()},
        )

    def _let_go(self, notice: Notice, why: str) -> str:
        with self._database.write() as connection:
            return self._quiet(connection, notice, why)

    def _quiet(self, connection: Connection, notice: Notice, why: str) -> str:
        what = notice.kind.value.removeprefix("event_")
        reason = f"No {what} of the event {self._event.slug} is posted: {why}."
        cohort_id, occurrence = self._event.cohort_id, notice.occurrence(self._event.id)
        decisions.record_quiet(connection, cohort_id, occurrence, reason, {}, self._now)
        return reason
