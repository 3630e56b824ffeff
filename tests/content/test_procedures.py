"""What a good file becomes, and what the shipped examples are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import regex

from reinforce.content.formats import read
from reinforce.content.roster_file import read_roster
from reinforce.domain.authoring.post_rules import fits_a_poll
from reinforce.domain.authoring.prerequisites import find_cycle
from reinforce.domain.nugget import Confidentiality, Procedure, QuestionKind
from reinforce.domain.texts.wording import hashtags, links, mentions, weighted_length

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
PROCEDURES = {name: read(EXAMPLES / f"{name}.yaml") for name in ("lockout", "incident")}
FULL = """\
title: Lockout of a machine
owner: Safety training
language: de
audience: [Maintenance, operator]
importance: 2
confidentiality: public
assessment: 2026-12-01
nuggets:
  - slug: own-lock
    title: One person, one lock
    topic: locks
    tags: [basics]
    importance: 3
    requires: why-lockout
    audience: [Operator]
    source_step: "6"
    confidentiality: internal
    wordings:
      - Dein Schloss, dein Schlüssel.
      - text: "{{ braces }} stay {% as they are %}"
        style: fact
        language: en
    question:
      ask: How many locks?
      answer: 6
      tolerance: 0.5
      hints: [Count people]
      explanation: One each.
  - title: Why lockout
    wordings: No
    question:
      ask: Who removes a lock?
      answer: [its owner, the owner]
