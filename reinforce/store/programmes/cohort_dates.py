"""The dates that a programme gives its cohort, and takes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from reinforce.domain.cohort import Cohort, Completes
from reinforce.domain.enrolling.dates import check_dates
from reinforce.store.operating import audit
from reinforce.store.people import cohorts

DATES = ("closes_on", "starts_on", "ends_on", "assessment")
_CHECKED = (*DATES, "opens_on", "completes", "lapse_after")


def set_cohort_dates(
    connection: Connection, cohort: Cohort, values: Mapping[str, Any], actor: str, now: datetime
) -> None:
    """Give a cohort those of `values` that are new to it. Raises ReinforceError where its dates would not go
    together."""
    changed = {name: value for name, value in values.items() if value != getattr(cohort, name)}
    if not changed:
        return
    check_dates(**{name: changed.get(name, getattr(cohort, name)) for name in _CHECKED})
    cohorts.set_dates(connection, cohort.id, {name: _plain(value) for name, value in changed.items()})
    detail = {name: value.isoformat() if isinstance(value, date) else _plain(value) for name, value in changed.items()}
    audit.record(connection, actor, "cohort.dates", f"cohort/{cohort.id}", detail, now)


def remembered(cohort: Cohort) -> dict[str, Any]:
    """A cohort's dates as plain JSON, to be given back."""
    dates = {name: getattr(cohort, name) for name in DATES}
    return {name: day and day.isoformat() for name, day in dates.items()} | {"completes": cohort.completes.value}


def recalled(was: Mapping[str, Any]) -> dict[str, Any]:
    """What `remembered` kept."""
    dates = {name: was[name] and date.fromisoformat(was[name]) for name in DATES}
    return {**dates, "completes": Completes(was["completes"])}


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Completes) else value
