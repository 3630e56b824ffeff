"""Kill the daemon of a rehearsal where it stands, so that one can see that nothing is lost and nothing doubled."""

from __future__ import annotations

import os
import signal
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.sending.outbox import State
from reinforce.store.operating import audit, heartbeats
from reinforce.store.operating import workspace as workspaces
from reinforce.store.operating.heartbeats import Heartbeat
from reinforce.store.sending import outbox
from reinforce.store.session import Database

# An older sign of life may be of a process that is gone, and its number somebody else's by now.
FRESH = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Killed:
    """Who was killed, and which post was then between its attempt and its outcome. `at` is machine time."""

    owner: str
    pid: int
    at: datetime
    outbox_id: int


def daemon_here(database: Database, *, now: datetime) -> Heartbeat:
    """The daemon that runs on this machine at `now` (machine time). Raises NotAllowed outside a rehearsal, and
    ReinforceError if there is none."""
    with database.read() as connection:
        there = workspaces.workspace(connection)
        beats = heartbeats.heartbeats(connection)
    if there is None or not there.rehearsal:
        raise NotAllowed("only the daemon of a rehearsal may be killed.", "Start a rehearsal with `reinforce up`.")
    host = socket.gethostname()
    for beat in beats:
        if beat.role == "daemon" and beat.owner == f"{host}:{beat.pid}" and now - beat.at < FRESH:
            return beat
    raise ReinforceError("no daemon gave a sign of life just now.", "Start the rehearsal with `reinforce up`.")


def kill_in_mid_send(database: Database, beat: Heartbeat, outbox_id: int, *, actor: str, now: datetime) -> Killed:
    """Kill -9 the daemon `beat` while it sends `outbox_id`. Raises ReinforceError if it is not sending it any more.

    `now` is machine time.
    """
    with database.write() as connection:
        item = outbox.item(connection, outbox_id)
        if item.state is not State.SENDING or item.owner != beat.owner:
            raise ReinforceError("the post was not being sent any more.", "Press the button again.")
        audit.record(connection, actor, "daemon.kill", f"outbox/{outbox_id}", {"pid": beat.pid}, now)
    if beat.pid == os.getpid() or not _is_ours(beat.pid):
        raise ReinforceError("the process is not our daemon any more.", "Reload the page and press the button again.")
    try:
        os.kill(beat.pid, signal.SIGKILL)
    except ProcessLookupError as error:
        raise ReinforceError("the daemon ended by itself just then.", "Press the button again.") from error
    return Killed(beat.owner, beat.pid, now, outbox_id)


def _is_ours(pid: int) -> bool:
    """Whether `pid` runs `reinforce … daemon`, where the system tells (Linux); process numbers are used again."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return not Path("/proc/self/cmdline").exists()
    return b"daemon" in words and any(b"reinforce" in word for word in words)
