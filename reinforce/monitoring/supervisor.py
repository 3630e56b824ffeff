"""Word to systemd: that we are ready, alive, stopping (sd_notify(3), written with a socket of the standard library).

Without NOTIFY_SOCKET in the environment every call does nothing. The protocol is one datagram of KEY=value lines to a
Unix socket, whose name may be abstract (a leading "@").
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

MICROS = 1_000_000


class Supervisor:
    """Tells systemd how this process fares. Never raises: a supervisor that can't be reached ends nothing."""

    def __init__(self, environ: Mapping[str, str], pid: int) -> None:
        """`pid` is our own: a watchdog that is meant for another process is not ours to feed."""
        self._address = environ.get("NOTIFY_SOCKET", "")
        meant_for = environ.get("WATCHDOG_PID", "")
        usec = environ.get("WATCHDOG_USEC", "")
        ours = meant_for in ("", str(pid)) and usec.isascii() and usec.isdigit() and int(usec) > 0
        self._said_ready = False
        self._watchdog = int(usec) / MICROS if ours and self._address else None

    @classmethod
    def of_this_process(cls) -> Supervisor:
        """The one that started us, if any."""
        return cls(os.environ, os.getpid())

    @property
    def watchdog_seconds(self) -> float | None:
        """How long we may be silent before we are ended; None where nobody watches."""
        return self._watchdog

    def ready(self) -> None:
        """The first tick has ended: units that wait for us may start. May be called after every tick; said once."""
        if not self._said_ready:
            self._said_ready = True
            self._tell("READY=1")

    def alive(self) -> None:
        """Feed the watchdog: to be called more often than every `watchdog_seconds`, by what would stop with us."""
        if self._watchdog is not None:
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """No new work is taken up; what is under way is being finished."""
        self._tell("STOPPING=1")

    def status(self, words: str) -> None:
        """One line for `systemctl status`."""
        self._tell(f"STATUS={' '.join(words.split())}")

    def _tell(self, message: str) -> None:
        if not self._address.startswith(("/", "@")):
            return
        # A name beginning with "@" is abstract: a zero byte stands there on the wire.
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as to:
            try:
                to.sendto(message.encode(), address)
            except OSError:
                return
