"""A cohort's plan as it stood at an instant that has passed, with what was known then or at another instant.

The feed is that of `when`; what came back (replies, votes, impressions, closed windows, who is linked) is what was
known at `known`. So a decision can be made again, with the evidence it had, or without what came after a preview.
Dates, cadence, caps and nuggets are those of now: what changed them is on the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from reinforce.domain.cohort import Cohort, CohortState, ConsentKind
from reinforce.domain.enrolling.updates import end_of_day
from reinforce.domain.planning.belief import Belief
from reinforce.domain.planning.exposure import believe
from reinforce.domain.planning.feed_rows import OutRow, counted_from
from reinforce.domain.planning.parameters import DEFAULT_PARAMETERS
from reinforce.domain.planning.plan_state import Neighbour, PlanSnapshot
from reinforce.domain.polling.needs import needs
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.listening import signals
from reinforce.store.people import away, people
from reinforce.store.planning import feed, memories, parameters, plan_snapshot
from reinforce.store.planning.event_log import counts_by, read_log
from reinforce.store.planning.feed import WhoCounts
from reinforce.store.planning.packing import PackedBelief
from reinforce.store.polling import polls

_o = t.outbox.c


@dataclass(frozen=True, slots=True)
class Moment:
    """`when` a decision was made, and until when what came back is taken to be `known`. `before` is the first row of
    the outbox that was not there yet (None: all that was made before `when` was)."""

    when: datetime
    known: datetime
    before: int | None = None


def snapshot_as_of(connection: Connection, cohort_id: int, moment: Moment) -> PlanSnapshot:
    """The snapshot of a cohort at that moment. Raises NotFound."""
    there, _ = plan_snapshot.snapshot(connection, cohort_id, moment.when, with_neighbours=True)
    rows, texts, wordings = _feed(connection, there, moment)
    learners = _learners(connection, cohort_id, moment)
    enrolled = people.learners_of(connection, cohort_id, live=False)
    roles = {one.id: one.role for one in enrolled}
    here = _neighbours(connection, there.cohort, moment)
    told = [one for one in polls.with_topics(connection, cohort_id) if _closed_by(one.closed_at, moment)]
    everybody = (*learners, *(one.learner for one in here))
    there = replace(there, parameters=parameters.by_nugget(connection, moment.known))
    return replace(
        there,
        learners=learners,
        roles=tuple(roles[one] for one in learners),
        roster=_roster(connection, cohort_id, moment),
        neighbours=here,
        rows=rows,
        texts=texts,
        wordings=wordings,
        newest=max((row.id for row in rows), default=0),
        belief=_belief(connection, there, everybody, moment),
        evidence=_graded(connection, cohort_id, moment) + sum(sum(row.votes) for row in rows),
        last_response=_last_response(connection, there.cohort, rows, moment),
        needs=needs(told, moment.when),
    )


def _closed_by(closed_at: datetime | None, moment: Moment) -> bool:
    return closed_at is not None and closed_at <= moment.known


_Feed = tuple[tuple[OutRow, ...], Mapping[str, datetime], Mapping[int, datetime]]


def _feed(connection: Connection, there: PlanSnapshot, moment: Moment) -> _Feed:
    """The rows that were there, as they were, with the texts and wordings used by then."""
    was_there = _o.created_at <= moment.when if moment.before is None else _o.id < moment.before
    columns = (_o.id, _o.posted_at, _o.due_at, _o.text_hash, _o.wording_id, _o.state)
    query = select(*columns).where(_o.account_id == there.account.id, was_there)
    kept = {row.id: row for row in connection.execute(query) if row.posted_at or row.state != State.CANCELLED.value}
    votes = signals.counted(connection, _o.account_id == there.account.id, _o.form == "poll", until=moment.known)
    rows = []
    for row in feed.rows(connection, there.cohort, moment.when, answers=False):
        if row.id in kept:
            posted, due = kept[row.id].posted_at, kept[row.id].due_at
            out = posted is not None and posted < moment.when
            counted = votes.get(row.id)
            heard = (0, 0) if counted is None or counted.votes is None else counted.votes
            rows.append(replace(row, out=out, at=posted if out else due, votes=heard))
    texts: dict[str, datetime] = {}
    wordings: dict[int, datetime] = {}
    for one in kept.values():
        at = counted_from(one.posted_at, one.due_at)
        texts[one.text_hash] = max(at, texts.get(one.text_hash, at))
        if one.wording_id is not None:
            wordings[one.wording_id] = max(at, wordings.get(one.wording_id, at))
    return tuple(sorted(rows, key=lambda one: (one.at, one.id))), texts, wordings


def _linked_by(known: datetime) -> ColumnElement[bool]:
    c, person = t.consent.c, t.learner.c
    live = or_(c.withdrawn_at.is_(None), c.withdrawn_at > known)
    return exists().where(c.learner_id == person.id, c.kind == ConsentKind.LINKING.value, c.given_at <= known, live)


def _enrolled_by(known: datetime, e: Any = t.enrollment.c) -> ColumnElement[bool]:
    person = t.learner.c
    there = and_(e.joined_at <= known, or_(e.ended_at.is_(None), e.ended_at > known))
    return and_(there, or_(person.stopped_at.is_(None), person.stopped_at > known))


def _learners(connection: Connection, cohort_id: int, moment: Moment) -> tuple[int, ...]:
    person, e = t.learner.c, t.enrollment.c
    query = select(person.id).join(t.enrollment, e.learner_id == person.id).where(e.cohort_id == cohort_id)
    query = query.where(_enrolled_by(moment.known), _linked_by(moment.known)).order_by(person.id)
    asleep = people.snoozed(connection, cohort_id, moment.when) | away.absent(connection, cohort_id, moment.when)
    return tuple(one for one in connection.execute(query).scalars() if one not in asleep)


def _roster(connection: Connection, cohort_id: int, moment: Moment) -> tuple[str, ...]:
    person, e = t.learner.c, t.enrollment.c
    query = select(person.role).join(t.enrollment, e.learner_id == person.id).where(e.cohort_id == cohort_id)
    return tuple(connection.execute(query.where(_enrolled_by(moment.known)).order_by(person.id)).scalars())


def _neighbours(connection: Connection, cohort: Cohort, moment: Moment) -> tuple[Neighbour, ...]:
    # When a cohort was finished stands on the audit log only: whoever counted in it then is known by their enrollment.
    ran = t.cohort.c.state.in_([CohortState.RUNNING.value, CohortState.FINISHED.value])
    who = WhoCounts(partial(_enrolled_by, moment.known), _linked_by(moment.known), ran)
    return feed.neighbours(connection, cohort, moment.when, who)


def _belief(connection: Connection, there: PlanSnapshot, learners: tuple[int, ...], moment: Moment) -> Belief:
    ids = [one.id for one in there.nuggets]
    log = read_log(connection, moment.when, ids, moment.known)
    beliefs = []
    for nugget_id in ids:
        given = there.parameters.get(nugget_id, DEFAULT_PARAMETERS)
        beliefs.append(PackedBelief(*believe(log.of(connection, nugget_id), given.model, given.weights), b""))
    return memories.as_loaded(beliefs, learners)


def _graded(connection: Connection, cohort_id: int, moment: Moment) -> int:
    r, e = t.review.c, t.enrollment.c
    query = (
        select(r.id)
        .join(t.nugget, t.nugget.c.id == r.nugget_id)
        .join(t.cohort_procedure, t.cohort_procedure.c.procedure_id == t.nugget.c.procedure_id)
        .join(t.enrollment, and_(e.learner_id == r.learner_id, e.cohort_id == t.cohort_procedure.c.cohort_id))
        .where(e.cohort_id == cohort_id, counts_by(moment.known))
        .limit(1)
    )
    return int(connection.execute(query).first() is not None)


def _last_response(connection: Connection, cohort: Cohort, rows: tuple[OutRow, ...], moment: Moment) -> datetime | None:
    i, e = t.inbound.c, t.enrollment.c
    came = i.received_at <= moment.known
    under = select(func.max(i.created_at)).join(t.outbox, _o.id == i.outbox_id).where(_o.cohort_id == cohort.id, came)
    by = (
        select(func.max(i.created_at))
        .join(t.enrollment, e.learner_id == i.learner_id)
        .where(e.cohort_id == cohort.id, i.account_id == cohort.account_id, i.outbox_id.is_not(None), came)
    )
    found = [connection.execute(query).scalar() for query in (under, by)]
    ends = [end_of_day(hold.last_day, cohort.zone) for hold in cohort.holds]
    votes = [row.at for row in rows if any(row.votes)]
    return max([*(one for one in found if one), *votes, *(one for one in ends if one <= moment.when)], default=None)
