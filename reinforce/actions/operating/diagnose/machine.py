"""What is around the database: the key, the disk, the clocks."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection

from reinforce.actions.operating.diagnose.surroundings import Surroundings
from reinforce.domain.finding import Finding
from reinforce.store.accounts import accounts
from reinforce.store.session import Database, database_now

MIB = 1_048_576
ENOUGH_DISK = 200 * MIB
CLOCKS_APART = timedelta(seconds=30)
# X refuses OAuth 1.0a timestamps some five minutes off; learners' answers are ordered by its clock long before that.
SKEW_WARNS, SKEW_FAILS = 30.0, 240.0
KEEP_TIME = "Let this machine keep time (NTP): leases, signatures and the order of answers need it."


def key(around: Surroundings) -> Iterator[Finding]:
    """The file with the key: there, and for its owner alone."""
    file = around.key_file
    if not file.exists():
        if around.opens is None:
            yield Finding("warn", f"no key in {file}", "Needed once an account is connected: reinforce init makes it.")
        else:
            yield Finding("ok", "the key is in the environment")
    elif stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield Finding("fail", f"{file} can be read by others", f"chmod 600 {file}")
    else:
        yield Finding("ok", "the key is there and private")


def disk(database: Database, around: Surroundings) -> Iterator[Finding]:
    """Room where the workspace is, and for one more copy of an SQLite database."""
    free = shutil.disk_usage(around.folder).free
    words = f"{free // MIB} MiB free where the workspace is"
    file = Path(str(database.engine.url.database)) if database.is_sqlite else None
    size = file.stat().st_size if file is not None and file.exists() else 0
    if free < ENOUGH_DISK:
        yield Finding("fail", words, "Make room: a full disk stops every post.")
    elif free < 2 * size:
        yield Finding(
            "warn", words, f"Make room: a backup or an upgrade needs as much as the database, {size // MIB} MiB."
        )
    else:
        yield Finding("ok", words)


def database_clock(connection: Connection, around: Surroundings) -> Finding:
    """This machine's clock against the database's, by which leases run out."""
    apart = abs(database_now(connection) - around.wall)
    words = f"this machine's clock and the database's are {apart.total_seconds():.1f} s apart"
    return Finding("fail", words, KEEP_TIME) if apart > CLOCKS_APART else Finding("ok", words)


def service_clocks(connection: Connection, around: Surroundings) -> Iterator[Finding]:
    """This machine's clock against the Date of each service that accounts are on."""
    if around.skew is None:
        return
    for place in sorted({account.base_url for account in accounts.accounts(connection)}):
        ahead = around.skew(place)
        if ahead is None:
            yield Finding("warn", f"{place} does not answer", "See the network, and whether the service is down.")
            continue
        words = f"the clock of {place} is {abs(ahead):.1f} s {'ahead of' if ahead >= 0 else 'behind'} this machine's"
        if abs(ahead) > SKEW_WARNS:
            yield Finding("fail" if abs(ahead) > SKEW_FAILS else "warn", words, KEEP_TIME)
        else:
            yield Finding("ok", words)
