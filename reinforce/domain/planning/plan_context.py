"""What a policy is given to choose from, and what it gives back: values only, no session and no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reinforce.domain.nugget import Form
from reinforce.domain.planning.belief import Belief
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.parameters import DEFAULT_PARAMETERS, Parameters

_DAY_SECONDS = 86_400.0
# Numbers about fewer people than this are nobody's business but their facilitator's.
SMALLEST_GROUP = 5


def day_number(instant: datetime) -> float:
    """Days since 1970-01-01 UTC, fractional: what beliefs count in."""
    return instant.timestamp() / _DAY_SECONDS


@dataclass(frozen=True, slots=True)
class PlanNugget:
    """A nugget as a policy sees it. `name` is "procedure/slug"; `assessment` the instant its recall is wanted at.

    `forms` are those it can take in this cohort; `learners` how many people on the roster it is for, linked or not;
    `parameters` what its beliefs are computed with; `title` what people call it. `need` is by how much a poll of where
    the cohort stands has raised or lowered the importance. `not_before`: it follows an event, and may not be posted
    earlier.
    """

    id: int
    name: str
    topic: str
    importance: float
    position: int
    requires: tuple[int, ...]
    assessment: datetime | None
    forms: tuple[Form, ...]
    learners: int
    parameters: Parameters = DEFAULT_PARAMETERS
    title: str = ""
    need: float = 1.0
    not_before: datetime | None = None

    @property
    def called(self) -> str:
        """The nugget in a sentence: its title in quotation marks, else its name."""
        return f"“{self.title}”" if self.title else self.name


@dataclass(frozen=True, slots=True)
class PastPost:
    """A post of a nugget to this cohort, sent or on its way, and how many answered it."""

    nugget_id: int
    form: Form
    at: datetime
    right: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class PlanContext:
    """Everything a choice depends on. Columns of `belief` and `audience` are `nuggets`, rows the learners who count:
    linked, not stopped, neither snoozed nor away. `audience` (learners, nuggets) says whom a nugget is for, `roles`
    what the learners do.

    `history` is in order of time. `evidence` is 0 until a reply of this cohort has been graded; `last_response` is when
    anything last came back. `forms` are those there is room for now; `prices` their cost in micro-dollars, a question's
    with its reveal. `ends` is when the programme does; None where that is its last assessment.

    Whom a post may reach as well are the learners of the account's other cohorts that learn the same: `groups`
    (learners,) says which cohort each row is counted with, 0 for the one that plans, whose rows come first, and 1, 2, …
    for the others; None where there are none. `history` holds the posts of these nuggets whichever cohort paid for
    them, `audience` is False where a row's own cohort does not learn the nugget.
    """

    now: datetime
    zone: str
    cadence: Cadence
    nuggets: tuple[PlanNugget, ...]
    belief: Belief
    audience: NDArray[np.bool_]
    roles: tuple[str, ...]
    history: tuple[PastPost, ...]
    evidence: int
    last_response: datetime | None
    forms: tuple[Form, ...]
    prices: Mapping[Form, int]
    ends: datetime | None = None
    groups: NDArray[np.intp] | None = None

    @property
    def own(self) -> NDArray[np.bool_]:
        """Which rows are learners of the cohort that plans."""
        return np.ones(len(self.roles), np.bool_) if self.groups is None else self.groups == 0

    def posts_of(self, nugget_id: int) -> tuple[PastPost, ...]:
        """The posts of a nugget so far, in order."""
        return tuple(post for post in self.history if post.nugget_id == nugget_id)

    def posts_since(self, since: datetime) -> int:
        """How many posts there were after `since`, reveals not counted."""
        return sum(post.at > since for post in self.history)

    def introduced_since(self, since: datetime) -> int:
        """How many nuggets had their first post after `since`."""
        first: dict[int, datetime] = {}
        for post in self.history:
            first.setdefault(post.nugget_id, post.at)
        return sum(at > since for at in first.values())

    def recall_of(self, column: int) -> float:
        """A nugget's average recall now over those of its audience in this cohort; NaN where there is nobody."""
        concerned = self.audience[:, column] & self.own
        if not concerned.any():
            return float("nan")
        belief = self.belief.at(np.asarray([column], np.intp))
        return float(belief.recall(day_number(self.now))[concerned, 0].mean())

    def last_week(self) -> datetime:
        """Seven days ago."""
        return self.now - timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Opening:
    """A nugget that could be posted now, in these forms. `column` is its place in the context."""

    column: int
    nugget: PlanNugget
    forms: tuple[Form, ...]
    posts: tuple[PastPost, ...]

    @property
    def last(self) -> datetime | None:
        """When it was last posted."""
        return self.posts[-1].at if self.posts else None

    @property
    def precedence(self) -> tuple[float, float, int]:
        """How ties are settled: the more important first, then the longest unseen, then the lower id."""
        last = self.last
        return (-self.nugget.importance, -np.inf if last is None else last.timestamp(), self.nugget.id)


@dataclass(frozen=True, slots=True)
class Choice:
    """Post this nugget in this form. `reason` is one sentence, `numbers` what it stands on (plain JSON)."""

    nugget_id: int
    form: Form
    reason: str
    numbers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Post nothing. `reason` is one sentence."""

    reason: str
    numbers: dict[str, Any] = field(default_factory=dict)
