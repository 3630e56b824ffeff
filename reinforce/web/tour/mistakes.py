"""A plausible wrong answer to a question, to start the visitor off."""

from __future__ import annotations

from reinforce.domain.nugget import Question, QuestionKind


def a_wrong_answer(question: Question) -> str:
    """The letter of a wrong choice, a number well off, or words that fit no accepted answer."""
    match question.kind:
        case QuestionKind.MULTIPLE_CHOICE:
            return next((option.key for option in question.options if not option.correct), "")
        case QuestionKind.NUMBER:
            return _far_number(question)
        case _:
            return "the night shift"


def _far_number(question: Question) -> str:
    try:
        right = float(question.accepted[0].replace(",", "."))
    except (IndexError, ValueError):
        return "1000"
    wrong = 2 * right + 3 * (question.tolerance or 0.0) + 1
    return f"{wrong:g}"
