"""Verbs of enrollments, and of who is away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from reinforce.cli.date_options import DAY
from reinforce.cli.exporting import enrollment_export
from reinforce.cli.house import SectionedGroup, json_option, open_house

if TYPE_CHECKING:
    from reinforce.actions.enrolling.change import Moved

SECTION = "Author"

_STATES = ("invited", "enrolled", "active", "completed", "withdrawn", "lapsed")
_COLUMNS = ["cohort", "employee_id", "name", "handle", "state", "since", "linked", "away_until"]
_from = click.option("--from", "first_day", type=DAY, metavar="DATE", help="First day [default: today].")
_until = click.option("--until", "last_day", type=DAY, metavar="DATE", required=True, help="Last day.")


@click.group(cls=SectionedGroup)
def enrollment() -> None:
    """See where learners stand in a cohort; let them complete, leave, come back, change."""


@enrollment.command(name="list")
@click.argument("slug", metavar="[COHORT]", required=False)
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@json_option
@click.pass_context
def enrollment_list(ctx: click.Context, slug: str | None, state: str | None, *, as_json: bool) -> None:
    """List enrollments with their state, since when, and who is away.

    \b
    Example:
      reinforce enrollment list press-shop --state invited
    """
    from reinforce.cli.printing import print_rows
    from reinforce.store.reporting.enrolling import enrollment_rows

    house = open_house(ctx)
    with house.database.read() as connection:
        rows = enrollment_rows(connection, house.clock.now(), slug=slug, state=state)
    print_rows(rows, _COLUMNS, as_json=as_json, empty="Nobody: reinforce enroll COHORT ROSTER.csv")


@enrollment.command(name="show")
@click.argument("employee_id")
@json_option
@click.pass_context
def enrollment_show(ctx: click.Context, employee_id: str, *, as_json: bool) -> None:
    """Show one learner's enrollments and absences.

    \b
    Example:
      reinforce enrollment show E-1007
    """
    from reinforce.cli.printing import print_json, print_rows
    from reinforce.store.reporting.enrolling import person_detail

    house = open_house(ctx)
    with house.database.read() as connection:
        detail = person_detail(connection, employee_id, house.clock.now())
    if as_json:
        print_json(detail)
        return
    columns = ["cohort", "state", "cause", "since", "joined_at", "ended_at", "linked"]
    print_rows(detail["enrollments"], columns, as_json=False, empty="In no cohort.", title=detail["name"])
    print_rows(detail["not_enrolled"], ["cohort", "since", "until"], as_json=False, empty="Never left and came back.")
    print_rows(detail["absences"], ["id", "first_day", "last_day"], as_json=False, empty="No absence.")


@enrollment.command(name="complete")
@click.argument("slug", metavar="COHORT")
@click.argument("employee_ids", metavar="EMPLOYEE_ID...", nargs=-1, required=True)
@json_option
@click.pass_context
def enrollment_complete(ctx: click.Context, slug: str, employee_ids: tuple[str, ...], *, as_json: bool) -> None:
    """Say that learners have completed a cohort, whatever its dates say. Taken back by re-enroll.

    \b
    Example:
      reinforce enrollment complete press-shop E-1007 E-1008
    """
    from reinforce.actions.enrolling.change import complete

    _tell(ctx, complete, slug, employee_ids, as_json=as_json)


@enrollment.command(name="withdraw")
@click.argument("slug", metavar="COHORT")
@click.argument("employee_ids", metavar="EMPLOYEE_ID...", nargs=-1, required=True)
@json_option
@click.pass_context
def enrollment_withdraw(ctx: click.Context, slug: str, employee_ids: tuple[str, ...], *, as_json: bool) -> None:
    """Take learners out of a cohort: they count no more from now on. Taken back by re-enroll.

    \b
    Example:
      reinforce enrollment withdraw press-shop E-1007
    """
    from reinforce.actions.enrolling.change import withdraw

    _tell(ctx, withdraw, slug, employee_ids, as_json=as_json)


@enrollment.command(name="re-enroll")
@click.argument("slug", metavar="COHORT")
@click.argument("employee_ids", metavar="EMPLOYEE_ID...", nargs=-1, required=True)
@json_option
@click.pass_context
def enrollment_re_enroll(ctx: click.Context, slug: str, employee_ids: tuple[str, ...], *, as_json: bool) -> None:
    """Take learners into a cohort again who completed it, withdrew or lapsed.

    They go on with the memory they have. A stop of theirs stays; who is not linked needs a new invitation.

    \b
    Example:
      reinforce enrollment re-enroll press-shop E-1007
    """
    from reinforce.actions.enrolling.change import re_enroll

    _tell(ctx, re_enroll, slug, employee_ids, as_json=as_json)


def _tell(
    ctx: click.Context,
    act: Callable[..., tuple[Moved, ...]],
    slug: str,
    employee_ids: Sequence[str],
    *,
    as_json: bool,
) -> None:
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    moved = act(house.database, slug, employee_ids, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json(moved)
        return
    for one in moved:
        click.echo(f"{one.employee_id}: {one.was} → {one.state} in {one.cohort}")
    same = len(set(employee_ids)) - len(moved)
    if same:
        click.echo(f"{same} were so already.")


@enrollment.command(name="move")
@click.argument("employee_id")
@click.option("--from", "slug", metavar="COHORT", required=True, help="The cohort to leave.")
@click.option("--to", "to_slug", metavar="COHORT", required=True, help="The cohort to join.")
@json_option
@click.pass_context
def enrollment_move(ctx: click.Context, employee_id: str, slug: str, to_slug: str, *, as_json: bool) -> None:
    """Move a learner to another cohort; what they remember goes with them. Moved back the same way.

    \b
    Example:
      reinforce enrollment move E-1007 --from press-shop --to paint-shop
    """
    from reinforce.actions.enrolling.change import move_learner
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    moved = move_learner(house.database, employee_id, slug, to_slug, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json(moved)
    else:
        click.echo(f"{employee_id} left {slug} and is {moved[1].state} in {to_slug}.")


@enrollment.command(name="updates")
@click.argument("slug", metavar="COHORT")
@json_option
@click.pass_context
def enrollment_updates(ctx: click.Context, slug: str, *, as_json: bool) -> None:
    """Show what is posted about a cohort's dates, and what became of each.

    \b
    Example:
      reinforce enrollment updates press-shop
    """
    from reinforce.cli.printing import print_rows
    from reinforce.store.reporting.enrolling import update_rows

    house = open_house(ctx)
    with house.database.read() as connection:
        rows = update_rows(connection, slug)
    empty = f"Nothing: give it dates with reinforce cohort set {slug} --starts DATE --ends DATE"
    print_rows(rows, ["update", "day", "goes_out", "state"], as_json=as_json, empty=empty)


@click.group(cls=SectionedGroup)
def hold() -> None:
    """Post nothing for a cohort for some days, planned ahead."""


@hold.command(name="add")
@click.argument("slug", metavar="COHORT")
@_from
@_until
@click.option("--reason", default="on hold", show_default=True, help="Why; shown beside each slot in it.")
@json_option
@click.pass_context
def hold_add(
    ctx: click.Context, slug: str, first_day: date | None, last_day: date, reason: str, *, as_json: bool
) -> None:
    """Put a cohort on hold. Nothing is made up for afterwards; whoever writes is answered all the same.

    \b
    Example:
      reinforce hold add press-shop --from 2026-12-21 --until 2027-01-06 --reason "works shutdown"
    """
    from reinforce.actions.enrolling.be_away import hold_cohort
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    made = hold_cohort(house.database, slug, first_day, last_day, reason, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json(made)
        return
    there = made.hold
    taken = f" {made.taken_back} planned posts were taken back." if made.taken_back else ""
    click.echo(f"{slug} is on hold from {there.first_day} to {there.last_day}.{taken}")
    click.echo(f"Undo: reinforce hold lift {there.id}")


@hold.command(name="list")
@click.argument("slug", metavar="[COHORT]", required=False)
@json_option
@click.pass_context
def hold_list(ctx: click.Context, slug: str | None, *, as_json: bool) -> None:
    """List holds that are under way or to come; all of one cohort's, past ones too.

    \b
    Example:
      reinforce hold list press-shop
    """
    from reinforce.cli.printing import print_rows
    from reinforce.store.reporting.enrolling import hold_rows

    house = open_house(ctx)
    with house.database.read() as connection:
        rows = hold_rows(connection, house.clock.now(), slug=slug)
    columns = ["id", "cohort", "first_day", "last_day", "reason"]
    print_rows(rows, columns, as_json=as_json, empty="No hold: reinforce hold add COHORT --until DATE")


@hold.command(name="lift")
@click.argument("number", type=int)
@click.pass_context
def hold_lift(ctx: click.Context, number: int) -> None:
    """End a hold today, or take back one that has not begun.

    \b
    Example:
      reinforce hold lift 3
    """
    from reinforce.actions.enrolling.be_away import lift_hold

    house = open_house(ctx)
    cohort = lift_hold(house.database, number, actor=house.actor, now=house.clock.now())
    click.echo(f"{cohort.slug} goes on; what passed is not made up for.")


@click.group(cls=SectionedGroup)
def absence() -> None:
    """Say that a learner is away for some days, planned ahead."""


@absence.command(name="add")
@click.argument("employee_id")
@_from
@_until
@json_option
@click.pass_context
def absence_add(ctx: click.Context, employee_id: str, first_day: date | None, last_day: date, *, as_json: bool) -> None:
    """A learner is away: no plan counts them, and their silence tells nothing. Why is not asked.

    \b
    Example:
      reinforce absence add E-1007 --from 2026-10-05 --until 2026-10-16
    """
    from reinforce.actions.enrolling.be_away import absent_learner
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    made = absent_learner(house.database, employee_id, first_day, last_day, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json(made)
        return
    click.echo(f"{employee_id} is away from {made.first_day} to {made.last_day}.")
    click.echo(f"Undo: reinforce absence lift {made.id}")


@absence.command(name="list")
@click.argument("employee_id", required=False)
@json_option
@click.pass_context
def absence_list(ctx: click.Context, employee_id: str | None, *, as_json: bool) -> None:
    """List absences under way or to come; all of one learner's, past ones too.

    \b
    Example:
      reinforce absence list
    """
    from reinforce.cli.printing import print_rows
    from reinforce.store.reporting.enrolling import absence_rows

    house = open_house(ctx)
    with house.database.read() as connection:
        rows = absence_rows(connection, house.clock.now(), employee_id=employee_id)
    columns = ["id", "employee_id", "name", "first_day", "last_day"]
    print_rows(rows, columns, as_json=as_json, empty="Nobody is away: reinforce absence add EMPLOYEE_ID --until DATE")


@absence.command(name="lift")
@click.argument("number", type=int)
@click.pass_context
def absence_lift(ctx: click.Context, number: int) -> None:
    """A learner is back earlier; or take back an absence that has not begun.

    \b
    Example:
      reinforce absence lift 3
    """
    from reinforce.actions.enrolling.be_away import lift_absence

    house = open_house(ctx)
    lift_absence(house.database, number, actor=house.actor, now=house.clock.now())
    click.echo("They count again from now on.")


enrollment.add_command(enrollment_export)

for _group in (enrollment, hold, absence):
    for _command in list(_group.commands.values()):
        _group.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, group) for group in (enrollment, hold, absence)]
