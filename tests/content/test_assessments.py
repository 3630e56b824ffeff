"""Results of an assessment, as files have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from reinforce.content.assessment_file import read_assessment
from reinforce.domain.errors import ContentRefused
from reinforce.domain.reporting.programme_report import Assessed


def test_scores_and_passes_are_read_as_an_lms_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text("Employee ID;Name;Score;Passed\nE-1;Somebody;85 %;yes\nE-2;;40;Failed\nE-3;;;pass\n", "utf-8")

    assert read_assessment(path) == {
        "E-1": Assessed(85.0, True),
        "E-2": Assessed(40.0, False),
        "E-3": Assessed(None, True),
    }


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name,score\nA,1\n", 1, "names no employee id"),
        ("employee_id,score\n", 1, "no result follows"),
        ("employee_id,score\nE-1,120\n", 2, "is no score"),
        ("employee_id,score\nE-1,50\nE-1,60\n", 3, "stands there twice"),
        ("employee_id,passed\nE-1,maybe\n", 2, "does not say whether they passed"),
        ("employee_id,passed\n,yes\n", 2, "the employee id is missing"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / "results.csv"
    path.write_text(text, "utf-8")

    with pytest.raises(ContentRefused) as refused:
        read_assessment(path)

    (fault,) = refused.value.faults
    assert fault.line == line
    assert words in fault.message
