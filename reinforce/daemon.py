"""The daemon: APScheduler as the metronome, one `tick` that reads as a line of verbs.

All due work lives in our tables; the scheduler's jobs are heartbeats and stay in memory. So the daemon may be killed
anywhere and started again, and a tick that came late, twice or not at all does no harm.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from types import FrameType
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from reinforce.actions.listening.grade import grade
from reinforce.actions.listening.listen import OVERLAP, listen
from reinforce.actions.listening.measure import measure
from reinforce.actions.planning.absorb import absorb
from reinforce.actions.planning.plan import plan_cohort
from reinforce.actions.planning.reveal import plan_reveals
from reinforce.actions.sending.prove import prove
from reinforce.actions.sending.publish import publish_next
from reinforce.actions.sending.reconcile import Quarantine, reconcile
from reinforce.actions.sending.recover import recover
from reinforce.bootstrap import House
from reinforce.domain.accounts.account import AccountRecord, AccountState
from reinforce.domain.cohort import CohortState
from reinforce.store.accounts import accounts
from reinforce.store.operating import heartbeats
from reinforce.store.people import cohorts
from reinforce.telemetry import get_logger

log = get_logger("daemon")

# A wall clock that moved this much against the monotonic one was set by somebody, or the machine slept.
CLOCK_STEP = timedelta(seconds=5)
# How many posts of one account may leave in one tick, so that one account's backlog does not starve the others.
POSTS_PER_TICK = 5
EXIT_STUCK = 70


class Daemon:
    """Runs one workspace until told to stop. `owner` names this process in leases and heartbeats."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.owner = f"{socket.gethostname()}:{os.getpid()}"
        self.stopping = threading.Event()
        self._started = house.clock.wall()
        self._ticking = threading.Lock()
        self._ticked_at = house.clock.monotonic()
        self._quarantine = Quarantine()
        self._listened: dict[int, datetime] = {}
        self._failing: dict[str, str] = {}

    def run(self) -> None:
        """Tick until SIGTERM or SIGINT, then let the tick under way end, within the drain time."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        # Its notes on every job and every beat it left out would drown ours; a tick that takes long is no fault.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler = self._metronome()
        scheduler.start()
        log.info("daemon started", owner=self.owner, tick_seconds=self.house.settings.tick_seconds)
        try:
            self._watch(scheduler)
        finally:
            scheduler.shutdown(wait=False)
            drained = self._ticking.acquire(timeout=self.house.settings.drain_seconds)
            if drained:
                # A late beat may wait for it in a thread that the interpreter waits for in its turn.
                self._ticking.release()
            self._leave()
            log.info("daemon stopped", drained=drained)
        if not drained:
            # The tick under way hangs in a thread that would keep the process from ending. Its send, if it was one, is
            # on record as an attempt, and is settled by whoever comes next.
            os._exit(EXIT_STUCK)

    def tick(self) -> None:
        """One round: learn what came back, decide what to say, say it. Never raises; each step fails on its own."""
        with self._ticking:
            if self.stopping.is_set():
                return  # a beat that was handed out before the metronome stopped: nothing begins any more
            self._try("heartbeat", self._beat)
            self._try("recover", self._recover)
            for account in self._try("accounts", self._accounts) or ():
                self._try(f"listen to account {account.id}", partial(self._listen, account))
                self._try(f"measure account {account.id}", partial(self._measure, account))
            self._try("grade", self._grade)
            self._try("absorb", self._absorb)
            for cohort_id in self._try("cohorts", self._running_cohorts) or ():
                self._try(f"plan cohort {cohort_id}", partial(self._plan, cohort_id))
                self._try(f"plan reveals of cohort {cohort_id}", partial(self._plan_reveals, cohort_id))
            for account in self._try("accounts", self._accounts) or ():
                self._try(f"prove account {account.id}", partial(self._prove, account))
                self._try(f"reconcile account {account.id}", partial(self._reconcile, account))
                self._try(f"publish on account {account.id}", partial(self._publish, account))
            self._ticked_at = self.house.clock.monotonic()

    # --- the verbs ------------------------------------------------------------------------------------------------

    def _beat(self) -> None:
        with self.house.database.write() as connection:
            heartbeats.beat(
                connection,
                owner=self.owner,
                role="daemon",
                pid=os.getpid(),
                started_at=self._started,
                now=self.house.clock.wall(),
            )

    def _recover(self) -> None:
        recover(self.house.database)

    def _accounts(self) -> tuple[AccountRecord, ...]:
        with self.house.database.read() as connection:
            return accounts.accounts(connection)

    def _listen(self, account: AccountRecord) -> None:
        now = self.house.clock.now()
        last = self._listened.get(account.id)
        if last is not None and timedelta() <= now - last < timedelta(seconds=self.house.settings.listen_seconds):
            return
        listen(
            self.house.database,
            account,
            self.house.account(account),
            now=now,
            # What X may show late, it shows some minutes late by anybody's clock but the programme's.
            overlap=OVERLAP * max(self.house.clock.speed, 1.0),
            checkpoint=self.house.checkpoint,
        )
        self._listened[account.id] = now

    def _measure(self, account: AccountRecord) -> None:
        measure(self.house.database, account, self.house.account(account), now=self.house.clock.now())

    def _grade(self) -> None:
        grade(self.house.database, self.house.lexicon, now=self.house.clock.now())

    def _absorb(self) -> None:
        absorb(self.house.database, now=self.house.clock.now())

    def _running_cohorts(self) -> tuple[int, ...]:
        with self.house.database.read() as connection:
            return tuple(c.id for c in cohorts.cohorts(connection) if c.state is CohortState.RUNNING)

    def _plan(self, cohort_id: int) -> None:
        plan_cohort(
            self.house.database,
            cohort_id,
            self.house.renderer,
            self.house.tariff,
            now=self.house.clock.now(),
            checkpoint=self.house.checkpoint,
        )

    def _plan_reveals(self, cohort_id: int) -> None:
        plan_reveals(self.house.database, cohort_id, self.house.renderer, self.house.tariff, now=self.house.clock.now())

    def _prove(self, account: AccountRecord) -> None:
        if account.state is AccountState.UNPROVEN:
            prove(self.house.database, account, self.house.account(account), self.house.clock)

    def _reconcile(self, account: AccountRecord) -> None:
        reconcile(
            self.house.database,
            account,
            self.house.account(account),
            self.house.send_policy(account),
            self._quarantine,
            self.house.clock,
            checkpoint=self.house.checkpoint,
        )

    def _publish(self, account: AccountRecord) -> None:
        for _ in range(POSTS_PER_TICK):
            if self.stopping.is_set():
                return
            outcome = publish_next(
                self.house.database,
                account,
                self.house.account(account),
                self.house.send_policy(account),
                self.house.clock,
                owner=self.owner,
                checkpoint=self.house.checkpoint,
            )
            if not outcome.moved:
                return

    # --- keeping watch --------------------------------------------------------------------------------------------

    def _try(self, step: str, act: Callable[[], Any]) -> Any:
        """Do one step. A failure is logged when it begins, when it changes and when it ends: never once a tick."""
        try:
            result = act()
        except Exception as error:
            words = f"{type(error).__name__}: {error}"
            if self._failing.get(step) != words:
                self._failing[step] = words
                log.error("step failed", step=step, error=words, exc_info=not self.house.expected(error))
            return None
        if self._failing.pop(step, None) is not None:
            log.info("step works again", step=step)
        return result

    def _metronome(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": {"type": "threadpool", "max_workers": 2}},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        now = self.house.clock.wall()
        scheduler.add_job(self.tick, "interval", id="tick", seconds=self.house.settings.tick_seconds, next_run_time=now)
        scheduler.add_job(self.house.clock.beat, "interval", id="beat", seconds=1, next_run_time=now)
        return scheduler

    def _watch(self, scheduler: BackgroundScheduler) -> None:
        """Re-arm the jobs when the wall clock was set; end the process when a tick hangs, for the supervisor."""
        settings, clock = self.house.settings, self.house.clock
        patience = 10 * settings.tick_seconds + 2 * settings.send_deadline_seconds + 60
        wall, monotonic = clock.wall(), clock.monotonic()
        while not self.stopping.wait(1.0):
            moved = (clock.wall() - wall) - timedelta(seconds=clock.monotonic() - monotonic)
            wall, monotonic = clock.wall(), clock.monotonic()
            if abs(moved) > CLOCK_STEP:
                log.warning("the wall clock was set", moved_seconds=moved.total_seconds())
                for job in scheduler.get_jobs():
                    job.modify(next_run_time=wall)
            if monotonic - self._ticked_at > patience:
                log.error("no tick has ended for too long; ending so that the supervisor starts a new daemon")
                os._exit(EXIT_STUCK)

    def _leave(self) -> None:
        self._try("leave", self._remove_heartbeat)

    def _remove_heartbeat(self) -> None:
        with self.house.database.write() as connection:
            heartbeats.leave(connection, owner=self.owner)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()
