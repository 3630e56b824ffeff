"""What evidence does to belief."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.nugget import Form
from reinforce.domain.planning import belief as beliefs
from reinforce.domain.planning import exposure
from reinforce.domain.planning.belief import FIELDS, SHAPES, Belief, Effect, apply, unmet
from reinforce.domain.planning.exposure import (
    MODEL,
    EvidenceKind,
    NuggetLog,
    PostSeen,
    Review,
    believe,
    seen_though_silent,
)

DAY = 20_514.0
NOBODY = np.empty(0, np.int64)
RIGHT = exposure.review(3, EvidenceKind.ANSWER, 0.25)
WRONG = exposure.review(1, EvidenceKind.ANSWER, 0.25)
GOT_IT = exposure.review(3, EvidenceKind.ACKNOWLEDGEMENT, 0.02)
EFFECTS = st.one_of(
    st.sampled_from([RIGHT, WRONG, GOT_IT, exposure.review(1, EvidenceKind.NOT_SURE, 0.02)]),
    st.builds(exposure.silence, st.sampled_from(Form)),
    st.builds(exposure.seen, st.sampled_from(Form)),
    st.builds(exposure.pending, st.sampled_from(Form)),
)
HISTORIES = st.lists(st.tuples(st.floats(0, 200), EFFECTS), max_size=15)
CHANCE = st.floats(0.01, 0.99)


def _after(*history: tuple[float, Effect]) -> Belief:
    belief, day = unmet(1), DAY
    for gap, effect in history:
        day += gap
        belief = apply(belief, day, effect)
    return belief


def _recall(belief: Belief, day: float) -> float:
    return float(belief.recall(day)[0])


@given(CHANCE, CHANCE)
def test_silence_lowers_the_chance_that_a_post_was_seen_by_bayes_rule(sees: float, answers: float) -> None:
    silent = 1 - sees + sees * (1 - answers)
    assert seen_though_silent(sees, answers) == pytest.approx(sees * (1 - answers) / silent)
    assert seen_though_silent(sees, answers) < sees


@given(HISTORIES)
def test_a_belief_stays_within_its_bounds_whatever_happens(history: list[tuple[float, Effect]]) -> None:
    belief = _after(*history)
    assert all(np.isfinite(getattr(belief, name)).all() for name in FIELDS)
    assert 0 <= belief.unmet[0] <= 1
    assert 1 <= belief.difficulty[0] <= 10
    assert belief.weight.sum(axis=0) == pytest.approx(1.0)
    assert (belief.stability > 0).all()
    day = DAY + sum(gap for gap, _ in history)
    assert 0 <= _recall(belief, day + 400) <= _recall(belief, day + 1) <= 1


@given(HISTORIES)
def test_no_post_ever_makes_recall_worse_unless_somebody_shows_it_was_gone(history: list[tuple[float, Effect]]) -> None:
    belief = _after(*history)
    day = DAY + sum(gap for gap, _ in history) + 3
    after = apply(belief, day, exposure.pending(Form.QUESTION))
    assert _recall(after, day) >= _recall(belief, day) - 1e-9


def test_a_wrong_answer_leaves_less_than_silence_and_silence_less_than_a_right_one() -> None:
    known = [(0.0, RIGHT), (9.0, RIGHT)]
    in_two_weeks = DAY + 9 + 20 + 14
    wrong, silent, right = (
        _recall(_after(*known, (20.0, effect)), in_two_weeks)
        for effect in (WRONG, exposure.silence(Form.QUESTION), RIGHT)
    )
    assert wrong < silent < right


def test_silence_is_never_taken_for_a_lapse() -> None:
    before = _after((0.0, RIGHT), (9.0, RIGHT))
    after = apply(before, DAY + 29, exposure.silence(Form.QUESTION))
    assert (after.stability >= before.stability * 0.95).all()
    assert _recall(after, DAY + 40) >= _recall(before, DAY + 40)


def test_a_lucky_guess_teaches_less_than_an_answer_that_can_not_be_guessed() -> None:
    lucky = exposure.review(3, EvidenceKind.ANSWER, 0.5)
    sure = exposure.review(3, EvidenceKind.ANSWER, 0.02)
    before = _after((0.0, WRONG))
    month = DAY + 40
    assert _recall(apply(before, DAY + 30, lucky), month) < _recall(apply(before, DAY + 30, sure), month)


def test_got_it_is_worth_less_than_a_right_answer_and_more_than_silence() -> None:
    before = _after((0.0, RIGHT))
    month = DAY + 40
    after = [apply(before, DAY + 10, effect) for effect in (exposure.silence(Form.REMINDER), GOT_IT, RIGHT)]
    silent, got_it, right = (_recall(one, month) for one in after)
    assert silent < got_it < right


def test_somebody_who_keeps_forgetting_fast_is_believed_to_forget_fast() -> None:
    quick = _after((0.0, RIGHT), *[(12.0, WRONG), (1.2, RIGHT)] * 5)
    slow = _after((0.0, RIGHT), *[(12.0, RIGHT), (1.2, RIGHT)] * 5)
    assert quick.weight[0, 0] < slow.weight[0, 0]
    assert quick.weight[2, 0] > slow.weight[2, 0]


def test_a_post_in_the_air_counts_as_it_does_on_average() -> None:
    assert MODEL.repetition(Form.QUESTION) == pytest.approx(0.25 * (0.4 + 0.6 * 0.6))
    assert MODEL.repetition(Form.QUESTION) > MODEL.repetition(Form.POLL) > MODEL.repetition(Form.REMINDER)


def _log(draw: np.random.Generator, posts: int, learners: int) -> NuggetLog:
    everyone = np.arange(1, learners + 1, dtype=np.int64)
    sent, reviews = [], []
    for number in range(posts):
        day = DAY + 5.0 * number
        spoke = everyone[draw.random(learners) < 0.4]
        form = Form.QUESTION if number % 3 else Form.REMINDER
        sent.append(PostSeen(number, day, form, number < posts - 1, everyone, spoke))
        reviews += [
            Review(
                100 * number + int(who), int(who), number, day + draw.random(), int(draw.choice([1, 3])),
                EvidenceKind.ANSWER, 0.25,
            )
            for who in spoke[::2]
        ]  # fmt: skip
    return NuggetLog(tuple(sent), tuple(reviews))


@given(st.integers(0, 1000), st.integers(0, 6), st.integers(1, 9))
def test_a_log_gives_the_same_belief_in_whatever_order_it_is_read(seed: int, posts: int, learners: int) -> None:
    draw = np.random.default_rng(seed)
    log = _log(draw, posts, learners)
    shuffled = NuggetLog(
        tuple(log.posts[i] for i in draw.permutation(len(log.posts))),
        tuple(log.reviews[i] for i in draw.permutation(len(log.reviews))),
    )
    ids, belief = believe(log)
    other_ids, other = believe(shuffled)
    assert (ids == other_ids).all()
    for name in FIELDS:
        assert (getattr(belief, name) == getattr(other, name)).all()


@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 9))
def test_many_learners_at_once_are_believed_as_each_is_alone(seed: int, posts: int, learners: int) -> None:
    log = _log(np.random.default_rng(seed), posts, learners)
    ids, together = believe(log)
    for position, who in enumerate(ids):
        mine = NuggetLog(
            tuple(
                replace(post, learners=post.learners[post.learners == who], replied=post.replied[post.replied == who])
                for post in log.posts
            ),
            tuple(review for review in log.reviews if review.learner == who),
        )
        _, alone = believe(mine)
        for name in FIELDS:
            assert getattr(together, name)[..., position] == pytest.approx(getattr(alone, name)[..., 0], rel=1e-12)


def test_an_answer_takes_the_place_of_the_silence_it_ends() -> None:
    me = np.array([7], np.int64)
    post = PostSeen(1, DAY, Form.QUESTION, True, me, me)
    answer = Review(1, 7, 1, DAY + 0.1, 3, EvidenceKind.ANSWER, 0.25)
    _, belief = believe(NuggetLog((post,), (answer,)))
    assert belief.unmet[0] == 0.0
    expected = apply(unmet(1), DAY + 0.1, RIGHT)
    assert belief.stability[:, 0] == pytest.approx(expected.stability[:, 0])


def test_a_comment_is_a_reading_and_an_open_window_no_silence_yet() -> None:
    me = np.array([7], np.int64)

    def believed(*, closed: bool, replied: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
        _, belief = believe(NuggetLog((PostSeen(1, DAY, Form.QUESTION, closed, me, replied),), ()))
        return float(belief.unmet[0])

    assert believed(closed=True, replied=me) < believed(closed=False, replied=NOBODY)
    assert believed(closed=False, replied=NOBODY) < believed(closed=True, replied=NOBODY)


def test_no_log_is_no_belief() -> None:
    ids, belief = believe(NuggetLog((), ()))
    assert ids.size == 0
    assert belief.weight.shape == (SHAPES, 0)
    assert beliefs.unmet(2, 3).recall(DAY) == pytest.approx(np.full((2, 3), beliefs.KNOWN_ANYWAY))
