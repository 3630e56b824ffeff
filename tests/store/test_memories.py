"""Packed beliefs, and what becomes of a damaged one."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sqlalchemy import insert, select, update

from reinforce.domain.planning.belief import FIELDS, Belief, unmet
from reinforce.store import tables as t
from reinforce.store.planning import memories
from reinforce.store.planning.packing import SHARD, DamagedBelief, PackedBelief, pack, unpack
from reinforce.store.session import Database

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MARK = bytes(range(16))


def _belief(seed: int, size: int) -> Belief:
    draw = np.random.default_rng(seed)
    weight = draw.random((3, size)) + 0.01
    return Belief(
        unmet=draw.random(size),
        difficulty=draw.uniform(1, 10, size),
        weight=weight / weight.sum(axis=0),
        stability=np.exp(draw.uniform(-5, 6, (3, size))),
        last_day=20_500 + draw.uniform(-400, 90, (3, size)),
    )


def _nuggets(database: Database, count: int) -> list[int]:
    with database.write() as connection:
        procedure = connection.execute(
            insert(t.procedure)
            .values(
                slug="p", title="P", owner="", language="en", audience=[], importance=1.0, confidentiality="public",
                revision=1, content_hash="", source="", loaded_at=NOW,
            )
            .returning(t.procedure.c.id)
        ).scalar_one()  # fmt: skip
        return [
            connection.execute(
                insert(t.nugget)
                .values(
                    procedure_id=procedure, slug=f"n{n}", title="", position=n, topic="", tags=[], audience=[],
                    importance=1.0, confidentiality="public", source_step="", revision=1, content_hash="",
                )
                .returning(t.nugget.c.id)
            ).scalar_one()
            for n in range(count)
        ]  # fmt: skip


def _assert_close(there: Belief, here: Belief) -> None:
    for name in FIELDS:
        np.testing.assert_allclose(getattr(there, name), getattr(here, name), rtol=1e-6, atol=1e-5)


def _unpacked(blob: bytes, places: NDArray[np.int64]) -> Belief:
    shard = unpack(blob)
    columns = shard.states[:, shard.state_of[places]].astype(np.float64)
    columns[8:] += shard.origin
    return Belief(columns[0], columns[1], columns[2:5], columns[5:8], columns[8:])


@given(st.integers(0, 10_000), st.integers(0, 40))
def test_what_is_packed_comes_back_to_six_digits(seed: int, size: int) -> None:
    places = np.sort(np.random.default_rng(seed).choice(SHARD, size, replace=False)).astype(np.int64)
    belief = _belief(seed, size)
    _assert_close(_unpacked(pack(places, belief), places), belief)


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 40))
def test_learners_with_the_same_belief_share_one_state(seed: int, size: int, states: int) -> None:
    which = np.random.default_rng(seed).integers(0, states, size)
    belief, places = _belief(seed, states).at(which), np.arange(size, dtype=np.int64)
    blob = pack(places, belief)
    assert unpack(blob).states.shape[1] == 1 + np.unique(which).size
    _assert_close(_unpacked(blob, places), belief)


def test_a_last_repetition_long_ago_takes_no_digits_from_one_of_today() -> None:
    belief = _belief(1, 2)
    belief.last_day[:, 0], belief.last_day[:, 1] = -3e6, 20_600.1234567
    back = _unpacked(pack(np.arange(2), belief), np.arange(2))
    np.testing.assert_allclose(back.last_day[:, 1], 20_600.1234567, rtol=0, atol=1e-6)


@given(st.integers(0, 10_000), st.data())
def test_one_changed_bit_anywhere_is_noticed(seed: int, data: st.DataObject) -> None:
    blob = bytearray(pack(np.arange(5), _belief(seed, 5)))
    place = data.draw(st.integers(0, len(blob) - 1))
    blob[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DamagedBelief):
        unpack(bytes(blob))


@pytest.mark.parametrize("cut", [0, 3, 20, 47, 60])
def test_a_blob_that_was_cut_off_is_noticed(cut: int) -> None:
    blob = pack(np.arange(5), _belief(1, 5))
    with pytest.raises(DamagedBelief):
        unpack(blob[:cut])


def test_a_blob_whose_sizes_do_not_fit_is_noticed_though_its_checksum_does() -> None:
    rest = struct.pack("<IId", 2**20, 2**20, 0.0)
    with pytest.raises(DamagedBelief, match="24 bytes"):
        unpack(b"RBL2" + struct.pack("<I", zlib.crc32(rest)) + rest)


def test_a_cohort_is_saved_and_loaded_in_one_go_across_shards(database: Database) -> None:
    ids = _nuggets(database, 3)
    last = SHARD - 1
    learners = np.array([2, 5, last, last + 1, 3 * SHARD], np.int64)
    beliefs = {key: PackedBelief(learners, _belief(key, 5), MARK) for key in ids[:2]}
    with database.write() as connection:
        memories.save(connection, beliefs, "w", NOW)
    asked = [3 * SHARD, 7, last + 1, 2]
    with database.read() as connection:
        loaded = memories.load_cohort(connection, [ids[1], ids[2], ids[0]], asked)
        rows = connection.execute(select(t.memory.c.shard)).scalars().all()
    assert sorted(rows) == [0, 0, 1, 1, 3, 3]
    assert loaded.unmet.shape == (4, 3)
    _assert_close(loaded.each(lambda a: a[..., [0, 2, 3], 0]), beliefs[ids[1]].belief.at(np.array([4, 3, 0])))
    _assert_close(loaded.each(lambda a: a[..., [0, 2, 3], 2]), beliefs[ids[0]].belief.at(np.array([4, 3, 0])))
    _assert_close(loaded.each(lambda a: a[..., 1]), unmet(4, 3).each(lambda a: a[..., 1]))
    _assert_close(loaded.each(lambda a: a[..., 1, :]), unmet(4, 3).each(lambda a: a[..., 1, :]))


def test_saving_again_replaces_and_marks_are_read_without_the_blobs(database: Database) -> None:
    ids = _nuggets(database, 2)
    learners = np.array([1, 5000], np.int64)
    nobody = PackedBelief(np.empty(0, np.int64), unmet(0), bytes(16))
    with database.write() as connection:
        memories.save(connection, {ids[0]: PackedBelief(learners, _belief(1, 2), bytes(16)), ids[1]: nobody}, "w", NOW)
        memories.save(connection, {ids[0]: PackedBelief(learners[:1], _belief(2, 1), MARK)}, "w", NOW)
    with database.read() as connection:
        assert memories.marks(connection) == {ids[0]: {MARK}, ids[1]: {bytes(16)}}
        loaded = memories.load_cohort(connection, ids, [1, 5000])
    assert loaded.unmet[1].tolist() == [1.0, 1.0]


def test_a_damaged_blob_is_named_and_read_as_nothing_known(database: Database) -> None:
    ids = _nuggets(database, 2)
    learners = np.array([1, 2], np.int64)
    with database.write() as connection:
        memories.save(connection, {key: PackedBelief(learners, _belief(key, 2), MARK) for key in ids}, "w", NOW)
        connection.execute(update(t.memory).where(t.memory.c.nugget_id == ids[0]).values(packed=b"RBL2 not a belief"))
    with database.read() as connection:
        belief, damaged = memories.load_sound(connection, ids, [1, 2])
    assert damaged == {ids[0]}
    assert belief.unmet[:, 0].tolist() == [1.0, 1.0]
    assert (belief.unmet[:, 1] < 1.0).all()
    with database.write() as connection:
        memories.forget(connection, damaged)
    with database.read() as connection:
        assert set(memories.marks(connection)) == {ids[1]}


def test_learners_too_many_for_one_statement_are_loaded_all_the_same(database: Database) -> None:
    ids = _nuggets(database, 1)
    learners = np.arange(1, 9_001, dtype=np.int64)
    with database.write() as connection:
        memories.save(connection, {ids[0]: PackedBelief(learners, _belief(3, 9_000), MARK)}, "w", NOW)
    with database.read() as connection:
        loaded = memories.load_cohort(connection, ids, learners.tolist())
    _assert_close(loaded.each(lambda a: a[..., 0]), _belief(3, 9_000))


def test_a_cohort_lies_in_memory_nugget_by_nugget_in_single_precision(database: Database) -> None:
    ids = _nuggets(database, 2)
    learners = np.arange(1, 5_001, dtype=np.int64)
    with database.write() as connection:
        memories.save(connection, {ids[0]: PackedBelief(learners, _belief(3, 5_000), MARK)}, "w", NOW)
    with database.read() as connection:
        loaded = memories.load_cohort(connection, ids, learners.tolist())
    for name in FIELDS:
        array = getattr(loaded, name)
        assert array.dtype == (np.float64 if name == "last_day" else np.float32)
        assert array[..., 0].strides[-1] == array.itemsize
