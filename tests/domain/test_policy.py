"""What the policies choose, from values alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.nugget import Form
from reinforce.domain.planning import exposure
from reinforce.domain.planning.belief import FIELDS, Belief, Effect, apply, unmet
from reinforce.domain.planning.cadence import (
    AdaptiveRule,
    Cadence,
    Caps,
    LadderRule,
    PolicyName,
    RetireRule,
    Rule,
    Slot,
    WeightedRule,
)
from reinforce.domain.planning.exposure import EvidenceKind
from reinforce.domain.planning.plan_context import Choice, PastPost, PlanContext, PlanNugget, Quiet, day_number
from reinforce.domain.planning.policy import choose

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
RIGHT = exposure.review(3, EvidenceKind.ANSWER, 0.25)
WRONG = exposure.review(1, EvidenceKind.ANSWER, 0.25)
BY_NEED = AdaptiveRule(opening_days=0)
PRICES = {Form.QUESTION: 25_000, Form.REMINDER: 15_000, Form.POLL: 25_000}


def _cadence(rule: Rule, new_a_week: int = 50) -> Cadence:
    names = {AdaptiveRule: "cohort-adaptive", WeightedRule: "wrr-edf", LadderRule: "ladder", RetireRule: "retire"}
    return Cadence(
        name="test",
        slots=(Slot("morning", NOW.time(), frozenset(range(7))),),
        quiet_hours=None,
        country="",
        subdivision="",
        days_off=frozenset(),
        caps=Caps(2, 14, new_a_week),
        repeat_after=timedelta(days=90),
        grace=timedelta(hours=4),
        answer_window=timedelta(hours=30),
        reveal=True,
        forms=(Form.QUESTION, Form.REMINDER),
        policy=PolicyName(names[type(rule)]),
        rule=rule,
    )


def _nugget(key: int, **changes: object) -> PlanNugget:
    plain = PlanNugget(key, f"p/n{key}", "", 1.0, key, (), None, (Form.QUESTION, Form.REMINDER), 6)
    return replace(plain, **changes)  # type: ignore[arg-type]


def _context(
    nuggets: tuple[PlanNugget, ...],
    *,
    rule: Rule = BY_NEED,
    belief: Belief | None = None,
    learners: int = 6,
    history: tuple[PastPost, ...] = (),
    now: datetime = NOW,
    new_a_week: int = 50,
) -> PlanContext:
    return PlanContext(
        now=now,
        zone="UTC",
        cadence=_cadence(rule, new_a_week),
        nuggets=nuggets,
        belief=unmet(learners, len(nuggets)) if belief is None else belief,
        audience=np.ones((learners, len(nuggets)), np.bool_),
        roles=("fitter",) * learners,
        history=history,
        evidence=9,
        last_response=now,
        forms=(Form.QUESTION, Form.REMINDER),
        prices=PRICES,
    )


def _with(belief: Belief, column: int, at: datetime, effect: Effect) -> Belief:
    """The belief after everybody had the same experience with one nugget."""
    moved = apply(belief.each(lambda array: array[..., column]), day_number(at), effect)
    changed = belief.each(np.copy)
    for name in FIELDS:
        getattr(changed, name)[..., column] = getattr(moved, name)
    return changed


def _chosen(context: PlanContext) -> Choice:
    choice = choose(context)
    assert isinstance(choice, Choice), choice
    return choice


def _known(count: int, *, learners: int = 6, days_ago: int = 3) -> tuple[Belief, tuple[PastPost, ...]]:
    """A belief in which everybody knows everything well, and the posts that taught them."""
    belief, history = unmet(learners, count), []
    for back in (60, 45, 25, days_ago):
        for column in range(count):
            belief = _with(belief, column, NOW - back * DAY, RIGHT)
            history.append(PastPost(column + 1, Form.QUESTION, NOW - back * DAY, right=learners))
    return belief, tuple(history)


def test_what_the_cohort_has_forgotten_goes_before_what_it_knows() -> None:
    belief, history = _known(3)
    belief = _with(belief, 1, NOW - 2 * DAY, WRONG)
    choice = _chosen(_context((_nugget(1), _nugget(2), _nugget(3)), belief=belief, history=history))
    assert choice.nugget_id == 2
    assert "p/n2: the 6 learners who count would recall it with" in choice.reason
    assert choice.numbers["runner_up"]["gain"] < choice.numbers["gain"]


def test_it_is_quiet_when_everything_is_known_well_and_says_what_the_best_would_have_been() -> None:
    belief, history = _known(3, days_ago=1)
    rule = replace(BY_NEED, dollars_per_recall=0.02)
    quiet = choose(_context((_nugget(1), _nugget(2), _nugget(3)), belief=belief, history=history, rule=rule))
    assert isinstance(quiet, Quiet)
    assert quiet.reason.startswith("No post gains more than it costs: the best, p/n")


def test_the_more_important_of_two_like_nuggets_goes_first() -> None:
    nuggets = (_nugget(1), _nugget(2, importance=2.0), _nugget(3))
    assert _chosen(_context(nuggets)).nugget_id == 2


def test_ties_go_to_the_lower_id_whatever_the_order() -> None:
    nuggets = tuple(_nugget(key) for key in (7, 3, 5))
    assert _chosen(_context(nuggets)).nugget_id == 3


def test_a_learner_outside_a_nuggets_audience_does_not_weigh() -> None:
    belief, history = _known(2)
    belief = _with(belief, 0, NOW - 2 * DAY, WRONG)
    rule = replace(BY_NEED, fatigue=0.0, dollars_per_recall=1000.0)
    context = _context((_nugget(1), _nugget(2)), belief=belief, history=history, rule=rule)
    assert _chosen(context).nugget_id == 1
    audience = context.audience.copy()
    audience[:, 0] = False
    assert _chosen(replace(context, audience=audience)).nugget_id == 2


def test_a_nugget_waits_until_what_it_builds_on_is_known_well_enough() -> None:
    nuggets = (_nugget(1), _nugget(2, requires=(1,), importance=9.0))
    assert _chosen(_context(nuggets)).nugget_id == 1
    once = (PastPost(1, Form.QUESTION, NOW - DAY),)
    unknown = _with(unmet(6, 2), 0, NOW - 5 * DAY, exposure.silence(Form.QUESTION))
    assert _chosen(_context(nuggets, belief=unknown, history=once)).nugget_id == 1
    known = _with(unmet(6, 2), 0, NOW - DAY, RIGHT)
    assert _chosen(_context(nuggets, belief=known, history=once)).nugget_id == 2
    often = tuple(PastPost(1, Form.QUESTION, NOW - n * DAY) for n in (9, 5, 2))
    assert _chosen(_context(nuggets, belief=unknown, history=often)).nugget_id == 2


def test_no_more_new_nuggets_are_let_in_than_the_cadence_has_it() -> None:
    history = (PastPost(1, Form.QUESTION, NOW - 3 * DAY), PastPost(2, Form.QUESTION, NOW - 2 * DAY))
    nuggets = tuple(_nugget(key) for key in (1, 2, 3))
    belief = _with(_with(unmet(6, 3), 0, NOW - 3 * DAY, RIGHT), 1, NOW - 2 * DAY, RIGHT)
    assert _chosen(_context(nuggets, belief=belief, history=history)).nugget_id == 3
    assert _chosen(_context(nuggets, belief=belief, history=history, new_a_week=2)).nugget_id in (1, 2)


def test_another_topic_comes_between_if_it_gains_nearly_as_much() -> None:
    nuggets = (_nugget(1, topic="locks"), _nugget(2, topic="locks", importance=1.05), _nugget(3, topic="tags"))
    history = (PastPost(1, Form.QUESTION, NOW - DAY),)
    belief = _with(unmet(6, 3), 0, NOW - DAY, RIGHT)
    assert _chosen(_context(nuggets, belief=belief, history=history)).nugget_id == 3
    far_ahead = (nuggets[0], replace(nuggets[1], importance=3.0), nuggets[2])
    rule = replace(BY_NEED, nugget_tail=0.0, learner_tail=0.0)
    assert _chosen(_context(far_ahead, belief=belief, history=history, rule=rule)).nugget_id == 2


def test_recall_on_the_day_of_an_assessment_draws_a_nugget_forward() -> None:
    belief, history = _known(2, days_ago=20)
    near = _nugget(2, assessment=NOW + 5 * DAY)
    assert _chosen(_context((_nugget(1), near), belief=belief, history=history)).nugget_id == 2


def test_a_question_is_worth_more_than_a_reminder_and_a_reminder_is_used_when_only_that_has_room() -> None:
    context = _context((_nugget(1),))
    assert _chosen(context).form is Form.QUESTION
    assert _chosen(replace(context, forms=(Form.REMINDER,))).form is Form.REMINDER
    shut = {(1, Form.QUESTION): "out of wordings"}
    choice = choose(context, shut)
    assert isinstance(choice, Choice)
    assert choice.form is Form.REMINDER


def test_nothing_is_told_about_a_group_of_fewer_than_five() -> None:
    choice = _chosen(_context((_nugget(1),), learners=4))
    assert "too few learners are linked to tell their recall" in choice.reason
    assert "recall" not in choice.numbers


def test_the_opening_weeks_keep_their_number_of_posts() -> None:
    rule = AdaptiveRule(opening_days=14, opening_posts_a_week=3)
    history = tuple(PastPost(1, Form.QUESTION, NOW - n * DAY) for n in (4, 3, 2))
    belief, _ = _known(2)
    nuggets = (_nugget(1), _nugget(2))
    quiet = choose(_context(nuggets, belief=belief, history=history, rule=rule))
    assert isinstance(quiet, Quiet)
    assert "The opening weeks have 3 posts each" in quiet.reason
    spread = choose(_context(nuggets, belief=belief, history=history[2:], rule=replace(rule, opening_posts_a_week=2)))
    assert isinstance(spread, Quiet)
    assert spread.reason == "The 2 posts of an opening week are spread over the week."
    # And they are posted even where nothing gains.
    costly = replace(rule, dollars_per_recall=0.001)
    choice = _chosen(_context(nuggets, belief=belief, history=history[:1], rule=costly))
    assert choice.numbers["instead_of_quiet"] == "the opening weeks have 3 posts each"


def test_two_weeks_without_any_response_halve_the_rate() -> None:
    history = tuple(PastPost(1, Form.QUESTION, NOW - n * DAY) for n in (20, 10, 6, 5, 4, 3, 2, 2, 1))
    context = _context((_nugget(1), _nugget(2)), history=history)
    assert isinstance(choose(context), Choice)
    quiet = choose(replace(context, last_response=NOW - 15 * DAY))
    assert isinstance(quiet, Quiet)
    assert quiet.reason == "Nobody has responded for 14 days, so the rate is halved."


@pytest.mark.parametrize("evidence", [0, 5])
def test_turns_decide_while_nothing_has_come_back(evidence: int) -> None:
    often = tuple(PastPost(1, Form.QUESTION, NOW - back * DAY) for back in (6, 4, 2))
    history = (*often, PastPost(2, Form.QUESTION, NOW - DAY))
    belief = _with(unmet(6, 2), 0, NOW - 2 * DAY, RIGHT)
    context = replace(_context((_nugget(1), _nugget(2)), belief=belief, history=history), evidence=evidence)
    choice = _chosen(context)
    assert ("fallback" in choice.numbers) == (evidence == 0)
    assert choice.nugget_id == (2 if evidence else 1)


def _run(rule: Rule, nuggets: tuple[PlanNugget, ...], days: int, *, right: bool = True) -> list[tuple[int, int]]:
    """(day, nugget) of what a policy posts at one slot a day, every post answered alike."""
    history: tuple[PastPost, ...] = ()
    found = []
    for day in range(days):
        now = NOW + day * DAY
        choice = choose(_context(nuggets, rule=rule, history=history, now=now))
        if isinstance(choice, Choice):
            answers = (5, 1) if right else (1, 5)
            history = (*history, PastPost(choice.nugget_id, choice.form, now, *answers))
            found.append((day, choice.nugget_id))
    return found


def test_the_ladder_climbs_its_steps_from_the_first_post() -> None:
    found = _run(LadderRule(), (_nugget(1),), 100)
    assert [day for day, _ in found] == [0, 1, 3, 10, 30, 60]


def test_on_the_ladder_what_is_due_goes_before_what_is_new() -> None:
    found = _run(LadderRule(), (_nugget(1), _nugget(2)), 5)
    assert found == [(0, 1), (1, 1), (2, 2), (3, 1), (4, 2)]


def test_retire_comes_back_after_twelve_or_twenty_four_days_and_lets_go_after_two_right() -> None:
    assert [day for day, _ in _run(RetireRule(), (_nugget(1),), 120)] == [0, 24]
    assert [day for day, _ in _run(RetireRule(), (_nugget(1),), 60, right=False)] == [0, 12, 24, 36, 48]


def test_shares_of_the_turns_follow_the_root_of_importance_times_audience() -> None:
    found = _run(WeightedRule(), (_nugget(1), _nugget(2, importance=4.0), _nugget(3)), 200)
    turns = [key for _, key in found[10:]]
    assert turns.count(2) / turns.count(1) == pytest.approx(2.0, rel=0.15)
    assert turns.count(3) == pytest.approx(turns.count(1), abs=2)


def test_in_the_last_week_the_nearest_deadline_goes_first() -> None:
    nuggets = (_nugget(1), _nugget(2, assessment=NOW + 6 * DAY), _nugget(3, assessment=NOW + 3 * DAY))
    history = tuple(PastPost(key, Form.QUESTION, NOW - 5 * DAY) for key in (1, 2, 3))
    choice = _chosen(_context(nuggets, rule=WeightedRule(), history=history))
    assert choice.nugget_id == 3
    assert "is near" in choice.reason


def _days_until_it_comes_again(effect: Effect) -> int:
    """After everybody answered nugget 1 like that, among five others that are known, when it is posted again."""
    belief, history = _known(6, days_ago=8)
    belief = _with(belief, 0, NOW, effect)
    history = (*history, PastPost(1, Form.QUESTION, NOW))
    nuggets = tuple(_nugget(key) for key in range(1, 7))
    for day in range(1, 120):
        now = NOW + day * DAY
        choice = choose(_context(nuggets, belief=belief, history=history, now=now))
        if isinstance(choice, Quiet):
            continue
        if choice.nugget_id == 1:
            return day
        history = (*history, PastPost(choice.nugget_id, choice.form, now))
        belief = _with(belief, choice.nugget_id - 1, now, exposure.pending(choice.form))
    return 120


def test_a_wrong_answer_brings_a_nugget_back_sooner_than_a_right_one() -> None:
    assert _days_until_it_comes_again(WRONG) < _days_until_it_comes_again(RIGHT)


@given(st.integers(0, 10_000), st.sampled_from([BY_NEED, AdaptiveRule(), WeightedRule(), LadderRule(), RetireRule()]))
def test_the_same_context_always_gives_the_same_choice_with_a_reason(seed: int, rule: Rule) -> None:
    draw = np.random.default_rng(seed)
    count = int(draw.integers(1, 6))
    nuggets = tuple(
        _nugget(key, importance=float(draw.choice([1, 2, 4])), topic=str(draw.choice(["", "a", "b"])))
        for key in range(1, count + 1)
    )
    history = tuple(
        PastPost(int(draw.integers(1, count + 1)), Form.QUESTION, NOW - timedelta(hours=int(hours)))
        for hours in sorted(draw.integers(1, 900, 8))[::-1]
    )
    belief = unmet(6, count)
    for post in history:
        belief = _with(
            belief, post.nugget_id - 1, post.at, [RIGHT, WRONG, exposure.silence(Form.QUESTION)][draw.integers(3)]
        )
    context = _context(nuggets, rule=rule, belief=belief, history=history)
    first = choose(context)
    assert choose(context) == first
    assert first.reason.endswith(".")
    if isinstance(first, Choice):
        assert NOW - max((p.at for p in history if p.nugget_id == first.nugget_id), default=NOW - DAY) >= timedelta(
            hours=20
        )


def _told(days_ago: int) -> tuple[PlanContext, Choice]:
    """A nugget that everybody once knew and nobody has heard of since; another that nobody has met."""
    belief, history = unmet(6, 2), (PastPost(1, Form.QUESTION, NOW - days_ago * DAY, right=6),)
    belief = _with(belief, 0, NOW - days_ago * DAY, RIGHT)
    nuggets = (_nugget(1, importance=200.0, title="One person, one lock"), _nugget(2, title="Six energy sources"))
    rule = replace(BY_NEED, nugget_tail=0.0, learner_tail=0.0)
    context = _context(nuggets, belief=belief, history=history, rule=rule)
    return context, _chosen(context)


def test_the_reason_says_since_when_the_cohort_is_below_one_half_by_the_curve_itself() -> None:
    context, choice = _told(days_ago=60)
    since = date.fromisoformat(choice.numbers["below_one_half_since"])
    assert f"their mean has been below one half since {since.day} {since:%B}" in choice.reason

    def mean(day: date) -> float:
        return float(context.belief.recall(day_number(datetime.combine(day, time(), UTC)))[:, 0].mean())

    assert mean(since) > 0.5 > mean(since + DAY)


def test_the_reason_calls_nuggets_by_their_titles_and_says_why_it_is_not_quiet() -> None:
    _, choice = _told(days_ago=60)
    assert choice.reason.startswith("“One person, one lock”: the 6 learners who count would recall it with")
    assert "; the runner-up, “Six energy sources” as a question, would be worth" in choice.reason
    assert "; quiet would gain nothing, this " in choice.reason
    assert "p/n" not in choice.reason


def test_what_was_low_right_after_its_last_post_has_been_low_since_before_it() -> None:
    belief = _with(unmet(6, 1), 0, NOW - 9 * DAY, exposure.pending(Form.REMINDER))
    history = (PastPost(1, Form.REMINDER, NOW - 9 * DAY),)
    choice = _chosen(_context((_nugget(1),), belief=belief, history=history))
    assert choice.numbers["below_one_half_since"] == "before 2026-02-21"


def test_nothing_is_told_about_the_memory_of_fewer_than_five() -> None:
    belief = _with(unmet(4, 1), 0, NOW - 90 * DAY, RIGHT)
    history = (PastPost(1, Form.QUESTION, NOW - 90 * DAY, right=4),)
    choice = _chosen(_context((_nugget(1),), belief=belief, history=history, learners=4))
    assert not {"recall", "below_one_half", "below_one_half_since", "lowest_group"} & set(choice.numbers)
    assert "%" not in choice.reason
