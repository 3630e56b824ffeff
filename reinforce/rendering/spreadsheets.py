"""Tables as files that spreadsheets open. No cell of theirs is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from openpyxl import Workbook

from reinforce.domain.texts.spreadsheet_cells import harmless


def csv_bytes(table: Sequence[Sequence[str]]) -> bytes:
    """The table as CSV in UTF-8, with the mark by which Excel knows it."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in table)
    return out.getvalue().encode("utf-8-sig")


def workbook_bytes(table: Sequence[Sequence[str]], title: str) -> bytes:
    """The table as a workbook of one sheet. Every cell is a text, so ids keep their zeros; a text that begins like a
    formula bears the mark that keeps it one when it is edited."""
    book = Workbook(write_only=False)
    sheet = book.create_sheet(title[:31], 0)
    del book[book.sheetnames[-1]]
    for number, row in enumerate(table, start=1):
        for column, text in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            cell.value = text or None
            if text:
                cell.data_type = "s"
                cell.number_format = "@"
                cell.quotePrefix = harmless(text) != text
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
