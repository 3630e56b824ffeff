"""Plan what rounds under way owe: the opening post, questions, hints, answers and the leaderboard.

What is due is worked out from what is out (`domain.quizzing.round`), and each post has an occurrence of its own, so a
daemon that was killed in the middle of a round goes on where it was and doubles nothing. Questions, hints and answers
go to everybody; no reply is ever made to anybody's answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from reinforce.content.cohort_calendar import holidays_of
from reinforce.domain.cohort import Answers, CohortState
from reinforce.domain.errors import Conflict
from reinforce.domain.nugget import Form
from reinforce.domain.planning.deciding import Composed, Unfit
from reinforce.domain.planning.slots import next_open
from reinforce.domain.quizzing.leaderboard import publishable_share
from reinforce.domain.quizzing.quiz import Quiz, QuizPost, QuizQuestion, QuizState, Standing, quiz_occurrence
from reinforce.domain.quizzing.round import Round, Step, look
from reinforce.domain.quizzing.scoring import Team, standings
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.kill_points import Checkpoint, KillPoint, unwatched
from reinforce.domain.sending.outbox import OutboxItem, Planned
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.rendering.composing import PostComposer
from reinforce.rendering.posts import PostRenderer
from reinforce.rendering.quiz_posts import QuizTexts, Ways
from reinforce.store.planning import decisions
from reinforce.store.planning.post_frame import PostFrame, post_frame
from reinforce.store.quizzing import answers, quizzes, rounds
from reinforce.store.sending import outbox
from reinforce.store.session import Database


@dataclass(frozen=True, slots=True)
class QuizPostsOutcome:
    """The posts that were planned, and how many rounds `ended`."""

    planned: tuple[OutboxItem, ...] = ()
    ended: int = 0


def post_quizzes(
    database: Database,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    now: datetime,
    checkpoint: Checkpoint = unwatched,
) -> QuizPostsOutcome:
    """Plan what every running round owes at `now` (programme time)."""
    with database.read() as connection:
        running = quizzes.quizzes(connection, QuizState.RUNNING)
    planned: list[OutboxItem] = []
    ended = 0
    for quiz in reversed(running):
        with database.read() as connection:
            there = _There.of(connection, quiz, now)
        if there.frame.cohort.state is not CohortState.RUNNING:
            continue  # the round stands still with its cohort
        outlook = look(there.round, there.opening, now)
        texts = _Texts(there, renderer, tariff)
        for step in outlook.steps:
            item = _commit(database, there, step, texts.of(step), now, checkpoint)
            planned += [] if item is None else [item]
        ended += outlook.over and _end(database, there, now)
    return QuizPostsOutcome(tuple(planned), ended)


@dataclass(frozen=True, slots=True)
class _There:
    """A round with all that its next post depends on, read in one transaction."""

    quiz: Quiz
    round: Round
    questions: Mapping[int, QuizQuestion]
    frame: PostFrame
    teams: tuple[Team, ...]
    holidays: Mapping[date, str]

    @staticmethod
    def of(connection: Connection, quiz: Quiz, now: datetime) -> _There:
        scored = [answers.as_scored(one) for one in answers.kept(connection, quiz.id)]
        frame = post_frame(connection, quiz.cohort_id, now)
        return _There(
            quiz,
            rounds.round_of(connection, quiz, scored),
            {one.number: one for one in quizzes.questions(connection, quiz.id)},
            frame,
            quizzes.playing(connection, quiz),
            holidays_of(frame.cohort, frame.cadence, now),
        )

    @property
    def standings(self) -> tuple[Standing, ...]:
        """The teams' places so far."""
        return standings(self.round.asked, self.teams, self.round.scored)

    def opening(self, instant: datetime) -> datetime | None:
        """The first instant from one on at which the cohort may hear from us."""
        return next_open(instant, self.frame.cadence, self.frame.cohort.zone, self.holidays)


