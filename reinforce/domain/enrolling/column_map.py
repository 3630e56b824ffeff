"""Column maps: which column of another system's file holds which field of ours, and what its values mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from reinforce.domain.errors import ReinforceError

# Field → what it is, for people. The order is that of a list, and of an export.
FIELDS: Mapping[str, str] = {
    "employee_id": "employee id",
    "name": "name",
    "first_name": "first name",
    "last_name": "last name",
    "handle": "handle on X",
    "zone": "time zone",
    "role": "role",
    "team": "quiz team",
    "naming": "may be named",
    "state": "state",
    "left_on": "left on",
    "completed_on": "completed on",
    "moved_from": "moved from (cohort)",
}
# What can be the same for every line of a file.
FIXABLE = ("zone", "role", "team", "naming", "moved_from")
ENCODINGS = ("utf-8", "windows-1252", "utf-16")
SEPARATORS: Mapping[str, str] = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
MOST_DIGITS = 20


class DateOrder(StrEnum):
    """In which order a file writes year, month and day. UNSAID: only what can be read in one way is read."""

    UNSAID = ""
    YEAR_FIRST = "ymd"
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How a system's files are read, and written back.

    `columns` says under which heading a field stands; `fixed` gives a field the same value on every line. `present`,
    `withdrawn`, `completed` are the words of its state column, beside those that everybody uses. Employee ids are
    filled with zeros to `digits`. `sheet`, `encoding`, `separator` (a name of SEPARATORS): "" finds it out.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    present: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    completed: tuple[str, ...] = ()
    dates: DateOrder = DateOrder.UNSAID
    digits: int = 0
    sheet: str = ""
    encoding: str = ""
    separator: str = ""

    def content(self) -> dict[str, Any]:
        """The map as plain values, for a row or for JSON."""
        plain = asdict(self)
        return plain | {"dates": self.dates.value} | {name: list(plain[name]) for name in _WORDS}


_WORDS = ("present", "withdrawn", "completed")


def column_map(content: Mapping[str, Any]) -> ColumnMap:
    """The map that `content()` gave."""
    known = {one.name for one in fields(ColumnMap)}
    given = {name: value for name, value in content.items() if name in known}
    given |= {name: tuple(given.get(name, ())) for name in _WORDS}
    return ColumnMap(**given | {"dates": DateOrder(given.get("dates", ""))})


def require_sound(there: ColumnMap) -> None:
    """Raise ReinforceError where a map can't be meant."""
    for name in (*there.columns, *there.fixed):
        if name not in FIELDS:
            raise ReinforceError(f'there is no field "{name}"', f"There are: {', '.join(FIELDS)}.")
    for name in there.fixed:
        if name not in FIXABLE:
            raise ReinforceError(f'"{name}" can\'t be the same on every line', f"These can be: {', '.join(FIXABLE)}.")
        if name in there.columns:
            raise ReinforceError(f'"{name}" has a column and a fixed value', "Give one of the two.")
    if "employee_id" not in there.columns:
        raise ReinforceError("the map does not say where the employee id stands", "Add: --set employee_id=HEADING")
    if not {"name", "first_name", "last_name"} & there.columns.keys():
        raise ReinforceError("the map does not say where the name stands", "Add: --set name=HEADING")
    _require_one_meaning(there)
    if not 0 <= there.digits <= MOST_DIGITS:
        raise ReinforceError(f"an employee id can't be filled up to {there.digits} digits", f"At most {MOST_DIGITS}.")


def _require_one_meaning(there: ColumnMap) -> None:
    headings: dict[str, str] = {}
    for name, heading in there.columns.items():
        other = headings.setdefault(heading.casefold(), name)
        if other != name:
            raise ReinforceError(f'the column "{heading}" is {other} and {name}', "A column can be one of them.")
    meanings: dict[str, str] = {}
    for meaning in _WORDS:
        for word in getattr(there, meaning):
            other = meanings.setdefault(word.casefold(), meaning)
            if other != meaning:
                raise ReinforceError(f'"{word}" means {other} and {meaning}', "Let it mean one of them.")
