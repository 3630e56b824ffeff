"""Servers of this room: the practice account, and one that misbehaves to order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reinforce.accounts.x import XAccount
from reinforce.clock import Clock
from reinforce.domain.accounts.credentials import OAuth1Keys
from reinforce.practice.running import PracticeThread
from tests.accounts.rogue_server import KEYS, RogueServer


@pytest.fixture
def rogue() -> Iterator[RogueServer]:
    """A server that misbehaves to order."""
    server = RogueServer()
    yield server
    server.close()


@pytest.fixture
def rogue_account(rogue: RogueServer) -> XAccount:
    """An account at the rogue server."""
    return XAccount(KEYS, Clock(), base_url=rogue.url, user_id=4711, read_seconds=5)


@dataclass(frozen=True)
class Rehearsal:
    """A practice account and our account on it."""

    server: PracticeThread
    account: XAccount

    def fault(self, endpoint: str, kind: str, **more: object) -> None:
        """Switch on a fault."""
        self.server.fault(endpoint, kind, **more)

    def posted(self) -> list[str]:
        """Texts on the timeline, newest first, read without faults."""
        self.server.control("DELETE", "/faults")
        return [post.text for post in self.account.own_posts(since_id=None).posts]


@pytest.fixture(scope="module")
def practice_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeThread]:
    """One practice account for all tests of a module."""
    folder: Path = tmp_path_factory.mktemp("practice")
    with PracticeThread(folder, Clock()) as server:
        yield server


@pytest.fixture
def rehearsal(practice_server: PracticeThread) -> Iterator[Rehearsal]:
    """The practice account with no fault switched on."""
    keys = OAuth1Keys(**practice_server.credentials["oauth1"])
    yield Rehearsal(practice_server, XAccount(keys, Clock(), base_url=practice_server.url, read_seconds=5))
    practice_server.control("DELETE", "/faults")
