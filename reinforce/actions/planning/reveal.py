"""Plan the answer under each question whose window for answers is over.

A reveal is a reply to our own question, the same for everybody. It goes out when the cadence is open and has room for
it (the question's plan kept a place), never before the window has closed, and it is not forgotten: while there is no
room it waits for the next day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.cohort import CohortState
from reinforce.domain.errors import Conflict
from reinforce.domain.planning.approved_texts import WAITS
from reinforce.domain.planning.deciding import Composed, Unfit
from reinforce.domain.planning.plan_state import REVEAL, PlanSnapshot
from reinforce.domain.planning.revealing import WORTH_REVEALING, reveal_due
from reinforce.domain.planning.slot_queue import AHEAD
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outbox import OutboxItem, Planned, reveal_occurrence
from reinforce.rendering.composing import composer_for
from reinforce.rendering.posts import PostRenderer
from reinforce.store.people import cohorts, people
from reinforce.store.planning import decisions, feed, plan_snapshot
from reinforce.store.planning.plan_snapshot import OpenQuestion
from reinforce.store.sending import outbox
from reinforce.store.session import Database

_GRACE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class RevealOutcome:
    """The reveals that were planned, how many wait for their time, and how many questions will have none."""

    planned: tuple[OutboxItem, ...] = ()
    waiting: int = 0
    given_up: int = 0


def plan_reveals(
    database: Database, cohort_id: int, renderer: PostRenderer, tariff: Tariff, *, now: datetime
) -> RevealOutcome:
    """Plan the reveals of a cohort that are due at `now` (programme time). Raises as `plan_cohort` does."""
    with database.read() as connection:
        there = plan_snapshot.frame(connection, cohort_id)
        if there.cohort.state is not CohortState.RUNNING or not there.cadence.reveal:
            return RevealOutcome()
        window = there.cadence.answer_window
        asked = plan_snapshot.open_questions(connection, cohort_id, window)
        occurrences = plan_snapshot.taken(connection, [reveal_occurrence(one.id) for one in asked])
    asked = tuple(one for one in asked if reveal_occurrence(one.id) not in occurrences)
    closed = [one for one in asked if one.closes_at <= now + AHEAD]
    if not closed:
        return RevealOutcome(waiting=len(asked))
    return _plan_closed(database, cohort_id, closed, (renderer, tariff), len(asked) - len(closed), now)


def _plan_closed(
    database: Database,
    cohort_id: int,
    closed: list[OpenQuestion],
    means: tuple[PostRenderer, Tariff],
    waiting: int,
    now: datetime,
) -> RevealOutcome:
    with database.read() as connection:
        snapshot, _ = plan_snapshot.snapshot(connection, cohort_id, now)
        compose = composer_for(snapshot, *means, people.people_marks(connection, snapshot.account.id))
        room = feed.room(connection, snapshot.cohort, snapshot.cadence, now)
        questions = {one.id: plan_snapshot.question_as_asked(connection, one.question_id) for one in closed}
    holidays = holidays_of(snapshot.cohort, snapshot.cadence, now)
    planned, given_up = [], 0
    for one in closed:
        due = reveal_due(snapshot, holidays, one.closes_at, room, now)
        if due is None or due > now + AHEAD:
            waiting += due is not None
            continue
        repeat_after = snapshot.cadence.repeat_after
        composed = compose.reveal(questions[one.id], one.question_id, due, snapshot.texts, repeat_after)
        if isinstance(composed, Unfit) and composed.reason == WAITS and now - one.closes_at <= WORTH_REVEALING:
            waiting += 1
            continue
        item = _commit(database, snapshot, one, composed, due, now)
        if item is None:
            given_up += 1
        else:
            planned.append(item)
            room = room.taking((due,))
    return RevealOutcome(tuple(planned), waiting, given_up)


def _commit(
    database: Database,
    snapshot: PlanSnapshot,
    one: OpenQuestion,
    composed: Composed | Unfit,
    due: datetime,
    now: datetime,
) -> OutboxItem | None:
    """Put the reveal, or why there is none, on record."""
    cohort, occurrence = snapshot.cohort, reveal_occurrence(one.id)
    if isinstance(composed, Composed) and now - one.closes_at > WORTH_REVEALING:
        composed = Unfit("its window for answers closed more than a week ago")
    with database.write() as connection:
        if isinstance(composed, Composed):
            try:
                item = outbox.add(
                    connection, _planned(snapshot, one, composed, due), now, snapshot.cadence.repeat_after
                )
            except Conflict as conflict:
                composed = Unfit(conflict.message)
            else:
                cohorts.raise_version(connection, cohort.id)
                return item
        reason = f"No answer follows under post {one.id}: {composed.reason}."
        decisions.record_quiet(connection, cohort.id, occurrence, reason, {}, now)
        return None


def _planned(snapshot: PlanSnapshot, one: OpenQuestion, composed: Composed, due: datetime) -> Planned:
    closed = one.closes_at.isoformat()
    return Planned(
        account_id=snapshot.account.id,
        cohort_id=snapshot.cohort.id,
        nugget_id=one.nugget_id,
        question_id=one.question_id,
        occurrence=reveal_occurrence(one.id),
        form=REVEAL,
        text=composed.text,
        text_hash=composed.text_hash,
        reply_to=one.remote_id,
        reply_to_outbox_id=one.id,
        price_micros=composed.price_micros,
        due_at=due,
        grace_until=due + _GRACE,
        reason=f"The answer to post {one.id}, whose window for answers has closed; the same for everybody.",
        decision={"question": one.id, "window_closed_at": closed},
    )
