"""The other cohorts of an account: what they have had on its feed, and what they would post in the days to come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from reinforce.domain.cohort import Cohort
from reinforce.domain.nugget import Form, StoredNugget
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.days_ahead import steps
from reinforce.domain.planning.deciding import Composed, Decided, Unfit, form_prices
from reinforce.domain.planning.forms import forms_of_cohort
from reinforce.domain.planning.plan_context import Quiet
from reinforce.domain.planning.plan_state import OutRow, PlanSnapshot, PlanState, begin, lately
from reinforce.domain.planning.sharing import Claim, Want
from reinforce.domain.planning.slots import SlotTime, next_open
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.texts.naming_guard import PersonMarks
from reinforce.store.people import people
from reinforce.store.planning import plan_snapshot
from reinforce.store.planning.plan_snapshot import CohortFrame

Calendar = Callable[[Cohort, Cadence, datetime], Mapping[date, str]]


class Composer(Protocol):
    """What composes a cohort's posts, and the answers under its questions."""

    def __call__(self, nugget: StoredNugget, form: Form, at: datetime, state: PlanState, /) -> Composed | Unfit: ...

    def answer(self, state: PlanState, decision: Decided, /) -> Composed | None: ...


# (snapshot, the people whom no text may name) → the composer of that cohort's posts.
ComposerFor = Callable[[PlanSnapshot, Iterable[PersonMarks]], Composer]


@dataclass(frozen=True, slots=True)
class Rival:
    """Another running cohort of the account, with its holidays and the slots to come that nothing is decided for."""

    there: CohortFrame
    holidays: Mapping[date, str]
    slots: tuple[SlotTime, ...]

    def claim(self, rows: Iterable[OutRow], at: datetime, wants: tuple[Want, ...]) -> Claim:
        """What it has had by `at` and wants."""
        cohort, caps = self.there.cohort, self.there.cadence.caps
        posts = lately(rows, cohort.id, at)
        return Claim(cohort.title, cohort.slug, cohort.priority, (cohort.zone, caps), posts, wants)

    def most(self) -> tuple[Want, ...]:
        """What it would post if something were due on each of its slots, in the form that takes most room."""
        cadence, zone = self.there.cadence, self.there.cohort.zone
        asks = cadence.reveal and {Form.QUESTION, Form.POLL} & {*forms_of_cohort(cadence, self.there.cohort.answers)}
        found: list[Want] = []
        for slot in self.slots:
            if not slot.off:
                reveal = next_open(slot.at + cadence.answer_window, cadence, zone, self.holidays) if asks else None
                found.append((slot.at,) if reveal is None else (slot.at, reveal))
        return tuple(found)


def rivals(
    connection: Connection, cohort: Cohort, calendar: Calendar, now: datetime, until: datetime
) -> tuple[Rival, ...]:
    """The account's other running cohorts that have a slot to come by `until` (programme time), by id."""
    found: dict[int, tuple[CohortFrame, Mapping[date, str]]] = {}
    slots: dict[str, tuple[int, SlotTime]] = {}
    for there in plan_snapshot.running_on(connection, cohort.account_id):
        if there.cohort.id != cohort.id:
            holidays = calendar(there.cohort, there.cadence, now)
            found[there.cohort.id] = there, holidays
            keyed = plan_snapshot.slots_between(there, holidays, now, until)
            slots |= {occurrence: (there.cohort.id, slot) for occurrence, slot in keyed.items()}
    decided = plan_snapshot.taken(connection, slots)
    open_still: dict[int, list[SlotTime]] = {}
    for occurrence, (cohort_id, slot) in slots.items():
        if occurrence not in decided:
            open_still.setdefault(cohort_id, []).append(slot)
    return tuple(Rival(*found[key], tuple(ones)) for key, ones in sorted(open_still.items()))


def walked(
    connection: Connection, rival: Rival, compose_for: ComposerFor, tariff: Tariff, now: datetime
) -> tuple[Want, ...]:
    """What a rival would post on its slots by its own plan, with no regard to what the others are about to."""
    snapshot, _ = plan_snapshot.snapshot(connection, rival.there.cohort.id, now, with_neighbours=True)
    state = begin(snapshot, rival.holidays, form_prices(tariff, snapshot.cadence))
    compose = compose_for(snapshot, people.people_marks(connection, snapshot.account.id))
    return tuple(
        state.takes(step.decision.choice.form, step.decision.at)
        for step in steps(state, rival.slots, compose, compose.answer, prices_of=partial(form_prices, tariff))
        if not isinstance(step.decision, Quiet)
    )
