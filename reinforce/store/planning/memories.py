"""Beliefs, packed: one blob for each nugget and shard of 1,024 learners, loaded and saved many at a time.

A blob is a header (magic, a digest of all that follows, how many learners, the day its ages count from, and the marks
of the event log and of the model it was computed from) and columns: the learners' places in the shard as 16-bit
numbers, then the belief's arrays as 32-bit floats. A learner who is in no blob has the belief of one whom the nugget
has not reached. A blob whose digest does not fit counts as missing, and is computed again from the event log.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select

from reinforce.domain.planning.belief import FIELDS, SHAPES, Belief, unmet
from reinforce.store import tables as t

SHARD = 1024
# SQLite takes some thousands of parameters in one statement.
_BATCH = 500

_MAGIC = b"RBL1"
_DIGEST = 16
# learners, origin day, mark of the event log and the model
_HEADER = struct.Struct("<Id16s")
_START = len(_MAGIC) + _DIGEST + _HEADER.size
# How many numbers each field has for one learner.
_ROWS = {"unmet": 1, "difficulty": 1, "weight": SHAPES, "stability": SHAPES, "last_day": SHAPES}
_BYTES = 2 + 4 * sum(_ROWS.values())


class DamagedBelief(ValueError):
    """A blob that is not what was written."""


@dataclass(frozen=True, slots=True)
class PackedBelief:
    """The belief about one nugget for those of `learners` (ids, ascending, all of one shard) it has anything on."""

    learners: NDArray[np.int64]
    belief: Belief
    mark: bytes


def pack(shard: int, belief: PackedBelief) -> bytes:
    """The blob of a shard's learners. Floats keep seven digits; days count from a whole day, so that they keep them
    to within a second."""
    origin = float(np.floor(belief.belief.last_day.min())) if belief.learners.size else 0.0
    parts = [_HEADER.pack(belief.learners.size, origin, belief.mark)]
    parts.append((belief.learners - shard * SHARD).astype("<u2").tobytes())
    for name in FIELDS:
        values = getattr(belief.belief, name)
        parts.append((values - origin if name == "last_day" else values).astype("<f4").tobytes())
    body = b"".join(parts)
    return _MAGIC + _digest(body) + body


def unpack(shard: int, blob: bytes) -> PackedBelief:
    """What `pack` was given, to seven digits. Raises DamagedBelief."""
    body = blob[len(_MAGIC) + _DIGEST :]
    if len(blob) < _START or blob[: len(_MAGIC) + _DIGEST] != _MAGIC + _digest(body):
        raise DamagedBelief(f"a belief of shard {shard} is not what was written")
    size, origin, mark = _HEADER.unpack_from(body)
    columns = body[_HEADER.size :]
    if len(columns) != size * _BYTES:
        raise DamagedBelief(f"a belief of shard {shard} has {len(columns)} bytes for {size} learners")
    learners = np.frombuffer(columns, "<u2", size).astype(np.int64) + shard * SHARD
    arrays, start = {}, 2 * size
    for name in FIELDS:
        rows = _ROWS[name]
        values = np.frombuffer(columns, "<f4", rows * size, start).astype(np.float64)
        arrays[name] = values if rows == 1 else values.reshape(rows, size)
        start += 4 * rows * size
    arrays["last_day"] += origin
    return PackedBelief(learners, Belief(**arrays), mark)


def load_cohort(connection: Connection, nugget_ids: Sequence[int], learner_ids: Sequence[int]) -> Belief:
    """The belief about these learners (rows) and nuggets (columns): arrays of shape (learners, nuggets).

    A pair of which nothing is stored, or whose blob is damaged, is one that the nugget has not reached.
    """
    return load_sound(connection, nugget_ids, learner_ids)[0]


def load_sound(
    connection: Connection, nugget_ids: Sequence[int], learner_ids: Sequence[int]
) -> tuple[Belief, frozenset[int]]:
    """As `load_cohort`, with the nuggets that have a damaged blob."""
    # Filled nugget by nugget, each a row that lies in one piece; turned round at the end, which copies nothing.
    belief = unmet(len(nugget_ids), len(learner_ids))
    order = np.argsort(np.asarray(learner_ids, np.int64), kind="stable")
    wanted = np.asarray(learner_ids, np.int64)[order]
    places = {nugget_id: place for place, nugget_id in enumerate(nugget_ids)}
    damaged = set()
    for nugget_id, shard, packed in _blobs(connection, nugget_ids, {int(one) for one in np.unique(wanted // SHARD)}):
        try:
            stored = unpack(shard, packed)
        except DamagedBelief:
            damaged.add(nugget_id)
            continue
        begin, end = np.searchsorted(wanted, [shard * SHARD, (shard + 1) * SHARD])
        _, here, there = np.intersect1d(wanted[begin:end], stored.learners, assume_unique=True, return_indices=True)
        for name in FIELDS:
            row = getattr(belief, name)[..., places[nugget_id], :]
            row[..., order[begin + here]] = getattr(stored.belief, name)[..., there]
    return belief.each(lambda array: array.swapaxes(-1, -2)), frozenset(damaged)


def marks(connection: Connection) -> dict[int, set[bytes]]:
    """The marks that each nugget's blobs bear, read from their headers alone; b"" for one that is too short."""
    start = len(_MAGIC) + _DIGEST + _HEADER.size - 16
    mark = func.substr(t.memory.c.packed, start + 1, 16)
    found: dict[int, set[bytes]] = {}
    for nugget_id, value in connection.execute(select(t.memory.c.nugget_id, mark)):
        found.setdefault(nugget_id, set()).add(bytes(value or b""))
    return found


def forget(connection: Connection, nugget_ids: Collection[int]) -> None:
    """Throw away what is stored of these nuggets: it is computed again from the event log."""
    ids = sorted(nugget_ids)
    for start in range(0, len(ids), _BATCH):
        connection.execute(delete(t.memory).where(t.memory.c.nugget_id.in_(ids[start : start + _BATCH])))


def save(connection: Connection, beliefs: Mapping[int, PackedBelief], parameters: str, now: datetime) -> None:
    """Replace all that is stored of these nuggets, in one go. `parameters` names the weights they were computed with.

    A nugget that has reached nobody gets one empty blob, which carries its mark.
    """
    forget(connection, beliefs)
    rows = [
        {"nugget_id": nugget_id, "shard": shard, "packed": blob, "parameters": parameters, "updated_at": now}
        for nugget_id, belief in sorted(beliefs.items())
        for shard, blob in _shards(belief)
    ]
    if rows:
        connection.execute(insert(t.memory), rows)


def _shards(belief: PackedBelief) -> Iterable[tuple[int, bytes]]:
    shard_of = belief.learners // SHARD
    for shard in np.unique(shard_of) if belief.learners.size else np.zeros(1, np.int64):
        here = np.flatnonzero(shard_of == shard)
        part = PackedBelief(belief.learners[here], belief.belief.at(here), belief.mark)
        yield int(shard), pack(int(shard), part)


def _blobs(
    connection: Connection, nugget_ids: Sequence[int], shards: Collection[int]
) -> Iterator[tuple[int, int, bytes]]:
    m = t.memory.c
    ids = sorted(set(nugget_ids))
    for start in range(0, len(ids), _BATCH):
        query = select(m.nugget_id, m.shard, m.packed).where(m.nugget_id.in_(ids[start : start + _BATCH]))
        for row in connection.execute(query.where(m.shard.in_(sorted(shards)))):
            yield row.nugget_id, row.shard, row.packed


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST).digest()
