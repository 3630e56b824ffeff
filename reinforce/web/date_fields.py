"""Dates in forms: their labels, out of a field, and into it."""

from __future__ import annotations

from datetime import date, datetime

from reinforce.domain.cohort import Completes
from reinforce.domain.errors import NotAllowed, ReinforceError
from reinforce.domain.planning.slots import resolve

# A cohort's dates, as forms ask for them.
LABELS = {
    "opens_on": "One can join from",
    "closes_on": "… to",
    "starts_on": "It starts",
    "ends_on": "It ends",
    "assessment": "Assessment",
}
COMPLETES = (
    (Completes.END.value, "when its last day is over"),
    (Completes.ASSESSMENT.value, "when the assessment's day is over"),
    (Completes.HAND.value, "when somebody says so"),
)


def day_in(text: str) -> date | None:
    """A date out of a field; None for an empty one. Raises ReinforceError for what is none."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ReinforceError(f'"{text}" is no date', "Write it as 2026-12-24.") from None


def instant_in(text: str, zone: str) -> datetime | None:
    """The instant of a date and time out of a field, by the wall clock of a zone; None for an empty one. Raises
    NotAllowed for what is none."""
    if not text.strip():
        return None
    try:
        local = datetime.strptime(text.strip()[:16].replace(" ", "T"), "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - its zone comes next
    except ValueError as error:
        raise NotAllowed(f"“{text[:40]}” is no date and time", "Write it like 2026-03-06T11:00.") from error
    return resolve(local.date(), local.time(), zone)


def shown(day: date | None) -> str:
    """A date as a field takes it."""
    return "" if day is None else day.isoformat()
