"""The daemon: APScheduler as the metronome, one `tick` that reads as a line of verbs.

All due work lives in our tables; the scheduler's jobs are heartbeats and stay in memory. So the daemon may be killed
anywhere and started again, and a tick that came late, twice or not at all does no harm. Any number may run on one
database: each publishes, and one, the leader, listens, plans and settles for all.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from reinforce.actions.listening.grade import grade
from reinforce.actions.operating.notice_copy import notice_copy
from reinforce.actions.planning.absorb import absorb
from reinforce.actions.planning.calibrate import calibrate
from reinforce.actions.planning.fit import fit_next
from reinforce.actions.privacy.keep_away import Seen, keep_away
from reinforce.actions.sending.keep_heard import keep_heard
from reinforce.actions.sending.prove import prove
from reinforce.actions.sending.publish import Ahead, Means, PublishOutcome, publish_next
from reinforce.actions.sending.reconcile import Quarantine, reconcile
from reinforce.actions.sending.recover import recover
from reinforce.bootstrap import House
from reinforce.daemon import journal
from reinforce.daemon.conversation import conversation_steps
from reinforce.daemon.enrolling import Enrolling
from reinforce.daemon.hearing import Hearing
from reinforce.daemon.planning import Planning
from reinforce.daemon.programmes import Programmes
from reinforce.daemon.steps import Steps
from reinforce.daemon.turns import in_turns
from reinforce.daemon.watchdog import EXIT_STUCK, Metronome
from reinforce.domain.accounts.account import AccountRecord, AccountState
from reinforce.domain.cohort import Cohort, CohortState
from reinforce.domain.sending.outbox import State
from reinforce.monitoring.supervisor import Supervisor
from reinforce.stopping import stop_on_signals
from reinforce.store.accounts import accounts
from reinforce.store.operating import heartbeats
from reinforce.store.operating.heartbeats import Heartbeat
from reinforce.store.operating.leadership import leadership
from reinforce.store.people import cohorts
from reinforce.store.sending import due, outbox
from reinforce.telemetry import get_logger

log = get_logger("daemon")

# How many posts of one account may leave in one tick, so that one account's backlog does not starve the others.
POSTS_PER_TICK = 5
# How many events beliefs are computed from in one tick, about ten seconds' worth, where a whole procedure's are stale.
EVENTS_PER_TICK = 5_000_000
# How many accounts are sent to at the same time: a call takes X some tenths of a second, and ours is idle meanwhile.
SENDERS = 4
# How long before posts are due the names that they may not hold are indexed.
SOON = timedelta(seconds=30)
# How many seconds pass between two looks whether a procedure's parameters are due.
LOOK_FOR_PARAMETERS = 10.0
# The daemon was told to end, or had to, while its database could not be used (sysexits' EX_IOERR).
EXIT_NO_DATABASE = 74
# A daemon that gave no sign of life for so long is forgotten.
DEAD_AFTER = timedelta(days=1)


class Daemon:
    """Runs one workspace until told to stop. `owner` names this process in leases and heartbeats."""

    def __init__(self, house: House) -> None:
        clock, settings = house.clock, house.settings
        self.house = house
        self.owner = f"{socket.gethostname()}:{os.getpid()}"
        self.stopping = threading.Event()
        self._started = clock.wall()
        self._ticking = threading.Lock()
        self._publishing = threading.Lock()
        self._begun = False
        self._ticked_at: datetime | None = None
        self._steps = Steps(clock.monotonic, house.expected, house.words, settings.tick_seconds)
        # Steps of their own: who publishes must not make a tick that hangs look as if it moved.
        self._sends = Steps(clock.monotonic, house.expected, house.words, settings.tick_seconds)
        self._bidding = threading.Lock()
        self._bids = Steps(clock.monotonic, house.expected, house.words, settings.tick_seconds, longest_wait=5.0)
        self._leadership = leadership(house.database, timedelta(seconds=settings.lease_seconds))
        self._led_at: float | None = None
        self._supervisor = Supervisor.of_this_process()
        self._quarantine = Quarantine()
        self._hearing = Hearing(house)
        self._planning = Planning(house)
        self._programmes = Programmes(house)
        self._enrolling = Enrolling(house)
        self._looked_at: float | None = None
        self._seen_list = Seen()
        self._means = Means(
            house.database, clock, self.owner, house.tariff, checkpoint=house.checkpoint, note=journal.take_up
        )
        # Since when (monotonic) this process has known an account to be unproven.
        self._unproven: dict[int, float] = {}

    def run(self) -> int:
        """Tick until SIGTERM or SIGINT, then let the tick under way end, within the drain time.

        Returns the exit status: 0, or EXIT_NO_DATABASE if the database could not be used at the end.
        """
        stop_on_signals(self.stopping)
        settings = self.house.settings
        metronome = Metronome(
            self.house.clock, settings, self.tick, self.publish_meanwhile, self.bid, self.stopping, self._supervisor
        )
        log.info("daemon started", owner=self.owner, tick_seconds=settings.tick_seconds)
        try:
            metronome.run(lambda: min(self._steps.moved_at, self._sends.moved_at))
        finally:
            self._supervisor.stopping()
            metronome.stop()
            drained = self._drained(settings.drain_seconds)
            well = not self._steps.fails("heartbeat")
            self.leave()
            log.info("daemon stopped", drained=drained)
        if not drained:
            # The tick under way hangs in a thread that would keep the process from ending. Its send, if it was one, is
            # on record as an attempt, and is settled by whoever comes next.
            os._exit(EXIT_STUCK)
        return 0 if well else EXIT_NO_DATABASE

    def _drained(self, seconds: float) -> bool:
        """Wait until what is under way has ended, at most so long; False if it has not."""
        end = self.house.clock.monotonic() + seconds
        for busy in (self._ticking, self._publishing):
            if not busy.acquire(timeout=max(end - self.house.clock.monotonic(), 0.0)):
                return False
            # A late beat may wait for it in a thread that the interpreter waits for in its turn.
            busy.release()
        return True

    def publish_meanwhile(self) -> None:
        """Send what is due beside the tick: a slow reading, or a plan that takes long, delays no post."""
        # Without a heartbeat nothing can be written down, so nothing is begun.
        may = self._begun and not self._steps.fails("heartbeat")
        self._sends.do("publish", self.publish if may else lambda: None)

    def tick(self) -> None:
        """One round: learn what came back, decide what to say, say it. Never raises; each step fails on its own."""
        with self._ticking:
            if self.stopping.is_set():
                return  # a beat that was handed out before the metronome stopped: nothing begins any more
            self.bid()
            failed = self._steps.fails("heartbeat")
            if self._steps.do("heartbeat", self._beat):
                if failed:
                    self._steps.retry_now()
                    self._sends.retry_now()
                self._begun = True
                self._round()
                self._ticked_at = self.house.clock.wall()
            # else nothing can be written down, so nothing is done: each step would wait for the same database
            self._supervisor.ready()
            self._supervisor.status(self._steps.last_error or ("leading" if self.leads else "publishing"))

    def _round(self) -> None:
        do, lead = self._steps.do, self._lead
        if self.leads and not do("keep away who was erased", self._keep_away):
            return  # whoever a backup brought back goes first, before anything is done with them
        do("recover", self._recover)
        do("know names", self._know_names)
        for account in do("accounts", self._accounts) or ():
            lead(f"listen to account {account.id}", partial(self._hearing.listen, account))
            lead(f"measure account {account.id}", partial(self._hearing.measure, account))
        lead("grade", self._grade)
        if self._time_to_look():
            lead("calibrate", self._calibrate)
            lead("fit", self._fit)
        lead("absorb", self._absorb)
        lead("follow programmes", self._programmes.follow)
        lead("follow cohorts' dates", self._enrolling.follow)  # what is said of them takes its room before nuggets do
        there = lead("cohorts", self._cohorts_to_plan) or ()
        for cohort in there:
            lead(f"plan cohort {cohort.id}", partial(self._planning.plan, cohort))
        for cohort in there:  # after the slots of all, as the preview has it
            lead(f"plan reveals of cohort {cohort.id}", partial(self._planning.plan_reveals, cohort))
        for step, act in conversation_steps(self.house):
            lead(step, act)
        doubtful = lead("doubts", self._doubtful) or ()
        for account in do("accounts", self._accounts) or ():
            lead(f"prove account {account.id}", partial(self._prove, account))
            if account.id in doubtful:
                lead(f"reconcile account {account.id}", partial(self._reconcile, account))
            else:
                self._steps.forget(f"reconcile account {account.id}")
            lead(f"keep what account {account.id} said", partial(self._keep_heard, account))
        do("publish", self.publish)

    # --- leading --------------------------------------------------------------------------------------------------

    @property
    def leads(self) -> bool:
        """Whether this daemon was the leader so short a time ago that nobody else can be by now."""
        sure = self.house.settings.lease_seconds / 2
        return self._led_at is not None and self.house.clock.monotonic() - self._led_at < sure

    def bid(self) -> None:
        """Lead on, or begin to if nobody does. Called between ticks too: a long one must not lose the lead."""
        with self._bidding:
            asked, led = self.house.clock.monotonic(), self._led_at is not None
            if self.stopping.is_set():
                return
            leads = self._bids.do("leadership", self._leadership.keep)
            self._led_at = asked if leads else None
            if leads and not led:
                log.info("leading", owner=self.owner)
            elif led and not leads:
                log.warning("not leading any more", owner=self.owner)
                self._steps.retry_now()

    def _lead(self, step: str, act: Callable[[], Any]) -> Any:
        """Do a step that is the leader's; whoever does not lead leaves it, and its failures, to the leader."""
        if self.leads:
            return self._steps.do(step, act)
        self._steps.forget(step)
        return None

    # --- the verbs ------------------------------------------------------------------------------------------------

    def _beat(self) -> bool:
        if notice_copy(self.house.database, now=self.house.clock.now()):
            log.warning("the database stood elsewhere before: every account's timeline is read before anything is sent")
        now = self.house.clock.wall()
        beat = Heartbeat(
            owner=self.owner,
            role="daemon",
            pid=os.getpid(),
            started_at=self._started,
            at=now,
            leader=self.leads,
            ticked_at=self._ticked_at,
            last_error=self.last_error,
        )
        with self.house.database.write() as connection:
            heartbeats.beat(connection, beat)
            if self._ticked_at is None:
                journal.note_head(connection)
            if self.leads:
                heartbeats.forget_dead(connection, before=now - DEAD_AFTER)
        return True

    def _keep_away(self) -> bool:
        house = self.house
        place, now = house.settings.suppression_list, house.clock.now()
        kept = keep_away(house.database, place, house.keyed_hash, now=now, seen=self._seen_list)
        if kept.erased or kept.stopped:
            log.warning("people were erased, or stopped, once more", erased=kept.erased, stopped=kept.stopped)
        return True

    def _recover(self) -> None:
        journal.recovered(recover(self.house.database, timedelta(seconds=self.house.settings.lease_seconds)))

    def _know_names(self) -> None:
        """Index whom the posts of the next half minute may not name: else the first post of each account waits for
        that, when all are due at once."""
        with self.house.database.read() as connection:
            soon = due.accounts_with_due(connection, self.house.clock.now() + SOON)
            self._means.names.ready(connection, soon)

    def _accounts(self) -> tuple[AccountRecord, ...]:
        with self.house.database.read() as connection:
            return accounts.accounts(connection)

    def _keep_heard(self, account: AccountRecord) -> None:
        keep_heard(self.house.database, account, self.house.account(account), self.house.tariff, self.house.clock)

    def _grade(self) -> None:
        grade(self.house.database, self.house.lexicon, now=self.house.clock.now())

    def _time_to_look(self) -> bool:
        """Whether it is time to look for parameters that are due. When they are is on record; looking reads all
        reviews, and need not be done each tick."""
        now = self.house.clock.monotonic()
        due = self._looked_at is None or now - self._looked_at >= LOOK_FOR_PARAMETERS
        if due:
            self._looked_at = now
        return due

    def _calibrate(self) -> None:
        calibrate(self.house.database, now=self.house.clock.now())

    def _fit(self) -> None:
        outcome = fit_next(self.house.database, now=self.house.clock.now())
        if outcome is not None:
            log.info("fitted", procedure=outcome.procedure, kept=outcome.kept, reason=outcome.reason)

    def _absorb(self) -> None:
        absorb(self.house.database, now=self.house.clock.now(), most=EVENTS_PER_TICK)

    def _cohorts_to_plan(self) -> tuple[Cohort, ...]:
        """Those that run. An unproven account's slots may have had their posts: its timeline is read first."""
        with self.house.database.read() as connection:
            known = {one.id for one in accounts.accounts(connection) if one.state is not AccountState.UNPROVEN}
            there = cohorts.cohorts(connection)
        running = (one for one in there if one.state is CohortState.RUNNING and one.account_id in known)
        return self._planning.to_look_at(running)

    def _prove(self, account: AccountRecord) -> None:
        if account.state is not AccountState.UNPROVEN:
            self._unproven.pop(account.id, None)
            return
        house, now = self.house, self.house.clock.monotonic()
        watched = now - self._unproven.setdefault(account.id, now)
        policy = house.send_policy(account)
        outcome = prove(house.database, account, house.account(account), policy, house.clock, watched=watched)
        journal.proven(outcome)

    def _doubtful(self) -> frozenset[int]:
        with self.house.database.read() as connection:
            return outbox.accounts_in(connection, State.UNKNOWN)

    def _reconcile(self, account: AccountRecord) -> None:
        outcome = reconcile(
            self.house.database,
            account,
            self.house.account(account),
            self.house.send_policy(account),
            self._quarantine,
            self.house.clock,
            checkpoint=self.house.checkpoint,
            note=journal.take_up,
        )
        journal.reconciled(outcome)

    def publish(self) -> None:
        """Send what is due: accounts beside each other and in turns, the posts of one account one after the other."""
        if not self._publishing.acquire(blocking=False):
            return  # another thread is at it
        try:
            if not self.stopping.is_set():
                with self.house.database.read() as connection:
                    waiting = due.accounts_with_due(connection, self.house.clock.now())
                    there = [record for record in accounts.accounts(connection) if record.id in waiting]
                tasks = [partial(self._send_one, record, Ahead(POSTS_PER_TICK)) for record in there]
                in_turns(tasks, SENDERS, POSTS_PER_TICK)
        finally:
            self._publishing.release()

    def _send_one(self, record: AccountRecord, ahead: Ahead) -> bool:
        """One post of an account; False if it is not worth asking for another in this tick."""
        outcome = None
        if not self.stopping.is_set():
            outcome = self._sends.do(f"publish on account {record.id}", partial(self._publish_next, record, ahead))
        return outcome is not None and outcome.moved

    def _publish_next(self, record: AccountRecord, ahead: Ahead) -> PublishOutcome:
        outcome = publish_next(self._means, record, self.house.account(record), self.house.send_policy(record), ahead)
        journal.published(outcome)
        return outcome

    @property
    def last_error(self) -> str:
        """What keeps failing, in words; "" if nothing does. The heartbeat is left out: nobody could read it there."""
        failing = (self._bids.last_error, self._steps.last_error_besides("heartbeat"), self._sends.last_error)
        return "; ".join(filter(None, failing))

    # --- the end --------------------------------------------------------------------------------------------------

    def leave(self) -> None:
        """Let somebody else lead, and say goodbye."""
        with self._bidding:
            self._leadership.give_up()
            self._led_at = None
        if not self._steps.fails("heartbeat"):
            self._steps.do("leave", self._remove_heartbeat)

    def _remove_heartbeat(self) -> None:
        with self.house.database.write() as connection:
            heartbeats.leave(connection, owner=self.owner)
            journal.note_head(connection)
