"""What came of a programme, in figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.house import json_option, open_house

if TYPE_CHECKING:
    from reinforce.domain.reporting.shares import Share
    from reinforce.domain.reporting.styles import StyleLine

SECTION = "Watch"

_SAYS = (
    "Measured, not estimated, over posts whose time for answers is over. A dash: fewer than five people.",
    "Intervals are 95 % (Wilson) and a little too narrow, since the same people come again. Styles are not dealt out at"
    " random: a better figure is no proof that the style did it.",
)


@click.command()
@click.argument("slug", metavar="COHORT")
@json_option
@click.pass_context
def report(ctx: click.Context, slug: str, *, as_json: bool) -> None:
    """Compare the wordings of a cohort's posts by style: who responded, and what was known.

    Names nobody, and gives no figure about fewer than five people.

    \b
    Example:
      reinforce report press-shop
      reinforce report press-shop --json
    """
    from reinforce.cli.printing import print_json, print_rows
    from reinforce.domain.reporting.styles import compare
    from reinforce.store.people.cohorts import cohort_by_slug
    from reinforce.store.reporting.wording_uses import wording_uses

    house = open_house(ctx)
    with house.database.read() as connection:
        cohort = cohort_by_slug(connection, slug)
        lines = compare(wording_uses(connection, cohort.id, house.clock.now()))
    if as_json:
        print_json({"cohort": cohort.slug, "styles": [_document(line) for line in lines]})
        return
    columns = ["form", "style", "posts", "responded", "knew it", "right when next asked"]
    print_rows([_row(line) for line in lines], columns, as_json=False, empty="No post's time for answers is over yet.")
    if lines:
        for sentence in _SAYS:
            click.echo(sentence)


def _row(line: StyleLine) -> dict[str, str]:
    return {
        "form": line.form.value,
        "style": line.style,
        "posts": str(line.posts),
        "responded": _told(line.responses),
        "knew it": _told(line.knew),
        "right when next asked": _told(line.next_right),
    }


def _told(share: Share | None) -> str:
    if share is None:
        return "–"
    low, high = share.interval
    return f"{share.value:.0%} of {share.of} ({low:.0%} to {high:.0%})"


def _document(line: StyleLine) -> dict[str, Any]:
    shares = {"responses": line.responses, "knew": line.knew, "next_right": line.next_right}
    return {
        "form": line.form.value,
        "style": line.style,
        "posts": line.posts,
        **{
            name: None
            if one is None
            else {"hits": one.hits, "of": one.of, "share": one.value, "interval": list(one.interval)}
            for name, one in shares.items()
        },
    }


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, report)]
