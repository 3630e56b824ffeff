"""Rosters as CSV files or workbooks (docs/reference/roster-file.md): one learner a line, the employee id is the key.

Read as spreadsheets, HR and learning systems write them, under the headings that people use or those of a column map.
Columns that mean nothing here (a department, an e-mail address) are left unread and so are never stored; one that looks
like a misspelt heading is a fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import regex

from reinforce.content.marks import FaultList, Place
from reinforce.content.roster_headings import Recognising
from reinforce.content.roster_lines import MOST_ROWS, Line, Lines, lines_of
from reinforce.content.roster_values import States, read_cell, read_date, read_id
from reinforce.content.scalars import as_flag, check_zone, short
from reinforce.domain.cohort import RosterRow
from reinforce.domain.enrolling.column_map import FIELDS, ColumnMap
from reinforce.domain.texts.canonical_text import nfc

LONGEST_ID = 64
LONGEST_NAME = 120
LONGEST_ROLE = 60
LONGEST_TEAM = 20
# What somebody can reply behind "join".
TEAM_NAME = regex.compile(r"[\p{L}\p{N}]+(?: [\p{L}\p{N}]+)?")
HANDLE = regex.compile(r"[A-Za-z0-9_]{1,15}")
# What a spreadsheet makes of a long number; its last digits are lost for good.
_ROUNDED = regex.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+")
_NAMES = frozenset({"name", "first_name", "last_name"})


@dataclass(frozen=True, slots=True)
class Roster:
    """A roster as it was read. `headings` are all of its columns, `columns` which of them was taken for what (field →
    heading); `encoding` is "" for a workbook."""

    rows: tuple[RosterRow, ...]
    headings: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    encoding: str = ""

    def told(self) -> str:
        """How the columns were read, for a person."""
        read = ", ".join(f"{heading} → {FIELDS[field]}" for field, heading in self.columns)
        taken = {heading for _, heading in self.columns}
        unread = ", ".join(heading for heading in self.headings if heading.strip() and heading not in taken)
        return f"read: {read}" + (f"; not read: {unread}" if unread else "")


def read_roster(path: Path, columns: ColumnMap | None = None) -> tuple[RosterRow, ...]:
    """The rows of a roster, in file order. Raises ContentRefused with every fault of the file."""
    return read_roster_file(path, columns).rows


def read_roster_file(path: Path, columns: ColumnMap | None = None) -> Roster:
    """A roster, read by a column map where one is given. Raises ContentRefused with every fault of the file."""
    faults = FaultList()
    known = Recognising(columns)
    layout = columns or ColumnMap()
    lines = lines_of(path, known, layout, faults)
    faults.raise_if_any()  # what stands on the lines after a broken one is anybody's guess
    made = _roster(lines, str(path), known, columns, faults)
    faults.raise_if_any()
    return made


def headings_of(path: Path, layout: ColumnMap) -> tuple[str, ...]:
    """The headings of a file, of which the sheet, the encoding and the separator may be said. Raises ContentRefused."""
    faults = FaultList()
    lines = lines_of(path, Recognising(layout, both=True), layout, faults)
    faults.raise_if_any()
    return tuple(cell.strip() for cell in lines.header.cells if cell.strip()) if lines.header else ()


def _roster(lines: Lines, file: str, known: Recognising, columns: ColumnMap | None, faults: FaultList) -> Roster:
    if lines.header is None:
        if not faults:
            faults.add(Place(file), "the file is empty.", "Its first line names the columns: employee_id,name,handle.")
        return Roster(())
    fields = _read_header(lines, known, columns, faults)
    if fields is None:
        return Roster(())
    reader = _RowReader(fields, columns or ColumnMap(), faults)
    rows: list[RosterRow] = []
    for line in lines.below:
        if len(rows) == MOST_ROWS:
            faults.add(line.place(), f"there are more than {MOST_ROWS:,} learners.", "Split the roster up.")
            break
        row = reader.read(line)
        if row is not None:
            rows.append(row)
    if not rows and not faults:
        faults.add(lines.header.place(), "no learner follows the headings.", "Add one learner a line.")
    headings = tuple(cell.strip() for cell in lines.header.cells)
    taken = tuple((field, heading) for field, heading in zip(fields, headings, strict=True) if field)
    return Roster(tuple(rows), headings, taken, lines.encoding)


def _read_header(
    lines: Lines, known: Recognising, columns: ColumnMap | None, faults: FaultList
) -> tuple[str, ...] | None:
    """The field of each column ("" for one that is not read); None if columns can't be found that have to be there."""
    header = lines.header
    assert header is not None
    fields: list[str] = []
    for index, cell in enumerate(header.cells):
        field = known.field(cell)
        meant = "" if field else known.meant(cell)
        if field and field in fields:
            message = f'a second column for "{field}" ("{short(cell)}").'
            faults.add(header.place(index), message, "Keep one of the two.")
        elif meant and meant not in known.fields(header.cells):
            advice = f'Did you mean "{meant}"? If not, give the column a name less like it, or save a column map.'
            faults.add(header.place(index), f'"{short(cell)}" is no column of a roster.', advice)
        fields.append(field)
    missing = _missing(fields, columns)
    for field, advice in missing.items():
        message = f'the column "{field}" is missing (cells seem to be separated by {lines.separated}).'
        if header.sheet:
            message = f'the column "{field}" is missing.'
        faults.add(header.place(), message, advice)
    return None if missing else tuple(fields)


