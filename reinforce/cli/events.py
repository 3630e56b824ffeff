"""Verbs about events: sessions and recordings with a hashtag, their posts, and the record of what was said."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house

if TYPE_CHECKING:
    from reinforce.actions.gathering.arrange import EventPlan, NewEvent
    from reinforce.bootstrap import House

SECTION = "Talk with learners"

_LOCAL = click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"])
_DELAY = re.compile(r"(\d{1,4})([hd])")


def _hours(delay: str) -> int:
    """A delay in hours or days ("4h", "2d") as hours."""
    found = _DELAY.fullmatch(delay.strip().lower())
    if found is None:
        raise click.BadParameter(f"{delay!r} is no delay: write hours or days, as 4h or 2d.")
    return int(found[1]) * (24 if found[2] == "d" else 1)


@click.group(cls=SectionedGroup)
def event() -> None:
    """Hold events: live sessions, and recordings that are watched over weeks."""


@click.command(name="create")
@click.argument("slug")
@click.option("--cohort", required=True, help="The cohort it is for.")
@click.option("--title", required=True, help="What it is called in posts.")
@click.option("--hashtag", required=True, help="What people write with it, without #.")
@click.option("--starts", required=True, type=_LOCAL, help='Local time of the cohort: "2026-03-04 14:00".')
@click.option("--ends", type=_LOCAL, help="Local time; of a recording when it may be watched until.")
@click.option("--minutes", type=click.IntRange(1, 2880), help="How long it lasts, in place of --ends.")
@click.option("--recording", is_flag=True, help="Not live: watched over weeks, ordered by marks such as 12:30.")
@click.option("--link", default="", help="Where it can be watched; its start post then costs more.")
@click.option("--announce", type=_LOCAL, help="When it is announced [default: at the next open hour].")
@click.option("--no-announcement", is_flag=True, help="Announce nothing.")
@click.option("--remind", multiple=True, type=int, help="Hours before; may be repeated [default: 24 and 1, or 72].")
@click.option("--no-reminders", is_flag=True, help="Remind of nothing.")
@click.option("--follow-up", multiple=True, help="Nugget that waits until after it; NUGGET=2d has its own delay.")
@click.option("--follow-up-procedure", "procedures", multiple=True, help="Procedure all of whose nuggets wait.")
@click.option("--after", default="1d", show_default=True, help="How long they wait after its end: 4h, 2d.")
@click.option("--yes", is_flag=True, help="Agree to the price without being asked.")
@json_option
@click.pass_context
def event_create(ctx: click.Context, /, *, yes: bool, as_json: bool, **given: Any) -> None:
    """Create an event: it is announced, reminded of and started by itself, and what is said in it is collected.

    Shows every post with its price first. A link makes the start post cost $0.20: that is asked about, or agreed to
    with --yes.

    \b
    Example:
      reinforce event create lockout-live --cohort press-shop --title "Lockout, live" \\
          --hashtag lockoutlive --starts "2026-03-04 14:00" --minutes 60 \\
          --link https://example.com/stream --follow-up-procedure lockout --after 1d --yes
    """
    from reinforce.actions.gathering.arrange import create_event, preview_event
    from reinforce.cli.printing import money, print_json

    house = open_house(ctx)
    new = _new_event(given)
    now = house.clock.now()
    agreed = yes
    if not as_json:
        plan = preview_event(house.database, new, house.renderer, house.tariff, now=now)
        _show(plan)
        if plan.dear and not yes:
            agreed = click.confirm(f"One of them holds a link. Agree to {money(plan.price_micros)}?")
    made = create_event(
        house.database, new, house.renderer, house.tariff, agreed=agreed, actor=house.actor, now=house.clock.now()
    )
    if as_json:
        print_json({**_document(made.event, house), "posts": made.posts, "price_micros": made.price_micros,
                    "follow_up": made.follow_up, "notes": made.notes})  # fmt: skip
    else:
        click.echo(f"event {made.event.slug} created. See how it goes: reinforce event show {made.event.slug}")


def _new_event(given: dict[str, Any]) -> NewEvent:
    from reinforce.actions.gathering.arrange import NewEvent
    from reinforce.domain.gathering.events import EventKind

    kind = EventKind.RECORDING if given["recording"] else EventKind.LIVE
    if (given["ends"] is None) == (given["minutes"] is None):
        raise click.UsageError("Say when it ends: --ends or --minutes, one of the two.")
    ends: datetime = given["ends"] or given["starts"] + timedelta(minutes=given["minutes"])
    reminders = given["remind"] or ((72,) if given["recording"] else (24, 1))
    return NewEvent(
        slug=given["slug"],
        title=given["title"],
        cohort=given["cohort"],
        kind=kind,
        hashtag=given["hashtag"],
        starts=given["starts"],
        ends=ends,
        link=given["link"],
        announced=not given["no_announcement"],
        announce=given["announce"],
        reminders=() if given["no_reminders"] else tuple(reminders),
        follow_up=tuple(_follow_up(one, _hours(given["after"])) for one in given["follow_up"]),
        procedures=tuple((slug, _hours(given["after"])) for slug in given["procedures"]),
    )


def _follow_up(written: str, after: int) -> tuple[str, int]:
    reference, _, delay = written.partition("=")
    return reference, _hours(delay) if delay else after


def _show(plan: EventPlan) -> None:
    from reinforce.cli.printing import local, money, print_rows

    zone = plan.event.zone
    rows = [
        {"when": local(post.at, zone), "post": post.form.removeprefix("event_"), "text": post.text,
         "price": money(post.price_micros)}
        for post in plan.posts
    ]  # fmt: skip
    print_rows(rows, ["when", "post", "text", "price"], as_json=False, empty="It has no posts.")
    click.echo(f"Together: {money(plan.price_micros)}")
    for reference, until in plan.follow_up.items():
        click.echo(f"held back until {local(until, zone)}: {reference}")
    for note in plan.notes:
        click.echo(f"note: {note}")


@click.command(name="open")
@click.argument("slug")
@click.pass_context
def event_open(ctx: click.Context, slug: str) -> None:
    """Begin before its time, or go on after it was closed by hand. At its time it opens by itself.

    \b
    Example:
      reinforce event open lockout-live
    """
    from reinforce.actions.gathering.arrange import open_event
    from reinforce.cli.printing import local

    house = open_house(ctx)
    opened = open_event(house.database, slug, actor=house.actor, now=house.clock.now())
    click.echo(f"{slug} is open until {local(opened.closes_at, opened.zone)}.")


@click.command(name="close")
@click.argument("slug")
@click.pass_context
def event_close(ctx: click.Context, slug: str) -> None:
    """End before its time: what is said from now on does not belong to it. At its end it closes by itself.

    \b
    Example:
      reinforce event close lockout-live
    """
    from reinforce.actions.gathering.arrange import close_event

    house = open_house(ctx)
    close_event(house.database, slug, actor=house.actor, now=house.clock.now())
    click.echo(f"{slug} is closed. Write its record in a quarter of an hour, when all has been read once more:")
    click.echo(f"  reinforce event record {slug} --out FOLDER")


@click.command(name="cancel")
@click.argument("slug")
@click.option("--release-follow-up", is_flag=True, help="Let its follow-up nuggets be planned from now on.")
@click.pass_context
def event_cancel(ctx: click.Context, slug: str, *, release_follow_up: bool) -> None:
    """Call an event off: planned posts are taken back, and news of it goes out if it had been announced.

    \b
    Example:
      reinforce event cancel lockout-live --release-follow-up
    """
    from reinforce.actions.gathering.arrange import cancel_event
    from reinforce.store.gathering import events

    house = open_house(ctx)
    gone = cancel_event(house.database, slug, release=release_follow_up, actor=house.actor, now=house.clock.now())
    with house.database.read() as connection:
        held = len(events.follow_up(connection, gone.id))
    click.echo(f"{slug} is cancelled.")
    if held:
        click.echo(f"Its {held} follow-up nuggets stay held back; let them go with --release-follow-up.")


@click.command(name="list")
@click.option("--cohort", help="Only this cohort's.")
@json_option
@click.pass_context
def event_list(ctx: click.Context, cohort: str | None, *, as_json: bool) -> None:
    """List events, with how much was said in each.

    \b
    Example:
      reinforce event list --cohort press-shop
    """
    from reinforce.cli.printing import local, plain, print_rows
    from reinforce.store.gathering import events
    from reinforce.store.people.cohorts import cohort_by_slug

    house = open_house(ctx)
    with house.database.read() as connection:
        cohort_id = None if cohort is None else cohort_by_slug(connection, cohort).id
        found = events.events(connection, cohort_id=cohort_id)
    rows = [plain(_document(one, house)) for one in found]
    if not as_json:
        for row, one in zip(rows, found, strict=True):
            row |= {"opens": local(one.opens_at, one.zone), "closes": local(one.closes_at, one.zone)}
    columns = ["event", "cohort", "kind", "state", "hashtag", "opens", "closes", "said", "questions"]
    print_rows(rows, columns, as_json=as_json, empty="No event yet: reinforce event create --help")


@click.command(name="show")
@click.argument("slug")
@json_option
@click.pass_context
def event_show(ctx: click.Context, slug: str, *, as_json: bool) -> None:
    """Show one event: its posts, how far what was said in it was read, and what is lost.

    \b
    Example:
      reinforce event show lockout-live
    """
    from reinforce.cli.printing import local, plain, print_json, print_rows
    from reinforce.store.gathering import events
    from reinforce.store.gathering.overview import overview

    house = open_house(ctx)
    with house.database.read() as connection:
        one = events.event_by_slug(connection, slug)
        seen = overview(connection, one, house.clock.now())
    if as_json:
        print_json({**_document(one, house), **plain(seen)})
        return
    click.echo(f"{one.title} ({slug}), #{one.hashtag}: {one.phase(house.clock.now()).value}")
    click.echo(f"{local(one.opens_at, one.zone)} to {local(one.closes_at, one.zone)}")
    rows = [{**plain(post), "when": local(post.at, one.zone)} for post in seen.posts]
    print_rows(rows, ["when", "post", "state", "text"], as_json=False, empty="Nothing of it was posted yet.")
    click.echo(f"{seen.said} said, {seen.questions} questions, {seen.answered} of them answered")
    for line in seen.reading:
        click.echo(line)
    for reference, until in seen.follow_up.items():
        click.echo(f"{reference}: held back until {'it is let go' if until is None else local(until, one.zone)}")


def _document(one: Any, house: House) -> dict[str, Any]:
    """An event with every key a script may want."""
    from reinforce.store.gathering.overview import overview
    from reinforce.store.people.cohorts import cohort_by_id

    now = house.clock.now()
    with house.database.read() as connection:
        cohort = cohort_by_id(connection, one.cohort_id)
        seen = overview(connection, one, now)
    return {
        "event": one.slug,
        "title": one.title,
        "cohort": cohort.slug,
        "kind": one.kind,
        "state": one.phase(now),
        "hashtag": one.hashtag,
        "link": one.link,
        "opens_at": one.opens_at,
        "closes_at": one.closes_at,
        "read_to_its_end_at": one.swept_at,
        "said": seen.said,
        "questions": seen.questions,
        "answered": seen.answered,
    }


@click.command(name="record")
@click.argument("slug")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write into.")
@json_option
@click.pass_context
def event_record(ctx: click.Context, slug: str, out: Path, *, as_json: bool) -> None:
    """Write what was said as a page (HTML) and as Markdown, in order of time, with its threads.

    Names stand in it only of those who agree to be named at this moment; all others are participants with a number.

    \b
    Example:
      reinforce event record lockout-live --out records
    """
    from reinforce.cli.event_record import write_record
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    page, text, record = write_record(house, slug, out)
    if as_json:
        print_json({"page": str(page), "markdown": str(text), "said": record.said, "questions": record.questions,
                    "answered": record.answered, "left_out": record.left_out, "notes": record.notes})  # fmt: skip
        return
    click.echo(f"{record.said} posts by {record.participants} participants written to {page} and {text}.")
    for note in record.notes:
        click.echo(f"note: {note}")


for _command in (event_create, event_open, event_close, event_cancel, event_list, event_show, event_record):
    event.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, event)]
