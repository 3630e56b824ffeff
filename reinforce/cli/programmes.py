"""Verbs of programmes: phases before, during and after, on a cohort."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.date_options import A_DAY
from reinforce.cli.house import SectionedGroup, json_option, open_house
from reinforce.cli.programme_reports import programme_finish, programme_report

if TYPE_CHECKING:
    from datetime import date

    from reinforce.bootstrap import House
    from reinforce.domain.programmes.programme import Programme
    from reinforce.domain.programmes.runs import RunDates
    from reinforce.placing import Foretold

SECTION = "Author"

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_PHASE_COLUMNS = ["phase", "from", "to", "cadence", "a_week", "goal"]


@click.group(cls=SectionedGroup)
def programme() -> None:
    """Run programmes: phases before, during and after a training, each with its cadence and goal."""


@programme.command(name="load")
@click.argument("file", type=_file)
@click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
@json_option
@click.pass_context
def programme_load(ctx: click.Context, file: Path, *, dry_run: bool, as_json: bool) -> None:
    """Load a programme from a YAML file, with the cadences and quizzes that it names.

    Every fault is listed with its file and line, and then nothing is loaded. Cohorts that run it already go on with
    what they were started with.

    \b
    Example:
      reinforce programme load press-line-programme.yaml --dry-run
    """
    from reinforce.actions.programmes.load_programme import load_programme
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    read = _read(file)
    loaded = load_programme(house.database, read, actor=house.actor, now=house.clock.now(), dry_run=dry_run)
    if as_json:
        print_json({"programme": read.slug, "change": loaded.change, "dry_run": dry_run})
        return
    _show_plan(read)
    click.echo(f"{read.slug}: {loaded.change}." + (" Dry run: nothing was changed." if dry_run else ""))
    if not dry_run:
        click.echo(f"Next: reinforce programme start {read.slug} --cohort COHORT --from DATE --dry-run")


@programme.command(name="check")
@click.argument("file", type=_file)
@json_option
@click.pass_context
def programme_check(ctx: click.Context, file: Path, *, as_json: bool) -> None:
    """Look for faults in a programme's file and in the files that it names. Needs no workspace; changes nothing.

    \b
    Example:
      reinforce programme check press-line-programme.yaml
    """
    from reinforce.cli.printing import print_json
    from reinforce.store.reporting.programmes import plan_document

    del ctx
    read = _read(file)
    if as_json:
        print_json(plan_document(read))
        return
    _show_plan(read)
    click.echo(f"No fault. Next: reinforce programme load {file}")


@programme.command(name="list")
@json_option
@click.pass_context
def programme_list(ctx: click.Context, *, as_json: bool) -> None:
    """List the programmes that are loaded, and on how many cohorts each runs.

    \b
    Example:
      reinforce programme list
    """
    from reinforce.cli.printing import print_rows
    from reinforce.store.programmes.programmes import programme_rows

    house = open_house(ctx)
    with house.database.read() as connection:
        rows = programme_rows(connection)
    empty = "No programme yet. Begin from one that ships: reinforce new, or load a file: reinforce programme load FILE"
    print_rows(rows, ["programme", "title", "phases", "running"], as_json=as_json, empty=empty)


@programme.command(name="show")
@click.argument("slug", metavar="PROGRAMME")
@click.option("--cohort", metavar="COHORT", help="Its run on this cohort, with dates and what became of each part.")
@json_option
@click.pass_context
def programme_show(ctx: click.Context, slug: str, cohort: str | None, *, as_json: bool) -> None:
    """Show a programme by its days, or its run on a cohort by dates.

    \b
    Example:
      reinforce programme show press-line
      reinforce programme show press-line --cohort press-shop
    """
    from reinforce.cli.printing import print_json
    from reinforce.domain.errors import NotFound
    from reinforce.store.people.cohorts import cohort_by_slug
    from reinforce.store.programmes import runs
    from reinforce.store.programmes.programmes import programme_by_slug
    from reinforce.store.reporting.programmes import plan_document, run_document

    house = open_house(ctx)
    with house.database.read() as connection:
        _, found = programme_by_slug(connection, slug)
        there = runs.runs_of(connection, slug)
        documents = [run_document(connection, run, house.clock.now()) for run in there]
        if cohort is not None:
            cohort_by_slug(connection, cohort)
    if cohort is None:
        if as_json:
            print_json({**plan_document(found), "runs": documents})
            return
        _show_plan(found)
        for one in documents:
            until = one["last_day"] or "it is finished by hand"
            click.echo(f"{one['cohort']}: {one['state']}, from {one['starts_on']} until {until}")
        return
    run = next((one for one in documents if one["cohort"] == cohort), None)
    if run is None:
        advice = f"Start it: reinforce programme start {slug} --cohort {cohort} --from DATE"
        raise NotFound(f"{slug} was never started on {cohort}", advice)
    if as_json:
        print_json(run)
    else:
        _show_run(run)


@programme.command(name="start")
@click.argument("slug", metavar="PROGRAMME")
@click.option("--cohort", metavar="COHORT", required=True, help="The cohort it is for.")
@click.option("--from", "first_day", type=A_DAY, metavar="DATE", required=True, help="Its first day, a local date.")
@click.option("--dry-run", is_flag=True, help="Show dates, posts and prices, and what stands against it.")
@click.option("--yes", is_flag=True, help="Agree to what posts with links cost.")
@json_option
@click.pass_context
def programme_start(
    ctx: click.Context, slug: str, cohort: str, first_day: date, *, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Start a programme on a cohort: all of its days become dates, and the daemon does the rest.

    The cohort gets the programme's first and last day, its assessment and the end of its joining window. At the start
    of each phase's first local day the cadence changes; events, quizzes, polls and introductions are made when their
    time comes. A learner who joins late joins the phase that is under way. Undone by: reinforce programme stop.

    \b
    Example:
      reinforce programme start press-line --cohort press-shop --from 2027-01-11 --dry-run
      reinforce programme start press-line --cohort press-shop --from 2027-01-11
    """
    from reinforce.actions.programmes.start_programme import preview_start, start_programme
    from reinforce.cli.printing import print_json
    from reinforce.domain.errors import NotAllowed
    from reinforce.store.reporting.programmes import run_document

    house = open_house(ctx)
    dates = preview_start(house.database, slug, cohort, first_day, now=house.clock.now())
    items = _foretold(house, slug, cohort, dates)
    wrong = [f"{one.kind.value} {one.name}: {one.problem}" for one in items if one.problem]
    if dry_run:
        if as_json:
            print_json({"dates": dates, "items": items})
        else:
            _show_foretold(dates, items)
            click.echo("Dry run: nothing was changed.")
        return
    if wrong:
        told = "not all of it can be done on this cohort: " + " | ".join(wrong)
        raise NotAllowed(told, "Mend the file and load it again.")
    agreed = yes
    if not as_json:
        _show_foretold(dates, items)
        if any(one.linked for one in items) and not yes:
            agreed = click.confirm("Posts with links cost more, as shown. Agree?")
    run = start_programme(
        house.database, slug, cohort, first_day, agreed=agreed, actor=house.actor, now=house.clock.now()
    )
    if as_json:
        with house.database.read() as connection:
            print_json(run_document(connection, run, house.clock.now()))
        return
    click.echo(f"{slug} starts on {cohort} on {first_day}. See what goes out: reinforce plan {cohort} --days 30")


