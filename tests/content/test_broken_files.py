"""Every broken file gets its own message with its place, and leaves the database as it was."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from sqlalchemy import insert, inspect, select

from reinforce.actions.authoring.enroll import Terms, enroll
from reinforce.actions.authoring.load import load_files
from reinforce.content.formats import read
from reinforce.content.roster_file import read_roster
from reinforce.domain.cohort import Answers
from reinforce.domain.errors import ContentRefused
from reinforce.domain.nugget import Confidentiality
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.people import cohorts
from reinforce.store.session import Database
from reinforce.store.tables.full_text import is_full_text

BAD = Path(__file__).parent / "bad"
EXAMPLES = Path(__file__).parent.parent.parent / "examples"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EXPECTED: dict[str, list[str]] = YAML(typ="safe").load((BAD / "expected.yaml").read_text("utf-8"))
FILES = sorted(path.name for path in BAD.iterdir() if path.name != "expected.yaml")


def _reader(path: Path) -> Callable[[Path], object]:
    return read_roster if path.suffix == ".csv" else read


def test_the_table_names_every_broken_file() -> None:
    assert sorted(EXPECTED) == FILES
    assert len(FILES) >= 30


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_told_everything_that_is_broken_and_what_to_do(name: str) -> None:
    with pytest.raises(ContentRefused) as refused:
        _reader(BAD / name)(BAD / name)
    told = [f"{fault.line}:{fault.column}: {fault.message}" for fault in refused.value.faults]
    assert told == EXPECTED[name]
    assert all(fault.advice.endswith((".", "?", '"', "…", "ROSTER")) for fault in refused.value.faults)
    assert all(fault.file == str(BAD / name) for fault in refused.value.faults)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    for name in ("huge.yaml", "huge.csv"):
        path = tmp_path / name
        path.write_bytes(b"title: x\n" * 400_000)
        with pytest.raises(ContentRefused, match="1 fault") as refused:
            _reader(path)(path)
        assert "the file has 3.6 MB; at most 2 MB are read" in str(refused.value.faults[0])


def test_a_cell_of_a_megabyte_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("employee_id,name\nE-1,Pat\nE-2," + "x" * 1_000_000 + "\n", "utf-8")
    with pytest.raises(ContentRefused) as refused:
        read_roster(path)
    assert [fault.line for fault in refused.value.faults] == [3]


def test_a_missing_file_a_folder_and_a_strange_ending_are_told_apart(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path / "none.yaml", "there is no such file"),
        (tmp_path, "can't be read from a file that ends in"),
        (tmp_path / "steps.pdf", 'ends in ".pdf"'),
    ):
        with pytest.raises(ContentRefused) as refused:
            read(path)
        assert message in str(refused.value.faults[0])


def logical_dump(database: Database) -> dict[str, Any]:
    """Schema and rows of every table."""
    dump: dict[str, Any] = {}
    with database.read() as connection:
        inspector = inspect(connection)
        for table in t.metadata.sorted_tables:
            columns = [(column["name"], str(column["type"])) for column in inspector.get_columns(table.name)]
            rows = sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            dump[table.name] = (columns, rows)
        # The index of words is made from the passages, which are here.
        assert dump.keys() == {name for name in inspector.get_table_names() if not is_full_text(name)}
    return dump


@pytest.fixture
def stocked(database: Database) -> Database:
    """A database with a procedure, a cohort and learners in it."""
    load_files(database, [EXAMPLES / "lockout.yaml"], dry_run=False, actor="test", now=NOW)
    with database.write() as connection:
        account = accounts.add_account(
            connection, name="acme", base_url="http://127.0.0.1:1", confidentiality=Confidentiality.PUBLIC
        )
        values = {"name": "s", "content": {"name": "s"}, "content_hash": "", "loaded_at": NOW}
        schedule_id = connection.execute(insert(t.schedule).values(**values).returning(t.schedule.c.id)).scalar_one()
        procedure_id = connection.execute(select(t.procedure.c.id)).scalar_one()
        cohorts.create(connection, draft(account.id, schedule_id), [procedure_id], NOW)
    enroll(database, "press-shop", read_roster(EXAMPLES / "lockout-roster.csv"), actor="test", now=NOW)
    return database


def draft(account_id: int, schedule_id: int) -> cohorts.CohortDraft:
    """A cohort called press-shop."""
    return cohorts.CohortDraft(
        slug="press-shop",
        title="Press shop",
        account_id=account_id,
        schedule_id=schedule_id,
        zone="Europe/Berlin",
        language="en",
        country="DE",
        answers=Answers.REPLIES,
        starts_on=None,
        assessment=None,
    )


def _take_in(database: Database, good: Path, path: Path) -> None:
    if path.suffix == ".csv":
        enroll(database, "press-shop", read_roster(path), actor="test", now=NOW)
    else:
        load_files(database, [good, path], dry_run=False, actor="test", now=NOW)


def test_no_broken_file_leaves_a_trace_in_the_database(stocked: Database, tmp_path: Path) -> None:
    good = tmp_path / "good.yaml"
    good.write_text("title: T\nowner: O\nnuggets: [{title: A, wordings: x}]\n", "utf-8")
    before = logical_dump(stocked)
    for name in FILES:
        path = BAD / name
        with pytest.raises(ContentRefused):
            _take_in(stocked, good, path)
    assert logical_dump(stocked) == before


def test_a_dry_run_leaves_no_trace_either(stocked: Database) -> None:
    before = logical_dump(stocked)
    load_files(stocked, [EXAMPLES / "incident.yaml"], dry_run=True, actor="test", now=NOW)
    rows = read_roster(EXAMPLES / "incident-roster.csv")
    enroll(stocked, "press-shop", rows, actor="test", now=NOW, terms=Terms(preview=True))
    assert logical_dump(stocked) == before


def test_faults_of_several_files_are_told_at_once(database: Database) -> None:
    names = ("tab-indentation.yaml", "bad-slug.yaml", "latin-1.yaml")
    with pytest.raises(ContentRefused) as refused:
        load_files(database, [BAD / name for name in names], dry_run=False, actor="test", now=NOW)
    assert {Path(fault.file).name for fault in refused.value.faults} == set(names)
    assert str(refused.value) == "3 faults found; nothing was loaded."


def test_two_files_of_one_procedure_are_refused(database: Database, tmp_path: Path) -> None:
    copy = tmp_path / "copy.yaml"
    copy.write_bytes((EXAMPLES / "lockout.yaml").read_bytes())
    with pytest.raises(ContentRefused) as refused:
        load_files(database, [EXAMPLES / "lockout.yaml", copy], dry_run=False, actor="test", now=NOW)
    assert 'the procedure "lockout" is in' in refused.value.faults[0].message
