"""Verbs about what goes out: post one now, say why."""

from __future__ import annotations

import uuid

import click

from reinforce.cli.house import json_option, open_house

SECTION = "Plan"


@click.command()
@click.argument("nugget")
@click.option("--cohort", "slug", required=True, help="The cohort it is for.")
@click.option(
    "--form", type=click.Choice(["reminder", "question", "poll"]), help="How it is posted [default: as planned]."
)
@json_option
@click.pass_context
def post(ctx: click.Context, nugget: str, slug: str, form: str | None, *, as_json: bool) -> None:
    """Put one nugget into the outbox at once; the daemon sends it.

    \b
    Example:
      reinforce post lockout/try-out --cohort press-shop --form question
    """
    from reinforce.actions.planning.post_now import post_now
    from reinforce.cli.printing import money, print_json

    house = open_house(ctx)
    item = post_now(
        house.database,
        nugget,
        slug,
        form,
        uuid.uuid4().hex,
        house.renderer,
        house.tariff,
        now=house.clock.now(),
        actor=house.actor,
    )
    if as_json:
        print_json(item)
    else:
        click.echo(f"outbox {item.id} ({money(item.price_micros)}): {item.text}")


@click.command()
@click.argument("post_id", metavar="POST", type=int)
@json_option
@click.pass_context
def explain(ctx: click.Context, post_id: int, *, as_json: bool) -> None:
    """Say why a post went out, or will: what was decided, on which numbers, what else was possible.

    POST is the id that `reinforce outbox` shows.

    \b
    Example:
      reinforce explain 12
    """
    from reinforce.cli.explaining import explanation
    from reinforce.cli.printing import print_json
    from reinforce.store.people.cohorts import cohort_by_id
    from reinforce.store.sending import outbox

    house = open_house(ctx)
    with house.database.read() as connection:
        item = outbox.item(connection, post_id)
        zone = "UTC" if item.cohort_id is None else cohort_by_id(connection, item.cohort_id).zone
    if as_json:
        print_json({"id": item.id, "state": item.state, "reason": item.reason, "decision": item.decision})
        return
    for line in explanation(item, zone):
        click.echo(line)


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, c) for c in (post, explain)]
