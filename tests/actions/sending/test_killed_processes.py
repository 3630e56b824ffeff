"""Processes that send are killed and stopped at every step; what stands on the timeline is always one post."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from reinforce.domain.sending.kill_points import KillPoint
from reinforce.domain.sending.outbox import State
from reinforce.domain.sending.send_policy import SendPolicy
from tests.warm import Child, Nursery

SCRIPT = Path(__file__).parent / "sender_process.py"
SECONDS = 40.0
POLICY = SendPolicy(
    lease=1.6, guard=0.6, pause=0.2, deadline=0.8, lag=0.6, quarantine=2.2, doubt="resend", backoff=0.05, rest=0.1
)
STEPS = (
    KillPoint.BEFORE_CLAIM_COMMIT,
    KillPoint.AFTER_CLAIM_COMMIT,
    KillPoint.BEFORE_ATTEMPT_COMMIT,
    KillPoint.AFTER_ATTEMPT_COMMIT,
    KillPoint.RESPONSE_READ,
    KillPoint.AFTER_OUTCOME_COMMIT,
)


@pytest.fixture
def stage(stage: Any) -> Iterator[Any]:
    """Without X's own filter of duplicates, which would hide a post that is sent twice."""
    stage.practice.control("POST", "/rules", {"duplicate_hours": 0})
    yield replace(stage, policy=POLICY)
    stage.practice.control("POST", "/rules", {"duplicate_hours": 24})


Start = Callable[..., Child]


@pytest.fixture
def start(stage: Any, nursery: Nursery, tmp_path: Path) -> Start:
    """Starts a process that sends, and does something to itself at a step."""

    def started(at: str = "", how: str = "kill") -> Child:
        asked = {
            "database": stage.database.engine.url.render_as_string(hide_password=False),
            "base_url": stage.practice.url,
            "credentials": str(stage.practice.folder / "credentials.json"),
            "clock": str(stage.clock_path),
            "policy": asdict(POLICY),
            "at": at,
            "how": how,
            "seconds": SECONDS,
        }
        return nursery.run(SCRIPT, json.dumps(asked), folder=tmp_path)

    return started


def _require_killed(process: Child) -> None:
    said = process.said()
    assert process.returncode == -signal.SIGKILL, f"the process was to be killed at this step: {said}"


def _wait_until_stopped(process: Child) -> None:
    while not process.is_stopped():
        assert process.returncode is None, "the process was to stop at this step"
        time.sleep(0.01)


@pytest.mark.parametrize("step", STEPS)
def test_a_process_killed_at_any_step_of_a_send_leaves_one_post(stage: Any, start: Start, step: KillPoint) -> None:
    items = [stage.plan(), stage.plan()]
    _require_killed(start(at=step))
    stage.go_on_later()
    for item in items:
        assert stage.on_timeline(item.text) == 1
        assert stage.item(item).state is State.POSTED


def test_a_process_killed_while_it_waits_for_the_answer_leaves_one_post(stage: Any, start: Start) -> None:
    item = stage.plan()
    stage.practice.fault("POST /2/tweets", "slow", seconds=0.6)
    process = start()
    while stage.item(item).state is not State.SENDING:
        time.sleep(0.01)
    time.sleep(0.2)  # the request is on its way by then; earlier would be one of the steps above
    process.kill()
    _require_killed(process)
    stage.go_on()
    assert stage.on_timeline(item.text) == 1


def test_a_process_killed_while_reconciling_leaves_one_post(stage: Any, start: Start) -> None:
    item = stage.plan()
    stage.practice.fault("POST /2/tweets", "unavailable_after")
    _require_killed(start(at=KillPoint.RECONCILING))
    stage.go_on_later()
    assert stage.on_timeline(item.text) == 1


@pytest.mark.parametrize("step", [KillPoint.AFTER_ATTEMPT_COMMIT, KillPoint.RESPONSE_READ])
def test_a_process_that_slept_through_its_lease_sends_nothing_when_it_wakes(
    stage: Any, start: Start, step: KillPoint
) -> None:
    item = stage.plan()
    sleeper = start(at=step, how="stop")
    _wait_until_stopped(sleeper)
    stage.go_on_later()
    assert stage.on_timeline(item.text) == 1
    time.sleep(POLICY.guard)
    sleeper.send_signal(signal.SIGCONT)
    assert sleeper.said() == "done"
    assert stage.on_timeline(item.text) == 1
    assert stage.item(item).state is State.POSTED


def test_two_processes_beside_each_other_send_each_post_once(stage: Any, start: Start) -> None:
    items = [stage.plan() for _ in range(6)]
    both = [start(), start()]
    assert [process.said() for process in both] == ["done", "done"]
    assert [stage.on_timeline(item.text) for item in items] == [1] * 6
