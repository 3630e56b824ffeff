"""Hand-overs from phase to phase on the walk: from the start of its local day a cohort has another cadence in use."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

from reinforce.domain.planning.feed_rows import reserved
from reinforce.domain.planning.phases import PhaseCadence
from reinforce.domain.planning.slots import local_day, resolve
from reinforce.domain.walking.account import Lane, Rank, Walk


def hand_over(walk: Walk, lane: Lane) -> None:
    """Have the lane's phases to come begin on their days."""
    zone = lane.cohort.zone
    for phase in lane.state.snapshot.phases:
        if phase.first_day > local_day(walk.now, zone):
            _begin_on(walk, lane, phase, resolve(phase.first_day, time(0), zone))


def _begin_on(walk: Walk, lane: Lane, phase: PhaseCadence, when: datetime) -> None:
    walk.then(when, Rank.PHASE, lane, lambda walk, _when: _begin(walk, lane, phase))


def _begin(walk: Walk, lane: Lane, phase: PhaseCadence) -> None:
    state = lane.state.on(phase.first_day, walk.prices_of)
    # Answers that are to come follow when the new cadence lets them.
    to_come = reserved(state.snapshot.rows, state.reveal_at)
    room = state.room.giving_back(list(state.reserved.values())).taking(list(to_come.values()))
    lane.state = replace(state, room=room, reserved=to_come)
    lane.calendar = replace(lane.calendar, cadence=phase.cadence)
