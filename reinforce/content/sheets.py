"""Cells of a workbook as marked texts. Reads a stranger's file: its size is known before anything is unpacked.

Formulas are not evaluated, and what a spreadsheet last computed for one is not taken either: it may be stale.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import regex
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from reinforce.content.marks import FaultList, Place, Scalar
from reinforce.content.office_file import DAMAGED_ARCHIVE, elements, is_xml
from reinforce.content.plain_text import read_bytes
from reinforce.domain.errors import ContentRefused, Fault

LARGEST_FILE = 10_000_000
LARGEST_UNPACKED = 60_000_000
MOST_PARTS = 500
# Of cells and their texts: a roster of 20,000 lines has half as many. Whatever surrounds them has far fewer.
MOST_ELEMENTS = 1_000_000
MOST_AROUND = 100_000
MOST_ROWS = 2_000
MOST_COLUMNS = 60
LONGEST_CELL = 20_000

_UNSTORABLE = regex.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
# In every encoding that a parser takes.
_ENTITY = tuple("<!ENTITY".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_ESCAPED = regex.compile(r"_x([0-9A-Fa-f]{4})_")

# The cells of a row that hold anything, by column from 0.
Row = dict[int, Scalar]


def read_sheets(path: Path, names: Sequence[str], faults: FaultList) -> dict[str, list[Row]]:
    """The rows of those sheets in `names` that are there; a row without content is {}.

    Cells that can't be used (formulas, errors, far too long) go to `faults`. Raises ContentRefused if the file can't
    be opened, is too large, or unpacks to far more than a workbook of text holds.
    """
    with open_book(path) as book:
        wanted = [name for name in names if name in book.sheetnames]
        return {name: _rows(path, name, book[name], faults) for name in wanted}


@contextmanager
def open_book(path: Path) -> Iterator[Any]:
    """The workbook, open for reading. Whatever fails within the block because the file is broken is ContentRefused, as
    is a file that can't be opened, is too large, or unpacks to far more than a workbook of text holds."""
    raw = read_bytes(path, LARGEST_FILE)
    _require_sound(path, raw)
    try:
        with warnings.catch_warnings():
            # Whatever of the file's looks openpyxl can't keep does not matter here.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(raw), read_only=True, data_only=False, keep_links=False)
            try:
                yield book
            finally:
                book.close()
    except ContentRefused:
        raise
    except Exception as error:  # a broken file makes openpyxl raise a dozen kinds, KeyError and TypeError among them
        raise _refused(path, f"the workbook is damaged ({type(error).__name__}).", "Save it again as .xlsx.") from error


def _require_sound(path: Path, raw: bytes) -> None:
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        message = "this is an old Excel file (.xls), or one with a password."
        raise _refused(path, message, "Take the password off and save it as .xlsx.")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED:
                size = f"{len(parts):,} parts, {unpacked / 1e6:,.0f} MB unpacked"
                message = f"the workbook is far larger than its text can be ({size})."
                raise _refused(path, message, "Copy the rows into a fresh one: reinforce template nuggets.xlsx")
            _require_sound_parts(path, archive)
    except DAMAGED_ARCHIVE as error:
        message = "this is no workbook, whatever its name says, or a damaged one."
        raise _refused(path, message, "Save it again as .xlsx from your spreadsheet.") from error


def _require_sound_parts(path: Path, archive: zipfile.ZipFile) -> None:
    """Nothing in it that a few bytes could make gigabytes of, once it is parsed."""
    cells = around = 0
    for part in archive.infolist():
        raw = archive.read(part)
        if not is_xml(raw):
            continue
        # Entities refer to each other until memory is full; no spreadsheet writes any.
        if any(mark in raw for mark in _ENTITY):
            raise _refused(path, "the workbook declares XML entities.", "Save it again from a spreadsheet.")
        if part.filename.startswith("xl/worksheets/") or part.filename == "xl/sharedStrings.xml":
            cells += elements(raw)
        elif part.filename != "xl/calcChain.xml":  # of formulas, which are not read
            around += elements(raw)
        if cells > MOST_ELEMENTS or around > MOST_AROUND:
            message = "the workbook is far larger than its text can be (cells without end, or styles)."
            raise _refused(path, message, "Copy the rows into a fresh one: reinforce template nuggets.xlsx")


def _refused(path: Path, message: str, advice: str) -> ContentRefused:
    return ContentRefused([Fault(str(path), 1, 1, message, advice)])


def _rows(path: Path, name: str, sheet: Any, faults: FaultList) -> list[Row]:
    rows: list[Row] = []
    # Some programs declare a sheet of a million rows; only what is there is read.
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        row: Row = {}
        for cell in cells:
            if cell.value is None:
                continue
            column = cell.column
            place = Place(str(path), number, column, f"{name}!{get_column_letter(column)}{number}")
            if number > MOST_ROWS or column > MOST_COLUMNS:
                message = f"there is more here than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns."
                faults.add(place, message, "Delete what does not belong here, or split the procedure up.")
                return rows
            text = cell_text(cell, place, faults)
            if text.strip():
                row[column - 1] = Scalar(text, place, plain=False)
        rows.append(row)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def cell_text(cell: Any, place: Place, faults: FaultList) -> str:
    """What a person sees in the cell; nothing, with a fault, for a formula or an error."""
    if cell.data_type == "f":
        faults.add(place, "this cell holds a formula.", "Copy it and paste its value over it (Paste special: values).")
        return ""
    if cell.data_type == "e":
        faults.add(place, f"this cell shows an error ({cell.value}).", "Type what it should say.")
        return ""
    return _clean(_shown(cell.value), place, faults)


def _shown(value: Any) -> str:
    """Near enough what the spreadsheet shows: numbers without a useless ".0", dates as 2026-12-01."""
    match value:
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
    return str(value)


def _clean(text: str, place: Place, faults: FaultList) -> str:
    """Line ends as everywhere else, and no character that can't be stored."""
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).replace("\r\n", "\n").replace("\r", "\n")
    found = _UNSTORABLE.search(text)
    if found:
        faults.add(place, f"the cell holds the control character U+{ord(found[0]):04X}.", "Type the text again.")
        text = _UNSTORABLE.sub("", text)
    if len(text) > LONGEST_CELL:
        faults.add(place, f"the cell holds {len(text):,} characters.", f"At most {LONGEST_CELL:,} are read.")
    return text[:LONGEST_CELL]
