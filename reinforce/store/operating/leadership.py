"""Which of several daemons plans, listens and settles for all of them.

The leader saves the others work and money; it keeps nothing safe. Two that both think they lead do no harm: every plan,
every reading and every settlement is a conditional write that only one of them gets through.

Postgres: a session's advisory lock, on a connection of its own, lost with it. The server ends that session when nothing
was asked in it for a lease, so that a leader which is stopped, or cut off from the network, does not lead for ever.
SQLite: a row that is renewed; all daemons are on one machine there, so one that died is not waited for.
"""

from __future__ import annotations

import os
import socket
import uuid
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from reinforce.store import tables as t
from reinforce.store.operating.locks import advisory_key
from reinforce.store.session import Database, database_now


class Leadership(Protocol):
    """One process's bid to lead. To be kept up from one thread, several times in a lease."""

    def keep(self) -> bool:
        """Lead on, or begin to if nobody does; False while somebody else leads. Raises what the database raises."""

    def give_up(self) -> None:
        """Let somebody else lead at once. Never raises: a leader that can't say so is replaced after its lease."""


def leadership(database: Database, lease: timedelta) -> Leadership:
    """The bid of this process. `lease` (machine time) is how long a leader is waited for that gives no sign of life."""
    return RowLeadership(database, lease) if database.is_sqlite else LockLeadership(database, lease)


class LockLeadership:
    """On Postgres."""

    def __init__(self, database: Database, lease: timedelta) -> None:
        self._database = database
        self._lease = lease
        self._connection: Connection | None = None
        self._leads = False

    def keep(self) -> bool:
        """As `Leadership.keep`."""
        try:
            if self._connection is None:
                self._connection = self._connect()
            if self._leads:
                self._connection.execute(text("SELECT 1"))
            else:
                asked = text("SELECT pg_try_advisory_lock(:ours, :key)")
                self._leads = bool(self._connection.execute(asked, advisory_key("leader")).scalar_one())
        except DBAPIError:
            self._drop()
            raise
        return self._leads

    def give_up(self) -> None:
        """As `Leadership.give_up`."""
        if self._connection is not None and self._leads:
            # The lock ends with its session too, but the server takes a moment to notice that it has ended.
            with suppress(DBAPIError):
                self._connection.execute(text("SELECT pg_advisory_unlock(:ours, :key)"), advisory_key("leader"))
        self._drop()

    def _connect(self) -> Connection:
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        # Not the pool's any more: what is set on it, and the lock, end when it is closed.
        connection.detach()
        milliseconds = int(self._lease.total_seconds() * 1000)
        connection.execute(text(f"SET idle_session_timeout = {milliseconds}"))
        return connection

    def _drop(self) -> None:
        connection, self._connection, self._leads = self._connection, None, False
        if connection is not None:
            with suppress(DBAPIError):
                connection.close()


class RowLeadership:
    """On SQLite."""

    def __init__(self, database: Database, lease: timedelta) -> None:
        self._database = database
        self._lease = lease
        self._token = uuid.uuid4().hex
        self._host = _this_machine()

    def keep(self) -> bool:
        """As `Leadership.keep`. Writes only where something changes, or when half of the lease is over."""
        with self._database.read() as connection:
            settled = self._is_settled(connection)
            if settled is not None:
                return settled
        with self._database.write() as connection:
            settled = self._is_settled(connection)
            if settled is not None:
                return settled
            values = {"token": self._token, "host": self._host, "pid": os.getpid()}
            values["until"] = database_now(connection) + self._lease
            if connection.execute(update(t.leader).values(**values)).rowcount == 0:
                connection.execute(insert(t.leader).values(id=1, **values))
        return True

    def give_up(self) -> None:
        """As `Leadership.give_up`."""
        with suppress(DBAPIError), self._database.write() as connection:
            connection.execute(delete(t.leader).where(t.leader.c.token == self._token))

    def _is_settled(self, connection: Connection) -> bool | None:
        """Whether this process leads; None if a row has to be written to know."""
        row = connection.execute(select(t.leader)).mappings().first()
        if row is None:
            return None
        left = row["until"] - database_now(connection)
        if row["token"] == self._token:
            return True if left > self._lease / 2 else None
        # A clock that was set back must not make a lease longer than a lease.
        over = left <= timedelta() or left > self._lease
        return None if over or (row["host"] == self._host and not _runs(row["pid"])) else False


def _this_machine() -> str:
    """This machine, as far as process numbers mean the same (a container counts from 1 on its own)."""
    try:
        return f"{socket.gethostname()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
