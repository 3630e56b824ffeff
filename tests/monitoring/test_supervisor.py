"""Word to systemd, over a real datagram socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from reinforce.monitoring.supervisor import Supervisor


@pytest.fixture(params=["file", "abstract"])
def listening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """A socket such as systemd makes, and the address it puts into the environment."""
    name = str(tmp_path / "notify") if request.param == "file" else f"@reinforce-test-{tmp_path.name}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind("\0" + name[1:] if name.startswith("@") else name)
        bound.settimeout(5)
        yield name, bound


def test_it_says_ready_alive_and_stopping(listening: tuple[str, socket.socket]) -> None:
    address, bound = listening
    supervisor = Supervisor({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "77"}, 77)
    assert supervisor.watchdog_seconds == 30.0
    supervisor.ready()
    supervisor.ready()
    supervisor.alive()
    supervisor.status("12 posts\nare due")
    supervisor.stopping()
    said = [bound.recv(1024) for _ in range(4)]
    assert said == [b"READY=1", b"WATCHDOG=1", b"STATUS=12 posts are due", b"STOPPING=1"]


@pytest.mark.parametrize(
    "environ",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "78"}],
)
def test_a_watchdog_that_is_not_ours_is_not_fed(listening: tuple[str, socket.socket], environ: dict[str, str]) -> None:
    address, bound = listening
    supervisor = Supervisor({"NOTIFY_SOCKET": address, **environ}, 77)
    assert supervisor.watchdog_seconds is None
    supervisor.alive()
    supervisor.ready()
    assert bound.recv(1024) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "vsock:2:1234", "relative"])
def test_nobody_there_is_no_error(address: str) -> None:
    supervisor = Supervisor({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"}, 77)
    for say in (supervisor.ready, supervisor.alive, supervisor.stopping):
        say()


def test_a_supervisor_that_does_not_read_holds_nobody_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(str(tmp_path / "notify"))
        supervisor = Supervisor({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1000000"}, 77)
        for _ in range(5_000):
            supervisor.alive()
