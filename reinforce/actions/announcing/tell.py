"""Plan what is due of announcements, each post once.

One that goes before nuggets is planned up to a day ahead, so that it has its place before they take the room; one that
goes after them has what room they left when its time comes. Where there is none, it waits for the next open day as long
as the next step has not come and it has not expired.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.announcing.announcement import FORM, Announcement, Rank, Telling, tellings
from reinforce.domain.authoring.confidentiality import may_carry, who_reads
from reinforce.domain.cohort import CohortState
from reinforce.domain.errors import Conflict
from reinforce.domain.planning.caps import AccountCaps, clear_from
from reinforce.domain.planning.slot_queue import AHEAD
from reinforce.domain.planning.slots import local_day, next_open, resolve
from reinforce.domain.sending.budget import Tariff, price_micros
from reinforce.domain.sending.outbox import OutboxItem, Planned
from reinforce.domain.texts.wording import text_hash
from reinforce.rendering.dates import spoken_date
from reinforce.store.accounts import accounts
from reinforce.store.announcing import announcements
from reinforce.store.people import cohorts
from reinforce.store.planning import decisions, feed, plan_snapshot
from reinforce.store.planning.plan_snapshot import CohortFrame
from reinforce.store.sending import outbox
from reinforce.store.session import Database

_EARLY = timedelta(days=1)
_DAY = timedelta(days=1)
_TRIES = 60


@dataclass(frozen=True, slots=True)
class TellOutcome:
    """The posts that were planned, and in words those that are let go."""

    planned: tuple[OutboxItem, ...] = ()
    let_go: tuple[str, ...] = ()


def tell(database: Database, tariff: Tariff, *, now: datetime) -> TellOutcome:
    """Plan what is due of every announcement at `now` (programme time). Raises ReinforceError for a country without
    holidays."""
    planned: list[OutboxItem] = []
    let_go: list[str] = []
    with database.read() as connection:
        live = announcements.announcements(connection, live=True)
        due = [(one, step) for one in live for step in _due(connection, one, now)]
    for one, step in due:
        done = _take(database, one, step, tariff, now)
        if isinstance(done, OutboxItem):
            planned.append(done)
        elif done:
            let_go.append(done)
    return TellOutcome(tuple(planned), tuple(let_go))


def _due(connection: Connection, one: Announcement, now: datetime) -> list[Telling]:
    cohort = cohorts.cohort_by_id(connection, one.cohort_id)
    ahead = _EARLY if one.rank is Rank.BEFORE_NUGGETS else AHEAD
    dated = spoken_date(datetime.combine(one.day, time(0)), cohort.language)
    steps = [step for step in tellings(one, cohort.zone, dated) if step.at <= now + ahead]
    taken = plan_snapshot.taken(connection, [step.occurrence(one.id) for step in steps])
    return [step for step in steps if step.occurrence(one.id) not in taken]


def _take(database: Database, one: Announcement, step: Telling, tariff: Tariff, now: datetime) -> OutboxItem | str:
    """Its post, or in words why there will be none; "" if it has to wait."""
    with database.read() as connection:
        there = plan_snapshot.frame(connection, one.cohort_id)
        account = accounts.account_by_id(connection, there.cohort.account_id)
        at = None if now >= step.until else _time(connection, there, one, step, now)
    ahead = _EARLY if one.rank is Rank.BEFORE_NUGGETS else AHEAD
    if now >= step.until:
        why = "its time passed before it could go out"
    elif there.cohort.state is not CohortState.RUNNING:
        return ""
    elif not may_carry(account, one.audience):
        why = f"it is internal, and {who_reads(account)}"
    elif at is None:
        why = "the cadence is closed or full until its time is over"
    elif at > now + ahead:
        return ""
    else:
        return _commit(database, there, one, _planned(there, one, step, at, tariff), now)
    with database.write() as connection:
        return _quiet(connection, one, step, why, now)


def _time(
    connection: Connection, there: CohortFrame, one: Announcement, step: Telling, now: datetime
) -> datetime | None:
    """The first open instant with room in its time, a gap from other cohorts' posts; None if there is none."""
    cohort, cadence = there.cohort, there.cadence
    holidays = holidays_of(cohort, cadence, now)
    rows = feed.rows(connection, cohort, now, answers=False)
    room, others = feed.room(connection, cohort, cadence, now), [row.at for row in rows if not row.own]
    gap = AccountCaps.of(accounts.account_by_id(connection, cohort.account_id)).gap
    at = next_open(max(step.at, now), cadence, cohort.zone, holidays)
    for _ in range(_TRIES):
        if at is None or at >= step.until:
            return None
        clear = next_open(clear_from(at, others, gap), cadence, cohort.zone, holidays)
        if clear is not None and clear < step.until and room.holds((clear,)):
            return clear
        tomorrow = resolve(local_day(at, cohort.zone) + _DAY, one.at, cohort.zone)
        at = next_open(max(tomorrow, at + timedelta(hours=1)), cadence, cohort.zone, holidays)
    return None


def _planned(there: CohortFrame, one: Announcement, step: Telling, at: datetime, tariff: Tariff) -> Planned:
    days = f"{step.days} days before" if step.days else "on the day"
    rank = "before" if one.rank is Rank.BEFORE_NUGGETS else "after"
    return Planned(
        account_id=there.cohort.account_id,
        cohort_id=there.cohort.id,
        occurrence=step.occurrence(one.id),
        form=FORM,
        text=step.text,
        text_hash=text_hash(step.text),
        price_micros=price_micros(step.text, form=FORM, tariff=tariff),
        due_at=at,
        grace_until=step.until,
        reason=f"News of {one.slug} on {one.day.isoformat()}, {days}; it goes {rank} nuggets.",
        confidentiality=one.audience.value,
        decision={"announcement": one.slug, "day": one.day.isoformat()},
    )


def _commit(
    database: Database, there: CohortFrame, one: Announcement, post: Planned, now: datetime
) -> OutboxItem | str:
    with database.write() as connection:
        if announcements.by_slug(connection, one.slug, lock=True) != one:
            return ""  # it was cancelled meanwhile
        try:
            item = outbox.add(connection, post, now, there.cadence.repeat_after)
        except Conflict as conflict:
            decisions.record_quiet(connection, one.cohort_id, post.occurrence, conflict.message, {}, now)
            return conflict.message
        cohorts.raise_version(connection, one.cohort_id)
        return item


def _quiet(connection: Connection, one: Announcement, step: Telling, why: str, now: datetime) -> str:
    reason = f"Nothing is posted of {one.slug} {step.days} days before: {why}."
    decisions.record_quiet(connection, one.cohort_id, step.occurrence(one.id), reason, {}, now)
    return reason
