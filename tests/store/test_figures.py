"""The house in numbers, and as Prometheus reads them, on both databases."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection, insert, select, update

from reinforce.actions.operating.look_ready import SILENT_AFTER, look_ready
from reinforce.domain.figures import LATENESS_BOUNDS, DaemonFigures, Figures, LimitFigures, LineFigures
from reinforce.domain.sending.budget import Readings
from reinforce.domain.sending.pacing import Window
from reinforce.monitoring import pages
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.operating import audit, heartbeats, migrations, workspace
from reinforce.store.reporting.figures import read_figures
from reinforce.store.sending import governor
from reinforce.store.session import Database, database_now
from tests.actions.sending.conftest import TARIFF

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
NUMBERS = itertools.count(1)


def _post(connection: Connection, state: str, due_at: datetime, **changes: Any) -> None:
    number = next(NUMBERS)
    values: dict[str, Any] = {
        "account_id": 1, "form": "reminder", "occurrence": f"now/{number}", "state": state, "fence": 0, "owner": "",
        "rounds": 0, "text": f"Step {number}.", "text_hash": str(number), "alternatives": [], "price_micros": 15_000,
        "due_at": due_at, "grace_until": due_at + timedelta(hours=4), "reason": "", "decision": {}, "outcome": "",
        "created_at": due_at,
    }  # fmt: skip
    connection.execute(insert(t.outbox).values(**values | changes))


def _posted(connection: Connection, due_at: datetime, late: float) -> None:
    posted_at = due_at + timedelta(seconds=late)
    _post(connection, "posted", due_at, posted_at=posted_at, remote_id=next(NUMBERS))


def _inbound(connection: Connection, received_at: datetime, **changes: Any) -> None:
    values: dict[str, Any] = {
        "account_id": 1, "remote_id": next(NUMBERS), "author_remote_id": 7, "author_handle": "a", "text": "?",
        "created_at": received_at, "received_at": received_at, "read_as": [], "read_why": "", "needs_person": False,
    }  # fmt: skip
    connection.execute(insert(t.inbound).values(**values | changes))


def _beat(connection: Connection, owner: str, at: datetime) -> None:
    beat = heartbeats.Heartbeat(owner, "daemon", 1, at, at, leader=True, last_error="")
    heartbeats.beat(connection, beat)


def _read(database: Database) -> Figures:
    figures = read_figures(database, now=NOW, wall=NOW, tariff=TARIFF)
    assert figures is not None
    return figures


def _samples(database: Database | None, *lines: LineFigures) -> dict[tuple[str, ...], float]:
    """Every sample of a scrape, by its name and its labels' values in order of their names."""
    page = pages.metrics(None if database is None else _read(database), lines)
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page.body.decode())
        for sample in family.samples
    }


def _fill(database: Database) -> None:
    with database.write() as connection:
        workspace.create(connection, rehearsal=False, now=NOW)
        accounts.add_account(connection, name="acme", base_url="http://127.0.0.1:1")
        accounts.add_account(connection, name="still", base_url="http://127.0.0.1:2")
        accounts.pause_account(connection, 2, "out of credit")
        connection.execute(insert(t.budget).values(account_id=1, micros_a_month=5_000_000))
        governor.add_read(connection, 1, Readings(own=20), NOW)
        governor.add_read(connection, 1, Readings(own=500), NOW - timedelta(days=9))  # last month's
        governor.keep_window(connection, 1, "POST /2/tweets", Window(100, 97, NOW + timedelta(minutes=5), 900.0))
        governor.keep_window(connection, 1, "GET /2/tweets", Window(15, 0, NOW - timedelta(minutes=5), 900.0))
        for late in (-0.4, 0.5, 1.5, 45.0, 7200.0):
            _posted(connection, NOW - timedelta(hours=3), late)
        _posted(connection, NOW - timedelta(days=2), 3000.0)  # in the window of the month, not of the day
        _posted(connection, NOW - timedelta(days=9), 1.0)  # last month's
        _post(connection, "planned", NOW - timedelta(seconds=90))
        _post(connection, "planned", NOW - timedelta(seconds=30))
        _post(connection, "planned", NOW - timedelta(hours=9))  # too late: it is let go, not due
        _post(connection, "planned", NOW + timedelta(hours=1))
        machine = database_now(connection)
        unknown = {"unknown_since": machine - timedelta(minutes=10)}
        _post(connection, "unknown", NOW, **unknown)
        _post(connection, "sending", NOW, account_id=2, lease_until=machine - timedelta(minutes=1))
        _inbound(connection, NOW - timedelta(minutes=3))
        _inbound(connection, NOW - timedelta(minutes=8), graded_at=NOW, needs_person=True)
        _beat(connection, "here:1", NOW - timedelta(seconds=2))
        _beat(connection, "gone:2", NOW - timedelta(hours=2))
        audit.record(connection, "tester", "test", "thing/1", {}, NOW)


