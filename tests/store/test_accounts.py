"""Accounts, their pauses and halts, and the signs of life of processes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, update

from reinforce.domain.accounts.account import AccountRecord, AccountState
from reinforce.domain.errors import Conflict, NotFound
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.operating import heartbeats
from reinforce.store.operating.heartbeats import Heartbeat
from reinforce.store.sending import outbox
from reinforce.store.session import Database

HOUR = timedelta(hours=1)


def test_an_account_comes_back_as_it_was_added(database: Database, sender: AccountRecord) -> None:
    with database.write() as connection:
        assert accounts.account_by_name(connection, "acme") == sender
        assert accounts.account_by_id(connection, sender.id, lock=True) == sender
        assert accounts.accounts(connection) == (sender,)
        with pytest.raises(NotFound, match="no account acne") as raised:
            accounts.account_by_name(connection, "acne")
    assert "acme" in raised.value.advice


def test_a_name_and_an_x_user_belong_to_one_account(database: Database, sender: AccountRecord) -> None:
    with database.write() as connection:
        accounts.set_identity(connection, sender.id, remote_user_id=7, handle="acme_x", protected=False)
        for name, user in (("acme", 8), ("other", 7)):
            with pytest.raises(Conflict):
                accounts.add_account(connection, name=name, base_url="http://127.0.0.1:1", remote_user_id=user)
        there = accounts.account_by_id(connection, sender.id)
        assert (there.remote_user_id, there.handle, there.protected) == (7, "acme_x", False)
        with pytest.raises(NotFound):
            accounts.set_identity(connection, 99, remote_user_id=7, handle="", protected=False)


def test_a_pause_and_a_halt_are_taken_back_separately(database: Database, sender: AccountRecord, now: datetime) -> None:
    with database.write() as connection:
        accounts.pause_account(connection, sender.id, "locked", now + HOUR)
        assert accounts.halt(connection, None, now) == 1
        assert accounts.halt(connection, sender.id, now) == 0
        paused = accounts.account_by_id(connection, sender.id)
        assert (paused.state, paused.paused_until, paused.halted_at) == (AccountState.PAUSED, now + HOUR, now)
        assert accounts.resume_account(connection, sender.id)
        assert not accounts.resume_account(connection, sender.id)
        assert accounts.account_by_id(connection, sender.id).halted_at == now
        assert accounts.unhalt(connection, None) == 1
        assert accounts.account_by_id(connection, sender.id) == sender


def test_an_unproven_account_is_neither_paused_nor_resumed_out_of_it(database: Database, sender: AccountRecord) -> None:
    with database.write() as connection:
        accounts.mark_unproven(connection, "restored")
        accounts.pause_account(connection, sender.id, "locked")
        assert not accounts.resume_account(connection, sender.id)
        assert accounts.account_by_id(connection, sender.id).state is AccountState.UNPROVEN
        assert accounts.mark_proven(connection, sender.id)
        assert not accounts.mark_proven(connection, sender.id)


def test_a_wording_counts_as_used_when_it_was_posted_or_is_about_to_be(
    database: Database, sender: AccountRecord, plan_post: Callable[..., OutboxItem], now: datetime
) -> None:
    with database.write() as connection:
        connection.execute(
            insert(t.procedure).values(
                id=1, slug="p", title="", owner="", language="en", audience=[], importance=1, confidentiality="public",
                revision=1, content_hash="", source="", loaded_at=now,
            )
        )  # fmt: skip
        connection.execute(
            insert(t.nugget).values(
                id=1, procedure_id=1, slug="n", title="", position=1, topic="", tags=[], audience=[], importance=1,
                confidentiality="public", source_step="", revision=1, content_hash="",
            )
        )  # fmt: skip
        for number in (1, 2, 3):
            connection.execute(
                insert(t.wording).values(id=number, nugget_id=1, position=number, text="", language="en", style="")
            )
    posted = [plan_post(nugget_id=1, wording_id=1), plan_post(nugget_id=1, wording_id=1)]
    plan_post(nugget_id=1, wording_id=2, due_at=now + HOUR)
    skipped = plan_post(nugget_id=1, wording_id=3)
    with database.write() as connection:
        for days, item in enumerate(posted, start=1):
            values = {"state": "posted", "remote_id": days, "posted_at": now - timedelta(days=days)}
            connection.execute(update(t.outbox).where(t.outbox.c.id == item.id).values(**values))
        assert outbox.skip(connection, skipped, "too late") is not None
        used = outbox.wordings_used(connection, sender.id, [1], now - timedelta(days=30))
        assert used == {1: now - timedelta(days=1), 2: now + HOUR}
        assert outbox.wordings_used(connection, sender.id, [], now) == {}
        assert set(outbox.wordings_used(connection, sender.id, [1], now)) == {2}


def test_a_process_gives_signs_of_life_until_it_leaves(database: Database, now: datetime) -> None:
    with database.write() as connection:
        for owner, at in (("a:1", now), ("b:2", now), ("a:1", now + HOUR)):
            heartbeats.beat(connection, Heartbeat(owner, "daemon", 1, now, at))
        assert [(beat.owner, beat.at) for beat in heartbeats.heartbeats(connection)] == [
            ("a:1", now + HOUR),
            ("b:2", now),
        ]
        heartbeats.leave(connection, owner="a:1")
        assert heartbeats.forget_dead(connection, before=now) == 0
        assert heartbeats.forget_dead(connection, before=now + HOUR) == 1
        assert heartbeats.heartbeats(connection) == ()