def _missing(fields: Sequence[str], columns: ColumnMap | None) -> dict[str, str]:
    """Columns that are not there, each with what to do."""
    if columns is not None:
        advice = "The map wants it: put it back, or save another map (reinforce columns save)."
        return {heading: advice for field, heading in columns.columns.items() if field not in fields}
    missing = [] if "employee_id" in fields else ["employee_id"]
    missing += [] if _NAMES & set(fields) else ["name"]
    advice = 'Name it in the first line: "{0}". Or say which it is: reinforce columns save NAME FILE --set {0}=HEADING.'
    return {field: advice.format(field) for field in missing}


class _Cells:
    """The cells of one line by field: NFC, white space folded, each with its place. What can't be used and is read is
    reported."""

    def __init__(self, fields: Sequence[str], fixed: dict[str, str], line: Line, faults: FaultList) -> None:
        self._line = line.place()
        self._cells = {field: (value, self._line) for field, value in fixed.items()}
        for index, (field, cell) in enumerate(zip(fields, line.cells, strict=False)):
            if not field:
                continue
            if index in line.unusable:
                faults.add(line.place(index), line.unusable[index].message, line.unusable[index].advice)
            self._cells[field] = (nfc(read_cell(cell, of_sheet=bool(line.sheet))), line.place(index))

    def cell(self, field: str) -> tuple[str, Place]:
        """The cell of `field` and its place; an empty text at the line's begin if the roster has no such column."""
        return self._cells.get(field, ("", self._line))

    def name(self) -> tuple[str, Place]:
        """The name, from one column or from first and last name."""
        if "name" in self._cells:
            return self._cells["name"]
        parts = [self._cells[field] for field in ("first_name", "last_name") if field in self._cells]
        return " ".join(text for text, _ in parts if text), parts[0][1] if parts else self._line


