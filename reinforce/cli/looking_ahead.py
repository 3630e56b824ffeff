"""The verb that looks ahead: what would go out, as a table, as a page, and as it would be otherwise."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.date_options import DAY
from reinforce.cli.house import json_option, open_house
from reinforce.domain.errors import ReinforceError

if TYPE_CHECKING:
    from reinforce.actions.planning.preview import WhatIf
    from reinforce.bootstrap import House
    from reinforce.domain.walking.previewed import Figures, LookAhead

SECTION = "Plan"
_FILE = click.Path(dir_okay=False, path_type=Path)
_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("slug", metavar="COHORT")
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 366), help="How many days to look ahead.")
@click.option("--html", type=_FILE, help="Write a page with a calendar and each day's posts as they would look.")
@click.option("--calendar", type=_FILE, help="Write a page with the calendar only.")
@click.option("--ics", type=_FILE, help="Write a file for people's own calendars (iCalendar).")
@click.option("--cadence", metavar="NAME", help="What if it had this cadence: one that ships, or a file.")
@click.option("--holiday", "holidays", multiple=True, type=DAY, help="What if nothing were posted on this day.")
@click.option("--posts-a-week", type=click.IntRange(1, 200), help="What if at most so many went out in seven days.")
@click.option("--posts-a-day", type=click.IntRange(1, 50), help="What if at most so many went out on a day.")
@click.option("--from", "start", type=DAY, help="What if the cohort started on this day.")
@click.option("--save", type=_FILE, help="Keep what is foreseen in a file, to hold it against what comes of it.")
@click.option(
    "--against", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Compare with such a file."
)
@click.option("--compare", is_flag=True, help="Show what is supposed beside what is planned.")
@json_option
@click.pass_context
def plan(ctx: click.Context, /, slug: str, *, as_json: bool, **asked: Any) -> None:
    """Show what would go out on the next days if nobody answered; changes nothing.

    Each reply may change what comes after it: this is the plan as of now. All cohorts of the account are planned
    together, as they will be.

    \b
    Example:
      reinforce plan press-shop --days 14
      reinforce plan press-shop --days 30 --html march.html
      reinforce plan press-shop --days 45 --ics press-shop.ics
      reinforce plan press-shop --days 60 --posts-a-week 3 --compare
      reinforce plan press-shop --days 30 --save march.json
      reinforce plan press-shop --against march.json
    """
    from reinforce.actions.planning.preview import look_ahead
    from reinforce.store.people.cohorts import cohort_by_slug

    house = open_house(ctx)
    with house.database.read() as connection:
        cohort = cohort_by_slug(connection, slug)
    if asked["against"] is not None:
        _hold_against(house, slug, asked["against"], as_json=as_json)
        return
    what_if = _supposed(house, cohort.id, asked)

    def look(supposed: WhatIf) -> LookAhead:
        means, now = (house.renderer, house.tariff), house.clock.now()
        return look_ahead(house.database, cohort.id, *means, now=now, days=asked["days"], what_if=supposed)

    found = look(what_if)
    as_it_is = look(type(what_if)(cohort.id)).figures if asked["compare"] else None
    for name in ("html", "calendar"):
        if asked[name] is not None:
            _write(asked[name], _page(found, _in_words(asked), as_it_is, day_by_day=name == "html"))
    if asked["ics"] is not None:
        _write(asked["ics"], _calendar_file(house, found, _in_words(asked), asked["days"]))
    if asked["save"] is not None:
        from reinforce.actions.planning.preview.keeping import kept, to_file

        _write(asked["save"], to_file(kept(found)))
    _show(found, as_it_is, asked, as_json=as_json)


def _supposed(house: House, cohort_id: int, asked: dict[str, Any]) -> WhatIf:
    from reinforce.actions.planning.preview import WhatIf
    from reinforce.domain.planning.cadence import Cadence

    named = asked["cadence"]
    return WhatIf(
        cohort_id,
        cadence=None if named is None else Cadence.from_content(house.schedule(named)),
        a_day=asked["posts_a_day"],
        a_week=asked["posts_a_week"],
        days_off=frozenset(one for one in asked["holidays"] if isinstance(one, date)),
        start=asked["start"] if isinstance(asked["start"], date) else None,
    )


def _in_words(asked: dict[str, Any]) -> str:
    """What is supposed, in words; "" if nothing is."""
    told = {
        "the cadence {}": asked["cadence"],
        "nothing on {}": ", ".join(str(one) for one in asked["holidays"]) or None,
        "at most {} posts in seven days": asked["posts_a_week"],
        "at most {} posts a day": asked["posts_a_day"],
        "a start on {}": asked["start"],
    }
    return "; ".join(words.format(value) for words, value in told.items() if value is not None)


def _page(look: LookAhead, supposed: str, as_it_is: Figures | None, *, day_by_day: bool) -> str:
    from reinforce.rendering.plan_page import plan_page
    from reinforce.shipped import shipped
    from reinforce.web.words import FORMS

    def called(form: str) -> str:
        return FORMS.get(form, form)

    templates = shipped("templates") / "print"
    return plan_page(look, templates, called, as_it_is=as_it_is, supposed=supposed, day_by_day=day_by_day)


def _calendar_file(house: House, look: LookAhead, supposed: str, days: int) -> bytes:
    from reinforce.web.calendar_file import plan_file

    name = f"{look.cohort.title} (what if: {supposed})" if supposed else look.cohort.title
    with house.database.read() as connection:
        return plan_file(connection, name, [look.cohort], look.rows, now=house.clock.now(), days=days)


def _write(place: Path, content: str | bytes) -> None:
    try:
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise ReinforceError(f"{place} can't be written: {error.strerror}", "Give another file.") from error
    click.echo(f"Written: {place}", err=True)


def _hold_against(house: House, slug: str, place: Path, *, as_json: bool) -> None:
    """Say slot by slot what came otherwise than was foreseen, and why."""
    from reinforce.actions.planning.preview.explaining import against
    from reinforce.actions.planning.preview.keeping import from_file
    from reinforce.cli.printing import print_json

    preview = from_file(place.read_text("utf-8"), str(place))
    if preview.cohort != slug:
        raise ReinforceError(f"{place} is a preview of {preview.cohort}", f"reinforce plan {preview.cohort} --against")
    found = against(house.database, preview, house.renderer, house.tariff)
    if as_json:
        print_json(found)
        return
    click.echo(f"{found.as_foreseen} of {found.slots} slots came as foreseen.")
    for one in found.differences:
        click.echo(f"{one.key}")
        click.echo(f"  foreseen: {one.foreseen}")
        click.echo(f"  came:     {one.came}")
        click.echo(f"  because:  {one.because}")


def _show(look: LookAhead, as_it_is: Figures | None, asked: dict[str, Any], *, as_json: bool) -> None:
    from reinforce.cli.printing import local, money, plain, print_json, print_rows
    from reinforce.rendering.plan_page import about_recall, comparison

    if as_it_is is not None:
        if as_json:
            print_json({"as_it_is": as_it_is, "supposed": look.figures, "posts": look.rows})
            return
        rows: list[dict[str, Any]] = [plain(one) for one in comparison(as_it_is, look.figures)]
        print_rows(rows, ["what", "now", "then"], as_json=False, empty="", title=_in_words(asked) or "nothing changed")
        click.echo(about_recall(look.figures))
        return
    if not as_json and any(asked[name] for name in ("html", "calendar", "ics", "save")):
        return
    zone = look.cohort.zone
    rows = [
        plain(one)
        if as_json
        else {
            **plain(one),
            "when": local(one.due_at, zone),
            "price": money(one.price_micros),
            "text": "\n".join([one.text, *(f"[picture: {shown['alt']}]" for shown in one.media)]),
        }
        for one in look.rows
    ]
    columns = ["when", "nugget", "form", "text", "price", "reason"]
    print_rows(rows, columns, as_json=as_json, empty=f"Nothing is due within {asked['days']} days.")


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, plan)]
