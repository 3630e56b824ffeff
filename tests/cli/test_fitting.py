"""`reinforce fit`: what it prints, what it writes, and how it refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, select

import reinforce.cli  # noqa: F401 - adds the verbs
from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.enroll import enroll
from reinforce.actions.authoring.load import load_files
from reinforce.bootstrap import House
from reinforce.cli.house import main_group
from reinforce.domain.cohort import RosterRow
from reinforce.domain.nugget import Confidentiality
from reinforce.settings import read_settings
from reinforce.store import tables as t
from reinforce.store.accounts import accounts

REPOSITORY = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 2, 7, 55, tzinfo=UTC)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two cohorts: "press" learns what was answered 2,400 times, "cell" what nobody answered."""
    folder = tmp_path_factory.mktemp("cli") / "workspace"
    house = House(read_settings(folder))
    house.make(rehearsal=False)
    with house.database.write() as connection:
        accounts.add_account(
            connection,
            name="practice",
            base_url="http://127.0.0.1:9",
            confidentiality=Confidentiality.INTERNAL,
            protected=True,
        )
    examples = REPOSITORY / "examples"
    load_files(
        house.database, [examples / "lockout.yaml", examples / "incident.yaml"], dry_run=False, actor="test", now=NOW
    )
    for slug, procedure in (("press", "lockout"), ("cell", "incident")):
        new = NewCohort(slug, slug, "practice", (procedure,), zone="Europe/Berlin")
        create_cohort(house.database, new, house.schedule("cohort-adaptive"), actor="test", now=NOW)
    rows = [RosterRow(f"E-{n}", f"Person{n} Surname{n}", role="maintenance", line=n) for n in range(1, 11)]
    enroll(house.database, "press", rows, actor="test", now=NOW)
    _answer(house)
    house.close()
    return folder


def _answer(house: House) -> None:
    draw = np.random.default_rng(1)
    with house.database.write() as connection:
        procedure = connection.execute(select(t.procedure.c.id).where(t.procedure.c.slug == "lockout")).scalar_one()
        nuggets = connection.execute(select(t.nugget.c.id).where(t.nugget.c.procedure_id == procedure)).scalars().all()
        learners = connection.execute(select(t.learner.c.id)).scalars().all()
        each = -(-2_400 // (len(nuggets) * len(learners)))
        rows = [
            {
                "learner_id": learner,
                "nugget_id": nugget,
                "rating": 3 if draw.random() < 0.35 else 1,
                "evidence": "answer",
                "guess": 0.02,
                "nugget_revision": 1,
                "at": NOW + timedelta(days=float(4 * turn + draw.uniform(0, 3))),
            }
            for learner in learners
            for nugget in nuggets
            for turn in range(each)
        ]
        connection.execute(insert(t.review), rows)


def _run(workspace: Path, *words: str) -> Result:
    return CliRunner().invoke(main_group, ["--workspace", str(workspace), *words])


def test_a_dry_run_shows_both_losses_and_draws_the_plot(workspace: Path, tmp_path: Path) -> None:
    picture = tmp_path / "calibration.svg"
    done = _run(workspace, "fit", "press", "--dry-run", "--svg", str(picture))
    assert done.exit_code == 0, done.output
    assert "without --dry-run" in done.stdout
    assert all(word in done.stdout for word in ("log loss", "RMSE(bins)", "in force", "fitted", str(picture)))
    drawn = ET.parse(picture).getroot()
    assert len(drawn.findall("{http://www.w3.org/2000/svg}polyline")) == 3
    assert not _json(workspace, "--dry-run")["kept"]


def test_a_fit_is_kept_and_a_reset_takes_it_back(workspace: Path) -> None:
    found = _json(workspace)
    described = (REPOSITORY / "docs" / "how-to" / "fit-memory.md").read_text("utf-8")
    assert [key for key in (*found, *found["trial"], *found["trial"]["after"]) if f"`{key}`" not in described] == []
    assert found["kept"]
    assert found["trial"]["after"]["log_loss"] < found["trial"]["before"]["log_loss"]
    assert len(found["trial"]["weights"]) == 21
    back = _json(workspace, "--reset")
    assert back["version_before"] == found["version"]
    assert back["version"] == found["version_before"]


def test_too_few_answers_are_said_to_be(workspace: Path) -> None:
    done = _run(workspace, "fit", "cell")
    assert done.exit_code == 0
    assert "0 graded answers are too few" in done.stdout


def test_what_cannot_be_is_refused(workspace: Path, tmp_path: Path) -> None:
    assert _run(workspace, "fit", "press", "--reset", "--dry-run").exit_code == 2
    unknown = _run(workspace, "fit", "pres")
    assert unknown.exit_code == 1
    assert "press" in unknown.output
    unwritable = _run(workspace, "fit", "press", "--dry-run", "--svg", str(tmp_path / "none" / "plot.svg"))
    assert unwritable.exit_code == 1
    assert "cannot be written" in unwritable.output


def _json(workspace: Path, *words: str) -> dict[str, Any]:
    done = _run(workspace, "fit", "press", "--json", *words)
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.stdout)
    return dict(found)
