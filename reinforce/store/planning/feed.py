"""What is on an account's feed, and whom it reaches: several cohorts can share one, and then a post is seen by all.

A post that another cohort paid for counts for this one, too, as far as it says one of its nuggets; what else is on the
feed counts for the caps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select

from reinforce.domain.cohort import LIVE, Cohort, CohortState, ConsentKind
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.caps import AccountCaps, Room
from reinforce.domain.planning.exposure import EvidenceKind
from reinforce.domain.planning.feed_rows import OutRow
from reinforce.domain.planning.plan_state import Neighbour
from reinforce.domain.quizzing.quiz import QuizPost
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.listening import signals
from reinforce.store.people import away, cohorts
from reinforce.store.revising import recalls
from reinforce.store.sending import outbox

_o = t.outbox.c
# Caps look at seven local days in a row.
_CAPPED = timedelta(days=8)
# A quiz round was asked for by a person, and is one post of its day: its opening post.
_OF_A_ROUND = sorted(kind.value for kind in QuizPost if kind is not QuizPost.START)


def rows(connection: Connection, cohort: Cohort, now: datetime, *, answers: bool) -> tuple[OutRow, ...]:
    """What is out or on its way on the cohort's account, in order of time: all of its own, and of other cohorts' what
    says a nugget it learns or is of the last week. Replies to a learner are theirs alone and left out. Graded answers
    are counted only if `answers` says so: in a large cohort there are a million."""
    ours = _o.nugget_id.in_(_nuggets_of(cohort.id))
    recent = or_(_o.posted_at >= now - _CAPPED, _o.posted_at.is_(None))
    query = (
        select(
            *(_o.id, _o.cohort_id, _o.nugget_id, _o.form, _o.posted_at, _o.due_at, _o.reply_to_outbox_id),
            recalls.last_reset(_o.nugget_id).label("learnt_anew"),
            _o.decision["reveal_at"].as_string().label("reveal_at"),
        )
        .where(_o.account_id == cohort.account_id, _o.inbound_id.is_(None))
        .where(or_(under_way(), _o.state == State.POSTED.value), _o.form.not_in(_OF_A_ROUND))
        .where(or_(_o.cohort_id == cohort.id, ours, recent))
    )
    graded = _answers(connection, cohort) if answers else {}
    counted = signals.counted(connection, _o.account_id == cohort.account_id, _o.form == "poll", ours)
    votes = {key: one.votes for key, one in counted.items() if one.votes is not None}
    found = [
        OutRow(
            id=row.id,
            # What was said of a nugget before it was learnt anew took its room on the feed, and says nothing of it.
            nugget_id=None if row.learnt_anew and row.posted_at and row.posted_at <= row.learnt_anew else row.nugget_id,
            form=row.form,
            at=row.posted_at or row.due_at,
            due=row.due_at,
            out=row.posted_at is not None,
            answers=graded.get(row.id, (0, 0)),
            votes=votes.get(row.id, (0, 0)),
            reveal_of=row.reply_to_outbox_id,
            own=row.cohort_id == cohort.id,
            cohort_id=row.cohort_id,
            reveal_at=None if row.reveal_at is None else datetime.fromisoformat(row.reveal_at),
        )
        for row in connection.execute(query)
    ]
    return tuple(sorted(found, key=lambda row: (row.at, row.id)))


def room(connection: Connection, cohort: Cohort, cadence: Cadence, now: datetime) -> Room:
    """What the cohort's caps and its account's leave beside all that is on the feed at `now`."""
    account = accounts.account_by_id(connection, cohort.account_id)
    there = (row.at for row in rows(connection, cohort, now, answers=False))
    running = cohorts.zones_on(connection, account.id)
    return Room.of(there, (cohort.zone, cadence.caps), AccountCaps.of(account), running)


@dataclass(frozen=True, slots=True)
class WhoCounts:
    """Who is taken to be in a cohort (by the columns of their enrollment) and to be linked; which cohorts run."""

    enrolled: Callable[[Any], ColumnElement[bool]]
    linked: ColumnElement[bool]
    running: ColumnElement[bool]


def _who_counts_now() -> WhoCounts:
    c, person, live = t.consent.c, t.learner.c, [state.value for state in LIVE]
    linked = exists().where(c.learner_id == person.id, c.kind == ConsentKind.LINKING.value, c.withdrawn_at.is_(None))
    return WhoCounts(
        enrolled=lambda e: and_(e.state.in_(live), person.stopped_at.is_(None)),
        linked=and_(linked, person.remote_user_id.is_not(None)),
        running=t.cohort.c.state == CohortState.RUNNING.value,
    )


def neighbours(
    connection: Connection, cohort: Cohort, now: datetime, who: WhoCounts | None = None
) -> tuple[Neighbour, ...]:
    """The learners who count (linked, not stopped, neither snoozed nor away at `now`) in the account's other running
    cohorts that learn what this one learns, and are not in it; by id. `who` counts as linked and so on: None, now."""
    e, person, own = t.enrollment.c, t.learner.c, t.enrollment.alias("own").c
    of_cohort, who = t.cohort_procedure.c, who or _who_counts_now()
    here = exists().where(own.learner_id == person.id, own.cohort_id == cohort.id, who.enrolled(own))
    procedures = select(of_cohort.procedure_id).where(of_cohort.cohort_id == cohort.id)
    query = (
        select(person.id, person.role, e.cohort_id, of_cohort.procedure_id)
        .join(t.enrollment, e.learner_id == person.id)
        .join(t.cohort, t.cohort.c.id == e.cohort_id)
        .join(t.cohort_procedure, of_cohort.cohort_id == e.cohort_id)
        .where(t.cohort.c.account_id == cohort.account_id, who.running)
        .where(e.cohort_id != cohort.id, who.enrolled(e), of_cohort.procedure_id.in_(procedures), ~here)
        .where(who.linked)
        .where(or_(person.snoozed_until.is_(None), person.snoozed_until <= now), ~away.is_absent(now))
        .order_by(person.id, e.cohort_id)
    )
    found = connection.execute(query).all()
    places = {cohort_id: place for place, cohort_id in enumerate(sorted({row.cohort_id for row in found}), start=1)}
    people: dict[int, Neighbour] = {}
    for row in found:
        before = people.get(row.id) or Neighbour(row.id, row.role, places[row.cohort_id], frozenset())
        people[row.id] = replace(before, learns=before.learns | {row.procedure_id})
    return tuple(people.values())


def newest(connection: Connection, account_id: int, *, kept_for: int | None = None) -> int:
    """The highest id of any post of an account, replies to a learner left out; 0 if there is none. `kept_for` a
    cohort (its id), nobody else adds one until this transaction ends."""
    if kept_for is not None:
        accounts.kept_behind_cohort(connection, account_id, kept_for)
    query = select(func.max(_o.id)).where(_o.account_id == account_id, _o.inbound_id.is_(None))
    return int(connection.execute(query).scalar() or 0)


def stand(connection: Connection, account_id: int) -> tuple[int, tuple[tuple[int, int, str], ...]]:
    """What a plan of an account goes by besides the time: its feed's newest post, and its cohorts at their versions."""
    c = t.cohort.c
    there = select(c.id, c.version, c.state).where(c.account_id == account_id).order_by(c.id)
    return newest(connection, account_id), tuple((one.id, one.version, one.state) for one in connection.execute(there))


