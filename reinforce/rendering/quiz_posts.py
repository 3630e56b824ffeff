"""The ways to say each post of a round, the best first; nothing of who answered how comes in here.

What goes in is the round's title, its questions, and what `domain.quizzing.leaderboard` lets through: so no text can
differ by who was right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from reinforce.domain.cohort import Answers
from reinforce.domain.nugget import Question, QuestionKind
from reinforce.domain.quizzing.leaderboard import sharing_first, top
from reinforce.domain.quizzing.quiz import Standing
from reinforce.rendering.posts import PostForm, PostRenderer, PostValues

Ways = Sequence[tuple[PostForm, PostValues]]

_ASK = {
    QuestionKind.MULTIPLE_CHOICE: "answer_by_letter",
    QuestionKind.SHORT: "answer_in_words",
    QuestionKind.NUMBER: "answer_with_number",
}
_MINUTES = {"days": 1_440, "hours": 60}
# More teams than this are not listed: the opening post has better things to say.
_MOST_LISTED = 8


@dataclass(frozen=True, slots=True)
class QuizTexts:
    """The texts of one round. `answers` is how its cohort answers, `language` what it reads."""

    renderer: PostRenderer
    language: str
    title: str
    total: int
    answers: Answers

    def start(self, window: timedelta, teams: Sequence[str]) -> Ways:
        """The opening post; `teams` are those that one can join."""
        values = self._values(title=self.title, total=self.total, span=_span(window))
        listed = tuple(teams) if self.answers is Answers.REPLIES and len(teams) <= _MOST_LISTED else ()
        ways = [*self._varied(PostForm.QUIZ_START, replace(values, teams=listed), "quiz_start")]
        return [*ways, *self._varied(PostForm.QUIZ_START, values, "quiz_start")] if listed else ways

    def question(self, number: int, question: Question, closes: str) -> Ways:
        """A question; `closes` is the local time ("16:00") at which its answer follows, for those who think first."""
        ask = {Answers.POLLS: "vote", Answers.THINK_THEN_REVEAL: "think_first"}.get(self.answers, _ASK[question.kind])
        values = self._values(number=number, total=self.total, question=question, time=closes, ask=ask)
        ways = [*self._varied(PostForm.QUIZ_QUESTION, values, ask)]
        # Where the question itself takes all the room, how to answer it goes without saying.
        return [*ways, (PostForm.QUIZ_QUESTION, replace(values, ask=""))] if self.answers is Answers.REPLIES else ways

    def hint(self, number: int, hint: str) -> Ways:
        """A hint, for everybody."""
        return [*self._varied(PostForm.QUIZ_HINT, self._values(number=number, text=hint), "quiz_hint")]

    def reveal(self, number: int, question: Question) -> Ways:
        """The answer with its reason, below its question."""
        key = "reveal" if question.explanation else "reveal_bare"
        values = self._values(number=number, question=question)
        numbered = self._varied(PostForm.QUIZ_REVEAL, values, key)
        return [*numbered, *self._varied(PostForm.REVEAL, self._values(question=question), key)]

    def leaderboard(self, standings: Sequence[Standing], share: float | None) -> Ways:
        """The best three teams, and the share of right answers if it may be told."""
        shown = top(standings)
        first = sharing_first(standings)
        values = self._values(
            title=self.title,
            standings=tuple((one.place, one.team, one.points) for one in shown),
            sharing_first=0 if shown else first,
            share=None if share is None else int(share * 100),
        )
        return [*self._varied(PostForm.QUIZ_LEADERBOARD, values, "quiz_over")]

    def _varied(self, form: PostForm, values: PostValues, key: str) -> Iterable[tuple[PostForm, PostValues]]:
        for variant in range(self.renderer.variants(key, self.language)):
            yield form, replace(values, variant=variant)

    def _values(self, **values: object) -> PostValues:
        return PostValues(language=self.language, **values)  # type: ignore[arg-type]


def _span(window: timedelta) -> tuple[str, int]:
    minutes = max(round(window.total_seconds() / 60), 1)
    unit = next((unit for unit, length in _MINUTES.items() if minutes % length == 0), "minutes")
    return unit, minutes // _MINUTES.get(unit, 1)
