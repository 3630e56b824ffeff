"""`reinforce forecast` and `reinforce report`: what they print, what they write, and how they refuse."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

import reinforce.cli  # noqa: F401 - adds the verbs
from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.load import load_files
from reinforce.bootstrap import House
from reinforce.cli.house import main_group
from reinforce.domain.nugget import Confidentiality
from reinforce.settings import read_settings
from reinforce.store.accounts import accounts

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a cohort of which nobody is enrolled yet."""
    folder = tmp_path_factory.mktemp("cli") / "workspace"
    house = House(read_settings(folder))
    house.make(rehearsal=False)
    now = datetime(2026, 3, 2, 7, 55, tzinfo=UTC)
    with house.database.write() as connection:
        accounts.add_account(
            connection,
            name="practice",
            base_url="http://127.0.0.1:9",
            confidentiality=Confidentiality.INTERNAL,
            protected=True,
        )
    load_files(house.database, [REPOSITORY / "examples" / "lockout.yaml"], dry_run=False, actor="test", now=now)
    new = NewCohort("press", "Press shop", "practice", ("lockout",), zone="Europe/Berlin")
    create_cohort(house.database, new, house.schedule("cohort-adaptive"), actor="test", now=now)
    house.close()
    return folder


def _run(workspace: Path, *words: str) -> Result:
    return CliRunner().invoke(main_group, ["--workspace", str(workspace), *words])


def test_the_json_has_what_the_reference_says_and_the_picture_is_written(workspace: Path, tmp_path: Path) -> None:
    picture = tmp_path / "forecast.svg"
    done = _run(workspace, "forecast", "press", "--days", "3", "--json", "--svg", str(picture))
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    described = (REPOSITORY / "docs" / "reference" / "forecast.md").read_text("utf-8")
    keys = {*found, *found["nuggets"][0], *found["cadence"], *found["cadence"]["tried"][0], *found["learners"]}
    assert [key for key in sorted(keys) if f"`{key}`" not in described] == []
    assert set(found["cost"]) == {
        *("posts", "reveals", "links", "reads"),
        *("posts_micros", "reveals_micros", "links_micros", "reads_micros", "total_micros"),
    }
    assert set(found["curve"][0]) == {"at", "with", "without"}
    assert len(found["nuggets"]) == 19
    assert {one["verdict"] for one in found["nuggets"]} <= {"reached", "below", "never_posted"}
    assert ET.fromstring(picture.read_text("utf-8")).tag.endswith("svg")


def test_it_tells_a_person_all_of_it(workspace: Path) -> None:
    done = _run(workspace, "forecast", "press", "--days", "2")
    assert done.exit_code == 0, done.output
    for words in (
        "with the programme",
        "Cost: ",
        "posts a week",
        "never posted",
        "Nobody is enrolled yet",
        "without a",
    ):
        assert words in done.stdout


def test_a_report_of_nothing_says_what_it_waits_for(workspace: Path) -> None:
    assert _run(workspace, "report", "press").stdout == "No post's time for answers is over yet.\n"
    assert json.loads(_run(workspace, "report", "press", "--json").stdout) == {"cohort": "press", "styles": []}


def test_a_cohort_that_is_not_there_is_named_with_the_nearest(workspace: Path) -> None:
    done = _run(workspace, "forecast", "pres")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "there is no cohort pres" in done.stderr
    assert "press" in done.stderr


def test_a_file_that_cannot_be_written_is_told(workspace: Path, tmp_path: Path) -> None:
    done = _run(workspace, "forecast", "press", "--days", "1", "--svg", str(tmp_path / "none" / "x.svg"))
    assert done.exit_code == 1
    assert "the picture can't be written" in done.stderr
