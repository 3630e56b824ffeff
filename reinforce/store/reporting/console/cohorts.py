"""Cohorts as the console shows them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, case, func, select

from reinforce.domain.access.rights import EVERYTHING, Scope
from reinforce.domain.cohort import LIVE, CohortState
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.people.people import is_linked
from reinforce.store.reporting.console.rows import value_from, within

_LIVE = [state.value for state in LIVE]


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A cohort with the counts a facilitator asks for first. `learners` are the live ones; `stopped` and `linked` count
    among them. `last_posted` and `next_due` are programme time, UTC. `hashtag` is an open cohort's; None
    for one with a roster."""

    id: int
    slug: str
    title: str
    zone: str
    language: str
    state: CohortState
    paused_reason: str
    hashtag: str | None
    schedule: str
    account: str
    account_id: int
    starts_on: date | None
    assessment: date | None
    version: int
    procedures: tuple[str, ...]
    nuggets: int
    learners: int
    linked: int
    stopped: int
    posted: int
    last_posted: datetime | None
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class CohortName:
    """A cohort as a list to choose from names it."""

    id: int
    slug: str
    title: str


def cohort_names(connection: Connection, seen: Scope = EVERYTHING) -> tuple[CohortName, ...]:
    """Every cohort that `seen` reaches, by title: `cohort_lines` without what has to be counted."""
    c = t.cohort.c
    query = select(c.id, c.slug, c.title).where(within(seen, c.id)).order_by(c.title, c.id)
    return tuple(value_from(CohortName, row) for row in connection.execute(query).mappings())


def cohort_lines(connection: Connection, seen: Scope = EVERYTHING) -> tuple[CohortLine, ...]:
    """Every cohort that `seen` reaches, running ones first, then by name."""
    rows = connection.execute(
        select(t.cohort, t.schedule.c.name.label("schedule"), t.account.c.name.label("account"))
        .join(t.schedule, t.schedule.c.id == t.cohort.c.schedule_id)
        .join(t.account, t.account.c.id == t.cohort.c.account_id)
        .where(within(seen, t.cohort.c.id))
        .order_by(t.cohort.c.title)
    ).mappings()
    learners, posts, procedures = _learner_counts(connection), _post_counts(connection), _procedures(connection)
    lines = []
    for row in rows:
        posted, last, due = posts.get(row["id"], (0, None, None))
        taught = procedures.get(row["id"], [])
        lines.append(
            value_from(
                CohortLine,
                row,
                state=CohortState(row["state"]),
                procedures=tuple(title for title, _ in taught),
                nuggets=sum(count for _, count in taught),
                learners=learners["learners", row["id"]],
                linked=learners["linked", row["id"]],
                stopped=learners["stopped", row["id"]],
                posted=posted,
                last_posted=last,
                next_due=due,
            )
        )
    return tuple(sorted(lines, key=lambda line: line.state is not CohortState.RUNNING))


def cohorts_of(connection: Connection, fewest: int) -> frozenset[int]:
    """The cohorts with at least `fewest` live learners."""
    e = t.enrollment.c
    live = select(e.cohort_id).where(e.state.in_(_LIVE)).group_by(e.cohort_id).having(func.count() >= fewest)
    return frozenset(connection.execute(live).scalars())


def titles_beyond(connection: Connection, seen: Scope) -> tuple[str, ...]:
    """The titles of the cohorts that `seen` does not reach, the longest first."""
    if seen.everything:
        return ()
    titles = connection.execute(select(t.cohort.c.title).where(~within(seen, t.cohort.c.id))).scalars()
    return tuple(sorted(titles, key=len, reverse=True))


def _learner_counts(connection: Connection) -> Counter[tuple[str, int]]:
    stopped = func.sum(case((t.learner.c.stopped_at.is_not(None), 1), else_=0))
    rows = connection.execute(
        select(t.enrollment.c.cohort_id, func.count(), func.sum(case((is_linked(), 1), else_=0)), stopped)
        .join(t.learner, t.learner.c.id == t.enrollment.c.learner_id)
        .where(t.enrollment.c.state.in_(_LIVE))
        .group_by(t.enrollment.c.cohort_id)
    )
    counts: Counter[tuple[str, int]] = Counter()
    for cohort_id, *numbers in rows:
        for what, number in zip(("learners", "linked", "stopped"), numbers, strict=True):
            counts[what, cohort_id] = int(number)
    return counts


def _post_counts(connection: Connection) -> dict[int, tuple[int, datetime | None, datetime | None]]:
    o = t.outbox.c
    posted = connection.execute(
        select(o.cohort_id, func.count(), func.max(o.posted_at))
        .where(o.state == State.POSTED.value, o.cohort_id.is_not(None))
        .group_by(o.cohort_id)
    )
    due = connection.execute(
        select(o.cohort_id, func.min(o.due_at))
        .where(o.state == State.PLANNED.value, o.cohort_id.is_not(None))
        .group_by(o.cohort_id)
    )
    counts: dict[int, tuple[int, datetime | None, datetime | None]] = {
        cohort_id: (count, last, None) for cohort_id, count, last in posted
    }
    for cohort_id, first in due:
        count, last, _ = counts.get(cohort_id, (0, None, None))
        counts[cohort_id] = (count, last, first)
    return counts


def _procedures(connection: Connection) -> dict[int, list[tuple[str, int]]]:
    """Titles of each cohort's procedures with the number of their live nuggets."""
    live = (
        select(func.count())
        .where(t.nugget.c.procedure_id == t.procedure.c.id, t.nugget.c.retired_at.is_(None))
        .correlate(t.procedure)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(t.cohort_procedure.c.cohort_id, t.procedure.c.title, live)
        .join(t.procedure, t.procedure.c.id == t.cohort_procedure.c.procedure_id)
        .order_by(t.procedure.c.title)
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for cohort_id, title, count in rows:
        found.setdefault(cohort_id, []).append((title, count))
    return found
