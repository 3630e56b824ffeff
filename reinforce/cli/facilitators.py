"""Verbs about those who answer, and what a cohort promises its learners."""

from __future__ import annotations

from typing import Any

import click

from reinforce.cli.authoring import cohort
from reinforce.cli.date_options import chosen, date_options
from reinforce.cli.house import SectionedGroup, json_option, open_house
from reinforce.cli.joining import change_opening, opening_given, opening_options

SECTION = "Talk with learners"


@click.group(cls=SectionedGroup)
def facilitator() -> None:
    """Say who answers learners' questions, and how they are told of them."""


def _contact(command: Any) -> Any:
    for option in (
        click.option("--webhook", metavar="NAME", help="Tell them by this webhook; its address stands in notify.json."),
        click.option("--email", metavar="ADDRESS", help="Tell them by mail."),
        click.option("--silent", is_flag=True, help="Tell them nothing; they look at the list."),
    ):
        command = option(command)
    return command


@facilitator.command(name="add")
@click.argument("name")
@click.option("--initials", required=True, help="Two or three letters that end their answers.")
@_contact
@json_option
@click.pass_context
def facilitator_add(
    ctx: click.Context, name: str, initials: str, email: str | None, webhook: str | None, *, silent: bool, as_json: bool
) -> None:
    """Add somebody who answers.

    \b
    Example:
      reinforce facilitator add anna --initials AB --email anna@example.org
    """
    from reinforce.actions.answering.facilitate import add_facilitator
    from reinforce.cli.printing import print_json

    channel, address = _channel(email, webhook, silent=silent)
    house = open_house(ctx)
    made = add_facilitator(
        house.database, name, initials, channel or "none", address, actor=house.actor, now=house.clock.now()
    )
    if as_json:
        print_json(made)
        return
    click.echo(f"{made.name} answers as ^{made.initials}. Next: reinforce cohort set COHORT --facilitator {made.name}")
    if channel not in (None, "none"):
        click.echo(f"See that messages arrive: reinforce facilitator test {made.name}")


@facilitator.command(name="set")
@click.argument("name")
@click.option("--initials", help="Two or three letters that end their answers.")
@_contact
@click.pass_context
def facilitator_set(
    ctx: click.Context, name: str, initials: str | None, email: str | None, webhook: str | None, *, silent: bool
) -> None:
    """Change how somebody signs or is told; what could not be told so far is told then.

    \b
    Example:
      reinforce facilitator set anna --webhook questions
    """
    from reinforce.actions.answering.facilitate import change_facilitator

    channel, address = _channel(email, webhook, silent=silent)
    house = open_house(ctx)
    now = house.clock.now()
    made = change_facilitator(house.database, name, initials, channel, address, actor=house.actor, now=now)
    click.echo(f"{made.name} answers as ^{made.initials} and is told by: {made.channel}.")


@facilitator.command(name="list")
@json_option
@click.pass_context
def facilitator_list(ctx: click.Context, *, as_json: bool) -> None:
    """List those who answer.

    \b
    Example:
      reinforce facilitator list
    """
    from reinforce.cli.printing import plain, print_rows
    from reinforce.store.answering import facilitators

    house = open_house(ctx)
    with house.database.read() as connection:
        rows = [plain(one) for one in facilitators.facilitators(connection)]
    empty = "Nobody yet: reinforce facilitator add NAME --initials AB --email ADDRESS"
    print_rows(rows, ["name", "initials", "channel", "address"], as_json=as_json, empty=empty)


@facilitator.command(name="remove")
@click.argument("name")
@click.pass_context
def facilitator_remove(ctx: click.Context, name: str) -> None:
    """Somebody answers no more: their cohorts and unanswered questions are nobody's, their address is taken out.

    \b
    Example:
      reinforce facilitator remove anna
    """
    from reinforce.actions.answering.facilitate import remove_facilitator

    house = open_house(ctx)
    freed = remove_facilitator(house.database, name, actor=house.actor, now=house.clock.now())
    click.echo(f"{name} answers no more. {freed} unanswered questions are nobody's now.")


