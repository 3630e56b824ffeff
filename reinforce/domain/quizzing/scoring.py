"""Who scored: a pure function of X's stamps, whatever order the answers came in.

The rules, in the order in which they are asked of an answer (docs/explanation/quizzes.md tells them to people):

1. Its author had said stop when they wrote it: nothing of theirs is graded.
2. It holds no answer that can be told, or two: it is not taken, and the author's next one may be the first.
3. It was stamped more than the grace after the close of its question: late.
4. Its author answered that question before: the first answer counts, a changed one is kept.
5. It was deleted on X before the round's end: withdrawn, and its author's later ones are not first any more.
6. Its author is on no team. Who joins before a question's close is on the team for all of that question.
7. Its team has fewer than three people, and is no team's own handle: it is not placed.

Of what is left the earliest right answer wins the question's points for its team. X's stamps are whole seconds: teams
whose earliest right answers bear the same stamp win both, each all the points.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from reinforce.domain.quizzing.quiz import SMALLEST_TEAM, Standing


class Ruling(StrEnum):
    """What became of an answer. WON: earliest, with points. RIGHT and WRONG count, without points; the others do not
    count."""

    WON = "won"
    RIGHT = "right"
    WRONG = "wrong"
    DELETED = "deleted"
    STOPPED = "stopped"
    UNCLEAR = "unclear"
    LATE = "late"
    REPEATED = "repeated"
    NO_TEAM = "no_team"
    SMALL_TEAM = "small_team"


COUNTED = frozenset({Ruling.WON, Ruling.RIGHT, Ruling.WRONG})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that went out, from X's stamp on; `closes_at` is without the grace."""

    number: int
    opened_at: datetime
    closes_at: datetime
    points: int = 1


@dataclass(frozen=True, slots=True)
class Team:
    """A team with its people: X user id → since when (X's stamp of their joining, or the round's start). `size` counts
    those of the roster, too, who are not linked yet; `spoken_for`: it answers by a handle of its own."""

    name: str
    people: Mapping[int, datetime]
    size: int
    spoken_for: bool = False

    @property
    def is_placed(self) -> bool:
        """Whether it may score: three people or more, or a handle that stands for as many."""
        return self.spoken_for or self.size >= SMALLEST_TEAM


@dataclass(frozen=True, slots=True)
class Given:
    """An answer: `who` is the author's X user id, `at` X's stamp, `post` X's id. `right` is None where no answer, or
    more than one, is in it. `edited`: it is a later version of a post, with a stamp of its own."""

    post: int
    number: int
    who: int
    at: datetime
    right: bool | None
    choice: str = ""
    deleted: bool = False
    stopped: bool = False
    edited: bool = False


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """An answer with what became of it. `team` is "" where its author is on none."""

    given: Given
    team: str
    ruling: Ruling
    points: int
    why: str


@dataclass(frozen=True, slots=True)
class Scores:
    """Every answer in the order it was written, and the teams that are placed, the best first."""

    answers: tuple[ScoredAnswer, ...]
    standings: tuple[Standing, ...]


def score(asked: Sequence[Asked], teams: Sequence[Team], given: Iterable[Given], grace: timedelta) -> Scores:
    """Score a round so far. The order of `given` makes no difference."""
    questions = {one.number: one for one in asked}
    ordered = sorted(given, key=lambda one: (one.at, one.post))
    rulings = _Rulings(questions, teams, grace)
    judged = [rulings.of(one) for one in ordered if one.number in questions]
    firsts = _firsts(judged)
    answers = tuple(_weighed(one, firsts, questions) if one.ruling is Ruling.RIGHT else one for one in judged)
    return Scores(answers, standings(asked, teams, answers))


def standings(asked: Iterable[Asked], teams: Iterable[Team], answers: Iterable[ScoredAnswer]) -> tuple[Standing, ...]:
    """The places that `answers` give to the teams: by points, then by questions solved, then by the time they took; who
    is equal in all shares a place."""
    questions = {one.number: one for one in asked}
    firsts = _firsts(answers)
    rows = []
    for team in teams:
        if not team.is_placed:
            continue
        solved = {number: of[team.name].at for number, of in firsts.items() if team.name in of}
        won = [number for number, at in solved.items() if at == min(one.at for one in firsts[number].values())]
        took = sum((at - questions[number].opened_at).total_seconds() for number, at in solved.items())
        rows.append((-sum(questions[number].points for number in won), -len(solved), took, team.name))
    rows.sort()
    return tuple(
        Standing(name, 1 + sum(other[:3] < (points, solved, took) for other in rows), -points, -solved, took)
        for points, solved, took, name in rows
    )


