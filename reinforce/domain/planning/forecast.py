"""What a programme is likely to leave behind: expected recall with its posts and without any further ones.

The plan itself is run over the days to come (`days_ahead.steps`), from the beliefs of now. All figures are expected
values of the model: each post reaches each learner with the chance that the model of evidence gives it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from reinforce.domain.nugget import Form, StoredNugget, Wording
from reinforce.domain.planning.days_ahead import Answer, Step, steps
from reinforce.domain.planning.deciding import Compose, Composed, Decided, Unfit
from reinforce.domain.planning.memory import Floats
from reinforce.domain.planning.plan_context import day_number
from reinforce.domain.planning.plan_state import PlanState, PricesOf
from reinforce.domain.planning.replies_to_expect import Replies
from reinforce.domain.planning.slots import SlotTime
from reinforce.domain.sending.budget import holds_link
from reinforce.domain.texts.wording import runs_out_on

# Below it a learner is likelier to have forgotten than to know: the mark that reasons and heat map use, too.
WANTED = 0.5
_MOST_POINTS = 60
_DAY = timedelta(days=1)


class Verdict(StrEnum):
    """Whether a nugget is where it is wanted on its day."""

    REACHED = "reached"
    BELOW = "below"
    NEVER_POSTED = "never_posted"


@dataclass(frozen=True, slots=True)
class NuggetForecast:
    """One nugget. `on` is the instant that counts: its assessment, or the forecast's end. `with_posts` and `without`
    are mean recalls then; `posted` counts posts so far, `planned` those until `on`. `wordings_until` is when a reminder
    first finds no wording that has rested, `questions_until` the same for the ways to ask; None if there is always
    one."""

    name: str
    title: str
    on: datetime
    assessed: bool
    with_posts: float
    without: float
    posted: int
    planned: int
    wordings_until: datetime | None
    questions_until: datetime | None

    def verdict(self, wanted: float) -> Verdict:
        """Where it stands against the recall that is wanted."""
        if self.posted + self.planned == 0:
            return Verdict.NEVER_POSTED
        return Verdict.REACHED if self.with_posts >= wanted else Verdict.BELOW


@dataclass(frozen=True, slots=True)
class Point:
    """Mean recall over learners and nuggets (each nugget counts the same) at an instant."""

    at: datetime
    with_posts: float
    without: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What the posts cost by the price list, in micro-dollars. `links` counts those of `posts` and `reveals` that hold
    one, `links_micros` is what these cost, within the other two sums. `reads` are replies to be read back."""

    posts: int = 0
    posts_micros: int = 0
    reveals: int = 0
    reveals_micros: int = 0
    links: int = 0
    links_micros: int = 0
    reads: int = 0
    reads_micros: int = 0

    @property
    def total_micros(self) -> int:
        """All of it."""
        return self.posts_micros + self.reveals_micros + self.reads_micros


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The whole of one run: nuggets in the order of the procedure, the curve from its first instant to its last."""

    nuggets: tuple[NuggetForecast, ...]
    curve: tuple[Point, ...]
    cost: Cost

    def count(self, verdict: Verdict, wanted: float) -> int:
        """How many nuggets stand there."""
        return sum(one.verdict(wanted) is verdict for one in self.nuggets)

    @property
    def short_of_texts(self) -> int:
        """How many nuggets run out of wordings or of ways to ask before the end."""
        return sum(one.wordings_until is not None or one.questions_until is not None for one in self.nuggets)

    @property
    def mean(self) -> float:
        """Mean of the nuggets' recalls with the programme, each on its day; NaN without nuggets."""
        return float(np.mean([one.with_posts for one in self.nuggets])) if self.nuggets else float("nan")

    @property
    def mean_without(self) -> float:
        """The same without any further post."""
        return float(np.mean([one.without for one in self.nuggets])) if self.nuggets else float("nan")


@dataclass(frozen=True, slots=True)
class Course:
    """What a run goes through: the open slots in order, from `start` to `end`; `each` people stand behind each row of
    the belief, and reading one reply costs `read_micros`. `endless`: as if texts were written as soon as they are
    missed, since a denser cadence would otherwise only show that it needs more of them. `prices_of` the cadences that
    phases change to."""

    slots: Sequence[SlotTime]
    start: datetime
    end: datetime
    each: float
    read_micros: int
    endless: bool = False
    prices_of: PricesOf | None = None


