"""Every table is in the register of what is held of people: what is missing from it, erasing somebody would leave."""

from __future__ import annotations

import pytest
from sqlalchemy import JSON, BigInteger, Column, LargeBinary, String, Table, TypeDecorator
from sqlalchemy.dialects import sqlite

from reinforce.store import tables as t
from reinforce.store.privacy.holdings import HOLDINGS, Fate

POINTING = (Fate.WITH, Fate.ABOUT, Fate.CUT)
TABLES = sorted(t.metadata.tables)
_WHERE = "see reinforce/store/privacy/holdings.py and docs/explanation/privacy.md"


def _goes(name: str) -> bool:
    return bool(HOLDINGS[name].named(Fate.WHOSE, Fate.AUTHOR, Fate.WITH))


def _wanted(table: Table) -> set[str]:
    """The columns that may tell of somebody: texts, JSON, bytes, remote ids, and references to what may go."""
    found = set()
    for column in table.columns:
        telling = isinstance(_kind(column), String | JSON | LargeBinary) or _is_remote_id(column)
        if telling or any(_goes(key.column.table.name) for key in column.foreign_keys):
            found.add(column.name)
    return found


def _kind(column: Column[object]) -> object:
    """The type under its decoration: SQLModel wraps its strings."""
    return column.type.impl if isinstance(column.type, TypeDecorator) else column.type


def _is_remote_id(column: Column[object]) -> bool:
    """X's ids have 64 bits on both databases, our own are INTEGER on SQLite. Money is counted in micro-dollars."""
    on_sqlite = column.type.dialect_impl(sqlite.dialect())
    return isinstance(on_sqlite, BigInteger) and "micros" not in column.name


def test_every_table_is_in_the_register_and_no_other() -> None:
    assert sorted(HOLDINGS) == TABLES, f"add the table with what erasing does to its columns: {_WHERE}"


@pytest.mark.parametrize("name", TABLES)
def test_every_column_that_may_tell_of_somebody_is_in_the_register(name: str) -> None:
    table, holding = t.metadata.tables[name], HOLDINGS[name]
    assert _wanted(table) - set(holding.columns) == set(), f"say what erasing does with these of {name}: {_WHERE}"
    assert set(holding.columns) - set(table.columns.keys()) == set(), f"{name} has no such columns"
    assert set(holding.emptied) - set(table.columns.keys()) == set(), f"{name} has no such columns"


@pytest.mark.parametrize("name", TABLES)
def test_references_to_what_may_go_say_what_becomes_of_them(name: str) -> None:
    holding = HOLDINGS[name]
    for column in t.metadata.tables[name].columns:
        for key in column.foreign_keys:
            target = key.column.table.name
            if not _goes(target):
                continue
            one = holding.columns[column.name]
            said = (one.fate in POINTING, one.of) == (True, target)
            assert said or (target == "learner" and one.fate is Fate.WHOSE), f"{name}.{column.name}: {_WHERE}"
            assert one.fate is not Fate.CUT or column.nullable, f"{name}.{column.name} can't be emptied"


@pytest.mark.parametrize("name", TABLES)
def test_what_is_emptied_is_said_and_what_points_names_its_table(name: str) -> None:
    holding = HOLDINGS[name]
    assert bool(holding.emptied) == bool(holding.named(Fate.ABOUT))
    for column in holding.columns.values():
        assert (column.of != "") == (column.fate in POINTING)
        assert column.of in ("", *HOLDINGS)
