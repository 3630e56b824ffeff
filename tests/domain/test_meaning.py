"""Which change of a nugget is one of meaning: a rule that an author can foresee."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.authoring.meaning import differences, same_answer, why_meaning_changed
from reinforce.domain.authoring.revision import nugget_content
from reinforce.domain.nugget import Nugget, Option, Question, QuestionKind, Wording

ASKED = Question(
    QuestionKind.MULTIPLE_CHOICE, "Who?", (Option("A", "The owner", True), Option("B", "Anyone", False)), (), None
)
OPEN = Question(QuestionKind.SHORT, "How long?", accepted=("90 days", "ninety days"))
WORDS = st.text("abc xyz", min_size=1, max_size=20)


def nugget(*wordings: str, question: Question | None = ASKED) -> Nugget:
    return Nugget("a", "A", tuple(Wording(text) for text in wordings), question)


def why(before: Nugget, after: Nugget) -> str:
    return why_meaning_changed(nugget_content(before), nugget_content(after))


def test_another_right_answer_is_another_meaning() -> None:
    turned = replace(ASKED, options=(Option("A", "The owner", False), Option("B", "Anyone", True)))
    assert why(nugget("x"), nugget("x", question=turned)) == "the right answer is another one"
    assert why(nugget("x", question=OPEN), nugget("x", question=replace(OPEN, accepted=("60 days",))))


def test_a_further_accepted_answer_a_hint_or_an_added_question_is_wording() -> None:
    more = replace(OPEN, accepted=("90 days", "three months"), hints=("A quarter.",))
    assert why(nugget("x", question=OPEN), nugget("x", question=more)) == ""
    assert why(nugget("x", question=None), nugget("x")) == ""
    assert same_answer(nugget_content(nugget("x"))["question"], nugget_content(nugget("y"))["question"])


def test_a_figure_that_is_replaced_is_another_meaning_one_that_goes_or_comes_is_not() -> None:
    assert why(nugget("Wait 5 min", "b"), nugget("Wait 10 min", "b")) == "a figure was replaced: 5 by 10"
    assert why(nugget("Wait 5 min"), nugget("Wait until it stands")) == ""
    assert why(nugget("Wait 5 min"), nugget("Wait 5 min", "Since 1989: wait 5 min")) == ""


@given(st.lists(WORDS, min_size=1, max_size=4), st.lists(WORDS, min_size=1, max_size=4))
def test_words_alone_change_no_meaning_and_every_text_that_differs_is_told(before: list[str], after: list[str]) -> None:
    contents = nugget_content(nugget(*before)), nugget_content(nugget(*after))
    assert why_meaning_changed(*contents) == ""
    told = differences(*contents)
    assert {one.before for one in told} - {""} == set(before) - set(after)
    assert {one.after for one in told} - {""} == set(after) - set(before)
