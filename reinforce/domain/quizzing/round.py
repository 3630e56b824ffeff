"""What a round posts next: a pure function of what is out already, so that a restart goes on where it was.

Each post is found by its occurrence, so asking twice plans nothing twice. A question's window begins with X's stamp of
its post, not with when it was due: a daemon that was away shortens nobody's time. Times are programme time, UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from reinforce.domain.quizzing.hints import next_hint
from reinforce.domain.quizzing.quiz import Pace, QuizPost
from reinforce.domain.quizzing.scoring import Asked, ScoredAnswer
from reinforce.domain.sending.outbox import State

# How long after the last close mentions have to have been read to their end: X shows some of them a little late.
SETTLED_AFTER = timedelta(minutes=1)
# How long a post of the round is worth posting after it was due.
_OPENING_GRACE = timedelta(minutes=30)
_AFTERWARDS = timedelta(days=2)
_GONE = frozenset({State.SKIPPED, State.REFUSED, State.CANCELLED})

# The first instant from one on at which the cohort may hear from us; None: never.
Opening = Callable[[datetime], datetime | None]


@dataclass(frozen=True, slots=True)
class Sent:
    """A post of the round. `at` is X's stamp once it is out, else when it is due."""

    state: State
    at: datetime
    outbox_id: int = 0
    remote_id: int | None = None

    @property
    def is_out(self) -> bool:
        """Whether it stands on X."""
        return self.state is State.POSTED

    @property
    def is_gone(self) -> bool:
        """Whether it will never go out."""
        return self.state in _GONE


@dataclass(frozen=True, slots=True)
class Item:
    """One question of the round: how many hints its author wrote, and what of it was posted so far."""

    number: int
    points: int
    hints_there_are: int
    question: Sent | None = None
    hints: tuple[Sent, ...] = ()
    reveal: Sent | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """A round under way. `has_scores`: its cohort answers by replies, so that there are scores to tell. `read_to` is
    when mentions were last read to their end, `is_unread` says that some of what came in was not read for what it
    says. `scored` are the answers so far."""

    pace: Pace
    starts_at: datetime
    items: tuple[Item, ...]
    stop_at: datetime | None = None
    start: Sent | None = None
    leaderboard: Sent | None = None
    has_scores: bool = True
    read_to: datetime | None = None
    is_unread: bool = False
    scored: Sequence[ScoredAnswer] = field(default=())

    def window(self, item: Item) -> Asked | None:
        """When a question that is out opened and closes; None before, and for one that never went out."""
        if item.question is None or not item.question.is_out:
            return None
        opened = item.question.at
        closes = opened + self.pace.window
        if self.stop_at is not None:
            closes = min(closes, max(self.stop_at, opened))
        return Asked(item.number, opened, closes, item.points)

    @property
    def asked(self) -> tuple[Asked, ...]:
        """The windows of all questions that went out."""
        return tuple(window for item in self.items if (window := self.window(item)) is not None)

    @property
    def is_live(self) -> bool:
        """Whether it is held live (`Pace.is_live`)."""
        return self.pace.is_live(len(self.items))


