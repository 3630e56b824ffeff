"""Verbs of rosters: the files of HR and learning systems in, and how their columns are read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.column_options import filled_in, layout_given, map_options
from reinforce.cli.house import SectionedGroup, json_option, open_house

if TYPE_CHECKING:
    from reinforce.bootstrap import House
    from reinforce.content.roster_file import Roster
    from reinforce.domain.enrolling.column_map import ColumnMap
    from reinforce.domain.enrolling.roster_changes import EnrollReport

SECTION = "Author"

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_MOST_SHOWN = 30


@click.command()
@click.argument("slug", metavar="COHORT")
@click.argument("roster", type=_file, required=False)
@click.option("--columns", "map_name", metavar="NAME", help="Read it by this column map.")
@click.option("--preview", "--dry-run", "preview", is_flag=True, help="Show what would change; change nothing.")
@click.option("--full", is_flag=True, help="It lists everybody: whoever is missing has left.")
@click.option("--move", is_flag=True, help="Who is in another cohort comes over from there.")
@click.option("--yes-they-leave", "agreed", is_flag=True, help="More than a tenth of the cohort may leave.")
@click.option("--undo", is_flag=True, help="Take the cohort's last roster back.")
@json_option
@click.pass_context
def enroll(ctx: click.Context, /, slug: str, roster: Path | None, *, undo: bool, as_json: bool, **given: Any) -> None:
    """Enroll the learners of a roster (CSV or XLSX) in a cohort.

    The employee id is the key; a handle may be left out. Columns are recognised by their headings, or read by a column
    map (reinforce columns). Who joins, comes over, leaves or changes is shown before it is done. A learner who said
    stop stays stopped, and nobody comes back who withdrew by a word of their own or a person's.

    \b
    Example:
      reinforce enroll press-shop examples/lockout-roster.csv --preview
      reinforce enroll press-shop hr.xlsx --columns hr --full
      reinforce enroll press-shop --undo
    """
    from reinforce.cli.printing import print_json
    from reinforce.domain.enrolling.roster_changes import RosterChange

    house = open_house(ctx)
    if undo:
        _undo(house, slug, as_json=as_json)
        return
    if roster is None:
        raise click.UsageError("Name the roster to enroll: reinforce enroll COHORT ROSTER")
    read = _read(house, roster, given["map_name"])
    if not as_json:
        click.echo(f"{roster.name} {read.told()}")
        if read.encoding == "windows-1252":
            click.echo("It is not UTF-8 and was read as Windows-1252: see that names are right.")
    report = _enrolled(house, slug, read, given, quiet=as_json)
    if as_json:
        print_json(report)
        return
    click.echo(report.summary(report.of(RosterChange.UNCHANGED) if report.live else report.lines))
    if not given["preview"]:
        click.echo(f"Next: reinforce invite {slug}")
        return
    if report.many_leave:
        click.echo(f"{report.leavers} of {report.live} would leave: you will be asked (--yes-they-leave).")
    click.echo("Preview: nothing was changed.")


def _read(house: House, roster: Path, map_name: str | None) -> Roster:
    from reinforce.content.roster_file import read_roster_file

    return read_roster_file(roster, _map_named(house, map_name))


def _map_named(house: House, name: str | None) -> ColumnMap | None:
    from reinforce.store.people import column_maps

    if name is None:
        return None
    with house.database.read() as connection:
        return column_maps.map_by_name(connection, name)


def _enrolled(house: House, slug: str, read: Roster, given: dict[str, Any], *, quiet: bool) -> EnrollReport:
    """Look first, ask where many would leave, then do it."""
    from dataclasses import replace

    from reinforce.actions.authoring.enroll import Terms
    from reinforce.actions.authoring.enroll import enroll as enroll_roster
    from reinforce.cli.printing import working

    def run(terms: Terms) -> EnrollReport:
        with working("Enrolling …"):
            return enroll_roster(
                house.database,
                slug,
                read.rows,
                actor=house.actor,
                now=house.clock.now(),
                keyed=house.keyed_hash,
                terms=terms,
            )

    terms = Terms(preview=True, full=given["full"], move=given["move"])
    seen = run(terms)
    if not quiet:
        _show(seen)
    if given["preview"]:
        return seen
    agreed = given["agreed"]
    if seen.many_leave and not agreed and not quiet and sys.stdin.isatty():
        agreed = click.confirm(f"{seen.leavers} of {seen.live} learners would leave {slug}. Do they?", default=False)
    return run(replace(terms, preview=False, agreed=seen.leavers if agreed else 0))


def _show(report: EnrollReport) -> None:
    """Who joins, comes over, leaves or changes; the first of each."""
    from reinforce.domain.enrolling.roster_changes import RosterChange

    if not report.live:
        return  # the first roster of a cohort: everybody joins
    for change in RosterChange:
        lines = report.of(change)
        if change is RosterChange.UNCHANGED or not lines:
            continue
        click.echo(f"{change.value} ({len(lines)}):")
        for line in lines[:_MOST_SHOWN]:
            click.echo(f"  {line}")
        if len(lines) > _MOST_SHOWN:
            click.echo(f"  … and {len(lines) - _MOST_SHOWN} more (--json shows all)")


def _undo(house: House, slug: str, *, as_json: bool) -> None:
    from reinforce.actions.authoring.undo_enroll import undo_enroll
    from reinforce.cli.printing import print_json

    undone = undo_enroll(house.database, slug, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json(undone)
    else:
        click.echo(str(undone))


@click.group(cls=SectionedGroup)
def columns() -> None:
    """Say how the files of another system are read, and keep it under a name."""


@columns.command(name="list")
@json_option
@click.pass_context
def columns_list(ctx: click.Context, *, as_json: bool) -> None:
    """List the column maps.

    \b
    Example:
      reinforce columns list
    """
    from reinforce.cli.printing import print_rows
    from reinforce.domain.enrolling.column_map import FIELDS
    from reinforce.store.people import column_maps

    house = open_house(ctx)
    with house.database.read() as connection:
        there = column_maps.maps(connection)
    rows = [
        {"name": name, "columns": ", ".join(f"{head} → {FIELDS[field]}" for field, head in one.columns.items())}
        for name, one in there.items()
    ]
    empty = "No column map yet: reinforce columns save NAME FILE"
    print_rows(rows, ["name", "columns"], as_json=as_json, empty=empty)


@columns.command(name="show")
@click.argument("name")
@json_option
@click.pass_context
def columns_show(ctx: click.Context, name: str, *, as_json: bool) -> None:
    """Show a column map.

    \b
    Example:
      reinforce columns show hr
    """
    from reinforce.store.people import column_maps

    house = open_house(ctx)
    with house.database.read() as connection:
        there = column_maps.map_by_name(connection, name)
    _print_map(name, there, as_json=as_json)


@columns.command(name="save")
@click.argument("name")
@click.argument("file", type=_file)
@map_options
@click.option("--preview", is_flag=True, help="Show the map and what it reads; keep nothing.")
@json_option
@click.pass_context
def columns_save(ctx: click.Context, /, name: str, file: Path, *, preview: bool, as_json: bool, **given: Any) -> None:
    """Make a column map for files like this one: columns are recognised by their headings, and what you set wins.

    The file is read by it at once, so a map that does not fit is not kept.

    \b
    Example:
      reinforce columns save hr examples/hr-export.csv --set employee_id=PN --withdrawn Ausgeschieden --dates dmy
    """
    from reinforce.actions.enrolling.keep_columns import save_columns
    from reinforce.content.roster_file import headings_of, read_roster_file
    from reinforce.content.roster_headings import proposed
    from reinforce.domain.enrolling.column_map import require_sound

    house = open_house(ctx)
    layout = layout_given(given)
    headings = headings_of(file, layout)
    made = filled_in(layout, proposed(headings), headings, given["without"])
    require_sound(made)
    read = read_roster_file(file, made)
    if not preview:
        save_columns(house.database, name, made, actor=house.actor, now=house.clock.now())
    _print_map(name, made, as_json=as_json)
    if not as_json:
        click.echo(f"{len(read.rows)} learners of {file.name} {read.told()}")
        click.echo("Preview: nothing was kept." if preview else f"Next: reinforce enroll COHORT FILE --columns {name}")


@columns.command(name="remove")
@click.argument("name")
@click.pass_context
def columns_remove(ctx: click.Context, name: str) -> None:
    """Take a column map out; who was enrolled by it stays.

    \b
    Example:
      reinforce columns remove hr
    """
    from reinforce.actions.enrolling.keep_columns import remove_columns

    house = open_house(ctx)
    remove_columns(house.database, name, actor=house.actor, now=house.clock.now())
    click.echo(f"{name} is out. Make it again: reinforce columns save {name} FILE")


def _print_map(name: str, there: ColumnMap, *, as_json: bool) -> None:
    from reinforce.cli.printing import print_json, print_rows
    from reinforce.domain.enrolling.column_map import FIELDS

    if as_json:
        print_json({"name": name, **there.content()})
        return
    rows = [{"field": field, "column": there.columns[field], "what": FIELDS[field]} for field in there.columns]
    for field, value in there.fixed.items():
        rows.append({"field": field, "column": f'always "{value}"', "what": FIELDS[field]})
    print_rows(rows, ["column", "field", "what"], as_json=False, empty="", title=name)
    for meaning in ("present", "withdrawn", "completed"):
        words = getattr(there, meaning)
        if words:
            click.echo(f"{meaning}: {', '.join(words)}")
    more = {"dates": there.dates.value, "digits": there.digits, "sheet": there.sheet, "encoding": there.encoding}
    more["separator"] = there.separator
    told = ", ".join(f"{key} {value}" for key, value in more.items() if value)
    if told:
        click.echo(told)


@click.command()
@click.argument("slug", metavar="COHORT")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 365), help="How long a code is good for.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="CSV to write [default: COHORT-invitations.csv]."
)
@click.option("--emails", "emails", type=_file, help="A file with employee ids and e-mail addresses, for the CSV.")
@click.option("--columns", "map_name", metavar="NAME", help="Read that file by this column map.")
@click.pass_context
def invite(
    ctx: click.Context, slug: str, days: int, out: Path | None, emails: Path | None, map_name: str | None
) -> None:
    """Write invitations for those not linked yet: a CSV for mail merge and a page to print.

    Never sent on X. Codes are single-use and shown only in these files; inviting again makes the old ones void. E-mail
    addresses go from your file into the CSV and are not stored.

    \b
    Example:
      reinforce invite press-shop --days 14 --emails hr.xlsx
    """
    from reinforce.cli.invitations import write_invitations
    from reinforce.content.email_list import read_emails

    house = open_house(ctx)
    addresses = read_emails(emails, _map_named(house, map_name)) if emails else {}
    sheet, page, count = write_invitations(house, slug, days, out or Path(f"{slug}-invitations.csv"), addresses)
    if count == 0:
        click.echo("Everybody is linked already: nothing was written.")
    else:
        click.echo(f"{count} invitations written to {sheet} and {page}. Delete both when they are sent.")


for _command in list(columns.commands.values()):
    columns.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, c) for c in (enroll, columns, invite)]
