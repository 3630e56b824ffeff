"""Attempts that failed, or are being looked at, counted by marks: hashes of a name, an address, a user.

Instants are machine time. It all stays small: what is older than the window goes with each attempt, and of a flood the
oldest rows beyond `Patience.kept`; an address of version 6 counts as its network, of which one subscriber has many
addresses.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, delete, func, insert, select

from reinforce.domain.access.networks import one_subscriber
from reinforce.domain.access.sessions import Patience
from reinforce.store import tables as t

_a = t.sign_in_attempt.c


@dataclass(frozen=True, slots=True)
class Counted:
    """An attempt that was counted: how many there are for each of its marks, this one included. With `wait` too many
    had failed already: it was not counted, and is not to be looked at."""

    wait: timedelta = timedelta(0)
    numbers: tuple[int, ...] = ()


def name_mark(name: str) -> str:
    """What attempts for a name are counted by, whether or not somebody bears it."""
    return _mark("name", name)


def address_mark(address: str) -> str:
    """What attempts from an address are counted by."""
    return _mark("address", one_subscriber(address))


def own_mark(member_id: int) -> str:
    """What wrong passwords of somebody who is signed in are counted by: apart from their name, which strangers could
    use up."""
    return _mark("own", str(member_id))


def start_mark(address: str) -> str:
    """What browsers that were sent to the company's sign-in, and did not come back, are counted by."""
    return _mark("start", one_subscriber(address))


def told_mark(kind: str) -> str:
    """What failures that were written into the audit log are counted by (`failures.py`)."""
    return _mark("told", kind)


def note(connection: Connection, limits: Mapping[str, int], now: datetime, patience: Patience) -> Counted:
    """Count an attempt before it is looked at, so that many at once are no way around. `limits`: how many may fail
    within the window, for each of its marks; a refused attempt is not counted."""
    since = now - patience.window
    connection.execute(delete(t.sign_in_attempt).where(_a.at <= since))
    numbers = []
    for mark, most in limits.items():
        counted = select(func.count(), func.min(_a.at)).where(_a.mark == mark, _a.at > since)
        number, first = connection.execute(counted).one()
        if number >= most:
            wait: timedelta = first + patience.window - now
            return Counted(max(wait, timedelta(seconds=1)))
        numbers.append(number + 1)
    add(connection, limits, now)
    surplus = select(_a.id).order_by(_a.id.desc()).offset(patience.kept).limit(1)
    newest = connection.execute(surplus).scalar()
    if newest is not None:
        connection.execute(delete(t.sign_in_attempt).where(_a.id <= newest))
    return Counted(numbers=tuple(numbers))


def add(connection: Connection, marks: Collection[str], now: datetime) -> None:
    """Count once for each of `marks`."""
    connection.execute(insert(t.sign_in_attempt), [{"mark": mark, "at": now} for mark in marks])


def forgive(connection: Connection, mark: str, at: datetime | None = None) -> None:
    """An attempt succeeded: the one made `at` counts no more for its mark; None: nor does any other of the mark."""
    gone = delete(t.sign_in_attempt).where(_a.mark == mark)
    connection.execute(gone if at is None else gone.where(_a.at == at))


def number_of(connection: Connection, mark: str, since: datetime) -> int:
    """How many are counted for a mark."""
    counted = select(func.count()).where(_a.mark == mark, _a.at > since)
    return int(connection.execute(counted).scalar_one())


def _mark(kind: str, what: str) -> str:
    return sha256(f"{kind}\0{what.casefold()}".encode()).hexdigest()