@dataclass(frozen=True, slots=True)
class Step:
    """A post that is due. `number` is the question's (0: of the round), `hint` counts a question's hints from 1."""

    kind: QuizPost
    due_at: datetime
    grace_until: datetime
    why: str
    number: int = 0
    hint: int = 0

    @property
    def name(self) -> str:
        """Its step, as `quiz_occurrence` has it."""
        match self.kind:
            case QuizPost.QUESTION:
                return str(self.number)
            case QuizPost.HINT:
                return f"{self.number}/hint/{self.hint}"
            case QuizPost.REVEAL:
                return f"{self.number}/reveal"
            case QuizPost.LEADERBOARD:
                return "leaderboard"
            case _:
                return "start"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is due now, if anything; `over`: nothing more will follow; `waiting`: what the round waits for."""

    steps: tuple[Step, ...] = ()
    over: bool = False
    waiting: str = ""


def look(there: Round, opening: Opening, now: datetime) -> Outlook:
    """What a round owes at `now`. A live round keeps to its own times; one over days waits for `opening`."""
    return _Look(there, _live if there.is_live else opening, now).outlook()


class _Look:
    """Goes through the round from its start, to where it stands."""

    def __init__(self, there: Round, at: Opening, now: datetime) -> None:
        self._there = there
        self._at = at
        self._now = now
        self._steps: list[Step] = []
        # When the next question may come.
        self._ready = there.starts_at

    def outlook(self) -> Outlook:
        """All that is due."""
        start = self._there.start
        if start is None:
            return self._start()
        if not (start.is_out or start.is_gone):
            return self._wait("its opening post to go out")
        self._ready = start.at + self._there.pace.joining
        for item in self._there.items:
            found = self._item(item)
            if found is not None:
                return found
        return self._finish()

    def _wait(self, what: str, *steps: Step) -> Outlook:
        return Outlook((*self._steps, *steps), waiting=what)

    def _start(self) -> Outlook:
        if self._there.stop_at is not None:
            return Outlook(over=True)
        due = self._at(self._there.starts_at)
        if due is None or due > self._now:
            return self._wait("its start")
        step = Step(QuizPost.START, due, due + _OPENING_GRACE, "the round was started for this time")
        return self._wait("its opening post to go out", step)

    def _item(self, item: Item) -> Outlook | None:
        """What a question owes; None if there is nothing to wait for before the next one."""
        if item.question is None:
            return self._ask(item)
        if item.question.is_gone:
            return None
        window = self._there.window(item)
        if window is None:
            return self._wait(f"question {item.number} to go out")
        ends = window.closes_at + self._there.pace.grace
        if self._now < ends:
            return self._wait(f"the close of question {item.number}", *self._hint(item, window))
        return self._reveal(item, ends)

    def _ask(self, item: Item) -> Outlook:
        if self._there.stop_at is not None:
            return self._finish()
        due = self._at(self._ready)
        if due is None or due > self._now:
            return self._wait(f"the time of question {item.number}")
        why = f"question {item.number} of {len(self._there.items)} of the round"
        late = due + max(self._there.pace.window, _OPENING_GRACE)
        return self._wait(f"question {item.number} to go out", Step(QuizPost.QUESTION, due, late, why, item.number))

    def _hint(self, item: Item, window: Asked) -> tuple[Step, ...]:
        there, now = self._there, self._now
        if any(not (hint.is_out or hint.is_gone) for hint in item.hints) or self._at(now) != now:
            return ()
        given = [hint.at for hint in item.hints]
        answers = [one for one in there.scored if one.given.number == item.number] if there.has_scores else []
        why = next_hint(there.pace, window, given, item.hints_there_are, answers, now)
        why = why and f"a hint for everybody: {why}"
        return (Step(QuizPost.HINT, now, window.closes_at, why, item.number, len(given) + 1),) if why else ()

    def _reveal(self, item: Item, ends: datetime) -> Outlook | None:
        due = self._at(ends)
        if item.reveal is None and due is not None:
            if due > self._now:
                return self._wait(f"the next open hour, for the answer to question {item.number}")
            why = f"question {item.number} has closed; the same for everybody"
            self._steps.append(Step(QuizPost.REVEAL, due, due + _AFTERWARDS, why, item.number))
        self._ready = max(self._ready, due or ends) + self._there.pace.pause
        return None

    def _finish(self) -> Outlook:
        there = self._there
        answers = [item.reveal for item in there.items if item.reveal is not None]
        if self._steps or any(not (one.is_out or one.is_gone) for one in answers):
            return self._wait("the last answer to go out")
        if not there.has_scores or not there.asked or there.leaderboard is not None:
            return Outlook(over=True)
        return self._leaderboard(max(one.closes_at for one in there.asked) + there.pace.grace)

    def _leaderboard(self, ends: datetime) -> Outlook:
        there, due = self._there, self._at(max(ends, self._now))
        if there.read_to is None or there.read_to < ends + SETTLED_AFTER or there.is_unread:
            return self._wait("all answers to be read")
        if due is None or due > self._now:
            return self._wait("the next open hour, for the leaderboard")
        why = "the round is over, and every answer is read"
        return self._wait("its leaderboard", Step(QuizPost.LEADERBOARD, due, due + _AFTERWARDS, why))


def _live(instant: datetime) -> datetime:
    return instant
