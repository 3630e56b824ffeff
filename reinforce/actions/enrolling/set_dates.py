"""Change a cohort's dates, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from reinforce.domain.cohort import Cohort
from reinforce.domain.enrolling.dates import check_dates
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.session import Database

_CHECKED = ("opens_on", "closes_on", "starts_on", "ends_on", "assessment", "completes", "lapse_after")


def set_dates(database: Database, slug: str, changes: Mapping[str, Any], *, actor: str, now: datetime) -> Cohort:
    """Set what `changes` names of a cohort's dates (None takes one out), `completes`, `lapse_after` and `updates`.

    What went out about them stays; what has not moves with them at the daemon's next tick. Raises NotFound, or
    ReinforceError where the dates would not go together.
    """
    with database.write() as connection:
        there, changed = _checked(connection, slug, changes)
        if not changed:
            return there
        cohorts.set_dates(connection, there.id, {name: _stored(value) for name, value in changed.items()})
        detail = {name: _told(value) for name, value in changed.items()}
        audit.record(connection, actor, "cohort.dates", f"cohort/{there.id}", detail, now)
        return cohorts.cohort_by_id(connection, there.id)


def check_new_dates(database: Database, slug: str, changes: Mapping[str, Any]) -> None:
    """Raise as `set_dates` would, and change nothing: for who changes more with it, and all or nothing."""
    with database.read() as connection:
        _checked(connection, slug, changes)


def _checked(connection: Connection, slug: str, changes: Mapping[str, Any]) -> tuple[Cohort, dict[str, Any]]:
    """The cohort, and what of `changes` is new."""
    there = cohorts.cohort_by_slug(connection, slug)
    changed = {name: value for name, value in changes.items() if value != getattr(there, name)}
    if changed:
        check_dates(**{name: changed.get(name, getattr(there, name)) for name in _CHECKED})
    return there, changed


def _stored(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else _stored(value)
