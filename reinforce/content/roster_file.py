"""Rosters as CSV files (docs/reference/roster-file.md): one learner a line, the employee id is the key.

Read as spreadsheets write them: comma, semicolon or tab between the cells, quotes where needed, a byte order mark, and
headings in the words people use. Columns that mean nothing here (a department, an e-mail address) are left unread and
so are never stored; one that looks like a misspelt heading is a fault.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import regex

from reinforce.content.marks import FaultList, Place
from reinforce.content.plain_text import read_text
from reinforce.content.scalars import as_flag, check_zone, near, short
from reinforce.domain.cohort import RosterRow
from reinforce.domain.texts.canonical_text import nfc

MOST_ROWS = 20_000
LONGEST_ID = 64
LONGEST_NAME = 120
LONGEST_ROLE = 60
LONGEST_TEAM = 20
# What somebody can reply behind "join".
TEAM_NAME = regex.compile(r"[\p{L}\p{N}]+(?: [\p{L}\p{N}]+)?")
HANDLE = regex.compile(r"[A-Za-z0-9_]{1,15}")
# What a spreadsheet makes of a long number; its last digits are lost for good.
_ROUNDED = regex.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+")
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
# Headings as people write them, by the field they stand for; compared in lower case without punctuation.
_HEADINGS = {
    "employee_id": (
        "employee id|employee number|employee no|employee|personnel number|personnel no|staff id|staff number|id|"
        "personalnummer|matricule|numero de empleado"
    ),
    "name": "name|full name|employee name|learner|learner name|nom complet|nombre completo",
    "first_name": "first name|given name|forename|vorname|prénom|nombre",
    "last_name": "last name|surname|family name|nachname|nom|apellido|apellidos",
    "handle": "handle|x handle|x|twitter|twitter handle|x account|account|username|user name",
    "zone": "zone|time zone|timezone|tz|zeitzone|fuseau horaire|zona horaria",
    "role": "role|job role|job|job title|function|rolle|rôle|puesto",
    "team": "team|quiz team|mannschaft|équipe|equipe|equipo",
    "naming": "naming|may be named|naming opt in|opt in|named|credit|credit opt in",
}
_FIELDS = {heading: field for field, headings in _HEADINGS.items() for heading in headings.split("|")}


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of cells with the place where each begins."""

    number: int
    cells: tuple[str, ...]
    columns: tuple[int, ...]


def read_roster(path: Path) -> tuple[RosterRow, ...]:
    """The rows of a roster, in file order. Raises ContentRefused with every fault of the file."""
    faults = FaultList()
    rows = parse_roster(read_text(path), str(path), faults)
    faults.raise_if_any()
    return rows


def parse_roster(text: str, file: str, faults: FaultList) -> tuple[RosterRow, ...]:
    """As `read_roster`, for a text in hand; faults go to `faults`."""
    delimiter = _delimiter(text)
    lines = _lines(text, delimiter, file, faults)
    header = next(lines, None)
    if header is None:
        if not faults:
            faults.add(Place(file), "the file is empty.", "Its first line names the columns: employee_id,name,handle.")
        return ()
    fields = _read_header(header, delimiter, file, faults)
    if fields is None:
        return ()
    reader = _RowReader(file, fields, faults)
    rows: list[RosterRow] = []
    for line in lines:
        if len(rows) == MOST_ROWS:
            faults.add(Place(file, line.number), f"there are more than {MOST_ROWS:,} learners.", "Split the roster up.")
            break
        row = reader.read(line)
        if row is not None:
            rows.append(row)
    if not rows and not faults:
        faults.add(Place(file, header.number), "no learner follows the headings.", "Add one learner a line.")
    return tuple(rows)


