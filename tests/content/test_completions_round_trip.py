"""What is exported changes nothing when it is read back, whatever ids, names and states there are."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from reinforce.content.roster_file import read_roster
from reinforce.domain.cohort import Cause, EnrollmentState, Learner
from reinforce.domain.enrolling.column_map import ColumnMap, DateOrder
from reinforce.domain.enrolling.completions import Completion, mapped_table, plain_table
from reinforce.domain.enrolling.roster_changes import Known, RosterChange, weigh
from reinforce.domain.texts.canonical_text import nfc
from reinforce.rendering.spreadsheets import csv_bytes, workbook_bytes

TODAY = date(2026, 6, 1)
DAYS = st.dates(date(2026, 1, 1), TODAY)
_SIGNS = "=+-@'\";,|#0123456789 ABCÄßé安"
# As a roster stores them: NFC, white space folded, something in it; no number that would be read as a decimal.
TEXTS = st.text(_SIGNS, min_size=1, max_size=12).map(lambda text: nfc(" ".join(text.split()))).filter(bool)
IDS = TEXTS.filter(lambda text: not any(sign in text for sign in ",."))


@st.composite
def completions(draw: st.DrawFn) -> tuple[Completion, ...]:
    ids = draw(st.lists(IDS, min_size=1, max_size=5, unique_by=str.casefold))
    rows = []
    for one in ids:
        state, since = draw(st.sampled_from(list(EnrollmentState))), draw(DAYS)
        reached = {EnrollmentState.COMPLETED: draw(DAYS)} if draw(st.booleans()) else {}
        joined = since - timedelta(days=draw(st.integers(0, 30)))
        rows.append(Completion(one, draw(TEXTS), state, since, joined, reached, draw(st.booleans()), role="operator"))
    return tuple(rows)


def stored(row: Completion, cause: Cause) -> Known:
    learner = Learner(1, row.employee_id, row.name, "", row.zone, row.role, None, stopped=False, linked=row.linked)
    return Known(learner, row.state, cause, row.team)


@settings(max_examples=25)
@given(completions(), st.sampled_from(list(DateOrder)), st.sampled_from([Cause.ROSTER, Cause.PERSON]), st.booleans())
def test_what_is_exported_changes_nothing(
    rows: tuple[Completion, ...], order: DateOrder, cause: Cause, mapped: bool
) -> None:
    columns = ColumnMap(
        {"employee_id": "PN", "last_name": "Wer", "left_on": "Weg", "completed_on": "Fertig", "state": "Wie"},
        completed=("Geschafft",),
        dates=order,
    )
    table = mapped_table(rows, columns) if mapped else plain_table(rows)
    # A sheet is slow to make: the texts of one are those of the other.
    kinds = {".csv": csv_bytes(table)} | ({".xlsx": workbook_bytes(table, "x")} if len(rows) == 1 else {})
    with tempfile.TemporaryDirectory() as folder:
        for ending, content in kinds.items():
            path = Path(folder) / f"r{ending}"
            path.write_bytes(content)
            read = read_roster(path, columns if mapped else None)
            assert [one.employee_id for one in read] == [one.employee_id for one in rows]
            for one, row in zip(read, rows, strict=True):
                line = weigh(one, stored(row, cause), TODAY, move=True)
                assert (line.change, line.fields) == (RosterChange.UNCHANGED, ()), line
