"""The index: what a memory will be worth, and that nobody stays behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from reinforce.domain.nugget import Form
from reinforce.domain.planning import exposure
from reinforce.domain.planning.belief import FIELDS, Belief, Effect, apply, unmet
from reinforce.domain.planning.cadence import AdaptiveRule, Cadence, Caps, PolicyName, Slot
from reinforce.domain.planning.exposure import MODEL, EvidenceKind
from reinforce.domain.planning.plan_context import Choice, PastPost, PlanContext, PlanNugget, day_number
from reinforce.domain.planning.policy import choose, openings
from reinforce.domain.planning.policy_index import gains, softmin
from reinforce.domain.planning.policy_worth import looks_a_day, programme_end, worth

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = timedelta(days=1)
RULE = AdaptiveRule(opening_days=0, fatigue=0.0, dollars_per_recall=1000.0)
RIGHT = exposure.review(3, EvidenceKind.ANSWER, 0.25)


def _nugget(key: int, importance: float = 1.0, assessment: datetime | None = None) -> PlanNugget:
    return PlanNugget(key, f"p/n{key}", "", importance, key, (), assessment, (Form.QUESTION,), 6)


def _context(
    nuggets: tuple[PlanNugget, ...], rule: AdaptiveRule = RULE, slots: int = 1, learners: int = 6
) -> PlanContext:
    cadence = Cadence(
        name="test", slots=tuple(Slot(f"s{n}", time(9 + n), frozenset(range(7))) for n in range(slots)),
        quiet_hours=None, country="", subdivision="", days_off=frozenset(), caps=Caps(50, 350, 350),
        repeat_after=timedelta(days=90), grace=timedelta(hours=4), answer_window=timedelta(hours=30), reveal=False,
        forms=(Form.QUESTION,), policy=PolicyName.COHORT_ADAPTIVE, rule=rule,
    )  # fmt: skip
    return PlanContext(
        now=NOW, zone="UTC", cadence=cadence, nuggets=nuggets, belief=unmet(learners, len(nuggets)),
        audience=np.ones((learners, len(nuggets)), np.bool_), roles=("",) * learners, history=(), evidence=9,
        last_response=NOW, forms=(Form.QUESTION,), prices={Form.QUESTION: 15_000},
    )  # fmt: skip


def _moved(belief: Belief, who: slice | NDArray[np.intp], column: int, at: datetime, effect: Effect) -> Belief:
    moved = apply(belief.each(lambda array: array[..., who, column]), day_number(at), effect)
    changed = belief.each(np.copy)
    for name in FIELDS:
        getattr(changed, name)[..., who, column] = getattr(moved, name)
    return changed


def _lived(context: PlanContext, days: int) -> list[int]:
    """The nuggets posted at one slot a day, each post working on memory as such a post does on average."""
    chosen = []
    for day in range(days):
        now = context.now + DAY
        context = replace(context, now=now, last_response=now)
        choice = choose(context)
        assert isinstance(choice, Choice), f"day {day}: {choice}"
        chosen.append(choice.nugget_id)
        column = choice.nugget_id - 1
        context = replace(
            context,
            belief=_moved(context.belief, slice(None), column, now, exposure.pending(choice.form)),
            history=(*context.history, PastPost(choice.nugget_id, choice.form, now)),
        )
    return chosen


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_soft_minimum_shares_out_one_and_gives_more_to_the_lower(recall: list[float]) -> None:
    weight = softmin(np.asarray(recall))
    assert weight.sum() == pytest.approx(1.0)
    assert (np.diff(weight[np.argsort(recall, kind="stable")]) <= 1e-12).all()


def test_the_soft_minimum_leaves_out_what_has_no_recall() -> None:
    assert softmin(np.asarray([np.nan, 0.2])).tolist() == [0.0, 1.0]
    assert softmin(np.asarray([np.nan])).tolist() == [0.0]


def test_the_tail_lifts_the_nugget_that_is_known_least() -> None:
    context = _context(tuple(_nugget(key) for key in range(1, 5)))
    belief = context.belief
    for column in (0, 1, 3):
        for back in (20, 8, 3):
            belief = _moved(belief, slice(None), column, NOW - back * DAY, RIGHT)
    context = replace(context, belief=_moved(belief, slice(0, 1), 2, NOW - 3 * DAY, RIGHT))
    open_now, _ = openings(context)
    lift = gains(context, open_now, RULE).lift
    assert int(np.argmax(lift)) == 2
    plain = gains(context, open_now, replace(RULE, nugget_tail=0.0, learner_tail=0.0)).lift
    assert plain.tolist() == [1.0, 1.0, 1.0, 1.0]


def test_the_tail_prefers_what_the_weakest_learner_lacks() -> None:
    context = _context((_nugget(1), _nugget(2)))
    belief = context.belief
    # Learner 0 knows neither nugget; the others know both. Nugget 1 is not for learner 0.
    for column in (0, 1):
        belief = _moved(belief, slice(1, None), column, NOW - 5 * DAY, RIGHT)
    audience = context.audience.copy()
    audience[0, 0] = False
    audience[1, 1] = False
    context = replace(context, belief=belief, audience=audience)
    open_now, _ = openings(context)
    lift = gains(context, open_now, replace(RULE, nugget_tail=0.0)).lift
    assert lift[1] > lift[0]


def test_no_nugget_starves_beside_much_more_important_ones_over_a_long_time() -> None:
    heavy = tuple(_nugget(key, 4.0) for key in range(1, 11))
    chosen = _lived(_context((*heavy, _nugget(11), _nugget(12))), 150)
    light = [chosen.count(key) for key in (11, 12)]
    assert min(light) >= 3
    assert max(light) < min(chosen.count(key) for key in range(1, 11))


def test_the_same_state_gives_the_same_long_plan() -> None:
    context = _context(tuple(_nugget(key, float(key % 3 + 1)) for key in range(1, 7)))
    assert _lived(context, 30) == _lived(context, 30)


def test_a_look_is_worth_less_where_the_next_one_comes_soon() -> None:
    nuggets = tuple(_nugget(key) for key in range(1, 5))
    seldom, often = _context(nuggets), _context(nuggets, slots=5)
    totals = []
    for context in (seldom, often):
        open_now, _ = openings(context)
        looks = looks_a_day(context, open_now).sum()
        assert looks == pytest.approx(context.cadence.posts_a_week / 7 * MODEL.sees)
        totals.append(worth(context, open_now, RULE).of_perfect()[0][0, 0])
    assert totals[1] < totals[0]


def test_the_programme_ends_where_it_is_said_to_else_at_its_last_assessment_else_in_sixty_days() -> None:
    dated = _context((_nugget(1, assessment=NOW + 9 * DAY), _nugget(2, assessment=NOW + 30 * DAY)))
    assert programme_end(replace(dated, ends=NOW + 40 * DAY)) == NOW + 40 * DAY
    assert programme_end(dated) == NOW + 30 * DAY
    assert programme_end(replace(dated, now=NOW + 31 * DAY)) == NOW + 91 * DAY
    assert programme_end(_context((_nugget(1),))) == NOW + 60 * DAY


def test_a_nugget_is_posted_just_before_its_assessment_rather_than_long_before() -> None:
    nuggets = tuple(_nugget(key, assessment=NOW + (21 if key == 3 else 60) * DAY) for key in range(1, 7))
    chosen = _lived(_context(nuggets), 20)
    assert 3 in chosen[-3:]
    assert chosen.count(3) >= max(chosen.count(key) for key in (1, 2, 4, 5, 6))


def test_nobody_to_learn_it_is_no_reason_to_post_it() -> None:
    context = _context((_nugget(1, 9.0), _nugget(2)))
    audience = context.audience.copy()
    audience[:, 0] = False
    choice = choose(replace(context, audience=audience))
    assert isinstance(choice, Choice)
    assert choice.nugget_id == 2


def test_a_large_feed_is_looked_at_twice_and_chooses_what_all_of_it_would() -> None:
    draw = np.random.default_rng(3)
    learners, count = 2_500, 40
    context = _context(tuple(_nugget(key, float(1 + key % 4)) for key in range(1, count + 1)), learners=learners)
    belief = context.belief
    for column in range(count):
        reached = np.sort(draw.choice(learners, learners // 3, replace=False))
        belief = _moved(belief, reached, column, NOW - (2 + column % 15) * DAY, RIGHT)
    history = tuple(PastPost(key, Form.QUESTION, NOW - (2 + (key - 1) % 15) * DAY) for key in range(1, count + 1))
    context = replace(context, belief=belief, history=tuple(sorted(history, key=lambda post: post.at)))
    open_now, _ = openings(context)
    large = gains(context, open_now, RULE).index[Form.QUESTION]
    # The same people as two cohorts of a feed that are small enough to be looked at whole, one after the other.
    halves = np.sum(
        [
            gains(_some_of(context, half), open_now, replace(RULE, learner_tail=0.0)).index[Form.QUESTION]
            for half in (slice(0, learners, 2), slice(1, learners, 2))
        ],
        axis=0,
    )
    whole = gains(context, open_now, replace(RULE, learner_tail=0.0)).index[Form.QUESTION]
    finalists = whole > 0.0
    assert finalists.sum() == 32
    assert whole[finalists] == pytest.approx(halves[finalists], rel=0.02)
    assert int(np.argmax(large)) == int(np.argmax(halves))


def _some_of(context: PlanContext, rows: slice) -> PlanContext:
    belief = context.belief.each(lambda array: array[..., rows, :])
    people = belief.unmet.shape[0]
    return replace(context, belief=belief, audience=context.audience[rows], roles=("",) * people)


def test_a_nugget_that_another_cohort_of_the_feed_learns_too_gains_for_both() -> None:
    context = _context((_nugget(1), _nugget(2)), learners=12)
    audience = context.audience.copy()
    audience[6:, 0] = False
    shared = replace(context, audience=audience, groups=np.repeat(np.asarray([0, 1], np.intp), 6))
    open_now, _ = openings(shared)
    rule = replace(RULE, nugget_tail=0.0, learner_tail=0.0)
    index = gains(shared, open_now, rule).index[Form.QUESTION]
    alone = gains(_some_of(context, slice(0, 6)), open_now, rule).index[Form.QUESTION]
    assert index == pytest.approx(alone * [1.0, 2.0], rel=1e-3)


def test_single_precision_moves_the_index_by_less_than_a_thousandth() -> None:
    context = _context(tuple(_nugget(key) for key in range(1, 5)), learners=50)
    belief = context.belief
    for column in range(4):
        for back in (40, 11, 2):
            belief = _moved(belief, slice(0, 10 * (column + 1)), column, NOW - back * DAY, RIGHT)
    context = replace(context, belief=belief)
    open_now, _ = openings(context)
    rounded = replace(context, belief=belief.each(lambda array: array.astype(np.float32).astype(np.float64)))
    index, other = (gains(one, open_now, RULE).index[Form.QUESTION] for one in (context, rounded))
    assert index == pytest.approx(other, rel=1e-3)
