"""The workbook that `reinforce template` writes blank and `reinforce draft` with drafts: one nugget a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from reinforce.content.sheet_layout import (
    CHOICES,
    EXAMPLE,
    GUIDE,
    HEADINGS,
    HINTS,
    NUGGETS,
    PROCEDURE,
    PROCEDURE_FIELDS,
    WORDINGS,
)
from reinforce.domain.authoring.drafting import MARK
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.texts.wording import LIMIT

ROWS = 500
_WIDE = {*WORDINGS, "ask", "explanation", *HINTS}
_HEAD = PatternFill("solid", fgColor="1F3A5F")
_TOO_LONG = PatternFill("solid", bgColor="F8CBAD")
_OPEN = PatternFill("solid", bgColor="FFE699")

_GUIDE = (
    "Fill in the sheets Procedure and Nuggets, save, then: reinforce load THIS-FILE.xlsx --dry-run",
    "",
    "One row of Nuggets is one thing to remember. It needs a title and at least one wording.",
    "Give each nugget four wordings or more. X refuses a text it has seen lately, so they take turns; say the same "
    "thing in other words: as a fact, a reason, a small story, an if-then.",
    f"A wording has at most {LIMIT} characters; cells turn red when it is too long. Leave links out: they make a post "
    "thirteen times as expensive. No handles (@name): nobody is mentioned without having agreed to it.",
    "Question: choices A to D with the letter of the right one under Correct; or an Answer (several accepted ones "
    "separated by semicolons); or a number under Answer with how far off one may be under Tolerance.",
    "Explanation is what the reveal says after the answer: why it is so.",
    "Requires: slugs of nuggets that must be known first, separated by semicolons.",
    "Audience: roles as in your roster, separated by semicolons. Empty: everyone.",
    "The slug keeps a nugget's memory when you load the file again. Leave it empty and it is made from the title; then "
    "don't change the title later.",
    "Confidentiality: internal (the default) or public. An internal nugget is never posted on a public account.",
    "Don't use formulas; they are not read. The sheets Read me and Example are not read either.",
)

_EXAMPLES: tuple[Mapping[str, str | float], ...] = (
    {
        "slug": "own-lock",
        "title": "Everyone hangs their own lock",
        "topic": "locks",
        "importance": 2,
        "source_step": "Step 6",
        "wording_1": "Six people inside the machine, six locks on the hasp. Yours is the one that speaks for you.",
        "wording_2": "A lock stands for one person. If you work in the machine, yours hangs there too.",
        "wording_3": "Why not share one lock? Because the last one out might not be the last one in.",
        "wording_4": "Before you reach in: can you see your own lock, with your own name on it?",
        "ask": "Four people work on one press. How many personal locks hang on it?",
        "answer": 4,
        "tolerance": 0,
        "hint_1": "Count people, not energy sources.",
        "explanation": "Each lock protects the person who holds its key. A shared one protects nobody in particular.",
    },
    {
        "slug": "try-out",
        "title": "Try to start it before you touch it",
        "topic": "verification",
        "importance": 3,
        "requires": "own-lock",
        "source_step": "Step 7",
        "wording_1": "Locked is a claim. Pressing start and seeing nothing move is proof. Then set it back to off.",
        "wording_2": "Last step before hands go in: try the start button. Nothing happens? Switch back to neutral.",
        "wording_3": "The breaker next to it has been locked by mistake before. The start button would have told.",
        "wording_4": "If you have not tried to start it, you do not know that it is off.",
        "ask": "All sources are locked. What comes before the work begins?",
        "choice_a": "Tell the supervisor",
        "choice_b": "Try to start it",
        "choice_c": "Take off the guards",
        "correct": "B",
        "explanation": "Only a try shows that the right source was locked and nothing is stored.",
    },
)


def write_template(path: Path) -> None:
    """Write the blank workbook to `path`, over what is there. Raises OSError if it can't be written."""
    write_workbook(path, {}, (), ())


