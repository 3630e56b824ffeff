"""What a procedure's beliefs foretold of each graded answer, just before it came: how good they are, and a likelihood.

An answer is right with the chance

    P(right | answered) = [R·(1 − slip) + (1 − R)·κ·g] / [R + (1 − R)·κ],

R being the recall that was believed just before, g the chance of a lucky guess and κ how readily somebody who does not
know answers against one who does (exposure.py). Leaving κ out would take the answers of the few for those of all: who
knows answers more often, so answers flatter a cohort. The effects of the posts, and of the silences between answers,
are in R. Nothing is foretold of a learner whom the nugget had not reached before; such answers are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reinforce.domain.planning.accuracy import History, history_of
from reinforce.domain.planning.belief import foresee
from reinforce.domain.planning.exposure import MODEL, EvidenceKind, EvidenceModel, NuggetLog, Review, events_of
from reinforce.domain.planning.memory import AGAIN, DEFAULT, Floats, Weights

# The least chance that an earlier post, or answer, had reached the learner: below it the foretold is what people know
# anyway, whatever the weights.
_REACHED = 0.02


@dataclass(frozen=True, slots=True)
class Answers:
    """The graded answers to some nuggets, with every event of the learners who gave them, ready to be foretold.

    Events (E): whose (`index`, one of `pairs` pairs of learner and nugget), when, what (`Effect.table`'s rows), in
    order of time. Answers (A), in order of time: their places among the events, whether right, the chance of a guess.
    """

    pairs: int
    index: NDArray[np.intp]
    days: Floats
    effects: Floats
    places: NDArray[np.intp]
    right: NDArray[np.bool_]
    guess: Floats
    model: EvidenceModel = MODEL

    @property
    def count(self) -> int:
        """How many answers there are."""
        return int(self.places.size)

    @property
    def when(self) -> Floats:
        """The day of each answer, (A,)."""
        return self.days[self.places]

    def until(self, day: float) -> Answers:
        """What had happened before `day`."""
        events, given = int(np.searchsorted(self.days, day)), int(np.searchsorted(self.when, day))
        return replace(
            self,
            index=self.index[:events],
            days=self.days[:events],
            effects=self.effects[:, :events],
            places=self.places[:given],
            right=self.right[:given],
            guess=self.guess[:given],
        )

    def history(self) -> History:
        """Of each answer, what the learner had answered to the nugget before."""
        return history_of(self.index[self.places], self.when, self.right)


@dataclass(frozen=True, slots=True)
class Foretold:
    """For each answer (A): the chance with which it was expected to be right, and whether anything was known at all."""

    chance: Floats
    known: NDArray[np.bool_]


def answers_of(logs: Sequence[NuggetLog], model: EvidenceModel = MODEL, most: int | None = None) -> Answers:
    """The answers in `logs`, at most about `most` of them: then of as many learners as give that many, evenly chosen
    by id, with all that they answered."""
    parts, pairs = [_laid_out(NuggetLog((), ()), model, 0)], 0
    total = sum(is_graded(one) for log in logs for one in log.reviews)
    every = 1 if most is None else max(1, -(-total // most))
    for log in logs:
        parts.append(_laid_out(_of_those_who_answered(log, every), model, pairs))
        pairs = max(pairs, int(parts[-1][0].max(initial=-1)) + 1)
    index, days, ranks, effects, graded, right, guess = (
        np.concatenate(one, axis=-1) for one in zip(*parts, strict=True)
    )
    order = np.lexsort((ranks, days))
    places = np.flatnonzero(graded[order])
    return Answers(
        pairs=pairs,
        index=index[order],
        days=days[order],
        effects=effects[:, order],
        places=places,
        right=right[order][places],
        guess=guess[order][places],
        model=model,
    )


def foretell(answers: Answers, weights: Weights = DEFAULT) -> Foretold:
    """What beliefs with these weights expected of each answer."""
    recall, reached = foresee(answers.pairs, answers.index, answers.days, answers.effects, weights)[:, answers.places]
    model = answers.model
    knew, knew_not = recall, (1.0 - recall) * model.unknowing
    chance = (knew * (1.0 - model.slip) + knew_not * answers.guess) / (knew + knew_not)
    return Foretold(np.asarray(chance), np.asarray(reached >= _REACHED))


def is_graded(review: Review) -> bool:
    """Whether a review is right or wrong, rather than a sign of something."""
    return review.kind in (EvidenceKind.ANSWER, EvidenceKind.NOT_SURE)


def is_right(review: Review) -> bool:
    """Whether a graded review is a right answer."""
    return review.kind is EvidenceKind.ANSWER and review.rating > AGAIN


_LaidOut = tuple[NDArray[np.intp], Floats, NDArray[np.int64], Floats, NDArray[np.bool_], NDArray[np.bool_], Floats]


def _laid_out(log: NuggetLog, model: EvidenceModel, first: int) -> _LaidOut:
    """For each event of a nugget: whose (numbered from `first`), when, rank, effect, whether it is a graded answer,
    whether that is right, and the chance of a guess.

    How the votes of polls fell is left aside: it is held against the whole audience, of which only some are here.
    """
    posts = sorted(log.posts, key=lambda post: (post.day, post.id))
    voteless = tuple(replace(one, totals=replace(one.totals, votes=None)) for one in posts)
    events = events_of(voteless, log.reviews, model)
    _, whose = np.unique(events.learners, return_inverse=True)
    by_id = {one.id: one for one in log.reviews}
    reviews = [by_id.get(rank) for rank in events.ranks.tolist()]
    return (
        whose.astype(np.intp) + first,
        events.days,
        events.ranks,
        events.effects,
        np.asarray([one is not None and is_graded(one) for one in reviews], np.bool_),
        np.asarray([one is not None and is_right(one) for one in reviews], np.bool_),
        np.asarray([0.0 if one is None else one.guess for one in reviews], np.float64),
    )


def _of_those_who_answered(log: NuggetLog, every: int) -> NuggetLog:
    """The log of those learners alone who ever answered: of each `every`-th of them."""
    who = np.unique(np.asarray([one.learner for one in log.reviews if is_graded(one)], np.int64))
    who = who[::every]
    kept = set(who.tolist())
    return NuggetLog(
        tuple(
            replace(post, learners=np.intersect1d(post.learners, who), replied=np.intersect1d(post.replied, who))
            for post in log.posts
        ),
        tuple(one for one in log.reviews if one.learner in kept),
    )
