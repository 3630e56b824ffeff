"""Whatever happens, in whatever order: each slot ends with exactly one post on the timeline, or one settled reason.

Hypothesis drives three daemons over the real store, on both databases, and the practice server over HTTP: faults before
and after the effect, processes that die at each checkpoint, clocks that are an hour or a day off, leases that run out,
a person who decides. X's own filter of duplicates is off, so that a second post would show.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, update

from reinforce.actions.sending.publish import Means, PublishOutcome, publish_next
from reinforce.actions.sending.reconcile import Quarantine, reconcile
from reinforce.actions.sending.recover import recover
from reinforce.actions.sending.settle import settle
from reinforce.domain.sending.kill_points import KillPoint
from reinforce.domain.sending.outbox import IN_FLIGHT, OutboxItem, State
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.sending import outbox
from tests.actions.sending.conftest import NOW, QUICK, TARIFF, PassingClock, Stage

# Together with the other database's: 100 in `make test`, 2,000 in `make soak`.
EXAMPLES = 1000 if os.environ.get("REINFORCE_SOAK") else 25
STEPS = 8
LATE = 0.01  # seconds until a post lands whose connection was dropped at once; within every bound of QUICK
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_RUNS = itertools.count(1)
_NEWEST: dict[str, int | None] = {}  # the newest post that stood there before, by database

SENDING_FAULTS = (
    "unavailable_after", "unavailable_before", "reset_after", "reset_before", "cut_off_json", "cut_off_body", "html_ok",
    "html_bad_gateway", "null_body", "lands_late", "lands_late", "lands_late", "throttled", "throttled_no_reset",
    "unauthorized", "out_of_credit", "duplicate", "server_errors",
)  # fmt: skip
READING_FAULTS = ("unavailable_before", "cut_off_body", "throttled", "html_ok", "reset_before", "lagging_timeline")
DEADLY = (
    KillPoint.BEFORE_CLAIM_COMMIT, KillPoint.AFTER_CLAIM_COMMIT, KillPoint.BEFORE_ATTEMPT_COMMIT,
    KillPoint.AFTER_ATTEMPT_COMMIT, KillPoint.RESPONSE_READ, KillPoint.AFTER_OUTCOME_COMMIT, KillPoint.RECONCILING,
)  # fmt: skip


class Killed(BaseException):
    """The process ends here: no `except Exception` of ours may see it."""


class SkewedClock(PassingClock):
    """One machine's clock, which may be off."""

    skew = timedelta()

    def now(self) -> datetime:
        """Programme time, as this machine believes."""
        return super().now() + self.skew

    def wall(self) -> datetime:  # type: ignore[override]
        """Machine time, as this machine believes."""
        return PassingClock.wall() + self.skew


@dataclass
class Process:
    """One daemon: its clock, and what it knows by heart."""

    owner: str
    clock: SkewedClock
    quarantine: Quarantine = field(default_factory=Quarantine)


