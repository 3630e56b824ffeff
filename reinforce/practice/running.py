"""Starts a practice account for the length of a `with` block: in a thread of this process, or in one of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

import requests

from reinforce.clock import Clock
from reinforce.practice.config import Config
from reinforce.practice.server import CREDENTIALS, serve

START_SECONDS = 30.0


class ControlFailed(Exception):
    """The control interface refused; the message holds its words."""


class _Running:
    """What both ways of running share: address, credentials and the control interface."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""

    @property
    def credentials(self) -> dict[str, Any]:
        """The credentials file as it stands."""
        content: dict[str, Any] = json.loads((self.folder / CREDENTIALS).read_text("utf-8"))
        return content

    def control(self, method: str, path: str, asked: Any = None) -> Any:
        """Call `/practice` + `path` ("/state", "/faults", …); returns its JSON. Raises ControlFailed."""
        headers = {"Authorization": f"Bearer {self.credentials['control_token']}"}
        address = f"{self.url}/practice{path}"
        answer = requests.request(method, address, json=asked, headers=headers, timeout=30)
        if not answer.ok:
            raise ControlFailed(f"{method} /practice{path}: {answer.status_code} {answer.text}")
        return answer.json()

    def fault(self, endpoint: str, kind: str, **more: Any) -> Any:
        """Switch on a fault."""
        return self.control("POST", "/faults", {"endpoint": endpoint, "kind": kind, **more})

    def state(self) -> Any:
        """Everything that happened (see `state.state_of`)."""
        return self.control("GET", "/state")


class PracticeThread(_Running):
    """A practice account in a thread of this process, on a free port; `with PracticeThread(folder, clock) as it:`."""

    def __init__(self, folder: Path, clock: Clock, *, config: Config | None = None, port: int = 0) -> None:
        super().__init__(folder)
        self._clock = clock
        self._config = config or Config(learners=False)
        self._port = port
        self._ready = threading.Event()
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._serve, name="practice", daemon=True)

    def start(self) -> Self:
        """Start, and wait until it answers. Raises RuntimeError if it does not."""
        self._thread.start()
        if not self._ready.wait(START_SECONDS) or self._failure is not None:
            raise RuntimeError("the practice account did not start") from self._failure
        return self

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self._stop.set()
        self._thread.join(START_SECONDS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _serve(self) -> None:
        try:
            serve(
                self.folder,
                "127.0.0.1",
                self._port,
                self._clock,
                config=self._config,
                ready=self._on_ready,
                stop=self._stop,
            )
        except BaseException as error:  # handed to whoever waits for the start
            self._failure = error
            self._ready.set()

    def _on_ready(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._ready.set()


class PracticeProcess(_Running):
    """A practice account in a process of its own: `python -m reinforce.practice`. It can be killed."""

    def __init__(
        self, folder: Path, clock_path: Path | None, *, port: int = 0, learners: bool = False, seed: int = 1
    ) -> None:
        super().__init__(folder)
        command = [sys.executable, "-m", "reinforce.practice", "--folder", str(folder), "--port", str(port)]
        command += ["--seed", str(seed)] + ([] if learners else ["--no-learners"])
        self._command = command + (["--clock", str(clock_path)] if clock_path is not None else [])
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Start, and wait until it answers. Raises RuntimeError if it ends first."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the practice account ended with status {self._process.wait()} before it answered")
        self.url = json.loads(line)["url"]
        return self

    def stop(self) -> None:
        """End it in good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            os.kill(self._process.pid, how)
        self._process.wait(START_SECONDS)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
