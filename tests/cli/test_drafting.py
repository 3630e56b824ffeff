"""`reinforce draft` and `load` of a bank, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

import reinforce.cli  # noqa: F401 - adds the verbs
from reinforce.cli.house import main_group
from tests.content.office_files import definition, level, listing, numbered, write_word


def run(*arguments: str | Path, fails: bool = False) -> str:
    done = CliRunner().invoke(main_group, [str(one) for one in arguments])
    assert (done.exit_code != 0) == fails, done.output
    return done.output


def test_a_document_becomes_a_workbook_that_is_not_written_over(tmp_path: Path) -> None:
    document = write_word(tmp_path / "sop.docx", numbered("Lock it"), definition(1, level(0, "%1.")) + listing(1, 1))
    out = tmp_path / "sop.xlsx"
    shown = run("draft", document, "--out", out)
    assert "sop.docx, step 1" in shown
    assert "mend its 5 TODOs" in shown
    assert "is there already" in run("draft", document, "--out", out, fails=True)
    told = json.loads(run("draft", document, "--out", out, "--force", "--json"))
    assert (told["open_marks"], [one["nugget"] for one in told["nuggets"]]) == (5, ["lock-it"])
    assert "no language code" in run("draft", document, "--out", out, "--force", "--language", "xx", fails=True)
    assert ".xlsx or .yaml" in run("draft", document, "--out", tmp_path / "sop.txt", fails=True)


def test_the_name_of_a_procedure_is_for_one_bank(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("title: A\n", "utf-8")
    assert "one question bank" in run("load", path, "--procedure", "a", fails=True)
