"""How one learner's belief about one nugget came to be: event by event, what it was before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reinforce.domain.planning.belief import Belief, Effect, apply, unmet
from reinforce.domain.planning.exposure import MODEL, EvidenceModel, NuggetLog, in_time, settled_events
from reinforce.domain.planning.memory import DEFAULT, Weights


@dataclass(frozen=True, slots=True)
class State:
    """Chance of recall, chance that the nugget has ever reached the learner, and stability in days (the geometric mean
    of the shapes of forgetting by their weights; it means nothing where `reached` is 0)."""

    recall: float
    reached: float
    stability: float


@dataclass(frozen=True, slots=True)
class Moment:
    """One event: the review or else the post (ids) that it comes from, its day since 1970 (fractional, UTC), and the
    state just before and just after it."""

    day: float
    post: int | None
    review: int | None
    before: State
    after: State


def trace(
    log: NuggetLog, learner: int, model: EvidenceModel = MODEL, weights: Weights = DEFAULT
) -> tuple[tuple[Moment, ...], Belief]:
    """The events of one learner in order of time, and the belief (of one pair) that is left, as `believe`'s."""
    posts, events = in_time(log), settled_events(log, model, weights)
    belief, moments = unmet(1), []
    for place in np.flatnonzero(events.learners == learner):
        day, rank = float(events.days[place]), int(events.ranks[place])
        before = _state(belief, day)
        belief = apply(belief, day, Effect(*(np.asarray([one]) for one in events.effects[:, place])), weights)
        # A post ranks below 0 (events_of), a review by its id.
        post, review = (posts[rank + len(posts)].id, None) if rank < 0 else (None, rank)
        moments.append(Moment(day, post, review, before, _state(belief, day)))
    return tuple(moments), belief


def _state(belief: Belief, day: float) -> State:
    stability = float(np.exp((belief.weight * np.log(belief.stability)).sum(axis=0) / belief.weight.sum(axis=0))[0])
    return State(float(belief.recall(day)[0]), 1.0 - float(belief.unmet[0]), stability)