class _RowReader:
    """Reads rows under one header, and remembers ids and handles so that the second of a kind is told."""

    def __init__(self, fields: Sequence[str], columns: ColumnMap, faults: FaultList) -> None:
        self._fields = fields
        self._columns = columns
        self._fixed = dict(columns.fixed)
        self._said = set(fields) | set(columns.fixed)
        self._states = States(columns)
        self._faults = faults
        self._ids: dict[str, int] = {}
        self._handles: dict[str, int] = {}

    def read(self, line: Line) -> RosterRow | None:
        """The learner on a line; None if its cells can't be told apart (reported)."""
        if len(line.cells) > len(self._fields) and any(cell.strip() for cell in line.cells[len(self._fields) :]):
            message = f"this line has {len(line.cells)} cells, the headings have {len(self._fields)}."
            self._faults.add(line.place(), message, "Put a cell that holds a separator into quotes.")
            return None
        cells = _Cells(self._fields, self._fixed, line, self._faults)
        dates = self._columns.dates
        return RosterRow(
            employee_id=self._employee_id(*cells.cell("employee_id"), line.number),
            name=self._name(*cells.name()),
            handle=self._handle(*cells.cell("handle"), line.number),
            zone=self._zone(*cells.cell("zone")),
            role=self._short(*cells.cell("role"), "role", LONGEST_ROLE).casefold(),
            naming=self._naming(*cells.cell("naming")),
            team=self._team(*cells.cell("team")) if "team" in self._said else None,
            line=line.number,
            file=line.file,
            state=self._states.read(*cells.cell("state"), self._faults),
            left_on=read_date(cells.cell("left_on")[0], dates, cells.cell("left_on")[1], self._faults),
            completed_on=read_date(cells.cell("completed_on")[0], dates, cells.cell("completed_on")[1], self._faults),
            moved_from=cells.cell("moved_from")[0],
            unsaid=frozenset({"zone", "role"} - self._said),
        )

    def _employee_id(self, text: str, place: Place, line: int) -> str:
        if not text:
            self._faults.add(place, "the employee id is missing.", "It is the key: every learner needs one.")
            return ""
        if _ROUNDED.fullmatch(text):
            advice = "Format the column as text in the spreadsheet, put the ids in again, and export it once more."
            self._faults.add(place, f'"{text}" is a number that a spreadsheet has rounded.', advice)
        text = read_id(text, self._columns.digits)
        first = self._ids.setdefault(text.casefold(), line)
        if first != line:
            message = f'the employee id "{short(text)}" stands here again; it is on line {first}.'
            self._faults.add(place, message, "Keep one of the two lines.")
        return self._short(text, place, "employee id", LONGEST_ID)

    def _name(self, text: str, place: Place) -> str:
        if not text:
            self._faults.add(place, "the name is missing.", "It is shown to the cohort's facilitators only.")
        return self._short(text, place, "name", LONGEST_NAME)

    def _handle(self, text: str, place: Place, line: int) -> str:
        handle = text.removeprefix("@")
        if not handle:
            return ""
        if not HANDLE.fullmatch(handle):
            advice = "A handle has 1 to 15 letters A–Z, digits or _; leave the cell empty if you don't know it."
            self._faults.add(place, f'"{short(text)}" is no handle on X.', advice)
            return ""
        first = self._handles.setdefault(handle.casefold(), line)
        if first != line:
            message = f"the handle @{handle} stands here again; it is on line {first}."
            self._faults.add(place, message, "A handle belongs to one person: take one of them out.")
        return handle

    def _zone(self, text: str, place: Place) -> str:
        return text if text and check_zone(text, place, self._faults) else ""

    def _naming(self, text: str, place: Place) -> bool | None:
        value = as_flag(text) if text else None
        if value is None and text:
            advice = "Write yes only for somebody who has agreed to be named in public posts, else no."
            self._faults.add(place, f'"{short(text)}" is neither yes nor no.', advice)
        return value

    def _team(self, text: str, place: Place) -> str:
        if text and not TEAM_NAME.fullmatch(text):
            advice = "A team is a word or two of letters and digits, such as red: it is posted, so it names nobody."
            self._faults.add(place, f'"{short(text)}" is no name of a team.', advice)
        return self._short(text, place, "team", LONGEST_TEAM).casefold()

    def _short(self, text: str, place: Place, what: str, longest: int) -> str:
        if len(text) > longest:
            self._faults.add(place, f"the {what} has {len(text)} characters; {longest} are allowed.", "Shorten it.")
        return text[:longest]
