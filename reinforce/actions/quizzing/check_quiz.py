"""How a round would look: every post as it stands today, when it would come, what all of it costs, and what to mend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from reinforce.domain.cohort import Answers
from reinforce.domain.nugget import Form
from reinforce.domain.planning.deciding import Composed
from reinforce.domain.quizzing.quiz import SMALLEST_TEAM, Quiz, QuizPost, QuizState
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.rendering.composing import PostComposer
from reinforce.rendering.posts import PostRenderer
from reinforce.rendering.quiz_posts import QuizTexts, Ways
from reinforce.store.planning.post_frame import PostFrame, post_frame
from reinforce.store.quizzing import quizzes
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class CheckedPost:
    """A post of the round: `after` the opening post, its text and price (micro-dollars); `problem` says why it can't go
    out today. Hints are listed with the question they may follow."""

    step: str
    after: timedelta
    text: str
    price_micros: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class QuizCheck:
    """A round, looked at. `teams` counts the people of each; `live`: it keeps to its own times; `findings` are what to
    mend, or to know."""

    quiz: Quiz
    cohort: str
    live: bool
    length: timedelta
    posts: tuple[CheckedPost, ...]
    most_micros: int
    teams: dict[str, int]
    findings: tuple[str, ...]


def check_quiz(database: Database, slug: str, renderer: PostRenderer, tariff: Tariff, *, now: datetime) -> QuizCheck:
    """Look at a round before it is started. Raises NotFound."""
    with database.read() as connection:
        quiz = quizzes.quiz_by_slug(connection, slug)
        frame = post_frame(connection, quiz.cohort_id, now)
        teams = _teams(connection, quiz)
        posts = tuple(_Looking(connection, quiz, frame, renderer, tariff).posts(sorted(teams), now))
        number = len(quizzes.questions(connection, quiz.id))
    findings = [f"{one.step}: {one.problem}" for one in posts if one.problem]
    return QuizCheck(
        quiz,
        frame.cohort.slug,
        quiz.pace.is_live(number),
        quiz.pace.length(number),
        posts,
        sum(one.price_micros for one in posts),
        teams,
        (*findings, *_about_teams(teams, frame)),
    )


def _teams(connection: Connection, quiz: Quiz) -> dict[str, int]:
    own = {team.name: 0 for team in quizzes.teams(connection, quiz.id)}
    if quiz.state is not QuizState.DRAFT:
        playing = quizzes.playing(connection, quiz) if quiz.starts_at else ()
        return own | {team.name: team.size for team in playing}
    return own | {name: len(people) for name, people in quizzes.roster_teams(connection, quiz.cohort_id).items()}


def _about_teams(teams: dict[str, int], frame: PostFrame) -> Iterator[str]:
    if frame.cohort.answers is not Answers.REPLIES:
        yield f"the cohort answers by {frame.cohort.answers.value}: nobody is scored, and there is no leaderboard"
        return
    if not teams:
        yield 'no teams yet: name them in the quiz file ("teams:") or in the roster (a column "team")'
    small = sorted(name for name, size in teams.items() if 0 < size < SMALLEST_TEAM)
    if small:
        yield f"with fewer than {SMALLEST_TEAM} people, so not placed unless others join: {', '.join(small)}"


class _Looking:
    """Composes every post of a round as it would be today."""

    def __init__(
        self, connection: Connection, quiz: Quiz, frame: PostFrame, renderer: PostRenderer, tariff: Tariff
    ) -> None:
        self._quiz = quiz
        self._frame = frame
        self._questions = quizzes.questions(connection, quiz.id)
        cohort = frame.cohort
        self._compose = PostComposer(renderer, tariff, cohort.language, NamingGuard(frame.unnamed))
        self._texts = QuizTexts(renderer, cohort.language, quiz.title, len(self._questions), cohort.answers)

    def posts(self, teams: list[str], now: datetime) -> Iterator[CheckedPost]:
        pace, polls = self._quiz.pace, self._frame.cohort.answers is Answers.POLLS
        yield self._post("start", timedelta(), QuizPost.START.value, self._texts.start(pace.window, teams), now)
        at = pace.joining
        for one in self._questions:
            ends = at + pace.window + pace.grace
            closes = (now + ends).astimezone(ZoneInfo(self._frame.cohort.zone))
            form = Form.POLL.value if polls else QuizPost.QUESTION.value
            name = f"question {one.number}"
            yield self._post(name, at, form, self._texts.question(one.number, one.question, f"{closes:%H:%M}"), now)
            hints = one.question.hints if pace.hint_minutes or pace.hint_share else ()
            for n, hint in enumerate(hints, start=1):
                after = at + n * timedelta(minutes=pace.hint_minutes or 0)
                ways = self._texts.hint(one.number, hint)
                yield self._post(f"hint {n} to {name}", after, QuizPost.HINT.value, ways, now)
            ways = self._texts.reveal(one.number, one.question)
            yield self._post(f"answer to {name}", ends, QuizPost.REVEAL.value, ways, now)
            at = ends + pace.pause
        if self._frame.cohort.answers is Answers.REPLIES:
            board = self._texts.leaderboard((), None)
            yield self._post("leaderboard", at - pace.pause, QuizPost.LEADERBOARD.value, board, now)

    def _post(self, step: str, after: timedelta, form: str, ways: Ways, now: datetime) -> CheckedPost:
        found = self._compose.first_fit(ways, form, now + after, self._frame.texts, self._frame.cadence.repeat_after)
        if isinstance(found, Composed):
            return CheckedPost(step, after, found.text, found.price_micros)
        return CheckedPost(step, after, "", problem=found.reason)
