"""GIFT and Aiken banks become procedures; what can't be asked in a post is listed by line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from reinforce.actions.authoring.load import LoadReport, load_files
from reinforce.content.formats import read, read_with_notes
from reinforce.content.question_bank import BankTerms
from reinforce.domain.errors import ContentRefused, NotAllowed
from reinforce.domain.nugget import Procedure, QuestionKind
from reinforce.store.session import Database

REPOSITORY = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

GIFT = r"""// A comment
$CATEGORY: $course$/Safety/Locks

::Own lock::[html]<p>Who may remove your lock?</p>{
  ~The foreman#Not even he.
  =You#It is your life\, and your key.
  ~%0%Anyone
  ####One lock\, one person.
}

A switched off machine is safe. {F#It can be switched on again.#Right: off is not locked.}

::tf2:: A lock has one key. {TRUE}

Before you touch it you {=try=test} it.

How many locks hang on the hasp of six people? {#6:0#One each.}

Name the colour \= of tags {=red =%100%yellow}
"""
UNSUPPORTED = """
Match {=a -> b =c -> d}

Say why. {}

How many? {#1..5}

Which two? {~%50%a ~%50%b ~%-100%c}

Only words.

Open {=a

Right one {=yes ~no}
"""
AIKEN = """Who removes a lock?
A) The foreman
B. Its owner
ANSWER: B
FEEDBACK: The key is theirs.

What is tried last,
before hands go in?
A. The start button
B. The light
ANSWER: A

Nothing follows
A. this
"""
TERMS = BankTerms("locks")


def bank(path: Path, text: str, terms: BankTerms = TERMS) -> tuple[Procedure, tuple[str, ...]]:
    path.write_text(text, "utf-8")
    return read_with_notes(path, terms)


def test_a_gift_bank_is_a_procedure(tmp_path: Path) -> None:
    procedure, notes = bank(tmp_path / "a.gift", GIFT)
    own, off, key, gap, count, colour = procedure.nuggets
    assert (procedure.slug, procedure.owner, notes) == ("locks", "question bank a.gift", ())
    assert own.question is not None
    assert (own.slug, own.topic, own.source_step) == ("own-lock", "Locks", "a.gift, line 4")
    assert (own.question.prompt, [one.correct for one in own.question.options]) == (
        "Who may remove your lock?",
        [False, True, False],
    )
    assert own.question.explanation == "It is your life, and your key. One lock, one person."
    assert own.wordings[0].text == "Who may remove your lock?\nYou"
    assert off.question is not None
    assert [(one.text, one.correct) for one in off.question.options] == [("True", False), ("False", True)]
    assert off.question.explanation == "Right: off is not locked."
    assert off.wordings[0].text == "Not true: “A switched off machine is safe.”"
    assert key.wordings[0].text == "A lock has one key."
    assert gap.question is not None
    assert (gap.question.prompt, gap.question.accepted) == ("Before you touch it you … it.", ("try", "test"))
    assert gap.wordings[0].text == "Before you touch it you try it."
    assert count.question is not None
    assert (count.question.kind, count.question.accepted, count.question.tolerance) == (QuestionKind.NUMBER, ("6",), 0)
    assert colour.question is not None
    assert (colour.question.prompt, colour.question.accepted) == ("Name the colour = of tags", ("red", "yellow"))


def test_what_cannot_be_asked_is_listed_by_line_and_refuses_the_whole(tmp_path: Path) -> None:
    with pytest.raises(ContentRefused) as caught:
        bank(tmp_path / "a.gift", UNSUPPORTED)
    assert [fault.line for fault in caught.value.faults] == [2, 4, 6, 8, 10, 12]
    assert all("--skip-unsupported" in fault.advice for fault in caught.value.faults)


def test_what_cannot_be_asked_is_left_out_only_when_that_is_wanted(tmp_path: Path) -> None:
    text = UNSUPPORTED.replace("Open {=a\n\n", "") + "\nFive {=a ~b ~c ~d ~e}\n"
    procedure, notes = bank(tmp_path / "a.gift", text, BankTerms("locks", skip_unsupported=True))
    assert [nugget.title for nugget in procedure.nuggets] == ["Right one"]
    assert len(notes) == 6
    assert notes[0] == "left out, line 2: this question can't be asked in a post: it is a matching question."
    assert any("two to 4 choices" in note for note in notes)


@pytest.mark.parametrize("name", ["a.aiken", "a.txt"])
def test_an_aiken_bank_is_a_procedure(tmp_path: Path, name: str) -> None:
    procedure, notes = bank(tmp_path / name, AIKEN, BankTerms("locks", "EHS", skip_unsupported=True))
    first, second = procedure.nuggets
    assert first.question is not None
    assert second.question is not None
    assert (first.question.prompt, first.question.explanation) == ("Who removes a lock?", "The key is theirs.")
    assert [one.correct for one in first.question.options] == [False, True]
    assert second.question.prompt == "What is tried last, before hands go in?"
    assert notes == ("left out, line 13: this question can't be asked in a post: no ANSWER line follows it.",)


def test_a_bank_needs_to_be_told_its_procedure(tmp_path: Path) -> None:
    (tmp_path / "a.gift").write_text(GIFT, "utf-8")
    with pytest.raises(ContentRefused) as caught:
        read(tmp_path / "a.gift")
    assert "--procedure" in caught.value.faults[0].advice


def test_true_and_false_are_in_the_language_of_the_bank(tmp_path: Path) -> None:
    procedure, _ = bank(tmp_path / "a.gift", "Aus ist sicher. {F}", BankTerms("locks", language="de"))
    question = procedure.nuggets[0].question
    assert question is not None
    assert [one.text for one in question.options] == ["Richtig", "Falsch"]


def test_a_bank_loads_beside_a_procedure_and_never_in_its_place(database: Database) -> None:
    def load(name: str, procedure: str) -> LoadReport:
        path = REPOSITORY / "examples" / name
        return load_files(database, [path], dry_run=False, actor="test", now=NOW, bank=BankTerms(procedure))

    load("lockout.yaml", "")
    with pytest.raises(NotAllowed, match="loaded from lockout"):
        load("locks.gift", "lockout")
    (report,) = load("locks.gift", "locks").procedures
    assert [change.change for change in report.nuggets] == ["added"] * 5
    (again,) = load("locks.gift", "locks").procedures
    assert (again.revision, {change.change for change in again.nuggets}) == (1, {"unchanged"})
