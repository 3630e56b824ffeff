"""The verbs that look after people's data, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reinforce.bootstrap import House
from reinforce.cli.house import main_group
from reinforce.settings import Settings
from reinforce.store.session import Database
from tests.actions.privacy.conftest import Traces, fill, fill_beliefs, left_of
from tests.databases import copy_sqlite, migrate


def with_pat(database: Database) -> None:
    """Pat is in every table."""
    migrate(database)
    pat = Traces("quagga", 881_224_466_001)
    fill(database, pat)
    fill_beliefs(database, pat)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A workspace in which Pat is in every table, and a file that names them."""
    opened = House(Settings(workspace=tmp_path / "workspace"))
    opened.settings.workspace.mkdir(mode=0o700)
    copy_sqlite(opened.settings.workspace / "reinforce.db", with_pat)
    opened.make(rehearsal=False)
    pat = Traces("quagga", 881_224_466_001)
    (tmp_path / "workspace" / "old-roster.csv").write_text(f"{pat.employee_id},{pat.name}\n")
    opened.close()
    return opened


def typed(house: House, *words: str, answer: str = "") -> Result:
    """Type a verb."""
    return CliRunner().invoke(main_group, ["--workspace", str(house.settings.workspace), *words], input=answer)


def test_somebody_is_erased_only_after_the_employee_id_was_typed_once_more(house: House, tmp_path: Path) -> None:
    receipt = tmp_path / "receipt.json"
    shown = typed(house, "erase", "E-quagga", "--dry-run")
    assert "Would remove: learner 1" in shown.output
    assert "old-roster.csv" in shown.output
    refused = typed(house, "erase", "E-quagga", answer="E-other\n")
    assert refused.exit_code == 1
    assert left_of(house.database, Traces("quagga", 881_224_466_001)) != []
    done = typed(house, "erase", "E-quagga", "--receipt", str(receipt), "--json", answer="E-quagga\n")
    assert done.exit_code == 0, done.output
    told = json.loads(receipt.read_text())
    assert told["removed"]["learner"] == 1
    assert receipt.stat().st_mode & 0o077 == 0
    assert "quagga" not in receipt.read_text().lower()
    assert left_of(house.database, Traces("quagga", 881_224_466_001)) == []
    raw = b"".join(path.read_bytes() for path in house.settings.workspace.glob("reinforce.db*"))
    assert b"quagga" not in raw.lower()
    again = typed(house, "erase", "E-quagga", "--yes")
    assert again.exit_code == 1
    assert "there is nobody" in again.output
    assert "suppression list" in typed(house, "readmit", "E-quagga").output
    house.close()


def test_how_long_data_is_kept_is_shown_and_what_is_due_goes(house: House) -> None:
    rows = json.loads(typed(house, "retention", "show", "--json").output)
    assert {row["kind"]: row["days"] for row in rows}["texts"] == 30
    gone = json.loads(typed(house, "retention", "run", "--json").output)
    assert gone["invitations"] == 1
    assert "Nothing was due" in typed(house, "retention", "run").output
    house.close()
