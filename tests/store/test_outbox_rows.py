"""What may stand in the outbox beside each other, and what of it comes next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.errors import Conflict, NotFound
from reinforce.domain.sending.outbox import AttemptOutcome, OutboxItem, Planned, State
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.one_trip import make_changes
from reinforce.store.sending import attempts, due, outbox
from reinforce.store.session import Database, database_now

HOUR = timedelta(hours=1)
LEASE = timedelta(seconds=60)
PlanPost = Callable[..., OutboxItem]


def _set(database: Database, item: OutboxItem, **values: object) -> None:
    with database.write() as connection:
        connection.execute(update(t.outbox).where(t.outbox.c.id == item.id).values(**values))


def _due(database: Database, sender: AccountRecord, now: datetime) -> list[int]:
    with database.write() as connection:
        return [item.id for item in due.due(connection, sender.id, now)]


def test_a_post_comes_back_as_it_was_planned(database: Database, plan_post: PlanPost) -> None:
    poll = {"options": ["A", "B"], "minutes": 1440}
    others = [{"wording_id": 7, "text": "Other", "text_hash": "h"}]
    item = plan_post(text="Ü 🎉 “quoted”", poll=poll, alternatives=others, decision={"why": ["due", 0.5]})
    with database.read() as connection:
        assert outbox.item(connection, item.id) == item
    assert (item.poll, item.alternatives, item.decision["why"]) == (poll, others, ["due", 0.5])
    assert (item.state, item.fence, item.text) == (State.PLANNED, 0, "Ü 🎉 “quoted”")


def test_two_posts_of_an_account_are_never_in_flight_at_once(database: Database, plan_post: PlanPost) -> None:
    first, second = plan_post(), plan_post()
    for state in (State.LEASED, State.SENDING, State.UNKNOWN):
        _set(database, first, state=state.value)
        with pytest.raises(IntegrityError):
            _set(database, second, state=State.LEASED.value)
    _set(database, first, state=State.HELD.value)
    _set(database, second, state=State.LEASED.value)


def test_an_occurrence_has_one_post_whatever_became_of_it(database: Database, plan_post: PlanPost) -> None:
    first = plan_post(occurrence="slot/press-shop/2026-03-02/morning")
    for state in set(State) - {State.CANCELLED}:
        _set(database, first, state=state.value)
        with pytest.raises(Conflict, match="has its post already"):
            plan_post(occurrence="slot/press-shop/2026-03-02/morning")


def test_a_withdrawn_post_frees_its_occurrence(database: Database, plan_post: PlanPost) -> None:
    first = plan_post(occurrence="slot/x")
    with database.write() as connection:
        assert outbox.cancel(connection, first, "withdrawn") is not None
        assert outbox.item_by_occurrence(connection, "slot/x") is None
    second = plan_post(occurrence="slot/x")
    with database.read() as connection:
        assert outbox.item_by_occurrence(connection, "slot/x") == second


def test_a_refused_addition_leaves_the_transaction_usable(
    database: Database, plan_post: PlanPost, sender: AccountRecord, now: datetime
) -> None:
    taken = plan_post(occurrence="slot/x")
    with database.write() as connection:
        values = {name: getattr(taken, name) for name in Planned.__dataclass_fields__}
        with pytest.raises(Conflict, match="already"):
            outbox.add(connection, Planned(**{**values, "text_hash": "other"}), now)
        added = outbox.add(connection, Planned(**{**values, "text_hash": "other", "occurrence": "slot/y"}), now)
    with database.read() as connection:
        assert outbox.item(connection, added.id) == added


def test_a_text_that_is_under_way_is_not_planned_again(database: Database, plan_post: PlanPost) -> None:
    item = plan_post(text="Lock, tag, try.")
    for state in ("planned", "leased", "sending", "unknown", "held"):
        _set(database, item, state=state)
        with pytest.raises(Conflict, match="posted this text already"):
            plan_post(text=" Lock,  tag, try. ")


def test_a_text_that_never_went_out_may_be_planned_again(database: Database, plan_post: PlanPost) -> None:
    for state in ("cancelled", "skipped", "refused"):
        item = plan_post(text="Lock, tag, try.")
        assert item.state is State.PLANNED
        _set(database, item, state=state)


def test_a_posted_text_returns_after_ninety_days_and_not_before(
    database: Database, plan_post: PlanPost, sender: AccountRecord, now: datetime
) -> None:
    item = plan_post(text="Lock, tag, try.")
    _set(database, item, state="posted", remote_id=1, posted_at=now - timedelta(days=89, hours=23))
    with pytest.raises(Conflict):
        plan_post(text="Lock, tag, try.")
    _set(database, item, posted_at=now - timedelta(days=90, seconds=1))
    assert plan_post(text="Lock, tag, try.").state is State.PLANNED


def test_the_same_id_of_x_belongs_to_one_post_of_an_account(database: Database, plan_post: PlanPost) -> None:
    first, second = plan_post(), plan_post()
    _set(database, first, remote_id=2**62)
    with pytest.raises(IntegrityError):
        _set(database, second, remote_id=2**62)


def test_the_oldest_due_post_comes_first_and_nothing_before_its_time(
    database: Database, plan_post: PlanPost, sender: AccountRecord, now: datetime
) -> None:
    later, early, late = plan_post(due_at=now - HOUR), plan_post(due_at=now - 2 * HOUR), plan_post(due_at=now + HOUR)
    assert _due(database, sender, now) == [early.id, later.id]
    assert _due(database, sender, now + HOUR) == [early.id, later.id, late.id]


def test_nothing_is_due_while_a_post_of_the_account_is_in_flight(
    database: Database, plan_post: PlanPost, sender: AccountRecord, now: datetime
) -> None:
    first, second = plan_post(), plan_post()
    for state in ("leased", "sending", "unknown"):
        _set(database, first, state=state)
        assert _due(database, sender, now) == []
    _set(database, first, state="held")
    assert _due(database, sender, now) == [second.id]


def test_a_throttled_post_keeps_the_account_waiting_so_that_the_order_holds(
    database: Database, plan_post: PlanPost, sender: AccountRecord, now: datetime
) -> None:
    first, second = plan_post(), plan_post()
    with database.read() as connection:
        machine_now = database_now(connection)
    _set(database, first, not_before=machine_now + HOUR)
    assert _due(database, sender, now) == []
    _set(database, first, not_before=machine_now - HOUR)
    assert _due(database, sender, now) == [first.id, second.id]


def test_what_is_past_its_grace_is_late_and_not_due(
    database: Database, plan_post: PlanPost, sender: AccountRecord, now: datetime
) -> None:
    item = plan_post(grace_until=now + HOUR)
    for at, ready, late in ((now + HOUR, [item.id], []), (now + 2 * HOUR, [], [item.id])):
        assert _due(database, sender, at) == ready
        with database.read() as connection:
            assert [one.id for one in due.outlived(connection, sender.id, at)] == late


def test_of_two_slots_that_wait_the_older_one_is_overtaken(
    database: Database, plan_post: PlanPost, sender: AccountRecord, cohort_id: int, now: datetime
) -> None:
    morning = plan_post(occurrence="slot/a/1/morning", cohort_id=cohort_id, due_at=now - 2 * HOUR)
    noon = plan_post(occurrence="slot/a/1/noon", cohort_id=cohort_id, due_at=now)
    plan_post(occurrence="reply/4", cohort_id=cohort_id, due_at=now - 2 * HOUR)
    with database.read() as connection:
        assert due.outlived(connection, sender.id, now - HOUR) == ()
        assert due.outlived(connection, sender.id, now) == (morning,)
    assert noon.state is State.PLANNED


def test_a_lease_expires_by_the_databases_clock(
    database: Database, plan_post: PlanPost, sender: AccountRecord, now: datetime
) -> None:
    item = plan_post()
    with database.write() as connection:
        leased = outbox.claim(connection, item, "a", LEASE)
        assert leased is not None
        assert due.expired(connection) == ()
    with database.read() as connection:
        past = database_now(connection) - HOUR
    _set(database, item, lease_until=past)
    with database.read() as connection:
        assert [one.id for one in due.expired(connection)] == [item.id]
    _set(database, item, state="unknown")
    with database.read() as connection:
        assert due.expired(connection) == ()


def test_attempts_are_numbered_and_keep_what_was_sent(database: Database, plan_post: PlanPost, now: datetime) -> None:
    item = plan_post(poll={"options": ["A", "B"], "minutes": 60}, reply_to=3)
    with database.write() as connection:
        first, begun = attempts.beginning(item, (), since_id=9, started_at=now, deadline_at=now + HOUR)
        make_changes(connection, begun)
        make_changes(connection, attempts.finished(first, AttemptOutcome.THROTTLED, "429"))
        second, begun = attempts.beginning(item, (first,), since_id=None, started_at=now, deadline_at=now + HOUR)
        make_changes(connection, begun)
        attempts.close_open(connection, item.id, AttemptOutcome.UNKNOWN, "died")
        there = attempts.attempts(connection, item.id)
    assert [(one.n, one.outcome, one.detail) for one in there] == [
        (1, AttemptOutcome.THROTTLED, "429"),
        (2, AttemptOutcome.UNKNOWN, "died"),
    ]
    assert (first.since_id, first.reply_to, first.poll, second.since_id) == (9, 3, item.poll, None)
    assert first.text_hash == item.text_hash


def test_the_newest_known_post_counts_our_rows_and_the_timeline_that_was_read(
    database: Database, plan_post: PlanPost, sender: AccountRecord, now: datetime
) -> None:
    item = plan_post()
    with database.write() as connection:
        assert accounts.newest_known_post(connection, sender.id) is None
        accounts.mark_own_timeline(connection, sender.id, 50, now)
        accounts.mark_own_timeline(connection, sender.id, 40, now)
        assert accounts.newest_known_post(connection, sender.id) == 50
    _set(database, item, remote_id=70, state="posted", posted_at=now)
    with database.read() as connection:
        assert accounts.newest_known_post(connection, sender.id) == 70
        assert outbox.remote_ids(connection, sender.id) == {70}


def test_posts_are_listed_by_account_state_and_cohort(
    database: Database, plan_post: PlanPost, sender: AccountRecord, now: datetime
) -> None:
    for number, item in enumerate([plan_post() for _ in range(3)]):
        _set(database, item, state="posted", remote_id=number, posted_at=now + number * HOUR)
    with database.read() as connection:
        states = {State.POSTED}
        assert len(outbox.items(connection, account_id=sender.id, states=states, limit=2)) == 2
        assert outbox.items(connection, cohort_id=99) == ()


def test_a_post_that_is_not_there_is_said_so(database: Database) -> None:
    with pytest.raises(NotFound, match="no post 12"), database.read() as connection:
        outbox.item(connection, 12)
