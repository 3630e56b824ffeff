"""What loading procedures did, or would do, on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from reinforce.actions.authoring.load import LoadReport, ProcedureReport
    from reinforce.domain.authoring.revision import NuggetChange


def show_loaded(report: LoadReport, *, diff: bool) -> None:
    """A table for each file, its notes, and with `diff` what differs in each nugget."""
    for one in report.procedures:
        _show_procedure(one)
        for change in one.nuggets if diff else ():
            _show_difference(change)
        meaning = [change.slug for change in one.nuggets if change.meaning]
        if meaning:
            click.echo(f"{len(meaning)} nuggets mean something else now: {', '.join(meaning)}.")
            click.echo(f"See what is posted of them once it is loaded: reinforce recall preview {one.slug}")


def _show_procedure(one: ProcedureReport) -> None:
    from reinforce.cli.printing import print_rows

    rows = [
        {
            "nugget": nugget.slug,
            "change": f"{nugget.change.value}: meaning" if nugget.meaning else nugget.change,
            "title": nugget.title,
        }
        for nugget in one.nuggets
        if nugget.change != "unchanged"
    ]
    kept = len(one.nuggets) - len(rows)
    title = f"{one.title}: revision {one.revision}, {kept} unchanged"
    print_rows(rows, ["nugget", "change", "title"], as_json=False, empty=title, title=title)
    for note in one.notes:
        click.echo(f"note: {note}")
    if one.withdrawn:
        click.echo(f"{one.withdrawn} planned posts with texts that are gone are taken back.")


def _show_difference(change: NuggetChange) -> None:
    if not change.differences:
        return
    click.echo(f"{change.slug}: {change.why or 'wording only'}")
    for one in change.differences:
        click.echo(f"  {one.what}")
        for sign, text in (("-", one.before), ("+", one.after)):
            for line in text.splitlines():
                click.echo(f"    {sign} {line}")
