"""What of a round is for the whole room: the question, the time, how many answers, and the best teams. It names nobody.

Points are told of questions whose answers are out: before that, a team's points would say who has just been right.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from reinforce.actions.quizzing.show_quiz import QuestionStatus, QuizStatus
from reinforce.domain.quizzing.leaderboard import publishable_share, sharing_first, top
from reinforce.domain.quizzing.quiz import Quiz, QuizState, Standing
from reinforce.store.quizzing.answers import as_scored


@dataclass(frozen=True, slots=True)
class Room:
    """A round as everybody in the room may see it.

    `question` is open or was the last to close; `closes_at` is when it closes, or closed. `answers` counts what came
    in to it, `by_team` those of each team that is placed. `revealed` is the last question whose answer is out. `board`
    are the best three teams; `sharing` how many share the first place where that are more. `share` (per cent) of right
    answers is told after the end, where it may be. `said` is all this in a sentence, for those who listen.
    """

    quiz: Quiz
    asked: int
    questions: int
    question: QuestionStatus | None
    is_open: bool
    closes_at: datetime | None
    hints: tuple[str, ...]
    answers: int
    by_team: tuple[tuple[str, int], ...]
    revealed: QuestionStatus | None
    board: tuple[Standing, ...]
    sharing: int
    share: int | None
    said: str

    @property
    def is_over(self) -> bool:
        """Whether the round has ended."""
        return self.quiz.state in (QuizState.CLOSED, QuizState.CANCELLED)


def question_at_hand(status: QuizStatus) -> QuestionStatus | None:
    """The question that is open, else the last one that was asked; None before the first."""
    asked = [one for one in status.questions if one.state in ("open", "closed")]
    return next((one for one in asked if one.state == "open"), asked[-1] if asked else None)


def room_of(status: QuizStatus, hints: tuple[str, ...]) -> Room:
    """The round as the whole room sees it; `hints` are those of the question at hand that are out."""
    quiz, question = status.quiz, question_at_hand(status)
    given = [one for one in status.answers if question and one.number == question.number and not one.deleted]
    count = Counter(one.team for one in given)
    placed = sorted(one.name for one in status.teams if one.placed)
    over = quiz.state in (QuizState.CLOSED, QuizState.CANCELLED)
    told = status.standings if over else status.so_far
    shown = top(told)
    share = publishable_share([as_scored(one) for one in status.answers]) if over else None
    is_open = question is not None and question.state == "open" and quiz.state is QuizState.RUNNING
    return Room(
        quiz=quiz,
        asked=sum(one.state in ("open", "closed") for one in status.questions),
        questions=len(status.questions),
        question=question,
        is_open=is_open,
        closes_at=question.closes_at if question else None,
        hints=hints,
        answers=len(given),
        by_team=tuple((name, count[name]) for name in placed),
        revealed=next((one for one in reversed(status.questions) if one.revealed), None),
        board=shown,
        sharing=0 if shown else sharing_first(told),
        share=None if share is None else int(share * 100),
        said=_said(quiz, question, len(hints), shown, is_open=is_open),
    )


def _said(
    quiz: Quiz, question: QuestionStatus | None, hints: int, board: tuple[Standing, ...], *, is_open: bool
) -> str:
    """What changed last, in a sentence. It does not count answers: nobody wants to hear each of them."""
    if quiz.state is QuizState.DRAFT:
        return "The round has not begun."
    if quiz.state is QuizState.CANCELLED:
        return "The round was cancelled."
    first = [one.team for one in board if one.place == 1]
    lead = f" {' and '.join(first)} {'leads' if len(first) == 1 else 'lead'}." if first else ""
    if quiz.state is QuizState.CLOSED:
        return f"The round is over.{lead}"
    if question is None:
        return "The round begins."
    hinted = f" {hints} hint{'s' if hints != 1 else ''} given." if hints and is_open else ""
    return f"Question {question.number} is {'open' if is_open else 'closed'}.{hinted}{lead}"
