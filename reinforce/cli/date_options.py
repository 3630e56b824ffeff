"""The options of a cohort's dates, the same where it is created and where it is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])

_DATES = {
    "opens": ("opens_on", "First day on which one can join."),
    "closes": ("closes_on", "Last day on which one can join; who has not joined by then lapses."),
    "starts": ("starts_on", "First day [default: at once]."),
    "ends": ("ends_on", "Last day; nothing is planned after it."),
    "assessment": ("assessment", "Day on which recall is wanted."),
}


class _Day(click.ParamType[Any]):
    """A date as 2026-12-18, or, where there may be no date, "none"."""

    name = "date"

    def __init__(self, *, may_be_none: bool) -> None:
        self._may_be_none = may_be_none

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The date; "none" stays as it is."""
        if isinstance(value, date) or (value == "none" and self._may_be_none):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            otherwise = ", or none" if self._may_be_none else ""
            self.fail(f'"{value}" is no date: write it like 2026-12-18{otherwise}', param, ctx)


DAY = _Day(may_be_none=True)
A_DAY = _Day(may_be_none=False)


def date_options(command: _Command) -> _Command:
    """The options by which the dates are given."""
    for name, (_, told) in reversed(_DATES.items()):
        command = click.option(f"--{name}", type=DAY, metavar="DATE", help=told)(command)
    completes = click.option(
        "--completes",
        type=click.Choice(["end", "assessment", "hand"]),
        help="When its learners complete it: after its last day, after the assessment, or by hand.",
    )
    lapse = click.option(
        "--lapse-after",
        type=click.IntRange(0),
        metavar="DAYS",
        help="Who says nothing for so many days lapses; 0: nobody does.",
    )
    updates = click.option("--updates/--no-updates", default=None, help="Post about its dates.")
    return completes(lapse(updates(command)))


def chosen(given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, by the names of a cohort's values; "none" is no date."""
    found = {field: given[name] for name, (field, _) in _DATES.items() if given[name] is not None}
    found |= {name: given[name] for name in ("completes", "lapse_after", "updates") if given[name] is not None}
    return {name: None if value == "none" else value for name, value in found.items()}
