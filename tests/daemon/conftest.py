"""A crew: daemons of this process that tick when they are told to, on one database, beside the practice account.

Each has a house of its own, as a process would: its own connections, its own memory. Time is stepped: programme time in
the file that all share, monotonic time by hand.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from postgres_server import PostgresServer
from reinforce.bootstrap import House
from reinforce.clock import Clock
from reinforce.daemon import Daemon
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.settings import Settings
from reinforce.store import tables as t
from reinforce.store.operating import heartbeats
from reinforce.store.operating.heartbeats import Heartbeat
from reinforce.store.sending import outbox
from tests.actions.sending.conftest import PassingClock
from tests.web.stage import Stage

MONDAY = datetime(2026, 3, 2, 7, 55, tzinfo=UTC)  # 08:55 in Berlin, five minutes before the first slot


class TestHouse(House):
    """A house whose monotonic time a test can let pass."""

    __test__ = False

    @cached_property
    def clock(self) -> Clock:
        """Programme time that is stepped, monotonic time that is let pass."""
        return PassingClock(self.settings.clock_file)

    def let_pass(self, seconds: float) -> None:
        """As if so much machine time had passed for this process."""
        assert isinstance(self.clock, PassingClock)
        self.clock.let_pass(seconds)


class Crew:
    """Daemons on one workspace, with a cohort of the example procedure."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.url = database_url
        self.stage = Stage(folder, self.open_house())
        self.house = self.stage.house
        self.practice = self.stage.practice
        self.practice.start()
        self.stage.enroll()
        self._daemons: list[Daemon] = []

    def open_house(self, workspace: Path | None = None, url: str | None = None) -> TestHouse:
        """The house as another process would open it."""
        return TestHouse(
            Settings(
                workspace=workspace or self.folder / "workspace",
                database_url=self.url if url is None else url,
                listen_seconds=1,
                tick_seconds=0.1,
            )
        )

    def hire(self, name: str = "a", house: House | None = None) -> Daemon:
        """One more daemon."""
        daemon = Daemon(house or self.open_house())
        daemon.owner = name
        self._daemons.append(daemon)
        return daemon

    def step(self, **by: float) -> datetime:
        """Move programme time."""
        self.house.clock.step_to(self.house.clock.now() + timedelta(**by))
        return self.house.clock.now()

    def items(self, *states: State) -> tuple[OutboxItem, ...]:
        """The outbox, in `states` (all without)."""
        with self.house.database.read() as connection:
            return tuple(reversed(outbox.items(connection, states=states or None, limit=1000)))

    def quiet(self) -> dict[str, str]:
        """The slots that stay empty, with their reasons."""
        with self.house.database.read() as connection:
            return dict(connection.execute(select(t.quiet.c.occurrence, t.quiet.c.reason)).all())

    def beats(self) -> dict[str, Heartbeat]:
        """The last sign of life of each daemon."""
        with self.house.database.read() as connection:
            return {beat.owner: beat for beat in heartbeats.heartbeats(connection)}

    def posts(self) -> list[dict[str, Any]]:
        """What stands on the timeline, ours only, oldest first."""
        state = self.practice.state()
        ours = state["company"]["handle"]
        return [post for post in state["posts"] if post["author"] == ours and not post["deleted"]]

    def let_leader_die(self, house: House | None = None) -> None:
        """As if the lease of the lead had run out (SQLite)."""
        with (house or self.house).database.write() as connection:
            connection.execute(update(t.leader).values(until=datetime(2020, 1, 1, tzinfo=UTC)))

    def require_nothing_twice(self) -> None:
        """Each text stands there once, each slot was served once, and each post has its row."""
        said = Counter(post["text"] for post in self.posts())
        assert max(said.values(), default=1) == 1
        posted = self.items(State.POSTED)
        assert {str(item.remote_id) for item in posted} == {str(post["id"]) for post in self.posts()}
        slots = Counter(item.occurrence for item in posted if item.occurrence.startswith("slot/"))
        assert max(slots.values(), default=1) == 1
        assert not set(slots) & set(self.quiet())

    def close(self) -> None:
        """End everything."""
        for daemon in self._daemons:
            daemon.leave()
            daemon.house.close()
        self.practice.stop()
        self.house.close()


@pytest.fixture
def crew(tmp_path: Path, migrated_url: str) -> Iterator[Crew]:
    """A crew on each database, on Monday five minutes before nine in Berlin."""
    made = Crew(tmp_path, migrated_url)
    yield made
    made.close()


@pytest.fixture
def sqlite_crew(tmp_path: Path) -> Iterator[Crew]:
    """A crew on SQLite only, for what does not depend on the database, or is about a file."""
    made = Crew(tmp_path, "")
    yield made
    made.close()


@pytest.fixture
def postgres_tools(request: pytest.FixtureRequest, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Postgres' own programs on the path: those of the test server."""
    if backend == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        monkeypatch.setenv("PATH", f"{server.tools}{os.pathsep}{os.environ['PATH']}")
