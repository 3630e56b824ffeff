"""Procedures as workbooks (docs/reference/workbook.md): a sheet for the procedure, a sheet with one nugget a row.

Rows become the tree of marks that a YAML file becomes, and go through the same reader: a workbook can hold what a file
can (less wordings' styles and languages), and its faults name the cell.
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from collections.abc import Sequence
from pathlib import Path

import regex

from reinforce.content.blank_workbook import write_template
from reinforce.content.marks import FaultList, Listing, Mapping, Marked, Place, Scalar
from reinforce.content.procedure_file import procedure_from
from reinforce.content.scalars import did_you_mean, short, slug_of
from reinforce.content.sheet_layout import (
    CHOICES,
    HEADINGS,
    HINTS,
    NUGGETS,
    PROCEDURE,
    PROCEDURE_FIELDS,
    WORDINGS,
)
from reinforce.content.sheets import Row, read_sheets
from reinforce.domain.errors import ContentRefused
from reinforce.domain.nugget import Procedure

__all__ = ["read_workbook", "write_template"]

_FROM_HEADING = {heading.casefold(): key for key, heading in HEADINGS.items()}
_FROM_LABEL = {label.casefold(): key for key, (label, _) in PROCEDURE_FIELDS.items()}
_LISTS = {"requires": r"[;,\n]", "tags": r"[;,\n]", "audience": r"[;,\n]", "answer": r"[;\n]"}
_NEEDED = ("title", "owner")
_LETTERS = "ABCD"


def read_workbook(path: Path) -> Procedure:
    """The procedure in a workbook. Raises ContentRefused with every fault, each naming its cell."""
    faults = FaultList()
    sheets = read_sheets(path, (PROCEDURE, NUGGETS), faults)
    missing = [name for name in (PROCEDURE, NUGGETS) if name not in sheets]
    for name in missing:
        advice = "Keep the sheets as `reinforce template` wrote them."
        faults.add(Place(str(path), 1, 1, name), f'there is no sheet "{name}".', advice)
    if missing:
        raise ContentRefused(faults.faults)
    node = _procedure(path, sheets[PROCEDURE], sheets[NUGGETS], faults)
    procedure = procedure_from(node, slug_of(path.stem), faults, path.parent)
    faults.raise_if_any()
    return procedure


def _procedure(path: Path, about: Sequence[Row], table: Sequence[Row], faults: FaultList) -> Mapping:
    entries: dict[str, tuple[Scalar, Marked]] = {}
    for row in about:
        if not row:
            continue
        label, value = row.get(0), row.get(1)
        key = _FROM_LABEL.get(_folded(label)) if label else None
        if label is not None and key is None:
            labels = [name for name, _ in PROCEDURE_FIELDS.values()]
            faults.add(label, f'"{short(label.text)}" is not asked for here.', did_you_mean(label.text, labels))
        elif label is not None and key is not None and (value is not None or key in _NEEDED):
            entries[key] = (_key(key, label.place), _listed(key, value or _empty_beside(label)))
    top = Place(str(path), 1, 1, f"{PROCEDURE}!A1")
    rows = _nuggets(path, table, faults)
    place = rows[0].place if rows else Place(str(path), 2, 1, f"{NUGGETS}!A2")
    entries["nuggets"] = (_key("nuggets", place), Listing(tuple(rows), place))
    return Mapping(tuple(entries.values()), top)


def _empty_beside(label: Scalar) -> Scalar:
    """The empty cell to the right of a label, so that what is missing is reported where it belongs."""
    here = label.place
    return Scalar("", Place(here.file, here.line, 2, f"{PROCEDURE}!B{here.line}"), plain=False)


def _nuggets(path: Path, table: Sequence[Row], faults: FaultList) -> list[Mapping]:
    if not table or not table[0]:
        place = Place(str(path), 1, 1, f"{NUGGETS}!A1")
        faults.add(place, "the headings are missing.", "Keep the first row as `reinforce template` wrote it.")
        raise ContentRefused(faults.faults)
    columns = _columns(table[0], faults)
    return [_Row(columns, row, faults).nugget() for row in table[1:] if row]


def _columns(header: Row, faults: FaultList) -> dict[int, str]:
    columns: dict[int, str] = {}
    for index, cell in header.items():
        key = _FROM_HEADING.get(_folded(cell))
        if key is None:
            faults.add(cell, f'"{short(cell.text)}" is no heading.', did_you_mean(cell.text, list(HEADINGS.values())))
        elif key in columns.values():
            faults.add(cell, f'the heading "{short(cell.text)}" stands here again.', "Keep one of the two columns.")
        else:
            columns[index] = key
    for key in ("title", WORDINGS[0]):
        if key not in columns.values():
            place = next(iter(header.values())).place
            faults.add(place, f'the heading "{HEADINGS[key]}" is missing.', "Put it back into the first row.")
    return columns


class _Row:
    """One row as the mapping that a nugget is in YAML."""

    def __init__(self, columns: Map[int, str], row: Row, faults: FaultList) -> None:
        self._place = next(iter(row.values())).place
        self._faults = faults
        self._cells: dict[str, Scalar] = {}
        for index, cell in row.items():
            if index in columns:
                self._cells[columns[index]] = cell
            else:
                faults.add(cell, "this cell stands under no heading.", "Move it, or delete it.")

    def nugget(self) -> Mapping:
        plain = ("slug", "title", "topic", "importance", "source_step", "confidentiality", "requires", "tags", "image")
        entries: list[tuple[str, Marked]] = [
            (key, _listed(key, self._cells[key])) for key in (*plain, "alt", "audience") if key in self._cells
        ]
        entries += self._listing("wordings", WORDINGS)
        question = self._question()
        if question is not None:
            entries.append(("question", question))
        return _mapping(entries, self._place)

    def _question(self) -> Mapping | None:
        keys = ("ask", "answer", "tolerance", "explanation")
        entries = [(key, _listed(key, self._cells[key])) for key in keys if key in self._cells]
        entries += self._choices()
        entries += self._listing("hints", HINTS)
        if not entries:
            return None
        return _mapping(entries, min(value.place for _, value in entries))

    def _listing(self, key: str, columns: Sequence[str]) -> list[tuple[str, Marked]]:
        cells = [self._cells[column] for column in columns if column in self._cells]
        return [(key, Listing(tuple(cells), cells[0].place))] if cells else []

    def _choices(self) -> list[tuple[str, Marked]]:
        cells = [self._cells.get(column) for column in CHOICES]
        filled = [cell for cell in cells if cell is not None]
        correct = self._cells.get("correct")
        if not filled:
            if correct is not None:
                self._faults.add(correct, "there are no choices to be right.", "Fill in the choices, or empty this.")
            return []
        for letter, cell in zip(_LETTERS, cells[: len(filled)], strict=False):
            if cell is None:
                self._faults.add(filled[-1], f"choice {letter} is empty, a later one is not.", "Close the gap.")
        letter = correct.text.strip().upper().rstrip(".)") if correct else ""
        if correct is not None and (len(letter) != 1 or letter not in _LETTERS[: len(filled)]):
            allowed = ", ".join(_LETTERS[: len(filled)])
            self._faults.add(
                correct, f'the right choice can\'t be "{short(correct.text)}".', f"Write one of {allowed}."
            )
            letter = "A"  # so that it is not reported a second time as missing
        items: list[Marked] = []
        for own, cell in zip(_LETTERS, filled, strict=False):
            right = Scalar("yes", cell.place) if own == letter else None
            items.append(cell if right is None else _mapping([("text", cell), ("correct", right)], cell.place))
        return [("choices", Listing(tuple(items), filled[0].place))]


def _mapping(entries: Sequence[tuple[str, Marked]], place: Place) -> Mapping:
    return Mapping(tuple((_key(key, value.place), value) for key, value in entries), place)


def _key(name: str, place: Place) -> Scalar:
    return Scalar(name, place)


def _listed(key: str, cell: Scalar) -> Marked:
    """A cell that stands for a list, cut at its separators; any other as it is."""
    if key not in _LISTS:
        return cell
    parts = [part.strip() for part in regex.split(_LISTS[key], cell.text)]
    return Listing(tuple(Scalar(part, cell.place, plain=False) for part in parts if part), cell.place)


def _folded(cell: Scalar) -> str:
    return " ".join(cell.text.split()).rstrip(":*").rstrip().casefold()
