"""What a programme is likely to leave behind, told on the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.house import json_option, open_house

if TYPE_CHECKING:
    from reinforce.domain.planning.capacity import CohortForecast
    from reinforce.domain.planning.forecast import NuggetForecast

SECTION = "Plan"


@click.command()
@click.argument("slug", metavar="COHORT")
@click.option("--days", type=click.IntRange(1, 366), help="How far to look  [default: the last assessment, else 60].")
@click.option(
    "--wanted",
    type=click.IntRange(1, 99),
    help="Mean recall a nugget needs, per cent  [default: the goal of the programme's phase, else 50].",
)
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Write the picture to this file.")
@json_option
@click.pass_context
def forecast(
    ctx: click.Context, slug: str, days: int | None, wanted: int | None, svg: Path | None, *, as_json: bool
) -> None:
    """Say what recall to expect with and without the programme, what it costs, and which cadence would do.

    Runs the plan over the days to come, from what is believed now. Works before anybody is linked; changes nothing.

    \b
    Example:
      reinforce forecast press-shop
      reinforce forecast press-shop --wanted 60 --svg forecast.svg
      reinforce forecast press-shop --days 90 --json
    """
    from reinforce.actions.planning.forecast import Asked
    from reinforce.actions.planning.forecast import forecast as foretell
    from reinforce.cli.printing import print_json, working
    from reinforce.rendering.forecast_document import forecast_document
    from reinforce.rendering.forecast_picture import forecast_picture
    from reinforce.store.people.cohorts import cohort_by_slug
    from reinforce.store.reporting.programmes import standing

    house = open_house(ctx)
    with house.database.read() as connection:
        cohort = cohort_by_slug(connection, slug)
        there = standing(connection, cohort.id, house.clock.now())
    goal = wanted or (there and there["recall"]) or 50
    with working("Running the plan over the days to come") as tell:
        found = foretell(
            house.database,
            cohort.id,
            house.renderer,
            house.tariff,
            now=house.clock.now(),
            asked=Asked(days, goal / 100),
            tell=lambda words: tell(f"Running the plan over the days to come: {words}"),
        )
    if svg is not None:
        write_picture(svg, forecast_picture(found))
    if as_json:
        print_json(forecast_document(found))
        return
    show(found)
    if svg is not None:
        click.echo(f"The picture is in {svg}.")


def write_picture(path: Path, picture: str) -> None:
    """Write an SVG file. Raises ReinforceError where it can't be written."""
    from reinforce.domain.errors import ReinforceError

    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as problem:
        raise ReinforceError(
            f"the picture can't be written to {path}: {problem.strerror}", "Name a file in a folder that is there."
        ) from problem


def show(found: CohortForecast) -> None:
    """The forecast for a person."""
    from reinforce.cli.printing import local, money, print_rows
    from reinforce.domain.planning.capacity import advice

    foreseen, cost = found.foreseen, found.foreseen.cost
    click.echo(f"{found.title}, {local(found.start, found.zone)} to {local(found.end, found.zone)}")
    click.echo(
        f"Mean recall on the day that counts: {foreseen.mean:.0%} with the programme,"
        f" {foreseen.mean_without:.0%} without any further post."
    )
    rows = [_row(one, found) for one in foreseen.nuggets]
    columns = ["nugget", "day", "with", "without", "posts", "verdict", "out of wordings", "out of questions"]
    print_rows(rows, columns, as_json=False, empty="")
    click.echo(
        f"Cost: {cost.posts} posts {money(cost.posts_micros)}, {cost.reveals} reveals {money(cost.reveals_micros)}"
        f" ({cost.links} of them with a link, {money(cost.links_micros)}), {cost.reads} replies read"
        f" {money(cost.reads_micros)}; together {money(cost.total_micros)}."
    )
    tried = [
        {
            "posts a week": f"{one.posts_a_week}{' (in use)' if place == 0 else ''}",
            "nuggets there": f"{one.reached} of {len(foreseen.nuggets)}",
            "mean recall": f"{one.mean:.0%}",
            "cost": money(one.cost_micros),
            "nuggets short of texts": one.short_of_texts,
        }
        for place, one in enumerate(found.tried)
    ]
    print_rows(tried, list(tried[0]), as_json=False, empty="", title="Cadences, reveals included")
    for sentence in (*advice(found), *found.notes, *found.assumptions):
        click.echo(sentence)


def _row(one: NuggetForecast, found: CohortForecast) -> dict[str, str]:
    from zoneinfo import ZoneInfo

    def day(at: Any) -> str:
        return "" if at is None else at.astimezone(ZoneInfo(found.zone)).date().isoformat()

    return {
        "nugget": one.title or one.name,
        "day": day(one.on),
        "with": f"{one.with_posts:.0%}",
        "without": f"{one.without:.0%}",
        "posts": f"{one.posted} + {one.planned}",
        "verdict": one.verdict(found.wanted).value.replace("_", " "),
        "out of wordings": day(one.wordings_until),
        "out of questions": day(one.questions_until),
    }


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, forecast)]
