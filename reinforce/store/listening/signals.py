"""Counts seen on our own posts at times: likes, reposts, quotes, replies, impressions, votes of a poll's options."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select

from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t

_s = t.signal.c
# Kinds beside the counts' own names: how many voted for the option at this place; the poll has ended; X has it no more.
VOTES = "votes:"
IMPRESSIONS = "impressions"
POLL_CLOSED = "poll_closed"
GONE = "gone"
QUOTES = "quotes"
# So many of them were there when they were last read.
QUOTES_HEARD = "quotes_heard"
# A poll has four options at most.
_EVIDENT = (IMPRESSIONS, *(f"{VOTES}{place}" for place in range(4)))
# SQLite takes some thousands of parameters in one statement.
_BATCH = 500
# Next to nobody is shown a post for the first time after a day; what was counted sooner tells of the first hours only.
_SHOWN_BY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Measured:
    """A post of ours that is out, and when it was last counted (programme time; None: never). `closes_at` is when its
    poll ends by our reckoning, None without one."""

    outbox_id: int
    remote_id: int
    posted_at: datetime
    closes_at: datetime | None
    last_at: datetime | None
    poll_closed: bool


def posted_since(connection: Connection, account_id: int, since: datetime) -> tuple[Measured, ...]:
    """The account's posts since `since` (programme time) that X still has, the oldest first."""
    o = t.outbox.c
    last = select(func.max(_s.at)).where(_s.outbox_id == o.id).scalar_subquery()
    closed = select(func.count()).where(_s.outbox_id == o.id, _s.kind == POLL_CLOSED).scalar_subquery()
    gone = select(_s.id).where(_s.outbox_id == o.id, _s.kind == GONE).exists()
    query = (
        select(o.id, o.remote_id, o.posted_at, o.poll.label("poll"), last.label("last_at"), closed.label("closed"))
        .where(o.account_id == account_id, o.state == State.POSTED.value, o.posted_at >= since, ~gone)
        .where(o.remote_id.is_not(None))
        .order_by(o.posted_at, o.id)
    )
    return tuple(
        Measured(row.id, row.remote_id, row.posted_at, _ends(row), row.last_at, row.closed > 0)
        for row in connection.execute(query)
    )


@dataclass(frozen=True, slots=True)
class Quoted:
    """A post of ours: how often it is quoted by the newest count, and how often it was when its quotes were
    last read."""

    outbox_id: int
    remote_id: int
    counted: int
    heard: int


def quoted_since(connection: Connection, account_id: int, since: datetime) -> tuple[Quoted, ...]:
    """Those of the account's posts since `since` (programme time) whose count of quotes is not what it was when they
    were last read, the oldest first."""
    o = t.outbox.c
    mine = select(o.id).where(o.account_id == account_id, o.state == State.POSTED.value, o.posted_at >= since)
    kinds = _s.kind.in_([QUOTES, QUOTES_HEARD])
    newest = select(func.max(_s.id)).where(_s.outbox_id.in_(mine), kinds).group_by(_s.outbox_id, _s.kind)
    query = select(_s.outbox_id, _s.kind, _s.value, o.remote_id).join(t.outbox, o.id == _s.outbox_id)
    by_post: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for row in connection.execute(query.where(_s.id.in_(newest)).order_by(_s.outbox_id)):
        by_post[row.outbox_id, row.remote_id][row.kind] = row.value
    found = [Quoted(*post, one.get(QUOTES, 0), one.get(QUOTES_HEARD, 0)) for post, one in by_post.items()]
    return tuple(one for one in found if one.counted != one.heard)


def _ends(row: Any) -> datetime | None:
    minutes = None if row.poll is None else row.poll.get("minutes")
    return None if minutes is None else row.posted_at + timedelta(minutes=minutes)


def record(connection: Connection, outbox_id: int, counts: Mapping[str, int], now: datetime) -> None:
    """Keep what was counted at `now` (programme time)."""
    rows = [{"outbox_id": outbox_id, "kind": kind, "value": value, "at": now} for kind, value in counts.items()]
    if rows:
        connection.execute(insert(t.signal), rows)


def latest(connection: Connection, outbox_id: int) -> dict[str, int]:
    """The newest count of each kind on one post."""
    newest = select(_s.kind, func.max(_s.id).label("id")).where(_s.outbox_id == outbox_id).group_by(_s.kind).subquery()
    query = select(_s.kind, _s.value).join(newest, and_(newest.c.id == _s.id))
    return {row.kind: row.value for row in connection.execute(query)}


@dataclass(frozen=True, slots=True)
class Counted:
    """The newest counts of one post: (right, wrong) votes, `guess` the chance of a lucky one, and impressions once it
    has been out for a day; None where there is no count."""

    votes: tuple[int, int] | None
    guess: float
    impressions: int | None


def counted(connection: Connection, *which: ColumnElement[bool], until: datetime | None = None) -> dict[int, Counted]:
    """The newest counts of the nuggets' posts for which the conditions `which` (on `outbox`) hold, by outbox id, those
    of `until` where it is given; posts without any are left out."""
    o = t.outbox.c
    newest = (
        select(func.max(_s.id))
        .join(t.outbox, o.id == _s.outbox_id)
        .where(o.nugget_id.is_not(None), _s.kind.in_(_EVIDENT), *which)
        .group_by(_s.outbox_id, _s.kind)
    )
    newest = newest if until is None else newest.where(_s.at <= until)
    by_post: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(select(_s.outbox_id, _s.kind, _s.value, _s.at).where(_s.id.in_(newest))):
        by_post[row.outbox_id].append(row)
    of_posts = select(o.id, o.posted_at, o.question_id, o.poll.label("poll")).where(o.nugget_id.is_not(None), *which)
    posts = [row for row in connection.execute(of_posts) if row.id in by_post]
    correct = _correct(connection, {post.question_id for post in posts})
    found = {post.id: _counted(post, by_post[post.id], correct.get(post.question_id, set())) for post in posts}
    return {key: one for key, one in found.items() if one.votes is not None or one.impressions is not None}


def _counted(post: Any, rows: list[Any], correct: set[str]) -> Counted:
    options = [] if post.poll is None else list(post.poll["options"])
    fell = {int(row.kind.removeprefix(VOTES)): row.value for row in rows if row.kind.startswith(VOTES)}
    votes = None
    if fell and correct:
        right = sum(value for place, value in fell.items() if place < len(options) and options[place] in correct)
        votes = (right, sum(fell.values()) - right)
    shown = [row.value for row in rows if row.kind == IMPRESSIONS and row.at >= post.posted_at + _SHOWN_BY]
    return Counted(votes, 1.0 / max(len(options), 1), shown[0] if shown else None)


def _correct(connection: Connection, questions: set[int | None]) -> dict[int, set[str]]:
    """The right options' texts of each of these questions."""
    c = t.option.c
    found: dict[int, set[str]] = defaultdict(set)
    ids = sorted(one for one in questions if one is not None)
    for start in range(0, len(ids), _BATCH):
        query = select(c.question_id, c.text).where(c.correct, c.question_id.in_(ids[start : start + _BATCH]))
        for question_id, text in connection.execute(query):
            found[question_id].add(text)
    return found