@facilitator.command(name="test")
@click.argument("name")
@click.pass_context
def facilitator_test(ctx: click.Context, name: str) -> None:
    """Send somebody a message, to see that it arrives.

    \b
    Example:
      reinforce facilitator test anna
    """
    from reinforce.domain.answering.notices import Message
    from reinforce.store.answering import facilitators

    house = open_house(ctx)
    with house.database.read() as connection:
        to = facilitators.by_name(connection, name)
    key = f"test-{house.clock.wall():%Y%m%d%H%M%S%f}"
    house.messenger.deliver(to, Message(key, "Questions from learners: a test", "This is how you will be told.\n"))
    click.echo(f"The message to {name} was taken. See that it has arrived.")


def _channel(email: str | None, webhook: str | None, *, silent: bool) -> tuple[str | None, str]:
    given = [(name, value) for name, value in (("email", email), ("webhook", webhook)) if value]
    if len(given) + silent > 1:
        raise click.UsageError("choose one of --email, --webhook and --silent")
    return given[0] if given else ("none" if silent else None, "")


@click.command(name="set")
@click.argument("slug")
@click.option(
    "--respond-hours", type=click.FloatRange(0.25, 400), help="Working hours within which a question is answered."
)
@click.option("--acknowledge/--no-acknowledge", default=None, help="Say at once that somebody looks into it.")
@click.option("--priority", type=click.IntRange(1, 10), help="Its share where the account has no room for all cohorts.")
@click.option("--approval", type=click.Choice(["none", "first", "everything"]), help="Which texts need a yes first.")
@click.option("--facilitator", "name", metavar="NAME", help='Who answers unless somebody else takes it ("": nobody).')
@opening_options
@date_options
@json_option
@click.pass_context
def cohort_set(
    ctx: click.Context,
    /,
    slug: str,
    respond_hours: float | None,
    name: str | None,
    priority: int | None,
    approval: str | None,
    *,
    acknowledge: bool | None,
    as_json: bool,
    **dates: Any,
) -> None:
    """Change what a cohort promises its learners, its dates, approval, and share of a crowded account.

    Questions that were asked keep the time they were promised. What was posted about a date stays; what was not moves
    with it. "none" takes a date out.

    With --acknowledge the one reply that X allows says that somebody looks into it, and the answer goes out as a post.

    \b
    Example:
      reinforce cohort set press-shop --respond-hours 4 --facilitator anna
      reinforce cohort set press-shop --closes 2026-10-16 --ends 2026-12-18
      reinforce cohort set press-shop --priority 2
    """
    from reinforce.actions.answering.facilitate import promise
    from reinforce.actions.approving.review import set_mode
    from reinforce.actions.authoring.cohorts import set_priority
    from reinforce.actions.enrolling.set_dates import check_new_dates, set_dates
    from reinforce.cli.printing import print_json
    from reinforce.domain.cohort import Approval

    opening, house = opening_given(dates), open_house(ctx)
    check_new_dates(house.database, slug, chosen(dates))
    change_opening(house, slug, opening)
    promise(house.database, slug, respond_hours, acknowledge, name, actor=house.actor, now=house.clock.now())
    if priority is not None:
        set_priority(house.database, slug, priority, actor=house.actor, now=house.clock.now())
    if approval is not None:
        waiting = set_mode(house.database, slug, Approval(approval), actor=house.actor, now=house.clock.now())
        if waiting and not as_json:
            click.echo(f"{waiting} planned posts wait for a yes: reinforce approvals submit {slug}")
    made = set_dates(house.database, slug, chosen(dates), actor=house.actor, now=house.clock.now())
    if as_json:
        print_json(made)
        return
    who = (
        "somebody with a name is missing: --facilitator NAME" if made.facilitator_id is None else "a facilitator is set"
    )
    click.echo(f"{made.slug}: answers within {made.respond_hours:g} working hours; {who}; priority {made.priority}.")


for _command in list(facilitator.commands.values()):
    facilitator.add_to_section("Verbs", _command)
cohort.add_to_section("Verbs", cohort_set)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, facilitator)]
