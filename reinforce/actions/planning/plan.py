"""Plan the next post of a cohort, once its slot has come.

The plan reads a snapshot, then chooses and renders outside any transaction; one short transaction puts post and
decision into the outbox, if cohort and feed are still what the snapshot showed and the slot is still free. If something
came back meanwhile, or another cohort posted on the same account, it chooses again, at most `_TRIES` times; the next
tick is soon enough after that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import partial

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.cohort import Cohort, CohortState
from reinforce.domain.errors import Conflict
from reinforce.domain.planning.contending import claims_at
from reinforce.domain.planning.deciding import Decided, decide, form_prices, planned_post
from reinforce.domain.planning.plan_context import Quiet
from reinforce.domain.planning.plan_state import PlanSnapshot, PlanState, begin
from reinforce.domain.planning.sharing import HORIZON, Claim
from reinforce.domain.planning.slot_queue import AHEAD, queue
from reinforce.domain.planning.slots import SlotTime
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.kill_points import Checkpoint, KillPoint, unwatched
from reinforce.domain.sending.outbox import OutboxItem, slot_occurrence
from reinforce.rendering.composing import composer_for, composers
from reinforce.rendering.posts import PostRenderer
from reinforce.store.people import cohorts, people
from reinforce.store.planning import decisions, feed, memories, plan_snapshot
from reinforce.store.planning.rivals import rivals
from reinforce.store.sending import outbox
from reinforce.store.session import Database

_TRIES = 4


class PlanResult(StrEnum):
    """What became of a plan."""

    PLANNED = "planned"
    QUIET = "quiet"
    NOTHING_DUE = "nothing due"
    NOT_RUNNING = "not running"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class PlanOutcome:
    """`item` is the post that was planned, `reason` why it, or why nothing. `missed` are slots put on record as
    missed: "2026-03-02 morning: why"."""

    result: PlanResult
    item: OutboxItem | None = None
    reason: str = ""
    missed: tuple[str, ...] = ()


def plan_cohort(
    database: Database,
    cohort_id: int,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    now: datetime,
    checkpoint: Checkpoint = unwatched,
) -> PlanOutcome:
    """Plan the slot of a cohort that is due at `now` (programme time), if there is one.

    Raises NotFound for a cohort that is not there, ReinforceError for a country without holidays or a template that
    can't be rendered.
    """
    for _ in range(_TRIES):
        with database.read() as connection:
            there = plan_snapshot.frame(connection, cohort_id)
            if there.cohort.state is not CohortState.RUNNING:
                return PlanOutcome(PlanResult.NOT_RUNNING, reason=there.cohort.paused_reason)
            holidays = holidays_of(there.cohort, there.cadence, now)
            waiting = plan_snapshot.undecided(connection, there, holidays, now)
        slots = queue(waiting, there.cadence, there.cohort.zone, now)
        missed = _record_missed(database, there.cohort, slots.missed, now)
        if slots.due is None:
            return PlanOutcome(PlanResult.NOTHING_DUE, missed=missed)
        planned = _plan_slot(database, cohort_id, slots.due, _Means(renderer, tariff, holidays, checkpoint), now)
        if planned is not None:
            return PlanOutcome(planned.result, planned.item, planned.reason, missed)
    return PlanOutcome(PlanResult.OVERTAKEN, reason="the cohort changed each time a post had been chosen")


@dataclass(frozen=True, slots=True)
class _Means:
    """What a plan works with besides the database."""

    renderer: PostRenderer
    tariff: Tariff
    holidays: Mapping[date, str]
    checkpoint: Checkpoint


def _record_missed(
    database: Database, cohort: Cohort, missed: tuple[tuple[SlotTime, str], ...], now: datetime
) -> tuple[str, ...]:
    if not missed:
        return ()
    with database.write() as connection:
        for slot, why in missed:
            occurrence = slot_occurrence(cohort.slug, slot.day, slot.slot)
            decisions.record_quiet(connection, cohort.id, occurrence, f"Skipped: {slot.off or why}.", {}, now)
    return tuple(f"{slot.day} {slot.slot}: {slot.off or why}" for slot, why in missed)


def _plan_slot(database: Database, cohort_id: int, slot: SlotTime, means: _Means, now: datetime) -> PlanOutcome | None:
    """Choose for one slot and put it on record; None if the cohort changed meanwhile."""
    with database.read() as connection:
        snapshot, damaged = plan_snapshot.snapshot(connection, cohort_id, now, with_neighbours=True)
        marks = people.people_marks(connection, snapshot.account.id)
    if damaged:
        # A plan from half a memory would be a wrong one; without its blobs a nugget is computed again from the log.
        with database.write() as connection:
            memories.forget(connection, damaged)
        return PlanOutcome(PlanResult.NOTHING_DUE, reason=f"{len(damaged)} beliefs were damaged and are rebuilt first")
    prices_of = partial(form_prices, means.tariff)
    state = begin(snapshot, means.holidays, prices_of(snapshot.cadence)).on(slot.day, prices_of)
    compose = composer_for(snapshot, means.renderer, means.tariff, marks)
    at = max(slot.at, now)
    decision = decide(replace(state, claims=_claims(database, snapshot, state, slot, means, now)), slot, at, compose)
    means.checkpoint(KillPoint.BEFORE_PLAN_COMMIT)
    outcome = _commit(database, snapshot, slot, decision, now)
    if outcome is not None:
        means.checkpoint(KillPoint.AFTER_PLAN_COMMIT)
    return outcome


def _claims(
    database: Database, snapshot: PlanSnapshot, state: PlanState, slot: SlotTime, means: _Means, now: datetime
) -> tuple[Claim, ...]:
    """What the account's other cohorts have had and want; nothing where there is room for all they could want."""
    at = max(slot.at, now)
    # From the slot's own place in the order of time on, so that it does not matter in which tick it is planned.
    between = min(slot.at - AHEAD, now), at + snapshot.cadence.grace + HORIZON
    compose_for = composers(means.renderer, means.tariff)
    with database.read() as connection:
        others = rivals(database, connection, snapshot.cohort, holidays_of, (compose_for, means.tariff), between, now)
    return claims_at(state, at, others)


def _commit(
    database: Database, snapshot: PlanSnapshot, slot: SlotTime, decision: Decided | Quiet, now: datetime
) -> PlanOutcome | None:
    """One short transaction: the decision, if cohort and feed are what the snapshot showed and the slot is free."""
    cohort = snapshot.cohort
    occurrence = slot_occurrence(cohort.slug, slot.day, slot.slot)
    with database.write() as connection:
        if plan_snapshot.version_of(connection, cohort.id) != cohort.version:
            return None
        if isinstance(decision, Quiet):
            decisions.record_quiet(connection, cohort.id, occurrence, decision.reason, decision.numbers, now)
            return PlanOutcome(PlanResult.QUIET, reason=decision.reason)
        if feed.newest(connection, snapshot.account.id, kept_for=cohort.id) != snapshot.newest:
            # Another cohort's post went onto the feed: it may say the very same, and it takes room.
            return None
        try:
            due = slot.at if decision.moved_from is None else decision.at
            post = planned_post(snapshot, decision, occurrence, due, slot.at + snapshot.cadence.grace)
            item = outbox.add(connection, post, now, snapshot.cadence.repeat_after)
        except Conflict:
            # The slot or the text went to another plan, whose commit this snapshot could not show.
            return None
        cohorts.raise_version(connection, cohort.id)
    return PlanOutcome(PlanResult.PLANNED, item, decision.choice.reason)
