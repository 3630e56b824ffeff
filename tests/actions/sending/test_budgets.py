"""A month's budget is never broken, and what it won't do for is given up, said and counted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from reinforce.actions.operating.look_at_budgets import look_at_budgets
from reinforce.actions.operating.set_budget import set_budget
from reinforce.actions.sending.publish import Published
from reinforce.domain.sending.allowance import Bounds
from reinforce.domain.sending.budget import Readings
from reinforce.domain.sending.outbox import State
from reinforce.store.people import cohorts
from reinforce.store.reporting.budgets import BudgetLine, budget_lines
from reinforce.store.sending import governor
from tests.actions.sending.conftest import NOW, TARIFF

HOUR = timedelta(hours=1)
POST = TARIFF.post
LAST_EVENING = NOW.replace(day=31, hour=20)


def _bound(stage: Any, **bounds: int) -> None:
    set_budget(stage.database, "practice", None, Bounds(**bounds), actor="test", now=stage.clock.now())


def _lines(stage: Any) -> tuple[BudgetLine, ...]:
    with stage.database.read() as connection:
        return budget_lines(connection, TARIFF, stage.clock.now())


def _slot(stage: Any, gain: float, **more: Any) -> Any:
    text = stage.words(f"Worth {gain}.")
    return stage.plan(text, occurrence=f"slot/{text}", price_micros=POST, decision={"gain": gain}, **more)


def _send_all(stage: Any) -> None:
    while stage.publish().kind is not Published.NOTHING:
        pass


def test_the_least_valuable_posts_are_given_up_and_said(stage: Any) -> None:
    stage.clock.step_to(LAST_EVENING)
    _bound(stage, micros_a_month=2 * POST)
    times = {"due_at": LAST_EVENING, "grace_until": LAST_EVENING + HOUR}
    posts = {gain: _slot(stage, gain, **times) for gain in (0.1, 0.9, 0.5, 0.3)}
    _send_all(stage)
    states = {gain: stage.item(item).state for gain, item in posts.items()}
    assert states == {0.9: State.POSTED, 0.5: State.POSTED, 0.1: State.SKIPPED, 0.3: State.SKIPPED}
    assert stage.item(posts[0.1]).outcome.startswith("budget: ")
    (line,) = _lines(stage)
    assert line.given_up == tuple(sorted(posts[gain].id for gain in (0.1, 0.3)))
    assert (line.spent.micros_month, line.spent.posts_month) == (2 * POST, 2)
    found = look_at_budgets(stage.database, TARIFF, now=stage.clock.now())
    assert any("2 posts of account practice given up" in one.what for one in found)


def test_what_is_owed_goes_out_before_a_reminder(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    _bound(stage, posts_a_month=2)
    reminder = _slot(stage, 9.0)
    question = stage.plan(occurrence="now/q", price_micros=POST)
    _send_all(stage)
    assert stage.item(question).state is State.POSTED
    assert stage.item(reminder).state is State.POSTED
    reveal = stage.plan(occurrence=f"reveal/{question.id}", form="reveal", reply_to_outbox_id=question.id)
    _send_all(stage)
    assert stage.item(reveal).state is State.SKIPPED  # nothing is left at all


def test_a_post_in_doubt_counts_as_paid(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    _bound(stage, micros_a_month=POST)
    doubtful = stage.plan(price_micros=POST)
    stage.practice.fault("POST /2/tweets", "unavailable_after")
    assert stage.publish().kind is Published.UNKNOWN
    stage.plan(price_micros=POST)
    stage.reconcile_until_settled()
    assert stage.item(doubtful).state is State.POSTED
    assert stage.publish().kind is Published.NOTHING


def test_one_that_may_go_out_next_month_waits_for_it(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    stage.clock.step_to(LAST_EVENING)
    _bound(stage, posts_a_month=1)
    stage.plan(due_at=LAST_EVENING, grace_until=LAST_EVENING + HOUR)
    assert stage.publish().kind is Published.POSTED
    item = stage.plan(due_at=LAST_EVENING, grace_until=LAST_EVENING + 12 * HOUR)
    assert stage.publish().kind is Published.NOTHING
    assert stage.item(item).state is State.PLANNED
    stage.clock.step_to(LAST_EVENING + 5 * HOUR)
    assert stage.publish().kind is Published.POSTED


def test_a_cohort_has_its_own_part_of_the_account_s(stage: Any) -> None:
    mine, other = stage.cohort(), stage.cohort()
    with stage.database.read() as connection:
        slug = cohorts.cohort_by_id(connection, mine).slug
    set_budget(stage.database, "practice", slug, Bounds(posts_a_month=1), actor="test", now=NOW)
    posts = [_slot(stage, gain, cohort_id=cohort) for gain, cohort in ((0.1, mine), (0.8, mine), (0.1, other))]
    _send_all(stage)
    assert [stage.item(one).state for one in posts] == [State.SKIPPED, State.POSTED, State.POSTED]
    assert [line.cohort for line in _lines(stage)] == ["", slug]


def test_readings_are_paid_from_the_same_budget(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    _bound(stage, micros_a_month=POST)
    with stage.database.write() as connection:
        governor.add_read(connection, stage.account_id, Readings(own=1), stage.clock.now())
        governor.add_read(connection, stage.account_id, Readings(others=3), stage.clock.now())
    item = stage.plan(price_micros=POST)
    _send_all(stage)
    assert stage.item(item).state is State.SKIPPED
    (line,) = _lines(stage)
    assert line.read_micros == line.spent.micros_month == TARIFF.own_read + 3 * TARIFF.read


def test_a_budget_that_is_taken_away_bounds_nothing(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    _bound(stage, posts_a_month=0)
    _bound(stage)
    stage.plan()
    assert stage.publish().kind is Published.POSTED
    assert json.dumps([line.name for line in _lines(stage)]) == '["account practice"]'
