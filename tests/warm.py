"""Processes of the command line, and of scripts that use the package, that do not spend two seconds of a core on
importing it.

A nursery is one process that has imported `reinforce` and forks: each child goes through the real entry point, in a
process of its own with its own environment, and can be killed like any other. What it saves is most of what a test of
many processes costs. Tests that are about starting start an interpreter of their own.

Requests are lines of JSON on the nursery's standard input, answers lines on its output.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_POLL_SECONDS = 0.01


class Nursery:
    """Forks children until it is closed; for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("nursery_process.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **request: Any) -> Any:
        """One question, one answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def start(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        out: Path,
        err: Path,
        program: str = "reinforce",
    ) -> Child:
        """Start `reinforce`, or the script `program`, with `arguments`; what it says is appended to `out` and `err`."""
        request = {"arguments": list(arguments), "environment": dict(environment), "folder": str(folder)}
        return Child(self, int(self.ask(**request, program=program, out=str(out), err=str(err))), out)

    def run(self, script: Path, *arguments: str, folder: Path, **environment: str) -> Child:
        """Start a script of Python; `said` is all that it says."""
        out = folder / f"{uuid.uuid4().hex}.log"
        return self.start(arguments, os.environ | environment, folder, out, out, str(script))

    def close(self) -> None:
        """End the nursery; its children go on."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


class Child:
    """A forked process, with what tests ask of a `subprocess.Popen`."""

    def __init__(self, nursery: Nursery, pid: int, out: Path) -> None:
        self._nursery = nursery
        self._out = out
        self.pid = pid
        self.returncode: int | None = None
        self.stopped = False

    def poll(self) -> int | None:
        """Its exit status, negative for a signal; None while it runs."""
        if self.returncode is None:
            change = self._nursery.ask(reap=self.pid)
            self.stopped |= change == "stopped"
            self.returncode = None if change == "stopped" else change
        return self.returncode

    def is_stopped(self) -> bool:
        """Whether it was stopped (SIGSTOP) at any time."""
        self.poll()
        return self.stopped

    def wait(self, timeout: float) -> int:
        """Wait for its end. Raises TimeoutExpired."""
        end = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("reinforce", timeout)
            time.sleep(_POLL_SECONDS)
        return status

    def said(self, timeout: float = 60.0) -> str:
        """Wait for its end; what it printed. Raises TimeoutExpired."""
        self.wait(timeout)
        return self._out.read_text("utf-8").strip()

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)
