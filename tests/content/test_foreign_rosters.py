"""Rosters as HR and learning systems export them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from reinforce.content.marks import FaultList, Place
from reinforce.content.roster_file import headings_of, read_roster, read_roster_file
from reinforce.content.roster_headings import proposed
from reinforce.content.roster_values import read_date
from reinforce.domain.cohort import EnrollmentState
from reinforce.domain.enrolling.column_map import ColumnMap, DateOrder, column_map
from reinforce.domain.errors import ContentRefused
from reinforce.domain.texts.spreadsheet_cells import as_written, harmless
from tests.conftest import REPOSITORY

LINES = "Personalnr.;Vorname;Nachname;Rolle\n00117;Jörg;Öztürk;Bedienung\n"


def faults_of(path: Path, columns: ColumnMap | None = None) -> list[str]:
    with pytest.raises(ContentRefused) as refused:
        read_roster(path, columns)
    return [str(fault).removeprefix(f"{path}:") for fault in refused.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_roster_is_read_in_whatever_encoding_it_is_written(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(LINES.encode(encoding))
    (row,) = read_roster(path)
    assert (row.employee_id, row.name, row.role) == ("00117", "Jörg Öztürk", "bedienung")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_headings_are_found_below_titles_whatever_separates_the_cells(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "r.csv"
    lines = ["Staff, as of; today", "", "Employee ID,Full name,Department", 'E-1,"Pat\nMoreau",Press', "", "E-2,Kim,"]
    path.write_text("\n".join([*lines[:2], *(line.replace(",", separator) for line in lines[2:])]))
    first, second = read_roster(path)
    assert (first.name, first.line, second.employee_id, second.line) == ("Pat Moreau", 4, "E-2", 7)


def test_the_separator_that_excel_writes_above_is_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("sep=|\r\nid|name\r\nE-1|Moreau, Pat\r\n")
    (row,) = read_roster(path)
    assert (row.name, row.line) == ("Moreau, Pat", 3)


def test_a_workbook_is_read_from_the_sheet_with_the_headings(tmp_path: Path) -> None:
    book = Workbook()
    book.create_sheet("Read me", 0)["A1"] = "How to"
    sheet = book.create_sheet("People")
    for cells in (["Staff"], [], ["Matricule", "Nom complet", "Total", "Date de sortie"]):
        sheet.append(cells)
    sheet.append([123.0, "Eva Roth", "=1+1", datetime(2026, 3, 1)])  # noqa: DTZ001 - as a spreadsheet has it
    sheet.append([7, "=Kim", None, None])
    sheet["A5"].number_format = "00000"
    sheet["B5"].data_type = "s"
    path = tmp_path / "r.xlsx"
    book.save(path)
    first, second = read_roster(path)
    assert (first.employee_id, first.name, first.left_on, first.line) == ("123", "Eva Roth", date(2026, 3, 1), 4)
    assert (second.employee_id, second.name) == ("00007", "=Kim")


def test_a_formula_or_a_fault_in_a_sheet_names_its_cell(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet("People", 0)
    for cells in (["id", "name", "zone"], ["E-1", '="Pat"', "CEST"]):
        sheet.append(cells)
    path = tmp_path / "r.xlsx"
    book.save(path)
    told = faults_of(path)
    assert any(one.startswith("People!B2: this cell holds a formula.") for one in told)
    assert any(one.startswith('People!C2: "CEST" is no time zone.') for one in told)
    book.copy_worksheet(sheet).title = "Old"
    book.save(path)
    assert 'several sheets could be the roster: "People", "Old". Say which: --sheet NAME.' in faults_of(path)[0]
    assert "there is no sheet" in faults_of(path, ColumnMap({"employee_id": "id", "name": "name"}, sheet="New"))[0]


def test_a_map_says_what_headings_and_words_mean(tmp_path: Path) -> None:
    path = REPOSITORY / "examples" / "hr-export.csv"
    assert 'the column "employee_id" is missing' in faults_of(path)[0]
    layout = ColumnMap({"employee_id": "pn"})
    headings = headings_of(path, layout)
    columns = {"employee_id": "PN", **{k: v for k, v in proposed(headings).items() if k != "employee_id"}}
    there = ColumnMap(columns, fixed={"zone": "Europe/Berlin"}, withdrawn=("Ruhend",), dates=DateOrder.DAY_FIRST)
    read = read_roster_file(path, column_map(there.content()))
    assert [(row.employee_id, row.name, row.state) for row in read.rows] == [
        ("00117", "Jörg Öztürk", None),
        ("00118", "Ana Núñez", None),
        ("00119", "Lea Schäfer", EnrollmentState.WITHDRAWN),
    ]
    assert read.rows[1].left_on == date(2027, 12, 31)
    assert {row.zone for row in read.rows} == {"Europe/Berlin"}
    assert "PN → employee id" in read.told()
    assert "not read: Kostenstelle" in read.told()
    without = ColumnMap({"employee_id": "PN", "name": "Nachname", "team": "Schicht"})
    assert 'the column "Schicht" is missing' in faults_of(path, without)[0]


def test_what_a_file_says_by_words_of_its_own_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("id,name,status,completion date\n1,Eva,Parked,02.03.2026\n2,Kim,Left,soon\n")
    told = faults_of(path)
    assert any('what the state "Parked" means is not known. Say so with --present' in one for one in told)
    assert any('"02.03.2026" could be two dates.' in one for one in told)
    assert any('"soon" is no date.' in one for one in told)


def test_ids_get_their_zeros_back_where_the_map_says_how_long_they_are(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("id,name\n123.0,Eva\nX7,Kim\n")
    assert [row.employee_id for row in read_roster(path)] == ["123", "X7"]
    columns = ColumnMap({"employee_id": "id", "name": "name"}, digits=5)
    assert [row.employee_id for row in read_roster(path, columns)] == ["00123", "X7"]


@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)), st.sampled_from(list(DateOrder)))
def test_a_date_is_read_as_it_was_written_or_told_to_be_doubtful(day: date, order: DateOrder) -> None:
    shape = {DateOrder.DAY_FIRST: "%d.%m.{}", DateOrder.MONTH_FIRST: "%m/%d/{}"}.get(order)
    text = day.isoformat() if shape is None else day.strftime(shape.format(f"{day.year:04}"))
    faults = FaultList()
    assert read_date(f"{text} 08:15", order, Place("x"), faults) == day
    assert not faults
    said = read_date(text, DateOrder.UNSAID, Place("x"), faults)
    assert said == day or faults


@given(st.text(max_size=8), st.sampled_from(["", "'", "''", "=", "'=", "\t", "-", "@"]))
def test_no_cell_is_a_formula_and_each_can_be_read_back(text: str, start: str) -> None:
    cell = harmless(start + text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert as_written(cell) == start + text


def test_years_without_centuries_and_impossible_days_are_no_dates() -> None:
    faults = FaultList()
    assert read_date("1.2.26", DateOrder.DAY_FIRST, Place("x"), faults) is None
    assert read_date("31.2.2026", DateOrder.DAY_FIRST, Place("x"), faults) is None
    assert len(faults) == 2
