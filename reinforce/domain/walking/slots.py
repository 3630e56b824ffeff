"""Slots on the walk: each is decided some minutes ahead, as the daemon does."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from reinforce.domain.planning.contending import Rival, Thought, claims_at
from reinforce.domain.planning.days_ahead import steps
from reinforce.domain.planning.deciding import decide
from reinforce.domain.planning.plan_context import Quiet
from reinforce.domain.planning.sharing import HORIZON
from reinforce.domain.planning.slot_queue import AHEAD
from reinforce.domain.walking.account import Asked, Lane, Rank, Walk, Walked
from reinforce.domain.walking.previewed import QUIET
from reinforce.domain.walking.reveals import reveal_later


def next_slot(walk: Walk, lane: Lane) -> None:
    """Have the lane's next open slot decided in its time."""
    if lane.at < len(lane.slots):
        walk.then(lane.slots[lane.at].at - AHEAD, Rank.SLOT, lane, lambda walk, when: _decide(walk, lane, when))


def _decide(walk: Walk, lane: Lane, when: datetime) -> None:
    slot, at = lane.slots[lane.at], max(lane.slots[lane.at].at, when)
    lane.at += 1
    # What is kept for later is kept under the cadence in use, as the database has it.
    state = lane.state.on(slot.day, walk.prices_of)
    state = replace(state, claims=claims_at(state, at, _rivals(walk, lane, at)))
    decision = decide(state, slot, at, lane.resting, lane.resting.shut(at))
    if isinstance(decision, Quiet):
        walk.found.append(
            Walked(lane.place, slot.at, when, QUIET, slot, reason=decision.reason, numbers=decision.numbers)
        )
        next_slot(walk, lane)
        return
    due = slot.at if decision.moved_from is None else decision.at
    form, nugget, composed = decision.choice.form.value, decision.nugget, decision.composed
    walked = Walked(lane.place, due, when, form, slot, nugget, composed, decision.choice.reason, decision.numbers)
    row = walk.post(lane, walked, reveal_at=decision.reveal_at)
    if composed.question_id is not None and nugget.question is not None:
        asked = Asked(row, nugget.id, composed.question_id, nugget.question, decision.closes_at, due)
        reveal_later(walk, lane, asked)
    next_slot(walk, lane)


def _rivals(walk: Walk, lane: Lane, at: datetime) -> Sequence[Rival]:
    return [_rival(walk, one, at) for one in walk.lanes if one is not lane and one.at < len(one.slots)]


def _rival(walk: Walk, lane: Lane, at: datetime) -> Rival:
    """What a lane wants as the others see it. A thought holds until something happens on the account, or to the
    lane's next slot."""
    kept = lane.thought
    if kept is None or kept[0] is not lane.state or kept[1] != lane.at:
        resting = replace(lane.resting, known=dict(lane.resting.known))
        upcoming = lane.slots[lane.at :]
        kept = (
            lane.state,
            lane.at,
            Thought(steps(lane.state, upcoming, resting, lane.compose.answer, prices_of=walk.prices_of)),
        )
        lane.thought = kept
    first = bisect_left(lane.most, at, key=lambda want: want[0])
    last = bisect_left(lane.most, at + HORIZON + timedelta(days=1), key=lambda want: want[0])
    return Rival(lane.cohort, lane.cadence, lane.most[first:last], kept[2])
