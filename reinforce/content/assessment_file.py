"""Results of an assessment outside, as CSV: an employee id and a score or whether they passed.

They are read for one report and kept nowhere.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from reinforce.content.marks import FaultList, Place
from reinforce.content.plain_text import read_text
from reinforce.content.scalars import as_flag, as_number, short
from reinforce.domain.reporting.programme_report import Assessed

MOST_ROWS = 50_000
_COLUMNS = {
    "employee_id": {"employee_id", "employee id", "employee", "employee number", "personnel number", "staff id", "id"},
    "score": {"score", "result", "points", "percent", "per cent", "%"},
    "passed": {"passed", "pass", "pass/fail", "status"},
}
_WORDS = {"passed": True, "pass": True, "failed": False, "fail": False}


def read_assessment(path: Path) -> Mapping[str, Assessed]:
    """The results by employee id. Raises ContentRefused with every fault of the file."""
    faults = FaultList()
    found = _read(read_text(path), str(path), faults)
    faults.raise_if_any()
    return found


def _read(text: str, file: str, faults: FaultList) -> dict[str, Assessed]:
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns = _columns(next(lines, []))
    if "employee_id" not in columns or not {"score", "passed"} & columns.keys():
        advice = "Begin with a line such as employee_id,score or employee_id,passed."
        faults.add(Place(file), "its first line names no employee id, or neither a score nor passed.", advice)
        return {}
    found: dict[str, Assessed] = {}
    for cells in lines:
        place = Place(file, lines.line_num)
        if not any(cell.strip() for cell in cells):
            continue
        if len(found) == MOST_ROWS:
            faults.add(place, f"there are more than {MOST_ROWS:,} results.", "Split the file up.")
            break
        values = {name: cells[column].strip() if column < len(cells) else "" for name, column in columns.items()}
        employee_id = values["employee_id"]
        if not employee_id:
            faults.add(place, "the employee id is missing.", "Fill it in, or take the line out.")
        elif employee_id in found:
            faults.add(place, "this employee id stands there twice.", "Keep one of the two results.")
        else:
            found[employee_id] = _result(values, place, faults)
    if not found and not len(faults):
        faults.add(Place(file), "no result follows the headings.", "Add one person a line.")
    return found


def _columns(header: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for column, heading in enumerate(header):
        for name, known in _COLUMNS.items():
            if heading.strip().lstrip("\ufeff").casefold() in known:
                found.setdefault(name, column)
    return found


def _result(values: Mapping[str, str], place: Place, faults: FaultList) -> Assessed:
    score, passed = values.get("score", ""), values.get("passed", "")
    number = as_number(score.removesuffix("%")) if score else None
    if score and (number is None or not 0 <= number <= 100):
        faults.add(place, f'"{short(score)}" is no score.', "Write a number from 0 to 100.")
    flag = _WORDS.get(passed.casefold(), as_flag(passed)) if passed else None
    if passed and flag is None:
        faults.add(place, f'"{short(passed)}" does not say whether they passed.', "Write yes or no.")
    return Assessed(number, flag)
