"""Grading answers: letters, options' words, short texts, numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.content.lexicon_file import read_lexicons
from reinforce.domain.listening.grading import Grade, Verdict, grade
from reinforce.domain.listening.reply_text import read_text
from reinforce.domain.nugget import Option, Question, QuestionKind
from reinforce.shipped import shipped

LEXICON = read_lexicons(shipped("templates") / "lexicon")
CHOICE = Question(
    QuestionKind.MULTIPLE_CHOICE,
    "What keeps a machine off?",
    (
        Option("A", "A red tag on the switch", correct=False),
        Option("B", "Your own padlock", correct=True),
        Option("C", "A colleague's padlock", correct=False),
        Option("D", "Switching it off", correct=False),
    ),
)
QUARTER = Question(QuestionKind.NUMBER, "How long?", accepted=("15 minutes",), tolerance=1.0)


def graded(text: str, question: Question = CHOICE, language: str = "en") -> Grade:
    return grade(read_text(text), question, LEXICON, language)


def short(text: str, *accepted: str) -> Verdict:
    return graded(text, Question(QuestionKind.SHORT, "?", accepted=accepted)).verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("B", Verdict.RIGHT),
        ("it's b, of course", Verdict.RIGHT),
        ("B, not C", Verdict.RIGHT),
        ("not C but B", Verdict.RIGHT),
        ("C", Verdict.WRONG),
        ("A or B", Verdict.SEVERAL),
        ("A/B", Verdict.SEVERAL),
        ("B and C", Verdict.SEVERAL),
        ("not B", Verdict.NOTHING),
        ("it isn't B", Verdict.NOTHING),
        ("nice weather", Verdict.NOTHING),
        ("why B?", Verdict.NOTHING),
        ("E", Verdict.NOTHING),
        ("your own padlock", Verdict.RIGHT),
        ("ur own padlok", Verdict.RIGHT),
        ("own padlock", Verdict.RIGHT),
        ("red tag", Verdict.WRONG),
        ("padlock", Verdict.NOTHING),
        ("the second one", Verdict.RIGHT),
        ("option 3", Verdict.WRONG),
        ("die zweite", Verdict.RIGHT),
    ],
)
def test_a_choice_is_graded_by_what_can_only_be_meant(text: str, verdict: Verdict) -> None:
    assert graded(text).verdict is verdict


def test_a_number_that_an_option_holds_is_not_a_place_in_the_list() -> None:
    options = (Option("A", "4 hours", correct=True), Option("B", "2 hours", correct=False))
    assert graded("2", Question(QuestionKind.MULTIPLE_CHOICE, "?", options)).verdict is Verdict.NOTHING
    assert graded("2 hours", Question(QuestionKind.MULTIPLE_CHOICE, "?", options)).choice == "B"


@pytest.mark.parametrize(
    ("text", "verdict"), [("no", Verdict.RIGHT), ("no clue", Verdict.NOTHING), ("Yes!", Verdict.WRONG)]
)
def test_not_knowing_is_not_the_option_no(text: str, verdict: Verdict) -> None:
    options = (Option("A", "Yes", correct=False), Option("B", "No", correct=True))
    assert graded(text, Question(QuestionKind.MULTIPLE_CHOICE, "Is a tag enough?", options)).verdict is verdict


@pytest.mark.parametrize(
    ("text", "accepted", "verdict"),
    [
        ("the group lock box", "group lock box", Verdict.RIGHT),
        ("group lockbox", "group lock box", Verdict.RIGHT),
        ("I think it's the gruop lock box", "group lock box", Verdict.RIGHT),
        ("padlocks", "padlock", Verdict.RIGHT),
        ("a padlock", "padlock", Verdict.RIGHT),
        ("not a padlock", "padlock", Verdict.NOTHING),
        ("a padlock or a chain", "padlock", Verdict.SEVERAL),
        ("block", "lock", Verdict.WRONG),
        ("look", "lock", Verdict.WRONG),
        ("bag", "tag", Verdict.WRONG),
        ("insulate", "isolate", Verdict.WRONG),
        ("unlock", "lock", Verdict.WRONG),
        ("deenergized", "energized", Verdict.WRONG),
        ("Schluessel", "Schlüssel", Verdict.RIGHT),
        ("etiquete", "étiquette", Verdict.RIGHT),
        ("form 12b", "form 12c", Verdict.WRONG),
        ("twelve", "12 forms", Verdict.RIGHT),
        ("twenty", "20", Verdict.RIGHT),
    ],
)
def test_a_short_answer_may_be_misspelt_but_is_no_other_word(text: str, accepted: str, verdict: Verdict) -> None:
    assert short(text, accepted) is verdict


def test_any_accepted_answer_will_do() -> None:
    assert short("an escutcheon", "hasp", "escutcheon") is Verdict.RIGHT


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("15", Verdict.RIGHT),
        ("about 15 mins", Verdict.RIGHT),
        ("a quarter of an hour", Verdict.RIGHT),
        ("0,25 h", Verdict.RIGHT),
        ("900 seconds", Verdict.RIGHT),
        ("quinze minutes", Verdict.RIGHT),
        ("15 hours", Verdict.WRONG),
        ("15 kg", Verdict.WRONG),
        ("-15", Verdict.WRONG),
        ("an hour", Verdict.WRONG),
        ("10 or 15", Verdict.SEVERAL),
        ("not 15", Verdict.NOTHING),
        ("a while", Verdict.NOTHING),
    ],
)
def test_a_number_is_graded_in_its_unit(text: str, verdict: Verdict) -> None:
    assert graded(text, QUARTER).verdict is verdict


@given(st.integers(min_value=0, max_value=100_000), st.integers(min_value=0, max_value=500), st.integers(0, 1_000))
def test_a_number_is_right_just_within_its_tolerance(accepted: int, tolerance: int, off: int) -> None:
    question = Question(QuestionKind.NUMBER, "?", accepted=(str(accepted),), tolerance=float(tolerance))
    assert (graded(str(accepted + off), question).verdict is Verdict.RIGHT) == (off <= tolerance)


@pytest.mark.parametrize(("language", "right"), [("en", "1500"), ("de", "1.5")])
def test_a_thousands_mark_may_be_read_either_way(language: str, right: str) -> None:
    question = Question(QuestionKind.NUMBER, "?", accepted=(right,))
    assert graded("1,500", question, language).verdict is Verdict.RIGHT


def test_an_exact_answer_is_surer_than_a_misspelt_one() -> None:
    question = Question(QuestionKind.SHORT, "?", accepted=("padlock",))
    assert graded("padlock", question).confidence > graded("padlok", question).confidence
