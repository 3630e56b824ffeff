"""Whatever is done to the outbox, in whatever order, with values as stale as can be: what must hold, holds."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from sqlalchemy import select

from reinforce.domain.errors import Conflict
from reinforce.domain.sending.outbox import IN_FLIGHT, MOVES, TERMINAL, OutboxItem, Planned, State
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.sending import due, outbox
from reinforce.store.session import Database
from tests.databases import copy_sqlite

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class OutboxMachine(RuleBasedStateMachine):
    """`items` holds every value that was ever read: a rule may act on one that is long out of date."""

    items: Bundle[OutboxItem] = Bundle("items")

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(copy_sqlite(Path(self.folder.name) / "one.db"))
        with self.database.write() as connection:
            record = accounts.add_account(connection, name="acme", base_url="http://127.0.0.1:1")
        self.account_id = record.id
        self.ended: dict[int, OutboxItem] = {}

    @rule(target=items, occurrence=st.integers(1, 4), words=st.integers(1, 4))
    def plan(self, occurrence: int, words: int) -> OutboxItem:
        planned = Planned(
            account_id=self.account_id,
            occurrence=f"now/{occurrence}",
            form="reminder",
            text=f"Text {words}",
            text_hash=str(words),
            due_at=NOW,
            grace_until=NOW + DAY,
        )
        try:
            with self.database.write() as connection:
                return outbox.add(connection, planned, NOW)
        except Conflict:
            return multiple()  # type: ignore[return-value]

    @rule(target=items, item=items, owner=st.sampled_from("ab"))
    def claim(self, item: OutboxItem, owner: str) -> OutboxItem:
        with self.database.write() as connection:
            accounts.account_by_id(connection, self.account_id, lock=True)
            free = {one.id for one in due.due(connection, self.account_id, NOW, lock=True)}
            if item.state is not State.PLANNED or item.id not in free:
                return multiple()  # type: ignore[return-value]
            moved = outbox.claim(connection, item, owner, timedelta(seconds=60))
            assert moved is None or moved.fence == item.fence + 1
        return self._moved(item, moved)

    @rule(target=items, item=items, data=st.data())
    def move(self, item: OutboxItem, data: st.DataObject) -> OutboxItem:
        open_moves = sorted(to for start, to in MOVES if start is item.state and to is not State.LEASED)
        if not open_moves:
            return multiple()  # type: ignore[return-value]
        to = data.draw(st.sampled_from(open_moves))
        changes = {"remote_id": 1000 + item.id, "posted_at": NOW} if to is State.POSTED else {}
        with self.database.write() as connection:
            moved = outbox.move(connection, item, to, **changes)
        return self._moved(item, moved)

    def _moved(self, item: OutboxItem, moved: OutboxItem | None) -> OutboxItem:
        if moved is None:
            return multiple()  # type: ignore[return-value]
        assert item.id not in self.ended, "an ended post was moved"
        if moved.state in TERMINAL:
            self.ended[moved.id] = moved
        return moved

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "database"):
            return
        with self.database.read() as connection:
            rows = [outbox.item(connection, key) for key in connection.execute(select(t.outbox.c.id)).scalars()]
        assert sum(row.state in IN_FLIGHT for row in rows) <= 1
        live = Counter(row.occurrence for row in rows if row.state is not State.CANCELLED)
        assert max(live.values(), default=1) == 1
        said = Counter(row.text_hash for row in rows if row.state in outbox.UNDER_WAY or row.state is State.POSTED)
        assert max(said.values(), default=1) == 1
        for row in rows:
            assert (row.lease_until is None) == (row.state not in IN_FLIGHT)
            assert row.id not in self.ended or row == self.ended[row.id]

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(max_examples=15, stateful_step_count=25, deadline=None, derandomize=True)
