"""Holds of cohorts and absences of learners, planned ahead or from today on.

Nothing is made up for afterwards: a slot in a hold is recorded as quiet with the hold's reason, and what was bound to a
date moves or is let go with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from reinforce.domain.cohort import Cohort, Hold, Learner
from reinforce.domain.errors import Conflict, NotFound
from reinforce.domain.planning.slots import local_day
from reinforce.store.operating import audit
from reinforce.store.people import away, cohorts, people
from reinforce.store.people.away import Absence
from reinforce.store.planning import memories
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.sending import holding
from reinforce.store.sending.holding import checked_days, day_before
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class HoldOutcome:
    """A hold that was made, and how many posts it took back that were planned for its days."""

    cohort: str
    hold: Hold
    taken_back: int


def hold_cohort(
    database: Database, slug: str, first_day: date | None, last_day: date, reason: str, *, actor: str, now: datetime
) -> HoldOutcome:
    """Post nothing for a cohort from `first_day` (None: today) to `last_day`, local dates, both included.

    Raises NotFound, NotAllowed for a finished cohort, ReinforceError for days that can't be, Conflict where it is on
    hold then already.
    """
    with database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, slug)
        made, taken_back = holding.hold(connection, cohort, first_day, last_day, reason, actor, now)
        return HoldOutcome(slug, made, taken_back)


def lift_hold(database: Database, hold_id: int, *, actor: str, now: datetime) -> Cohort:
    """End a hold: from today on anything may be posted again; one that has not begun never was. Raises NotFound, or
    Conflict if it is over."""
    with database.write() as connection:
        cohort_id, there = away.hold_of(connection, hold_id)
        cohort = cohorts.cohort_by_id(connection, cohort_id)
        holding.lift(connection, cohort, there, actor, now)
        return cohorts.cohort_by_id(connection, cohort_id)


def absent_learner(
    database: Database, employee_id: str, first_day: date | None, last_day: date, *, actor: str, now: datetime
) -> Absence:
    """A learner is away from `first_day` (None: today) to `last_day`, dates of their zone, both included: they weigh
    nothing in any plan, and their silence tells nothing. What they write all the same is answered as ever.

    Raises NotFound, ReinforceError for days that can't be, Conflict where they are away then already.
    """
    with about_people(database) as connection:
        learner, zone = _learner(connection, employee_id)
        today = local_day(now, zone)
        first = checked_days(first_day or today, last_day, today)
        for one in away.absences_of(connection, learner.id):
            if one.first_day <= last_day and first <= one.last_day:
                known = f"they are away from {one.first_day} to {one.last_day} already"
                raise Conflict(known, f"Give other days, or lift that one first: reinforce absence lift {one.id}")
        made = away.add_absence(connection, learner.id, first, last_day, zone, now)
        if made.since < now:
            # Their silence since then was taken for a silence of somebody who was there.
            memories.outdate(connection)
        detail = {"absence": made.id, "first": first.isoformat(), "last": last_day.isoformat()}
        audit.record(connection, actor, "learner.absent", f"learner/{learner.id}", detail, now)
        return made


def lift_absence(database: Database, absence_id: int, *, actor: str, now: datetime) -> None:
    """A learner is back earlier, or was never away if it has not begun. Raises NotFound, or Conflict if it is over."""
    with about_people(database) as connection:
        there = away.absence_by_id(connection, absence_id)
        if there.until <= now:
            raise Conflict(f"that absence was over on {there.last_day}", "There is nothing to lift.")
        zone = _zone(connection, people.learner_by_id(connection, there.learner_id))
        last_day = day_before(there.first_day, local_day(now, zone)) if there.since < now else None
        away.end_absence(connection, there, last_day, now)
        if last_day is None and there.since < now:
            memories.outdate(connection)
        detail = {"absence": absence_id}
        audit.record(connection, actor, "learner.back", f"learner/{there.learner_id}", detail, now)


def _learner(connection: Connection, employee_id: str) -> tuple[Learner, str]:
    """A learner, and the zone of their days."""
    learner = people.learners_by_employee_id(connection, [employee_id]).get(employee_id)
    if learner is None:
        raise NotFound("nobody has that employee id", "See who there is: reinforce enrollment list COHORT")
    return learner, _zone(connection, learner)


def _zone(connection: Connection, learner: Learner) -> str:
    own = cohorts.cohorts_of_learner(connection, learner.id)
    return learner.zone or (cohorts.cohort_by_id(connection, own[0]).zone if own else "UTC")