# For each question, the earliest right answer of each team.
_Firsts = Mapping[int, Mapping[str, Given]]


class _Rulings:
    """Asks the rules in order; remembers who has answered what."""

    def __init__(self, questions: Mapping[int, Asked], teams: Sequence[Team], grace: timedelta) -> None:
        self._questions = questions
        self._teams = teams
        self._grace = grace
        self._answered: dict[tuple[int, int], Given] = {}

    def of(self, one: Given) -> ScoredAnswer:
        """What is to be said of an answer before it is compared with others: RIGHT may turn out to have won."""
        asked = self._questions[one.number]
        team = self._team(one.who, asked.closes_at + self._grace)
        name = "" if team is None else team.name
        for ask in (self._unfit, self._not_first):
            ruling, why = ask(one, asked)
            if why:
                return ScoredAnswer(one, name, ruling, 0, why)
        ruling, why = _unplaced(team)
        if why:
            return ScoredAnswer(one, name, ruling, 0, why)
        ruling, why = (Ruling.RIGHT, "right") if one.right else (Ruling.WRONG, "not the answer")
        return ScoredAnswer(one, name, ruling, 0, why)

    def _unfit(self, one: Given, asked: Asked) -> tuple[Ruling, str]:
        if one.stopped:
            return Ruling.STOPPED, "they had said stop: nothing of theirs is graded"
        if one.right is None:
            return Ruling.UNCLEAR, "no answer, or more than one, in it: the next one counts"
        if one.at > asked.closes_at + self._grace:
            late = (one.at - asked.closes_at).total_seconds()
            return Ruling.LATE, f"{late:.0f} s after the close, and {self._grace.total_seconds():g} s are allowed"
        return Ruling.RIGHT, ""

    def _not_first(self, one: Given, _asked: Asked) -> tuple[Ruling, str]:
        first = self._answered.setdefault((one.who, one.number), one)
        if first is not one:
            changed = "edited; " if one.edited else ""
            return (
                Ruling.REPEATED,
                f"{changed}their answer of {first.at:%H:%M:%S} UTC was the first, and that one counts",
            )
        return Ruling.DELETED, "deleted on X: withdrawn, and a later one is not the first" if one.deleted else ""

    def _team(self, who: int, until: datetime) -> Team | None:
        joined = [(one.people[who], one.name, one) for one in self._teams if who in one.people]
        return next((team for since, _, team in sorted(joined, key=lambda j: j[:2]) if since <= until), None)


def _unplaced(team: Team | None) -> tuple[Ruling, str]:
    if team is None:
        return Ruling.NO_TEAM, "on no team when the question closed"
    why = "" if team.is_placed else f"team {team.name} has {team.size} of the {SMALLEST_TEAM} people it needs"
    return Ruling.SMALL_TEAM, why


def _firsts(judged: Iterable[ScoredAnswer]) -> _Firsts:
    found: dict[int, dict[str, Given]] = defaultdict(dict)
    for one in sorted(judged, key=lambda each: (each.given.at, each.given.post)):
        if one.ruling in (Ruling.RIGHT, Ruling.WON):
            found[one.given.number].setdefault(one.team, one.given)
    return found


def _weighed(one: ScoredAnswer, firsts: _Firsts, questions: Mapping[int, Asked]) -> ScoredAnswer:
    """A right answer, held against the other right ones to its question."""
    given, teams = one.given, firsts[one.given.number]
    earliest = min(first.at for first in teams.values())
    if teams[one.team] is not given:
        return replace(one, why="right; its team had it already")
    if given.at > earliest:
        return replace(one, why=f"right, {(given.at - earliest).total_seconds():.0f} s after the earliest")
    equal = " and ".join(sorted(name for name, first in teams.items() if first.at == earliest and name != one.team))
    why = "the earliest right answer" + (f", in the same second as {equal}" if equal else "")
    return replace(one, ruling=Ruling.WON, points=questions[given.number].points, why=why)
