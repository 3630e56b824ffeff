"""Open cohorts: who asks to join, what became of it, who left by their own word, and how far search was read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, func, insert, select, update

from reinforce.domain.cohort import LIVE, Cause, EnrollmentState
from reinforce.domain.enrolling.joining import Outcome
from reinforce.domain.listening.inbound import Inbound
from reinforce.store import tables as t
from reinforce.store.listening import inbox
from reinforce.store.people import enrollments
from reinforce.store.people.enrollments import Enrollment

_i, _r, _j, _e = t.inbound.c, t.join_request.c, t.joining.c, t.enrollment.c
_LIVE = [state.value for state in LIVE]
# A person may be correcting how a post was read at that very moment.
_OVERLAP = timedelta(seconds=5)


def unseen(connection: Connection, account_id: int, since: datetime) -> tuple[Inbound, ...]:
    """What was read on an account from `since` on, still stands there, and is no request yet; in order."""
    asked = select(_r.id).where(_r.inbound_id == _i.id).exists()
    here = and_(_i.account_id == account_id, _i.graded_at >= since - _OVERLAP, _i.gone_at.is_(None), ~asked)
    return inbox.rows(connection, select(t.inbound).where(here).order_by(_i.created_at, _i.remote_id))


def waiting(connection: Connection, cohort_id: int) -> tuple[Inbound, ...]:
    """The requests that wait, in the order in which they were made."""
    query = select(t.inbound).join(t.join_request, _r.inbound_id == _i.id)
    query = query.where(_r.cohort_id == cohort_id, _r.outcome == Outcome.WAITING.value)
    return inbox.rows(connection, query.order_by(_i.created_at, _i.remote_id))


def has_waiting(connection: Connection, cohort_id: int) -> bool:
    """Whether a request waits."""
    here = and_(_r.cohort_id == cohort_id, _r.outcome == Outcome.WAITING.value)
    return connection.execute(select(_r.id).where(here).limit(1)).first() is not None


def keep(connection: Connection, cohort_id: int, inbound_id: int, outcome: Outcome, now: datetime) -> None:
    """Write down what became of a request."""
    values = {"cohort_id": cohort_id, "outcome": outcome.value, "at": now}
    known = update(t.join_request).where(_r.inbound_id == inbound_id)
    if connection.execute(known.values(**values)).rowcount == 0:
        connection.execute(insert(t.join_request).values(inbound_id=inbound_id, **values))


def refuse_waiting(connection: Connection, cohort_id: int, now: datetime) -> int:
    """Refuse whoever waits; returns how many they are."""
    theirs = update(t.join_request).where(_r.cohort_id == cohort_id, _r.outcome == Outcome.WAITING.value)
    return connection.execute(theirs.values(outcome=Outcome.REFUSED.value, at=now)).rowcount


def counts(connection: Connection, cohort_id: int) -> dict[Outcome, int]:
    """How many requests came to what."""
    query = select(_r.outcome, func.count()).where(_r.cohort_id == cohort_id).group_by(_r.outcome)
    found = {Outcome(outcome): count for outcome, count in connection.execute(query)}
    return {outcome: found.get(outcome, 0) for outcome in Outcome}


def taken_in_since(connection: Connection, cohort_id: int, since: datetime) -> int:
    """How many were taken in after `since`."""
    newly = and_(_r.cohort_id == cohort_id, _r.outcome == Outcome.JOINED.value, _r.at > since)
    return int(connection.execute(select(func.count()).where(newly)).scalar_one())


def members(connection: Connection, cohort_id: int) -> int:
    """How many are in a cohort."""
    query = select(func.count()).where(_e.cohort_id == cohort_id, _e.state.in_(_LIVE))
    return int(connection.execute(query).scalar_one())


def read_anew(connection: Connection, post: Inbound, learner_id: int) -> None:
    """`post` is by this learner, and what its author wrote after it is read once more, now that it is known who it is
    by. What they wrote before they joined stays what it is: nobody's."""
    connection.execute(update(t.inbound).where(_i.id == post.id).values(learner_id=learner_id))
    later = and_(
        _i.account_id == post.account_id,
        _i.author_remote_id == post.author_remote_id,
        _i.remote_id > post.remote_id,
        _i.learner_id.is_(None),
    )
    connection.execute(update(t.inbound).where(later).values(graded_at=None))


# --- leaving and coming back --------------------------------------------------------------------------------------


def leaving(connection: Connection, account_id: int) -> tuple[Enrollment, ...]:
    """Who is in an open cohort of an account and said stop."""
    return _of_open(connection, account_id, and_(_e.state.in_(_LIVE), t.learner.c.stopped_at.is_not(None)))


def returning(connection: Connection, account_id: int) -> tuple[Enrollment, ...]:
    """Who left an open cohort of an account by saying stop, and took that back."""
    left = and_(_e.state == EnrollmentState.WITHDRAWN.value, _e.cause == Cause.LEFT.value)
    return _of_open(connection, account_id, and_(left, t.learner.c.stopped_at.is_(None)))


def _of_open(connection: Connection, account_id: int, which: Any) -> tuple[Enrollment, ...]:
    c = t.cohort.c
    query: Select[Any] = (
        select(_e.id)
        .join(t.learner, t.learner.c.id == _e.learner_id)
        .join(t.cohort, c.id == _e.cohort_id)
        .where(c.account_id == account_id, c.hashtag.is_not(None), c.state != "finished", which)
        .order_by(_e.id)
    )
    return tuple(enrollments.by_ids(connection, connection.execute(query).scalars().all()).values())


# --- how far it was looked ----------------------------------------------------------------------------------------


def looked_at(connection: Connection, cohort_id: int) -> datetime | None:
    """Up to when what was read is dealt with; None: nothing was looked at yet."""
    found: datetime | None = connection.execute(select(_j.looked_at).where(_j.cohort_id == cohort_id)).scalar()
    return found


def set_looked(connection: Connection, cohort_id: int, now: datetime) -> None:
    """What was read up to `now` is dealt with."""
    _change(connection, cohort_id, looked_at=now)


def searched(connection: Connection, cohort_id: int) -> tuple[datetime | None, int]:
    """When its hashtag was last searched for (None: never), and the id up to which all is known."""
    row = connection.execute(select(_j.searched_at, _j.since_id).where(_j.cohort_id == cohort_id)).first()
    return (None, 0) if row is None else (row.searched_at, row.since_id)


def set_searched(connection: Connection, cohort_id: int, since_id: int, now: datetime) -> None:
    """Its hashtag was searched for at `now`, and all up to `since_id` is known."""
    _change(connection, cohort_id, searched_at=now, since_id=since_id)


def _change(connection: Connection, cohort_id: int, **values: Any) -> None:
    if connection.execute(update(t.joining).where(_j.cohort_id == cohort_id).values(**values)).rowcount == 0:
        connection.execute(insert(t.joining).values(cohort_id=cohort_id, **{"since_id": 0, **values}))
