"""What came of a programme: what was measured, and beside it what the model estimates.

Nobody is named, and no figure stands on fewer than five people. A share is told as a percentage only of ten answers or
more of which half or more are right; else its counts are. A first answer is one to a question about a nugget that no
post had said or asked to that person before; what they answered later is held against it. None of it says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from reinforce.domain.planning.plan_context import SMALLEST_GROUP
from reinforce.domain.reporting.shares import Share, difference_interval

FEWEST_ANSWERS = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """A learner's graded answer to a question on a nugget. `first`: no post about it had reached them before."""

    learner: int
    nugget: int
    at: datetime
    right: bool
    first: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A post of a nugget whose time for answers is over: on which local date, to whom, from whom anything came back."""

    day: date
    asks: bool
    reached: frozenset[int]
    responded: frozenset[int]


@dataclass(frozen=True, slots=True)
class Assessed:
    """What an assessment outside says of a learner: a score (0 to 100), whether they passed, or both."""

    score: float | None
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Material:
    """All that a cohort's figures are made of. `enrolled` are those who are or were in it and did not leave, `linked`
    those of them with an account. `recall` is the model's mean chance of recall at the end, None without anybody;
    `assessed` by learner."""

    cohort: str
    title: str
    enrolled: frozenset[int]
    linked: frozenset[int]
    sent: tuple[Sent, ...]
    answers: tuple[Answer, ...]
    recall: float | None
    recall_in_30_days: float | None
    assessed: Mapping[int, Assessed]


@dataclass(frozen=True, slots=True)
class Reach:
    """Counts of people; None where a part would be of fewer than five, which would tell of them."""

    enrolled: int
    linked: int | None
    not_linked: int | None
    answering: int | None
    not_heard: int | None


@dataclass(frozen=True, slots=True)
class PhaseFigures:
    """Posts of nuggets in one phase, and the share of those they reached from whom anything came back."""

    name: str
    posts: int
    questions: int
    responses: Share | None


@dataclass(frozen=True, slots=True)
class AssessmentFigures:
    """`assessed` have a result; who has none (`missing`) is not in the figures. `mean` and `median` are of `scores`
    results. Counts are None where they would tell of fewer than five people."""

    assessed: int | None
    missing: int | None
    passed: Share | None
    scores: int | None
    mean: float | None
    median: float | None


@dataclass(frozen=True, slots=True)
class CohortFigures:
    """A cohort's figures; a share is None where it would stand on fewer than five people.

    `first` and `later` are shares of right answers: of first answers, and of each person's last answer on a nugget that
    was not their first contact with it. `paired_first` and `paired_later` are the same of those (person, nugget) that
    have both, so of the same number of cases."""

    cohort: str
    title: str
    reach: Reach
    phases: tuple[PhaseFigures, ...]
    posts: int
    responses: Share | None
    first: Share | None
    later: Share | None
    paired_first: Share | None
    paired_later: Share | None
    assessment: AssessmentFigures | None
    recall: float | None
    recall_in_30_days: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A share in the programme's cohort less the same in the other, with its 95 % interval."""

    what: str
    value: float
    interval: tuple[float, float]


def figures(material: Material, phases: Sequence[tuple[str, date, date | None]]) -> CohortFigures:
    """The figures of a cohort; `phases` are (name, first day, last day)."""
    firsts = {(one.learner, one.nugget): one.right for one in material.answers if one.first}
    latest: dict[tuple[int, int], bool] = {}
    for one in sorted((one for one in material.answers if not one.first), key=lambda one: one.at):
        latest[one.learner, one.nugget] = one.right
    both = [key for key in firsts if key in latest]
    answering = frozenset(learner for one in material.sent for learner in one.responded) & material.enrolled
    enough_known = len({one.learner for one in material.answers}) >= SMALLEST_GROUP
    return CohortFigures(
        cohort=material.cohort,
        title=material.title,
        reach=_reach(material, answering),
        phases=tuple(_phase(name, first, last, material.sent) for name, first, last in phases),
        posts=len(material.sent),
        responses=_responses(material.sent),
        first=_share((learner, right) for (learner, _), right in firsts.items()),
        later=_share((learner, right) for (learner, _), right in latest.items()),
        paired_first=_share((key[0], firsts[key]) for key in both),
        paired_later=_share((key[0], latest[key]) for key in both),
        assessment=_assessment(material) if material.assessed else None,
        recall=material.recall if enough_known else None,
        recall_in_30_days=material.recall_in_30_days if enough_known else None,
    )


