"""Every move of a post: the legal ones count once, the others never."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import update

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.post_forms import FORMS
from reinforce.domain.sending.outbox import IN_FLIGHT, MOVES, PROVING, TERMINAL, OutboxItem, State
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.people import cohorts
from reinforce.store.sending import due, outbox
from reinforce.store.session import Database, database_now

LEASE = timedelta(seconds=60)
PlanPost = Callable[..., OutboxItem]


def _force(database: Database, item: OutboxItem, state: State) -> OutboxItem:
    """Put a row into `state` past all rules, as the start of a test."""
    with database.write() as connection:
        connection.execute(update(t.outbox).where(t.outbox.c.id == item.id).values(state=state.value))
        return outbox.item(connection, item.id)


def test_every_move_of_the_table_is_made_once(database: Database, plan_post: PlanPost) -> None:
    item = plan_post()
    for start, to in sorted(MOVES):
        there = _force(database, item, start)
        with database.write() as connection:
            moved = outbox.move(connection, there, to)
            assert moved is not None
            assert moved.state is to
            assert outbox.move(connection, there, to) is None
        with database.read() as connection:
            assert outbox.item(connection, item.id) == moved


def test_every_other_move_is_refused_and_changes_nothing(database: Database, plan_post: PlanPost) -> None:
    item = plan_post()
    for start, to in product(State, State):
        if (start, to) in MOVES:
            continue
        there = _force(database, item, start)
        with pytest.raises(outbox.IllegalMove), database.write() as connection:
            outbox.move(connection, there, to)
        with database.read() as connection:
            assert outbox.item(connection, item.id) == there


def test_a_form_that_no_list_knows_is_taken_by_nobody(database: Database, plan_post: PlanPost) -> None:
    with pytest.raises(ValueError, match="post_forms"):
        plan_post(form="limerick")
    for form in FORMS:
        assert plan_post(form=form).form == form


def test_an_ended_post_is_left_by_no_move() -> None:
    assert not [move for move in MOVES | PROVING if move[0] in TERMINAL]


def test_a_stale_fence_moves_nothing(database: Database, plan_post: PlanPost) -> None:
    planned = plan_post()
    with database.write() as connection:
        first = outbox.claim(connection, planned, "a", LEASE)
        assert first is not None
        released = outbox.release(connection, first)
        assert released is not None
        second = outbox.claim(connection, released, "b", LEASE)
        assert second is not None
        assert outbox.move(connection, first, State.SENDING) is None
        assert outbox.move(connection, first, State.PLANNED) is None
        assert outbox.item(connection, planned.id) == second
    assert (first.fence, second.fence) == (1, 2)


def test_a_claim_leases_by_the_databases_clock_and_a_release_leaves_no_trace_of_the_owner(
    database: Database, plan_post: PlanPost
) -> None:
    planned = plan_post()
    with database.write() as connection:
        leased = outbox.claim(connection, planned, "host:1", LEASE)
        assert leased is not None
        assert leased.lease_until is not None
        assert abs(leased.lease_until - database_now(connection) - LEASE) < timedelta(seconds=5)
        assert leased.owner == "host:1"
        released = outbox.release(connection, leased)
    assert released == replace(planned, fence=1)


def test_only_a_planned_post_can_be_claimed(database: Database, plan_post: PlanPost) -> None:
    held = _force(database, plan_post(), State.HELD)
    with pytest.raises(outbox.IllegalMove), database.write() as connection:
        outbox.claim(connection, held, "a", LEASE)


def test_an_unknown_post_says_since_when_until_it_is_settled(database: Database, plan_post: PlanPost) -> None:
    sending = _force(database, plan_post(), State.SENDING)
    with database.write() as connection:
        unknown = outbox.move(connection, sending, State.UNKNOWN)
        assert unknown is not None
        assert unknown.unknown_since is not None
        held = outbox.move(connection, unknown, State.HELD)
        assert held is not None
        assert held.unknown_since == unknown.unknown_since


def test_of_two_processes_that_claim_at_once_one_wins(
    database: Database, sender: AccountRecord, plan_post: PlanPost, now: datetime
) -> None:
    for _ in range(4):
        plan_post()
    barrier = threading.Barrier(4)
    won: list[OutboxItem] = []
    failed: list[Exception] = []

    def claim(owner: str) -> None:
        barrier.wait()
        try:
            with database.write() as connection:
                accounts.account_by_id(connection, sender.id, lock=True)
                for item in due.due(connection, sender.id, now, limit=1, lock=True):
                    leased = outbox.claim(connection, item, owner, LEASE)
                    if leased is not None:
                        won.append(leased)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=claim, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(won) == 1
    with database.read() as connection:
        assert [item.id for item in outbox.in_state(connection, sender.id, *IN_FLIGHT)] == [won[0].id]


def test_a_move_that_ends_a_post_makes_plans_of_its_cohort_choose_again(
    database: Database, plan_post: PlanPost, cohort_id: int
) -> None:
    planned = plan_post(cohort_id=cohort_id)
    with database.write() as connection:
        leased = outbox.claim(connection, planned, "a", LEASE)
        assert leased is not None
        assert cohorts.cohort_by_id(connection, cohort_id).version == 0
        assert outbox.skip(connection, leased, "too late") is not None
    with database.read() as connection:
        assert cohorts.cohort_by_id(connection, cohort_id).version == 1


def test_proving_moves_a_post_only_while_the_account_is_unproven(
    database: Database, sender: AccountRecord, plan_post: PlanPost, now: datetime
) -> None:
    planned = plan_post()
    with database.write() as connection:
        assert outbox.prove(connection, planned, State.POSTED, remote_id=5, posted_at=now) is None
        accounts.mark_unproven(connection, "restored")
        posted = outbox.prove(connection, planned, State.POSTED, remote_id=5, posted_at=now)
        assert posted is not None
        assert posted.remote_id == 5
        with pytest.raises(outbox.IllegalMove):
            outbox.prove(connection, posted, State.HELD)
        assert accounts.mark_proven(connection, sender.id)