def test_the_database_tells_how_the_house_stands(database: Database) -> None:
    _fill(database)
    found = _read(database)
    assert {state: number for state, number in found.posts.items() if number} == {
        "posted": 7,
        "planned": 4,
        "unknown": 1,
        "sending": 1,
    }
    assert set(found.posts) == {
        "planned", "leased", "sending", "unknown", "held", "posted", "refused", "skipped", "cancelled",
    }  # fmt: skip
    assert (found.due, found.oldest_due) == (2, 90.0)
    assert 600 <= found.oldest_unknown < 700
    assert found.expired_leases == 1
    assert found.daemons == (DaemonFigures("here:1", 2.0, leading=True, failing=False),)
    assert (found.unread, found.oldest_unread) == (1, 180.0)
    assert (found.needs_person, found.oldest_waiting) == (1, 480.0)
    assert (found.audit_rows, found.backup_age) == (1, None)
    acme, still = found.accounts
    assert (acme.sending, acme.waiting, acme.spent_today, acme.spent_this_month) == (True, 4, 75_000, 90_000)
    assert (still.sending, still.waiting, still.spent_this_month) == (False, 0, 0)


def test_lateness_is_counted_over_a_day_and_in_steps(database: Database) -> None:
    _fill(database)
    lateness = _read(database).lateness
    assert lateness.posts == 5
    assert dict(zip(LATENESS_BOUNDS, lateness.within, strict=True)) == {
        1.0: 2, 2.0: 3, 5.0: 3, 15.0: 3, 60.0: 4, 300.0: 4, 900.0: 4, 3600.0: 4,
    }  # fmt: skip
    assert abs(lateness.total - 7247.0) < 0.01


def test_prometheus_reads_every_figure(database: Database) -> None:
    _fill(database)
    with database.write() as connection:
        connection.execute(update(t.workspace).values(backed_up_at=NOW - timedelta(hours=1)))
    line = LineFigures(
        "acme",
        {("POST /2/tweets", "201"): 7, ("POST /2/tweets", "no_answer"): 1},
        (LimitFigures("GET /x", 75, 3),),
        -0.5,
    )
    found = _samples(database, line)
    assert found["reinforce_posts", "planned"] == 4
    assert found["reinforce_post_lateness_seconds_bucket", "2.0"] == 3
    assert (
        found["reinforce_post_lateness_seconds_bucket", "+Inf"] == found["reinforce_post_lateness_seconds_gcount",] == 5
    )
    assert found["reinforce_account_sending", "still"] == 0
    assert found["reinforce_account_spent_dollars", "acme", "month"] == 0.09
    assert found["reinforce_account_budget_dollars", "acme"] == 5.0
    assert ("reinforce_account_budget_dollars", "still") not in found
    # Six posts of this month, one in doubt, twenty readings.
    assert round(found["reinforce_account_budget_used_dollars", "acme"], 6) == 0.125
    assert found["reinforce_account_window_calls", "acme", "POST /2/tweets"] == 100
    assert found["reinforce_account_window_remaining", "acme", "POST /2/tweets"] == 97
    assert found["reinforce_account_window_resets_seconds", "acme", "POST /2/tweets"] == 300
    assert ("reinforce_account_window_calls", "acme", "GET /2/tweets") not in found, "that window is over"
    assert found["reinforce_api_calls_total", "acme", "POST /2/tweets", "no_answer"] == 1
    assert found["reinforce_api_rate_limit_remaining", "acme", "GET /x"] == 3
    assert found["reinforce_api_clock_skew_seconds", "acme"] == -0.5
    assert found["reinforce_backup_age_seconds",] == 3600
    assert found["reinforce_database_up",] == 1
    assert found["process_open_fds",] > 0


def test_a_database_out_of_reach_leaves_what_the_process_knows(tmp_path: Any) -> None:
    assert read_figures(Database(f"sqlite:///{tmp_path}/nowhere/a.db"), now=NOW, wall=NOW, tariff=TARIFF) is None
    found = _samples(None, LineFigures("acme", {("GET /x", "200"): 2}, (), None))
    assert found["reinforce_database_up",] == 0
    assert found["reinforce_api_calls_total", "acme", "GET /x", "200"] == 2
    assert ("reinforce_posts", "planned") not in found


def test_no_label_and_no_value_is_about_a_person(database: Database) -> None:
    _fill(database)
    with database.write() as connection:
        connection.execute(
            insert(t.learner).values(
                employee_id="E-4711", name="Pat Moreau", handle="pat_m", zone="UTC", role="", created_at=NOW
            )
        )
        assert connection.execute(select(t.inbound.c.author_handle)).first() is not None
    body = pages.metrics(_read(database)).body.decode()
    assert not any(word in body for word in ("Pat", "pat_m", "E-4711"))


def test_a_house_is_ready_while_its_database_answers_and_a_daemon_lives(database_url: str) -> None:
    database = Database(database_url)
    assert [finding.level for finding in look_ready(database, wall=NOW)] == ["fail"]
    migrations.upgrade(database)
    assert [finding.level for finding in look_ready(database, wall=NOW)] == ["ok", "fail"]
    with database.write() as connection:
        _beat(connection, "here:1", NOW)
    assert [finding.level for finding in look_ready(database, wall=NOW)] == ["ok", "ok"]
    assert look_ready(database, wall=NOW, owner="other:2")[1].level == "fail"
    late = look_ready(database, wall=NOW + SILENT_AFTER + timedelta(seconds=1), owner="here:1")
    assert "silent for 201 s" in late[1].what
    database.close()
    assert look_ready(Database("sqlite:////nowhere/at/all.db"), wall=NOW)[0].level == "fail"
