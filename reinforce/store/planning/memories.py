"""Beliefs in the database: a blob for each nugget and shard of learners (packing.py), loaded and saved many at a time.

A learner who is in no blob has the belief of one whom the nugget has not reached. A blob that is not what was written
counts as missing, and is computed again from the event log. Beside it stands the mark of the log and the model it was
computed from, in a column of its own: what is out of date is found without reading any blob.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select, update

from reinforce.domain.planning.belief import Belief, unmet
from reinforce.store import tables as t
from reinforce.store.planning.packing import SHARD, WIDTH, DamagedBelief, PackedBelief, Shard, pack, unpack

# SQLite takes some thousands of parameters in one statement.
_BATCH = 500
# Nuggets whose blobs are in memory at a time.
_BLOBS = 25
# The lock under which beliefs are saved, and people are taken out of them.
SAVING = "memory"
_DAYS_FROM = sum(WIDTH.values()) - WIDTH["last_day"]
_EMPTY = unpack(pack(np.empty(0, np.int64), unmet(0)))


def load_cohort(connection: Connection, nugget_ids: Sequence[int], learner_ids: Sequence[int]) -> Belief:
    """The belief about these learners (rows) and nuggets (columns): arrays of shape (learners, nuggets).

    A pair of which nothing is stored, or whose blob is damaged, is one that the nugget has not reached.
    """
    return load_sound(connection, nugget_ids, learner_ids)[0]


def load_sound(
    connection: Connection, nugget_ids: Sequence[int], learner_ids: Sequence[int]
) -> tuple[Belief, frozenset[int]]:
    """As `load_cohort`, with the nuggets that have a damaged blob."""
    table = _Table(len(nugget_ids), learner_ids)
    columns = {nugget_id: column for column, nugget_id in enumerate(nugget_ids)}
    damaged, missing = set(), set(columns)
    for nugget_id, rows in groupby(_blobs(connection, nugget_ids, list(table.rows)), lambda row: row[0]):
        shards = {}
        for _, number, blob in rows:
            try:
                shards[number] = unpack(blob)
            except DamagedBelief:
                damaged.add(nugget_id)
        table.fill(columns[nugget_id], shards)
        missing.discard(nugget_id)
    for nugget_id in missing:
        table.fill(columns[nugget_id], {})
    return table.belief(), frozenset(damaged)


def as_loaded(beliefs: Sequence[PackedBelief], learner_ids: Sequence[int]) -> Belief:
    """Beliefs (a nugget each) about these learners, to the digit as if they had been saved and loaded."""
    table = _Table(len(beliefs), learner_ids)
    for column, belief in enumerate(beliefs):
        table.fill(column, {number: unpack(blob) for number, blob in _shards(belief)})
    return table.belief()


class _Table:
    """The belief of a cohort as it is filled, one nugget after another.

    Every nugget's row of learners lies in one piece; `belief` turns the axes round, which copies nothing. `rows` says
    for each shard where its learners stand in a row, and at what places of the shard.
    """

    def __init__(self, nuggets: int, learner_ids: Sequence[int]) -> None:
        ids = np.asarray(learner_ids, np.int64)
        shard_of = ids // SHARD
        here = {int(shard): np.flatnonzero(shard_of == shard) for shard in np.unique(shard_of)}
        self.rows = {shard: (_run(rows), _run(ids[rows] - shard * SHARD)) for shard, rows in here.items()}
        self._arrays = {
            # An absolute day has no room in 32 bits.
            name: np.empty((width, nuggets, ids.size), np.float64 if name == "last_day" else np.float32)
            for name, width in WIDTH.items()
        }

    def fill(self, column: int, shards: Mapping[int, Shard]) -> None:
        """Set what is believed of one nugget; whoever belongs to a shard that is not there, it has not reached."""
        # Where each learner stands among the states of their shard; those after its last place are such as the first.
        state_of = np.zeros(SHARD, np.intp)
        for number, (rows, places) in self.rows.items():
            shard = shards.get(number, _EMPTY)
            state_of[: shard.state_of.size] = shard.state_of
            state_of[shard.state_of.size :] = 0
            which = state_of[places]
            states = iter((*shard.states[:_DAYS_FROM], *(shard.states[_DAYS_FROM:].astype(np.float64) + shard.origin)))
            for array in self._arrays.values():
                for one in array:
                    _take(next(states), which, one[column], rows)

    def belief(self) -> Belief:
        """All of it, (learners, nuggets)."""
        arrays: dict[str, Any] = {
            name: (array if WIDTH[name] > 1 else array[0]).swapaxes(-1, -2) for name, array in self._arrays.items()
        }
        return Belief(**arrays)


def _take(states: NDArray[Any], which: NDArray[np.intp], row: NDArray[Any], places: NDArray[np.intp] | slice) -> None:
    if isinstance(places, slice):
        # mode="clip" spares a copy; there is a state for every number.
        np.take(states, which, out=row[places], mode="clip")
    else:
        row[places] = states[which]


def _run(places: NDArray[np.intp]) -> NDArray[np.intp] | slice:
    """The places as a slice if they follow one upon another: looking into an array then copies nothing."""
    begin, end = int(places[0]), int(places[-1]) + 1
    return slice(begin, end) if end - begin == places.size and (np.diff(places) == 1).all() else places


def marks(connection: Connection) -> dict[int, set[bytes]]:
    """The marks that each nugget's blobs bear; the blobs themselves are not read."""
    found: dict[int, set[bytes]] = {}
    for nugget_id, mark in connection.execute(select(t.memory.c.nugget_id, t.memory.c.mark)):
        found.setdefault(nugget_id, set()).add(bytes(mark))
    return found


