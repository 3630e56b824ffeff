"""Weeks as people name them: 2026-W12, from Monday to Sunday (ISO 8601)."""

from __future__ import annotations

from datetime import date, timedelta

import regex

from reinforce.domain.errors import ReinforceError

_WEEK = regex.compile(r"([0-9]{4})-?[Ww]([0-9]{2})")
_SIX = timedelta(days=6)


def week_named(name: str) -> tuple[date, date]:
    """The Monday and the Sunday of a week. Raises ReinforceError."""
    found = _WEEK.fullmatch(name)
    try:
        if found is None:
            raise ValueError
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return monday, monday + _SIX
    except (ValueError, OverflowError):
        raise ReinforceError(f'"{name}" is no week', "Write year and week, as 2026-W12.") from None


def week_before(today: date) -> tuple[date, date]:
    """The Monday and the Sunday of the last week that is over on `today`."""
    monday = today - timedelta(days=today.weekday() + 7)
    return monday, monday + _SIX


def name_of_week(monday: date) -> str:
    """A week's name."""
    year, week, _ = monday.isocalendar()
    return f"{year:04}-W{week:02}"
