"""Verbs that look after people's data: erase somebody, take somebody in again."""

from __future__ import annotations

from pathlib import Path

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house

SECTION = "Look after people's data"


@click.command()
@click.argument("person")
@click.option("--dry-run", is_flag=True, help="Show what would go; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask for the employee id once more.")
@click.option(
    "--receipt",
    "receipt_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the receipt to this file as well: JSON, readable by its owner only.",
)
@json_option
@click.pass_context
def erase(
    ctx: click.Context, person: str, receipt_file: Path | None, *, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Remove a person from every table, queue and belief, for good. PERSON is an employee id, or a handle: @pat_m.

    The receipt names what was removed and what could not be: posts on X, backups, files of yours. A roster or a backup
    does not bring the person back. Works beside a running daemon.

    \b
    Example:
      reinforce erase E-1001 --dry-run
      reinforce erase E-1001 --receipt receipt.json
    """
    from reinforce.cli.printing import print_json, rendered_json
    from reinforce.secrets import write_private_file
    from reinforce.upkeep import erase as erase_person

    house = open_house(ctx)
    if receipt_file is not None and receipt_file.exists():
        raise click.UsageError(f"{receipt_file} is there already: give another name for the receipt")
    if not (dry_run or yes):
        _confirm(person, str(erase_person(house, person, dry_run=True)))
    receipt = erase_person(house, person, dry_run=dry_run)
    if receipt_file is not None:
        write_private_file(receipt_file, rendered_json(receipt) + "\n")
    if as_json:
        print_json(receipt)
    else:
        click.echo(str(receipt))


def _confirm(person: str, preview: str) -> None:
    click.echo(preview, err=True)
    typed = click.prompt("\nThis can't be undone. Type it once more to go on", default="", show_default=False, err=True)
    if typed.strip() != person:
        raise click.Abort


@click.command()
@click.argument("person")
@click.pass_context
def readmit(ctx: click.Context, person: str) -> None:
    """Take somebody off the suppression list, because they ask to take part again. Then enroll and invite them.

    PERSON is what they were known by when they were erased: an employee id, @handle, or x: and the X user id. Nothing
    that was erased comes back, and a stop stays until they say start.

    \b
    Example:
      reinforce readmit E-1001
    """
    from reinforce.upkeep import readmit as readmit_person

    readmit_person(open_house(ctx), person)
    click.echo("Taken off the suppression list. Next: reinforce enroll --help")


@click.group(cls=SectionedGroup)
def retention() -> None:
    """How long data is kept, and deleting what has been kept for longer."""


@click.command(name="show")
@json_option
@click.pass_context
def retention_show(ctx: click.Context, *, as_json: bool) -> None:
    """Show how long each kind of data is kept, and how many rows are due. The daemon deletes them once a day.

    \b
    Example:
      reinforce retention show
    """
    from reinforce.cli.printing import plain, print_rows
    from reinforce.upkeep import retention as kept

    rows = [plain(one) | {"days": one.days or "for ever"} for one in kept(open_house(ctx))]
    print_rows(rows, ["kind", "days", "due", "what"], as_json=as_json, empty="Nothing is kept.")


@click.command(name="run")
@json_option
@click.pass_context
def retention_run(ctx: click.Context, *, as_json: bool) -> None:
    """Delete what is due now, without waiting for the daemon's daily step. Much of it may take several runs.

    \b
    Example:
      reinforce retention run
    """
    from reinforce.cli.printing import print_json
    from reinforce.upkeep import retain

    gone = retain(open_house(ctx), at_once=True)
    if as_json:
        print_json(gone)
    else:
        click.echo(
            "Deleted: " + ", ".join(f"{count} {what}" for what, count in gone.items()) if gone else "Nothing was due."
        )


for _command in (retention_show, retention_run):
    retention.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, command) for command in (erase, readmit, retention)]
