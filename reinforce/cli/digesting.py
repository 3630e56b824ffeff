"""The verb that writes a cohort's week for those without X."""

from __future__ import annotations

from pathlib import Path

import click

from reinforce.cli.house import json_option, open_house

SECTION = "Author"
_MARKDOWN = {".md", ".markdown"}


@click.command()
@click.argument("slug", metavar="COHORT")
@click.option("--week", metavar="YEAR-WEEK", help="Which week, as 2026-W12 [default: the last that is over].")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="[default: COHORT-WEEK.html]")
@json_option
@click.pass_context
def digest(ctx: click.Context, slug: str, week: str | None, out: Path | None, *, as_json: bool) -> None:
    """Write the posts of a cohort's week, with the answers that are out, for those without X.

    A page to print or to mail (.html, with a plain text beside it), or a text by itself (.txt, .md). Nobody is named in
    it, and nothing is sent.

    \b
    Example:
      reinforce digest press-shop --week 2026-W12 --out week.html
    """
    from reinforce.actions.enrolling.digest import week_digest
    from reinforce.cli.printing import print_json
    from reinforce.domain.errors import ReinforceError
    from reinforce.rendering.digest import digest_page, digest_text
    from reinforce.shipped import shipped

    house = open_house(ctx)
    templates = shipped("templates") / "print"
    made = week_digest(house.database, slug, week, templates, now=house.clock.now())
    out = out or Path(f"{slug}-{made.week}.html")
    ending = out.suffix.lower()
    if ending in _MARKDOWN:
        files = {out: digest_text(made, templates, markdown=True)}
    elif ending == ".txt":
        files = {out: digest_text(made, templates)}
    elif ending in {".html", ".htm"}:
        files = {out: digest_page(made, templates), out.with_suffix(".txt"): digest_text(made, templates)}
    else:
        raise ReinforceError(f"{out.name} is neither .html nor .txt nor .md", "End --out in one of them.")
    try:
        for path, text in files.items():
            path.write_text(text, "utf-8")
    except OSError as error:
        raise ReinforceError(f"{out} can't be written: {error.strerror}", "Give another folder: --out") from error
    if as_json:
        print_json({"week": made.week, "posts": len(made.entries), "files": [str(path) for path in files]})
        return
    count = f"{len(made.entries)} posts" if made.entries else "a quiet week"
    click.echo(f"{made.week} of {slug}: {count}, written to {' and '.join(str(path) for path in files)}.")


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, digest)]
