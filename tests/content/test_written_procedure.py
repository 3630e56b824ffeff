"""A procedure that is written into a file and read from it is the same; one nugget of it can be written anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reinforce.content.added_nugget import Written
from reinforce.content.composed_procedure import composed, look_at, without
from reinforce.content.procedure_file import read_procedure
from reinforce.content.written_procedure import as_yaml, written
from reinforce.domain.authoring.revision import nugget_content, nugget_from
from reinforce.domain.errors import ContentRefused
from reinforce.domain.nugget import Confidentiality, Nugget, Procedure, Question, QuestionKind, Wording
from reinforce.shipped import shipped

HARD = (
    "no",
    "~",
    "- a: b # c",
    'he said "yes"',
    "two\nlines\ttabbed",
    "{{ braces }} \\ %x",
    "é\u2028ü 🦊",
    "*a &b !c",
    "0x1F",
)


def _procedure(name: str = "lockout.yaml") -> Procedure:
    return read_procedure(shipped("examples") / name)


@pytest.mark.parametrize("name", ["lockout.yaml", "incident.yaml"])
def test_an_example_is_the_same_after_writing_and_reading(tmp_path: Path, name: str) -> None:
    procedure = _procedure(name)
    file = tmp_path / "again.yaml"
    file.write_text(as_yaml(procedure, ["Written by the console."]), "utf-8")
    assert read_procedure(file) == procedure


def test_texts_that_yaml_would_read_otherwise_stay_as_they_are(tmp_path: Path) -> None:
    number = Question(QuestionKind.NUMBER, "How many?", accepted=("3",), tolerance=0.25, hints=("1\n2", "no"))
    odd = Nugget("odd", "no", tuple(Wording(text, "en", "~") for text in HARD), number, importance=1.0 / 3)
    procedure = replace(_procedure(), title="yes", owner="12", nuggets=(odd, replace(odd, slug="de", wordings=(
        Wording("Anders gesagt: nein", "de"),), question=None, confidentiality=Confidentiality.PUBLIC)))  # fmt: skip
    file = tmp_path / "odd.yaml"
    file.write_text(as_yaml(procedure), "utf-8")
    assert read_procedure(file) == procedure


def test_what_a_revision_keeps_is_the_nugget_again() -> None:
    for one in _procedure().nuggets:
        assert nugget_from(nugget_content(one)) == one


def test_a_nugget_is_replaced_where_it_stands_or_added_behind_the_others() -> None:
    procedure = _procedure()
    second = procedure.nuggets[1]
    entry = written(second, procedure)
    assert composed(procedure, entry, second.slug) == procedure
    changed = composed(procedure, {**entry, "title": "Otherwise"}, second.slug)
    assert [one.slug for one in changed.nuggets] == [one.slug for one in procedure.nuggets]
    assert changed.nuggets[1].title == "Otherwise"
    more = composed(procedure, {"title": "A new one", "wordings": ["Quite new."]})
    assert more.nuggets[:-1] == procedure.nuggets
    assert more.nuggets[-1].slug == "a-new-one"


def test_every_fault_names_the_field_it_belongs_to() -> None:
    procedure = _procedure()
    entry: dict[str, Written] = {
        "slug": "Not a slug",
        "wordings": ["fine", "x" * 300, {"text": "Ask @pat_m", "language": "xx"}],
        "requires": ["nowhere"],
        "question": {"kind": "multiple_choice", "ask": "y" * 300, "choices": ["one", "one"], "hints": ["z" * 300]},
    }
    with pytest.raises(ContentRefused) as refused:
        composed(procedure, entry)
    cells = {fault.cell for fault in refused.value.faults}
    assert {"nugget", "slug", "wording 2", "wording 3", "requires", "ask", "choices", "choice 2", "hint 1"} <= cells
    assert all(fault.file == "this nugget" for fault in refused.value.faults)
    nugget, faults = look_at(procedure, entry)
    assert nugget is not None
    assert "wording 2" in {fault.cell for fault in faults}


def test_a_text_that_another_nugget_has_is_told_with_its_name() -> None:
    procedure = _procedure()
    first = procedure.nuggets[0]
    with pytest.raises(ContentRefused) as refused:
        composed(procedure, {"title": "Again", "wordings": [first.wordings[0].text]})
    (fault,) = refused.value.faults
    assert fault.cell == "wording 1"
    assert f"nugget {first.slug}" in fault.message


def test_a_nugget_that_others_require_can_not_be_left_out() -> None:
    procedure = _procedure()
    needed = next(slug for one in procedure.nuggets for slug in one.prerequisites)
    with pytest.raises(ContentRefused) as refused:
        without(procedure, needed)
    assert needed in refused.value.faults[0].message
    with pytest.raises(ContentRefused):
        without(replace(procedure, nuggets=procedure.nuggets[:1]), procedure.nuggets[0].slug)
