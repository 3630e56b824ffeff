"""The event log of memory: which nugget went out to whom and when, and what came back. Read only.

It is not a table of its own but what other tables record anyway: posts (outbox), who was in the audience then
(enrollments and consents, by their dates), replies (inbound), what they were graded as (reviews), what was counted
of a post (signals), and that a nugget is learnt anew from a time on (memory resets). Nothing in it is ever rewritten,
except that a review may be voided, a reset undone, and a later count goes before an earlier one; so a belief can be
computed from it again at any time.

A post may have been seen by everybody who was linked to its account when it went out, whichever cohort it was paid for
and whatever their own cohort learns: it counts for all of them whose role it is for.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from reinforce.domain.cohort import ConsentKind
from reinforce.domain.nugget import Form
from reinforce.domain.planning.exposure import NOT_COUNTED, EvidenceKind, NuggetLog, PostSeen, Review
from reinforce.domain.planning.plan_context import day_number
from reinforce.domain.planning.plan_state import is_for
from reinforce.domain.planning.totals import Totals
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.listening import signals
from reinforce.store.listening.signals import Counted
from reinforce.store.revising import recalls
from reinforce.store.revising.recalls import Reset

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
    counted: Counted | None


@dataclass(frozen=True, slots=True)
class EventLog:
    """The log as of `now`, for reading one nugget after another. `posts` are by nugget, `only` the nuggets it was read
    for (None: all of them), `known` until when what came back counts (None: all of it); `feeds` are read when they are
    first asked for and kept, since all nuggets of an account share them."""

    now: datetime
    posts: dict[int, tuple[_Post, ...]]
    only: frozenset[int] | None = None
    resets: Mapping[int, Reset] = field(default_factory=dict)
    feeds: dict[int, _Feed] = field(default_factory=dict)
    known: datetime | None = None

    def marks(self, connection: Connection, model: Callable[[int], str]) -> dict[int, bytes]:
        """For each nugget with any event, 16 bytes that change when its log (or its `model`) does."""
        reviews = _review_marks(connection, self.only)
        replies = _reply_marks(connection, self.only)
        roles = _roles(connection, _is_one_of(t.nugget.c.id, self.only))
        return {
            key: _mark(model(key), self.posts.get(key, ()), reviews.get(key), replies.get(key), roles[key])
            # One that is learnt anew may have no event left, and is unmet then.
            for key in {*self.posts, *reviews, *self.resets}
        }

    def of(self, connection: Connection, nugget_id: int) -> NuggetLog:
        """The log of one nugget."""
        posts = self.posts.get(nugget_id, ())
        roles = _roles(connection, t.nugget.c.id == nugget_id)[nugget_id]
        replied = _replied(connection, nugget_id, self.known)
        nobody = np.empty(0, np.int64)
        seen = []
        for post in posts:
            feed, day = self._feed(connection, post.account_id), day_number(post.at)
            whom = (feed.at(day, roles), replied.get(post.id, nobody))
            seen.append(PostSeen(post.id, day, post.form, post.closed, *whom, _totals(post.counted, feed, day)))
        return NuggetLog(tuple(seen), _reviews(connection, nugget_id, self.resets.get(nugget_id), self.known))

    def _feed(self, connection: Connection, account_id: int) -> _Feed:
        if account_id not in self.feeds:
            self.feeds[account_id] = _read_feed(connection, account_id)
        return self.feeds[account_id]


def read_log(
    connection: Connection, now: datetime, nuggets: Collection[int] | None = None, known: datetime | None = None
) -> EventLog:
    """The event log as it stands at `now` (programme time, which decides whose window for answers is over): of all
    nuggets, or of some dozens of them. With `known` as it stood just before an earlier `now`, of what had come back by
    then."""
    only = None if nuggets is None else frozenset(nuggets)
    o = t.outbox.c
    closes = o.decision["closes_at"].as_string().label("closes_at")
    query = (
        select(o.id, o.nugget_id, o.account_id, o.form, o.posted_at, closes)
        .where(o.state == State.POSTED.value, _is_one_of(o.nugget_id, only), o.form.in_(_FORMS))
        .order_by(o.id)
    )
    counted = signals.counted(connection, until=known)
    if known is not None:
        query = query.where(o.posted_at < now)
    anew = {key: one for key, one in recalls.resets(connection, known).items() if only is None or key in only}
    posts: dict[int, list[_Post]] = defaultdict(list)
    for row in connection.execute(query):
        if row.nugget_id in anew and not anew[row.nugget_id].counts(row.id, row.posted_at):
            continue
        ends = row.posted_at + _DEFAULT_WINDOW if row.closes_at is None else datetime.fromisoformat(row.closes_at)
        closed = ends <= (now if known is None else min(now, known))
        of_post = (Form(row.form), row.posted_at, closed, counted.get(row.id))
        posts[row.nugget_id].append(_Post(row.id, row.nugget_id, row.account_id, *of_post))
    return EventLog(
        now, {nugget_id: tuple(of_nugget) for nugget_id, of_nugget in posts.items()}, only, anew, known=known
    )


def _is_one_of(column: Any, nuggets: frozenset[int] | None) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.is_not(None) if nuggets is None else column.in_(sorted(nuggets))
    return found


_Gaps = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class _Feed:
    """Who could see an account's posts when: arrays over the stretches in which somebody was both enrolled in one of
    its cohorts and linked, by learner. `role` is a place in `roles`. Days since 1970."""

    roles: tuple[str, ...]
    learners: NDArray[np.int64]
    role: NDArray[np.intp]
    since: NDArray[np.float64]
    until: NDArray[np.float64]

    def at(self, day: float, roles: tuple[str, ...] = ()) -> NDArray[np.int64]:
        """The ids of those there on `day` whom something for `roles` is for; each once, in however many cohorts."""
        fits = np.asarray([is_for(role, roles) for role in self.roles], np.bool_)
        there = self.learners[(self.since <= day) & (day < self.until) & fits[self.role]]
        # They are in order, so that those who are there twice stand side by side.
        first: NDArray[np.bool_] = np.diff(there, prepend=-1) != 0
        return there[first]


def _read_feed(connection: Connection, account_id: int) -> _Feed:
    e, c = t.enrollment.c, t.consent.c
    query = (
        select(e.id, e.learner_id, t.learner.c.role, e.joined_at, e.ended_at, c.given_at, c.withdrawn_at)
        .join(t.cohort, t.cohort.c.id == e.cohort_id)
        .join(t.learner, t.learner.c.id == e.learner_id)
        .join(t.consent, c.learner_id == e.learner_id)
        .where(t.cohort.c.account_id == account_id, c.kind == ConsentKind.LINKING.value)
        .order_by(e.learner_id)
    )
    rows = [
        (row, *stretch)
        for row, gaps in _with_gaps(connection, account_id, connection.execute(query).all())
        for stretch in _stretches(
            max(day_number(row.joined_at), day_number(row.given_at)),
            min(_end(row.ended_at), _end(row.withdrawn_at)),
            gaps,
        )
    ]
    roles = {role: place for place, role in enumerate(sorted({row.role for row, *_ in rows}))}
    return _Feed(
        tuple(roles),
        np.asarray([row.learner_id for row, *_ in rows], np.int64),
        np.asarray([roles[row.role] for row, *_ in rows], np.intp),
        np.asarray([since for _, since, _ in rows], np.float64),
        np.asarray([until for *_, until in rows], np.float64),
    )


def _with_gaps(connection: Connection, account_id: int, rows: Sequence[Any]) -> Iterator[tuple[Any, _Gaps]]:
    """Each row with the stretches in which its learner was not there, in days: an enrollment's that ended and was taken
    up again, and the learner's absences. What is posted meanwhile reaches nobody who could be silent about it."""
    e, gap, away = t.enrollment.c, t.enrollment_gap.c, t.absence.c
    of_account = select(e.id).join(t.cohort, t.cohort.c.id == e.cohort_id).where(t.cohort.c.account_id == account_id)
    between: dict[int, _Gaps] = defaultdict(list)
    for row in connection.execute(select(t.enrollment_gap).where(gap.enrollment_id.in_(of_account))):
        between[row.enrollment_id].append((day_number(row.since), day_number(row.until)))
    absences: dict[int, _Gaps] = defaultdict(list)
    for row in connection.execute(select(away.learner_id, away.since, away.until)):
        absences[row.learner_id].append((day_number(row.since), day_number(row.until)))
    for row in rows:
        yield row, sorted(between.get(row.id, []) + absences.get(row.learner_id, []))


