"""Verbs of the author: procedures in, cohorts and learners made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from reinforce.cli.date_options import chosen, date_options
from reinforce.cli.house import SectionedGroup, json_option, open_house
from reinforce.cli.joining import opening_given, opening_options

SECTION = "Author"

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", nargs=-1, required=True, type=_file)
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("--diff", is_flag=True, help="Show text by text what would change, and what changes its meaning.")
@click.option("--meaning", multiple=True, help="A changed nugget that means something else now; may be repeated.")
@click.option("--wording-only", multiple=True, help="A changed nugget that means what it did; may be repeated.")
@click.option("--procedure", default="", help="Of a question bank: the procedure that its questions are to be.")
@click.option("--owner", default="", help="Of a question bank: who answers for it [default: the bank's name].")
@click.option("--language", default="en", show_default=True, help="Of a question bank: its language.")
@click.option("--public", is_flag=True, help="Of a question bank: its questions may go out on a public account.")
@click.option("--skip-unsupported", is_flag=True, help="Of a question bank: leave out what can't be asked in a post.")
@json_option
@click.pass_context
def load(
    ctx: click.Context,
    files: tuple[Path, ...],
    procedure: str,
    owner: str,
    language: str,
    meaning: tuple[str, ...],
    wording_only: tuple[str, ...],
    *,
    dry_run: bool,
    diff: bool,
    public: bool,
    skip_unsupported: bool,
    as_json: bool,
) -> None:
    """Load procedures from YAML files, filled-in workbooks or question banks (GIFT, Aiken).

    Every fault of every file is listed at once and then nothing is loaded. Loading a changed file again makes a
    revision: unchanged nuggets keep their memory, removed ones retire. A change is one of meaning if the right answer
    or a figure is another one, or if you say so. A bank's questions become a procedure of their own, which --procedure
    names.

    \b
    Example:
      reinforce load examples/lockout.yaml --dry-run
      reinforce load examples/*.yaml
      reinforce load lockout.yaml --diff
      reinforce load examples/locks.gift --procedure locks
    """
    from reinforce.actions.authoring.load import load_files
    from reinforce.cli.loaded import show_loaded
    from reinforce.cli.printing import print_json, tracked
    from reinforce.content.question_bank import BANKS, BankTerms
    from reinforce.domain.authoring.revision import AuthorsWord
    from reinforce.domain.errors import ReinforceError
    from reinforce.domain.nugget import Confidentiality

    banks = [file for file in files if file.suffix.lower() in BANKS]
    if procedure and len(banks) != 1:
        raise ReinforceError("--procedure names the procedure of one question bank", "Load each bank by itself.")
    house = open_house(ctx)
    may_go = Confidentiality.PUBLIC if public else Confidentiality.INTERNAL
    report = load_files(
        house.database,
        tracked("Reading", files),
        dry_run=dry_run or diff,
        actor=house.actor,
        now=house.clock.now(),
        word=AuthorsWord(frozenset(meaning), frozenset(wording_only)),
        bank=BankTerms(procedure, owner, language, may_go, skip_unsupported) if procedure else None,
    )
    if as_json:
        print_json(report)
        return
    show_loaded(report, diff=diff)
    click.echo("Nothing was changed." if diff else "Dry run: nothing was changed." if dry_run else "Loaded.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def template(file: Path, *, force: bool) -> None:
    """Write a blank workbook to fill in, one nugget a row.

    \b
    Example:
      reinforce template nuggets.xlsx
      reinforce load nuggets.xlsx
    """
    from reinforce.content.workbook import write_template
    from reinforce.domain.errors import ReinforceError

    if file.exists() and not force:
        raise ReinforceError(f"{file} is there already", "Give another name, or --force to write over it.")
    write_template(file)
    click.echo(f"{file} written: fill in the sheet, then: reinforce load {file}")


@click.group(cls=SectionedGroup)
def cohort() -> None:
    """Create, list, show, pause and resume cohorts."""


@click.command(name="create")
@click.argument("slug")
@click.option("--title", default="", help="Name for people [default: the slug].")
@click.option("--account", required=True, help="Account its posts go out on.")
@click.option("--procedure", "procedures", multiple=True, required=True, help="Procedure it learns; may be repeated.")
@click.option("--schedule", default="cohort-adaptive", show_default=True, help="A cadence's name, or a file.")
@click.option("--zone", default="UTC", show_default=True, help="IANA time zone of its slots.")
@click.option("--country", default="", help="Country whose holidays are kept, as DE or US-CA.")
@click.option("--language", default="en", show_default=True, help="Language of its wordings.")
@click.option(
    "--answers",
    type=click.Choice(["replies", "polls", "think-then-reveal"]),
    default="replies",
    show_default=True,
    help="How learners answer.",
)
@click.option("--open", "is_open", is_flag=True, help="Open to everybody: no roster; wants --hashtag.")
@opening_options
@date_options
@json_option
@click.pass_context
def cohort_create(
    ctx: click.Context,
    /,
    slug: str,
    title: str,
    account: str,
    procedures: tuple[str, ...],
    schedule: str,
    zone: str,
    country: str,
    language: str,
    answers: str,
    *,
    is_open: bool,
    as_json: bool,
    **course: Any,
) -> None:
    """Create a cohort; with --open one that anybody may join, on an account of its own.

    \b
    Example:
      reinforce cohort create press-shop --account practice --procedure lockout \\
          --zone Europe/Berlin --country DE --assessment 2026-12-18
      reinforce cohort create newcomers --open --hashtag lockoutbasics --account careers --procedure basics \\
          --opens 2026-10-01 --closes 2026-10-31
    """
    from reinforce.actions.authoring.cohorts import NewCohort, create_cohort
    from reinforce.cli.printing import print_json
    from reinforce.domain.cohort import Opening

    opening = opening_given(course)
    if is_open is not bool(opening.get("hashtag")) or (opening and not is_open):
        raise click.UsageError("an open cohort wants --open and --hashtag WORD; others take none of --most, --an-hour")
    house = open_house(ctx)
    new = NewCohort(
        slug=slug,
        title=title or slug,
        account=account,
        procedures=procedures,
        zone=zone,
        country=country,
        language=language,
        answers=answers,
        opening=Opening(**opening) if is_open else None,
        **chosen(course),
    )
    made = create_cohort(house.database, new, house.schedule(schedule), actor=house.actor, now=house.clock.now())
    if as_json:
        print_json(made)
    elif made.opening is not None:
        click.echo(f"open cohort {made.slug} created. What to tell people: reinforce joining words {made.slug}")
    else:
        click.echo(f"cohort {made.slug} created. Next: reinforce enroll {made.slug} ROSTER.csv")


@click.command(name="list")
@json_option
@click.pass_context
def cohort_list(ctx: click.Context, *, as_json: bool) -> None:
    """List the cohorts.

    \b
    Example:
      reinforce cohort list --json
    """
    from reinforce.cli.printing import print_rows
    from reinforce.store.reporting.listings import cohort_rows

    house = open_house(ctx)
    with house.database.read() as connection:
        rows = cohort_rows(connection)
    columns = ["slug", "title", "state", "account", "schedule", "zone", "learners", "linked", "nuggets", "assessment"]
    print_rows(rows, columns, as_json=as_json, empty="No cohort yet: reinforce cohort create --help")


@click.command(name="show")
@click.argument("slug")
@json_option
@click.pass_context
def cohort_show(ctx: click.Context, slug: str, *, as_json: bool) -> None:
    """Show one cohort: its learners and where its nuggets stand.

    \b
    Example:
      reinforce cohort show press-shop
    """
    from reinforce.cli.printing import print_json, print_rows
    from reinforce.store.reporting.enrolling import hold_rows
    from reinforce.store.reporting.listings import cohort_detail
    from reinforce.store.reporting.programmes import standing, standing_words

    house = open_house(ctx)
    with house.database.read() as connection:
        detail = cohort_detail(connection, slug)
        detail["holds"] = hold_rows(connection, house.clock.now(), slug=slug)
        detail["programme"] = standing(connection, detail["cohort"]["id"], house.clock.now())
    if as_json:
        print_json(detail)
        return
    summary = detail["cohort"]
    click.echo(f"{summary['title']} ({summary['slug']}): {summary['state']}, {summary['schedule']}, {summary['zone']}")
    if detail["programme"] is not None:
        click.echo(standing_words(detail["programme"]))
    for held in detail["holds"]:
        click.echo(f"on hold from {held['first_day']} to {held['last_day']}: {held['reason']}")
    print_rows(
        detail["learners"],
        ["handle", "state", "linked"] if summary["hashtag"] else ["employee_id", "name", "role", "state", "linked"],
        as_json=False,
        empty="No learners yet.",
    )
    print_rows(
        detail["nuggets"],
        ["nugget", "title", "posts", "reviews", "recalled", "last_posted"],
        as_json=False,
        empty="No nuggets yet.",
    )


@click.command(name="pause")
@click.argument("slug")
@click.option("--reason", default="paused by hand", show_default=True, help="Why; shown wherever the cohort is.")
@click.pass_context
def cohort_pause(ctx: click.Context, slug: str, reason: str) -> None:
    """Post nothing for a cohort until it is resumed.

    \b
    Example:
      reinforce cohort pause press-shop --reason "machine is being moved"
    """
    from reinforce.actions.authoring.cohorts import pause_cohort

    house = open_house(ctx)
    pause_cohort(house.database, slug, reason, actor=house.actor, now=house.clock.now())
    click.echo(f"{slug} is paused. Go on with: reinforce cohort resume {slug}")


@click.command(name="resume")
@click.argument("slug")
@click.pass_context
def cohort_resume(ctx: click.Context, slug: str) -> None:
    """Let a paused cohort go on; slots that passed are not made up for.

    \b
    Example:
      reinforce cohort resume press-shop
    """
    from reinforce.actions.authoring.cohorts import resume_cohort

    house = open_house(ctx)
    resume_cohort(house.database, slug, actor=house.actor, now=house.clock.now())
    click.echo(f"{slug} goes on.")


for _command in (cohort_create, cohort_list, cohort_show, cohort_pause, cohort_resume):
    cohort.add_to_section("Verbs", _command)


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, c) for c in (load, template, cohort)]