def differences(here: CohortFigures, there: CohortFigures) -> tuple[Difference, ...]:
    """What can be compared of two cohorts: shares that both have and that may be told."""
    pairs = [("right later answers", here.later, there.later), ("responses", here.responses, there.responses)]
    if here.assessment is not None and there.assessment is not None:
        pairs.insert(0, ("passed the assessment", here.assessment.passed, there.assessment.passed))
    return tuple(
        Difference(what, one.value - other.value, difference_interval(other, one))
        for what, one, other in pairs
        if one is not None and other is not None and _enough(one, what) and _enough(other, what)
    )


def may_be_told(share: Share) -> bool:
    """Whether a share of right answers is told as a percentage."""
    return share.of >= FEWEST_ANSWERS and 2 * share.hits >= share.of


def _enough(share: Share, what: str) -> bool:
    return share.of >= FEWEST_ANSWERS if what == "responses" else may_be_told(share)


def _reach(material: Material, answering: frozenset[int]) -> Reach:
    linked = len(material.linked)
    not_linked = len(material.enrolled) - linked
    heard = len(answering & material.linked)
    by_link = _split(linked, not_linked)
    by_answer = _split(heard, linked - heard) if by_link[0] is not None else (None, None)
    return Reach(len(material.enrolled), *by_link, *by_answer)


def _split(one: int, other: int) -> tuple[int, int] | tuple[None, None]:
    """Two parts of a group; neither, if one of them is of fewer than five: the whole would tell it all the same."""
    return (None, None) if any(0 < part < SMALLEST_GROUP for part in (one, other)) else (one, other)


def _phase(name: str, first: date, last: date | None, sent: Iterable[Sent]) -> PhaseFigures:
    mine = [one for one in sent if first <= one.day and (last is None or one.day <= last)]
    return PhaseFigures(name, len(mine), sum(one.asks for one in mine), _responses(mine))


def _responses(sent: Iterable[Sent]) -> Share | None:
    return _share((learner, learner in one.responded) for one in sent for learner in one.reached)


def _assessment(material: Material) -> AssessmentFigures:
    known = {learner: one for learner, one in material.assessed.items() if learner in material.enrolled}
    scores = sorted(one.score for one in known.values() if one.score is not None)
    told = len(scores) >= FEWEST_ANSWERS
    mean = sum(scores) / len(scores) if told else None
    middle = (scores[len(scores) // 2] + scores[(len(scores) - 1) // 2]) / 2 if told else None
    assessed, missing = _split(len(known), len(material.enrolled) - len(known))
    return AssessmentFigures(
        assessed=assessed,
        missing=missing,
        passed=_share((learner, one.passed) for learner, one in known.items() if one.passed is not None),
        scores=None if 0 < len(scores) < SMALLEST_GROUP else len(scores),
        mean=mean if mean is not None and mean >= 50 else None,
        median=middle if middle is not None and middle >= 50 else None,
    )


def _share(cases: Iterable[tuple[int, bool]]) -> Share | None:
    """The share of cases (learner, yes or no) that are a yes; None if they come from fewer than five people."""
    hits = of = 0
    people: set[int] = set()
    for learner, yes in cases:
        hits, of = hits + yes, of + 1
        people.add(learner)
    return None if len(people) < SMALLEST_GROUP else Share(hits, of)
