"""What a post's impressions and a poll's votes say of those who were silent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.nugget import Form
from reinforce.domain.planning import exposure
from reinforce.domain.planning.belief import FIELDS, Belief, Effect, apply, fold, unmet
from reinforce.domain.planning.exposure import (
    MODEL,
    EvidenceKind,
    NuggetLog,
    PostSeen,
    Review,
    believe,
    silence,
    silence_counted,
)
from reinforce.domain.planning.totals import Totals, audience_shift, chance_seen

DAY = 20_514.0
NOBODY = np.empty(0, np.int64)
RIGHT = exposure.review(3, EvidenceKind.ANSWER, 0.25)
WRONG = exposure.review(1, EvidenceKind.ANSWER, 0.25)
COUNTS = st.integers(0, 10_000)
TOTALS = st.builds(
    Totals,
    votes=st.none() | st.tuples(COUNTS, COUNTS),
    impressions=st.none() | COUNTS,
    feed=st.integers(0, 500),
    guess=st.sampled_from([0.0, 0.25, 0.5]),
)


def _audience(learners: int, seed: int = 0) -> Belief:
    """A belief about people with all sorts of histories."""
    draw = np.random.default_rng(seed)
    events = draw.integers(1, 6 * learners)
    index = draw.integers(0, learners, events).astype(np.intp)
    effects = np.stack([(RIGHT, WRONG, silence(Form.QUESTION))[i].table() for i in draw.integers(0, 3, events)], axis=1)
    return fold(unmet(learners), index, np.sort(DAY - 60 * draw.random(events)), effects)


def _recall_after(audience: Belief, effect: Effect) -> float:
    return float(apply(audience, DAY, effect).recall(DAY + 1).mean())


@given(st.floats(0.02, 0.9), TOTALS)
def test_the_chance_of_having_seen_a_post_moves_within_bounds(sees: float, totals: Totals) -> None:
    found = chance_seen(sees, totals)
    assert 0.0 < found <= 0.95
    assert found >= totals.voted
    assert found >= sees / 3.0


def test_more_impressions_mean_that_more_have_seen_it_and_a_large_feed_needs_more_of_them() -> None:
    seen = [chance_seen(0.25, Totals(impressions=shown, feed=100)) for shown in (0, 20, 40, 80)]
    assert seen == sorted(seen)
    assert len(set(seen)) == 4
    assert chance_seen(0.25, Totals(impressions=40, feed=1000)) < chance_seen(0.25, Totals(impressions=40, feed=100))
    assert chance_seen(0.25, Totals()) == 0.25


def test_impressions_move_silence_of_any_form() -> None:
    for form in Form:
        few, many = (
            silence_counted(form, unmet(5), DAY, Totals(impressions=shown, feed=100), MODEL) for shown in (5, 100)
        )
        assert float(few.reach) < float(silence(form).reach) < float(many.reach)


@given(st.integers(1, 40), st.integers(0, 99), TOTALS)
def test_votes_shift_an_audience_within_bounds_and_never_past_certainty(
    learners: int, seed: int, totals: Totals
) -> None:
    audience = _audience(learners, seed)
    assert abs(audience_shift(audience.recall(DAY), totals, MODEL.unknowing, MODEL.slip)) <= 1.0
    after = apply(audience, DAY, silence_counted(Form.POLL, audience, DAY, totals))
    assert all(np.isfinite(getattr(after, name)).all() for name in FIELDS)
    assert ((after.recall(DAY) >= 0) & (after.recall(DAY) <= 1)).all()


@given(st.integers(1, 40), st.integers(0, 99), st.integers(1, 60))
def test_the_more_votes_are_right_the_more_everybody_is_believed_to_know(learners: int, seed: int, votes: int) -> None:
    audience = _audience(learners, seed)
    after = [
        _recall_after(audience, silence_counted(Form.POLL, audience, DAY, Totals((right, votes - right), None, 60)))
        for right in range(votes + 1)
    ]
    assert after == sorted(after)


def test_votes_that_fall_as_expected_move_nobody() -> None:
    audience = apply(apply(unmet(40), DAY - 20, RIGHT), DAY - 10, RIGHT)
    recall = audience.recall(DAY)
    knew, unknowing = recall.mean(), MODEL.unknowing * (1 - recall.mean())
    right = round(1_000_000 * float((knew * (1 - MODEL.slip) + unknowing * 0.25) / (knew + unknowing)))
    shift = audience_shift(recall, Totals((right, 1_000_000 - right), None, 40), MODEL.unknowing, MODEL.slip)
    assert shift == pytest.approx(0.0, abs=1e-3)


def test_even_a_landslide_is_less_than_one_answer_of_their_own_and_no_lapse() -> None:
    audience = apply(apply(unmet(50), DAY - 20, RIGHT), DAY - 10, RIGHT)
    landslide = silence_counted(Form.POLL, audience, DAY, Totals((0, 50), None, 50))
    mine = apply(audience, DAY, WRONG)
    theirs = apply(audience, DAY, landslide)
    assert (theirs.recall(DAY + 5) > mine.recall(DAY + 5)).all()
    assert (theirs.stability >= 0.8 * audience.stability).all()
    assert float(landslide.if_known) / float(landslide.if_not) > float(WRONG.if_known) / float(WRONG.if_not)


def test_votes_of_people_it_is_not_for_count_for_less() -> None:
    recall = _audience(20, 3).recall(DAY)
    alone, among_many = (
        audience_shift(recall, Totals((2, 28), None, feed), MODEL.unknowing, MODEL.slip) for feed in (20, 200)
    )
    assert alone < among_many < 0.0


def _log(draw: np.random.Generator, posts: int, learners: int) -> NuggetLog:
    everyone = np.arange(1, learners + 1, dtype=np.int64)
    sent, reviews = [], []
    for number in range(posts):
        # Several at one instant: what comes first then must not hang on the order they are read in.
        day = DAY + 4.0 * (number // 2)
        form = list(Form)[int(draw.integers(3))]
        spoke = everyone[draw.random(learners) < 0.3]
        votes = (int(draw.integers(9)), int(draw.integers(9))) if form is Form.POLL and draw.random() < 0.8 else None
        totals = Totals(votes, int(draw.integers(40)) if draw.random() < 0.5 else None, learners)
        sent.append(PostSeen(number, day, form, number < posts - 1, everyone, spoke, totals))
        reviews += [
            Review(100 * number + int(who), int(who), number, day + draw.random(), 3, EvidenceKind.ANSWER, 0.25)
            for who in spoke[::2]
        ]
    return NuggetLog(tuple(sent), tuple(reviews))


@given(st.integers(0, 1000), st.integers(0, 8), st.integers(1, 9))
def test_a_log_with_polls_gives_the_same_belief_in_whatever_order_it_is_read(
    seed: int, posts: int, learners: int
) -> None:
    draw = np.random.default_rng(seed)
    log = _log(draw, posts, learners)
    shuffled = NuggetLog(
        tuple(log.posts[i] for i in draw.permutation(len(log.posts))),
        tuple(log.reviews[i] for i in draw.permutation(len(log.reviews))),
    )
    (ids, belief), (other_ids, other) = believe(log), believe(shuffled)
    assert (ids == other_ids).all()
    for name in FIELDS:
        assert (getattr(belief, name) == getattr(other, name)).all()


def test_a_log_is_believed_as_its_posts_one_after_another() -> None:
    everyone = np.arange(1, 8, dtype=np.int64)
    totals = (Totals((5, 1), 12, 7), Totals((1, 6), None, 7), Totals(None, 30, 7))
    forms = (Form.POLL, Form.POLL, Form.REMINDER)
    posts = tuple(
        PostSeen(n, DAY + 6.0 * n, form, True, everyone, NOBODY, counted)
        for n, (form, counted) in enumerate(zip(forms, totals, strict=True))
    )
    belief = unmet(7)
    for post in posts:
        belief = apply(belief, post.day, silence_counted(post.form, belief, post.day, post.totals))
    _, whole = believe(NuggetLog(posts, ()))
    for name in FIELDS:
        assert getattr(whole, name) == pytest.approx(getattr(belief, name), rel=1e-12)


def test_votes_count_once_the_window_has_closed() -> None:
    everyone = np.arange(1, 30, dtype=np.int64)
    post = PostSeen(1, DAY, Form.POLL, False, everyone, NOBODY, Totals((20, 2), None, 30))
    none = replace(post, totals=Totals(None, None, 30))
    recall = {
        (closed, counted): float(
            believe(NuggetLog((replace(post if counted else none, closed=closed),), ()))[1].recall(DAY + 1).mean()
        )
        for closed in (False, True)
        for counted in (False, True)
    }
    assert recall[False, True] == recall[False, False]
    assert recall[True, True] > recall[True, False]