"""


def _written(tmp_path: Path, text: str, name: str = "Lock Out!.yaml") -> Procedure:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return read(path)


def test_a_file_with_everything_in_it_is_read_as_written(tmp_path: Path) -> None:
    procedure = _written(tmp_path, FULL)
    first, second = procedure.nuggets
    assert (procedure.slug, procedure.language, procedure.assessment) == ("lock-out", "de", date(2026, 12, 1))
    assert procedure.audience == ("maintenance", "operator")
    assert first.audience == ("operator",)
    assert first.prerequisites == ("why-lockout",)
    assert first.confidentiality is Confidentiality.INTERNAL
    assert [(wording.language, wording.style) for wording in first.wordings] == [("de", ""), ("en", "fact")]
    assert first.wordings[1].text == "{{ braces }} stay {% as they are %}"
    assert first.question is not None
    assert (first.question.kind, first.question.accepted, first.question.tolerance) == (
        QuestionKind.NUMBER,
        ("6",),
        0.5,
    )
    assert second.slug == "why-lockout"
    assert second.confidentiality is Confidentiality.PUBLIC
    assert second.question is not None
    assert second.question.kind is QuestionKind.SHORT


def test_a_plain_no_is_a_text_where_a_text_is_wanted(tmp_path: Path) -> None:
    assert _written(tmp_path, FULL).nuggets[1].wordings[0].text == "No"


def test_confidentiality_is_internal_unless_said_otherwise(tmp_path: Path) -> None:
    body = "title: T\nowner: O\nnuggets: [{title: A, wordings: x}]\n"
    procedure = _written(tmp_path, body)
    assert procedure.confidentiality is Confidentiality.INTERNAL
    assert procedure.nuggets[0].confidentiality is Confidentiality.INTERNAL


def test_a_byte_order_mark_and_windows_line_ends_are_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode())
    assert read(path).nuggets == _written(tmp_path, FULL).nuggets


def test_exactly_280_weighted_characters_fit(tmp_path: Path) -> None:
    text = "安" * 140
    body = f"title: T\nowner: O\nnuggets: [{{title: A, wordings: {text}}}]\n"
    assert weighted_length(_written(tmp_path, body).nuggets[0].wordings[0].text) == 280


def test_a_circle_of_prerequisites_is_found_wherever_it_hangs() -> None:
    assert find_cycle({"a": ["b"], "b": ["c"], "c": []}) == ()
    assert find_cycle({"a": ["b"], "b": ["c", "d"], "c": [], "d": ["b"]}) == ("b", "d", "b")
    assert find_cycle({"a": ["x"], "b": ["b"]}) == ("b", "b")
    chain = {str(n): [str(n + 1)] for n in range(5000)}
    assert find_cycle(chain) == ()
    assert find_cycle(chain | {"5000": ["0"]})[0] == "0"


@pytest.mark.parametrize("name", PROCEDURES)
def test_an_example_procedure_has_substance(name: str) -> None:
    procedure = PROCEDURES[name]
    assert len(procedure.nuggets) >= 15
    assert procedure.confidentiality is Confidentiality.PUBLIC
    for nugget in procedure.nuggets:
        assert len(nugget.wordings) >= 4, nugget.slug
        assert len({wording.style for wording in nugget.wordings}) >= 3, nugget.slug
        assert nugget.topic, nugget.slug
        assert nugget.source_step, nugget.slug
        assert nugget.question is not None, nugget.slug
        assert nugget.question.explanation, nugget.slug
        assert not nugget.question.options or fits_a_poll(nugget.question), nugget.slug
    kinds = {nugget.question.kind for nugget in procedure.nuggets if nugget.question}
    assert kinds == set(QuestionKind)


@pytest.mark.parametrize("name", PROCEDURES)
def test_no_text_of_an_example_links_names_tags_or_scolds(name: str) -> None:
    for nugget in PROCEDURES[name].nuggets:
        question = nugget.question
        assert question is not None
        texts = [wording.text for wording in nugget.wordings] + [question.prompt, question.explanation, *question.hints]
        for text in texts:
            assert not links(text), text
            assert not hashtags(text), text
            assert not mentions(text), text
            assert not regex.search(r"(?i)\b(wrong|fail|forg[eo]t|still haven)", text), text
        assert all(weighted_length(wording.text) <= 240 for wording in nugget.wordings), "leave room for a hashtag"


@pytest.mark.parametrize("name", PROCEDURES)
def test_the_right_letters_of_an_example_give_nothing_away(name: str) -> None:
    questions = [nugget.question for nugget in PROCEDURES[name].nuggets if nugget.question and nugget.question.options]
    right = [next(option.key for option in question.options if option.correct) for question in questions]
    assert set("ABC") <= set(right)
    assert max(right.count(letter) for letter in "ABCD") <= len(right) / 2


@pytest.mark.parametrize("name", PROCEDURES)
def test_every_role_of_an_example_is_on_its_roster(name: str) -> None:
    roles = {row.role for row in read_roster(EXAMPLES / f"{name}-roster.csv")}
    procedure = PROCEDURES[name]
    assert {*procedure.audience, *(role for nugget in procedure.nuggets for role in nugget.audience)} <= roles


def test_the_files_shown_in_the_documents_are_good_ones(tmp_path: Path) -> None:
    reference = EXAMPLES.parent / "docs" / "reference"
    for name, language, reader in (("procedure-file", "yaml", read), ("roster-file", "csv", read_roster)):
        block = (reference / f"{name}.md").read_text("utf-8").split(f"```{language}\n")[1].split("```")[0]
        path = tmp_path / f"x.{language}"
        path.write_text(block, "utf-8")
        assert reader(path)


def test_a_roster_is_read_as_spreadsheets_write_it(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    text = (
        "Personnel number;First name;Last name;Department;Twitter;Time zone;Job title;Opt-in\r\n"
        '007;José;"Núñez; junior";Press shop;@jose_n;Europe/Madrid;Operator;x\r\n'
        "\r\n"
        "008;Ann;Lee;;;;;\r\n"
    )
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    first, second = read_roster(path)
    assert (first.employee_id, first.name, first.handle) == ("007", "José Núñez; junior", "jose_n")
    assert (first.zone, first.role, first.naming, first.line) == ("Europe/Madrid", "operator", True, 2)
    assert (second.employee_id, second.handle, second.zone, second.naming, second.line) == ("008", "", "", None, 4)
