"""The blob that holds the belief about one nugget for one shard of learners.

Most learners never answer, and those of whom the same is known have the very same belief. So a blob holds each
*state* once, and for each learner the number of theirs:

    header    magic, checksum of all that follows, how many states and how many places, the day that ages count from
    states    the belief's eleven numbers as 32-bit floats, each number of all states in one piece
    state of  16 bits for each place in the shard (learner id − shard · SHARD): which state the learner there has

The first state is that of a learner whom the nugget has not reached; whoever comes after the last place has that too.
Floats keep seven digits; the days of the last repetitions keep them of the age they had when the blob was packed.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reinforce.domain.planning.belief import FIELDS, SHAPES, Belief, unmet

# Learners of one blob. Large enough that few are read for a large cohort, small enough that a small cohort in a large
# workspace does not read much of others; and there are fewer states than 16 bits can number.
SHARD = 4096

# How many of the eleven numbers each field has.
WIDTH = {"unmet": 1, "difficulty": 1, "weight": SHAPES, "stability": SHAPES, "last_day": SHAPES}
NUMBERS = sum(WIDTH.values())

_MAGIC = b"RBL2"
_PREFIX = struct.Struct("<4sI")
# states, places, origin day
_HEADER = struct.Struct("<IId")
_START = _PREFIX.size + _HEADER.size
_LAST_DAY = NUMBERS - WIDTH["last_day"]
# Odd numbers that a state's bits are multiplied with; states that differ and have one sum are told apart all the same.
_MIX = (np.arange(1, NUMBERS + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)) | np.uint64(1)


class DamagedBelief(ValueError):
    """A blob that is not what was written."""


@dataclass(frozen=True, slots=True)
class PackedBelief:
    """The belief about one nugget for those of `learners` (ids, ascending) it has anything on. `mark` stands for the
    event log and the model it was computed from, 16 bytes."""

    learners: NDArray[np.int64]
    belief: Belief
    mark: bytes


@dataclass(frozen=True, slots=True)
class Shard:
    """What a blob holds: `states` (NUMBERS, states) float32, with last days that count from `origin`; `state_of`
    (places,), which of them the learner at each place of the shard has. Both look into the blob: they are read only."""

    states: NDArray[np.float32]
    state_of: NDArray[np.uint16]
    origin: float


def pack(places: NDArray[np.int64], belief: Belief) -> bytes:
    """The blob of the learners at these places of their shard (ascending)."""
    origin = float(np.ceil(belief.last_day.max())) if places.size else 0.0
    columns = _columns(belief, origin)
    first, which = _distinct(columns)
    states = np.concatenate([_columns(unmet(1), origin), columns[:, first]], axis=1)
    state_of = np.zeros(int(places[-1]) + 1 if places.size else 0, "<u2")
    state_of[places] = which + 1
    return _blob(states, state_of, origin)


def unpack(blob: bytes) -> Shard:
    """What `pack` made. Raises DamagedBelief."""
    if len(blob) < _START:
        raise DamagedBelief(f"a belief has {len(blob)} bytes, fewer than its header")
    magic, checksum = _PREFIX.unpack_from(blob)
    if magic != _MAGIC or checksum != zlib.crc32(memoryview(blob)[_PREFIX.size :]):
        raise DamagedBelief("a belief is not what was written")
    states, places, origin = _HEADER.unpack_from(blob, _PREFIX.size)
    if len(blob) != _START + 4 * NUMBERS * states + 2 * places:
        raise DamagedBelief(f"a belief has {len(blob)} bytes for {states} states and {places} places")
    numbers = np.frombuffer(blob, "<f4", NUMBERS * states, _START).reshape(NUMBERS, states)
    return Shard(numbers, np.frombuffer(blob, "<u2", places, _START + 4 * NUMBERS * states), origin)


def without(blob: bytes, place: int) -> bytes | None:
    """The blob as if the learner at `place` of the shard had never been reached; None if it says so already. A state
    that nobody else has goes too. Raises DamagedBelief."""
    shard = unpack(blob)
    state_of = shard.state_of.copy()
    if place < state_of.size:
        state_of[place] = 0
    last = int(np.max(np.flatnonzero(state_of), initial=-1))
    state_of = state_of[: last + 1]
    kept = np.union1d([0], state_of).astype(np.intp)
    if state_of.size == shard.state_of.size and kept.size == shard.states.shape[1]:
        return None if (state_of == shard.state_of).all() else _blob(shard.states, state_of, shard.origin)
    return _blob(shard.states[:, kept], np.searchsorted(kept, state_of), shard.origin)


def _blob(states: NDArray[np.float32], state_of: NDArray[np.integer[Any]], origin: float) -> bytes:
    rest = _HEADER.pack(states.shape[1], state_of.size, origin) + states.tobytes() + state_of.astype("<u2").tobytes()
    return _PREFIX.pack(_MAGIC, zlib.crc32(rest)) + rest


def _columns(belief: Belief, origin: float) -> NDArray[np.float32]:
    """(NUMBERS, learners): the belief's numbers as a blob has them."""
    columns = np.concatenate([np.atleast_2d(getattr(belief, name)) for name in FIELDS])
    columns[_LAST_DAY:] -= origin
    return columns.astype("<f4")


def _distinct(columns: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(where each distinct column first stands, in order; which of these each column is)."""
    bits = columns.view(np.uint32)
    _, first, which = np.unique(_MIX @ bits.astype(np.uint64), return_index=True, return_inverse=True)
    if not (bits[:, first[which]] == bits).all():
        everyone = np.arange(columns.shape[1])
        return everyone, everyone
    order = np.argsort(first)
    return first[order], np.argsort(order)[which]
