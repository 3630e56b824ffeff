"""How a row of a read model becomes its value, and what several of them ask in the same words."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, true

from reinforce.domain.access.rights import Scope

_Value = TypeVar("_Value")


def value_from(kind: type[_Value], row: RowMapping, **given: Any) -> _Value:
    """A `kind` (a dataclass) whose fields are `given`, and for the rest the row's columns of the same name."""
    taken = {item.name: row[item.name] for item in fields(kind) if item.name not in given}  # type: ignore[arg-type]
    return kind(**given, **taken)


def within(scope: Scope, cohort_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that a scope reaches a row, by the column that names its cohort."""
    return true() if scope.everything else cohort_id.in_(sorted(scope.cohorts))
