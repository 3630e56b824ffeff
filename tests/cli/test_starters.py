"""Programmes to begin from: each is written by a verb, and loads and starts as it was written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.load import load_files
from reinforce.actions.programmes.load_programme import load_programme
from reinforce.actions.programmes.start_programme import preview_start
from reinforce.bootstrap import House
from reinforce.cli.house import main_group
from reinforce.content.course_file import read_course
from reinforce.content.programme_file import read_programme
from reinforce.content.roster_file import read_roster
from reinforce.domain.nugget import Confidentiality
from reinforce.placing import foretell
from reinforce.settings import Settings
from reinforce.shipped import shipped
from reinforce.store.accounts import accounts
from tests.databases import SqliteShelf, migrate

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STARTERS = ("onboarding", "safety-refresh", "seminar-follow-up", "software-release", "sop-rollout")


def test_without_arguments_the_starters_are_listed() -> None:
    listed = CliRunner().invoke(main_group, ["new", "--json"])

    assert tuple(one["starter"] for one in json.loads(listed.output)) == STARTERS


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, sqlite_shelf: SqliteShelf) -> Iterator[House]:
    """A workspace with a protected account that nobody calls."""
    with sqlite_shelf.open(migrate) as database:
        made = House(Settings(workspace=tmp_path_factory.mktemp("workspace"), database_url="sqlite://"))
        made.database = database
        made.clock.step_to(MONDAY)
        with database.write() as connection:
            accounts.add_account(
                connection,
                name="acme",
                base_url="http://127.0.0.1:1",
                handle="acme_learn",
                remote_user_id=7,
                confidentiality=Confidentiality.INTERNAL,
            )
        yield made
        made.close()


@pytest.mark.parametrize("starter", STARTERS)
def test_a_starter_loads_and_can_be_started_as_it_is(starter: str, tmp_path: Path, house: House) -> None:
    name, place, database = f"my-{starter}", tmp_path / "mine", house.database
    written = CliRunner().invoke(main_group, ["new", name, "--from", starter, "--folder", str(place)])
    assert written.exit_code == 0, written.output
    assert f"reinforce programme start {name}-programme --cohort {name}" in written.output
    assert not [file for file in place.iterdir() if "starter-name" in file.read_text("utf-8")]

    report = load_files(database, (place / f"{name}.yaml",), dry_run=False, actor="test", now=MONDAY)
    assert [one.slug for one in report.procedures] == [name]
    new = NewCohort(name, "Mine", "acme", (name,), zone="Europe/Berlin")
    cohort = create_cohort(database, new, house.schedule("cohort-adaptive"), actor="test", now=MONDAY)
    enroll(database, name, read_roster(place / f"{name}-roster.csv"), actor="test", now=MONDAY)
    programme = read_programme(place / f"{name}-programme.yaml", shipped("schedules"))
    load_programme(database, programme, actor="test", now=MONDAY)
    dates = preview_start(database, f"{name}-programme", name, date(2026, 3, 9), now=MONDAY)

    assert [one.problem for one in foretell(house, programme, cohort, dates) if one.problem] == []
    for course in place.glob("*-course.md"):
        assert read_course(course).slug == f"{name}-course"


def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    arguments = ["new", "mine", "--from", "onboarding", "--folder", str(tmp_path)]
    assert CliRunner().invoke(main_group, arguments).exit_code == 0

    again = CliRunner().invoke(main_group, arguments)
    assert again.exit_code == 1
    assert "is there already" in again.output
    misspelt = CliRunner().invoke(main_group, ["new", "mine", "--from", "onbording"])
    assert 'Did you mean "onboarding"?' in misspelt.output