class _Texts:
    """Composes the posts of one round."""

    def __init__(self, there: _There, renderer: PostRenderer, tariff: Tariff) -> None:
        cohort = there.frame.cohort
        self._there = there
        self._compose = PostComposer(renderer, tariff, cohort.language, NamingGuard(there.frame.unnamed))
        self._texts = QuizTexts(renderer, cohort.language, there.quiz.title, len(there.questions), cohort.answers)

    def of(self, step: Step) -> Composed | Unfit:
        """The text of a step, or why there is none."""
        poll, frame = self._poll(step), self._there.frame
        # A poll's price is not a plain post's.
        form = Form.POLL.value if poll else step.kind.value
        ways, repeat_after = self._ways(step), frame.cadence.repeat_after
        return self._compose.first_fit(ways, form, step.due_at, frame.texts, repeat_after, poll)

    def _ways(self, step: Step) -> Ways:
        there = self._there
        if step.kind is QuizPost.START:
            return self._texts.start(there.quiz.pace.window, [team.name for team in there.teams if not team.spoken_for])
        if step.kind is QuizPost.LEADERBOARD:
            return self._texts.leaderboard(there.standings, publishable_share(there.round.scored))
        question = there.questions[step.number].question
        if step.kind is QuizPost.HINT:
            return self._texts.hint(step.number, question.hints[step.hint - 1])
        if step.kind is QuizPost.REVEAL:
            return self._texts.reveal(step.number, question)
        ends = step.due_at + there.quiz.pace.window + there.quiz.pace.grace
        local = ends.astimezone(ZoneInfo(there.frame.cohort.zone))
        return self._texts.question(step.number, question, f"{local:%H:%M}")

    def _poll(self, step: Step) -> dict[str, object] | None:
        if step.kind is not QuizPost.QUESTION or self._there.frame.cohort.answers is not Answers.POLLS:
            return None
        options = self._there.questions[step.number].question.options
        return {"options": [one.text for one in options], "minutes": int(self._there.quiz.pace.minutes)}


def _commit(
    database: Database, there: _There, step: Step, composed: Composed | Unfit, now: datetime, checkpoint: Checkpoint
) -> OutboxItem | None:
    """Put a post of the round, or why there is none, on record; None too if somebody else did or ended the round."""
    with database.write() as connection:
        item = _put(connection, there, step, composed, now)
        checkpoint(KillPoint.BEFORE_PLAN_COMMIT)
    checkpoint(KillPoint.AFTER_PLAN_COMMIT)
    return item


def _put(
    connection: Connection, there: _There, step: Step, composed: Composed | Unfit, now: datetime
) -> OutboxItem | None:
    occurrence = quiz_occurrence(there.quiz.id, step.name)
    current = quizzes.quiz_by_id(connection, there.quiz.id, lock=True)
    if current.state is not QuizState.RUNNING or current.stop_at != there.quiz.stop_at:
        return None
    if isinstance(composed, Composed):
        planned = _planned(there, step, composed, occurrence)
        try:
            item = outbox.add(connection, planned, now, there.frame.cadence.repeat_after)
        except Conflict as conflict:
            if outbox.item_by_occurrence(connection, occurrence) is not None:
                return None
            composed = Unfit(conflict.message)
        else:
            question = there.questions.get(step.number)
            question_id = None if question is None else question.id
            rounds.record_post(connection, there.quiz.id, question_id, step.kind, item.id)
            if step.kind is QuizPost.LEADERBOARD:
                quizzes.end(connection, current, _note(there.round), there.standings, now)
            return item
    reason = f"Nothing is posted for step {step.name} of the quiz {there.quiz.slug}: {composed.reason}."
    decisions.record_quiet(connection, there.quiz.cohort_id, occurrence, reason, {}, now)
    return None


def _planned(there: _There, step: Step, composed: Composed, occurrence: str) -> Planned:
    question = there.questions.get(step.number)
    below = None
    if step.kind in (QuizPost.HINT, QuizPost.REVEAL):
        below = next(item.question for item in there.round.items if item.number == step.number)
    return Planned(
        account_id=there.quiz.account_id,
        cohort_id=there.quiz.cohort_id,
        nugget_id=None if question is None else question.nugget_id,
        occurrence=occurrence,
        form=step.kind.value,
        text=composed.text,
        text_hash=composed.text_hash,
        reply_to=None if below is None else below.remote_id,
        reply_to_outbox_id=None if below is None else below.outbox_id,
        poll=composed.poll,
        alternatives=[dict(one) for one in composed.alternatives],
        price_micros=composed.price_micros,
        due_at=step.due_at,
        grace_until=step.grace_until,
        reason=f"Quiz {there.quiz.slug}: {step.why}.",
        decision={"quiz": there.quiz.slug, "step": step.name},
        confidentiality=None if question is None or question.nugget_id else there.quiz.confidentiality.value,
    )


def _note(there: Round) -> str:
    """How a round ended, for people."""
    if not there.asked:
        return "no question went out"
    if not there.has_scores:
        return "its cohort does not answer by replies: nothing was scored"
    return f"{len(there.asked)} of {len(there.items)} questions were asked"


def _end(database: Database, there: _There, now: datetime) -> bool:
    """Close a round that owes nothing more and has not told its places."""
    try:
        with database.write() as connection:
            quizzes.end(connection, there.quiz, _note(there.round), there.standings, now)
    except Conflict:
        return False
    return True
