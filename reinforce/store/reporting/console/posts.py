"""Posts of the outbox as the console lists them, with the names that go with their ids."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, select

from reinforce.domain.access.rights import EVERYTHING, Scope
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.reporting.console.rows import value_from, within

PAGE = 50


@dataclass(frozen=True, slots=True)
class PostLine:
    """One post of the outbox. `zone` is its cohort's ("UTC" for a post without one); `replies` counts what came back.

    Times are UTC: `due_at`, `grace_until`, `posted_at`, `created_at` programme time, the rest machine time.
    """

    id: int
    state: State
    fence: int
    form: str
    text: str
    reason: str
    outcome: str
    occurrence: str
    decision: dict[str, Any]
    poll: dict[str, Any] | None
    media: list[dict[str, str]] | None
    price_micros: int
    due_at: datetime
    grace_until: datetime
    posted_at: datetime | None
    created_at: datetime
    not_before: datetime | None
    unknown_since: datetime | None
    remote_id: int | None
    reply_to: int | None
    reply_to_outbox_id: int | None
    inbound_id: int | None
    nugget_id: int | None
    question_id: int | None
    nugget: str
    procedure: str
    cohort_id: int | None
    cohort: str
    cohort_title: str
    zone: str
    account_id: int
    account: str
    handle: str
    replies: int


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One attempt to send a post. Times are machine time, UTC; `finished_at` is empty while its outcome is open."""

    n: int
    started_at: datetime
    deadline_at: datetime
    finished_at: datetime | None
    outcome: str
    detail: str


@dataclass(frozen=True, slots=True)
class PostFilter:
    """Which posts a list shows, of those that `seen` reaches; empty parts don't narrow it. `before` is the id the list
    goes on from."""

    cohort: str = ""
    states: Collection[State] = ()
    form: str = ""
    before: int | None = None
    seen: Scope = EVERYTHING


@dataclass(frozen=True, slots=True)
class PostPage:
    """One page of the outbox, newest first, and how many posts there are in each state for the same cohort and form."""

    posts: tuple[PostLine, ...]
    counts: Mapping[State, int]
    more: bool


