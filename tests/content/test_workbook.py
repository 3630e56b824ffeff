"""Workbooks: the blank one loads once it is filled in, and faults name their cells."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from reinforce.content.formats import read
from reinforce.content.sheet_layout import EXAMPLE, HEADINGS, NUGGETS, PROCEDURE
from reinforce.content.workbook import write_template
from reinforce.domain.errors import ContentRefused
from reinforce.domain.nugget import Procedure, QuestionKind

COLUMN = {key: get_column_letter(n) for n, key in enumerate(HEADINGS, start=1)}
Fill = Callable[..., Path]


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """A filled-in blank: the two example rows, with cells replaced ("slug3" is the column of the slugs, row 3)."""

    def write(**cells: Any) -> Path:
        path = tmp_path / "nuggets.xlsx"
        write_template(path)
        book = load_workbook(path)
        book[PROCEDURE]["B1"], book[PROCEDURE]["B2"] = "Lockout", "Safety training"
        for row in (2, 3):
            for letter in COLUMN.values():
                book[NUGGETS][f"{letter}{row}"] = book[EXAMPLE][f"{letter}{row}"].value
        for name, value in cells.items():
            if name.startswith("P_"):
                book[PROCEDURE][name.removeprefix("P_")] = value
            else:
                book[NUGGETS][f"{COLUMN[name[:-1]]}{name[-1]}"] = value
        book.save(path)
        return path

    return write


def _faults(path: Path) -> list[str]:
    with pytest.raises(ContentRefused) as refused:
        read(path)
    assert all(fault.advice for fault in refused.value.faults)
    return [f"{fault.cell or fault.line}: {fault.message}" for fault in refused.value.faults]


def test_the_blank_workbook_filled_in_is_a_procedure(fill: Fill) -> None:
    procedure = read(fill(P_B8=date(2026, 12, 1), P_B5="Operator; Maintenance"))
    assert isinstance(procedure, Procedure)
    assert (procedure.slug, procedure.title, str(procedure.assessment)) == ("nuggets", "Lockout", "2026-12-01")
    assert procedure.audience == ("operator", "maintenance")
    first, second = procedure.nuggets
    assert (first.slug, first.importance, len(first.wordings)) == ("own-lock", 2.0, 4)
    assert first.question is not None
    assert (first.question.kind, first.question.accepted) == (QuestionKind.NUMBER, ("4",))
    assert second.prerequisites == ("own-lock",)
    assert second.question is not None
    assert [(option.key, option.correct) for option in second.question.options] == [
        ("A", False),
        ("B", True),
        ("C", False),
    ]


def test_the_blank_workbook_itself_says_where_to_begin(tmp_path: Path) -> None:
    write_template(tmp_path / "nuggets.xlsx")
    assert _faults(tmp_path / "nuggets.xlsx") == [
        'Procedure!B1: "title" is empty.',
        "Nuggets!A2: there are no nuggets.",
        'Procedure!B2: "owner" is empty.',
    ]


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"slug3": "own-lock"}, 'Nuggets!A3: the slug "own-lock" stands here again; it is taken by Nuggets!A2.'),
        ({"slug2": "Own Lock"}, 'Nuggets!A2: "Own Lock" can\'t be a "slug".'),
        ({"title3": None}, 'Nuggets!A3: a nugget needs "title".'),
        ({"importance2": "high"}, 'Nuggets!D2: "importance" must be a number, not "high".'),
        ({"requires3": "own-lok"}, 'Nuggets!E3: "requires" names "own-lok", which is no nugget of this procedure.'),
        (
            {"requires2": "try-out"},
            "Nuggets!E2: nuggets require each other in a circle: own-lock → try-out → own-lock.",
        ),
        ({"confidentiality2": "secret"}, 'Nuggets!I2: "confidentiality" can\'t be "secret".'),
        ({"wording_22": "x" * 281}, "Nuggets!K2: the text counts 281 characters for X; 280 fit."),
        ({"wording_22": "安" * 141}, "Nuggets!K2: the text counts 282 characters for X; 280 fit."),
        ({"wording_22": "Ask @pat_m."}, "Nuggets!K2: the text mentions @pat_m."),
        ({"wording_12": "=A1"}, "Nuggets!J2: this cell holds a formula."),
        ({"correct3": "E"}, 'Nuggets!W3: the right choice can\'t be "E".'),
        ({"correct3": "AB"}, 'Nuggets!W3: the right choice can\'t be "AB".'),
        ({"correct3": None}, "Nuggets!S3: no choices are marked as correct."),
        ({"correct2": "A"}, "Nuggets!W2: there are no choices to be right."),
        ({"choice_b3": None}, "Nuggets!U3: choice B is empty, a later one is not."),
        ({"ask3": None}, 'Nuggets!S3: a question needs "ask".'),
        ({"answer2": "four"}, 'Nuggets!X2: the answer "four" is no number.'),
        ({"answer3": "B"}, 'Nuggets!X3: a question has "choices" or "answer", not both.'),
        ({"P_B4": "english"}, 'Procedure!B4: "english" is no language code.'),
        ({"P_B8": "soon"}, 'Procedure!B8: "assessment" must be a date, not "soon".'),
        ({"P_B1": None}, 'Procedure!B1: "title" is empty.'),
        ({"P_A3": "Slugg"}, 'Procedure!A3: "Slugg" is not asked for here.'),
    ],
)
def test_a_fault_names_its_cell(fill: Fill, cells: dict[str, Any], fault: str) -> None:
    assert fault in _faults(fill(**cells))


def test_faults_of_several_cells_are_told_at_once(fill: Fill) -> None:
    told = _faults(fill(importance2="high", correct3="E", P_B4="english", wording_13="=A1"))
    assert [fault.split(":")[0] for fault in told] == ["Nuggets!D2", "Nuggets!J3", "Nuggets!W3", "Procedure!B4"]


def _rewritten(path: Path, change: Callable[[Workbook], None]) -> Path:
    book = load_workbook(path)
    change(book)
    book.save(path)
    return path


def test_sheets_and_headings_that_went_missing_are_named(fill: Fill) -> None:
    assert _faults(_rewritten(fill(), lambda book: book.remove(book[NUGGETS]))) == [
        'Nuggets: there is no sheet "Nuggets".'
    ]

    def retitle(book: Workbook) -> None:
        book[NUGGETS]["B1"] = "Titel"
        book[NUGGETS]["C1"] = "Slug"
        book[NUGGETS]["AZ2"] = "stray"

    assert _faults(_rewritten(fill(), retitle))[:4] == [
        'Nuggets!A1: the heading "Title" is missing.',
        'Nuggets!B1: "Titel" is no heading.',
        'Nuggets!C1: the heading "Slug" stands here again.',
        'Nuggets!A2: a nugget needs "title".',
    ]


def test_a_wording_may_hold_line_breaks_and_outer_space_is_dropped(fill: Fill) -> None:
    procedure = read(fill(wording_12="  Lock first.\r\nThen try. "))
    assert procedure.nuggets[0].wordings[0].text == "Lock first.\nThen try."


def test_numbers_dates_and_flags_in_text_cells_read_as_they_show(fill: Fill) -> None:
    procedure = read(fill(source_step2=6, source_step3=7.5, wording_12=True))
    assert [nugget.source_step for nugget in procedure.nuggets] == ["6", "7.5"]
    assert procedure.nuggets[0].wordings[0].text == "yes"


def _zip(parts: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return raw.getvalue()


def test_files_that_are_no_sound_workbook_are_told_apart(tmp_path: Path, fill: Fill) -> None:
    good = fill().read_bytes()
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    cases = {
        "text": (b"title: Lockout\n", "this is no workbook"),
        "empty": (b"", "this is no workbook"),
        "cut": (good[:-2000], "this is no workbook"),
        "old": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "an old Excel file (.xls), or one with a password"),
        "huge": (_zip({"xl/workbook.xml": b" " * 61_000_000}), "61 MB unpacked"),
        "many": (_zip({f"part{n}": b"" for n in range(600)}), "600 parts"),
        "entities": (_zip(parts | {"xl/workbook.xml": bomb + parts["xl/workbook.xml"]}), "declares XML entities"),
        "other zip": (_zip({"readme.txt": b"hello"}), "the workbook is damaged"),
        "half": (_zip(parts | {"xl/worksheets/sheet2.xml": b"<worksheet"}), "the workbook is damaged"),
    }
    for name, (raw, message) in cases.items():
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(raw)
        (fault,) = _faults(path)
        assert message in fault, name


def test_a_workbook_without_end_is_not_read_to_it(fill: Fill) -> None:
    def stretch(book: Workbook) -> None:
        book[NUGGETS]["A2500"] = "far-down"
        book[NUGGETS]["BZ3"] = "far-right"

    told = _faults(_rewritten(fill(), stretch))
    assert told[0].startswith("Nuggets!BZ3: there is more here than 2,000 rows or 60 columns")


def test_reading_a_workbook_warns_of_nothing(fill: Fill) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(fill())
