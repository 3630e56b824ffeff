"""Begin from a programme that ships."""

from __future__ import annotations

from pathlib import Path

import click

from reinforce.cli.house import json_option

SECTION = "Author"


@click.command()
@click.argument("name", required=False)
@click.option("--from", "starter", metavar="STARTER", help="Which one to begin from.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where to write it [default: ./NAME].")
@json_option
def new(name: str | None, starter: str | None, folder: Path | None, *, as_json: bool) -> None:
    """Write a folder of files to begin a programme from: procedure, programme, roster, and a quiz or a course.

    Without arguments it lists what there is to begin from. The files load as they are; put your own words in the place
    of theirs. Needs no workspace.

    \b
    Example:
      reinforce new
      reinforce new press-line --from sop-rollout
    """
    from reinforce.cli.printing import print_json, print_rows
    from reinforce.content.starter import starter_files, starters
    from reinforce.domain.errors import ReinforceError
    from reinforce.shipped import shipped

    shelf = shipped("examples") / "starters"
    if name is None or starter is None:
        if name is not None or starter is not None:
            raise click.UsageError("Say both: reinforce new NAME --from STARTER. Without any it lists the starters.")
        rows = [
            {"starter": one.name, "title": one.title, "about": one.about, "phases": one.phases}
            for one in starters(shelf, shipped("schedules"))
        ]
        print_rows(rows, ["starter", "title", "about", "phases"], as_json=as_json, empty="")
        if not as_json:
            click.echo("Begin with one of them: reinforce new NAME --from STARTER")
        return
    files = starter_files(shelf, starter, name)
    place = folder or Path(name)
    there = [one for one in files if (place / one).exists()]
    if there:
        raise ReinforceError(f"{place / there[0]} is there already", "Give another name, or another --folder.")
    try:
        place.mkdir(parents=True, exist_ok=True)
        for file, text in files.items():
            (place / file).write_text(text, encoding="utf-8")
    except OSError as problem:
        raise ReinforceError(f"{place} can't be written: {problem.strerror}", "Name another --folder.") from problem
    if as_json:
        print_json({"folder": place, "files": sorted(files)})
        return
    _tell(name, place, sorted(files))


def _tell(name: str, place: Path, files: list[str]) -> None:
    """What was written, and the next steps."""
    click.echo(f"{place}: {', '.join(files)}")
    click.echo("Put your own words in, then:")
    steps = [
        f"reinforce load {place / name}.yaml",
        f"reinforce programme load {place / name}-programme.yaml",
        f"reinforce cohort create {name} --account ACCOUNT --procedure {name} --zone Europe/Berlin",
        f"reinforce enroll {name} {place / name}-roster.csv",
        f"reinforce invite {name}",
        f"reinforce programme start {name}-programme --cohort {name} --from DATE --dry-run",
        f"reinforce plan {name} --days 30",
    ]
    course = f"{name}-course.md"
    if course in files:
        steps.append(f"reinforce course check {place / course}")
    for number, step in enumerate(steps, start=1):
        click.echo(f"  {number}. {step}")


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, new)]
