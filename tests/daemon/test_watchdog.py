"""The metronome beats on when the wall clock is set back, and a step that hangs ends the process."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import datetime, timedelta

import pytest

from reinforce.clock import Clock
from reinforce.daemon.watchdog import EXIT_STUCK, Metronome
from reinforce.monitoring.supervisor import Supervisor
from reinforce.settings import Settings

SECONDS = 30.0


class SetClock(Clock):
    """A wall clock that can be set."""

    off = timedelta()

    def wall(self) -> datetime:  # type: ignore[override]
        """Machine time, as far off as it was set."""
        return Clock.wall() + self.off


def test_a_clock_that_is_set_back_an_hour_does_not_silence_the_daemon_for_an_hour(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock, stopping, beaten = SetClock(), threading.Event(), threading.Event()
    clock.off = timedelta(hours=1)  # until somebody sets it right: the first beat is an hour away then
    metronome = Metronome(
        clock, Settings(tick_seconds=0.05), beaten.set, lambda: None, lambda: None, stopping, Supervisor({}, 1)
    )
    running = threading.Thread(target=metronome.run, args=(clock.monotonic,))
    running.start()
    try:
        assert not beaten.wait(0.3)
        clock.off = timedelta()
        assert beaten.wait(SECONDS)
    finally:
        stopping.set()
        running.join()
        metronome.stop()
    assert "the wall clock was set" in capsys.readouterr().out


HANGING = """
import threading
from reinforce.clock import Clock
from reinforce.daemon.watchdog import Metronome
from reinforce.monitoring.supervisor import Supervisor
from reinforce.settings import Settings
clock = Clock()
begun = clock.monotonic()
settings = Settings(stuck_seconds=1.0)
hangs = threading.Event().wait
rest = lambda: None
Metronome(clock, settings, hangs, rest, rest, threading.Event(), Supervisor({}, 1)).run(lambda: begun)
"""


def test_a_step_that_hangs_ends_the_process_for_the_supervisor_to_start_another() -> None:
    done = subprocess.run([sys.executable, "-c", HANGING], capture_output=True, timeout=60, check=False)
    assert done.returncode == EXIT_STUCK
    assert b"a step hangs" in done.stdout + done.stderr
