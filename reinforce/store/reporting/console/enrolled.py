"""Who is enrolled in a cohort, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, or_, select

from reinforce.domain.access.groups import FEWEST
from reinforce.domain.cohort import EnrollmentState
from reinforce.store import tables as t
from reinforce.store.people.people import is_linked
from reinforce.store.reporting.enrolling import shown_handle

PAGE = 50
_e, _p, _a = t.enrollment.c, t.learner.c, t.absence.c


@dataclass(frozen=True, slots=True)
class Away:
    """An absence: its id, its first and its last day."""

    id: int
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class EnrolledPerson:
    """A learner in a cohort. `since`: when they came into their state; `away`: the absence under way or the next to
    come, None for none."""

    employee_id: str
    name: str
    handle: str
    team: str
    state: EnrollmentState
    since: datetime
    joined: datetime
    linked: bool
    away: Away | None

    @property
    def known_as(self) -> str:
        """What names them to the verbs: who joined an open cohort has no employee id."""
        if self.employee_id or self.handle.startswith("x:"):
            return self.employee_id or self.handle
        return f"@{self.handle}"


@dataclass(frozen=True, slots=True)
class EnrolledPage:
    """A page of people, and whether another follows."""

    people: tuple[EnrolledPerson, ...]
    more: bool


def state_counts(connection: Connection, cohort_id: int) -> dict[EnrollmentState, int]:
    """How many are in each state; states that nobody is in are left out."""
    query = select(_e.state, func.count()).where(_e.cohort_id == cohort_id).group_by(_e.state)
    found = {EnrollmentState(state): int(count) for state, count in connection.execute(query)}
    return {state: found[state] for state in EnrollmentState if state in found}


def coarse(counts: dict[EnrollmentState, int]) -> dict[EnrollmentState, int | None]:
    """The counts as they are told to those who may not see single people: None for fewer than five."""
    return {state: number if number >= FEWEST else None for state, number in counts.items()}


def people_page(
    connection: Connection, cohort_id: int, now: datetime, *, state: str = "", words: str = "", page: int = 1
) -> EnrolledPage:
    """A cohort's people by name, `PAGE` of them: those in a state, and those whose name, handle or employee id holds
    `words`. `page` counts from 1."""
    ahead = select(_a.id).where(_a.learner_id == _p.id, _a.until > now).order_by(_a.since, _a.id).limit(1)
    query = (
        select(
            _p.employee_id,
            _p.name,
            shown_handle().label("handle"),
            _e.team,
            _e.state,
            func.coalesce(_e.moved_at, _e.joined_at).label("since"),
            is_linked().label("linked"),
            _e.joined_at,
            ahead.scalar_subquery().label("away"),
        )
        .select_from(t.enrollment)
        .join(t.learner, _p.id == _e.learner_id)
        .where(_e.cohort_id == cohort_id)
        .order_by(_p.name, _p.id)
        .limit(PAGE + 1)
        .offset(PAGE * (page - 1))
    )
    if state:
        query = query.where(_e.state == state)
    if words:
        named = (column.icontains(words, autoescape=True) for column in (_p.name, _p.handle, _p.employee_id))
        query = query.where(or_(*named))
    rows = connection.execute(query).mappings().all()
    ids = [row["away"] for row in rows if row["away"] is not None]
    days = select(_a.id, _a.first_day, _a.last_day).where(_a.id.in_(ids))
    away = {row.id: Away(*row) for row in connection.execute(days)}
    people = tuple(
        EnrolledPerson(
            row["employee_id"],
            row["name"],
            row["handle"],
            row["team"] or "",
            EnrollmentState(row["state"]),
            row["since"],
            row["joined_at"],
            bool(row["linked"]),
            away.get(row["away"]),
        )
        for row in rows[:PAGE]
    )
    return EnrolledPage(people, len(rows) > PAGE)
