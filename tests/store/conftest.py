"""What the tests of this room stand on: an account with a cohort, and posts in its outbox."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from reinforce.domain.accounts.account import AccountRecord
from reinforce.domain.nugget import Confidentiality
from reinforce.domain.sending.outbox import OutboxItem, Planned
from reinforce.domain.texts.wording import text_hash
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.sending import outbox
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

PlanPost = Callable[..., OutboxItem]


@pytest.fixture
def now() -> datetime:
    """The programme time of these tests: Monday 09:00 UTC."""
    return NOW


@pytest.fixture
def sender(database: Database) -> AccountRecord:
    """An account that may send."""
    with database.write() as connection:
        return accounts.add_account(
            connection,
            name="acme",
            base_url="http://127.0.0.1:1",
            confidentiality=Confidentiality.INTERNAL,
            protected=True,
        )


@pytest.fixture
def cohort_id(database: Database, sender: AccountRecord) -> int:
    """A running cohort of `sender`."""
    with database.write() as connection:
        connection.execute(insert(t.schedule).values(id=1, name="s", content={}, content_hash="", loaded_at=NOW))
        values = {
            "slug": "press-shop",
            "title": "Press shop",
            "account_id": sender.id,
            "schedule_id": 1,
            "zone": "UTC",
            "language": "en",
            "country": "",
            "answers": "replies",
            "state": "running",
            "paused_reason": "",
            "version": 0,
            "created_at": NOW,
        }
        return int(connection.execute(insert(t.cohort).values(**values).returning(t.cohort.c.id)).scalar_one())


@pytest.fixture
def plan_post(database: Database, sender: AccountRecord) -> PlanPost:
    """Puts a post that is due into the outbox; keywords replace `Planned`'s."""
    numbers = itertools.count(1)

    def plan(**changes: Any) -> OutboxItem:
        n = next(numbers)
        text = changes.pop("text", f"Text number {n}.")
        values: dict[str, Any] = {
            "account_id": sender.id,
            "occurrence": f"now/{n}",
            "form": "reminder",
            "text": text,
            "text_hash": text_hash(text),
            "due_at": NOW,
            "grace_until": NOW + timedelta(hours=4),
        }
        with database.write() as connection:
            return outbox.add(connection, Planned(**{**values, **changes}), NOW)

    return plan
