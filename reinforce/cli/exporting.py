"""The verb that gives out where learners stand, as a file for a learning or HR system."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from reinforce.cli.date_options import DAY
from reinforce.cli.house import open_house


@click.command(name="export")
@click.argument("slug", metavar="COHORT")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A .csv or .xlsx to write.")
@click.option("--columns", metavar="NAME", help="As the system of this column map reads it.")
@click.option("--since", type=DAY, metavar="DATE", help="Only those whose state changed on that day or later.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_context
def enrollment_export(
    ctx: click.Context, slug: str, out: Path, columns: str | None, since: date | None, *, force: bool
) -> None:
    """Write who stands where by employee id: state, its dates, linked or not. No answers, no stops, no memory.

    \b
    Example:
      reinforce enrollment export press-shop --out completions.csv --since 2026-03-01
      reinforce enrollment export press-shop --out back.xlsx --columns hr
    """
    from reinforce.actions.enrolling.export_completions import export_completions
    from reinforce.domain.errors import ReinforceError
    from reinforce.rendering.spreadsheets import csv_bytes, workbook_bytes
    from reinforce.secrets import write_private_file

    kind = out.suffix.lower()
    if kind not in {".csv", ".xlsx"}:
        raise ReinforceError(f"{out.name} is neither a .csv nor an .xlsx", "End --out in one of them.")
    if out.exists() and not force:
        raise ReinforceError(f"{out} is there already", "Give another name, or --force to write over it.")
    house = open_house(ctx)
    table = export_completions(
        house.database,
        slug,
        since=None if since == "none" else since,
        columns=columns,
        actor=house.actor,
        now=house.clock.now(),
    )
    try:
        out.unlink(missing_ok=True)
        write_private_file(out, csv_bytes(table) if kind == ".csv" else workbook_bytes(table, slug))
    except OSError as error:
        raise ReinforceError(f"{out} can't be written: {error.strerror}", "Give another folder: --out") from error
    click.echo(f"{len(table) - 1} enrollments of {slug} written to {out}; only you may read it.")
