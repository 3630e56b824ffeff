"""Have a planned post go out at another time.

Its occurrence stays, so its slot stays taken and is never filled anew; its fence is raised, so whoever was about to
claim it as it stood before gets nothing. What makes a post go out once is untouched: state, text and attempts stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.errors import Conflict, NotAllowed
from reinforce.domain.planning.moving import OWN_GAP, TimeTerms, check_time
from reinforce.domain.planning.phases import cadence_on
from reinforce.domain.planning.slots import local_day
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.store.accounts import accounts
from reinforce.store.approving import approvals
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.planning import feed, plan_snapshot
from reinforce.store.sending import attempts, outbox
from reinforce.store.session import Database

# All else stands under another post, or belongs to a round, an event or a course that has times of its own.
MOVABLE = ("slot/", "now/")


@dataclass(frozen=True, slots=True)
class Moved:
    """A post that was moved, as it stands now, and when it was due before (UTC)."""

    item: OutboxItem
    was_due: datetime


def is_movable(state: State, occurrence: str) -> bool:
    """Whether a post could be moved as far as what it is goes."""
    return state is State.PLANNED and occurrence.startswith(MOVABLE)


def move_post(
    database: Database, item_id: int, to: datetime, *, actor: str, now: datetime, fence: int | None = None
) -> Moved:
    """Have a planned post go out at `to` (UTC, programme time). Moving it back undoes it. `fence` is what somebody saw
    of it: if it was moved or tried since, nothing is done.

    Raises NotFound; NotAllowed where it is not planned any more, belongs to something with times of its own, or a rule
    forbids the time (quiet hours, holidays, holds, caps, the gap to other posts, a yes that holds for other days);
    Conflict if it began to be sent just now, or is not as it was seen.
    """
    with database.write() as connection:
        item = outbox.item(connection, item_id)
        _check_post(connection, item)
        if fence not in (None, item.fence):
            raise Conflict(f"post {item_id} was moved or tried since you looked", "Look at it again, then move it.")
        assert item.cohort_id is not None
        # Nobody else plans on this account until the end of the transaction, so what is checked here stays true.
        plan_snapshot.version_of(connection, item.cohort_id)
        accounts.kept_behind_cohort(connection, item.account_id, item.cohort_id)
        terms = _terms(connection, item, to, now)
        check_time(terms, item.form, item.due_at, to, now)
        _check_approval(connection, item, terms, to)
        moved = outbox.reschedule(connection, item, to, to + terms.cadence.grace, _decision(terms, item, to))
        if moved is None:
            raise Conflict(f"post {item_id} began to be sent just now", "Look at it again: reinforce outbox")
        # In seconds of Unix time: the log takes no text.
        detail = {"from": int(item.due_at.timestamp()), "to": int(to.timestamp())}
        audit.record(connection, actor, "post.moved", f"outbox/{item_id}", detail, now)
    return Moved(moved, item.due_at)


def _check_post(connection: Connection, item: OutboxItem) -> None:
    if item.state is not State.PLANNED:
        raise NotAllowed(f"post {item.id} is {item.state.value}", "Only a planned post can be moved.")
    if item.cohort_id is None or not is_movable(item.state, item.occurrence):
        whose = "it belongs to another post, a round, an event, a course or a date, which says when it goes out"
        raise NotAllowed(f"post {item.id} can't be moved: {whose}", "Change that instead.")
    if attempts.may_have_been_sent(connection, item.id):
        raise NotAllowed(f"post {item.id} may have been sent already", "It goes on as it is until that is known.")


def _terms(connection: Connection, item: OutboxItem, to: datetime, now: datetime) -> TimeTerms:
    assert item.cohort_id is not None
    there = plan_snapshot.frame(connection, item.cohort_id)
    cadence = cadence_on(there.phases, local_day(to, there.cohort.zone), there.cadence)
    holidays = holidays_of(there.cohort, cadence, now)
    slots = plan_snapshot.slots_between(there, holidays, max(now, to - OWN_GAP), to + OWN_GAP)
    decided = plan_snapshot.taken(connection, slots)
    rows = feed.rows(connection, there.cohort, now, answers=False)
    return TimeTerms(
        cohort=there.cohort,
        account=accounts.account_by_id(connection, item.account_id),
        cadence=cadence,
        holidays=holidays,
        rows=tuple(row for row in rows if row.id != item.id),
        zones=cohorts.zones_on(connection, item.account_id),
        slots=tuple(slot for occurrence, slot in slots.items() if occurrence not in decided),
    )


def _check_approval(connection: Connection, item: OutboxItem, terms: TimeTerms, to: datetime) -> None:
    cohort = terms.cohort
    if not approvals.is_approved(connection, item, cohort.approval, cohort.zone, to):
        day = local_day(to, cohort.zone)
        raise NotAllowed(f"its text has no yes for {day}", f"Ask for one: reinforce approvals submit {cohort.slug}")


def _decision(terms: TimeTerms, item: OutboxItem, to: datetime) -> dict[str, object]:
    """What `explain` keeps of it, with the times that go by when it is posted."""
    kept: dict[str, object] = {**item.decision, "moved_by_hand_from": item.due_at.isoformat()}
    if "closes_at" in kept:
        kept["closes_at"] = (to + terms.cadence.answer_window).isoformat()
    reveal = terms.reveal_of(item.form, to)
    if "reveal_at" in kept and reveal is not None:
        kept["reveal_at"] = reveal.isoformat()
    return kept
