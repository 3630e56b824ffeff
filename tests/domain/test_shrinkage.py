"""What beliefs foretell of answers, and the one scale that is drawn from them."""

from __future__ import annotations

import numpy as np
import pytest

from reinforce.domain.nugget import Form
from reinforce.domain.planning import memory
from reinforce.domain.planning.exposure import MODEL, EvidenceKind, NuggetLog, PostSeen, Review
from reinforce.domain.planning.foretelling import answers_of, foretell
from reinforce.domain.planning.memory import DEFAULT, Weights
from reinforce.domain.planning.shrinkage import scaled, shrink


def _log(learners: int, turns: int, truth: Weights, guess: float = 0.0, seed: int = 1) -> NuggetLog:
    """Everybody sees every post and answers: as memories with weights `truth`, days between 1 and 30 apart."""
    draw = np.random.default_rng(seed)
    posts, reviews = [], []
    stability, difficulty, day = np.full(learners, np.nan), np.full(learners, np.nan), 20_000.0
    for turn in range(turns):
        gap = float(draw.uniform(1, 30))
        day += gap
        known = memory.retrievability(stability, gap, truth.decay) if turn else np.full(learners, 0.2)
        knew = draw.random(learners) < known
        right = knew | (draw.random(learners) < guess)
        rating = np.where(right, 3, 1)
        stability, difficulty = memory.repeat(stability, difficulty, gap, rating, truth)
        everybody = np.arange(learners)
        posts.append(PostSeen(turn, day, Form.QUESTION, True, everybody, everybody))
        reviews += [
            Review(turn * learners + i, i, turn, day + 0.1, int(rating[i]), EvidenceKind.ANSWER, guess)
            for i in range(learners)
        ]
    return NuggetLog(tuple(posts), tuple(reviews))


def test_without_answers_there_is_nothing_to_scale_by() -> None:
    found = shrink(answers_of([]))
    assert (found.scale, found.weights, found.answers) == (1.0, DEFAULT, 0)


def test_what_is_forgotten_sooner_gets_a_lower_scale_and_what_is_kept_longer_a_higher() -> None:
    short, long = (shrink(answers_of([_log(100, 6, scaled(DEFAULT, scale))])) for scale in (0.1, 8.0))
    assert short.scale < 0.6
    assert long.scale > 1.2
    assert short.after < short.before


def test_a_few_answers_move_the_scale_less_than_many() -> None:
    few, many = (shrink(answers_of([_log(learners, 3, scaled(DEFAULT, 0.05))])) for learners in (3, 200))
    assert many.scale < few.scale < 1.1


def test_only_first_stabilities_and_what_a_lapse_leaves_are_scaled_within_bounds() -> None:
    changed = [
        i for i, (old, new) in enumerate(zip(DEFAULT.values, scaled(DEFAULT, 0.5).values, strict=True)) if old != new
    ]
    assert changed == [0, 1, 2, 3, 11]
    assert max(scaled(DEFAULT, 1e6).values[:4]) == 100.0
    assert min(scaled(DEFAULT, 1e-6).values[:4]) == 0.001


def test_nothing_is_foretold_of_whom_the_nugget_had_not_reached() -> None:
    answers = answers_of([_log(20, 2, DEFAULT)])
    known = foretell(answers).known
    assert known.sum() == 20
    assert not known[:20].any()


def test_a_guess_lifts_what_is_foretold_and_those_who_do_not_know_answer_less() -> None:
    log = _log(1, 2, DEFAULT, guess=0.5)
    chance = foretell(answers_of([log])).chance[0]
    knew, not_knew = 0.2, 0.8 * MODEL.unknowing
    assert chance == pytest.approx((knew * (1 - MODEL.slip) + not_knew * 0.5) / (knew + not_knew))


def test_what_comes_later_is_not_known_before() -> None:
    answers = answers_of([_log(30, 5, DEFAULT)])
    split = float(np.median(answers.when))
    earlier = answers.until(split)
    assert 0 < earlier.count < answers.count
    np.testing.assert_array_equal(foretell(earlier).chance, foretell(answers).chance[: earlier.count])


def test_many_answers_are_thinned_by_learner_and_the_order_of_logs_does_not_matter() -> None:
    logs = [_log(50, 4, DEFAULT, seed=seed) for seed in (1, 2, 3)]
    thin = answers_of(logs, most=200)
    assert 100 < thin.count <= 210
    assert shrink(answers_of(logs)).scale == pytest.approx(shrink(answers_of(logs[::-1])).scale, abs=1e-3)


def test_the_history_of_an_answer_counts_those_before_it() -> None:
    answers = answers_of([_log(3, 4, DEFAULT)])
    history = answers.history()
    assert history.answers.tolist() == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3
    assert (history.gap[:3] == 0).all()
    assert (history.gap[3:] >= 1.0).all()
    assert (history.lapses <= history.answers).all()
