"""The verbs of enrollments, dates, holds and absences, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reinforce.bootstrap import House
from reinforce.cli.house import main_group
from reinforce.settings import Settings
from tests.actions.planning.conftest import MONDAY, _prepare
from tests.databases import copy_sqlite, migrate


def with_course(database: Any) -> None:
    """The example cohort with eight people, in a workspace's database."""
    migrate(database)
    _prepare(database)


@pytest.fixture
def house(tmp_path: Path) -> House:
    opened = House(Settings(workspace=tmp_path / "workspace"))
    opened.settings.workspace.mkdir(mode=0o700)
    copy_sqlite(opened.settings.workspace / "reinforce.db", with_course)
    opened.make(rehearsal=True)
    opened.clock.step_to(MONDAY)
    opened.close()
    return opened


def typed(house: House, *words: str) -> Result:
    return CliRunner().invoke(main_group, ["--workspace", str(house.settings.workspace), *words])


def told(house: House, *words: str) -> Any:
    result = typed(house, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_enrollments_are_listed_moved_and_taken_back(house: House) -> None:
    assert {one["state"] for one in told(house, "enrollment", "list", "press")} == {"enrolled"}
    withdrawn = typed(house, "enrollment", "withdraw", "press", "E-1", "E-2")
    assert "E-1: enrolled → withdrawn in press" in withdrawn.output
    assert typed(house, "enrollment", "withdraw", "press", "E-1").output == "1 were so already.\n"
    back = told(house, "enrollment", "re-enroll", "press", "E-1")
    assert [(one["was"], one["state"]) for one in back] == [("withdrawn", "enrolled")]
    assert told(house, "enrollment", "complete", "press", "E-3")[0]["state"] == "completed"
    shown = told(house, "enrollment", "show", "E-2")
    assert shown["enrollments"][0]["cause"] == "person"
    assert "E-1" in typed(house, "enrollment", "list", "press", "--state", "enrolled").output
    refused = typed(house, "enrollment", "withdraw", "press", "E-77")
    assert refused.exit_code == 1
    assert "E-77 is not in press" in refused.stderr
    assert typed(house, "enrollment", "move", "E-1", "--from", "press", "--to", "press").exit_code == 1


def test_dates_are_set_all_or_none_and_what_is_told_of_them_is_listed(house: House) -> None:
    assert "Nothing: give it dates" in typed(house, "enrollment", "updates", "press").output
    made = told(
        house, "cohort", "set", "press", "--closes", "2026-03-20", "--starts", "2026-03-23", "--ends", "2026-05-29"
    )
    assert (made["closes_on"], made["ends_on"]) == ("2026-03-20", "2026-05-29")
    rows = told(house, "enrollment", "updates", "press")
    assert [one["update"] for one in rows] == ["days_left", "start", "halfway", "completion"]
    assert {one["state"] for one in rows} == {"to come"}
    refused = typed(house, "cohort", "set", "press", "--respond-hours", "2", "--ends", "2026-03-01")
    assert "would end before it starts" in refused.stderr
    assert told(house, "cohort", "set", "press")["respond_hours"] == 8.0
    assert told(house, "cohort", "set", "press", "--ends", "none", "--no-updates")["ends_on"] is None
    assert told(house, "enrollment", "updates", "press") == []
    assert typed(house, "cohort", "set", "press", "--ends", "soon").exit_code == 2


def test_holds_and_absences_are_planned_listed_and_lifted(house: House) -> None:
    assert "No hold" in typed(house, "hold", "list").output
    made = told(
        house, "hold", "add", "press", "--from", "2026-03-09", "--until", "2026-03-13", "--reason", "works shutdown"
    )
    number = str(made["hold"]["id"])
    assert told(house, "hold", "list")[0]["reason"] == "works shutdown"
    plan = told(house, "plan", "press", "--days", "14")
    held = [one for one in plan if "on hold: works shutdown" in one["reason"]]
    assert held
    assert {one["form"] for one in held} == {"quiet"}
    assert typed(house, "hold", "add", "press", "--until", "2026-03-10").exit_code == 1
    assert "press goes on" in typed(house, "hold", "lift", number).output
    assert told(house, "hold", "list", "press") == []

    assert "Nobody is away" in typed(house, "absence", "list").output
    number = str(told(house, "absence", "add", "E-1", "--until", "2026-03-06")["id"])
    away = [one for one in told(house, "enrollment", "list") if one["away_until"]]
    assert [(one["employee_id"], one["away_until"]) for one in away] == [("E-1", "2026-03-06")]
    assert "count again" in typed(house, "absence", "lift", number).output
    assert typed(house, "absence", "add", "E-1", "--until", "2026-03-01").exit_code == 1