@programme.command(name="hold")
@click.argument("cohort", metavar="COHORT")
@click.option("--from", "first_day", type=A_DAY, metavar="DATE", help="First day [default: today].")
@click.option("--until", "last_day", type=A_DAY, metavar="DATE", required=True, help="Last day.")
@click.option("--reason", default="on hold", show_default=True, help="Why; shown wherever the cohort is.")
@click.option("--shift", is_flag=True, help="Move what is to come by as many whole weeks as hold these days.")
@json_option
@click.pass_context
def programme_hold(
    ctx: click.Context,
    cohort: str,
    first_day: date | None,
    last_day: date,
    reason: str,
    *,
    shift: bool,
    as_json: bool,
) -> None:
    """Post nothing for the cohort for some days.

    Without --shift the programme's dates stay: the phase under way loses those days, and the next begins when it was to
    begin. With --shift everything from the hold's first day on comes later, by whole weeks, so that what was on a
    Tuesday stays on one: phases that have not begun, the end of the one that has, events, quizzes and polls that are
    not made yet, the assessment and the cohort's last day. Nothing is made up for afterwards. Events that are announced
    already keep their time.

    \b
    Example:
      reinforce programme hold press-shop --from 2027-02-08 --until 2027-02-12 --reason "line is being moved" --shift
    """
    from reinforce.actions.programmes.hold_programme import hold_programme
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    held = hold_programme(
        house.database, cohort, first_day, last_day, reason, shift=shift, actor=house.actor, now=house.clock.now()
    )
    if as_json:
        print_json({"hold": held.hold, "taken_back": held.taken_back, "moved_days": held.moved})
        return
    click.echo(f"{cohort} is on hold from {held.hold.first_day} to {held.hold.last_day}.")
    if held.moved:
        click.echo(f"What is to come is {held.moved} days later; the last day is {held.run.last_day or 'open'}.")
    click.echo(f"Go on earlier with: reinforce programme resume {cohort}")