def _stretches(since: float, until: float, gaps: _Gaps) -> Iterator[tuple[float, float]]:
    """What is left of [since, until) without `gaps`, which are in order and may overlap."""
    for begins, ends in gaps:
        if begins > since:
            yield since, min(begins, until)
        since = max(since, ends)
    yield since, until


def _roles(connection: Connection, *which: ColumnElement[bool]) -> dict[int, tuple[str, ...]]:
    """The roles each nugget is for: its own, else its procedure's; none for everybody."""
    n = t.nugget.c
    query = select(n.id, n.audience, t.procedure.c.audience.label("of_procedure"))
    rows = connection.execute(query.join(t.procedure, t.procedure.c.id == n.procedure_id).where(*which))
    return {row.id: tuple(row.audience or row.of_procedure) for row in rows}


def _totals(counted: Counted | None, feed: _Feed, day: float) -> Totals:
    if counted is None:
        return NOT_COUNTED
    return Totals(counted.votes, counted.impressions, feed.at(day).size, counted.guess)


def _end(instant: datetime | None) -> float:
    return np.inf if instant is None else day_number(instant)


def _replied(connection: Connection, nugget_id: int, known: datetime | None) -> dict[int, NDArray[np.int64]]:
    """Who wrote anything under each post of a nugget."""
    i = t.inbound.c
    query = (
        select(i.outbox_id, i.learner_id)
        .join(t.outbox, t.outbox.c.id == i.outbox_id)
        .where(t.outbox.c.nugget_id == nugget_id, i.learner_id.is_not(None))
        .distinct()
    )
    if known is not None:
        query = query.where(i.received_at <= known)
    found: dict[int, list[int]] = defaultdict(list)
    for outbox_id, learner_id in connection.execute(query):
        found[outbox_id].append(learner_id)
    return {outbox_id: np.asarray(sorted(learners), np.int64) for outbox_id, learners in found.items()}


