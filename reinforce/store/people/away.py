"""Holds of cohorts and absences of learners: planned ahead, and kept once they are over.

Days are local dates, both ends included; beside them stand the instants between which that is, by the zone they were
given for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Exists, delete, exists, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from reinforce.domain.cohort import Hold
from reinforce.domain.enrolling.updates import end_of_day
from reinforce.domain.errors import NotFound
from reinforce.store import tables as t
from reinforce.store.people import cohorts

_DAY = timedelta(days=1)
_h, _a = t.hold.c, t.absence.c


@dataclass(frozen=True, slots=True)
class Absence:
    """A learner is away from `first_day` to `last_day`, dates of their own zone."""

    id: int
    learner_id: int
    first_day: date
    last_day: date
    since: datetime
    until: datetime


# --- cohorts ------------------------------------------------------------------------------------------------------


def add_hold(
    connection: Connection, cohort_id: int, first_day: date, last_day: date, reason: str, zone: str, now: datetime
) -> Hold:
    """Put a cohort on hold for those local dates of `zone`, which gives it a new version."""
    since, until = _instants(first_day, last_day, zone)
    row = {"cohort_id": cohort_id, "first_day": first_day, "last_day": last_day, "reason": reason, "made_at": now}
    new = insert(t.hold).values(**row, since=since, until=until).returning(_h.id)
    hold_id = int(connection.execute(new).scalar_one())
    cohorts.raise_version(connection, cohort_id)
    return Hold(hold_id, first_day, last_day, reason)


def hold_of(connection: Connection, hold_id: int) -> tuple[int, Hold]:
    """A hold with the id of its cohort. Raises NotFound."""
    query = select(_h.cohort_id, _h.id, _h.first_day, _h.last_day, _h.reason).where(_h.id == hold_id)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"there is no hold with the number {hold_id}", "See what there is: reinforce hold list")
    return row.cohort_id, Hold(row.id, row.first_day, row.last_day, row.reason)


def end_hold(connection: Connection, hold_id: int, cohort_id: int, last_day: date | None, now: datetime) -> None:
    """Let a hold end `now`, its last day being `last_day`; with None it never was. The cohort gets a new version."""
    if last_day is None:
        connection.execute(delete(t.hold).where(_h.id == hold_id))
    else:
        connection.execute(update(t.hold).where(_h.id == hold_id).values(last_day=last_day, until=now))
    cohorts.raise_version(connection, cohort_id)


# --- learners -----------------------------------------------------------------------------------------------------


def add_absence(
    connection: Connection, learner_id: int, first_day: date, last_day: date, zone: str, now: datetime
) -> Absence:
    """A learner is away on those dates of `zone`: their cohorts get a new version."""
    since, until = _instants(first_day, last_day, zone)
    row = {"learner_id": learner_id, "first_day": first_day, "last_day": last_day, "since": since, "until": until}
    new = insert(t.absence).values(**row, made_at=now).returning(_a.id)
    absence_id = int(connection.execute(new).scalar_one())
    _raise_versions(connection, learner_id)
    return Absence(absence_id, learner_id, first_day, last_day, since, until)


def absence_by_id(connection: Connection, absence_id: int) -> Absence:
    """One absence. Raises NotFound."""
    found = _absences(connection, _a.id == absence_id)
    if not found:
        raise NotFound(f"there is no absence with the number {absence_id}", "See what there is: reinforce absence list")
    return found[0]


def absences_of(connection: Connection, learner_id: int) -> tuple[Absence, ...]:
    """The absences of a learner, past ones too, by their first day."""
    return _absences(connection, _a.learner_id == learner_id)


def end_absence(connection: Connection, there: Absence, last_day: date | None, now: datetime) -> None:
    """A learner is back `now`, `last_day` having been the last; with None they never were away."""
    if last_day is None:
        connection.execute(delete(t.absence).where(_a.id == there.id))
    else:
        connection.execute(update(t.absence).where(_a.id == there.id).values(last_day=last_day, until=now))
    _raise_versions(connection, there.learner_id)


def is_absent(now: datetime) -> Exists:
    """The condition that a learner of the query is away at `now` (programme time)."""
    return exists().where(_a.learner_id == t.learner.c.id, _a.since <= now, _a.until > now)


def absent(connection: Connection, cohort_id: int, now: datetime) -> set[int]:
    """The ids of a cohort's learners who are away at `now`."""
    e = t.enrollment.c
    query = select(_a.learner_id).join(t.enrollment, e.learner_id == _a.learner_id)
    there = query.where(e.cohort_id == cohort_id, _a.since <= now, _a.until > now)
    return set(connection.execute(there).scalars())


def _absences(connection: Connection, which: ColumnElement[bool]) -> tuple[Absence, ...]:
    columns = (_a.id, _a.learner_id, _a.first_day, _a.last_day, _a.since, _a.until)
    query = select(*columns).where(which).order_by(_a.first_day, _a.id)
    return tuple(Absence(*row) for row in connection.execute(query))


def _raise_versions(connection: Connection, learner_id: int) -> None:
    for cohort_id in cohorts.cohorts_of_learner(connection, learner_id):
        cohorts.raise_version(connection, cohort_id)


def _instants(first_day: date, last_day: date, zone: str) -> tuple[datetime, datetime]:
    return end_of_day(first_day - _DAY, zone), end_of_day(last_day, zone)
