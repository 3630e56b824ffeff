"""`reinforce plan`: a table, pages, what would be otherwise, and a kept preview."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import reinforce.cli  # noqa: F401 - adds the verbs
from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
from reinforce.actions.authoring.load import load_files
from reinforce.actions.planning.plan import plan_cohort
from reinforce.bootstrap import House
from reinforce.cli.house import main_group
from reinforce.domain.nugget import Confidentiality
from reinforce.settings import read_settings
from reinforce.store.accounts import accounts
from reinforce.store.people.cohorts import cohort_by_slug

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a cohort of which nobody is enrolled yet."""
    folder = tmp_path_factory.mktemp("plan") / "workspace"
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


def _plan(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main_group, ["--workspace", str(workspace), "plan", "press", *arguments])


def test_what_is_supposed_stands_beside_what_is_planned(workspace: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = _plan(workspace, "--days", "30", "--posts-a-week", "2", "--compare", "--html", str(page))
    assert done.exit_code == 0, done.output
    assert "days without a post" in done.stdout
    assert "at most 2 posts in seven days" in page.read_text("utf-8")
    both = json.loads(_plan(workspace, "--days", "30", "--posts-a-week", "2", "--compare", "--json").stdout)
    assert both["supposed"]["posts"] < both["as_it_is"]["posts"]
    assert both["supposed"]["typical"]


def test_a_kept_preview_is_read_back_and_another_s_is_refused(workspace: Path, tmp_path: Path) -> None:
    kept, only, ics = (tmp_path / name for name in ("kept.json", "calendar.html", "plan.ics"))
    done = _plan(workspace, "--days", "14", "--save", str(kept), "--calendar", str(only), "--ics", str(ics))
    assert done.exit_code == 0, done.output
    assert b"STATUS:TENTATIVE" in ics.read_bytes()
    assert "Day by day" not in only.read_text("utf-8")
    assert _plan(workspace, "--against", str(kept)).stdout == "0 of 0 slots came as foreseen.\n"
    kept.write_text(kept.read_text("utf-8").replace('"press"', '"other"'), "utf-8")
    refused = _plan(workspace, "--against", str(kept))
    assert refused.exit_code == 1
    assert "is a preview of other" in refused.stderr


def test_a_place_that_can_t_be_written_is_told(workspace: Path, tmp_path: Path) -> None:
    refused = _plan(workspace, "--html", str(tmp_path / "nowhere" / "page.html"))
    assert refused.exit_code == 1
    assert "can't be written" in refused.stderr


def test_a_planned_post_is_moved_by_the_cohorts_own_clock_and_back(workspace: Path) -> None:
    house = House(read_settings(workspace))
    house.clock.step_to(datetime(2026, 3, 2, 7, 56, tzinfo=UTC))
    with house.database.read() as connection:
        cohort_id = cohort_by_slug(connection, "press").id
    planned = plan_cohort(house.database, cohort_id, house.renderer, house.tariff, now=house.clock.now()).item
    assert planned is not None
    house.close()

    def outbox(*arguments: str) -> Result:
        return CliRunner().invoke(main_group, ["--workspace", str(workspace), "outbox", *arguments])

    done = outbox("move", str(planned.id), "--to", "2026-03-02T11:30")
    assert done.exit_code == 0, done.output
    assert "goes out Mon 2 Mar 11:30 and not Mon 2 Mar 09:00." in done.output
    assert "10:30:00" in outbox("--json").output, "half past eleven in Berlin"
    refused = outbox("move", str(planned.id), "--to", "2026-03-02T19:00")
    assert refused.exit_code == 1
    assert "quiet hours" in refused.output
    back = done.output.split("reinforce ", 1)[1].split()
    assert outbox(*back[1:]).exit_code == 0
    assert outbox("cancel", str(planned.id)).output == f"post {planned.id} is cancelled.\n"
