"""X's limits and a failing X, over HTTP: nothing is leased that can't be sent now, and all of it outlives a process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from reinforce.accounts.base import AccountError
from reinforce.actions.listening.listen import listen
from reinforce.actions.sending.keep_heard import keep_heard
from reinforce.actions.sending.publish import Published
from reinforce.domain.sending.allowance import Bounds
from reinforce.domain.sending.breaker import Circuit
from reinforce.domain.sending.budget import Readings
from reinforce.domain.sending.outbox import State
from reinforce.domain.sending.pacing import POSTING, Window
from reinforce.store import tables as t
from reinforce.store.sending import governor, spending
from tests.actions.sending.conftest import NOW, QUICK, TARIFF

POST = "POST /2/tweets"
HOUR = timedelta(hours=1)


@pytest.fixture
def limited(stage: Any) -> Iterator[Any]:
    """X lets eight posts through in a quarter of an hour."""
    stage.practice.control("POST", "/rules", {"limits": {POST: 8}})
    stage.practice.control("POST", "/limits/reset")
    yield stage
    stage.practice.control("POST", "/rules", {"limits": {}})


def _send_all(stage: Any) -> int:
    sent = 0
    while stage.publish().kind is Published.POSTED:
        sent += 1
    return sent


def _standing(stage: Any) -> governor.Standing:
    with stage.database.read() as connection:
        return governor.standing(connection, stage.account_id)


def _let_window_pass(stage: Any, share: float) -> None:
    """As if the window had begun earlier, by a share of its length."""
    with stage.database.write() as connection:
        window = governor.standing(connection, stage.account_id).windows[POSTING]
        earlier = window.resets_at - timedelta(seconds=share * window.seconds)
        connection.execute(update(t.rate_window).values(resets_at=earlier))


def test_what_x_allows_is_spread_over_its_window_and_a_new_process_knows(limited: Any) -> None:
    items = [limited.plan() for _ in range(6)]
    first = _send_all(limited)
    assert 2 <= first <= 3  # the list's burst before X said anything, then a quarter of what it allows
    assert _standing(limited).windows[POSTING].limit == 8
    assert _send_all(limited.another_process()) == 0
    _let_window_pass(limited, 0.5)
    assert first < first + _send_all(limited) < 6
    _let_window_pass(limited, 0.6)  # it is over
    assert _send_all(limited) > 0
    assert {limited.item(item).state for item in items} <= {State.POSTED, State.PLANNED}


def test_replies_leave_posts_their_part(limited: Any) -> None:
    asked = limited.post_of_a_stranger(f"@{limited.record.handle} how?")
    replies = [limited.plan(reply_to=asked, occurrence=f"reply/{n}-{asked}") for n in range(2)]
    post = limited.plan()
    limited.plan()
    limited.publish()
    with limited.database.write() as connection:
        window = governor.standing(connection, limited.account_id).windows[POSTING]
        rest = replace(window, remaining=2, resets_at=limited.clock.wall() + timedelta(seconds=1))
        governor.keep_window(connection, limited.account_id, POSTING, rest)
    assert limited.publish().item.id == post.id
    assert limited.item(replies[1]).state is State.PLANNED


def test_a_limit_that_is_used_up_leaves_the_post_planned_until_the_reset(stage: Any) -> None:
    item = stage.plan()
    with stage.database.write() as connection:
        used = Window(100, 0, stage.clock.wall() + HOUR, 3_600)
        governor.keep_window(connection, stage.account_id, POSTING, used)
    assert stage.publish().kind is Published.NOTHING
    assert stage.attempts(item) == ()
    stage.let_waiting_end()
    assert stage.publish().kind is Published.POSTED


def test_an_account_that_fails_three_times_rests_and_comes_back_with_one_call(stage: Any) -> None:
    slow = replace(stage, policy=replace(QUICK, rest=60.0))
    items = [slow.plan() for _ in range(4)]
    for _ in range(3):
        slow.practice.fault(POST, "unavailable_before")
        assert slow.publish().kind is Published.UNKNOWN
        assert slow.after_quarantine().reconcile().item.state is State.PLANNED
    there = _standing(slow).breaker
    assert there.state is Circuit.OPEN
    assert there.retry_at is not None
    assert 29 < (there.retry_at - slow.clock.wall()).total_seconds() <= 60
    assert slow.another_process().publish().kind is Published.NOTHING
    with slow.database.write() as connection:
        connection.execute(update(t.breaker).values(retry_at=datetime(2020, 1, 1, tzinfo=UTC)))
    slow.practice.fault(POST, "unavailable_before")
    assert slow.publish().kind is Published.UNKNOWN
    again = _standing(slow).breaker
    assert (again.state, again.failures) == (Circuit.OPEN, 4)
    slow.after_quarantine().reconcile()
    slow.resume()  # a person has looked: it tries at once
    assert slow.publish().kind is Published.POSTED
    assert _standing(slow).breaker.state is Circuit.CLOSED
    assert {slow.item(one).state for one in items} == {State.HELD, State.POSTED, State.PLANNED}


def test_a_day_s_posts_are_bounded_and_replies_apart_from_them(sqlite_stage: Any) -> None:
    stage = sqlite_stage
    asked = stage.post_of_a_stranger(f"@{stage.record.handle} how?")
    with stage.database.write() as connection:
        spending.set_bounds(connection, stage.account_id, None, Bounds(posts_a_day=2, replies_a_day=1))
    posts = [stage.plan(grace_until=stage.clock.now() + 48 * HOUR) for _ in range(3)]
    reply = stage.plan(reply_to=asked)
    assert _send_all(stage) == 2
    assert [stage.item(one).state for one in (*posts, reply)].count(State.POSTED) == 2
    stage.clock.step_to(stage.clock.now() + 25 * HOUR)
    assert _send_all(stage) >= 1
    assert stage.item(posts[2]).state is State.POSTED


def test_what_is_read_is_counted_and_its_limits_are_kept(stage: Any) -> None:
    stage.plan()
    stage.publish()
    stage.account.heard()
    read = len(stage.account.own_posts(since_id=None, limit=100).posts)
    assert keep_heard(stage.database, stage.record, stage.account, TARIFF, stage.clock)
    assert not keep_heard(stage.database, stage.record, stage.account, TARIFF, stage.clock)
    with stage.database.read() as connection:
        assert governor.posts_read(connection, stage.account_id, stage.clock.now()) == Readings(own=read)
        names = set(connection.execute(select(t.rate_window.c.name)).scalars())
    assert "GET /2/users/:id/tweets" in names
    assert read > 0


def test_a_post_that_is_looked_up_is_paid_as_a_stranger_s_even_where_it_is_our_own(stage: Any) -> None:
    item = stage.plan()
    stage.publish()
    stage.account.heard()
    stage.account.lookup([stage.item(item).remote_id])
    assert stage.account.heard().read == Readings(others=1)
    assert Readings(own=2, others=1).micros(TARIFF) == 2 * TARIFF.own_read + TARIFF.read


@pytest.mark.parametrize(("fault", "until"), [("unauthorized", None), ("out_of_credit", NOW.replace(day=3, hour=0))])
def test_a_reading_that_is_refused_pauses_the_account_as_a_post_would(stage: Any, fault: str, until: Any) -> None:
    item = stage.plan()
    stage.practice.fault("GET /2/users/*/mentions", fault)
    with pytest.raises(AccountError):
        listen(stage.database, stage.record, stage.account, now=stage.clock.now())
    assert (stage.record.state.value, stage.record.paused_until) == ("paused", until)
    assert stage.publish().kind is Published.NOTHING
    stage.resume()
    assert stage.publish().item.id == item.id
