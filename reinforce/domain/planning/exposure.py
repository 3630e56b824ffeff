"""What came back from a post, as evidence: who may have seen it, who knew, what it did to memory.

| what came back                  | exposure                           | memory                                        |
|---------------------------------|------------------------------------|-----------------------------------------------|
| right answer                    | seen                               | a success, as likely as g + (1 − g)·R         |
| wrong answer, "not sure"        | seen                               | a lapse                                       |
| a question about the nugget     | seen                               | a lapse                                       |
| "got it"                        | seen                               | a weak sign of recall, some of a repetition   |
| a comment, nothing to grade     | seen                               | a silent reading                              |
| silence, once the window closed | P(seen|silent) = e(1 − a)/(1 − ea) | a fraction of a silent reading, never a lapse |
| nothing yet, the window is open | e                                  | what such a post does on average              |
| a post's impressions            | e of this post, for all its silent | as silence                                    |
| a poll's votes                  | e is at least the share that voted | the silent knew it a little better or worse   |

with e the chance that a learner sees a post, a that one who saw it and knew sends something back that can be read,
κ the share of that for one who did not know, g the chance of a right guess, η what a silent reading is worth against
a retrieval. Formulas as in docs/explanation/evidence.md, with their sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from reinforce.domain.nugget import Form
from reinforce.domain.planning.belief import Belief, Effect, fold, unmet
from reinforce.domain.planning.memory import DEFAULT, Floats, Weights
from reinforce.domain.planning.totals import Totals, audience_shift, chance_seen, voters_recall


class EvidenceKind(StrEnum):
    """What a review row stands on."""

    ANSWER = "answer"
    ACKNOWLEDGEMENT = "acknowledgement"
    NOT_SURE = "not_sure"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class EvidenceModel:
    """The numbers of the table above. They hold for the whole workspace, since a belief is shared by its cohorts.

    `sees` is e: heavy users come 6–8 times a month, so a post meets about a quarter of a cohort. `answers` is a by
    form; of a poll nothing can be read of a person, so it is 0 there. `worth` is η by form. `unknowing` is κ.
    `acknowledged` is how much of a repetition a "got it" stands for; `slip` the chance of a wrong answer knowing.
    """

    sees: float = 0.25
    answers: Mapping[Form, float] = field(
        default_factory=lambda: {Form.QUESTION: 0.4, Form.POLL: 0.0, Form.REMINDER: 0.25}
    )
    worth: Mapping[Form, float] = field(
        default_factory=lambda: {Form.QUESTION: 0.6, Form.POLL: 0.5, Form.REMINDER: 0.35}
    )
    unknowing: float = 0.65
    acknowledged: float = 0.7
    slip: float = 0.03

    def repetition(self, form: Form) -> float:
        """e·[a + (1 − a)·η]: how much of a repetition a post is for a learner of whom nothing has come back."""
        a = self.answers[form]
        answered = self.acknowledged if form is Form.REMINDER else 1.0
        return self.sees * (a * answered + (1.0 - a) * self.worth[form])


MODEL = EvidenceModel()
NOT_COUNTED = Totals()


def seen_though_silent(sees: float, answers: float) -> float:
    """P(seen | silent) = e(1 − a)/(1 − ea)."""
    return sees * (1.0 - answers) / (1.0 - sees * answers)


def silence(form: Form, model: EvidenceModel = MODEL) -> Effect:
    """Nothing came back from a learner until the window closed."""
    a, e, kappa = model.answers[form], model.sees, model.unknowing
    return Effect(
        reach=seen_though_silent(e, a) * model.worth[form],
        if_known=1.0 - e * a,
        if_not=1.0 - e * kappa * a,
        knew=1.0 - a,
        knew_not=1.0 - kappa * a,
    )


def of_post(model: EvidenceModel, totals: Totals) -> EvidenceModel:
    """The model of evidence for one post, of which `totals` were counted."""
    return replace(model, sees=chance_seen(model.sees, totals))


def silence_counted(form: Form, audience: Belief, day: float, totals: Totals, model: EvidenceModel = MODEL) -> Effect:
    """Nothing came back from a learner until the window closed, and `totals` were counted of the post: what it did to
    each of the silent. `audience` (learners,) is the belief, just before, about everybody whom the post of `day` was
    for.

    Impressions say how likely this post was seen. A poll's votes say how far the audience as a whole knew it better or
    worse than was believed (`audience_shift`); that moves the odds that each of them knew by the same factor, which is
    less than one answer of their own would move them. What a vote was worth as a repetition is in a poll's η already.
    """
    counted = silence(form, of_post(model, totals))
    shift = audience_shift(voters_recall(audience, day), totals, model.unknowing, model.slip)
    if_known, if_not = np.exp(min(shift, 0.0)), np.exp(min(-shift, 0.0))
    return replace(
        counted,
        if_known=counted.if_known * if_known,
        if_not=counted.if_not * if_not,
        knew=counted.knew * if_known,
        knew_not=counted.knew_not * if_not,
    )


def seen(form: Form, model: EvidenceModel = MODEL) -> Effect:
    """Something came back that says nothing of memory: a comment, a snooze."""
    a, kappa = model.answers[form], model.unknowing
    return Effect(model.worth[form], 1.0 - a, 1.0 - kappa * a, 1.0 - a, 1.0 - kappa * a)


def pending(form: Form, model: EvidenceModel = MODEL) -> Effect:
    """A post that is out, or will be, before anything could come back from it."""
    return Effect(model.repetition(form))


def review(rating: int, kind: EvidenceKind, guess: float, model: EvidenceModel = MODEL) -> Effect:
    """A graded reply. `rating` is FSRS's: 1 is a lapse, anything else a success; `guess` the chance of a lucky one."""
    if kind in (EvidenceKind.NOT_SURE, EvidenceKind.QUESTION):
        return Effect(1.0, if_known=1.0 - model.unknowing, if_not=1.0, knew=0.0, knew_not=1.0)
    if rating == 1:
        return Effect(1.0, if_known=model.slip, if_not=1.0 - guess, knew=0.0, knew_not=1.0)
    if kind is EvidenceKind.ACKNOWLEDGEMENT:
        return Effect(model.acknowledged, 1.0, model.unknowing, 1.0, model.unknowing)
    return Effect(1.0, 1.0 - model.slip, max(guess, 0.001), 1.0 - model.slip, max(guess, 0.001))


