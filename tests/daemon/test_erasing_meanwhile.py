"""Somebody is erased while daemons tick and they themselves keep writing: nothing of them remains, or comes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from sqlalchemy import text

from reinforce import upkeep
from reinforce.actions.authoring.enroll import enroll
from reinforce.content.roster_file import read_roster
from reinforce.daemon import Daemon
from reinforce.domain.cohort import RosterRow
from reinforce.shipped import shipped
from tests.actions.privacy.conftest import dump
from tests.daemon.conftest import Crew

PATIENCE = 30
SAID = ("got it", "how lockout", "who signs the tag?", "B", "not sure about the second lock", "@{us} is a tag enough?")


class Writer:
    """Somebody on the roster, and what they go on writing."""

    def __init__(self, crew: Crew, row: RosterRow) -> None:
        self._crew, self.row = crew, row
        asked = [{"handle": row.handle, "scripted": False, "followed": True}]
        (made,) = crew.practice.control("POST", "/people", asked)["people"]
        self._token, self.user_id = made["token"], made["user_id"]
        self._said = 0

    def write(self) -> None:
        """A reply to our newest post, which mentions us."""
        us = self._crew.practice.state()["company"]["handle"]
        said = SAID[self._said % len(SAID)].replace("@{us} ", "")
        self._said += 1
        posts = self._crew.posts()
        body: dict[str, Any] = {"text": f"@{us} {said} ({self._said})"}
        if posts and self._said % 2:
            body["reply"] = {"in_reply_to_tweet_id": posts[-1]["id"]}
        headers = {"Authorization": f"Bearer {self._token}"}
        url = f"{self._crew.practice.url}/2/tweets"
        requests.post(url, json=body, headers=headers, timeout=PATIENCE).raise_for_status()

    @property
    def marks(self) -> tuple[str, ...]:
        """Whatever would tell of them."""
        return (self.row.handle.lower(), self.row.name.lower(), self.row.employee_id.lower(), str(self.user_id))


@contextmanager
def ticking(daemons: Sequence[Daemon]) -> Iterator[list[BaseException]]:
    """The daemons tick, each in a thread, until the block ends; what they failed with."""
    stop, failed = threading.Event(), list[BaseException]()

    def go(daemon: Daemon) -> None:
        try:
            while not stop.is_set():
                daemon.tick()
        except BaseException as error:  # whatever it is: the test tells
            failed.append(error)

    threads = [threading.Thread(target=go, args=(daemon,)) for daemon in daemons]
    for thread in threads:
        thread.start()
    try:
        yield failed
    finally:
        stop.set()
        for thread in threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in threads), "nobody waits for ever"


def left(crew: Crew, who: Writer) -> list[str]:
    """Where anything of somebody stands."""
    return [
        f"{table}.{column}: {said[:60]}"
        for table, column, said in dump(crew.house.database)
        if any(mark in said.lower() for mark in who.marks)
    ]


def deadlocks(crew: Crew) -> int:
    """How often Postgres had to end a transaction that others waited for in a circle."""
    if crew.house.database.is_sqlite:
        return 0
    with crew.house.database.read() as connection:
        query = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(connection.execute(query).scalar_one())


def erase_one_by_one(crew: Crew, writers: Sequence[Writer], rows: Sequence[RosterRow]) -> None:
    """While one of our posts is on its way, and everybody writes; the roster comes once more, with everybody on it."""
    for one in writers:
        crew.practice.fault("POST /2/tweets", "slow", seconds=0.3, count=1)
        for other in writers:
            other.write()
        crew.step(minutes=1)
        upkeep.erase(crew.house, one.row.employee_id, dry_run=False)
        one.write()
    house, now = crew.house, crew.house.clock.now()
    again = enroll(house.database, "press-shop", rows, actor="test", now=now, keyed=house.keyed_hash)
    assert "was erased" in str(again)


def test_nothing_of_them_remains_or_comes_back_and_nobody_waits_in_a_circle(
    crew: Crew, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row for row in read_roster(shipped("examples") / "lockout-roster.csv") if row.handle]
    writers = [Writer(crew, row) for row in rows[:3]]
    daemons = [crew.hire("a"), crew.hire("b")]
    with ticking(daemons) as failed:
        for _ in range(3):
            crew.step(minutes=2)
            for one in writers:
                one.write()
        erase_one_by_one(crew, writers, rows)
        for one in writers:
            one.write()
    assert failed == []
    for _ in range(3):
        crew.step(minutes=10)
        for daemon in daemons:
            daemon.tick()
    assert {one.row.handle: left(crew, one) for one in writers} == {one.row.handle: [] for one in writers}
    said = capsys.readouterr().out
    assert "deadlock" not in said
    assert "IntegrityError" not in said
    assert {name: beat.last_error for name, beat in crew.beats().items()} == {"a": "", "b": ""}
    assert deadlocks(crew) == 0
    crew.require_nothing_twice()
