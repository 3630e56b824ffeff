"""The walk of all running cohorts of an account together, in the order in which the daemon would plan.

What is to be decided stands in a queue by the instant at which it is planned (minutes before a slot, days before an
update), then by kind, as a tick of the daemon does one after the other, then by cohort. Each decision is made by the
very code that plans, and is put on every cohort's feed before the next.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from typing import Any, Protocol

from reinforce.domain.cohort import Cohort
from reinforce.domain.enrolling.updates import Calendar, Update
from reinforce.domain.nugget import Form, Question, StoredNugget
from reinforce.domain.planning.cadence import Cadence
from reinforce.domain.planning.contending import Thought
from reinforce.domain.planning.days_ahead import Resting
from reinforce.domain.planning.deciding import Composed, Decided, Unfit
from reinforce.domain.planning.feed_rows import OutRow
from reinforce.domain.planning.plan_state import PlanState, PricesOf
from reinforce.domain.planning.sharing import Want
from reinforce.domain.planning.slots import SlotTime
from reinforce.domain.walking.expecting import Expected


class Rank(IntEnum):
    """What a tick does first."""

    PHASE = 0
    UPDATE = 1
    SLOT = 2
    REVEAL = 3


class Composer(Protocol):
    """What composes a cohort's posts, the answers under its questions, and what is said of its dates."""

    def __call__(self, nugget: StoredNugget, form: Form, at: datetime, state: PlanState, /) -> Composed | Unfit: ...

    def answer(self, state: PlanState, decision: Decided, /) -> Composed | None: ...

    def reveal(self, question: Question, question_id: int, at: datetime, state: PlanState, /) -> Composed | Unfit: ...

    def update(self, update: Update, at: datetime, state: PlanState, /) -> Composed | Unfit | None: ...

    def used(self, composed: Composed, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is out, or on its way, and has no answer under it yet. `row` is its row on the feed. Its window
    ends at `closes_at`, or later where the cadence in use then has a longer one, from `posted_at` on."""

    row: int
    nugget_id: int
    question_id: int
    question: Question
    closes_at: datetime
    posted_at: datetime


@dataclass(slots=True)
class Lane:
    """One cohort's way through the walk: where its plan stands, and what it has before it. `slots` are those that
    nothing is decided for, in order; `most` what each would take at most (None: nothing is posted then)."""

    place: int
    state: PlanState
    compose: Composer
    calendar: Calendar
    slots: Sequence[SlotTime] = ()
    asked: Sequence[Asked] = ()
    updates: Sequence[Update] = ()
    most: Sequence[Want] = ()
    at: int = 0
    expected: Expected | None = None
    resting: Resting = field(init=False)
    thought: tuple[PlanState, int, Thought] | None = None

    def __post_init__(self) -> None:
        self.resting = Resting(self.compose)

    @property
    def cohort(self) -> Cohort:
        """Whose it is."""
        return self.state.snapshot.cohort

    @property
    def cadence(self) -> Cadence:
        """The cadence in use."""
        return self.state.snapshot.cadence


@dataclass(frozen=True, slots=True)
class Walked:
    """One post that would go out, or a slot that would stay empty (`composed` is None, `reason` says why). `at` is when
    it is due, `planned_at` when that is decided; `slot` is None for what has none. `lane` is its cohort's place,
    `recall` what is expected just before and with it, if that is asked for."""

    lane: int
    at: datetime
    planned_at: datetime
    form: str
    slot: SlotTime | None = None
    nugget: StoredNugget | None = None
    composed: Composed | None = None
    reason: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    recall: tuple[float, float] | None = None


Act = Callable[["Walk", datetime], None]


class Walk:
    """The walk from `now` to `end` (programme time): see `run`. `prices_of` a cadence are what a post of each form
    costs."""

    def __init__(self, lanes: Sequence[Lane], now: datetime, end: datetime, prices_of: PricesOf) -> None:
        self.lanes, self.now, self.end, self.prices_of = tuple(lanes), now, end, prices_of
        self.found: list[Walked] = []
        self._queue: list[tuple[datetime, Rank, int, int, Act]] = []
        self._count = 0
        self._rows = max((row.id for lane in lanes for row in lane.state.snapshot.rows), default=0)
        self._rows = max([self._rows, *(lane.state.snapshot.newest for lane in lanes)])

    def then(self, when: datetime, rank: Rank, lane: Lane, act: Act) -> None:
        """Have something decided at `when`, or now if that has passed; nothing that is decided after the end."""
        when = max(when, self.now)
        if when <= self.end:
            self._count += 1
            heapq.heappush(self._queue, (when, rank, lane.place, self._count, act))

    def run(self) -> tuple[Walked, ...]:
        """Decide one thing after the other; all that was decided, in that order."""
        while self._queue:
            when, *_, act = heapq.heappop(self._queue)
            act(self, when)
        return tuple(self.found)

    def post(self, lane: Lane, walked: Walked, reveal_of: int | None = None, reveal_at: datetime | None = None) -> int:
        """Put a post on the feed, where every cohort hears of it; returns its row."""
        composed = walked.composed
        assert composed is not None
        self._rows += 1
        row = OutRow(
            id=self._rows,
            nugget_id=None if walked.nugget is None else walked.nugget.id,
            form=walked.form,
            at=walked.at,
            out=False,
            reveal_of=reveal_of,
            reveal_at=reveal_at,
            cohort_id=lane.cohort.id,
            due=walked.at,
        )
        for one in self.lanes:
            there = replace(row, own=one is lane)
            one.state = one.state.hearing(there, composed.text_hash, composed.wording_id)
            recall = None if one.expected is None else one.expected.said(there)
            if one is lane:
                walked = replace(walked, recall=recall)
        lane.compose.used(composed)
        self.found.append(walked)
        return row.id