@dataclass(frozen=True, slots=True)
class PostSeen:
    """One post of a nugget as it went out: `day` since 1970 (fractional, UTC), to `learners` (ids).

    `closed`: its window for answers is over, so that silence has been silence. `replied`: learners from whom anything
    at all came back. `totals`: what was counted of it, as of now.
    """

    id: int
    day: float
    form: Form
    closed: bool
    learners: NDArray[np.int64]
    replied: NDArray[np.int64]
    totals: Totals = NOT_COUNTED

    @property
    def reckoned(self) -> bool:
        """Whether it is a poll whose votes are known and count."""
        return self.closed and self.totals.votes is not None and sum(self.totals.votes) > 0


@dataclass(frozen=True, slots=True)
class Review:
    """One graded reply: a row of the event log. `post` is the id of what it answers, None if it came by itself."""

    id: int
    learner: int
    post: int | None
    day: float
    rating: int
    kind: EvidenceKind
    guess: float


@dataclass(frozen=True, slots=True)
class NuggetLog:
    """All that is known of one nugget: its posts and its reviews, in any order."""

    posts: tuple[PostSeen, ...]
    reviews: tuple[Review, ...]


def believe(
    log: NuggetLog, model: EvidenceModel = MODEL, weights: Weights = DEFAULT
) -> tuple[NDArray[np.int64], Belief]:
    """(learner ids in order, their belief) from the event log alone: the one way in which a belief comes to be.

    Since all of the log is read each time, what arrives late (an answer to a post that counted as silence) finds its
    right place, and a belief that was rebuilt cannot differ from one that was kept up.
    """
    return _walk(in_time(log), log.reviews, model, weights)[1:]


def settled_events(log: NuggetLog, model: EvidenceModel = MODEL, weights: Weights = DEFAULT) -> Events:
    """Everything that a log says, in order of time, with what the votes of its polls said of the silent."""
    posts = in_time(log)
    if not any(post.reckoned for post in posts):
        return events_of(posts, log.reviews, model)
    return _walk(posts, log.reviews, model, weights)[0]


def in_time(log: NuggetLog) -> tuple[PostSeen, ...]:
    """The posts of a log in order of time."""
    return tuple(sorted(log.posts, key=lambda post: (post.day, post.id)))


