"""The tour's two verbs: killing a rehearsal's daemon, and nothing else; showing pasted steps as posts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from reinforce.accounts.tariff import read_tariff
from reinforce.actions.touring.tour_crash import daemon_here, kill_in_mid_send
from reinforce.actions.touring.tour_paste import MOST_STEPS, Pasted, paste_steps
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.texts.wording import LIMIT
from reinforce.rendering.posts import PostRenderer
from reinforce.shipped import shipped
from reinforce.store import tables as t
from reinforce.store.operating import heartbeats, workspace
from reinforce.store.operating.heartbeats import Heartbeat
from reinforce.store.session import Database
from tests.web.seeding import fill

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
RENDERER = PostRenderer(shipped("templates") / "posts")
TARIFF = read_tariff()


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is none of ours."""
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()
    assert process.stdin is not None
    process.stdin.close()


def _beat(database: Database, pid: int, *, owner: str = "", role: str = "daemon", age: float = 1.0) -> Heartbeat:
    at = NOW - timedelta(seconds=age)
    named = owner or f"{socket.gethostname()}:{pid}"
    with database.write() as connection:
        heartbeats.beat(connection, Heartbeat(named, role, pid, at, at))
    return Heartbeat(named, role, pid, at, at)


def _workspace(database: Database, *, rehearsal: bool = True) -> None:
    with database.write() as connection:
        workspace.create(connection, rehearsal=rehearsal, now=NOW)


def test_only_a_rehearsals_daemon_may_be_killed(database: Database) -> None:
    _workspace(database, rehearsal=False)
    _beat(database, 4242)
    with pytest.raises(NotAllowed, match="rehearsal"):
        daemon_here(database, now=NOW)


@pytest.mark.parametrize(
    "beat",
    [
        {"age": 60.0},
        {"owner": "another-machine:4242"},
        {"role": "console"},
    ],
)
def test_a_daemon_that_is_gone_elsewhere_or_none_is_left_alone(database: Database, beat: dict[str, object]) -> None:
    _workspace(database)
    _beat(database, 4242, **beat)  # type: ignore[arg-type]
    with pytest.raises(ReinforceError, match="no daemon gave a sign of life"):
        daemon_here(database, now=NOW)


def test_the_daemon_that_lives_here_is_found(database: Database) -> None:
    _workspace(database)
    _beat(database, 4241, age=9.0)
    known = _beat(database, 4242)
    assert daemon_here(database, now=NOW) == known


def test_nothing_is_killed_unless_the_post_is_being_sent_by_that_daemon(
    database: Database, bystander: subprocess.Popen[bytes]
) -> None:
    with database.write() as connection:
        fill(connection)
    beat = _beat(database, bystander.pid)
    for values in ({"state": "planned", "owner": beat.owner}, {"state": "sending", "owner": "somebody:1"}):
        with database.write() as connection:
            connection.execute(update(t.outbox).where(t.outbox.c.id == 4).values(**values))
        with pytest.raises(ReinforceError, match="not being sent any more"):
            kill_in_mid_send(database, beat, 4, actor="test", now=NOW)
    assert bystander.poll() is None
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(t.audit)).scalar_one() == 0


def test_a_process_that_is_no_daemon_of_ours_is_never_killed(
    database: Database, bystander: subprocess.Popen[bytes]
) -> None:
    with database.write() as connection:
        fill(connection)
    for pid in (bystander.pid, os.getpid()):
        beat = _beat(database, pid)
        with database.write() as connection:
            connection.execute(update(t.outbox).where(t.outbox.c.id == 4).values(state="sending", owner=beat.owner))
        with pytest.raises(ReinforceError, match="not our daemon"):
            kill_in_mid_send(database, beat, 4, actor="test", now=NOW)
    assert bystander.poll() is None


def _paste(text: str, posts_a_week: float = 5.0) -> Pasted:
    return paste_steps(text, language="en", posts_a_week=posts_a_week, renderer=RENDERER, tariff=TARIFF)


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("1. Lock it.", "Lock it."),
        ("  12) Lock it.", "Lock it."),
        ("- Lock it.", "Lock it."),
        ("• Lock it.", "Lock it."),
        ("Step 3: Lock it.", "Lock it."),
        ("Schritt 3 – Abschließen.", "Abschließen."),
        ("24 hours later, look again.", "24 hours later, look again."),
        ("5.5 bar is the limit.", "5.5 bar is the limit."),
        ("3-way valve: close it.", "3-way valve: close it."),
        ("10:30 is the deadline.", "10:30 is the deadline."),
        ("-5 °C is the limit.", "-5 °C is the limit."),
    ],
)
def test_numbering_is_taken_off_and_numbers_that_mean_something_stay(line: str, step: str) -> None:
    assert _paste(line).steps[0].text == step


def test_the_monthly_cost_follows_the_cadence_and_the_links() -> None:
    plain = _paste("Lock it.\nTry it.", posts_a_week=7)
    # A post a day for an average month of 30.436875 days at $0.015.
    assert plain.month_micros == round(30.436875 * TARIFF.post)
    linked = _paste("Lock it.\nSee example.com first.", posts_a_week=7)
    assert linked.month_micros == round(30.436875 * (TARIFF.post + TARIFF.post_with_link) / 2)
    assert [step.price_micros for step in linked.steps] == [TARIFF.post, TARIFF.post_with_link]


def test_more_lines_than_are_shown_are_counted() -> None:
    pasted = _paste("\n".join(f"{n}. Step number {n}" for n in range(1, 31)))
    assert (len(pasted.steps), pasted.left_out) == (MOST_STEPS, 30 - MOST_STEPS)


def test_nothing_pasted_is_nothing_shown() -> None:
    assert _paste(" \n\n1.\n") == Pasted((), 0, 5.0, _paste("").month_micros)


@given(st.text(max_size=2000))
def test_whatever_is_pasted_is_shown_or_objected_to(text: str) -> None:
    pasted = _paste(text)
    for step in pasted.steps:
        assert step.text
        assert (step.length > LIMIT) == any("fit" in one.message for one in step.objections)
