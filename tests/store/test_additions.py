"""A nugget that a colleague brought in: held to what a file is held to, and not lost when the file is loaded again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reinforce.actions.authoring.load import load_files
from reinforce.content.added_nugget import read_added
from reinforce.content.nugget_entry import Inherited
from reinforce.domain.errors import Conflict, ContentRefused
from reinforce.domain.nugget import Confidentiality, Nugget, Origin, StoredNugget
from reinforce.store.authoring import nuggets
from reinforce.store.authoring.additions import add_nugget
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
INHERITED = Inherited("en", Confidentiality.INTERNAL)


def load(database: Database, folder: Path, *slugs: str) -> dict[str, str]:
    """Load a procedure of these nuggets; what became of each."""
    items = "".join(f"  - {{slug: {slug}, title: {slug}, wordings: ['About {slug}.']}}\n" for slug in slugs)
    path = folder / "lockout.yaml"
    path.write_text(f"title: Lockout\nowner: EHS\nnuggets:\n{items}", "utf-8")
    report = load_files(database, [path], dry_run=False, actor="test", now=NOW)
    return {one.slug: one.change.value for one in report.procedures[0].nuggets}


def tip(title: str = "Tag the lock", *wordings: str) -> Nugget:
    return read_added({"title": title, "wordings": wordings or ["Write your name on the tag first."]}, INHERITED)


def add(database: Database, nugget: Nugget, inbound_id: int = 1) -> StoredNugget:
    with database.write() as connection:
        procedure = nuggets.procedure_by_slug(connection, "lockout")
        return add_nugget(connection, procedure, nugget, Origin.TIP, inbound_id, NOW)


def live(database: Database) -> list[str]:
    with database.read() as connection:
        procedure = nuggets.procedure_by_slug(connection, "lockout")
        return [one.slug for one in nuggets.procedure_nuggets(connection, procedure.id)]


def test_it_stands_behind_the_others_and_outlives_the_next_load(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, "a", "b")
    assert add(database, tip()).wordings[0].text == "Write your name on the tag first."
    assert live(database) == ["a", "b", "tag-the-lock"]
    assert load(database, tmp_path, "a", "c") == {"a": "unchanged", "c": "added", "b": "retired"}
    assert sorted(live(database)) == ["a", "c", "tag-the-lock"]


def test_once_the_file_has_it_the_file_can_retire_it(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, "a")
    add(database, tip())
    assert load(database, tmp_path, "a", "tag-the-lock")["tag-the-lock"] == "changed"
    assert load(database, tmp_path, "a")["tag-the-lock"] == "retired"


def test_neither_a_slug_nor_a_text_nor_a_reply_serves_twice(database: Database, tmp_path: Path) -> None:
    load(database, tmp_path, "a")
    add(database, tip())
    with pytest.raises(Conflict, match="has a nugget tag-the-lock already"):
        add(database, tip("Tag the lock", "Something else."), 2)
    with pytest.raises(Conflict, match="stands in the procedure already, in a"):
        add(database, tip("Another", "About a."), 2)
    with pytest.raises(Conflict, match="has become the nugget lockout/tag-the-lock already"):
        add(database, tip("Another", "Something else."), 1)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"title": "", "wordings": ["One."]}, "title"),
        ({"title": "T", "wordings": []}, "wordings"),
        ({"title": "T", "wordings": ["x" * 281]}, "281 characters"),
        ({"title": "T", "wordings": ["Ask @kim."]}, "mentions @kim"),
        ({"title": "T", "wordings": ["One."], "requires": ["a"]}, "requires"),
        ({"title": "T", "wordings": ["One."], "question": {"ask": "How many?"}}, "needs choices or an answer"),
    ],
)
def test_it_is_refused_as_a_file_would_be(values: Any, fault: str) -> None:
    with pytest.raises(ContentRefused) as refused:
        read_added(values, INHERITED)
    assert any(fault in str(one) for one in refused.value.faults)
