"""What learners asked: rows of `inquiry` with the words they were read from.

Grading leaves a row (`keep`), in the transaction that marks the post as read: no question is read and forgotten.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, insert, or_, select, update

from reinforce.domain.access.rights import EVERYTHING, Scope
from reinforce.domain.answering.inquiry import (
    ACKNOWLEDGEMENT,
    OWED,
    UNANSWERED,
    Inquiry,
    InquiryKind,
    InquiryState,
    Way,
)
from reinforce.domain.cohort import LIVE, CohortState, EnrollmentState
from reinforce.domain.errors import Conflict, NotFound
from reinforce.domain.listening.inbound import Inbound
from reinforce.domain.listening.intents import Intent
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t

_q, _i = t.inquiry.c, t.inbound.c
_KINDS = {Intent.QUESTION: InquiryKind.QUESTION, Intent.LOOKUP: InquiryKind.LOOKUP}
_OTHERWISE = "it was read as something else since"


# --- in -----------------------------------------------------------------------------------------------------------


def keep(connection: Connection, post: Inbound, intents: Collection[Intent], topic: str) -> None:
    """Make the inquiry of a post what `intents` say: a new one, the one there is, or none; an answered one stays."""
    # A question beside a look-up wants a person more than a nugget.
    kind = next((kind for intent, kind in _KINDS.items() if intent in intents), None)
    there = connection.execute(select(_q.id, _q.kind, _q.state, _q.outcome).where(_q.inbound_id == post.id)).first()
    if there is None:
        if kind is not None:
            values = {"inbound_id": post.id, "account_id": post.account_id, "asked_at": post.created_at}
            said = {"kind": kind.value, "state": InquiryState.NEW.value, "topic": topic[:200]}
            said |= {"about": "", "answer": "", "outcome": ""}
            connection.execute(insert(t.inquiry).values(**values, **said))
    elif kind is None and there.state in {state.value for state in UNANSWERED}:
        _set(connection, there.id, state=InquiryState.CLOSED.value, outcome=_OTHERWISE)
    elif kind is not None and there.state == InquiryState.CLOSED.value and there.outcome == _OTHERWISE:
        said = {"kind": kind.value, "state": InquiryState.NEW.value, "topic": topic[:200], "outcome": ""}
        _set(connection, there.id, **said)


# --- what there is ------------------------------------------------------------------------------------------------


def inquiry(connection: Connection, inquiry_id: int, *, lock: bool = False) -> Inquiry:
    """One; with `lock` nobody else changes it until this transaction ends. Raises NotFound."""
    query = _inquiries().where(_q.id == inquiry_id)
    found = _rows(connection, query.with_for_update(of=t.inquiry) if lock else query)
    if not found:
        raise NotFound(f"there is no question {inquiry_id}", "See what there is: reinforce questions list --all")
    return found[0]


def by_ids(connection: Connection, inquiry_ids: Collection[int]) -> dict[int, Inquiry]:
    """Those that are there, by number."""
    return {one.id: one for one in _rows(connection, _inquiries().where(_q.id.in_(sorted(inquiry_ids))))}


def in_state(connection: Connection, *states: InquiryState, limit: int = 1000) -> tuple[Inquiry, ...]:
    """Those in one of `states`, in the order they were asked."""
    query = _inquiries().where(_q.state.in_([state.value for state in states])).order_by(_q.asked_at, _q.id)
    return _rows(connection, query.limit(limit))


def listed(
    connection: Connection,
    *,
    states: Collection[InquiryState] = (),
    scope: Scope = EVERYTHING,
    facilitator_id: int | None = None,
    missed: bool | None = None,
    skip: int = 0,
    limit: int = 100,
) -> tuple[Inquiry, ...]:
    """Those that are chosen and that `scope` reaches, the one to be answered first at the top, but for the first
    `skip`; `None` leaves a choice open."""
    query = _inquiries()
    if not scope.everything:
        query = query.where(_q.cohort_id.in_(sorted(scope.cohorts)))
    if states:
        query = query.where(_q.state.in_([state.value for state in states]))
    for where, value in ((_q.facilitator_id, facilitator_id), (_q.missed, missed)):
        if value is not None:
            query = query.where(where == value)
    return _rows(connection, query.order_by(_q.due_at.is_(None), _q.due_at, _q.id).offset(skip).limit(limit))


def together(connection: Connection, one: Inquiry, *states: InquiryState) -> tuple[Inquiry, ...]:
    """Those in one of `states` that ask the same as `one`, itself included if it is; in the order they were asked."""
    first = one.similar_to or one.id
    same = (_q.id == first) | (_q.similar_to == first)
    query = _inquiries().where(same, _q.state.in_([state.value for state in states]))
    return _rows(connection, query.order_by(_q.asked_at, _q.id))


def any_owed(connection: Connection) -> bool:
    """Whether anything waits for an answer, or an answer for its way out: most ticks find nothing."""
    owed = _q.state.in_([state.value for state in OWED])
    return connection.execute(select(_q.id).where(owed).limit(1)).first() is not None


def carried_by(connection: Connection, outbox_id: int) -> tuple[Inquiry, ...]:
    """Those whose answer a post carries."""
    return _rows(connection, _inquiries().where(_q.outbox_id == outbox_id).order_by(_q.id))


def cohort_of(connection: Connection, one: Inquiry) -> int | None:
    """The cohort that an inquiry belongs to: that of the post it replied to, else a running one that the learner is in,
    or has completed, on that account, else the only running one of the account."""
    o, c, e = t.outbox.c, t.cohort.c, t.enrollment.c
    replied_to = select(o.cohort_id).join(t.inbound, _i.outbox_id == o.id).where(_i.id == one.inbound_id)
    found: int | None = connection.execute(replied_to).scalar()
    if found is not None:
        return found
    running = and_(c.account_id == one.account_id, c.state == CohortState.RUNNING.value)
    if one.learner_id is not None:
        completed = EnrollmentState.COMPLETED.value  # questions stay welcome
        there = e.state.in_([*(state.value for state in LIVE), completed])
        query = (
            select(c.id).join(t.enrollment, e.cohort_id == c.id).where(running, e.learner_id == one.learner_id, there)
        )
        mine: int | None = connection.execute(query.order_by(e.state == completed, c.id)).scalar()
        if mine is not None:
            return mine
    every = connection.execute(select(c.id).where(running).limit(2)).scalars().all()
    return every[0] if len(every) == 1 else None


def acknowledged_since(connection: Connection, account_id: int, author_remote_id: int, since: datetime) -> bool:
    """Whether somebody was told since `since` (programme time) that we look into what they asked, or is about to be."""
    o = t.outbox.c
    query = (
        select(o.id)
        .join(t.inbound, _i.id == o.inbound_id)
        .where(_i.account_id == account_id, _i.author_remote_id == author_remote_id, o.form == ACKNOWLEDGEMENT)
        .where(o.state.not_in([State.CANCELLED.value, State.SKIPPED.value, State.REFUSED.value]), o.due_at >= since)
    )
    return connection.execute(query.limit(1)).first() is not None


def counts(connection: Connection, now: datetime) -> dict[str, int]:
    """How many are open, overdue, and stuck with an answer that found no way out. `now` is programme time."""
    owed = [InquiryState.NEW.value, InquiryState.OPEN.value]
    late = _q.state.in_([*owed, InquiryState.ANSWERED.value]) & (_q.due_at <= now)
    stuck = (_q.state == InquiryState.ANSWERED.value) & (_q.way == Way.STUCK.value)
    figures = {"open": _q.state.in_(owed), "overdue": late, "stuck": stuck}
    return {name: _count(connection, which) for name, which in figures.items()}


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(t.inquiry).where(which)).scalar_one())


# --- changes ------------------------------------------------------------------------------------------------------


def change(connection: Connection, one: Inquiry, **values: Any) -> Inquiry:
    """Set columns of an inquiry that is still in the state it was read in. Raises Conflict if it is not."""
    as_read = and_(_q.id == one.id, _q.state == one.state.value, _q.round == one.round)
    if connection.execute(update(t.inquiry).where(as_read).values(**values)).rowcount != 1:
        raise Conflict(
            f"somebody changed question {one.id} meanwhile", f"Look again: reinforce questions show {one.id}"
        )
    return inquiry(connection, one.id)


def close_gone(connection: Connection) -> int:
    """Close what waits for an answer and was deleted on X by whoever asked it, or edited: the later version has a row
    of its own. Returns how many."""
    # Asked of the few that wait, not of all that ever came in.
    gone = exists().where(_i.id == _q.inbound_id, or_(_i.gone_at.is_not(None), _i.replaced_by.is_not(None)))
    waiting = _q.state.in_([state.value for state in UNANSWERED])
    here = update(t.inquiry).where(waiting, gone)
    values = {"state": InquiryState.CLOSED.value, "outcome": "whoever asked it deleted or edited it on X"}
    return connection.execute(here.values(**values)).rowcount


def _set(connection: Connection, inquiry_id: int, **values: Any) -> None:
    connection.execute(update(t.inquiry).where(_q.id == inquiry_id).values(**values))


def _inquiries() -> Select[Any]:
    return select(
        t.inquiry, _i.text, _i.remote_id, _i.author_remote_id, _i.author_handle, _i.learner_id, _i.mentions_us
    ).join(t.inbound, _i.id == _q.inbound_id)


def _rows(connection: Connection, query: Select[Any]) -> tuple[Inquiry, ...]:
    return tuple(
        Inquiry(
            **{
                **row,
                "kind": InquiryKind(row["kind"]),
                "state": InquiryState(row["state"]),
                "way": Way(row["way"]) if row["way"] else None,
            }
        )
        for row in connection.execute(query).mappings()
    )
