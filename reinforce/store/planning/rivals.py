"""The other cohorts of an account: what they have had on its feed, and what they would post in the days to come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from reinforce.domain.cohort import Cohort
from reinforce.domain.nugget import Form, StoredNugget
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.contending import Rival, Thought, most_wanted
from reinforce.domain.planning.days_ahead import Step, steps
from reinforce.domain.planning.deciding import Composed, Decided, Unfit, form_prices
from reinforce.domain.planning.plan_state import PlanSnapshot, PlanState, begin
from reinforce.domain.planning.slots import SlotTime
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.texts.naming_guard import PersonMarks
from reinforce.store.people import people
from reinforce.store.planning import plan_snapshot
from reinforce.store.session import Database

Calendar = Callable[[Cohort, Cadence, datetime], Mapping[date, str]]


class Composer(Protocol):
    """What composes a cohort's posts, and the answers under its questions."""

    def __call__(self, nugget: StoredNugget, form: Form, at: datetime, state: PlanState, /) -> Composed | Unfit: ...

    def answer(self, state: PlanState, decision: Decided, /) -> Composed | None: ...


# (snapshot, the people whom no text may name) → the composer of that cohort's posts.
ComposerFor = Callable[[PlanSnapshot, Iterable[PersonMarks]], Composer]


def rivals(
    database: Database,
    connection: Connection,
    cohort: Cohort,
    calendar: Calendar,
    means: tuple[ComposerFor, Tariff],
    between: tuple[datetime, datetime],
    now: datetime,
) -> tuple[Rival, ...]:
    """The account's other running cohorts that have an undecided slot with start < instant ≤ end of `between`
    (programme time), by slug. What they want is read when it is asked for."""
    found = []
    for there in plan_snapshot.running_on(connection, cohort.account_id):
        if there.cohort.id == cohort.id:
            continue
        holidays = calendar(there.cohort, there.cadence, now)
        keyed = plan_snapshot.slots_between(there, holidays, *between)
        decided = plan_snapshot.taken(connection, keyed)
        slots = tuple(slot for occurrence, slot in keyed.items() if occurrence not in decided)
        if slots:
            most = most_wanted(there.cohort, there.cadence, holidays, slots)
            thought = Thought(_walked(database, there.cohort, holidays, slots, means, now))
            found.append(Rival(there.cohort, there.cadence, most, thought))
    return tuple(found)


def _walked(
    database: Database,
    cohort: Cohort,
    holidays: Mapping[date, str],
    slots: tuple[SlotTime, ...],
    means: tuple[ComposerFor, Tariff],
    now: datetime,
) -> Iterator[Step]:
    """What a rival would post on its slots by its own plan, with no regard to what the others are about to."""
    compose_for, tariff = means
    with database.read() as connection:
        snapshot, _ = plan_snapshot.snapshot(connection, cohort.id, now, with_neighbours=True)
        marks = people.people_marks(connection, snapshot.account.id)
    compose = compose_for(snapshot, marks)
    prices_of = partial(form_prices, tariff)
    state = begin(snapshot, holidays, prices_of(snapshot.cadence))
    yield from steps(state, slots, compose, compose.answer, prices_of=prices_of)
