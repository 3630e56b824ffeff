"""The doctor's look at money and limits: a shortage is told before it happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from reinforce.domain.finding import Finding
from reinforce.domain.sending.breaker import Circuit
from reinforce.domain.sending.budget import Tariff
from reinforce.domain.sending.outlook import warning
from reinforce.store.reporting.budgets import BudgetLine, budget_lines
from reinforce.store.session import Database


def look_at_budgets(database: Database, tariff: Tariff, *, now: datetime) -> tuple[Finding, ...]:
    """What there is to say at `now` (programme time); nothing where the database can't be read, which others tell."""
    try:
        with database.read() as connection:
            lines = budget_lines(connection, tariff, now)
    except DBAPIError:
        return ()
    found = [finding for line in lines for finding in _of(line)]
    if not found and any(line.bounds.monthly for line in lines):
        return (Finding("ok", "the budgets will do for this month"),)
    return tuple(found)


def _of(line: BudgetLine) -> Iterator[Finding]:
    told = warning(line.name, line.bounds, line.outlook)
    if told:
        yield Finding("warn", told, "Raise it (reinforce budget set), or post less: a lower cap in the cadence.")
    if line.given_up:
        number = f"{len(line.given_up)} post{'s' if len(line.given_up) > 1 else ''}"
        advice = "Which: reinforce budget show; more money or fewer slots keeps them."
        yield Finding("warn", f"{number} of {line.name} given up for the budget this month", advice)
    if line.breaker == Circuit.OPEN:
        yield Finding(
            "warn",
            f"account {line.account} failed several times in a row and rests",
            "It tries again by itself; reinforce account check says what X answers, reinforce resume tries at once.",
        )
