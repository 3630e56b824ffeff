"""kill -9 of the real daemon at each step of a send: after a restart there is exactly one post, whatever happened.

The daemon is told where to die by REINFORCE_KILL_AT; points 5 (request sent, nothing read) and the death while
reconciling need a service that misbehaves too, which the practice account does on request.
"""

from __future__ import annotations

import signal

import pytest

from reinforce.domain.sending.kill_points import KillPoint
from tests.acceptance.conftest import REPOSITORY, Site

# Where the post is already in the outbox when the daemon that dies is started.
SENDING = (
    KillPoint.BEFORE_CLAIM_COMMIT,
    KillPoint.AFTER_CLAIM_COMMIT,
    KillPoint.BEFORE_ATTEMPT_COMMIT,
    KillPoint.AFTER_ATTEMPT_COMMIT,
    KillPoint.RESPONSE_READ,
    KillPoint.AFTER_OUTCOME_COMMIT,
)
PLANNING = (KillPoint.BEFORE_PLAN_COMMIT, KillPoint.AFTER_PLAN_COMMIT)


@pytest.fixture
def ready(site: Site) -> Site:
    """A site with a cohort, an hour before its first slot; no learner is needed for a post to go out."""
    site.step(hours=-1)
    site.reinforce("init")
    site.reinforce("account", "connect", "practice", "--credentials", str(site.folder / "practice/credentials.json"))
    site.reinforce("load", str(REPOSITORY / "examples" / "lockout.yaml"))
    site.reinforce(
        "cohort", "create", "press-shop", "--account", "practice", "--procedure", "lockout", "--schedule", "rehearsal",
        "--zone", "Europe/Berlin",
    )  # fmt: skip
    site.reinforce("enroll", "press-shop", str(REPOSITORY / "examples" / "lockout-roster.csv"))
    return site


def _exactly_one_goes_out(site: Site) -> None:
    """A daemon that is left alone settles everything: one post, posted."""
    daemon = site.start_daemon()
    site.wait_until("everything is settled", lambda: [r["state"] for r in site.outbox()] == ["posted"])
    assert len(site.posts()) == 1
    assert site.outbox()[0]["remote_id"] == site.posts()[0]["id"]
    assert site.stop(daemon) == 0


@pytest.mark.parametrize("point", SENDING, ids=str)
def test_a_daemon_killed_in_a_send_leaves_one_post(ready: Site, point: KillPoint) -> None:
    ready.reinforce("post", "lockout/why-lockout", "--cohort", "press-shop")
    dying = ready.start_daemon(REINFORCE_KILL_AT=point)
    assert dying.wait(60) == -signal.SIGKILL
    assert len(ready.posts()) == (point in (KillPoint.RESPONSE_READ, KillPoint.AFTER_OUTCOME_COMMIT))
    _exactly_one_goes_out(ready)


@pytest.mark.parametrize("point", PLANNING, ids=str)
def test_a_daemon_killed_while_planning_leaves_one_post_for_the_slot(ready: Site, point: KillPoint) -> None:
    ready.step(minutes=70)
    dying = ready.start_daemon(REINFORCE_KILL_AT=point)
    assert dying.wait(60) == -signal.SIGKILL
    assert ready.posts() == []
    _exactly_one_goes_out(ready)


def test_a_daemon_killed_between_request_and_answer_leaves_one_post(ready: Site) -> None:
    ready.practice.fault("POST /2/tweets", "slow", seconds=30, count=1)
    ready.reinforce("post", "lockout/why-lockout", "--cohort", "press-shop")
    dying = ready.start_daemon()
    ready.wait_until("the request is under way", lambda: ready.outbox("sending"))
    assert ready.stop(dying, signal.SIGKILL) == -signal.SIGKILL
    _exactly_one_goes_out(ready)


def test_a_daemon_killed_while_reconciling_leaves_one_post(ready: Site) -> None:
    ready.practice.fault("POST /2/tweets", "timeout_after", count=1)
    ready.reinforce("post", "lockout/why-lockout", "--cohort", "press-shop")
    dying = ready.start_daemon(REINFORCE_KILL_AT=KillPoint.RECONCILING)
    assert dying.wait(60) == -signal.SIGKILL
    _exactly_one_goes_out(ready)


def test_a_daemon_killed_between_reading_and_saving_mentions_loses_none(ready: Site) -> None:
    handle = "a_reader"
    ready.join_in(handle)
    ready.say(handle, "@acme_reinforce how lockout")
    dying = ready.start_daemon(REINFORCE_KILL_AT=KillPoint.INBOX_READ)
    assert dying.wait(60) == -signal.SIGKILL
    assert ready.json("inbox") == []
    daemon = ready.start_daemon()
    ready.wait_until("the mention is there, once", lambda: len(ready.json("inbox")) == 1)
    assert ready.stop(daemon) == 0
