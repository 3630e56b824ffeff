"""The doctor: what is wrong with this workspace, and what to do about it."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from reinforce.domain.finding import Finding
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.operating import heartbeats, migrations
from reinforce.store.session import Database, database_now

ENOUGH_DISK = 200 * 1024 * 1024
SILENT_AFTER = timedelta(minutes=2)
CLOCKS_APART = timedelta(seconds=30)
STUCK_AFTER = timedelta(minutes=15)


def diagnose(database: Database, folder: Path, key_file: Path, *, wall: datetime) -> tuple[Finding, ...]:
    """Everything that is looked at, in order. `wall` is machine time. Never raises for what it finds."""
    if not folder.is_dir():
        return (Finding("fail", f"there is no workspace in {folder}", "Make one: reinforce init"),)
    findings = [*_key(key_file), *_disk(folder)]
    try:
        findings.extend(_database(database, wall))
    except Exception as error:
        findings.append(
            Finding("fail", f"the database can't be read: {error}", "Restore a backup: reinforce db restore FILE")
        )
    return tuple(findings)


def _key(key_file: Path) -> Iterator[Finding]:
    if not key_file.exists():
        yield Finding("warn", f"no key in {key_file}", "Needed once an account is connected: reinforce init makes it.")
    elif stat.S_IMODE(key_file.stat().st_mode) & 0o077:
        yield Finding("fail", f"{key_file} can be read by others", f"chmod 600 {key_file}")
    else:
        yield Finding("ok", "the key is there and private")


def _disk(folder: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(folder).free
    words = f"{free // 1_048_576} MiB free where the workspace is"
    if free < ENOUGH_DISK:
        yield Finding("fail", words, "Make room: a full disk stops every post.")
    else:
        yield Finding("ok", words)


def _database(database: Database, wall: datetime) -> Iterator[Finding]:
    if not migrations.is_current(database):
        yield Finding("fail", "the database is not at this version's tables", "Run: reinforce db upgrade")
        return
    yield Finding("ok", "the database is at this version's tables")
    with database.read() as connection:
        yield from _integrity(connection, sqlite=database.is_sqlite)
        yield from _clocks(connection, wall)
        yield from _daemons(connection, wall)
        yield from _accounts(connection)
        yield from _outbox(connection)


def _integrity(connection: Connection, *, sqlite: bool) -> Iterator[Finding]:
    if not sqlite:
        yield Finding("ok", "Postgres answers")
        return
    faults = [row[0] for row in connection.execute(text("PRAGMA integrity_check(5)"))]
    if faults == ["ok"]:
        yield Finding("ok", "the database file is sound")
    else:
        yield Finding(
            "fail", f"the database file is damaged: {'; '.join(faults)}", "Restore a backup: reinforce db restore FILE"
        )


def _clocks(connection: Connection, wall: datetime) -> Iterator[Finding]:
    apart = abs(database_now(connection) - wall)
    words = f"this machine's clock and the database's are {apart.total_seconds():.1f} s apart"
    if apart > CLOCKS_APART:
        yield Finding("fail", words, "Let both machines keep time (NTP): leases and X's signatures need it.")
    else:
        yield Finding("ok", words)


def _daemons(connection: Connection, wall: datetime) -> Iterator[Finding]:
    beats = [beat for beat in heartbeats.heartbeats(connection) if beat.role == "daemon"]
    alive = [beat for beat in beats if wall - beat.at < SILENT_AFTER]
    if not alive:
        yield Finding("warn", "no daemon is running", "Start it: reinforce daemon")
        return
    yield Finding("ok", f"{len(alive)} daemon{'s' if len(alive) > 1 else ''} running")
    if not any(beat.leader for beat in alive):
        yield Finding(
            "warn", "no daemon leads just now: nothing is planned or read", "Wait for a lease, then look again."
        )
    for beat in alive:
        if beat.last_error:
            yield Finding("fail", f"the daemon {beat.owner} fails at {beat.last_error}", "Its log says more.")


def _accounts(connection: Connection) -> Iterator[Finding]:
    known = accounts.accounts(connection)
    if not known:
        yield Finding("warn", "no account is connected", "reinforce account connect --help")
    for account in known:
        if account.halted_at is not None:
            yield Finding("warn", f"account {account.name} is halted", "Go on with: reinforce resume")
        elif account.state != "active":
            yield Finding(
                "fail",
                f"account {account.name} is {account.state}: {account.paused_reason}",
                f"Mend what it says, then: reinforce account check {account.name} and reinforce resume",
            )
        else:
            yield Finding("ok", f"account {account.name} may send")


def _outbox(connection: Connection) -> Iterator[Finding]:
    o = t.outbox.c
    counted = select(o.state, func.count().label("posts")).group_by(o.state)
    states = {row.state: row.posts for row in connection.execute(counted)}
    held = states.get("held", 0)
    if held:
        yield Finding(
            "fail",
            f"{held} held: whether they were posted could not be told",
            "Look: reinforce outbox --state held; decide: reinforce settle --help",
        )
    stuck = connection.execute(
        select(func.count()).where(o.state == "unknown", o.unknown_since < database_now(connection) - STUCK_AFTER)
    ).scalar_one()
    if stuck:
        yield Finding(
            "fail", f"{stuck} unknown for long", "See whether the account can be read: reinforce account check"
        )
    if not held and not stuck:
        yield Finding("ok", "no post is in doubt")
