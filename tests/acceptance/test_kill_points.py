"""kill -9 of the real daemon at each step of a send: after a restart there is exactly one post, whatever happened.
Beside each other daemons lead and replace one another, and still there is exactly one.

With REINFORCE_SOAK three daemons run as well, each of which would die at that step.
The daemon is told where to die by REINFORCE_KILL_AT; points 5 (request sent, nothing read) and the death while
reconciling need a service that misbehaves too, which the practice account does on request.
"""

from __future__ import annotations

import os
import signal
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from reinforce.actions.planning.post_now import post_now
from reinforce.domain.sending.kill_points import KillPoint
from tests.acceptance.conftest import PATIENCE, Site
from tests.warm import Child

# How many daemons there are when one dies: one in `make test`, the full matrix in `make soak`.
DAEMONS = (1, 3) if os.environ.get("REINFORCE_SOAK") else (1,)
# Where the post is already in the outbox when the daemons that die are started: what it says, by their number.
SENDING = {
    KillPoint.BEFORE_CLAIM_COMMIT: {1: "why-lockout", 3: "tell-people-first"},
    KillPoint.AFTER_CLAIM_COMMIT: {1: "tags-warn", 3: "orderly-shutdown"},
    KillPoint.BEFORE_ATTEMPT_COMMIT: {1: "who-may-lock", 3: "own-lock"},
    KillPoint.AFTER_ATTEMPT_COMMIT: {1: "know-the-energy", 3: "stored-energy"},
    KillPoint.RESPONSE_READ: {1: "isolate-not-control", 3: "re-accumulation"},
    KillPoint.AFTER_OUTCOME_COMMIT: {1: "shift-change", 3: "try-out"},
}
PLANNING = (KillPoint.BEFORE_PLAN_COMMIT, KillPoint.AFTER_PLAN_COMMIT)
# The lease of the lead, and numbers of a send that it allows: nobody has to wait a minute for it to end.
LEASE = 3.0
SHORT = {
    "REINFORCE_LEASE_SECONDS": str(LEASE),
    "REINFORCE_SEND_GUARD_SECONDS": "0.5",
    "REINFORCE_PAUSE_BOUND_SECONDS": "0.1",
    "REINFORCE_SEND_DEADLINE_SECONDS": "1",
    "REINFORCE_READ_LAG_SECONDS": "0.4",
}


@pytest.fixture
def ready(press_shop: Site) -> Iterator[Site]:
    """The shared site at eight in the morning of the next working day, an hour before its first slot."""
    local = press_shop.clock.now().astimezone(ZoneInfo("Europe/Berlin"))
    ahead = {4: 3, 5: 2}.get(local.weekday(), 1)
    morning = datetime.combine(local.date() + timedelta(days=ahead), time(8), ZoneInfo("Europe/Berlin"))
    press_shop.clock.step_to(morning.astimezone(UTC))
    yield press_shop
    press_shop.end_daemons()


def _put_in(site: Site, nugget: str) -> int:
    """Have a nugget posted as a reminder, as `reinforce post` does; returns its id in the outbox."""
    house = site.house
    return post_now(
        house.database,
        f"lockout/{nugget}",
        "press-shop",
        "reminder",
        uuid.uuid4().hex,
        house.renderer,
        house.tariff,
        now=house.clock.now(),
        actor="test",
    ).id


def _row(site: Site, occurrence: str) -> dict[str, Any] | None:
    return next((row for row in site.outbox() if row["occurrence"] == occurrence), None)


def _said(site: Site, text: str) -> list[str]:
    """The ids of our posts that say `text`."""
    return [post["id"] for post in site.posts() if post["text"] == text]


def _exactly_one_goes_out(site: Site, occurrence: str) -> None:
    """A daemon that is left alone settles everything: one post, posted."""
    daemon = site.start_daemon()
    site.wait_until("the daemon ticks", lambda: site.beats(daemon))
    met = site.wait_until("it is posted", lambda: [r for r in site.outbox("posted") if r["occurrence"] == occurrence])
    assert _said(site, met[0]["text"]) == [met[0]["remote_id"]]
    assert site.stop(daemon) == 0
    assert _said(site, met[0]["text"]) == [met[0]["remote_id"]]


def _occurrence(site: Site, item: int) -> str:
    return str(next(row["occurrence"] for row in site.outbox() if row["id"] == item))


def _let_die(site: Site, point: KillPoint, daemons: int) -> None:
    """Start so many daemons and wait until one has died at `point`; the others are killed wherever they are then."""
    crew = [site.start_daemon(REINFORCE_KILL_AT=point) for _ in range(daemons)]
    site.wait_until("one has died", lambda: any(one.poll() is not None for one in crew))
    for one in crew:
        one.kill()
        assert one.wait(PATIENCE) == -signal.SIGKILL


@pytest.mark.parametrize("daemons", DAEMONS)
@pytest.mark.parametrize("point", SENDING, ids=str)
def test_a_daemon_killed_in_a_send_leaves_one_post(ready: Site, point: KillPoint, daemons: int) -> None:
    occurrence = _occurrence(ready, _put_in(ready, SENDING[point][daemons]))
    _let_die(ready, point, daemons)
    row = _row(ready, occurrence)
    assert row is not None
    if daemons == 1:
        was_sent = point in (KillPoint.RESPONSE_READ, KillPoint.AFTER_OUTCOME_COMMIT)
        assert len(_said(ready, row["text"])) == was_sent
    _exactly_one_goes_out(ready, occurrence)


