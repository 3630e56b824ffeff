"""The lines of a roster, whatever it is written in: CSV of any separator and encoding, or a sheet of a workbook.

The headings need not stand in the first line: reports often begin with a title and a date.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import regex
from openpyxl.utils import get_column_letter

from reinforce.content.marks import FaultList, Place
from reinforce.content.plain_text import read_foreign_text
from reinforce.content.roster_headings import Recognising
from reinforce.content.sheets import cell_text, open_book
from reinforce.domain.enrolling.column_map import SEPARATORS, ColumnMap
from reinforce.domain.errors import Fault

MOST_ROWS = 20_000
MOST_COLUMNS = 300
# How many lines may stand above the headings.
_ABOVE = 20
# So much of a line says what separates its cells: the headings of a roster are no longer.
_TOLD_BY = 20_000
_CALLED = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}
# As Excel writes it above a CSV to say what separates its cells.
_SEPARATOR_LINE = regex.compile(r'"?sep=(.)"?\r?\n', regex.IGNORECASE)
_ZEROS = regex.compile(r"0+")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of cells with the place where each begins. `unusable` says of a cell what is wrong with it, which matters
    only where its column is read."""

    file: str
    number: int
    cells: tuple[str, ...]
    columns: tuple[int, ...]
    sheet: str = ""
    unusable: Mapping[int, Fault] = field(default_factory=dict)

    def place(self, index: int | None = None) -> Place:
        """Where cell `index` (from 0) stands; without it, where the line does."""
        column = 1 if index is None or index >= len(self.columns) else self.columns[index]
        cell = f"{self.sheet}!{get_column_letter(column)}{self.number}" if self.sheet else ""
        return Place(self.file, self.number, column, cell)


@dataclass(frozen=True, slots=True)
class Lines:
    """The headings of a roster and the lines below them. `separated`: by what, in words; `encoding`: "" for a sheet."""

    header: Line | None
    below: tuple[Line, ...] = ()
    separated: str = ""
    encoding: str = ""


def lines_of(path: Path, known: Recognising, layout: ColumnMap, faults: FaultList) -> Lines:
    """The lines of the roster in `path`, empty ones left out. Raises ContentRefused where it can't be opened; what can
    be told of a line goes to `faults`."""
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        return _of_workbook(path, known, layout.sheet, faults)
    text, encoding = read_foreign_text(path, layout.encoding)
    found = lines_of_text(text, str(path), known, layout.separator, faults)
    return Lines(found.header, found.below, found.separated, encoding)


def lines_of_text(text: str, file: str, known: Recognising, separator: str, faults: FaultList) -> Lines:
    """The lines of a CSV in hand; `separator` is the name of one, "" to find it out."""
    told = _SEPARATOR_LINE.match(text)
    delimiter = SEPARATORS.get(separator) or (told[1] if told and told[1] in _CALLED else _delimiter(text, known))
    lines = list(_csv_lines(text, delimiter, file, 1 if told else 0, faults))
    start = _header(lines, known)
    below = tuple(lines[start + 1 :])
    return Lines(lines[start] if lines else None, below, _CALLED[delimiter])


def _delimiter(text: str, known: Recognising) -> str:
    """What stands between the cells: whichever makes most cells of a line known headings."""
    first = [line[:_TOLD_BY] for line in text.splitlines()[: 2 * _ABOVE] if line.strip()][:_ABOVE]

    def score(delimiter: str) -> tuple[bool, int, int]:
        taken_apart = [tuple(line.replace('"', "").split(delimiter)) for line in first] or [()]
        whole = [cells for cells in taken_apart if known.is_whole(cells)]
        cells = whole[0] if whole else taken_apart[0]
        return bool(whole), sum(map(bool, known.fields(cells))), len(cells)

    return max(_CALLED, key=score)


def _header(lines: list[Line], known: Recognising) -> int:
    """Which line holds the headings: the first that names an employee id and a name, else the first."""
    above = enumerate(lines[: _ABOVE + 1])
    return next((number for number, line in above if known.is_whole(line.cells)), 0)


