"""Verbs that show what went out and what came back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from reinforce.cli.house import json_option, open_house
from reinforce.domain.listening.intent import Intent
from reinforce.domain.sending.outbox import State

if TYPE_CHECKING:
    from reinforce.bootstrap import House

SECTION = "Watch"
_TIME = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


@click.group(invoke_without_command=True)
@click.option("--cohort", "slug", help="Only this cohort's.")
@click.option(
    "--state", "states", multiple=True, type=click.Choice([s.value for s in State]), help="Only these states."
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many, the newest first.")
@json_option
@click.pass_context
def outbox(ctx: click.Context, slug: str | None, states: tuple[str, ...], limit: int, *, as_json: bool) -> None:
    """List posts: planned, on their way, posted, refused, skipped.

    \b
    Example:
      reinforce outbox --state unknown --state held
      reinforce outbox --cohort press-shop --json
    """
    if ctx.invoked_subcommand is not None:
        return
    from reinforce.cli.printing import local, print_rows
    from reinforce.store.reporting.listings import outbox_rows

    house = open_house(ctx)
    with house.database.read() as connection:
        rows = outbox_rows(connection, cohort=slug, states=states, limit=limit)
    if not as_json:
        rows = [
            {**row, "due": local(row["due_at"], row["zone"]), "sent": local(row["posted_at"], row["zone"])}
            for row in rows
        ]
    columns = ["id", "cohort", "nugget", "form", "state", "due", "sent", "text", "reason"]
    print_rows(rows, columns, as_json=as_json, empty="Nothing yet: the daemon plans when a slot is near.")


@outbox.command(name="move")
@click.argument("post_id", metavar="POST", type=int)
@click.option("--to", required=True, type=_TIME, help="When it is to go out: the cohort's own wall clock.")
@json_option
@click.pass_context
def outbox_move(ctx: click.Context, post_id: int, to: datetime, *, as_json: bool) -> None:
    """Have a planned post go out at another time, within two weeks; its slot stays its own.

    Quiet hours, holidays, holds, caps and the gap to other posts hold as they do for the plan.

    \b
    Example:
      reinforce outbox move 12 --to 2026-03-05T14:30
    """
    from reinforce.actions.sending.move import move_post
    from reinforce.cli.printing import local, print_json
    from reinforce.domain.planning.slots import resolve

    house = open_house(ctx)
    zone = _zone_of(house, post_id)
    at = resolve(to.date(), to.time(), zone)
    done = move_post(house.database, post_id, at, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json(done)
        return
    click.echo(f"post {post_id} goes out {local(done.item.due_at, zone)} and not {local(done.was_due, zone)}.")
    before = done.was_due.astimezone(ZoneInfo(zone))
    click.echo(f"Undo: reinforce outbox move {post_id} --to {before:%Y-%m-%dT%H:%M}")


@outbox.command(name="cancel")
@click.argument("post_id", metavar="POST", type=int)
@click.option("--reason", default="a person withdrew it", show_default=True, help="Why; shown beside it.")
@click.pass_context
def outbox_cancel(ctx: click.Context, post_id: int, reason: str) -> None:
    """Withdraw a post that has not begun to be sent. Its slot becomes free: while it is not too late, the plan may
    choose another post for it.

    \b
    Example:
      reinforce outbox cancel 12 --reason "the press is being rebuilt"
    """
    from reinforce.actions.sending.cancel import cancel

    house = open_house(ctx)
    done = cancel(house.database, post_id, actor=house.actor, reason=reason, now=house.clock.now())
    click.echo(f"post {post_id} is {done.state.value}.")


def _zone_of(house: House, post_id: int) -> str:
    """The zone whose wall clock a post goes by."""
    from reinforce.store.people.cohorts import cohort_by_id
    from reinforce.store.sending import outbox as posts

    with house.database.read() as connection:
        item = posts.item(connection, post_id)
        return "UTC" if item.cohort_id is None else cohort_by_id(connection, item.cohort_id).zone


@click.group(invoke_without_command=True)
@click.option("--cohort", "slug", help="Only learners of this cohort.")
@click.option("--needs-person", is_flag=True, help="Only what waits for a person.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many, the newest first.")
@json_option
@click.pass_context
def inbox(ctx: click.Context, slug: str | None, limit: int, *, needs_person: bool, as_json: bool) -> None:
    """List what came back and what it was read as.

    \b
    Example:
      reinforce inbox --needs-person
      reinforce inbox --json
    """
    if ctx.invoked_subcommand is not None:
        return
    from reinforce.cli.printing import print_rows
    from reinforce.store.reporting.listings import inbox_rows

    house = open_house(ctx)
    with house.database.read() as connection:
        rows = inbox_rows(connection, cohort=slug, needs_person=needs_person, limit=limit)
    columns = ["id", "at", "author", "text", "read_as", "rating", "why"]
    nothing = "Nothing waits for a person." if needs_person else "Nobody has written yet."
    print_rows(rows, columns, as_json=as_json, empty=nothing)


@inbox.command()
@click.argument("reply", type=int)
@click.option(
    "--as",
    "intents",
    multiple=True,
    required=True,
    type=click.Choice([intent.value for intent in Intent]),
    help="What it means; may be given several times.",
)
@click.option(
    "--to", "post", type=int, help="The post it answers, by its number in the outbox [default: as it was read]."
)
@click.option(
    "--right/--not-right", "right", default=None, help="Whether the answer in it is right [default: as graded]."
)
@click.pass_context
def correct(ctx: click.Context, reply: int, intents: tuple[str, ...], post: int | None, *, right: bool | None) -> None:
    """Say what a reply means; all that followed from the old reading is taken back and worked out anew.

    REPLY is the id that `reinforce inbox` shows.

    \b
    Example:
      reinforce inbox correct 41 --as got_it
      reinforce inbox correct 57 --as answer --to 12 --right
    """
    from reinforce.actions.listening.grade import regrade
    from reinforce.domain.listening.inbound import Correction

    house = open_house(ctx)
    correction = Correction(tuple(Intent(one) for one in intents), post, right)
    regrade(house.database, house.lexicon, reply, correction, actor=house.actor, now=house.clock.now())
    click.echo(f"reply {reply} is {', '.join(intents)} from now on")


@inbox.command()
@click.argument("reply", type=int)
@click.option("--undo", is_flag=True, help="It waits for a person again.")
@click.pass_context
def done(ctx: click.Context, reply: int, *, undo: bool) -> None:
    """Say that you have dealt with a reply that waits for a person; what it was read as stays.

    REPLY is the id that `reinforce inbox` shows.

    \b
    Example:
      reinforce inbox done 41
    """
    from reinforce.actions.listening.deal_with import deal_with, give_back

    house = open_house(ctx)
    (give_back if undo else deal_with)(house.database, reply, actor=house.actor, now=house.clock.now())
    click.echo(f"reply {reply} waits for a person again" if undo else f"reply {reply} waits for nobody any more")


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, c) for c in (outbox, inbox)]
