"""What other dates of a cohort would do to the posts about them, told before they are set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.cohort import Cohort
from reinforce.domain.enrolling.updates import Calendar, Update, UpdateKind, timed, update_occurrence, updates
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.slots import local_day
from reinforce.domain.sending.outbox import State
from reinforce.store.people import cohorts, told
from reinforce.store.people.told import Told


@dataclass(frozen=True, slots=True)
class DateEffect:
    """What becomes of one update: on which local date it goes out now and then (None: not at all), in words."""

    update: str
    was: date | None
    then: date | None
    words: str


def date_effects(connection: Connection, there: Cohort, then: Cohort, now: datetime) -> tuple[DateEffect, ...]:
    """What changes for the cohort `there` if it gets the dates of `then`; what stays as it is is left out."""
    cadence = Cadence.from_content(cohorts.schedule_in_use(connection, there.id))
    calendar = Calendar(cadence, there.zone, holidays_of(there, cadence, now))
    known = told.told(connection, [update_occurrence(there.slug, kind) for kind in UpdateKind])
    before, after = ({one.kind: one for one in updates(cohort)} for cohort in (there, then))
    found = []
    for kind in UpdateKind:
        old, new = before.get(kind), after.get(kind)
        if old == new:
            continue
        told_of = known.get(update_occurrence(there.slug, kind))
        words = _words(new, told_of, calendar, now)
        was, day = None if old is None else old.day, None if new is None else new.day
        found.append(DateEffect(kind.called.replace("_", " "), was, day, words))
    return tuple(found)


def _words(new: Update | None, known: Told | None, calendar: Calendar, now: datetime) -> str:
    state = known and known.state
    if state is State.POSTED:
        return "it went out already, and is not said again"
    if state is not None and state is not State.PLANNED and not (known and new and known.may_be_made_again(new)):
        return "it is under way or over, and stays as it is"
    if new is None:
        return "it does not go out" + ("; what is planned is taken back" if state is State.PLANNED else "")
    when = timed(new, calendar, now)
    if when.why_not or when.at is None:
        return f"it does not go out: {when.why_not or 'there is no time for it'}"
    anew = "it goes out anew" if state is not None and state is not State.PLANNED else "it goes out"
    taken = ", and what is planned is taken back" if state is State.PLANNED else ""
    return f"{anew} on {local_day(when.at, calendar.zone)} or soon after{taken}"