def under_way() -> ColumnElement[bool]:
    """The condition that a post is on its way."""
    return _o.state.in_(sorted(state.value for state in outbox.UNDER_WAY))


def _nuggets_of(cohort_id: int) -> Select[tuple[int]]:
    learnt = t.cohort_procedure.c
    query = select(t.nugget.c.id).join(t.cohort_procedure, learnt.procedure_id == t.nugget.c.procedure_id)
    return query.where(learnt.cohort_id == cohort_id)


def _answers(connection: Connection, cohort: Cohort) -> dict[int, tuple[int, int]]:
    """(right, other) graded answers to each post of the account that says a nugget of the cohort."""
    r = t.review.c
    right = func.sum(case((r.rating > 1, 1), else_=0))
    ours = and_(_o.account_id == cohort.account_id, _o.nugget_id.in_(_nuggets_of(cohort.id)))
    query = (
        select(r.outbox_id, right, func.count())
        .join(t.outbox, _o.id == r.outbox_id)
        .where(ours, r.voided_at.is_(None))
        .where(r.evidence.in_([EvidenceKind.ANSWER.value, EvidenceKind.NOT_SURE.value]))
        .group_by(r.outbox_id)
    )
    return {key: (int(good), int(total - good)) for key, good, total in connection.execute(query)}
