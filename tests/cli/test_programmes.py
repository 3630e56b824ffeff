"""Programmes from the command line: checked, loaded, started, held, resumed, stopped, finished, reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reinforce.bootstrap import House
from reinforce.cli.house import main_group
from reinforce.domain.sending.outbox import State
from reinforce.settings import Settings
from reinforce.store.operating import audit
from reinforce.store.people.cohorts import cohort_by_slug
from reinforce.store.sending import outbox
from tests.actions.programmes.conftest import PROGRAMME, write_programme
from tests.cli.test_quizzing import a_cohort
from tests.databases import copy_sqlite

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Desk:
    """A workspace, and a person who types."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "workspace"
        self.house = House(Settings(workspace=self.workspace))
        self.house.clock.step_to(MONDAY)
        self.workspace.mkdir(parents=True, exist_ok=True, mode=0o700)
        copy_sqlite(self.workspace / "reinforce.db", a_cohort)
        self.house.make(rehearsal=False)

    def say(self, *words: str, fails: bool = False) -> str:
        result = CliRunner().invoke(main_group, ["--workspace", str(self.workspace), *words])
        assert (result.exit_code != 0) == fails, result.output
        return result.output

    def json(self, *words: str) -> Any:
        return json.loads(self.say(*words, "--json"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.house.close()


def test_a_programme_from_its_file_to_its_report(desk: Desk, tmp_path: Path) -> None:
    file = write_programme(tmp_path / "files", PROGRAMME.replace("hashtag", "hash_tag"))
    assert f"{file}:" in desk.say("programme", "load", str(file), fails=True)
    file = write_programme(tmp_path / "files")
    assert "No programme yet" in desk.say("programme", "list")
    assert "No fault" in desk.say("programme", "check", str(file))
    assert desk.json("programme", "load", str(file), "--dry-run")["change"] == "added"
    assert "press-line: added" in desk.say("programme", "load", str(file))
    assert desk.json("programme", "load", str(file))["change"] == "unchanged"
    assert desk.json("programme", "show", "press-line")["phases"][1]["from_day"] == 8

    start = ("programme", "start", "press-line", "--cohort", "press-shop", "--from", "2026-03-09")
    foretold = desk.json(*start, "--dry-run")
    assert [one["problem"] for one in foretold["items"]] == ["", "", "", ""]
    assert "has passed" in desk.say(*start[:-1], "2026-02-09", fails=True)
    assert "starts on press-shop on 2026-03-09" in desk.say(*start)
    assert "runs on press-shop already" in desk.say(*start, fails=True)
    run = desk.json("programme", "show", "press-line", "--cohort", "press-shop")
    assert [one["first_day"] for one in run["phases"]] == ["2026-03-09", "2026-03-16", "2026-03-30"]
    assert "programme press-line: not begun, then before from 2026-03-09" in desk.say("cohort", "show", "press-shop")

    hold = ("programme", "hold", "press-shop", "--from", "2026-03-17", "--until", "2026-03-18", "--shift")
    assert desk.json(*hold)["moved_days"] == 7
    assert desk.json("programme", "resume", "press-shop")["moved_days"] == -7
    assert "is not on hold" in desk.say("programme", "resume", "press-shop", fails=True)
    assert "it begins on" in desk.say("programme", "finish", "press-shop", "--early", fails=True)

    page, results = tmp_path / "report.html", tmp_path / "results.csv"
    results.write_text("employee_id,passed\nE-1,yes\n", "utf-8")
    words = ("programme", "report", "press-shop", "--assessment", str(results), "--compare", "pollers")
    said = desk.say(*words, "--html", str(page))
    assert "Estimated by the model" in said
    assert "no proof of a cause" in page.read_text("utf-8")
    assert desk.json(*words)["claims_a_cause"] is False

    assert "goes on as before it" in desk.say("programme", "stop", "press-shop")
    assert "no programme runs on press-shop" in desk.say("programme", "stop", "press-shop", fails=True)
    assert "stopped" in desk.say("programme", "show", "press-line")
    with desk.house.database.read() as connection:
        told = [(one.verb, one.actor) for one in audit.entries(connection) if one.verb.startswith("programme.")]
        assert cohort_by_slug(connection, "press-shop").schedule == "cohort-adaptive"
        assert outbox.items(connection, states=[State.PLANNED]) == ()
    assert [verb for verb, _ in told] == [
        "programme.load",
        "programme.start",
        "programme.shift",
        "programme.shift",
        "programme.stop",
    ]
    assert all(actor.startswith("uid/") for _, actor in told)
    assert desk.house.clock.now() - MONDAY < timedelta(minutes=5)