def _walk(
    posts: tuple[PostSeen, ...], reviews: tuple[Review, ...], model: EvidenceModel, weights: Weights
) -> tuple[Events, NDArray[np.int64], Belief]:
    events = events_of(posts, reviews, model)
    known, index = np.unique(events.learners, return_inverse=True)
    index = index.astype(np.intp)
    belief, start = unmet(known.size), 0
    for place, post in enumerate(posts):
        if not post.reckoned:
            continue
        # How the votes fell is held against what was believed of everybody until then.
        mine = np.flatnonzero(events.polls == place)
        begin = int(mine[0]) if mine.size else start
        belief = fold(belief, *events.stretch(index, start, begin), weights)
        audience = belief.at(np.searchsorted(known, post.learners))
        effect = silence_counted(post.form, audience, post.day, post.totals, model)
        events.effects[:, mine] = effect.table()[:, None]
        start = begin
    return events, known, fold(belief, *events.stretch(index, start, index.size), weights)


@dataclass(frozen=True, slots=True)
class Events:
    """What happened, in order of time: whose it is, when, the rank among what happened at one instant (a review's id,
    below 0 for a post), and the effect (5, E). `polls` is the place of the poll whose votes an effect still waits for,
    −1 for all others."""

    learners: NDArray[np.int64]
    days: Floats
    ranks: NDArray[np.int64]
    effects: Floats
    polls: NDArray[np.int64]

    def stretch(self, index: NDArray[np.intp], start: int, end: int) -> tuple[NDArray[np.intp], Floats, Floats]:
        """The events from `start` to `end`, as `fold` takes them; `index` says which pair each belongs to."""
        return index[start:end], self.days[start:end], self.effects[:, start:end]


def events_of(posts: tuple[PostSeen, ...], reviews: tuple[Review, ...], model: EvidenceModel) -> Events:
    """Everything that posts and reviews of one nugget say. `posts` are in order of time."""
    graded: dict[int, list[int]] = {}
    for one in reviews:
        if one.post is not None:
            graded.setdefault(one.post, []).append(one.learner)
    blocks = [
        block
        for place, post in enumerate(posts)
        # The rank of a post comes before any review's: nobody can answer what is not there yet.
        for block in _post_blocks(post, place, place - len(posts), np.asarray(graded.get(post.id, []), np.int64), model)
    ]
    if reviews:
        blocks.append(_review_block(reviews, model))
    if not blocks:
        nobody = np.empty(0, np.int64)
        return Events(nobody, np.empty(0), nobody, np.empty((5, 0)), nobody)
    learners, days, ranks, effects, polls = (np.concatenate(parts, axis=-1) for parts in zip(*blocks, strict=True))
    order = np.lexsort((ranks, days))
    return Events(learners[order], days[order], ranks[order], effects[:, order], polls[order])


_Block = tuple[NDArray[np.int64], Floats, NDArray[np.int64], Floats, NDArray[np.int64]]


def _post_blocks(
    post: PostSeen, place: int, rank: int, graded: NDArray[np.int64], model: EvidenceModel
) -> Iterable[_Block]:
    """What a post did to those whose reply was not graded: they were silent, or said something else."""
    spoke = np.setdiff1d(post.replied, graded)
    quiet = post.learners[~(np.isin(post.learners, graded) | np.isin(post.learners, spoke))]
    unanswered = silence(post.form, of_post(model, post.totals)) if post.closed else pending(post.form, model)
    for who, effect, waits in ((quiet, unanswered, post.reckoned), (spoke, seen(post.form, model), False)):
        if who.size:
            effects = np.repeat(effect.table()[:, None], who.size, axis=1)
            whole = np.full(who.size, rank, np.int64), effects, np.full(who.size, place if waits else -1, np.int64)
            yield who, np.full(who.size, post.day), *whole


def _review_block(reviews: tuple[Review, ...], model: EvidenceModel) -> _Block:
    effects = np.empty((5, len(reviews)))
    tables: dict[tuple[int, EvidenceKind, float], Floats] = {}
    for i, one in enumerate(reviews):
        key = (one.rating, one.kind, one.guess)
        if key not in tables:
            tables[key] = review(*key, model).table()
        effects[:, i] = tables[key]
    return (
        np.asarray([one.learner for one in reviews], np.int64),
        np.asarray([one.day for one in reviews], np.float64),
        np.asarray([one.id for one in reviews], np.int64),
        effects,
        np.full(len(reviews), -1, np.int64),
    )
