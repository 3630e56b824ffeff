"""A database in which every table holds something of one person, and a way to look for what is left of somebody."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    TypeDecorator,
    insert,
    select,
    update,
)

from reinforce.domain.planning.belief import unmet
from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.store import tables as t
from reinforce.store.operating import workspace
from reinforce.store.planning.packing import SHARD, pack, unpack
from reinforce.store.privacy.holdings import HOLDINGS, Fate
from reinforce.store.session import Database
from tests.databases import Build, create_tables

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYED = KeyedHash(b"k" * 44)
# Tables of the workspace itself, of which there is one row, and those whose rows are made by their own means.
_ITS_OWN = frozenset({"workspace", "roster_version", "audit", "audit_head", "suppression", "memory", "leader"})
# What has to be a word of the product for erasing to work at all.
_VALUES: dict[tuple[str, str], Any] = {
    ("outbox", "state"): "posted",
    ("outbox", "alternatives"): [],
    ("attempt", "outcome"): "posted",
    ("cohort", "approval"): "none",
    ("cohort", "zone"): "UTC",
    ("cohort", "completes"): "end",
    ("cohort", "hashtag"): None,
    ("join_request", "outcome"): "joined",
    ("enrollment", "cause"): "roster",
}


@dataclass
class Traces:
    """One person as the tables hold them: every text of theirs bears `word`. `rows` are the keys of their rows."""

    word: str
    remote_user_id: int
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.word.capitalize()} Fox"

    @property
    def handle(self) -> str:
        return f"{self.word}_x"

    @property
    def employee_id(self) -> str:
        return f"E-{self.word}"

    @property
    def learner_id(self) -> int:
        return self.rows["learner"]


def fill(database: Database, traces: Traces, *, mentions: Traces | None = None) -> None:
    """A row in every table that belongs, as far as its columns can tell, to this person. With `mentions`, what is free
    text in it names the other one as well."""
    with database.write() as connection:
        for table in t.metadata.sorted_tables:
            if table.name in _ITS_OWN or table.name not in HOLDINGS:
                continue
            values = {
                column.name: _value(table, column, traces, mentions)
                for column in table.columns
                if not (column.primary_key and column.name == "id")
            }
            key = next(iter(table.primary_key))
            traces.rows[table.name] = connection.execute(insert(table).values(**values).returning(key)).scalar_one()
        _tie(connection, traces)


def _tie(connection: Connection, traces: Traces) -> None:
    """References without a foreign key, to rows that came later."""
    for name, holding in HOLDINGS.items():
        table = t.metadata.tables[name]
        for column, one in holding.columns.items():
            if one.of and not table.c[column].foreign_keys:
                theirs = next(iter(table.primary_key)) == traces.rows[name]
                connection.execute(update(table).where(theirs).values({column: traces.rows[one.of]}))


def _value(table: Table, column: Column[Any], traces: Traces, mentions: Traces | None) -> Any:
    known = {
        ("learner", "name"): traces.name,
        ("learner", "handle"): traces.handle,
        ("learner", "employee_id"): traces.employee_id,
        ("learner", "remote_user_id"): traces.remote_user_id,
        ("learner", "stopped_at"): None,
        ("inbound", "author_handle"): traces.handle,
        **_VALUES,
    }
    place = (table.name, column.name)
    if place in known:
        return known[place]
    for key in column.foreign_keys:
        return traces.rows.get(key.column.table.name)
    fate = HOLDINGS[table.name].columns.get(column.name)
    if fate is not None and fate.fate is Fate.AUTHOR:
        return traces.remote_user_id
    said = traces.word
    if fate is not None and fate.fate is Fate.SEARCHED:
        said = f"{traces.name} ({traces.handle})" + (f" and @{mentions.handle}" if mentions else "")
    elif fate is None or fate.fate is not Fate.OWN:
        said = f"w{sum(traces.word.encode())}"
    return _of_kind(column, said, traces)


def _of_kind(column: Column[Any], said: str, traces: Traces) -> Any:
    kind_of = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    kinds: tuple[tuple[type, Callable[[], Any]], ...] = (
        (DateTime, lambda: NOW),
        (JSON, lambda: {"said": [said]}),
        (LargeBinary, said.encode),
        (String, lambda: said),
        (Boolean, lambda: False),
        (Date, lambda: date(2026, 3, 2)),
        (Float, lambda: 1.0),
        (Integer, lambda: traces.remote_user_id % 1_000_000),
    )
    return next(make() for kind, make in kinds if isinstance(kind_of, kind))


def fill_beliefs(database: Database, *everybody: Traces) -> None:
    """One nugget's belief, in which each of these has a state of their own."""
    ids = sorted(one.learner_id for one in everybody)
    belief = unmet(len(ids))
    belief = belief.each(lambda array: array + np.arange(len(ids)) * 0.01 + 0.01)
    with database.write() as connection:
        connection.execute(
            insert(t.memory).values(
                nugget_id=everybody[0].rows["nugget"], shard=0, mark=b"m" * 16, parameters="", updated_at=NOW,
                packed=pack(np.asarray(ids) % SHARD, belief),
            )
        )  # fmt: skip


def dump(database: Database) -> Iterator[tuple[str, str, str]]:
    """(table, column, content) of everything there is, as text; blobs letter by letter."""
    with database.read() as connection:
        for table in t.metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for column, value in row.items():
                    yield table.name, str(column), _as_text(value)


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def left_of(database: Database, traces: Traces) -> list[str]:
    """Where anything of somebody still stands."""
    marks = (traces.word, str(traces.remote_user_id))
    return [
        f"{table}.{column}: {text[:60]}"
        for table, column, text in dump(database)
        if any(mark in text.lower() for mark in marks)
    ]


def belief_states(database: Database) -> dict[int, int]:
    """Learner id → number of the state they have in the one belief there is; 0: never reached."""
    with database.read() as connection:
        shard = unpack(connection.execute(select(t.memory.c.packed)).scalar_one())
    return {place: int(state) for place, state in enumerate(shard.state_of)}


PAT, KIM = Traces("quagga", 881_224_466_001), Traces("okapi", 771_335_577_002)


def everybody_everywhere(database: Database) -> None:
    """Both are in every table, and Kim's free texts name Pat. Their rows have the same numbers on each database."""
    create_tables(database)
    with database.write() as connection:
        workspace.create(connection, rehearsal=False, now=NOW - timedelta(days=1))
    fill(database, PAT)
    fill(database, KIM, mentions=PAT)
    fill_beliefs(database, PAT, KIM)


@pytest.fixture
def pat() -> Traces:
    """Who is erased."""
    return Traces(PAT.word, PAT.remote_user_id)


@pytest.fixture
def kim() -> Traces:
    """A bystander."""
    return Traces(KIM.word, KIM.remote_user_id)


@pytest.fixture
def held(open_database: Callable[[Build], Database], pat: Traces, kim: Traces) -> Database:
    """A database in which both are in every table, and Kim's free texts name Pat."""
    opened = open_database(everybody_everywhere)
    pat.rows.update(PAT.rows)
    kim.rows.update(KIM.rows)
    return opened
