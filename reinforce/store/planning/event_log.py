"""The event log of memory: which nugget went out to whom and when, and what came back. Read only.

It is not a table of its own but what other tables record anyway: posts (outbox), who was in the audience then
(enrollments and consents, by their dates), replies (inbound) and what they were graded as (reviews). Nothing in it is
ever rewritten, except that a review may be voided; so a belief can be computed from it again at any time.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from reinforce.domain.cohort import ConsentKind
from reinforce.domain.nugget import Form
from reinforce.domain.planning.exposure import EvidenceKind, NuggetLog, PostSeen, Review
from reinforce.domain.planning.plan_context import day_number
from reinforce.domain.planning.plan_state import is_for
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t

_FORMS = [form.value for form in Form]
# The window of a post whose plan did not write one down (posted by another version).
_DEFAULT_WINDOW = timedelta(hours=30)


@dataclass(frozen=True, slots=True)
class _Post:
    id: int
    nugget_id: int
    account_id: int
    form: Form
    at: datetime
    closed: bool


@dataclass(frozen=True, slots=True)
class EventLog:
    """The log as of `now`, for reading one nugget after another. `posts` are by nugget."""

    now: datetime
    posts: dict[int, tuple[_Post, ...]]

    def marks(self, connection: Connection, model: str) -> dict[int, bytes]:
        """For each nugget with any event, 16 bytes that change when its log (or the `model`) does."""
        reviews = _review_marks(connection)
        replies = _reply_marks(connection)
        return {
            nugget_id: _mark(model, self.posts.get(nugget_id, ()), reviews.get(nugget_id), replies.get(nugget_id))
            for nugget_id in {*self.posts, *reviews}
        }

    def of(self, connection: Connection, nugget_id: int) -> NuggetLog:
        """The log of one nugget."""
        posts = self.posts.get(nugget_id, ())
        audience = _Audience(connection, nugget_id, {post.account_id for post in posts})
        replied = _replied(connection, nugget_id)
        nobody = np.empty(0, np.int64)
        return NuggetLog(
            tuple(
                PostSeen(
                    post.id,
                    day_number(post.at),
                    post.form,
                    post.closed,
                    audience.at(post.account_id, day_number(post.at)),
                    replied.get(post.id, nobody),
                )
                for post in posts
            ),
            _reviews(connection, nugget_id),
        )


def read_log(connection: Connection, now: datetime) -> EventLog:
    """The event log as it stands at `now` (programme time, which decides whose window for answers is over)."""
    o = t.outbox.c
    closes = o.decision["closes_at"].as_string().label("closes_at")
    query = (
        select(o.id, o.nugget_id, o.account_id, o.form, o.posted_at, closes)
        .where(o.state == State.POSTED.value, o.nugget_id.is_not(None), o.form.in_(_FORMS))
        .order_by(o.id)
    )
    posts: dict[int, list[_Post]] = defaultdict(list)
    for row in connection.execute(query):
        ends = row.posted_at + _DEFAULT_WINDOW if row.closes_at is None else datetime.fromisoformat(row.closes_at)
        post = _Post(row.id, row.nugget_id, row.account_id, Form(row.form), row.posted_at, ends <= now)
        posts[row.nugget_id].append(post)
    return EventLog(now, {nugget_id: tuple(of_nugget) for nugget_id, of_nugget in posts.items()})


class _Audience:
    """Who was linked and enrolled for a nugget when; by account, since one feed reaches all of its cohorts."""

    def __init__(self, connection: Connection, nugget_id: int, accounts: Collection[int]) -> None:
        wanted = connection.execute(
            select(t.nugget.c.audience, t.procedure.c.audience.label("of_procedure"), t.nugget.c.procedure_id)
            .join(t.procedure, t.procedure.c.id == t.nugget.c.procedure_id)
            .where(t.nugget.c.id == nugget_id)
        ).one()
        roles = tuple(wanted.audience or wanted.of_procedure)
        self._rows = {one: _memberships(connection, one, wanted.procedure_id, roles) for one in accounts}

    def at(self, account_id: int, day: float) -> NDArray[np.int64]:
        """The ids of those a post of the account could reach on `day` (days since 1970)."""
        learners, since, until = self._rows[account_id]
        return np.unique(learners[(since <= day) & (day < until)])


def _memberships(
    connection: Connection, account_id: int, procedure_id: int, roles: tuple[str, ...]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """(learner, from day, until day) for every stretch in which somebody was both enrolled and linked."""
    e, c = t.enrollment.c, t.consent.c
    query = (
        select(e.learner_id, t.learner.c.role, e.joined_at, e.ended_at, c.given_at, c.withdrawn_at)
        .join(t.cohort, t.cohort.c.id == e.cohort_id)
        .join(t.cohort_procedure, t.cohort_procedure.c.cohort_id == t.cohort.c.id)
        .join(t.learner, t.learner.c.id == e.learner_id)
        .join(t.consent, c.learner_id == e.learner_id)
        .where(t.cohort.c.account_id == account_id, t.cohort_procedure.c.procedure_id == procedure_id)
        .where(c.kind == ConsentKind.LINKING.value)
    )
    rows = [row for row in connection.execute(query) if is_for(row.role, roles)]
    return (
        np.asarray([row.learner_id for row in rows], np.int64),
        np.asarray([max(day_number(row.joined_at), day_number(row.given_at)) for row in rows], np.float64),
        np.asarray([min(_end(row.ended_at), _end(row.withdrawn_at)) for row in rows], np.float64),
    )


def _end(instant: datetime | None) -> float:
    return np.inf if instant is None else day_number(instant)


def _replied(connection: Connection, nugget_id: int) -> dict[int, NDArray[np.int64]]:
    """Who wrote anything under each post of a nugget."""
    i = t.inbound.c
    query = (
        select(i.outbox_id, i.learner_id)
        .join(t.outbox, t.outbox.c.id == i.outbox_id)
        .where(t.outbox.c.nugget_id == nugget_id, i.learner_id.is_not(None))
        .distinct()
    )
    found: dict[int, list[int]] = defaultdict(list)
    for outbox_id, learner_id in connection.execute(query):
        found[outbox_id].append(learner_id)
    return {outbox_id: np.asarray(sorted(learners), np.int64) for outbox_id, learners in found.items()}


def _reviews(connection: Connection, nugget_id: int) -> tuple[Review, ...]:
    r = t.review.c
    query = (
        select(r.id, r.learner_id, r.outbox_id, r.at, r.rating, r.evidence, r.guess)
        .where(r.nugget_id == nugget_id, r.voided_at.is_(None))
        .order_by(r.id)
    )
    return tuple(
        Review(key, learner, post, day_number(at), rating, EvidenceKind(evidence), guess)
        for key, learner, post, at, rating, evidence, guess in connection.execute(query)
    )


def _review_marks(connection: Connection) -> dict[int, tuple[Any, ...]]:
    r = t.review.c
    query = select(r.nugget_id, func.count(), func.max(r.id), func.count(r.voided_at)).group_by(r.nugget_id)
    return {nugget_id: tuple(counts) for nugget_id, *counts in connection.execute(query)}


def _reply_marks(connection: Connection) -> dict[int, tuple[Any, ...]]:
    """How many replies by known learners each nugget's posts have."""
    query = (
        select(t.outbox.c.nugget_id, func.count(), func.max(t.inbound.c.id))
        .join(t.inbound, t.inbound.c.outbox_id == t.outbox.c.id)
        .where(t.inbound.c.learner_id.is_not(None), t.outbox.c.nugget_id.is_not(None))
        .group_by(t.outbox.c.nugget_id)
    )
    return {nugget_id: tuple(counts) for nugget_id, *counts in connection.execute(query)}


def _mark(model: str, posts: tuple[_Post, ...], reviews: Any, replies: Any) -> bytes:
    events = (model, [(post.id, post.closed) for post in posts], reviews, replies)
    return hashlib.blake2b(repr(events).encode(), digest_size=16).digest()