def _delimiter(text: str) -> str:
    """What stands between the cells: whichever makes most of the first line's cells known headings."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def known(delimiter: str) -> tuple[int, int]:
        cells = first.split(delimiter)
        return sum(_folded(cell) in _FIELDS for cell in cells), len(cells)

    return max(_DELIMITERS, key=known)


def _lines(text: str, delimiter: str, file: str, faults: FaultList) -> Iterator[_Line]:
    """The lines that hold anything. A broken quotation is reported and ends the reading."""
    physical = text.splitlines(keepends=True)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            advice = "See that every quote is closed, and that a quote inside a quoted cell is doubled."
            faults.add(Place(file, number), f"this line can't be taken apart ({error}).", advice)
            return
        if any(cell.strip() for cell in cells):
            start = physical[number - 1] if number <= len(physical) else ""
            yield _Line(number, tuple(cells), _columns(start, delimiter, len(cells)))


def _columns(line: str, delimiter: str, count: int) -> tuple[int, ...]:
    """Where each cell begins in its (first) line, from 1; those that begin on a later line get column 1."""
    columns, quoted = [1], False
    for position, character in enumerate(line, start=1):
        if character == '"':
            quoted = not quoted
        elif character == delimiter and not quoted:
            columns.append(position + 1)
    return tuple((columns + [1] * count)[:count])


def _folded(heading: str) -> str:
    return " ".join(regex.sub(r"[^\p{L}\p{N}]+", " ", heading.casefold()).split())


def _read_header(header: _Line, delimiter: str, file: str, faults: FaultList) -> tuple[str, ...] | None:
    """The field of each column ("" for one that is not read); None if the key columns can't be found."""
    fields: list[str] = []
    for cell, column in zip(header.cells, header.columns, strict=True):
        place = Place(file, header.number, column)
        heading = _folded(cell)
        field = _FIELDS.get(heading, "")
        nearest = "" if field or not heading else near(heading, _FIELDS, at_least=80)
        if field and field in fields:
            faults.add(place, f'a second column for "{field}" ("{short(cell)}").', "Keep one of the two.")
        elif nearest:
            advice = f'Did you mean "{_FIELDS[nearest]}"? If not, give the column a name less like it.'
            faults.add(place, f'"{short(cell)}" is no column of a roster.', advice)
        fields.append(field)
    named = "name" in fields or "first_name" in fields or "last_name" in fields
    missing = [*(["employee_id"] if "employee_id" not in fields else []), *([] if named else ["name"])]
    for field in missing:
        message = f'the column "{field}" is missing (cells seem to be separated by {_DELIMITERS[delimiter]}).'
        faults.add(Place(file, header.number), message, f'Name it in the first line: "{field}".')
    return None if missing else tuple(fields)


class _Cells:
    """The cells of one line by field: NFC, white space folded, each with its place."""

    def __init__(self, file: str, fields: Sequence[str], line: _Line) -> None:
        self._line = Place(file, line.number)
        self._cells = {
            field: (nfc(" ".join(cell.split())), Place(file, line.number, column))
            for field, cell, column in zip(fields, line.cells, line.columns, strict=False)
            if field
        }

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

    def __init__(self, file: str, fields: Sequence[str], faults: FaultList) -> None:
        self._file = file
        self._fields = fields
        self._faults = faults
        self._ids: dict[str, int] = {}
        self._handles: dict[str, int] = {}

    def read(self, line: _Line) -> RosterRow | None:
        """The learner on a line; None if its cells can't be told apart (reported)."""
        if len(line.cells) > len(self._fields) and any(cell.strip() for cell in line.cells[len(self._fields) :]):
            message = f"this line has {len(line.cells)} cells, the headings have {len(self._fields)}."
            self._faults.add(Place(self._file, line.number), message, "Put a cell that holds a separator into quotes.")
            return None
        cells = _Cells(self._file, self._fields, line)
        return RosterRow(
            employee_id=self._employee_id(*cells.cell("employee_id"), line.number),
            name=self._name(*cells.name()),
            handle=self._handle(*cells.cell("handle"), line.number),
            zone=self._zone(*cells.cell("zone")),
            role=self._short(*cells.cell("role"), "role", LONGEST_ROLE).casefold(),
            naming=self._naming(*cells.cell("naming")),
            team=self._team(*cells.cell("team")) if "team" in self._fields else None,
            line=line.number,
            file=self._file,
        )

    def _employee_id(self, text: str, place: Place, line: int) -> str:
        if not text:
            self._faults.add(place, "the employee id is missing.", "It is the key: every learner needs one.")
            return ""
        if _ROUNDED.fullmatch(text):
            advice = "Format the column as text in the spreadsheet, put the ids in again, and export it once more."
            self._faults.add(place, f'"{text}" is a number that a spreadsheet has rounded.', advice)
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
