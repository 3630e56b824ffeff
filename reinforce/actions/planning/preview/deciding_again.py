"""Make a decision again that has been made: with all that was known then, or without what came after a preview."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.planning.contending import Rival, Thought, claims_at, most_wanted
from reinforce.domain.planning.days_ahead import Step, steps
from reinforce.domain.planning.deciding import Decided, decide, form_prices
from reinforce.domain.planning.plan_context import Quiet
from reinforce.domain.planning.plan_state import PlanState, begin
from reinforce.domain.planning.sharing import HORIZON
from reinforce.domain.planning.slots import SlotTime
from reinforce.domain.sending.budget import Tariff
from reinforce.rendering.composing import PostComposer, composer_for
from reinforce.rendering.posts import PostRenderer
from reinforce.store.people import people
from reinforce.store.planning import plan_snapshot
from reinforce.store.planning.as_of import Moment, snapshot_as_of
from reinforce.store.planning.plan_snapshot import CohortFrame
from reinforce.store.session import Database

_MOMENT = timedelta(microseconds=1)


def decide_again(
    database: Database, frame: CohortFrame, slot: SlotTime, moment: Moment, means: tuple[PostRenderer, Tariff]
) -> Decided | Quiet:
    """The decision for a slot as it would have been made at `moment`."""
    prices_of = partial(form_prices, means[1])
    state, compose = _standing(database, frame, moment, means)
    state = state.on(slot.day, prices_of)
    at = max(slot.at, moment.when)
    with database.read() as connection:
        others = plan_snapshot.running_on(connection, frame.cohort.account_id)
    rivals = []
    for there in others:
        if there.cohort.id != frame.cohort.id:
            slots = tuple(_coming(there, frame.cohort.slug, slot, moment.when))
            most = most_wanted(
                there.cohort, there.cadence, holidays_of(there.cohort, there.cadence, moment.when), slots
            )
            thought = Thought(_thinking(database, there, slots, moment, means))
            rivals += [Rival(there.cohort, there.cadence, most, thought)] if slots else []
    return decide(replace(state, claims=claims_at(state, at, rivals)), slot, at, compose)


def _standing(
    database: Database, frame: CohortFrame, moment: Moment, means: tuple[PostRenderer, Tariff]
) -> tuple[PlanState, PostComposer]:
    with database.read() as connection:
        snapshot = snapshot_as_of(connection, frame.cohort.id, moment)
        marks = people.people_marks(connection, frame.cohort.account_id)
    holidays = holidays_of(frame.cohort, frame.cadence, moment.when)
    return begin(snapshot, holidays, form_prices(means[1], snapshot.cadence)), composer_for(snapshot, *means, marks)


def _thinking(
    database: Database,
    frame: CohortFrame,
    slots: tuple[SlotTime, ...],
    moment: Moment,
    means: tuple[PostRenderer, Tariff],
) -> Iterator[Step]:
    state, compose = _standing(database, frame, moment, means)
    yield from steps(state, slots, compose, compose.answer, prices_of=partial(form_prices, means[1]))


def _coming(there: CohortFrame, own: str, slot: SlotTime, when: datetime) -> Iterator[SlotTime]:
    """Its slots that were not decided yet when `slot` was: those after it, or at its instant if its turn is later."""
    end = slot.at + HORIZON + there.cadence.grace
    holidays = holidays_of(there.cohort, there.cadence, when)
    for one in plan_snapshot.slots_between(there, holidays, slot.at - _MOMENT, end).values():
        if one.at > slot.at or there.cohort.slug > own:
            yield one
