"""Answers under questions on the walk: each is planned once its window has closed, when the days have room for it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from reinforce.domain.planning.approved_texts import WAITS
from reinforce.domain.planning.deciding import Unfit
from reinforce.domain.planning.plan_state import REVEAL
from reinforce.domain.planning.revealing import WORTH_REVEALING, reveal_due
from reinforce.domain.planning.slot_queue import AHEAD
from reinforce.domain.planning.slots import local_day, resolve
from reinforce.domain.walking.account import Asked, Lane, Rank, Walk, Walked

ANSWER_TO = "The answer to the question on {}; the same for everybody."
_DAY = timedelta(days=1)


def reveal_later(walk: Walk, lane: Lane, asked: Asked) -> None:
    """Have the answer to a question planned once its window for answers has closed."""
    walk.then(asked.closes_at - AHEAD, Rank.REVEAL, lane, lambda walk, when: _reveal(walk, lane, asked, when))


def _reveal(walk: Walk, lane: Lane, asked: Asked, when: datetime) -> None:
    state, closes_at = lane.state, max(asked.closes_at, asked.posted_at + lane.cadence.answer_window)
    if closes_at > when + AHEAD:
        _again(walk, lane, asked, when, closes_at - AHEAD)
        return
    due = None
    if lane.cadence.reveal:
        due = reveal_due(state.snapshot, state.holidays, closes_at, state.room_beside_rows, when)
    if due is None:
        return
    if due > when + AHEAD:
        _again(walk, lane, asked, when, due - AHEAD)
        return
    composed = lane.compose.reveal(asked.question, asked.question_id, due, lane.state)
    late = when - closes_at > WORTH_REVEALING
    if isinstance(composed, Unfit) and composed.reason == WAITS and not late:
        _again(walk, lane, asked, when, when + _DAY)
        return
    if late or isinstance(composed, Unfit):
        return
    nugget = next((one for one in lane.state.snapshot.nuggets if one.id == asked.nugget_id), None)
    name = "" if nugget is None else f"{nugget.procedure}/{nugget.slug}"
    walked = Walked(lane.place, due, when, REVEAL, nugget=nugget, composed=composed, reason=ANSWER_TO.format(name))
    walk.post(lane, walked, reveal_of=asked.row)


def _again(walk: Walk, lane: Lane, asked: Asked, when: datetime, later: datetime) -> None:
    """Look again when its time comes, or a day begins in any zone of the account, and with it perhaps some room."""
    zones = lane.state.room.days
    mornings = (resolve(local_day(when, zone) + _DAY, time(0), zone) for zone in zones)
    again = min([later, *mornings])
    walk.then(again, Rank.REVEAL, lane, lambda walk, when: _reveal(walk, lane, asked, when))