def forget(connection: Connection, nugget_ids: Collection[int]) -> None:
    """Throw away what is stored of these nuggets: it is computed again from the event log."""
    ids = sorted(nugget_ids)
    for start in range(0, len(ids), _BATCH):
        connection.execute(delete(t.memory).where(t.memory.c.nugget_id.in_(ids[start : start + _BATCH])))


def outdate(connection: Connection) -> None:
    """Have every belief computed again, since somebody's past changed that no post's mark tells of: what they do, or
    when they were there. Until then the old ones serve."""
    connection.execute(update(t.memory).values(mark=b""))


def save(connection: Connection, beliefs: Mapping[int, PackedBelief], parameters: str, now: datetime) -> None:
    """Replace all that is stored of these nuggets, in one go. `parameters` names the weights they were computed with.

    A nugget that has reached nobody gets one empty blob, which carries its mark.
    """
    forget(connection, beliefs)
    rows = [
        {
            "nugget_id": nugget_id, "shard": shard, "mark": belief.mark, "parameters": parameters,
            "updated_at": now, "packed": blob,
        }
        for nugget_id, belief in sorted(beliefs.items())
        for shard, blob in _shards(belief)
    ]  # fmt: skip
    if rows:
        connection.execute(insert(t.memory), rows)


def _shards(belief: PackedBelief) -> Iterator[tuple[int, bytes]]:
    shard_of = belief.learners // SHARD
    for shard in np.unique(shard_of) if belief.learners.size else np.zeros(1, np.int64):
        here = np.flatnonzero(shard_of == shard)
        yield int(shard), pack(belief.learners[here] - shard * SHARD, belief.belief.at(here))


def _blobs(
    connection: Connection, nugget_ids: Sequence[int], shards: Collection[int]
) -> Iterator[tuple[int, int, bytes]]:
    """(nugget, shard, blob), those of a nugget one after another."""
    m = t.memory.c
    ids, wanted = sorted(set(nugget_ids)), sorted(shards)
    for start in range(0, len(ids), _BLOBS):
        batch = ids[start : start + _BLOBS]
        if connection.dialect.name == "postgresql":
            yield from _binary(connection, batch, wanted)
        else:
            query = select(m.nugget_id, m.shard, m.packed).where(m.nugget_id.in_(batch), m.shard.in_(wanted))
            yield from connection.execute(query.order_by(m.nugget_id, m.shard))


def _binary(connection: Connection, ids: list[int], shards: list[int]) -> Iterator[tuple[int, int, bytes]]:
    """Postgres sends bytes as text, twice as many of them, unless its driver is asked for binary rows: SQLAlchemy has
    no word for that."""
    raw: Any = connection.connection.driver_connection
    with raw.cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT nugget_id, shard, packed FROM memory WHERE nugget_id = ANY(%s) AND shard = ANY(%s)"
            " ORDER BY nugget_id, shard",
            (ids, shards),
        )
        yield from cursor
