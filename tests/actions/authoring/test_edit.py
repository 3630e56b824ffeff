"""A procedure that is changed in the console: the same door as its file's, and the two don't undo each other unseen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reinforce.actions.authoring.load import EDITED, Edit, ProcedureReport, load_edit
from reinforce.content.composed_procedure import composed, without
from reinforce.content.written_procedure import written
from reinforce.domain.authoring.revision import Change
from reinforce.domain.errors import Conflict
from reinforce.domain.nugget import Origin
from reinforce.store.authoring import nuggets, revisions
from reinforce.store.authoring.present_content import PresentContent, past_content, present_content
from reinforce.store.session import Database
from tests.actions.authoring.conftest import NOW

FILE = {"a": ["Ay.", "Ei."], "b": "wordings: [Bee.]\nrequires: [c, a]", "c": ["Sea."]}


def _present(database: Database) -> PresentContent:
    with database.read() as connection:
        return present_content(connection, "lockout")


def _edit(database: Database, edit: Edit) -> ProcedureReport:
    return load_edit(database, edit, dry_run=False, actor="member/1", now=NOW)


def _retitled(present: PresentContent, slug: str) -> Edit:
    nugget = present.nugget(slug)
    assert nugget is not None
    entry = {**written(nugget, present.procedure), "title": "Otherwise"}
    return Edit(composed(present.procedure, entry, slug), present.stored.revision)


def test_a_change_in_the_console_leaves_every_other_nugget_as_it_is(database: Database, load: Any) -> None:
    load(FILE)
    report = _edit(database, _retitled(_present(database), "a"))
    assert {one.slug: one.change for one in report.nuggets} == {
        "a": Change.CHANGED, "b": Change.UNCHANGED, "c": Change.UNCHANGED,
    }  # fmt: skip
    after = _present(database)
    assert after.stored.revision == 2
    assert after.procedure.nuggets[0].title == "Otherwise"
    assert after.procedure.nuggets[1].prerequisites == ("c", "a")


def test_what_somebody_else_loaded_meanwhile_is_not_undone(database: Database, load: Any) -> None:
    load(FILE)
    edit = _retitled(_present(database), "a")
    load({**FILE, "c": ["See."]})
    with pytest.raises(Conflict, match="meanwhile"):
        _edit(database, edit)
    assert _present(database).procedure.nuggets[2].wordings[0].text == "See."


def test_a_file_loaded_over_an_edit_says_that_it_undoes_it(database: Database, load: Any) -> None:
    load(FILE)
    source = _present(database).stored.source
    _edit(database, _retitled(_present(database), "a"))
    assert _present(database).stored.source == source + EDITED
    _edit(database, _retitled(_present(database), "c"))
    assert _present(database).stored.source == source + EDITED
    assert any("edited in the console" in note for note in load(FILE).procedures[0].notes)
    assert _present(database).stored.source == source
    assert not any("edited in the console" in note for note in load({**FILE, "c": ["See."]}).procedures[0].notes)


def test_what_a_colleague_brought_in_retires_when_somebody_says_so_and_not_by_silence(
    database: Database, load: Any
) -> None:
    load(FILE)
    with database.write() as connection:
        tip = replace(_present(database).procedure.nuggets[0], slug="tip", wordings=())
        procedure = nuggets.procedure_by_slug(connection, "lockout")
        revisions.add_to_procedure(connection, procedure.id, tip, Origin.TIP, None, NOW)
    present = _present(database)
    assert present.added == {"tip"}
    rest = without(present.procedure, "tip")
    silent = load_edit(database, Edit(rest, 2), dry_run=True, actor="member/1", now=NOW)
    assert "tip" not in {one.slug for one in silent.nuggets}
    said = _edit(database, Edit(rest, 2, "tip"))
    assert {one.slug: one.change for one in said.nuggets}["tip"] is Change.RETIRED
    assert _present(database).retired == {"tip"}


def test_what_a_nugget_said_before_is_kept(database: Database, load: Any) -> None:
    load(FILE)
    before = _present(database)
    _edit(database, _retitled(before, "a"))
    with database.read() as connection:
        first = past_content(connection, before.stored.id, "a", 1)
        last = past_content(connection, before.stored.id, "a")
        assert first is not None
        assert first.nugget == before.nugget("a")
        assert last is not None
        assert (last.revision, last.nugget.title) == (2, "Otherwise")
        assert past_content(connection, before.stored.id, "a", 9) is None
        assert past_content(connection, before.stored.id, "nothing") is None
