"""Options that say how another system's file is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from reinforce.domain.enrolling.column_map import ColumnMap

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _Pair(click.ParamType[Any]):
    """FIELD=VALUE."""

    name = "pair"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The two sides, without white space around them."""
        if isinstance(value, tuple):
            return value
        left, sign, right = value.partition("=")
        if not sign or not left.strip() or not right.strip():
            self.fail(f'"{value}" is no pair: write it like employee_id="Personnel no"', param, ctx)
        return left.strip().lower().replace(" ", "_").replace("-", "_"), right.strip()


PAIR = _Pair()


def map_options(command: _Command) -> _Command:
    """The options by which a map is made."""
    options = (
        click.option("--set", "columns", type=PAIR, multiple=True, metavar="FIELD=HEADING", help="A field's column."),
        click.option("--fixed", type=PAIR, multiple=True, metavar="FIELD=VALUE", help="The same on every line."),
        click.option("--without", multiple=True, metavar="FIELD", help="Don't read this field, though recognised."),
        click.option("--present", multiple=True, metavar="WORD", help="A state that means: takes part."),
        click.option("--withdrawn", multiple=True, metavar="WORD", help="A state that means: has left."),
        click.option("--completed", multiple=True, metavar="WORD", help="A state that means: has completed."),
        click.option("--dates", type=click.Choice(["ymd", "dmy", "mdy"]), help="Order of day, month and year."),
        click.option("--digits", type=click.IntRange(0, 20), default=0, help="Fill employee ids with zeros to this."),
        click.option("--sheet", default="", help="Sheet of a workbook [default: the one with the headings]."),
        click.option("--encoding", type=click.Choice(["utf-8", "windows-1252", "utf-16"]), help="Of a text file."),
        click.option("--separator", type=click.Choice(["comma", "semicolon", "tab", "pipe"]), help="Between cells."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def layout_given(given: Mapping[str, Any]) -> ColumnMap:
    """The map that the options give by themselves."""
    from reinforce.domain.enrolling.column_map import ColumnMap, DateOrder

    return ColumnMap(
        columns=dict(given["columns"]),
        fixed=dict(given["fixed"]),
        present=tuple(given["present"]),
        withdrawn=tuple(given["withdrawn"]),
        completed=tuple(given["completed"]),
        dates=DateOrder(given["dates"] or ""),
        digits=given["digits"],
        sheet=given["sheet"],
        encoding=given["encoding"] or "",
        separator=given["separator"] or "",
    )


def filled_in(
    given: ColumnMap, recognised: Mapping[str, str], headings: Sequence[str], left_out: Sequence[str]
) -> ColumnMap:
    """`given` with the columns that were recognised beside it. Raises NotFound for a heading that is not there."""
    from dataclasses import replace

    from reinforce.domain.enrolling.column_map import FIELDS
    from reinforce.domain.errors import NotFound

    there = {heading.casefold(): heading for heading in headings}
    for heading in given.columns.values():
        if heading.casefold() not in there:
            raise NotFound(f'there is no column "{heading}"', f"There are: {', '.join(headings)}.")
    spoken_for = {heading.casefold() for heading in given.columns.values()}
    known = {
        field: heading
        for field, heading in recognised.items()
        if heading.casefold() not in spoken_for and field not in {*given.columns, *given.fixed, *left_out}
    }
    if "name" in given.columns:
        known = {field: heading for field, heading in known.items() if field not in {"first_name", "last_name"}}
    every = {**known, **{field: there[one.casefold()] for field, one in given.columns.items()}}
    unknown = {field: one for field, one in every.items() if field not in FIELDS}  # told of by whoever keeps the map
    return replace(given, columns={field: every[field] for field in FIELDS if field in every} | unknown)
