"""The metronome, and who watches it: a clock that is set must not silence the daemon, a tick that hangs must end it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from datetime import UTC, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from reinforce.clock import Clock
from reinforce.monitoring.supervisor import Supervisor
from reinforce.settings import Settings
from reinforce.telemetry import get_logger

log = get_logger("daemon")

# A wall clock that moved this much against the monotonic one was set by somebody, or the machine slept.
CLOCK_STEP = timedelta(seconds=5)
# How often the watchdog looks, in machine seconds.
LOOK = 1.0
# The whole process was stopped for so long that its steps could not move either: they begin to count anew.
HELD_UP = 10.0
# A step hung; the supervisor is to start a new daemon (sysexits' EX_SOFTWARE).
EXIT_STUCK = 70
# A post waits half of this on average from when it is due; to look whether one is due costs one small reading.
PUBLISH_SECONDS = 0.25


class Metronome:
    """Beats `tick`, `publish` and `bid` until `stopping` is set. APScheduler 3 decides nothing here: it only beats, by
    the wall clock, so a clock that is set back by an hour would silence it for an hour; hence the watchdog."""

    def __init__(
        self,
        clock: Clock,
        settings: Settings,
        tick: Callable[[], None],
        publish: Callable[[], None],
        bid: Callable[[], None],
        stopping: threading.Event,
        supervisor: Supervisor,
    ) -> None:
        # Its notes on every job and every beat it left out would drown ours; a tick that takes long is no fault.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._clock = clock
        self._stopping = stopping
        self._supervisor = supervisor
        self._stuck_after = settings.stuck_seconds
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": {"type": "threadpool", "max_workers": 4}},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        bid_seconds = min(1.0, settings.lease_seconds / 6)
        for name, act, seconds in (
            ("tick", tick, settings.tick_seconds),
            ("publish", publish, min(settings.tick_seconds, PUBLISH_SECONDS)),
            ("bid", bid, bid_seconds),
            ("beat", clock.beat, 1.0),
        ):
            self._scheduler.add_job(act, "interval", id=name, seconds=seconds, next_run_time=clock.wall())

    def run(self, moved_at: Callable[[], float]) -> None:
        """Beat and watch until told to stop. `moved_at`: when (monotonic) a step of a tick last began or ended.

        Ends the process with EXIT_STUCK if that is longer ago than `stuck_seconds`.
        """
        self._scheduler.start()
        clock = self._clock
        wall, monotonic = clock.wall(), clock.monotonic()
        since = monotonic
        while not self._stopping.wait(LOOK):
            passed = clock.monotonic() - monotonic
            moved = (clock.wall() - wall) - timedelta(seconds=passed)
            wall, monotonic = clock.wall(), clock.monotonic()
            if abs(moved) > CLOCK_STEP:
                log.warning("the wall clock was set, or the machine slept", moved_seconds=moved.total_seconds())
                self._rearm()
            if passed > HELD_UP:
                since = monotonic
            if monotonic - max(moved_at(), since) > self._stuck_after:
                log.error("a step hangs; ending so that the supervisor starts a new daemon")
                os._exit(EXIT_STUCK)
            self._supervisor.alive()

    def _rearm(self) -> None:
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=self._clock.wall())

    def stop(self) -> None:
        """Beat no more; what is under way goes on."""
        self._scheduler.shutdown(wait=False)
