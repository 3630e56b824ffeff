"""The only caller of "now".

Two kinds of time run side by side (see docs/explanation/two-clocks.md):

* *Programme time* (`Clock.now`) is what slots, grace, memory, caps, budgets and polls are measured in, and
  what the practice account stamps. In production it is the wall clock. In a rehearsal it may be accelerated:
  then it is a line through a persisted pair (programme anchor, wall anchor) with a slope, `speed`, shared by
  daemon and practice account through a file, and it stands still while nothing runs.
* *Machine time* (`Clock.wall`, `Clock.monotonic`) is what leases, guards, deadlines, backoff and heartbeats
  use. It is never scaled.

All instants are aware `datetime` values in UTC.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

# Programme time stops this long after the last sign of life of whoever runs it. A runner beats every second;
# five lets a busy machine miss a few beats without time standing still.
BEAT_GRACE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A point on the line of programme time. `wall` is None while the clock is stopped."""

    programme: datetime
    wall: datetime | None
    speed: float


class Clock:
    """Programme and machine time. Without a file both are the system's wall clock.

    `path` is the anchor file of an accelerated or stepped clock; it may appear later (a rehearsal creates it),
    and every process that is given the same path reads the same programme time.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def now(self) -> datetime:
        """Programme time, UTC."""
        anchor = self._read()
        if anchor is None:
            return self.wall()
        if anchor.wall is None:
            return anchor.programme
        end = min(self.wall(), self._beaten_at(anchor.wall) + BEAT_GRACE)
        return anchor.programme + max(end - anchor.wall, timedelta()) * anchor.speed

    @staticmethod
    def wall() -> datetime:
        """Machine time, UTC. May jump when the system's clock is set."""
        return datetime.fromtimestamp(time.time(), UTC)  # noqa: TID251

    @staticmethod
    def monotonic() -> float:
        """Seconds of machine time that only ever grow; its zero means nothing."""
        return time.monotonic()

    @property
    def speed(self) -> float:
        """Programme seconds per machine second; 1.0 without an anchor file."""
        anchor = self._read()
        return 1.0 if anchor is None else anchor.speed

    def speed_before(self, default: float) -> float:
        """The speed this clock ran at when it last ran; `default` if it never did."""
        anchor = self._read()
        return default if anchor is None or anchor.speed == 1.0 else anchor.speed

    @property
    def accelerated(self) -> bool:
        """True when programme time is not the wall clock (accelerated, stopped or stepped)."""
        return self._read() is not None

    def start(self, *, at: datetime, speed: float) -> None:
        """Create the anchor at programme time `at` unless one exists; then let time run on from where it stood."""
        anchor = self._read()
        programme = at if anchor is None else self.now()
        self.beat()
        self._write(Anchor(programme, self.wall(), speed))

    def stop(self) -> None:
        """Let programme time stand still where it is. Does nothing to a wall clock."""
        anchor = self._read()
        if anchor is not None:
            self._write(Anchor(self.now(), None, anchor.speed))

    def beat(self) -> None:
        """Say that somebody still runs programme time: to be called about once a second by every runner."""
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._beat_path().touch()

    def step_to(self, instant: datetime) -> None:
        """Move programme time to `instant`; a stopped or new clock stays stopped (that is how tests step it)."""
        anchor = self._read()
        running = anchor is not None and anchor.wall is not None
        speed = 1.0 if anchor is None else anchor.speed
        self._write(Anchor(instant, self.wall() if running else None, speed))

    def _beat_path(self) -> Path:
        assert self._path is not None
        return self._path.with_suffix(".beat")

    def _beaten_at(self, otherwise: datetime) -> datetime:
        try:
            return datetime.fromtimestamp(self._beat_path().stat().st_mtime, UTC)
        except FileNotFoundError:
            return otherwise

    def _read(self) -> Anchor | None:
        if self._path is None:
            return None
        try:
            raw = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return None
        wall = raw["wall"]
        return Anchor(
            datetime.fromisoformat(raw["programme"]),
            None if wall is None else datetime.fromisoformat(wall),
            float(raw["speed"]),
        )

    def _write(self, anchor: Anchor) -> None:
        """Replace the anchor file in one step, so that a reader never sees half of it."""
        if self._path is None:
            raise RuntimeError("this clock is the wall clock: it has no anchor file and can't be moved")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".clock-")
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(
                {
                    "programme": anchor.programme.isoformat(),
                    "wall": None if anchor.wall is None else anchor.wall.isoformat(),
                    "speed": anchor.speed,
                },
                out,
            )
        Path(name).replace(self._path)
