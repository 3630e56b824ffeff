"""A quiz round: about ten questions that teams answer, one after the other, over minutes or days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from reinforce.domain.nugget import Confidentiality, Question

# A team of one or two would show who answered how.
SMALLEST_TEAM = 3
# A round that is over within so long is held live: a person asked for it at that time (docs/explanation/quizzes.md).
LIVE = timedelta(hours=4)


class QuizState(StrEnum):
    """A round is made, runs, and ends with its leaderboard, or is cancelled and ends without."""

    DRAFT = "draft"
    RUNNING = "running"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class QuizPost(StrEnum):
    """What a round posts; the value is the outbox's form."""

    START = "quiz_start"
    QUESTION = "quiz_question"
    HINT = "quiz_hint"
    REVEAL = "quiz_reveal"
    LEADERBOARD = "quiz_leaderboard"


class Via(StrEnum):
    """How somebody came to be on a team: by the roster, by replying "join red", or as the team's own handle."""

    ROSTER = "roster"
    REPLY = "reply"
    HANDLE = "handle"


@dataclass(frozen=True, slots=True)
class Pace:
    """When what follows what. `minutes` is how long a question is open, `pause_minutes` the time from its answer to the
    next one, `join_minutes` the time from the opening post to the first. An answer that X stamped up to
    `grace_seconds` after the close still counts.

    A hint follows every `hint_minutes` while a question is open (None: none by time), and as soon as `hint_share` of at
    least `domain.quizzing.hints.FEWEST` answers since the last one were not right (None: none by share).
    """

    minutes: float = 10.0
    pause_minutes: float = 2.0
    join_minutes: float = 5.0
    grace_seconds: float = 30.0
    hint_minutes: float | None = None
    hint_share: float | None = None

    @property
    def window(self) -> timedelta:
        """How long a question is open."""
        return timedelta(minutes=self.minutes)

    @property
    def pause(self) -> timedelta:
        """From the answer to the next question."""
        return timedelta(minutes=self.pause_minutes)

    @property
    def joining(self) -> timedelta:
        """From the opening post to the first question."""
        return timedelta(minutes=self.join_minutes)

    @property
    def grace(self) -> timedelta:
        """How late an answer may be stamped."""
        return timedelta(seconds=self.grace_seconds)

    def length(self, questions: int) -> timedelta:
        """From the opening post to the last answer, if every post goes out when it is due."""
        return self.joining + questions * (self.window + self.grace + self.pause) - self.pause

    def is_live(self, questions: int) -> bool:
        """Whether a round of so many questions is held live: asked for by a person at that very time."""
        return self.length(questions) <= LIVE


@dataclass(frozen=True, slots=True)
class TeamEntry:
    """A team. `handle` (without @, "" for none) is one that speaks for the whole team: it scores, and is nobody's
    memory."""

    name: str
    handle: str = ""


@dataclass(frozen=True, slots=True)
class QuizEntry:
    """A question as a file has it. Without `question` it is that of the nugget that `nugget` ("procedure/slug" or
    "slug") names; `line` is where it stands."""

    nugget: str
    question: Question | None
    points: int = 1
    line: int = 0


@dataclass(frozen=True, slots=True)
class QuizFile:
    """A round as its file says. Without `teams` the roster's are taken."""

    slug: str
    title: str
    entries: tuple[QuizEntry, ...]
    teams: tuple[TeamEntry, ...] = ()
    pace: Pace = Pace()
    confidentiality: Confidentiality = Confidentiality.INTERNAL
    file: str = ""


@dataclass(frozen=True, slots=True)
class QuizQuestion:
    """A question of a round, as it will be asked. `number` counts from 1; `nugget_id` is None where it belongs to no
    nugget: then its answers are no evidence."""

    id: int
    number: int
    question: Question
    points: int
    nugget_id: int | None = None
    nugget: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A team's place, from 1; teams that nothing tells apart share one. `solved` questions were answered right by
    anybody of it, `seconds` is how long its earliest right answers took in all."""

    team: str
    place: int
    points: int
    solved: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Quiz:
    """A round. `starts_at` is None until it was started; `stop_at` is when a person closed it before its end (both
    programme time). `note` says how it ended, for people; `told` are the places that its leaderboard was made of, with
    those of the teams that it does not show: who is erased later takes no points from their team."""

    id: int
    slug: str
    title: str
    cohort_id: int
    account_id: int
    state: QuizState
    pace: Pace
    confidentiality: Confidentiality
    starts_at: datetime | None
    stop_at: datetime | None
    ended_at: datetime | None
    note: str
    created_at: datetime
    told: tuple[Standing, ...] = ()


def quiz_occurrence(quiz_id: int, step: str) -> str:
    """The key of a post of a round. `step` is "start", "3" (a question), "3/hint/1", "3/reveal" or "leaderboard"."""
    return f"quiz/{quiz_id}/{step}"