class SendingMachine(RuleBasedStateMachine):
    """`slots` maps the number of a slot to its row; texts are told apart from those of every other run."""

    def __init__(self, stage: Stage, tally: Counter[str]) -> None:
        super().__init__()
        self.stage = stage
        self.tally = tally
        tally["examples"] += 1
        self.account = stage.record
        self.dialect = stage.database.engine.dialect.name
        self.slots: dict[int, OutboxItem] = {}
        self.since: int | None = None

    @initialize(doubt=st.sampled_from(["hold", "resend"]))
    def begin(self, doubt: Any) -> None:
        self.run = next(_RUNS)
        self.policy = replace(QUICK, doubt=doubt)
        self.processes = [Process(f"p:{n}", SkewedClock(self.stage.clock_path)) for n in range(3)]
        self._heal()
        posts = self.stage.account.own_posts(since_id=_NEWEST.get(self.dialect)).posts
        self.since = max((post.id for post in posts), default=_NEWEST.get(self.dialect))
        _NEWEST[self.dialect] = self.since
        with self.stage.database.write() as connection:
            connection.execute(delete(t.attempt))
            connection.execute(delete(t.outbox))
            if self.since is not None:
                accounts.mark_own_timeline(connection, self.account.id, self.since, NOW)
        self._plan(1)

    def _heal(self) -> None:
        self.stage.practice.control("DELETE", "/faults")
        self.stage.practice.control("POST", "/limits/reset")
        self.stage.resume()

    @rule(slot=st.integers(2, 3))
    def plan(self, slot: int) -> None:
        self._plan(slot)

    def _plan(self, slot: int) -> None:
        if slot not in self.slots:
            text = f"Slot {slot} of run {self.run} on {self.dialect}."
            due = NOW - timedelta(minutes=slot)
            self.slots[slot] = self.stage.plan(text, occurrence=f"slot/{self.run}/{slot}", due_at=due)

    @rule(
        which=st.integers(0, 2),
        waited=st.sampled_from(["", "", "moments", "lease", "quarantine", "person"]),
        sending=st.sampled_from([None, *SENDING_FAULTS]),
        reading=st.sampled_from([None, None, *READING_FAULTS]),
        kill=st.sampled_from([None, None, *DEADLY]),
        seed=st.integers(0, 3),
    )
    def tick(
        self, which: int, waited: str, sending: str | None, reading: str | None, kill: KillPoint | None, seed: int
    ) -> None:
        """One round of one daemon, some time after the last, in which this much goes wrong."""
        self._wait(waited)
        self.tally["steps"] += 1
        self.tally["faults"] += bool(sending) + bool(reading)
        if sending:
            self.stage.practice.fault("POST /2/tweets", sending, seconds=LATE, seed=seed)
        if reading:
            self.stage.practice.fault("GET /2/users/*/tweets", reading, seconds=LATE)
        process = self.processes[which]

        def checkpoint(point: str) -> None:
            if point == kill:
                raise Killed

        try:
            self._round(process, checkpoint)
        except Killed:
            self.tally["kills"] += 1
            self.processes[which] = Process(process.owner, process.clock)

    def _wait(self, waited: str) -> None:
        """Machine time passes, for every process alike; whatever was on the wire for longer has landed by then."""
        if not waited:
            return
        time.sleep(LATE * 1.5)
        for process in self.processes:
            process.clock.let_pass(QUICK.quarantine if waited == "quarantine" else 1.0)
        self.stage.let_waiting_end()
        if waited == "lease":
            self._end_leases()
        elif waited == "person":
            self.stage.resume()
            self._decide(State.PLANNED if self.run % 2 else State.SKIPPED)

    def _round(self, process: Process, checkpoint: Any) -> PublishOutcome:
        stage, policy = self.stage, self.policy
        recover(stage.database, timedelta(seconds=policy.lease))
        record = stage.record
        reconcile(
            stage.database, record, stage.account, policy, process.quarantine, process.clock, checkpoint=checkpoint
        )
        means = Means(stage.database, process.clock, process.owner, TARIFF, checkpoint=checkpoint)
        return publish_next(means, record, stage.account, policy)

    def _end_leases(self) -> None:
        held = t.outbox.c.lease_until.is_not(None)
        with self.stage.database.write() as connection:
            connection.execute(update(t.outbox).where(held).values(lease_until=LONG_AGO))

    @rule(which=st.integers(0, 2), hours=st.sampled_from([-24, -1, 0, 1, 24]))
    def a_clock_is_set(self, which: int, hours: int) -> None:
        self.tally["steps"] += 1
        self.tally["clocks_set"] += bool(hours)
        self.processes[which].clock.skew = timedelta(hours=hours)

    def _decide(self, to: State) -> None:
        """A person looks at what is held: it is on the timeline, or is sent again, or let go."""
        held = [item for item in self._rows() if item.state is State.HELD]
        there = self._timeline() if held else {}
        for item in held:
            found = there.get(item.text, [])
            decided, remote_id = (State.POSTED, found[0]) if found else (to, None)
            settle(self.stage.database, item.id, decided, remote_id=remote_id, actor="me", now=NOW)

    def _rows(self) -> tuple[OutboxItem, ...]:
        with self.stage.database.read() as connection:
            return tuple(outbox.item(connection, item.id) for item in self.slots.values())

    def _under_way(self) -> list[Any]:
        """What else might keep a post from leaving: limits that are known, and who holds what in the database."""
        asked = ["SELECT * FROM breaker", "SELECT * FROM rate_window"]
        if self.dialect == "postgresql":
            asked.append(
                "SELECT pid, state, xact_start, query FROM pg_stat_activity WHERE datname = current_database()"
            )
        with self.stage.database.read() as connection:
            return [connection.exec_driver_sql(query).all() for query in asked]

    def _timeline(self) -> dict[str, list[int]]:
        """The ids of this run's posts, by text; read without faults."""
        self.stage.practice.control("DELETE", "/faults")
        found: dict[str, list[int]] = {}
        for post in self.stage.account.own_posts(since_id=self.since).posts:
            found.setdefault(post.text, []).append(post.id)
        return found

    @invariant()
    def one_at_a_time(self) -> None:
        assert sum(item.state in IN_FLIGHT for item in self._rows()) <= 1

    def teardown(self) -> None:
        """All is well again: the daemons go on until nothing is under way, and the timeline is counted."""
        self._heal()
        process, did = Process("p:last", SkewedClock(self.stage.clock_path)), []
        for _ in range(40):
            if not any(item.state is State.PLANNED or item.state in IN_FLIGHT for item in self._rows()):
                break
            self._end_leases()
            did.append(self._round(process, lambda _point: None))
            process.clock.let_pass(8.0)
            self.stage.let_waiting_end()
        time.sleep(LATE * 1.5)
        there = self._timeline()
        for item in self._rows():
            found = there.get(item.text, [])
            self.tally["slots"] += 1
            self.tally[item.state.value] += 1
            self.tally["doubled"] += len(found) > 1
            self.tally["lost"] += not (found or item.outcome) or (item.state is State.POSTED and not found)
            assert len(found) <= 1, f"{item.text!r} stands there {len(found)} times"
            settled = item.state in (State.POSTED, State.SKIPPED, State.REFUSED, State.HELD)
            assert settled, (item, self._rows(), self.stage.record, did[-3:], self._under_way())
            assert item.outcome, "a slot without a post has its reason on record"
            if item.state is State.POSTED:
                assert found == [item.remote_id]
            elif item.state is not State.HELD:
                assert found == [], f"{item.state}: {item.outcome}"


@pytest.mark.timeout(1800 if os.environ.get("REINFORCE_SOAK") else 300)
def test_each_slot_has_one_post_or_one_settled_reason(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    tally: Counter[str] = Counter(doubled=0, lost=0)
    # All of it is one day of programme time, and the tests beside it post in the same.
    stage.practice.control("POST", "/rules", {"duplicate_hours": 0, "daily_posts": 1_000_000})

    class OnThisStage(SendingMachine):
        def __init__(self) -> None:
            super().__init__(stage, tally)

    run_state_machine_as_test(
        OnThisStage,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    for counted, number in tally.items():
        record_property(counted, number)
