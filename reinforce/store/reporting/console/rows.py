"""How a row of a read model becomes its value, and what several of them ask in the same words."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, and_, exists

from reinforce.domain.cohort import ConsentKind
from reinforce.store import tables as t

_Value = TypeVar("_Value")


def value_from(kind: type[_Value], row: RowMapping, **given: Any) -> _Value:
    """A `kind` (a dataclass) whose fields are `given`, and for the rest the row's columns of the same name."""
    taken = {item.name: row[item.name] for item in fields(kind) if item.name not in given}  # type: ignore[arg-type]
    return kind(**given, **taken)


def is_linked() -> ColumnElement[bool]:
    """Whether the row of `learner` is bound to an account on the service, with a live consent."""
    person, c = t.learner.c, t.consent.c
    agreed = exists().where(c.learner_id == person.id, c.kind == ConsentKind.LINKING.value, c.withdrawn_at.is_(None))
    return and_(person.remote_user_id.is_not(None), agreed)
