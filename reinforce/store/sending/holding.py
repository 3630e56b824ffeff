"""Put a cohort on hold, and end that: its days, and the posts that were planned for them, in one transaction."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from reinforce.domain.cohort import Cohort, CohortState, Hold
from reinforce.domain.enrolling.updates import UpdateKind
from reinforce.domain.errors import Conflict, NotAllowed, ReinforceError
from reinforce.domain.nugget import Form
from reinforce.domain.planning.plan_state import REVEAL
from reinforce.domain.planning.slots import local_day
from reinforce.domain.sending.outbox import State
from reinforce.store.operating import audit
from reinforce.store.people import away
from reinforce.store.sending import outbox

LONGEST = timedelta(days=366)
_DAY = timedelta(days=1)
# What is planned again after the hold; what a person asked for by itself waits, and is let go once it is too late.
_PLANNED_AGAIN = frozenset({*(form.value for form in Form), REVEAL, *(kind.value for kind in UpdateKind)})


def hold(
    connection: Connection,
    cohort: Cohort,
    first_day: date | None,
    last_day: date,
    reason: str,
    actor: str,
    now: datetime,
) -> tuple[Hold, int]:
    """Post nothing for a cohort from `first_day` (None: today) to `last_day`, local dates, both included; the hold, and
    how many posts it took back.

    Raises NotAllowed for a finished cohort, ReinforceError for days that can't be, Conflict where it is on hold then
    already.
    """
    if cohort.state is CohortState.FINISHED:
        raise NotAllowed(f"the cohort {cohort.slug} is finished", "There is nothing to hold back any more.")
    today = local_day(now, cohort.zone)
    first = checked_days(first_day or today, last_day, today)
    for one in cohort.holds:
        if one.first_day <= last_day and first <= one.last_day:
            known = f"the cohort is on hold from {one.first_day} to {one.last_day} already"
            raise Conflict(known, f"Give other days, or lift that one first: reinforce hold lift {one.id}")
    made = away.add_hold(connection, cohort.id, first, last_day, reason, cohort.zone, now)
    taken_back = _take_back(connection, cohort, made)
    detail = {"hold": made.id, "first": first.isoformat(), "last": last_day.isoformat(), "posts": taken_back}
    audit.record(connection, actor, "cohort.hold", f"cohort/{cohort.id}", detail, now)
    return made, taken_back


def lift(connection: Connection, cohort: Cohort, there: Hold, actor: str, now: datetime) -> None:
    """End a hold of a cohort: from today on anything may be posted again; one that has not begun never was. Raises
    Conflict if it is over."""
    today = local_day(now, cohort.zone)
    if there.last_day < today:
        raise Conflict(f"that hold was over on {there.last_day}", "There is nothing to lift.")
    away.end_hold(connection, there.id, cohort.id, day_before(there.first_day, today), now)
    audit.record(connection, actor, "cohort.hold-lifted", f"cohort/{cohort.id}", {"hold": there.id}, now)


def checked_days(first: date, last: date, today: date) -> date:
    """The first day of a hold or an absence. Raises ReinforceError for days that can't be."""
    if last < first:
        raise ReinforceError("it would end before it begins", "Give a later day with --until.")
    if last < today:
        raise ReinforceError(f"{last} has passed", "Give a day with --until that is still to come.")
    if last - first > LONGEST:
        raise ReinforceError("it would last for more than a year", "Give a nearer day with --until.")
    return first


def day_before(first: date, today: date) -> date | None:
    """The last day of what ends today: yesterday; None if that is before it began."""
    return today - _DAY if first < today else None


def _take_back(connection: Connection, cohort: Cohort, made: Hold) -> int:
    count = 0
    for item in outbox.items(connection, cohort_id=cohort.id, states=[State.PLANNED], limit=1000):
        in_it = made.first_day <= local_day(item.due_at, cohort.zone) <= made.last_day
        if in_it and item.inbound_id is None and item.form in _PLANNED_AGAIN:
            count += outbox.cancel(connection, item, f"the cohort is on hold: {made.reason}") is not None
    return count