@programme.command(name="resume")
@click.argument("cohort", metavar="COHORT")
@json_option
@click.pass_context
def programme_resume(ctx: click.Context, cohort: str, *, as_json: bool) -> None:
    """End the hold that the cohort is in, or the next to come.

    If it moved the programme, what is to come moves back by the weeks that were not needed.

    \b
    Example:
      reinforce programme resume press-shop
    """
    from reinforce.actions.programmes.hold_programme import resume_programme
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    held = resume_programme(house.database, cohort, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json({"hold": held.hold, "moved_days": held.moved})
        return
    click.echo(f"{cohort} goes on." + (f" What is to come is {-held.moved} days earlier again." if held.moved else ""))


@programme.command(name="stop")
@click.argument("cohort", metavar="COHORT")
@json_option
@click.pass_context
def programme_stop(ctx: click.Context, cohort: str, *, as_json: bool) -> None:
    """Undo a start: the cohort has the cadence and the dates again that it had before.

    What went out stays, and so do events and quizzes that were made: they have verbs of their own.

    \b
    Example:
      reinforce programme stop press-shop
    """
    from reinforce.actions.programmes.start_programme import stop_programme
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    run = stop_programme(house.database, cohort, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json({"programme": run.programme.slug, "cohort": cohort, "state": run.state})
    else:
        click.echo(f"{run.programme.slug} is stopped; {cohort} goes on as before it.")


def _read(file: Path) -> Programme:
    from reinforce.content.programme_file import read_programme
    from reinforce.shipped import shipped

    return read_programme(file, shipped("schedules"))


def _foretold(house: House, slug: str, cohort_slug: str, dates: RunDates) -> list[Foretold]:
    from reinforce.placing import foretell
    from reinforce.store.people.cohorts import cohort_by_slug
    from reinforce.store.programmes.programmes import programme_by_slug

    with house.database.read() as connection:
        cohort = cohort_by_slug(connection, cohort_slug)
        _, found = programme_by_slug(connection, slug)
    return list(foretell(house, found, cohort, dates))


def _show_plan(found: Programme) -> None:
    from reinforce.cli.printing import print_rows
    from reinforce.store.reporting.programmes import plan_document

    document = plan_document(found)
    click.echo(f"{found.title} ({found.slug})")
    rows = [{**one, "from": f"day {one['from_day']}", "to": _day(one["to_day"])} for one in document["phases"]]
    print_rows(rows, _PHASE_COLUMNS, as_json=False, empty="")
    items = [{**one, "day": f"day {one['day']}"} for phase in document["phases"] for one in phase["items"]]
    if items:
        print_rows(items, ["day", "at", "kind", "name"], as_json=False, empty="")


def _day(number: int | None) -> str:
    return "finished by hand" if number is None else f"day {number}"


def _show_run(run: dict[str, Any]) -> None:
    from reinforce.cli.printing import local, print_rows

    click.echo(f"{run['title']} on {run['cohort']}: {run['state']}")
    rows = [
        {**one, "from": one["first_day"], "to": one["last_day"] or "finished by hand",
         "begun": local(one["began_at"], run["zone"]), "": "now" if one["now"] else ""}
        for one in run["phases"]
    ]  # fmt: skip
    print_rows(rows, ["", *_PHASE_COLUMNS[:-1], "begun", "goal"], as_json=False, empty="")
    if run["assessment"]:
        click.echo(f"Assessment: {run['assessment']}")
    columns = ["day", "at", "kind", "name", "phase", "state", "note"]
    print_rows(run["items"], columns, as_json=False, empty="Nothing has its place in it but nuggets.")


def _show_foretold(dates: RunDates, items: list[Foretold]) -> None:
    from reinforce.cli.printing import money, print_rows

    rows = [
        {"phase": one.name, "from": one.first_day, "to": one.last_day or "finished by hand"} for one in dates.phases
    ]
    print_rows(rows, ["phase", "from", "to"], as_json=False, empty="")
    if dates.assessment is not None:
        click.echo(f"Assessment: {dates.assessment}")
    placed = [
        {"day": one.day, "at": f"{one.at:%H:%M}", "what": f"{one.kind.value} {one.name}",
         "posts": "\n".join(one.posts), "price": money(one.price_micros), "problem": one.problem}
        for one in items
    ]  # fmt: skip
    if placed:
        print_rows(placed, ["day", "at", "what", "posts", "price", "problem"], as_json=False, empty="")
        click.echo(f"Together {money(sum(one.price_micros for one in items))}; nuggets and rounds are not in it.")


for _command in (*programme.commands.values(), programme_finish, programme_report):
    programme.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, programme)]
