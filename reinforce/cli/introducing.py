"""Verbs about what participants tell of themselves, and what they teach others: introductions and tips."""

from __future__ import annotations

import uuid
from datetime import datetime

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house

SECTION = "Talk with learners"


@click.command()
@click.argument("slug", metavar="COHORT")
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]),
    help="Local time of the cohort [default: the next open hour].",
)
@click.option("--ask", default="", help="Words of your own [default: asks for the biggest challenge].")
@json_option
@click.pass_context
def introduce(ctx: click.Context, slug: str, at: datetime | None, ask: str, *, as_json: bool) -> None:
    """Ask a cohort to introduce itself: by default for the biggest challenge, not for name and place.

    Replies are gathered into the cohort's record: reinforce introductions list COHORT.

    \b
    Example:
      reinforce introduce press-shop --at "2026-03-02 09:30"
    """
    from reinforce.actions.gathering.introduce import introduce as plan_prompt
    from reinforce.cli.printing import local, money, print_json
    from reinforce.store.people.cohorts import cohort_by_slug

    house = open_house(ctx)
    item = plan_prompt(
        house.database,
        slug,
        at,
        ask,
        uuid.uuid4().hex,
        house.renderer,
        house.tariff,
        now=house.clock.now(),
        actor=house.actor,
    )
    if as_json:
        print_json(item)
        return
    with house.database.read() as connection:
        zone = cohort_by_slug(connection, slug).zone
    click.echo(f"outbox {item.id}, {local(item.due_at, zone)} ({money(item.price_micros)}): {item.text}")


@click.group(cls=SectionedGroup)
def introductions() -> None:
    """Read what a cohort's participants answered to its prompts."""


@click.command(name="list")
@click.argument("slug", metavar="COHORT")
@click.option("--tag", help="Only those about this nugget.")
@json_option
@click.pass_context
def introductions_list(ctx: click.Context, slug: str, tag: str | None, *, as_json: bool) -> None:
    """List a cohort's introductions, with the nuggets each is about.

    \b
    Example:
      reinforce introductions list press-shop --json
    """
    from reinforce.cli.printing import local, plain, print_rows
    from reinforce.store.authoring.nuggets import nugget_by_reference
    from reinforce.store.gathering import introductions as kept
    from reinforce.store.people.cohorts import cohort_by_slug

    house = open_house(ctx)
    with house.database.read() as connection:
        cohort = cohort_by_slug(connection, slug)
        found = kept.introductions(connection, cohort_id=cohort.id)
        if tag is not None:
            nugget = nugget_by_reference(connection, tag, cohort.id)
            found = tuple(one for one in found if f"{nugget.procedure}/{nugget.slug}" in one.tags)
    rows = [plain(one) for one in found]
    if not as_json:
        for row in rows:
            at = datetime.fromisoformat(row["at"])
            row |= {"at": local(at, cohort.zone), "who": row["name"] or row["handle"], "about": ", ".join(row["tags"])}
    print_rows(
        rows,
        ["id", "at", "who", "text", "about"],
        as_json=as_json,
        empty=f"Nobody has yet. Ask with: reinforce introduce {slug}",
    )


@click.command(name="tag")
@click.argument("introduction", type=int)
@click.argument("nuggets", nargs=-1, required=True)
@click.option("--remove", is_flag=True, help="Take these tags back.")
@json_option
@click.pass_context
def introductions_tag(
    ctx: click.Context, introduction: int, nuggets: tuple[str, ...], *, remove: bool, as_json: bool
) -> None:
    """Say which nuggets an introduction is about.

    INTRODUCTION is the id that `reinforce introductions list` shows.

    \b
    Example:
      reinforce introductions tag 3 lockout/try-out lockout/own-lock
    """
    from reinforce.actions.gathering.introduce import tag_introduction
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    found = tag_introduction(
        house.database, introduction, nuggets, remove=remove, actor=house.actor, now=house.clock.now()
    )
    if as_json:
        print_json(found)
    else:
        click.echo(f"introduction {introduction} is about {', '.join(found.tags) or 'no nugget'}")


for _command in (introductions_list, introductions_tag):
    introductions.add_to_section("Verbs", _command)


@click.command()
@click.argument("inbound", metavar="REPLY", type=int)
@click.option("--procedure", help="The loaded procedure it is added to.")
@click.option("--title", help="A title of a few words; learners don't see it.")
@click.option("--wording", "wordings", multiple=True, help="Words of yours; may be repeated [default: the reply's].")
@click.option("--slug", default="", help="Its name [default: made of the title].")
@click.option("--topic", default="", help="Its topic.")
@click.option("--public", is_flag=True, help="It may be said on a public account.")
@click.option("--credit", is_flag=True, help="Name its author, who must have agreed to be named.")
@click.option("--undo", is_flag=True, help="Retire the nugget that was made of this reply.")
@json_option
@click.pass_context
def tip(
    ctx: click.Context,
    inbound: int,
    procedure: str | None,
    title: str | None,
    wordings: tuple[str, ...],
    slug: str,
    topic: str,
    *,
    public: bool,
    credit: bool,
    undo: bool,
    as_json: bool,
) -> None:
    """Make a nugget of a colleague's tip, checked as a file's nuggets are.

    REPLY is the id that `reinforce inbox` shows. Without --credit nobody is named. Loading the procedure's file again
    leaves the nugget alone.

    \b
    Example:
      reinforce tip 12 --procedure lockout --title "Tag first" --credit
      reinforce tip 12 --undo
    """
    from reinforce.actions.gathering.tip import NewTip, add_tip, take_back
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    now, actor = house.clock.now(), house.actor
    if undo:
        made = take_back(house.database, inbound, actor=actor, now=now)
    else:
        if not (procedure and title):
            raise click.UsageError("Say where it belongs and what it is called: --procedure and --title.")
        new = NewTip(procedure, title, wordings, slug, topic, public, credit)
        made = add_tip(house.database, inbound, new, house.renderer, actor=actor, now=now)
    if as_json:
        print_json(made)
    elif undo:
        click.echo(f"{made.procedure}/{made.slug} is retired; what was posted of it stays on record.")
    else:
        click.echo(f"{made.procedure}/{made.slug} is a nugget now, with {len(made.wordings)} wordings:")
        for wording in made.wordings:
            click.echo(f"  {wording.text}")


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, c) for c in (introduce, introductions, tip)]
