"""`reinforce up`, as a newcomer meets it: posts with reasons, answers, a daemon that dies, Ctrl-C, and going on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reinforce.clock import Clock
from reinforce.store.operating import heartbeats
from reinforce.store.reporting.listings import inbox_rows, outbox_rows
from reinforce.store.session import Database

PATIENCE = 90.0


class Up:
    """A running `reinforce up`; its lines are kept as they come."""

    def __init__(self, workspace: Path) -> None:
        self.lines: list[str] = []
        self._grown = threading.Condition()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("REINFORCE_")}
        ports = {"REINFORCE_CONSOLE_PORT": "0", "REINFORCE_PRACTICE_PORT": "0", "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "reinforce", "--workspace", str(workspace), "up"],
            env=kept | ports,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._grown:
                self.lines.append(line.rstrip())
                self._grown.notify_all()

    def wait_for(self, met: Callable[[str], bool], what: str) -> str:
        """The first line for which `met` holds; fails after a while with all that was said."""

        def found() -> str | None:
            return next((line for line in self.lines if met(line)), None)

        with self._grown:
            line = self._grown.wait_for(found, PATIENCE)
        if line is None:
            pytest.fail(f"never said: {what}\n" + "\n".join(self.lines))
        return line

    def interrupt(self) -> int:
        """Ctrl-C; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """The rehearsal's database, for a look."""
    opened = Database(f"sqlite:///{tmp_path / 'rehearsal' / 'reinforce.db'}")
    yield opened
    opened.close()


def test_a_rehearsal_posts_hears_answers_survives_a_kill_and_goes_on_where_it_stood(
    tmp_path: Path, database: Database
) -> None:
    workspace = tmp_path / "rehearsal"
    first = Up(workspace)
    try:
        first.wait_for(lambda line: "/tour" in line, "where the tour is")
        first.wait_for(lambda line: line.startswith("    why: "), "a post's reason")
        first.wait_for(lambda line: line.startswith("    came back: "), "what came back")
        with database.read() as connection:
            (daemon,) = heartbeats.heartbeats(connection)
        os.kill(daemon.pid, signal.SIGKILL)
        first.wait_for(lambda line: "killed by signal 9" in line, "that the daemon was killed")
    finally:
        assert first.interrupt() == 0
    assert "goes on from here" in first.lines[-1]

    stood = Clock(workspace / "clock.json").now()
    with database.read() as connection:
        before = {row["id"]: row["text"] for row in outbox_rows(connection, states=["posted"])}
        assert any(row["rating"] is not None for row in inbox_rows(connection))
    second = Up(workspace)
    try:
        second.wait_for(lambda line: line.startswith("    why: "), "a post of the second run")
    finally:
        assert second.interrupt() == 0
    assert Clock(workspace / "clock.json").now() > stood
    with database.read() as connection:
        after = {row["id"]: row["text"] for row in outbox_rows(connection, states=["posted"])}
    assert before.items() < after.items()
    assert len(set(after.values())) == len(after)
