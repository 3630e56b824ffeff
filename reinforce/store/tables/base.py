"""The metadata all workspace tables share, and the kinds of column they are made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, Text
from sqlmodel import Field, MetaData, SQLModel

from reinforce.store.session import Instant

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

# SQLite gives rowids to INTEGER keys only; Postgres wants room for 64 bits.
BIG = BigInteger().with_variant(Integer, "sqlite")


class Base(SQLModel):
    """All tables of the workspace share this metadata, and no other table does (the practice account's are its own)."""

    metadata = metadata
    # Rows become values by hand (SQLModel validates no table): pydantic's validators would only be built at each start.
    model_config = {"defer_build": True}


def key() -> Any:
    return Field(default=None, sa_column=Column(BIG, primary_key=True))


def reference(target: str, *, null: bool = False, index: bool = True, unique: bool = False) -> Any:
    return Field(
        default=None,
        sa_column=Column(
            BIG, ForeignKey(target, ondelete="RESTRICT"), nullable=null, index=index, unique=unique or None
        ),
    )


def instant(*, null: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Instant(), nullable=null, index=index))


def remote_key(*, null: bool = True, unique: bool = False) -> Any:
    return Field(default=None, sa_column=Column(BigInteger, nullable=null, unique=unique, index=not unique))


def remote_number() -> Any:
    """An id of X's that nothing is looked up by."""
    return Field(default=None, sa_column=Column(BigInteger, nullable=True))


def json_column(*, null: bool = False) -> Any:
    return Field(default=None, sa_column=Column(JSON, nullable=null))


def text_column(*, null: bool = False) -> Any:
    return Field(default="", sa_column=Column(Text, nullable=null))