def _reviews(connection: Connection, nugget_id: int, reset: Reset | None, known: datetime | None) -> tuple[Review, ...]:
    """What was graded; of one that is learnt anew only what came later, and to a post that still counts."""
    r = t.review.c
    query = (
        select(r.id, r.learner_id, r.outbox_id, r.at, r.rating, r.evidence, r.guess, t.outbox.c.posted_at)
        .outerjoin(t.outbox, t.outbox.c.id == r.outbox_id)
        .where(r.nugget_id == nugget_id, counts_by(known))
        .order_by(r.id)
    )
    return tuple(
        Review(key, learner, post, day_number(at), rating, EvidenceKind(evidence), guess)
        for key, learner, post, at, rating, evidence, guess, posted in connection.execute(query)
        if reset is None or (at > reset.at and (post is None or reset.counts(post, posted)))
    )


def counts_by(known: datetime | None) -> ColumnElement[bool]:
    """The condition that a review had come, and was not voided, by `known`; None: that it counts now."""
    r, i = t.review.c, t.inbound.c
    if known is None:
        return r.voided_at.is_(None)
    late = exists().where(i.id == r.inbound_id, i.received_at > known)
    return and_(or_(r.voided_at.is_(None), r.voided_at > known), r.at <= known, ~late)


def _review_marks(connection: Connection, nuggets: frozenset[int] | None) -> dict[int, tuple[Any, ...]]:
    r = t.review.c
    query = (
        select(r.nugget_id, func.count(), func.max(r.id), func.count(r.voided_at))
        .where(_is_one_of(r.nugget_id, nuggets))
        .group_by(r.nugget_id)
    )
    return {nugget_id: tuple(counts) for nugget_id, *counts in connection.execute(query)}


def _reply_marks(connection: Connection, nuggets: frozenset[int] | None) -> dict[int, tuple[Any, ...]]:
    """How many replies by known learners each nugget's posts have."""
    query = (
        select(t.outbox.c.nugget_id, func.count(), func.max(t.inbound.c.id))
        .join(t.inbound, t.inbound.c.outbox_id == t.outbox.c.id)
        .where(t.inbound.c.learner_id.is_not(None), _is_one_of(t.outbox.c.nugget_id, nuggets))
        .group_by(t.outbox.c.nugget_id)
    )
    return {nugget_id: tuple(counts) for nugget_id, *counts in connection.execute(query)}


def _mark(model: str, posts: tuple[_Post, ...], reviews: Any, replies: Any, roles: Any) -> bytes:
    events = (model, [(post.id, post.closed, post.counted) for post in posts], reviews, replies, roles)
    return hashlib.blake2b(repr(events).encode(), digest_size=16).digest()
