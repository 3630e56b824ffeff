"""Where a round stands: for its facilitator with every answer, for everybody as a page that names teams only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.planning.slots import next_open
from reinforce.domain.quizzing.leaderboard import publishable_share, sharing_first, top
from reinforce.domain.quizzing.quiz import Quiz, QuizQuestion, QuizState, Standing
from reinforce.domain.quizzing.round import Item, Round, look
from reinforce.domain.quizzing.scoring import ScoredAnswer, Team, standings
from reinforce.store.planning import plan_snapshot
from reinforce.store.quizzing import answers, quizzes, rounds
from reinforce.store.quizzing.answers import KeptAnswer
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class QuestionStatus:
    """A question of the round. `state` is waiting, under way, open, closed or left out; `revealed`: its answer is on X.
    `choices` are what it offers ("A) The foreman"), none for a short answer. Times are X's stamps."""

    number: int
    prompt: str
    answer: str
    explanation: str
    nugget: str
    points: int
    state: str
    opened_at: datetime | None
    closes_at: datetime | None
    hints: int
    revealed: bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamStatus:
    """A team with how many people are on it; `placed`: it has enough of them, or a handle of its own."""

    name: str
    handle: str
    people: int
    placed: bool


@dataclass(frozen=True, slots=True)
class QuizStatus:
    """A round as it stands. `waiting` says what for, "" if nothing. `standings` are of all teams that are placed, for
    the facilitator; `so_far` count only questions whose answers are out; `answers` hold who gave them, and are for
    nobody else."""

    quiz: Quiz
    cohort: str
    zone: str
    language: str
    waiting: str
    questions: tuple[QuestionStatus, ...]
    teams: tuple[TeamStatus, ...]
    standings: tuple[Standing, ...]
    answers: tuple[KeptAnswer, ...]
    so_far: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class QuizPage:
    """What everybody may see of a round: the best three teams, a share of right answers where it may be told (per
    cent), and the questions whose answers are out."""

    title: str
    language: str
    begun_at: datetime | None
    over: bool
    standings: tuple[Standing, ...]
    sharing_first: int
    share: int | None
    questions: tuple[QuestionStatus, ...]


def show_quiz(database: Database, slug: str, *, now: datetime) -> QuizStatus:
    """The round `slug` as it stands at `now` (programme time). Raises NotFound."""
    with database.read() as connection:
        quiz = quizzes.quiz_by_slug(connection, slug)
        return _status(connection, quiz, now)


def quiz_page(database: Database, slug: str, *, now: datetime) -> QuizPage:
    """What of a round is for everybody. Raises NotFound."""
    status = show_quiz(database, slug, now=now)
    shown = top(status.standings)
    share = publishable_share([answers.as_scored(one) for one in status.answers])
    over = status.quiz.state in (QuizState.CLOSED, QuizState.CANCELLED)
    return QuizPage(
        title=status.quiz.title,
        language=status.language,
        begun_at=status.quiz.starts_at,
        over=over,
        # While it is open, standings would tell who has just been right.
        standings=shown if over else (),
        sharing_first=sharing_first(status.standings) if over and not shown else 0,
        share=int(share * 100) if over and share is not None else None,
        questions=tuple(one for one in status.questions if one.revealed),
    )


def _status(connection: Connection, quiz: Quiz, now: datetime) -> QuizStatus:
    there = plan_snapshot.frame(connection, quiz.cohort_id)
    kept = answers.kept(connection, quiz.id)
    questions = quizzes.questions(connection, quiz.id)
    if quiz.starts_at is None:
        asked: tuple[QuestionStatus, ...] = tuple(_unasked(one) for one in questions)
        own = quizzes.teams(connection, quiz.id)
        teams = tuple(TeamStatus(one.name, one.handle, 0, bool(one.handle)) for one in own)
        return QuizStatus(quiz, there.cohort.slug, there.cohort.zone, there.cohort.language, "", asked, teams, (), ())
    scored = [answers.as_scored(one) for one in kept]
    stands = rounds.round_of(connection, quiz, scored)
    handles = {one.name: one.handle for one in quizzes.teams(connection, quiz.id)}
    playing = quizzes.playing(connection, quiz)
    waiting = ""
    if quiz.state is QuizState.RUNNING:
        holidays = holidays_of(there.cohort, there.cadence, now)
        outlook = look(stands, lambda at: next_open(at, there.cadence, there.cohort.zone, holidays), now)
        waiting = outlook.waiting
    items = {item.number: item for item in stands.items}
    return QuizStatus(
        quiz=quiz,
        cohort=there.cohort.slug,
        zone=there.cohort.zone,
        language=there.cohort.language,
        waiting=waiting,
        questions=tuple(_asked(one, items[one.number], stands, now) for one in questions),
        teams=tuple(TeamStatus(one.name, handles[one.name], one.size, one.is_placed) for one in playing),
        standings=quiz.told or standings(stands.asked, playing, scored),
        answers=kept,
        so_far=quiz.told or _so_far(stands, playing, scored),
    )


def _so_far(there: Round, playing: Sequence[Team], scored: Sequence[ScoredAnswer]) -> tuple[Standing, ...]:
    """The places by what can tell nobody anything any more: the questions whose answers are out."""
    out = {item.number for item in there.items if item.reveal is not None and item.reveal.is_out}
    asked = [one for one in there.asked if one.number in out]
    return standings(asked, playing, [one for one in scored if one.given.number in out])


def _unasked(one: QuizQuestion) -> QuestionStatus:
    said = _answer(one)
    why = one.question.explanation
    return QuestionStatus(
        one.number,
        one.question.prompt,
        said,
        why,
        one.nugget,
        one.points,
        "waiting",
        None,
        None,
        0,
        revealed=False,
        choices=_choices(one),
    )


def _asked(one: QuizQuestion, item: Item, there: Round, now: datetime) -> QuestionStatus:
    window = there.window(item)
    if window is not None:
        state = "open" if now < window.closes_at + there.pace.grace else "closed"
    elif item.question is None:
        state = "waiting" if there.stop_at is None else "left out"
    else:
        state = "left out" if item.question.is_gone else "under way"
    return QuestionStatus(
        one.number,
        one.question.prompt,
        _answer(one),
        one.question.explanation,
        one.nugget,
        one.points,
        state,
        None if window is None else window.opened_at,
        None if window is None else window.closes_at,
        sum(hint.is_out for hint in item.hints),
        revealed=item.reveal is not None and item.reveal.is_out,
        choices=_choices(one),
    )


def _choices(one: QuizQuestion) -> tuple[str, ...]:
    return tuple(f"{option.key}) {option.text}" for option in one.question.options)


def _answer(one: QuizQuestion) -> str:
    right = [f"{option.key}) {option.text}" for option in one.question.options if option.correct]
    return right[0] if right else next(iter(one.question.accepted), "")
