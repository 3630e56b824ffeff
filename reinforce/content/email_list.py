"""E-mail addresses by employee id, out of the file that HR has: for a mail merge, and never stored."""

from __future__ import annotations

from pathlib import Path

import regex

from reinforce.content.marks import FaultList, Place
from reinforce.content.roster_headings import Recognising, folded
from reinforce.content.roster_lines import Line, lines_of
from reinforce.content.roster_values import read_cell, read_id
from reinforce.content.scalars import short
from reinforce.domain.enrolling.column_map import ColumnMap

_HEADINGS = frozenset(
    map(
        folded,
        (
            *("email", "e-mail", "mail", "email address", "e-mail address", "work email", "business email"),
            *("primary email", "e-mail-adresse", "mailadresse", "courriel", "adresse e-mail", "adresse électronique"),
            *("correo", "correo electrónico", "indirizzo e-mail"),
        ),
    )
)
_ADDRESS = regex.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\"]+")


def read_emails(path: Path, columns: ColumnMap | None = None) -> dict[str, str]:
    """The addresses of a file; whoever has none is left out. Raises ContentRefused with every fault."""
    faults = FaultList()
    layout = columns or ColumnMap()
    known = Recognising(columns, both=True)
    lines = lines_of(path, known, layout, faults)
    faults.raise_if_any()
    cells = lines.header.cells if lines.header else ()
    ids = [index for index, cell in enumerate(cells) if known.field(cell) == "employee_id"]
    mails = [index for index, cell in enumerate(cells) if folded(cell) in _HEADINGS]
    for found, what in ((ids, "employee id"), (mails, "e-mail address")):
        if len(found) != 1:
            message = f"{'no' if not found else 'more than one'} column holds the {what}."
            faults.add(Place(str(path)), message, "Name just one so in the line of headings.")
    faults.raise_if_any()
    read: dict[str, str] = {}
    for line in lines.below:
        employee_id, address = read_id(_cell(line, ids[0]), layout.digits), _cell(line, mails[0])
        if address and not _ADDRESS.fullmatch(address):
            faults.add(line.place(mails[0]), f'"{short(address)}" is no e-mail address.', "Mend it, or empty the cell.")
        elif address and read.setdefault(employee_id, address) != address:
            message = f'the employee id "{short(employee_id)}" has two addresses.'
            faults.add(line.place(ids[0]), message, "Keep one of the two lines.")
    faults.raise_if_any()
    return read


def _cell(line: Line, index: int) -> str:
    return read_cell(line.cells[index], of_sheet=bool(line.sheet)) if index < len(line.cells) else ""
