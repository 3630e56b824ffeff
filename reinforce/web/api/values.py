"""Kinds of values that several calls take."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Path, Query
from pydantic import BaseModel, Field

LARGEST = 2**63 - 1
# A row's number: in an address, and in a body or a query.
RowInPath = Annotated[int, Path(ge=1, le=LARGEST)]
Row = Annotated[int, Field(ge=1, le=LARGEST)]
# Where a list goes on: what `next` of the call before said.
Start = Annotated[int | None, Query(ge=1, le=LARGEST)]

# The same for a list whose order is not that of its numbers: how many lie before.
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
PAGE = 100

_Item = TypeVar("_Item")


class Page(BaseModel, Generic[_Item]):
    """A stretch of a list; `next` goes into `?start=` of the call that goes on from here, and is null at the end."""

    items: list[_Item]
    next: int | None


class Reason(BaseModel):
    """Why, for the record."""

    reason: str = Field("", max_length=200)


class LookOnly(BaseModel):
    """Whether only to say what would come of it, and to change nothing."""

    dry_run: bool = False