def write_workbook(
    path: Path, about: Mapping[str, str], rows: Sequence[Mapping[str, str | float]], before: Sequence[str]
) -> None:
    """Write a workbook with what is known: `about` and `rows` by the fields of sheet_layout, `before` as lines above
    the guide. Raises OSError if it can't be written."""
    book = Workbook()
    guide = book.active
    assert isinstance(guide, Worksheet)
    guide.title = GUIDE
    _write_guide(guide, before)
    _write_procedure(book.create_sheet(PROCEDURE), about)
    _write_table(book.create_sheet(NUGGETS), rows)
    _write_table(book.create_sheet(EXAMPLE), _EXAMPLES)
    book.active = book[PROCEDURE]
    book.save(path)


def _write_guide(sheet: Worksheet, before: Sequence[str]) -> None:
    sheet.column_dimensions["A"].width = 110
    for number, line in enumerate((*before, *_GUIDE), start=1):
        cell = sheet.cell(number, 1)
        _put(cell, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet["A1"].font = Font(bold=True)


def _put(cell: Cell | MergedCell, value: str | float | None) -> None:
    """A text stays one, whatever it begins with: a "=" from a stranger's document makes no formula."""
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"


def _write_procedure(sheet: Worksheet, about: Mapping[str, str]) -> None:
    for column, width in (("A", 18), ("B", 50), ("C", 80)):
        sheet.column_dimensions[column].width = width
    for number, (key, (label, advice)) in enumerate(PROCEDURE_FIELDS.items(), start=1):
        sheet.cell(number, 1, label).font = Font(bold=True)
        sheet.cell(number, 3, advice).font = Font(italic=True, color="7F7F7F")
        sheet.cell(number, 2).number_format = "@"
        _put(sheet.cell(number, 2), about.get(key))
        if key == "confidentiality":
            _offer(sheet, f"B{number}", list(Confidentiality))
        if key == "importance":
            _bound(sheet, f"B{number}")


def _write_table(sheet: Worksheet, rows: Sequence[Mapping[str, str | float]]) -> None:
    for column, (key, heading) in enumerate(HEADINGS.items(), start=1):
        letter = get_column_letter(column)
        head = sheet.cell(1, column, heading)
        head.font, head.fill = Font(bold=True, color="FFFFFF"), _HEAD
        sheet.column_dimensions[letter].width = 44 if key in _WIDE else 24 if key in CHOICES else 14
        for number, row in enumerate(rows, start=2):
            cell = sheet.cell(number, column)
            _put(cell, row.get(key))
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        _guard_column(sheet, key, letter)
    sheet.freeze_panes = "C2"


def _guard_column(sheet: Worksheet, key: str, letter: str) -> None:
    cells = f"{letter}2:{letter}{ROWS}"
    # The first rule that fits paints: what is still to be written, then what is too long.
    still_open = Rule(
        type="expression", dxf=DifferentialStyle(fill=_OPEN), formula=[f'LEFT({letter}2,4)="{MARK}"'], stopIfTrue=True
    )
    sheet.conditional_formatting.add(cells, still_open)
    if key in WORDINGS:
        rule = Rule(type="expression", dxf=DifferentialStyle(fill=_TOO_LONG), formula=[f"LEN({letter}2)>{LIMIT}"])
        sheet.conditional_formatting.add(cells, rule)
    elif key == "confidentiality":
        _offer(sheet, cells, list(Confidentiality))
    elif key == "correct":
        _offer(sheet, cells, list("ABCD"))
    elif key == "importance":
        _bound(sheet, cells)


def _offer(sheet: Worksheet, cells: str, words: list[str]) -> None:
    choice = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
    choice.error = f"One of: {', '.join(words)}"
    sheet.add_data_validation(choice)
    choice.add(cells)


def _bound(sheet: Worksheet, cells: str) -> None:
    number = DataValidation(type="decimal", operator="between", formula1="0.1", formula2="10", allow_blank=True)
    number.error = "A number from 0.1 to 10"
    sheet.add_data_validation(number)
    number.add(cells)