def foresee(state: PlanState, course: Course, compose: Compose, answer: Answer) -> Foreseen:
    """Run the plan from `state` over the course, and compare with what is left if nothing more is posted."""
    texts, replies = _Texts(compose, course.endless), Replies(course.each)
    points = _points(course)
    days = [_day_that_counts(one.assessment, course) for one in state.nuggets]
    instants = sorted({*points, *days})
    without = _means(state, instants)
    with_posts, posts, now = np.empty(without.shape), [], state
    done = 0
    for step in steps(state, course.slots, texts, answer, replies.come, course.prices_of):
        # What a slot brings counts from its instant on.
        upto = bisect_right(instants, step.slot.at)
        with_posts[done:upto] = _means(now, instants[done:upto])
        done, now = upto, step.state
        if isinstance(step.decision, Decided):
            posts.append((step, step.decision))
    with_posts[done:] = _means(now, instants[done:])
    places = [instants.index(day) for day in days]
    return Foreseen(
        nuggets=tuple(
            _nugget(state, column, days[column], posts, texts, with_posts[place, column], without[place, column])
            for column, place in enumerate(places)
            if not np.isnan(without[place, column])
        ),
        curve=tuple(
            Point(at, float(np.nanmean(with_posts[place])), float(np.nanmean(without[place])))
            for place, at in enumerate(instants)
            if at in points and not np.isnan(without[place]).all()
        ),
        cost=_cost(posts, course, replies),
    )


_Posts = Sequence[tuple[Step, Decided]]


def _points(course: Course) -> tuple[datetime, ...]:
    """The instants of the curve: one a day, fewer where that would be many."""
    count = min(max(1, round((course.end - course.start) / _DAY)), _MOST_POINTS)
    return tuple(course.start + (course.end - course.start) * n / count for n in range(count + 1))


def _day_that_counts(assessment: datetime | None, course: Course) -> datetime:
    return assessment if assessment is not None and course.start < assessment <= course.end else course.end


def _means(state: PlanState, instants: Sequence[datetime]) -> Floats:
    """(instants, nuggets): mean recall of each nugget over its audience; NaN where it has none."""
    people = state.audience.sum(axis=0)
    total = np.empty((len(instants), people.size))
    for place, at in enumerate(instants):
        total[place] = np.where(state.audience, state.belief.recall(day_number(at)), 0.0).sum(axis=0)
    return np.asarray(np.divide(total, people, out=np.full(total.shape, np.nan), where=people > 0))


def _nugget(
    state: PlanState,
    column: int,
    on: datetime,
    posts: _Posts,
    texts: _Texts,
    with_posts: float,
    without: float,
) -> NuggetForecast:
    planned, stored = state.nuggets[column], state.snapshot.nuggets[column]
    return NuggetForecast(
        name=planned.name,
        title=planned.title,
        on=on,
        assessed=on == planned.assessment,
        with_posts=float(with_posts),
        without=float(without),
        posted=sum(post.nugget_id == planned.id for post in state.history),
        planned=sum(one.nugget.id == planned.id and step.slot.at < on for step, one in posts),
        wordings_until=texts.wordings_until(stored, state),
        questions_until=texts.questions_until(stored),
    )


def _cost(posts: _Posts, course: Course, replies: Replies) -> Cost:
    answers = [
        step.answer
        for step, one in posts
        if step.answer is not None and one.reveal_at is not None and one.reveal_at <= course.end
    ]
    composed = [one.composed for _, one in posts]
    links = {text: holds_link(text) for text in {one.text for one in (*composed, *answers)}}
    linked = [one.price_micros for one in (*composed, *answers) if links[one.text]]
    reads = round(replies.total)
    return Cost(
        posts=len(composed),
        posts_micros=sum(one.price_micros for one in composed),
        reveals=len(answers),
        reveals_micros=sum(one.price_micros for one in answers),
        links=len(linked),
        links_micros=sum(linked),
        reads=reads,
        reads_micros=reads * course.read_micros,
    )


class _Texts:
    """Composes as the plan does, and notes when a nugget was wanted as a reminder, and when no text was left."""

    def __init__(self, compose: Compose, endless: bool) -> None:
        self._compose = compose
        self._endless = endless
        self.reminders: dict[int, list[datetime]] = defaultdict(list)
        self.spent: dict[tuple[int, Form], datetime] = {}

    def __call__(self, nugget: StoredNugget, form: Form, at: datetime, state: PlanState) -> Composed | Unfit:
        if form is Form.REMINDER:
            self.reminders[nugget.id].append(at)
        found = self._compose(nugget, form, at, state)
        if isinstance(found, Unfit) and found.until is not None:
            self.spent.setdefault((nugget.id, form), at)
            if self._endless:
                return self._compose(nugget, form, at, replace(state, texts={}, wordings={}))
        return found

    def wordings_until(self, nugget: StoredNugget, start: PlanState) -> datetime | None:
        """When the first reminder finds no wording that has rested."""
        wordings = {one.id: Wording(one.text, one.language, one.style) for one in nugget.wordings}
        there = start.snapshot
        out = runs_out_on(
            wordings, start.wordings, self.reminders[nugget.id], there.cadence.repeat_after, there.cohort.language
        )
        # A text that went out as something else (another cohort's, another nugget's) is used up, too.
        return min(filter(None, (out, self.spent.get((nugget.id, Form.REMINDER)))), default=None)

    def questions_until(self, nugget: StoredNugget) -> datetime | None:
        """The same for the ways to ask its question."""
        asked = (self.spent.get((nugget.id, form)) for form in (Form.QUESTION, Form.POLL))
        return min(filter(None, asked), default=None)
