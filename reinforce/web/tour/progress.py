"""How far the visitor has come. A small file in the workspace: it survives a reload and a restart, and is no part of
the product's data."""

from __future__ import annotations

import json
import os
import tempfile
import threading
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """A reply the visitor wrote as a learner. `at` is programme time (ISO 8601), `outbox_id` the post it answers.

    `recall` and `recall_after` are the learner's chance (0 to 1) to recall the nugget in a week, just before it was
    written and once it was graded; `recall_if_right` what it would be after a right answer. `before` and `after` are
    the next slots (`NextSlot.as_json`) at the same two moments.
    """

    learner_id: int
    remote_id: int
    outbox_id: int
    text: str
    at: str
    recall: float | None = None
    recall_after: float | None = None
    recall_if_right: float | None = None
    before: list[dict[str, Any]] = field(default_factory=list)
    after: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Crash:
    """A daemon killed in mid-send. `killed_at` is machine time (ISO 8601)."""

    outbox_id: int
    pid: int
    owner: str
    killed_at: str


@dataclass(frozen=True, slots=True)
class Progress:
    """`seen` holds the numbers of steps that the visitor said they have read; `held`: time waits for their answer."""

    seen: tuple[int, ...] = ()
    answer: Said | None = None
    stop: Said | None = None
    crash: Crash | None = None
    pasted: bool = False
    held: bool = False


class ProgressFile:
    """Reads and writes the progress of one workspace. Safe under threads of one process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def read(self) -> Progress:
        """The progress as it stands; a file that can't be read counts as none: nothing is lost but a place mark."""
        try:
            content = json.loads(self._path.read_text("utf-8"))
            return Progress(
                seen=tuple(int(step) for step in content["seen"]),
                answer=content["answer"] and Said(**content["answer"]),
                stop=content["stop"] and Said(**content["stop"]),
                crash=content["crash"] and Crash(**content["crash"]),
                pasted=bool(content["pasted"]),
                held=bool(content["held"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return Progress()

    def change(self, **changes: Any) -> Progress:
        """Replace some parts, and keep the rest."""
        with self._lock:
            progress = replace(self.read(), **changes)
            self._write(progress)
        return progress

    def see(self, step: int) -> Progress:
        """Note that a step was read."""
        return self.change(seen=tuple(sorted({*self.read().seen, step})))

    def forget(self) -> None:
        """Begin the tour again."""
        with self._lock:
            self._write(Progress())

    def _write(self, progress: Progress) -> None:
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".tour-")
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(asdict(progress), out)
        Path(name).replace(self._path)
