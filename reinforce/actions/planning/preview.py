"""Show what would go out on the next days if nothing came back; changes nothing.

It is the plan itself, run over simulated time: each slot is decided by the same code, and what it decided is taken for
granted by the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.enrolling.updates import (
    Calendar,
    Update,
    UpdateKind,
    placed,
    timed,
    update_occurrence,
    updates,
)
from reinforce.domain.nugget import Question, StoredNugget
from reinforce.domain.planning.caps import AccountCaps, Room
from reinforce.domain.planning.days_ahead import steps
from reinforce.domain.planning.deciding import Composed, form_prices
from reinforce.domain.planning.plan_context import Quiet
from reinforce.domain.planning.plan_state import REVEAL, PlanSnapshot, PlanState, PricesOf, begin
from reinforce.domain.planning.sharing import HORIZON
from reinforce.domain.planning.slots import SlotTime, next_open
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.rendering.composing import PostComposer, composer_for, composers
from reinforce.rendering.posts import PostRenderer
from reinforce.rendering.update_posts import compose_update
from reinforce.store.people import people, told
from reinforce.store.people.told import Told
from reinforce.store.planning import feed, plan_snapshot
from reinforce.store.planning.plan_snapshot import OpenQuestion
from reinforce.store.planning.rivals import rivals, walked
from reinforce.store.sending import outbox
from reinforce.store.session import Database

_QUIET = "quiet"
_ANSWER_TO = "The answer to the question on {}; the same for everybody."
_Asked = tuple[OpenQuestion, Question]


@dataclass(frozen=True, slots=True)
class PreviewedPost:
    """One slot, reveal, or update of the days to come. `local` is due_at in the cohort's zone.

    Where the plan would stay quiet, `nugget` and `text` are "", `form` is "quiet" and `reason` says why. `planned` is
    True for what stands in the outbox already.
    """

    due_at: datetime
    local: datetime
    slot: str
    nugget: str
    form: str
    text: str
    price_micros: int
    reason: str
    planned: bool = False

    @property
    def at(self) -> datetime:
        """As `due_at`."""
        return self.due_at


def preview(
    database: Database,
    cohort_id: int,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    now: datetime,
    days: int,
    as_if_approved: bool = False,
) -> tuple[PreviewedPost, ...]:
    """What would go out from `now` (programme time) for `days` days, in order; with `as_if_approved` whatever waits for
    approval, too. Raises as `plan_cohort` does."""
    with database.read() as connection:
        there = plan_snapshot.frame(connection, cohort_id)
        holidays = holidays_of(there.cohort, there.cadence, now)
        slots = plan_snapshot.slots_between(there, holidays, now, now + timedelta(days=days))
        decided = plan_snapshot.taken(connection, slots)
        snapshot, _ = plan_snapshot.snapshot(connection, cohort_id, now, with_neighbours=True)
        snapshot = replace(snapshot, approval=None) if as_if_approved else snapshot
        compose = composer_for(snapshot, renderer, tariff, people.people_marks(connection, snapshot.account.id))
        standing = outbox.items(connection, cohort_id=cohort_id, states=[State.PLANNED])
        asked = [
            (one, plan_snapshot.question_as_asked(connection, one.question_id))
            for one in plan_snapshot.open_questions(connection, cohort_id, there.cadence.answer_window)
        ]
        told_already = told.told(connection, [update_occurrence(there.cohort.slug, kind) for kind in UpdateKind])
        room = feed.room(connection, there.cohort, there.cadence, now)
        until = now + timedelta(days=days) + HORIZON
        claims = tuple(
            one.claim(snapshot.rows, now, walked(connection, one, composers(renderer, tariff), tariff, now))
            for one in rivals(connection, snapshot.cohort, holidays_of, now, until)
        )
    open_slots = [slot for occurrence, slot in slots.items() if occurrence not in decided]
    calendar = Calendar(there.cadence, there.cohort.zone, holidays)
    coming = _updates(snapshot, calendar, room, told_already, now)
    state = replace(begin(snapshot, holidays, form_prices(tariff, snapshot.cadence)), claims=claims)
    state = replace(state, room=state.room.taking([at for _, at in coming]))
    end = now + timedelta(days=days)
    found = [
        *_told(state, coming, compose, end),
        *(_standing(snapshot, item) for item in standing),
        *_awaited(state, asked, compose, end),
        *_simulated(state, open_slots, compose, end, partial(form_prices, tariff)),
    ]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.form == REVEAL)))


def next_slots(
    database: Database, cohort_id: int, renderer: PostRenderer, tariff: Tariff, *, now: datetime, count: int
) -> tuple[PreviewedPost, ...]:
    """The next `count` rows of the preview, quiet ones included; fewer if the next year has fewer."""
    for days in (7, 30, 120, 366):
        found = preview(database, cohort_id, renderer, tariff, now=now, days=days)
        if len(found) >= count:
            return found[:count]
    return found


def _updates(
    snapshot: PlanSnapshot, calendar: Calendar, room: Room, known: Mapping[str, Told], now: datetime
) -> list[tuple[Update, datetime]]:
    """The posts about the cohort's dates that are to come, each with its time; no nugget takes their room."""
    found = []
    others, gap = [row.at for row in snapshot.rows if not row.own], AccountCaps.of(snapshot.account).gap
    for update in updates(snapshot.cohort):
        there = known.get(update_occurrence(snapshot.cohort.slug, update.kind))
        if there is not None and not there.may_be_made_again(update):
            continue
        when = timed(update, calendar, now)
        at = None if when.why_not else placed(when, calendar, room, others, gap)
        if at is not None:
            room = room.taking((at,))
            found.append((update, at))
    return found


