"""Take what came back to rounds under way: wishes to join a team, and answers, scored anew by X's stamps.

Everything is worked out from what was read, at each tick: a reply that came in late, was corrected by a person or was
deleted on X changes the scores until the round has ended. From then on they stay as they were told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.domain.listening.aiming import is_stray_letter
from reinforce.domain.listening.grading import Verdict, grade
from reinforce.domain.listening.intents import Intent
from reinforce.domain.listening.joining_teams import wanted_team
from reinforce.domain.listening.lexicon import Lexicon
from reinforce.domain.listening.reply_text import read_text
from reinforce.domain.nugget import Question
from reinforce.domain.quizzing.quiz import Quiz, QuizState
from reinforce.domain.quizzing.scoring import Given, Ruling, ScoredAnswer, Scores, score
from reinforce.store.people import cohorts, people
from reinforce.store.privacy.meanwhile import about_people
from reinforce.store.quizzing import answers, quizzes, rounds
from reinforce.store.quizzing.answers import KeptAnswer, Reply
from reinforce.store.session import Database

# How long after its end a round still notes what comes to light: kept, not scored.
_AFTERWARDS = timedelta(days=2)
_TOO_LATE = "read after the round had ended: kept, not scored"


@dataclass(frozen=True, slots=True)
class ScoreOutcome:
    """How many rounds were looked at, how many people `joined` a team, how many rounds have `changed` scores."""

    rounds: int = 0
    joined: int = 0
    changed: int = 0


def score_quizzes(database: Database, lexicon: Lexicon, *, now: datetime) -> ScoreOutcome:
    """Score every round that is under way, or ended lately, at `now` (programme time)."""
    with database.read() as connection:
        there = [
            quiz
            for quiz in quizzes.quizzes(connection, QuizState.RUNNING, QuizState.CLOSED)
            if quiz.ended_at is None or now - quiz.ended_at <= _AFTERWARDS
        ]
    joined = changed = 0
    for quiz in there:
        with about_people(database) as connection:
            current = quizzes.quiz_by_id(connection, quiz.id, lock=True)
            scoring = _Scoring(connection, current, lexicon)
            if current.state is QuizState.RUNNING:
                joined += scoring.take_in()
                changed += scoring.keep(scoring.scores().answers)
            elif current.state is QuizState.CLOSED:
                changed += scoring.keep(scoring.frozen())
    return ScoreOutcome(len(there), joined, changed)


class _Scoring:
    """One round, within the caller's transaction."""

    def __init__(self, connection: Connection, quiz: Quiz, lexicon: Lexicon) -> None:
        self._connection = connection
        self._quiz = quiz
        self._lexicon = lexicon
        self._language = cohorts.cohort_by_id(connection, quiz.cohort_id).language
        self._questions = {one.number: one for one in quizzes.questions(connection, quiz.id)}
        self._learners: dict[int, int | None] = {}

    # --- who plays ------------------------------------------------------------------------------------------------

    def take_in(self) -> int:
        """Let people join who asked to, and know teams by their handles; returns how many joined."""
        assert self._quiz.starts_at is not None
        written = answers.written_since(self._connection, self._quiz.account_id, self._quiz.starts_at)
        self._bind_handles(written)
        joined = self._join(written)
        self._read_again(written)
        return joined

    def _bind_handles(self, written: tuple[Reply, ...]) -> None:
        unbound = {
            team.handle.casefold(): team.id
            for team in quizzes.teams(self._connection, self._quiz.id)
            if team.handle and team.remote_user_id is None
        }
        for reply in written:
            team_id = unbound.get(reply.handle.casefold())
            # A linked learner's account is a person's, whatever it is called.
            if team_id is not None and people.learner_by_remote_id(self._connection, reply.author) is None:
                quizzes.bind_handle(self._connection, team_id, reply.author)
                del unbound[reply.handle.casefold()]

    def _join(self, written: tuple[Reply, ...]) -> int:
        wishes = [reply for reply in written if Intent.JOIN.value in reply.intents]
        if not wishes:
            return 0
        teams = {team.name: team for team in quizzes.teams(self._connection, self._quiz.id)}
        there = quizzes.members(self._connection, self._quiz.id)
        taken = {one.user for one in there} | {team.remote_user_id for team in teams.values()}
        learners = {one.learner_id for one in there if one.learner_id is not None}
        joined = 0
        for reply in wishes:
            name = wanted_team(reply.text, teams, self._lexicon)
            if not name:
                continue
            if reply.author not in taken and reply.learner_id not in learners:
                team = teams[name]
                learner_id = reply.learner_id
                quizzes.join(self._connection, self._quiz.id, team.id, reply.author, learner_id, reply.at)
                taken.add(reply.author)
                joined += 1
                answers.taken_as_joining(self._connection, reply.id, name)
        return joined

    def _read_again(self, written: tuple[Reply, ...]) -> None:
        """Posts that answer no post and were read before their author was on a team."""
        loose = [reply for reply in written if reply.outbox_id is None and reply.in_reply_to is None]
        loose = [reply for reply in loose if Intent.JOIN.value not in reply.intents]
        if not loose:
            return
        # Asked once: a mention outside of all questions, the most of them, costs no look of its own at each tick.
        grace, asked = self._quiz.pace.grace, rounds.round_of(self._connection, self._quiz).asked
        within = [one for one in loose if any(a.opened_at <= one.at <= a.closes_at + grace for a in asked)]
        answers.read_again(self._connection, [reply.id for reply in within if self._may_answer(reply)])

    def _may_answer(self, reply: Reply) -> bool:
        """Whether a post that replies to nothing would be read as an answer; what would not is not read for ever."""
        post = rounds.open_question(self._connection, self._quiz.account_id, reply.author, reply.at)
        number = None if post is None else rounds.question_posts(self._connection, self._quiz.id).get(post)
        if number is None:
            return False
        said = read_text(reply.text)
        found = grade(said, self._questions[number].question, self._lexicon, self._language)
        return not is_stray_letter(found, said, self._lexicon)

    # --- who scored -----------------------------------------------------------------------------------------------

    def scores(self) -> Scores:
        """The round's scores as they stand."""
        there = rounds.round_of(self._connection, self._quiz)
        return score(there.asked, quizzes.playing(self._connection, self._quiz), self._given(), self._quiz.pace.grace)

    def frozen(self) -> tuple[ScoredAnswer, ...]:
        """What was told when the round ended, and what came to light since."""
        known = {one.post: one for one in answers.kept(self._connection, self._quiz.id)}
        self._learners |= {post: one.learner_id for post, one in known.items()}
        told = [answers.as_scored(one) for one in known.values()]
        new = [one for one in self.scores().answers if one.given.post not in known]
        return (*told, *(replace(one, ruling=Ruling.LATE, points=0, why=_TOO_LATE) for one in new))

    def keep(self, scored: tuple[ScoredAnswer, ...]) -> bool:
        """Keep what became of each answer; whether anything changed."""
        ids = {number: one.id for number, one in self._questions.items()}
        return answers.keep(self._connection, self._quiz.id, ids, scored, self._learners)

    def _given(self) -> list[Given]:
        posts = rounds.question_posts(self._connection, self._quiz.id)
        replies = answers.replies_to(self._connection, posts)
        before = {one.post: one for one in answers.kept(self._connection, self._quiz.id)}
        authors = {reply.author for reply in replies}
        said = answers.silences(self._connection, self._quiz.account_id, authors)
        stopped = answers.stopped_at(self._connection, authors)
        found = []
        for reply in replies:
            assert reply.outbox_id is not None
            number = posts[reply.outbox_id]
            taken = self._taken(reply, self._questions[number].question, before)
            if taken is None:
                continue
            right, choice = taken
            silent = _was_silent(reply, said.get(reply.author, ()), stopped)
            given = Given(reply.remote_id, number, reply.author, reply.at, right, choice)
            found.append(replace(given, deleted=reply.gone, stopped=silent, edited=reply.edited))
            self._learners[reply.remote_id] = reply.learner_id
        return found

    def _taken(
        self, reply: Reply, question: Question, before: Mapping[int, KeptAnswer]
    ) -> tuple[bool | None, str] | None:
        """Whether a reply is right, and the option it chose; None if it is no answer at all."""
        if reply.purged:
            known = before.get(reply.remote_id)
            if known is not None:
                return known.right, known.choice
            return None if reply.right is None else (reply.right, "")
        found = grade(read_text(reply.text), question, self._lexicon, self._language)
        if found.verdict is Verdict.SEVERAL:
            return None, ""
        if Intent.ANSWER.value not in reply.intents:
            return None
        return (found.verdict is Verdict.RIGHT if found.gradable else None), found.choice


def _was_silent(reply: Reply, said: tuple[tuple[int, bool], ...], stopped: Mapping[int, datetime]) -> bool:
    """Whether the author had said stop when they wrote it: in their own words before, or as it is on record."""
    before = [stop for post, stop in said if post <= reply.remote_id]
    if before:
        return before[-1]
    return reply.author in stopped and reply.at >= stopped[reply.author]
