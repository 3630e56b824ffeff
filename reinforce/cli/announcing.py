"""Verbs about news with a date: articles, and events that are held elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house

if TYPE_CHECKING:
    from reinforce.actions.announcing.prepare import Foretold
    from reinforce.bootstrap import House
    from reinforce.domain.announcing.announcement import NewAnnouncement

SECTION = "Plan"
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group(cls=SectionedGroup)
def announce() -> None:
    """Tell a cohort of articles and events, with reminders on the days before."""


@announce.command(name="create")
@click.argument("slug", metavar="NAME")
@click.option("--cohort", required=True, help="The cohort it is for.")
@click.option("--day", required=True, type=_DAY, help="The local date that it is about.")
@click.option("--text", "texts", multiple=True, required=True, help='A wording for each post; "{date}" is the date.')
@click.option("--link", default="", help="A web address under each text; it makes a post cost more.")
@click.option("--remind", "ladder", multiple=True, type=int, metavar="DAYS", help="Days before [default: 14, 3, 0].")
@click.option("--at", default="09:00", show_default=True, type=click.DateTime(["%H:%M"]), help="Local time of day.")
@click.option("--expires", type=_DAY, help="Last local day on which it is posted [default: its day].")
@click.option("--after-nuggets", is_flag=True, help="It has the room that nuggets leave, not its place before them.")
@click.option(
    "--audience",
    type=click.Choice(["internal", "public"]),
    default="internal",
    show_default=True,
    help="Who may read it.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be posted and what it costs; change nothing.")
@click.option("--yes", is_flag=True, help="Don't ask before a link that costs more.")
@json_option
@click.pass_context
def announce_create(
    ctx: click.Context, /, slug: str, cohort: str, *, dry_run: bool, yes: bool, as_json: bool, **said: Any
) -> None:
    """Tell a cohort of something with a date; what it says and costs is shown first.

    \b
    Example:
      reinforce announce create open-day --cohort press-shop --day 2026-12-04 --link https://example.org/open-day \\
          --text "Open day at the training centre on {date}." --text "Three days to the open day." \\
          --text "Open day today, from ten."
    """
    from reinforce.actions.announcing.prepare import create, foretell
    from reinforce.cli.printing import money, print_json

    house = open_house(ctx)
    new, now = _wanted(slug, said), house.clock.now()
    posts = foretell(house.database, cohort, new, house.tariff, now=now)
    if not as_json:
        _show(house, cohort, posts)
    if dry_run:
        if as_json:
            print_json(posts)
        return
    if any(one.link for one in posts) and not yes and not as_json:
        total = money(sum(one.price_micros for one in posts))
        click.confirm(f"With its link it costs {total} in all. Go on?", abort=True)
    made = create(house.database, cohort, new, house.tariff, actor=house.actor, now=now)
    if as_json:
        print_json({"announcement": made, "posts": posts})
        return
    click.echo(f"{slug} is on record; the daemon posts it. Call it off with: reinforce announce cancel {slug}")


def _wanted(slug: str, said: dict[str, Any]) -> NewAnnouncement:
    from reinforce.domain.announcing.announcement import LADDER, NewAnnouncement, Rank
    from reinforce.domain.nugget import Confidentiality

    day, texts = said["day"].date(), said["texts"]
    # With fewer wordings than the ladder has steps, its last ones are kept.
    ladder = said["ladder"] or LADDER[-len(texts) :]
    return NewAnnouncement(
        slug=slug,
        day=day,
        texts=texts,
        expires=said["expires"].date() if said["expires"] else day,
        link=said["link"].strip(),
        ladder=tuple(ladder),
        at=said["at"].time(),
        rank=Rank.AFTER_NUGGETS if said["after_nuggets"] else Rank.BEFORE_NUGGETS,
        audience=Confidentiality(said["audience"]),
    )


def _show(house: House, cohort: str, posts: tuple[Foretold, ...]) -> None:
    from reinforce.cli.printing import local, money, print_rows
    from reinforce.store.people.cohorts import cohort_by_slug

    with house.database.read() as connection:
        zone = cohort_by_slug(connection, cohort).zone
    rows = [
        {"when": local(one.at, zone), "text": one.text, "length": one.length, "price": money(one.price_micros)}
        for one in posts
    ]
    print_rows(rows, ["when", "text", "length", "price"], as_json=False, empty="")


@announce.command(name="list")
@json_option
@click.pass_context
def announce_list(ctx: click.Context, *, as_json: bool) -> None:
    """List the announcements, and what became of each of their posts.

    \b
    Example:
      reinforce announce list
    """
    from reinforce.cli.printing import print_rows
    from reinforce.store.announcing.announcements import announcements
    from reinforce.store.people.cohorts import cohort_by_id
    from reinforce.store.sending import outbox

    house = open_house(ctx)
    rows = []
    with house.database.read() as connection:
        for one in announcements(connection):
            items = {
                days: outbox.item_by_occurrence(connection, f"announcement/{one.id}/{days}") for days in one.ladder
            }
            posts = ", ".join(f"{days} d: {item.state.value if item else 'to come'}" for days, item in items.items())
            rows.append(
                {
                    "name": one.slug,
                    "cohort": cohort_by_id(connection, one.cohort_id).slug,
                    "day": one.day.isoformat(),
                    "expires": one.expires.isoformat(),
                    "state": "cancelled" if one.cancelled else "on",
                    "posts": posts,
                    "link": one.link,
                }
            )
    columns = ["name", "cohort", "day", "expires", "state", "posts", "link"]
    print_rows(rows, columns, as_json=as_json, empty="No announcement yet: reinforce announce create --help")


@announce.command(name="cancel")
@click.argument("slug", metavar="NAME")
@json_option
@click.pass_context
def announce_cancel(ctx: click.Context, slug: str, *, as_json: bool) -> None:
    """Post nothing more of an announcement; what is out stays.

    \b
    Example:
      reinforce announce cancel open-day
    """
    from reinforce.actions.announcing.prepare import cancel
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    done = cancel(house.database, slug, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json(done)
        return
    click.echo(f"{slug} is off: {len(done.withdrawn)} posts withdrawn, {len(done.stays)} out already.")


for _command in list(announce.commands.values()):
    announce.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, announce)]
