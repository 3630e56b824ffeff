"""Start a round, close it before its end, or cancel it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.cohort import Answers, CohortState
from reinforce.domain.errors import Conflict, NotAllowed
from reinforce.domain.planning.slots import next_open
from reinforce.domain.quizzing.quiz import SMALLEST_TEAM, Quiz, QuizPost, QuizState, TeamEntry
from reinforce.domain.sending.outbox import State
from reinforce.store.operating import audit
from reinforce.store.planning import plan_snapshot
from reinforce.store.planning.plan_snapshot import CohortFrame
from reinforce.store.quizzing import quizzes, rounds
from reinforce.store.sending import attempts, outbox
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class StartedQuiz:
    """A round that was started. `teams` counts the people of each team; `notes` say what to look at first."""

    quiz: Quiz
    teams: dict[str, int]
    notes: tuple[str, ...]


def start_quiz(
    database: Database, slug: str, at: datetime | None, *, actor: str, now: datetime, anyway: bool = False
) -> StartedQuiz:
    """Start a round at `at`, or now. The roster's teams are taken as they are at this moment.

    Raises NotFound; NotAllowed if it is no draft, its cohort is not running, it has no team, or it would be held live
    while the cohort is not to hear from us (`anyway` takes that on oneself); Conflict if the cohort has one under way.
    """
    begins = now if at is None else at
    with database.write() as connection:
        quiz = quizzes.quiz_by_slug(connection, slug)
        there = plan_snapshot.frame(connection, quiz.cohort_id)
        _require_startable(connection, quiz, there, begins, now)
        live = quiz.pace.is_live(len(quizzes.questions(connection, quiz.id)))
        if live and not anyway:
            _require_open(quiz, there, begins)
        teams = _take_teams(connection, quiz, begins)
        if there.cohort.answers is Answers.REPLIES and not teams:
            advice = 'Name them in the quiz file ("teams:"), or give the roster a column "team" and enroll it again.'
            raise NotAllowed(f"{slug} has no teams", advice)
        started = quizzes.move(connection, quiz, QuizState.RUNNING, starts_at=begins)
        audit.record(connection, actor, "quiz.start", f"quiz/{quiz.id}", {"teams": len(teams)}, now)
    return StartedQuiz(started, teams, _notes(there, teams, live=live))


def close_quiz(database: Database, slug: str, *, actor: str, now: datetime) -> Quiz:
    """Close a running round now: the open question closes, no further one is asked, answers and leaderboard follow.
    Raises NotFound, NotAllowed if it is not running."""
    with database.write() as connection:
        quiz = _require_state(connection, slug, QuizState.RUNNING)
        if quiz.stop_at is not None:
            raise NotAllowed(f"{slug} was closed already", f"See what it waits for: reinforce quiz status {slug}")
        _withdraw(connection, quiz, "the round was closed", QuizPost.QUESTION, QuizPost.HINT, QuizPost.START)
        closed = quizzes.move(connection, quiz, QuizState.RUNNING, stop_at=now)
        audit.record(connection, actor, "quiz.close", f"quiz/{quiz.id}", {}, now)
        return closed


def cancel_quiz(database: Database, slug: str, *, actor: str, now: datetime) -> Quiz:
    """End a round for good: nothing more of it is posted, and no scores are told. Raises NotFound, NotAllowed if it
    has ended already."""
    with database.write() as connection:
        quiz = _require_state(connection, slug, QuizState.DRAFT, QuizState.RUNNING)
        _withdraw(connection, quiz, "the round was cancelled", *QuizPost)
        cancelled = quizzes.move(connection, quiz, QuizState.CANCELLED, ended_at=now, note="cancelled by a person")
        audit.record(connection, actor, "quiz.cancel", f"quiz/{quiz.id}", {}, now)
        return cancelled


def _require_state(connection: Connection, slug: str, *states: QuizState) -> Quiz:
    quiz = quizzes.quiz_by_id(connection, quizzes.quiz_by_slug(connection, slug).id, lock=True)
    if quiz.state not in states:
        raise NotAllowed(f"the quiz {slug} is {quiz.state.value}", f"Look at it: reinforce quiz status {slug}")
    return quiz


def _require_startable(connection: Connection, quiz: Quiz, there: CohortFrame, begins: datetime, now: datetime) -> None:
    if quiz.state is not QuizState.DRAFT:
        raise NotAllowed(f"the quiz {quiz.slug} is {quiz.state.value}", "A round is held once: create another one.")
    if there.cohort.state is not CohortState.RUNNING:
        advice = f"Run: reinforce cohort resume {there.cohort.slug}"
        raise NotAllowed(f"the cohort {there.cohort.slug} is {there.cohort.state.value}", advice)
    if begins < now:
        raise NotAllowed("a round can't begin in the past", "Give a later time with --at, or leave it out.")
    running = quizzes.quizzes(connection, QuizState.RUNNING)
    other = next((one for one in running if one.cohort_id == quiz.cohort_id), None)
    if other is not None:
        raise Conflict(
            f"{other.slug} is under way in {there.cohort.slug}", f"Wait, or: reinforce quiz close {other.slug}"
        )


def _require_open(quiz: Quiz, there: CohortFrame, begins: datetime) -> None:
    """A live round keeps to its own times, so it has to begin when the cohort may hear from us."""
    holidays = holidays_of(there.cohort, there.cadence, begins)
    opens = next_open(begins, there.cadence, there.cohort.zone, holidays)
    if opens != begins:
        raise NotAllowed(
            f"{there.cohort.slug} is not to hear from us then (quiet hours, a holiday or a day off)",
            f"Start it later with --at, or say that people expect it: reinforce quiz start {quiz.slug} --anyway",
        )


def _take_teams(connection: Connection, quiz: Quiz, begins: datetime) -> dict[str, int]:
    """Bring the roster's teams into the round; how many people each team has."""
    known = {team.name: team.id for team in quizzes.teams(connection, quiz.id)}
    sizes = dict.fromkeys(known, 0)
    for name, learners in quizzes.roster_teams(connection, quiz.cohort_id).items():
        if name not in known:
            known[name] = quizzes.add_team(connection, quiz.id, TeamEntry(name))
        quizzes.add_members(connection, quiz.id, known[name], learners, begins)
        sizes[name] = len(learners)
    return sizes


def _notes(there: CohortFrame, teams: dict[str, int], *, live: bool) -> tuple[str, ...]:
    notes = []
    if there.cohort.answers is not Answers.REPLIES:
        notes.append(f"{there.cohort.slug} answers by {there.cohort.answers.value}: nobody's answer can be scored")
    small = sorted(name for name, size in teams.items() if 0 < size < SMALLEST_TEAM)
    if small:
        notes.append(
            f"too small to be placed, unless others join: {', '.join(small)} ({SMALLEST_TEAM} people are needed)"
        )
    if not live:
        notes.append("it is held over days: its posts keep to the cohort's open hours")
    return tuple(notes)


def _withdraw(connection: Connection, quiz: Quiz, why: str, *kinds: QuizPost) -> None:
    """Take back what was not sent of a round. What may have been sent once is let go instead, as `cancel` does."""
    forms = {kind.value for kind in kinds}
    for item_id in rounds.planned_posts(connection, quiz.id):
        item = outbox.item(connection, item_id)
        if item.form in forms and item.state in (State.PLANNED, State.LEASED):
            leave = outbox.skip if attempts.may_have_been_sent(connection, item_id) else outbox.cancel
            leave(connection, item, why)
