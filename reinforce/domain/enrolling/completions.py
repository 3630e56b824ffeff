"""Who stands where in a cohort, as another system wants to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reinforce.domain.cohort import EnrollmentState
from reinforce.domain.enrolling.column_map import FIELDS, ColumnMap, DateOrder

_FORMATS = {DateOrder.DAY_FIRST: "{0:%d}.{0:%m}.{0.year:04}", DateOrder.MONTH_FIRST: "{0:%m}/{0:%d}/{0.year:04}"}
HEADINGS = (
    "employee_id",
    "name",
    "state",
    "since",
    "joined_on",
    "enrolled_on",
    "active_on",
    "completed_on",
    "withdrawn_on",
    "lapsed_on",
    "linked",
)


@dataclass(frozen=True, slots=True)
class Completion:
    """One enrollment. `since` is from when on it is in its state, `joined_on` when it was made, `reached` when it last
    came into each state: local dates of the cohort."""

    employee_id: str
    name: str
    state: EnrollmentState
    since: date
    joined_on: date
    reached: dict[EnrollmentState, date]
    linked: bool
    zone: str = ""
    role: str = ""
    team: str = ""

    @property
    def completed_on(self) -> date | None:
        """When they completed; None for whoever has not, or has begun again."""
        return self.since if self.state is EnrollmentState.COMPLETED else None


Cells = tuple[tuple[str, ...], ...]


def plain_table(rows: Sequence[Completion]) -> Cells:
    """Headings and rows, dates as 2026-12-31. Read back as a roster, it changes nothing."""
    return (HEADINGS, *(_plain(row) for row in rows))


def mapped_table(rows: Sequence[Completion], columns: ColumnMap) -> Cells:
    """Headings and rows as the system of a column map reads them, its words and dates included."""
    fields = [field for field in FIELDS if field in columns.columns]
    headings = tuple(columns.columns[field] for field in fields)
    return (headings, *(tuple(_cell(row, field, columns) for field in fields) for row in rows))


def _plain(row: Completion) -> tuple[str, ...]:
    reached = row.reached | {row.state: row.since}
    done = reached if row.completed_on else {key: day for key, day in reached.items() if key.value != "completed"}
    days = ("enrolled", "active", "completed", "withdrawn", "lapsed")
    return (
        row.employee_id,
        row.name,
        row.state.value,
        row.since.isoformat(),
        row.joined_on.isoformat(),
        *(_day(done.get(EnrollmentState(name)), DateOrder.YEAR_FIRST) for name in days),
        "linked" if row.linked else "not linked",
    )


def _cell(row: Completion, field: str, columns: ColumnMap) -> str:
    names_split = "name" not in columns.columns
    left = row.since - timedelta(days=1) if row.state is EnrollmentState.WITHDRAWN else None
    cells = {
        "employee_id": row.employee_id,
        "name": row.name,
        # Where a name ends and the other begins is nobody's to guess: it stays whole.
        "last_name": row.name if names_split else "",
        "first_name": row.name if names_split and "last_name" not in columns.columns else "",
        "zone": row.zone,
        "role": row.role,
        "team": row.team,
        "state": _word(row.state, columns),
        "completed_on": _day(row.completed_on, columns.dates),
        "left_on": _day(left, columns.dates),
    }
    return cells.get(field, "")


def _word(state: EnrollmentState, columns: ColumnMap) -> str:
    words = {EnrollmentState.COMPLETED: columns.completed, EnrollmentState.WITHDRAWN: columns.withdrawn}
    chosen = words.get(state, () if state is EnrollmentState.LAPSED else columns.present)
    return chosen[0] if chosen else state.value


def _day(day: date | None, order: DateOrder) -> str:
    return "" if day is None else _FORMATS.get(order, "{0.year:04}-{0:%m}-{0:%d}").format(day)
