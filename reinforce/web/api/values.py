"""Kinds of values that several calls take."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import Field

LARGEST = 2**63 - 1
# A row's number: in an address, and in a body or a query.
RowInPath = Annotated[int, Path(ge=1, le=LARGEST)]
Row = Annotated[int, Field(ge=1, le=LARGEST)]