@pytest.mark.parametrize("daemons", DAEMONS)
@pytest.mark.parametrize("point", PLANNING, ids=str)
def test_a_daemon_killed_while_planning_leaves_one_post_for_the_slot(
    ready: Site, point: KillPoint, daemons: int
) -> None:
    now = ready.step(minutes=70)
    occurrence = f"slot/press-shop/{now.date()}/morning"
    _let_die(ready, point, daemons)
    if daemons == 1:
        assert (_row(ready, occurrence) is not None) == (point is KillPoint.AFTER_PLAN_COMMIT)
    _exactly_one_goes_out(ready, occurrence)


@pytest.mark.parametrize("daemons", DAEMONS)
def test_a_daemon_killed_between_request_and_answer_leaves_one_post(ready: Site, daemons: int) -> None:
    ready.practice.fault("POST /2/tweets", "slow", seconds=30, count=1)
    _put_in(ready, {1: "contractors", 3: "lock-quality"}[daemons])
    crew = [ready.start_daemon() for _ in range(daemons)]
    # Whichever comes first: the answer to an earlier question may be due as well.
    caught = ready.wait_until("a request is under way", lambda: ready.outbox("sending"))[0]
    assert {ready.stop(one, signal.SIGKILL) for one in crew} == {-signal.SIGKILL}
    _exactly_one_goes_out(ready, caught["occurrence"])


@pytest.mark.parametrize("daemons", DAEMONS)
def test_a_daemon_killed_while_reconciling_leaves_one_post(ready: Site, daemons: int) -> None:
    ready.practice.fault("POST /2/tweets", "timeout_after", count=1)
    item = _put_in(ready, {1: "yearly-inspection", 3: "testing-moves"}[daemons])
    _let_die(ready, KillPoint.RECONCILING, daemons)
    _exactly_one_goes_out(ready, _occurrence(ready, item))


@pytest.mark.parametrize("daemons", DAEMONS)
def test_a_daemon_killed_between_reading_and_saving_mentions_loses_none(ready: Site, daemons: int) -> None:
    handle, said = {1: ("a_reader", "@acme_reinforce how lockout"), 3: ("a_writer", "@acme_reinforce how tags")}[
        daemons
    ]
    ready.join_in(handle)
    ready.say(handle, said)
    _let_die(ready, KillPoint.INBOX_READ, daemons)

    def kept() -> int:
        return sum(mention["text"] == said for mention in ready.inbox())

    if daemons == 1:
        assert kept() == 0
    daemon = ready.start_daemon()
    ready.wait_until("the mention is there, once", lambda: kept() == 1)
    assert ready.stop(daemon) == 0
    assert kept() == 1


def _leader(site: Site, daemons: list[Child]) -> Child:
    found = site.wait_until("one daemon leads", lambda: [one for one in daemons if site.leads(one)])
    assert len(found) == 1
    leader: Child = found[0]
    return leader


def _each_text_once(site: Site) -> None:
    said = Counter(post["text"] for post in site.posts())
    assert said
    assert max(said.values()) == 1
    posted = {row["remote_id"] for row in site.outbox("posted")}
    assert {post["id"] for post in site.posts()} == posted


def test_a_killed_leader_is_replaced_within_a_lease_and_its_slot_gets_one_post(ready: Site) -> None:
    daemons = [ready.start_daemon(**SHORT) for _ in range(2)]
    ready.wait_until("both tick", lambda: all(ready.beats(one) for one in daemons))
    leader = _leader(ready, daemons)
    assert ready.stop(leader, signal.SIGKILL) == -signal.SIGKILL
    killed = ready.clock.monotonic()
    heir = next(one for one in daemons if one is not leader)
    ready.wait_until("the other one leads", lambda: ready.leads(heir))
    assert ready.clock.monotonic() - killed < LEASE
    now = ready.step(minutes=70)
    slot = f"slot/press-shop/{now.date()}/morning"
    ready.wait_until("the slot is served", lambda: [r for r in ready.outbox("posted") if r["occurrence"] == slot])
    assert ready.stop(heir) == 0
    _each_text_once(ready)


def test_a_leader_stopped_in_mid_send_for_longer_than_its_lease_sends_nothing_when_it_wakes(ready: Site) -> None:
    asked = ("post", "lockout/control-back-to-off", "--cohort", "press-shop", "--form", "reminder")
    item = int(ready.json(*asked)["id"])
    sleeper = ready.start_daemon(**SHORT, REINFORCE_KILL_AT=f"stop:{KillPoint.AFTER_ATTEMPT_COMMIT}")
    ready.wait_until("it has stopped", sleeper.is_stopped)
    heir = ready.start_daemon(**SHORT)
    ready.wait_until("the other one leads", lambda: ready.leads(heir))
    ready.wait_until("it is posted", lambda: [row for row in ready.outbox("posted") if row["id"] == item])
    woken = ready.clock.wall()
    sleeper.send_signal(signal.SIGCONT)
    ready.wait_until("the sleeper ticks again", lambda: ready.beats(sleeper, since=woken))
    assert [ready.stop(one) for one in (sleeper, heir)] == [0, 0]
    _each_text_once(ready)
