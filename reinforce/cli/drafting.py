"""A verb of the author: a document's steps as draft nuggets."""

from __future__ import annotations

from pathlib import Path

import click

from reinforce.cli.house import json_option

SECTION = "Author"


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write, .xlsx or .yaml [default: FILE.xlsx]."
)
@click.option("--bullets", is_flag=True, help="Take points for steps too, not only what is numbered.")
@click.option("--language", default="en", show_default=True, help="Language the document is written in.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@json_option
def draft(file: Path, out: Path | None, *, bullets: bool, language: str, force: bool, as_json: bool) -> None:
    """Draft nuggets from the numbered steps of a Word, PowerPoint or Markdown file.

    Writes a workbook (or a YAML file) with one nugget a step. Whatever is missing or too long for a post stands there
    behind TODO, and the file does not load until that is mended. Nothing is stored and nothing is posted.

    \b
    Example:
      reinforce draft "Lockout SOP.docx" --out lockout.xlsx
      reinforce load lockout.xlsx --dry-run
    """
    from reinforce.cli.printing import print_json, print_rows
    from reinforce.content.draft_file import draft_from, write_draft
    from reinforce.content.scalars import LANGUAGES
    from reinforce.domain.errors import ReinforceError

    goal = out or Path(file.with_suffix(".xlsx").name)
    if language not in LANGUAGES:
        raise ReinforceError(f'"{language}" is no language code', "Write the two letters of ISO 639-1: en, de, fr, es.")
    if goal.exists() and not force:
        raise ReinforceError(f"{goal} is there already", "Give another name with --out, or --force to write over it.")
    drafted = draft_from(file, bullets=bullets)
    write_draft(drafted, goal, language)
    rows = [
        {"nugget": one.slug, "to do": one.open_marks, "from": one.source_step, "title": one.title}
        for one in drafted.drafts
    ]
    if as_json:
        print_json({"file": goal, "open_marks": drafted.open_marks, "notes": drafted.notes, "nuggets": rows})
        return
    title = f"{drafted.title}: {len(rows)} drafts"
    print_rows(rows, ["nugget", "to do", "from"], as_json=False, empty="", title=title)
    for note in drafted.notes:
        click.echo(f"note: {note}")
    click.echo(f"{goal} written: mend its {drafted.open_marks} TODOs, then: reinforce load {goal} --dry-run")


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, draft)]
