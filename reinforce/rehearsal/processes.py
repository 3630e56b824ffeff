"""The processes of a rehearsal — practice account, daemon and console — and how they are kept alive and ended."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests

from reinforce.bootstrap import House
from reinforce.domain.errors import ReinforceError
from reinforce.store.operating import heartbeats

READY_WITHIN = 60.0
RESTART_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the pages of a running rehearsal are."""

    tour: str
    console: str
    timeline: str


def first_morning(wall: datetime, zone: str) -> datetime:
    """Where a rehearsal's programme time begins: Monday 08:55 of this week, local to `zone`. UTC."""
    local = wall.astimezone(ZoneInfo(zone))
    monday = local.date() - timedelta(days=local.weekday())
    return datetime.combine(monday, time(8, 55), ZoneInfo(zone)).astimezone(UTC)


def free_port(host: str, wanted: int) -> int:
    """`wanted` if nothing listens on it, else a port that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            return found
    raise ReinforceError(f"no port is free on {host}", "Close a program that holds many ports and try again.")


class Child:
    """One of our own processes. Its standard input is a pipe from us: when we die, it reads the end and stops."""

    def __init__(self, name: str, command: list[str], log_file: Path) -> None:
        self.name = name
        self._command = command
        self._log_file = log_file
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log_file.open("ab") as log:
            # A session of its own: Ctrl-C reaches us alone, and we stop the children in order.
            return subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )

    def restart_if_dead(self) -> int | None:
        """Start it again if it ended; returns the exit status it had, None while it runs."""
        status = self.process.poll()
        if status is not None:
            if self.process.stdin is not None:
                self.process.stdin.close()
            self.process = self._start()
        return status

    def stop(self, patience: float) -> None:
        """Ask it to end; end it if it does not within `patience` seconds."""
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()

    def last_words(self) -> str:
        """The end of its log, for an error message."""
        return "\n".join(self._log_file.read_text("utf-8", "replace").splitlines()[-5:])


class Rehearsal:
    """The processes of a rehearsal, started in order and stopped in reverse."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._logs = house.settings.workspace / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self._children: list[Child] = []
        self.stopping = threading.Event()

    def start(self, name: str, *arguments: str) -> Child:
        """Start `reinforce NAME …` on our workspace as a process of its own."""
        workspace = str(self.house.settings.workspace)
        command = [sys.executable, "-m", "reinforce", "--workspace", workspace, name, "--with-parent", *arguments]
        child = Child(name, command, self._logs / f"{name}.log")
        self._children.append(child)
        return child

    def wait_until_answers(self, child: Child, url: str) -> None:
        """Return when `url` answers. Raises ReinforceError with the child's last words if it ends or takes too long."""

        def answers() -> bool:
            try:
                requests.get(url, timeout=2)
            except requests.RequestException:
                return False
            return True

        self._wait(child, answers)

    def wait_until_beats(self, child: Child) -> None:
        """Return when the daemon `child` has ticked. Raises as `wait_until_answers`."""

        def beats() -> bool:
            with self.house.database.read() as connection:
                return any(beat.pid == child.process.pid for beat in heartbeats.heartbeats(connection))

        self._wait(child, beats)

    def _wait(self, child: Child, met: Callable[[], bool]) -> None:
        deadline = self.house.clock.monotonic() + READY_WITHIN
        while self.house.clock.monotonic() < deadline and child.process.poll() is None:
            if met():
                return
            self.stopping.wait(0.1)
        raise ReinforceError(f"the {child.name} did not start:\n{child.last_words()}", f"Its log is in {self._logs}.")

    def look_after(self, tell: Callable[[str], None], narrate: Callable[[], None]) -> None:
        """Keep programme time running and the children alive until told to stop; narrate meanwhile."""
        while not self.stopping.wait(RESTART_PAUSE):
            self.house.clock.beat()
            narrate()
            for child in self._children:
                status = child.restart_if_dead()
                if status is not None:
                    tell(f"{child.name} ended ({_died_of(status)}); started again")

    def stop(self) -> None:
        """Stop every child in reverse order, then let programme time stand still."""
        for child in reversed(self._children):
            child.stop(self.house.settings.drain_seconds + 5)
        self.house.clock.stop()


@contextmanager
def running(house: House) -> Iterator[Rehearsal]:
    """A rehearsal whose processes are stopped when the block ends, whatever happened in it."""
    rehearsal = Rehearsal(house)
    try:
        yield rehearsal
    finally:
        rehearsal.stop()


def practice_credentials(folder: Path) -> dict[str, Any]:
    """What the practice account wrote for its users: base URL, tokens, control token (a file of mode 600)."""
    content: dict[str, Any] = json.loads((folder / "credentials.json").read_text("utf-8"))
    return content


def control(credentials: dict[str, Any], path: str, body: Any) -> Any:
    """Call the practice account's control API (people, knowledge, faults). Raises ReinforceError if it refuses."""
    answer = requests.post(
        credentials["base_url"] + path,
        json=body,
        headers={"Authorization": f"Bearer {credentials['control_token']}"},
        timeout=30,
    )
    if not answer.ok:
        raise ReinforceError(f"the practice account refused {path}: {answer.status_code} {answer.text[:200]}")
    return answer.json()


def _died_of(status: int) -> str:
    return f"killed by signal {-status}" if status < 0 else f"exit status {status}"