def _csv_lines(text: str, delimiter: str, file: str, skipped: int, faults: FaultList) -> Iterator[Line]:
    """The lines that hold anything. A broken quotation is reported and ends the reading, and so does what is more than
    a roster can be: a person would read a fault of each of its lines, and wait for them."""
    physical, count = text.splitlines(keepends=True), 0
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
        if number > skipped and any(cell.strip() for cell in cells):
            if count > MOST_ROWS + _ABOVE or len(cells) > MOST_COLUMNS:
                _report_too_many(Place(file, number), faults)
                return
            count += 1
            start = physical[number - 1] if number <= len(physical) else ""
            yield Line(file, number, tuple(cells), _columns(start, delimiter, len(cells)))


def _columns(line: str, delimiter: str, count: int) -> tuple[int, ...]:
    """Where each cell begins in its (first) line, from 1; those that begin on a later line get column 1."""
    columns, quoted = [1], False
    for position, character in enumerate(line, start=1):
        if character == '"':
            quoted = not quoted
        elif character == delimiter and not quoted:
            columns.append(position + 1)
    return tuple((columns + [1] * count)[:count])


def _of_workbook(path: Path, known: Recognising, wanted: str, faults: FaultList) -> Lines:
    """The sheet named `wanted`, or the one that has the headings of a roster."""
    with open_book(path) as book:
        # Without sheets that are charts.
        names = [sheet.title for sheet in book.worksheets if wanted or sheet.sheet_state == "visible"]
        if wanted:
            names = [name for name in names if name.casefold() == wanted.casefold()]
        sheets = {name: _sheet_lines(path, name, book[name], faults) for name in names}
    sheets = {name: lines for name, lines in sheets.items() if lines}
    if not sheets:
        missing = f'there is no sheet "{wanted}", or nothing in it.' if wanted else "the workbook is empty."
        faults.add(Place(str(path)), missing, "Name a sheet that holds the roster: --sheet NAME.")
        return Lines(None)
    whole = [name for name, lines in sheets.items() if known.is_whole(lines[_header(lines, known)].cells)]
    if len(whole) > 1:
        listed = ", ".join(f'"{name}"' for name in whole)
        faults.add(Place(str(path)), f"several sheets could be the roster: {listed}.", "Say which: --sheet NAME.")
    lines = sheets[whole[0] if whole else next(iter(sheets))]
    start = _header(lines, known)
    return Lines(lines[start], tuple(lines[start + 1 :]), "columns")


def _sheet_lines(path: Path, name: str, sheet: Any, faults: FaultList) -> list[Line]:
    # Some programs declare a sheet of a million rows; only what is there is read.
    sheet.reset_dimensions()
    lines: list[Line] = []
    for number, row in enumerate(sheet.iter_rows(), start=1):
        line = _sheet_line(path, name, number, row)
        if line is None:
            continue
        if len(lines) > MOST_ROWS + _ABOVE or len(line.cells) > MOST_COLUMNS:
            _report_too_many(line.place(), faults)
            break
        lines.append(line)
    return lines


def _report_too_many(place: Place, faults: FaultList) -> None:
    message = f"there is more here than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns."
    faults.add(place, message, "Delete what does not belong here, or split the roster up.")


def _sheet_line(path: Path, name: str, number: int, row: Any) -> Line | None:
    cells: dict[int, str] = {}
    unusable: dict[int, Fault] = {}
    for cell in row:
        if cell.value is None:
            continue
        column = cell.column
        place = Place(str(path), number, column, f"{name}!{get_column_letter(column)}{number}")
        wrong = FaultList()
        text = _padded(cell, cell_text(cell, place, wrong))
        if wrong.faults:
            unusable[column - 1] = wrong.faults[0]
        if text.strip() or wrong.faults:
            cells[column - 1] = text
    if not cells:
        return None
    width = max(cells) + 1
    texts = tuple(cells.get(index, "") for index in range(width))
    return Line(str(path), number, texts, tuple(range(1, width + 1)), name, unusable)


def _padded(cell: Any, text: str) -> str:
    """A number as its format shows it where that is all zeros: 123 under 00000 is 00123."""
    if cell.data_type == "n" and text.isdigit() and _ZEROS.fullmatch(cell.number_format or ""):
        return text.zfill(len(cell.number_format))
    return text
