"""The evidence behind a cell of the map: of one learner event by event, of a group as counts of five or more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from reinforce.domain.access.groups import FEWEST
from reinforce.domain.access.rights import Scope
from reinforce.domain.planning.plan_context import day_number
from reinforce.domain.planning.tracing import Moment, State, trace
from reinforce.domain.reporting.shares import Share
from reinforce.store.reporting.console.recall import CellLog, CellPost, Said

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a learner: the post or what they said, and what it did to what is believed. `hidden`: the post is of
    a cohort that is not seen, so neither its words nor the answer's are shown. `said` was measured, the states are
    estimated."""

    at: datetime
    post: CellPost | None
    hidden: bool
    said: Said | None
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class ToldOfLearner:
    """All events in order of time, what was said but does not count, and recall now and on the day that counts."""

    steps: tuple[Step, ...]
    voided: tuple[Said, ...]
    now: float
    then: float | None
    stability: float
    reached: float


@dataclass(frozen=True, slots=True)
class PostToGroup:
    """A post and what came back from a group: None where a count would be of fewer than five people."""

    at: datetime
    form: str
    reached: int | None
    answered: int | None
    right: Share | None


def steps_of(
    cell: CellLog, learner: int, said: Mapping[int, Said], now: datetime, then: datetime | None, seen: Scope
) -> ToldOfLearner:
    """What moved the belief about one learner, of what they `said` (by review)."""
    moments, left = trace(cell.log, learner, cell.parameters.model, cell.parameters.weights)
    replied_to = {one.id: one.post for one in cell.log.reviews}
    steps = []
    for one in moments:
        post = cell.posts.get(one.post if one.post is not None else replied_to.get(one.review or 0) or 0)
        hidden = post is not None and not seen.holds(post.cohort_id)
        words = said.get(one.review) if one.review is not None else None
        if words is not None and hidden:
            words = replace(words, text="")
        steps.append(Step(_instant(one), None if hidden else post, hidden, words, one.before, one.after))
    last = steps[-1].after if steps else State(float(left.recall(0.0)[0]), 0.0, 0.0)
    return ToldOfLearner(
        steps=tuple(steps),
        voided=tuple(one for one in said.values() if one.voided),
        now=float(left.recall(day_number(now))[0]),
        then=None if then is None else float(left.recall(day_number(then))[0]),
        stability=last.stability,
        reached=last.reached,
    )


def told_of_group(cell: CellLog, people: Sequence[int]) -> tuple[PostToGroup, ...]:
    """Each post of the nugget: how many of the group it was for, how many of them answered, how many rightly."""
    members = np.asarray(sorted(people), np.int64)
    right: dict[int, dict[int, bool]] = {}
    for review in cell.log.reviews:
        if review.post is not None:
            right.setdefault(review.post, {})[review.learner] = review.rating > 1
    found = []
    for post in sorted(cell.log.posts, key=lambda post: (post.day, post.id)):
        reached = np.intersect1d(post.learners, members)
        answered = np.intersect1d(post.replied, reached).size
        graded = {learner: good for learner, good in right.get(post.id, {}).items() if learner in set(reached.tolist())}
        silent_told = enough(answered) and enough(reached.size - answered)
        found.append(
            PostToGroup(
                at=_EPOCH + timedelta(days=post.day),
                form=post.form.value,
                reached=reached.size if enough(reached.size) else None,
                answered=answered if silent_told and enough(reached.size) else None,
                right=Share(sum(graded.values()), len(graded)) if len(graded) >= FEWEST else None,
            )
        )
    return tuple(found)


def enough(count: int) -> bool:
    """Nobody, or so many that it tells of no single person."""
    return count == 0 or count >= FEWEST


def _instant(one: Moment) -> datetime:
    return _EPOCH + timedelta(days=one.day)
