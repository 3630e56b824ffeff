"""The verbs of rosters, as they are typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from reinforce.bootstrap import House
from reinforce.cli.house import main_group
from reinforce.settings import Settings
from reinforce.store import tables as t
from tests.actions.planning.conftest import MONDAY
from tests.cli.test_enrolling import told, typed, with_course
from tests.conftest import REPOSITORY
from tests.databases import copy_sqlite


@pytest.fixture
def house(tmp_path: Path) -> House:
    opened = House(Settings(workspace=tmp_path / "workspace"))
    opened.settings.workspace.mkdir(mode=0o700)
    copy_sqlite(opened.settings.workspace / "reinforce.db", with_course)
    opened.make(rehearsal=True)
    opened.clock.step_to(MONDAY)
    opened.close()
    return opened


def roster(path: Path, numbers: Any, name: str = "Person{0} Surname{0}") -> str:
    path.write_text("\n".join(["id,name", *(f"E-{n},{name.format(n)}" for n in numbers)]))
    return str(path)


def test_a_column_map_is_made_from_a_file_shown_used_and_taken_out(house: House) -> None:
    file = str(REPOSITORY / "examples" / "hr-export.csv")
    assert "No column map yet" in typed(house, "columns", "list").output
    assert 'the column "employee_id" is missing' in typed(house, "enroll", "press", file).stderr
    words = ("columns", "save", "hr", file, "--set", "employee_id=PN", "--withdrawn", "Ruhend", "--dates", "dmy")
    preview = typed(house, *words, "--preview")
    assert "Preview: nothing was kept." in preview.output
    assert told(house, "columns", "list") == []
    saved = typed(house, *words, "--fixed", "zone=Europe/Berlin")
    assert "3 learners of hr-export.csv read: PN → employee id" in saved.output
    assert "not read: Kostenstelle" in saved.output
    shown = told(house, "columns", "show", "hr")
    assert shown["columns"]["last_name"] == "Nachname"
    assert (shown["withdrawn"], shown["dates"], shown["fixed"]) == (["Ruhend"], "dmy", {"zone": "Europe/Berlin"})
    assert 'always "Europe/Berlin"' in typed(house, "columns", "show", "hr").output
    enrolled = typed(house, "enroll", "press", file, "--columns", "hr")
    assert "press: 2 added, 1 left out" in enrolled.output
    assert "PN → employee id" in typed(house, "columns", "list").output
    assert "hr is out" in typed(house, "columns", "remove", "hr").output
    assert "there is no column map hr" in typed(house, "enroll", "press", file, "--columns", "hr").stderr
    for wrong in (("--set", "employee_id=Nr"), ("--set", "shoe=PN"), ("--fixed", "name=Pat"), ("--set", "name=PN")):
        assert typed(house, "columns", "save", "hr", file, "--set", "employee_id=PN", *wrong).exit_code == 1, wrong


def test_who_leaves_is_shown_before_it_is_done_and_can_be_taken_back(house: House, tmp_path: Path) -> None:
    file = roster(tmp_path / "r.csv", range(1, 7))
    shown = typed(house, "enroll", "press", file, "--full", "--preview")
    assert "left (2):\n  on no line: E-7" in shown.output
    assert "2 of 8 would leave: you will be asked (--yes-they-leave).\nPreview: nothing" in shown.output
    refused = typed(house, "enroll", "press", file, "--full")
    assert "2 of 8 learners would leave press; nothing was changed" in refused.stderr
    assert "--yes-they-leave" in refused.stderr
    done = told(house, "enroll", "press", file, "--full", "--yes-they-leave")
    assert sum(line["change"] == "left" for line in done["lines"]) == 2
    assert len(told(house, "enrollment", "list", "press", "--state", "withdrawn")) == 2
    assert "2 are back where they were" in typed(house, "enroll", "press", "--undo").output
    assert told(house, "enrollment", "list", "press", "--state", "withdrawn") == []
    assert typed(house, "enroll", "press").exit_code == 2
    renamed = typed(house, "enroll", "press", roster(tmp_path / "n.csv", [1], "Eva Roth"))
    assert 'E-1 Eva Roth name "Person1 Surname1" → "Eva Roth"' in renamed.output
    undone = typed(house, "enroll", "press", "--undo").output
    assert "0 are back where they were" in undone
    assert "Names, handles, zones, roles and teams stay" in undone


def test_what_is_exported_changes_nothing_when_it_comes_back(house: House, tmp_path: Path) -> None:
    typed(house, "enroll", "press", roster(tmp_path / "more.csv", [20, 21, 22]))
    typed(house, "enrollment", "complete", "press", "E-1")
    typed(house, "enrollment", "withdraw", "press", "E-2")
    with house.database.write() as connection:
        odd = update(t.learner).where(t.learner.c.employee_id == "E-3")
        connection.execute(odd.values(employee_id="=3+4", name="'@Kim"))
    house.close()
    out = tmp_path / "out.csv"
    assert "11 enrollments of press written" in typed(house, "enrollment", "export", "press", "--out", str(out)).output
    assert out.stat().st_mode & 0o777 == 0o600
    text = out.read_text("utf-8-sig")
    assert "\n'=3+4,''@Kim,enrolled," in text.replace("\r", "")
    assert "E-2,Person2 Surname2,withdrawn,2026-03-02," in text
    assert text.splitlines()[-1].endswith(",linked")
    assert "E-20,Person20 Surname20,invited" in text
    assert "not linked" in text
    assert "is there already" in typed(house, "enrollment", "export", "press", "--out", str(out)).stderr
    sheet = tmp_path / "out.xlsx"
    typed(house, "enrollment", "export", "press", "--out", str(sheet))
    assert load_workbook(sheet).active["A2"].value == "=3+4"  # type: ignore[index]
    for file in (out, sheet):
        again = told(house, "enroll", "press", str(file), "--full", "--move")
        assert {line["change"] for line in again["lines"]} == {"unchanged"}, file
        assert not [line for line in again["lines"] if line["fields"]]
    file = REPOSITORY / "examples" / "hr-export.csv"
    typed(house, "columns", "save", "hr", str(file), "--set", "employee_id=PN", "--withdrawn", "Ruhend")
    mapped = tmp_path / "hr.csv"
    typed(house, "enrollment", "export", "press", "--out", str(mapped), "--columns", "hr", "--since", "2026-03-01")
    assert mapped.read_text("utf-8-sig").splitlines()[0] == "PN,Vorname,Nachname,Tätigkeit,Status,Austritt"
    assert "E-2,,Person2 Surname2,maintenance,Ruhend,2026-03-01" in mapped.read_text("utf-8-sig")
    again = told(house, "enroll", "press", str(mapped), "--columns", "hr", "--full")
    assert {line["change"] for line in again["lines"]} == {"unchanged"}
    assert typed(house, "enrollment", "export", "press", "--out", str(tmp_path / "x.pdf")).exit_code == 1
    nobody = typed(house, "enrollment", "export", "press", "--out", str(tmp_path / "n.csv"), "--since", "2027-01-01")
    assert nobody.output.startswith("0 enrollments")


def test_addresses_go_from_a_file_into_the_mail_merge_and_nowhere_else(house: House, tmp_path: Path) -> None:
    typed(house, "enroll", "press", roster(tmp_path / "r.csv", [30, 31]))
    mails, out = tmp_path / "mails.csv", tmp_path / "i.csv"
    mails.write_text("Staff\n\nMatricule;Courriel\nE-30;pat@acme.example\nE-31;\nE-99;kim@acme.example\n")
    assert "no column holds" in typed(house, "invite", "press", "--emails", str(mails)).stderr
    mails.write_text("Matricule;Courriel\nE-30;pat@acme.example\nE-31;nobody\nE-30;other@acme.example\n")
    told_of = typed(house, "invite", "press", "--emails", str(mails)).stderr
    assert '"nobody" is no e-mail address' in told_of
    assert '"E-30" has two addresses' in told_of
    mails.write_text("Matricule;Courriel\nE-30;pat@acme.example\nE-31;\n")
    assert "2 invitations written" in typed(house, "invite", "press", "--emails", str(mails), "--out", str(out)).output
    first, second = out.read_text("utf-8-sig").splitlines()[1:]
    assert first.startswith("E-30,Person30 Surname30,pat@acme.example,,")
    assert second.startswith("E-31,Person31 Surname31,,,")
    with house.database.read() as connection:
        assert "acme.example" not in repr(connection.execute(select(t.learner)).all())


def test_every_roster_verb_says_what_it_does() -> None:
    assert {"enroll", "columns", "invite", "digest"} <= set(main_group.commands)
