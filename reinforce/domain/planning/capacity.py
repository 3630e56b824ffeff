"""Whether a cadence has room enough, and which one would: the forecast of a cohort as it is told.

The search goes upward from the cadence in use, first in strides, then by halving between the last that was too slow and
the first that was not. It finds the smallest number of posts a week if more posts never bring fewer nuggets there,
which the model all but guarantees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from reinforce.domain.nugget import Form
from reinforce.domain.planning.belief import KNOWN_ANYWAY
from reinforce.domain.planning.forecast import Foreseen, Verdict
from reinforce.domain.planning.plan_context import PlanNugget
from reinforce.domain.planning.stand_ins import Cast

_STRIDES = (1.5, 2.0, 3.0, 4.0, 6.0)


@dataclass(frozen=True, slots=True)
class Tried:
    """A cadence that was tried: posts a week (reveals included), how many nuggets it brings to the wanted recall, their
    mean recall, what it costs in micro-dollars until the end, and how many nuggets need more texts for it than there
    are (the cadence in use has to do with those there are)."""

    posts_a_week: int
    reached: int
    mean: float
    cost_micros: int
    short_of_texts: int


@dataclass(frozen=True, slots=True)
class CohortForecast:
    """The forecast of one cohort from `start` to `end` (UTC), towards a recall of `wanted`.

    `tried` begins with the cadence in use and goes up; `enough` is the fewest posts a week, of those tried, that bring
    every nugget there, `most` that bring more than half there; None if nothing does. `assumptions` and `notes` are
    sentences that belong to the figures wherever they are shown.
    """

    cohort: str
    title: str
    zone: str
    cadence: str
    start: datetime
    end: datetime
    wanted: float
    cast: Cast
    foreseen: Foreseen
    tried: tuple[Tried, ...]
    enough: int | None
    most: int | None
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]


def search(
    now: Foreseen, posts: int, ceiling: int, wanted: float, attempt: Callable[[int], Foreseen]
) -> tuple[Tried, ...]:
    """What was tried, by posts a week: `now` with `posts`, then denser ones up to `ceiling` until all is reached."""
    found = [_tried(now, posts, wanted)]
    goal = len(now.nuggets)
    too_few = posts
    for number in sorted({min(round(posts * stride), ceiling) for stride in _STRIDES}):
        if number <= too_few or found[-1].reached == goal:
            continue
        found.append(_tried(attempt(number), number, wanted))
        too_few = number if found[-1].reached < goal else too_few
    if found[-1].reached == goal:
        found += _halved(too_few, found[-1].posts_a_week, goal, wanted, attempt)
    return tuple(sorted(found, key=lambda one: one.posts_a_week))


def _halved(too_few: int, enough: int, goal: int, wanted: float, attempt: Callable[[int], Foreseen]) -> list[Tried]:
    found = []
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        found.append(_tried(attempt(middle), middle, wanted))
        if found[-1].reached == goal:
            enough = middle
        else:
            too_few = middle
    return found


def smallest(tried: tuple[Tried, ...], nuggets: int) -> int | None:
    """The fewest posts a week of those tried that bring so many nuggets there."""
    return next((one.posts_a_week for one in tried if one.reached >= nuggets), None)


def _tried(foreseen: Foreseen, posts: int, wanted: float) -> Tried:
    reached = foreseen.count(Verdict.REACHED, wanted)
    return Tried(posts, reached, foreseen.mean, foreseen.cost.total_micros, foreseen.short_of_texts)


def advice(forecast: CohortForecast) -> tuple[str, ...]:
    """What follows for the cadence and the texts, in sentences."""
    nuggets, tried = len(forecast.foreseen.nuggets), forecast.tried
    in_use, densest = tried[0], tried[-1]
    if in_use.reached == nuggets:
        told = [f"The cadence in use brings every nugget to {forecast.wanted:.0%}."]
    else:
        told = [f"The cadence in use brings {in_use.reached} of {nuggets} nuggets to {forecast.wanted:.0%}."]
        if forecast.most is not None and forecast.most not in (in_use.posts_a_week, forecast.enough):
            told.append(f"{forecast.most} posts a week would bring most of them there.")
        told.append(
            f"{forecast.enough} posts a week would bring all of them there."
            if forecast.enough is not None
            else f"No cadence that was tried brings all of them there, up to {densest.posts_a_week} posts a week."
        )
        if len(tried) > 1:
            told.append("Denser cadences are reckoned as if the texts that they lack were written.")
    return (*told, *_about_texts(forecast.foreseen))


def _about_texts(foreseen: Foreseen) -> Iterator[str]:
    """Which texts run out at the cadence in use."""
    wordings = sorted(one.wordings_until for one in foreseen.nuggets if one.wordings_until is not None)
    questions = sum(one.questions_until is not None for one in foreseen.nuggets)
    if wordings:
        yield (
            f"{len(wordings)} of {len(foreseen.nuggets)} nuggets run out of wordings, the first on"
            f" {wordings[0].date()}: write more for them."
        )
    if questions:
        yield (
            f"{questions} of {len(foreseen.nuggets)} run out of ways to ask their question, and go out as reminders"
            " until these have rested."
        )


def assumptions(nuggets: tuple[PlanNugget, ...], wanted: float) -> tuple[str, ...]:
    """What the figures take for granted of these nuggets, in sentences."""
    models = [one.parameters.model for one in nuggets]
    forms = [form for form in Form if any(form in one.forms for one in nuggets)]
    answers = ", ".join(f"{_span(one.answers[form] for one in models)} answer a {form.value}" for form in forms)
    return (
        f"Each learner sees each post with a chance of {_span(one.sees for one in models)}, whatever the others do; of"
        f" those who see one and know it, {answers}.",
        "Replies are taken to come at that rate; who sends them is not foreseen.",
        f"“Without” is what is left if nothing more is posted from now on. What has never reached somebody is known by"
        f" {KNOWN_ANYWAY:.0%} anyway.",
        f"A nugget is where it is wanted if its mean recall on its day is {wanted:.0%} or more.",
        "All figures are the model's expectation, without a margin of error, and no measurement.",
    )


def _span(values: Iterable[float]) -> str:
    found = sorted(values)
    return " to ".join(f"{value:.0%}" for value in dict.fromkeys((found[0], found[-1])))