@dataclass(frozen=True, slots=True)
class PostDetail:
    """A post with everything that hangs on it."""

    post: PostLine
    attempts: tuple[AttemptLine, ...]
    reveal_id: int | None
    question: str = ""
    options: tuple[tuple[str, str, bool], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class QuietLine:
    """A slot left empty on purpose; `at` is programme time, UTC."""

    at: datetime
    reason: str
    cohort: str
    zone: str


def post_page(connection: Connection, wanted: PostFilter, *, limit: int = PAGE) -> PostPage:
    """The outbox, newest row first, at most `limit` rows of it."""
    narrow = _narrowed(wanted)
    statement = _lines().where(*narrow)
    if wanted.states:
        statement = statement.where(t.outbox.c.state.in_([state.value for state in wanted.states]))
    if wanted.before is not None:
        statement = statement.where(t.outbox.c.id < wanted.before)
    rows = connection.execute(statement.order_by(t.outbox.c.id.desc()).limit(limit + 1)).mappings().all()
    counted = connection.execute(
        select(t.outbox.c.state, func.count())
        .select_from(t.outbox.outerjoin(t.cohort, t.cohort.c.id == t.outbox.c.cohort_id))
        .where(*narrow)
        .group_by(t.outbox.c.state)
    )
    counts = {State(name): count for name, count in counted}
    return PostPage(tuple(_line(row) for row in rows[:limit]), counts, len(rows) > limit)


def post_detail(connection: Connection, outbox_id: int) -> PostDetail | None:
    """One post with its attempts and its question; None if there is no such post."""
    row = connection.execute(_lines().where(t.outbox.c.id == outbox_id)).mappings().first()
    if row is None:
        return None
    post = _line(row)
    attempts = connection.execute(
        select(t.attempt).where(t.attempt.c.outbox_id == outbox_id).order_by(t.attempt.c.n)
    ).mappings()
    reveal = connection.execute(
        select(t.outbox.c.id).where(
            t.outbox.c.reply_to_outbox_id == outbox_id, t.outbox.c.state != State.CANCELLED.value
        )
    ).scalar()
    prompt, options = _question(connection, post.question_id)
    return PostDetail(
        post,
        tuple(value_from(AttemptLine, attempt) for attempt in attempts),
        reveal,
        prompt,
        options,
    )


def posts_by_id(connection: Connection, outbox_ids: Collection[int], seen: Scope = EVERYTHING) -> dict[int, PostLine]:
    """These posts by id, of those that `seen` reaches."""
    wanted = t.outbox.c.id.in_(sorted(outbox_ids)) & within(seen, t.outbox.c.cohort_id)
    return {row["id"]: _line(row) for row in connection.execute(_lines().where(wanted)).mappings()}


def latest_posted(
    connection: Connection,
    *,
    limit: int,
    cohort_id: int | None = None,
    form: str = "",
    chosen: bool = False,
    seen: Scope = EVERYTHING,
) -> tuple[PostLine, ...]:
    """What went out last, newest first; with `chosen`, only what the plan or a person chose, no reveals or replies."""
    statement = _lines().where(t.outbox.c.state == State.POSTED.value, within(seen, t.outbox.c.cohort_id))
    if cohort_id is not None:
        statement = statement.where(t.outbox.c.cohort_id == cohort_id)
    if form:
        statement = statement.where(t.outbox.c.form == form)
    if chosen:
        statement = statement.where(t.outbox.c.reply_to_outbox_id.is_(None), t.outbox.c.inbound_id.is_(None))
    statement = statement.order_by(t.outbox.c.posted_at.desc(), t.outbox.c.id.desc()).limit(limit)
    return tuple(_line(row) for row in connection.execute(statement).mappings())


def waiting(connection: Connection, *, limit: int, seen: Scope = EVERYTHING) -> tuple[PostLine, ...]:
    """What is on its way, by due time: planned, leased, sending and unknown."""
    states = (State.PLANNED, State.LEASED, State.SENDING, State.UNKNOWN)
    statement = (
        _lines()
        .where(t.outbox.c.state.in_([state.value for state in states]), within(seen, t.outbox.c.cohort_id))
        .order_by(t.outbox.c.due_at, t.outbox.c.id)
        .limit(limit)
    )
    return tuple(_line(row) for row in connection.execute(statement).mappings())


def nugget_titles(connection: Connection, cohort_id: int) -> dict[str, str]:
    """Titles of a cohort's nuggets by their "procedure/slug"."""
    rows = connection.execute(
        select(t.procedure.c.slug, t.nugget.c.slug, t.nugget.c.title)
        .join(t.procedure, t.procedure.c.id == t.nugget.c.procedure_id)
        .join(t.cohort_procedure, t.cohort_procedure.c.procedure_id == t.procedure.c.id)
        .where(t.cohort_procedure.c.cohort_id == cohort_id)
    )
    return {f"{procedure}/{slug}": title for procedure, slug, title in rows}


def quiet_lines(
    connection: Connection, *, since: datetime, limit: int, seen: Scope = EVERYTHING
) -> tuple[QuietLine, ...]:
    """Slots since `since` on which the plan chose to say nothing, newest first."""
    q = t.quiet.c
    rows = connection.execute(
        select(q.at, q.reason, t.cohort.c.slug.label("cohort"), t.cohort.c.zone)
        .join(t.cohort, t.cohort.c.id == q.cohort_id)
        .where(q.at >= since, within(seen, q.cohort_id))
        .order_by(q.at.desc(), q.id.desc())
        .limit(limit)
    ).mappings()
    return tuple(value_from(QuietLine, row) for row in rows)


def _narrowed(wanted: PostFilter) -> list[ColumnElement[bool]]:
    narrow = [within(wanted.seen, t.outbox.c.cohort_id)]
    if wanted.cohort:
        narrow.append(t.cohort.c.slug == wanted.cohort)
    if wanted.form:
        narrow.append(t.outbox.c.form == wanted.form)
    return narrow


def _lines() -> Select[Any]:
    o, replies = t.outbox.c, t.inbound.alias("replies")
    count = select(func.count()).where(replies.c.outbox_id == o.id).correlate(t.outbox).scalar_subquery()
    return select(
        t.outbox,
        func.coalesce(t.nugget.c.title, "").label("nugget"),
        func.coalesce(t.procedure.c.slug, "").label("procedure"),
        func.coalesce(t.cohort.c.slug, "").label("cohort"),
        func.coalesce(t.cohort.c.title, "").label("cohort_title"),
        func.coalesce(t.cohort.c.zone, "UTC").label("zone"),
        t.account.c.name.label("account"),
        t.account.c.handle.label("handle"),
        count.label("replies"),
    ).select_from(
        t.outbox.join(t.account, t.account.c.id == o.account_id)
        .outerjoin(t.cohort, t.cohort.c.id == o.cohort_id)
        .outerjoin(t.nugget, t.nugget.c.id == o.nugget_id)
        .outerjoin(t.procedure, t.procedure.c.id == t.nugget.c.procedure_id)
    )


def _line(row: RowMapping) -> PostLine:
    return value_from(PostLine, row, state=State(row["state"]))


def _question(connection: Connection, question_id: int | None) -> tuple[str, tuple[tuple[str, str, bool], ...]]:
    if question_id is None:
        return "", ()
    prompt = connection.execute(select(t.question.c.prompt).where(t.question.c.id == question_id)).scalar_one()
    options = connection.execute(
        select(t.option.c.key, t.option.c.text, t.option.c.correct)
        .where(t.option.c.question_id == question_id)
        .order_by(t.option.c.key)
    )
    return prompt, tuple((key, text, bool(correct)) for key, text, correct in options)
