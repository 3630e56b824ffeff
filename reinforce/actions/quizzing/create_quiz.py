"""Make a round: of a file, or of a cohort's own nuggets. Everything that could keep it from being held is told now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from reinforce.domain.authoring.confidentiality import may_carry, who_reads
from reinforce.domain.authoring.post_rules import LONGEST_POLL_OPTION, fits_a_poll
from reinforce.domain.cohort import Answers, CohortState
from reinforce.domain.errors import ContentRefused, Fault, NotAllowed, NotFound
from reinforce.domain.nugget import Question
from reinforce.domain.planning.deciding import Unfit
from reinforce.domain.quizzing.drawing import draw
from reinforce.domain.quizzing.quiz import Pace, Quiz, QuizEntry, QuizFile, QuizPost
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.texts.naming_guard import NamingGuard
from reinforce.rendering.composing import PostComposer
from reinforce.rendering.posts import PostRenderer
from reinforce.rendering.quiz_posts import QuizTexts, Ways
from reinforce.store.accounts import accounts
from reinforce.store.authoring import nuggets
from reinforce.store.operating import audit
from reinforce.store.people import cohorts, people
from reinforce.store.planning.post_frame import PostFrame, post_frame
from reinforce.store.quizzing import quizzes, rounds
from reinforce.store.quizzing.quizzes import NewQuestion
from reinforce.store.session import Database

# X takes no poll that is open for less.
_SHORTEST_POLL = 5
_DRAWN = "drawn from its nuggets"


@dataclass(frozen=True, slots=True)
class CreatedQuiz:
    """What was made, or with a dry run would be. `teams` counts the round's own; without any the roster's play."""

    slug: str
    title: str
    cohort: str
    questions: int
    evidence: int
    teams: int
    quiz: Quiz | None = None


def draw_quiz(database: Database, cohort_slug: str, count: int, slug: str, title: str, pace: Pace) -> QuizFile:
    """A round of at most `count` questions of the cohort's nuggets that its account may carry. Raises NotFound for the
    cohort, NotAllowed if none of its nuggets has a question."""
    with database.read() as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        account = accounts.account_by_id(connection, cohort.account_id)
        asked = rounds.last_asked(connection, account.id)
        learnt = nuggets.cohort_nuggets(connection, cohort.id)
    able = [one for one in learnt if may_carry(account, one.confidentiality)]
    able = [one for one in able if _is_askable(one.question, cohort.answers)]
    drawn = draw(able, asked, count)
    if not drawn:
        advice = "Give a nugget of its procedures a question, or write a quiz file."
        raise NotAllowed(f"no nugget of {cohort_slug} has a question that may be asked on its account", advice)
    entries = tuple(QuizEntry(f"{one.procedure}/{one.slug}", None) for one in drawn)
    return QuizFile(slug, title, entries, pace=pace)


def create_quiz(  # noqa: PLR0913 - what a person says, what it is composed with, who and when
    database: Database,
    cohort_slug: str,
    draft: QuizFile,
    renderer: PostRenderer,
    tariff: Tariff,
    *,
    actor: str,
    now: datetime,
    dry_run: bool = False,
) -> CreatedQuiz:
    """Keep `draft` as a round of a cohort; with `dry_run` everything is looked at and nothing kept.

    Raises NotFound for the cohort, ContentRefused with every line that can't be asked there, NotAllowed if the account
    is public and the round is not, Conflict if its name is taken.
    """
    with database.read() if dry_run else database.write() as connection:
        cohort = cohorts.cohort_by_slug(connection, cohort_slug)
        frame = post_frame(connection, cohort.id, now)
        _require_fit(frame, draft)
        questions = _Entries(connection, frame, draft, renderer, tariff).questions(now)
        made = CreatedQuiz(
            draft.slug,
            draft.title,
            cohort.slug,
            len(questions),
            sum(one.nugget_id is not None for one in questions),
            len(draft.teams),
        )
        if dry_run:
            return made
        quiz = quizzes.create(connection, draft, questions, cohort.id, cohort.account_id, now)
        audit.record(connection, actor, "quiz.create", f"quiz/{quiz.id}", {"questions": len(questions)}, now)
        return replace(made, quiz=quiz)


def _require_fit(frame: PostFrame, draft: QuizFile) -> None:
    if frame.cohort.state is CohortState.FINISHED:
        raise NotAllowed(f"the cohort {frame.cohort.slug} is finished", "Make the round for another one.")
    own = [entry for entry in draft.entries if not entry.nugget]
    if own and not may_carry(frame.account, draft.confidentiality):
        raise NotAllowed(
            f"{who_reads(frame.account)}, and the questions of {draft.slug} are internal",
            'Use a protected account, or write "confidentiality: public" into the file if they may be read by anybody.',
        )
    if frame.cohort.answers is Answers.POLLS and draft.pace.minutes < _SHORTEST_POLL:
        advice = f"Write minutes: {_SHORTEST_POLL} or more."
        raise NotAllowed(f"{frame.cohort.slug} answers by polls, and X takes none that is shorter", advice)


class _Entries:
    """The entries of a round, held against a cohort: every fault at once."""

    def __init__(
        self, connection: Connection, frame: PostFrame, draft: QuizFile, renderer: PostRenderer, tariff: Tariff
    ) -> None:
        self._connection = connection
        self._frame = frame
        self._draft = draft
        self._faults: list[Fault] = []
        cohort = frame.cohort
        self._compose = PostComposer(renderer, tariff, cohort.language, NamingGuard(frame.unnamed))
        self._texts = QuizTexts(renderer, cohort.language, draft.title, len(draft.entries), cohort.answers)

    def questions(self, now: datetime) -> list[NewQuestion]:
        """The questions as they will be asked. Raises ContentRefused."""
        teams = [team.name for team in self._draft.teams]
        self._require_text(self._texts.start(self._draft.pace.window, teams), QuizPost.START, 1, now)
        self._look_at_handles()
        found = []
        for number, entry in enumerate(self._draft.entries, start=1):
            one = self._question(entry)
            if one is not None:
                self._look_at(number, entry, one.question, now)
                found.append(one)
        if self._faults:
            raise ContentRefused(self._faults)
        return found

    def _question(self, entry: QuizEntry) -> NewQuestion | None:
        if not entry.nugget:
            assert entry.question is not None
            return NewQuestion(entry.question, entry.points, None)
        try:
            nugget = nuggets.nugget_by_reference(self._connection, entry.nugget, self._frame.cohort.id)
        except NotFound as missing:
            self._fault(entry.line, f"{missing.message}.", missing.advice)
            return None
        question = entry.question or nugget.question
        if question is None:
            self._fault(entry.line, f"{entry.nugget} has no question.", 'Write one under "question:".')
            return None
        if not may_carry(self._frame.account, nugget.confidentiality):
            advice = "Use a protected account, or mark the nugget public in its file."
            self._fault(entry.line, f"{entry.nugget} is internal, and {who_reads(self._frame.account)}.", advice)
            return None
        return NewQuestion(question, entry.points, nugget.id)

    def _look_at(self, number: int, entry: QuizEntry, question: Question, now: datetime) -> None:
        if not _is_askable(question, self._frame.cohort.answers):
            advice = f"Give it two to four choices of at most {LONGEST_POLL_OPTION} characters, or take it out."
            self._fault(entry.line, f"question {number} can't be a poll, and the cohort answers by polls.", advice)
            return
        hints = [(self._texts.hint(number, hint), QuizPost.HINT) for hint in question.hints]
        asked = [(self._texts.question(number, question, "16:00"), QuizPost.QUESTION), *hints]
        for ways, kind in [*asked, (self._texts.reveal(number, question), QuizPost.REVEAL)]:
            self._require_text(ways, kind, entry.line, now, f"question {number}: ")

    def _require_text(self, ways: Ways, kind: QuizPost, line: int, now: datetime, which: str = "") -> None:
        found = self._compose.first_fit(ways, kind.value, now, {}, self._frame.cadence.repeat_after)
        if isinstance(found, Unfit):
            what = kind.value.removeprefix("quiz_")
            self._fault(line, f"{which}its {what} can't be posted: {found.reason}", "Say it in fewer or other words.")

    def _look_at_handles(self) -> None:
        spoken = [team.handle for team in self._draft.teams if team.handle]
        taken = people.learners_by_handles(self._connection, spoken)
        for handle in spoken:
            if handle.lower() in taken:
                advice = "A team's handle is nobody's memory: give the team one of its own."
                self._fault(1, f"@{handle} is a learner's, and can't speak for a team.", advice)

    def _fault(self, line: int, message: str, advice: str) -> None:
        self._faults.append(Fault(self._draft.file or _DRAWN, max(line, 1), 1, message, advice))


def _is_askable(question: Question | None, answers: Answers) -> bool:
    return question is not None and (answers is not Answers.POLLS or fits_a_poll(question))