def _told(
    state: PlanState, coming: list[tuple[Update, datetime]], compose: PostComposer, end: datetime
) -> Iterator[PreviewedPost]:
    there = state.snapshot
    for update, at in coming:
        composed = compose_update(compose, there.cohort, update, at, state.texts, there.cadence.repeat_after)
        if at <= end and isinstance(composed, Composed):
            reason = f"The cohort's update: {update.kind.called.replace('_', ' ')}."
            yield _row(state, at, "", form=update.kind.value, composed=composed, reason=reason)


def _simulated(
    state: PlanState, slots: list[SlotTime], compose: PostComposer, end: datetime, prices_of: PricesOf
) -> Iterator[PreviewedPost]:
    """Slot after slot, each with its reveal, on a state that takes every decision for granted."""
    for step in steps(state, slots, compose, compose.answer, prices_of=prices_of):
        decision, slot = step.decision, step.slot
        if isinstance(decision, Quiet):
            yield _row(state, slot.at, slot.slot, form=_QUIET, reason=decision.reason)
            continue
        choice, nugget = decision.choice, decision.nugget
        yield _row(state, decision.at, slot.slot, nugget, choice.form.value, decision.composed, choice.reason)
        if step.answer is not None and decision.reveal_at is not None and decision.reveal_at <= end:
            yield _row(state, decision.reveal_at, "", nugget, REVEAL, step.answer, _ANSWER_TO.format(_name(nugget)))


def _awaited(state: PlanState, asked: list[_Asked], compose: PostComposer, end: datetime) -> Iterator[PreviewedPost]:
    """The reveals of questions that are out already."""
    there = state.snapshot
    known = {nugget.id: nugget for nugget in there.nuggets}
    for one, question in asked:
        due = next_open(one.closes_at, there.cadence, there.cohort.zone, state.holidays)
        if due is None or due > end or not there.cadence.reveal or one.nugget_id not in known:
            continue
        composed = compose.reveal(question, one.question_id, due, state.texts, there.cadence.repeat_after)
        if isinstance(composed, Composed):
            nugget = known[one.nugget_id]
            yield _row(state, due, "", nugget, REVEAL, composed, _ANSWER_TO.format(_name(nugget)))


def _standing(snapshot: PlanSnapshot, item: OutboxItem) -> PreviewedPost:
    """A post that is planned already, as it is."""
    nugget = next((one for one in snapshot.nuggets if one.id == item.nugget_id), None)
    slot = item.occurrence.rsplit("/", 1)[1] if item.occurrence.startswith("slot/") else ""
    return PreviewedPost(
        due_at=item.due_at,
        local=item.due_at.astimezone(ZoneInfo(snapshot.cohort.zone)),
        slot=slot,
        nugget="" if nugget is None else _name(nugget),
        form=item.form,
        text=item.text,
        price_micros=item.price_micros,
        reason=item.reason,
        planned=True,
    )


def _row(
    state: PlanState,
    at: datetime,
    slot: str,
    nugget: StoredNugget | None = None,
    form: str = "",
    composed: Composed | None = None,
    reason: str = "",
) -> PreviewedPost:
    return PreviewedPost(
        due_at=at,
        local=at.astimezone(ZoneInfo(state.snapshot.cohort.zone)),
        slot=slot,
        nugget="" if nugget is None else _name(nugget),
        form=form,
        text="" if composed is None else composed.text,
        price_micros=0 if composed is None else composed.price_micros,
        reason=reason,
    )


def _name(nugget: StoredNugget) -> str:
    """What people call a nugget."""
    return f"{nugget.procedure}/{nugget.slug}"
