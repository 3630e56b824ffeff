"""Verbs about money and limits."""

from __future__ import annotations

from typing import Any

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house

SECTION = "Operate"
_NUMBER = click.IntRange(0)


class _Dollars(click.ParamType[int]):
    name = "dollars"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """A sum as micro-dollars."""
        from reinforce.domain.sending.budget import micros_of

        try:
            return micros_of(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.group(cls=SectionedGroup)
def budget() -> None:
    """Say what may be spent in a month, and see how it stands."""


@click.command(name="set")
@click.argument("account")
@click.option("--cohort", "slug", help="Only for this cohort's posts.")
@click.option("--dollars", "micros", type=_Dollars(), help="Money a calendar month (UTC), readings included.")
@click.option("--posts", type=_NUMBER, help="Posts and replies a calendar month (UTC).")
@click.option("--posts-a-day", type=_NUMBER, help="Posts in any 24 hours [default: X's reported limit].")
@click.option("--replies-a-day", type=_NUMBER, help="Replies in any 24 hours [default: X's reported limit].")
@click.pass_context
def budget_set(
    ctx: click.Context,
    account: str,
    slug: str | None,
    micros: int | None,
    posts: int | None,
    posts_a_day: int | None,
    replies_a_day: int | None,
) -> None:
    """Bound an account's month, or one cohort's. It replaces what was set; without any option nothing is bounded.

    When a month won't do for everything, the least valuable posts are given up first.

    \b
    Example:
      reinforce budget set acme --dollars 12.50
      reinforce budget set acme --cohort press-shop --posts 60
    """
    from reinforce.actions.operating.set_budget import set_budget
    from reinforce.domain.sending.allowance import Bounds

    house = open_house(ctx)
    wanted = Bounds(micros, posts, posts_a_day, replies_a_day)
    set_budget(house.database, account, slug, wanted, actor=house.actor, now=house.clock.now())
    click.echo("Kept. See how it stands with: reinforce budget show")


@click.command(name="show")
@json_option
@click.pass_context
def budget_show(ctx: click.Context, *, as_json: bool) -> None:
    """Show what was spent this month, what is expected, what was given up, and what is left of X's limits.

    \b
    Example:
      reinforce budget show
    """
    from reinforce.cli.printing import print_json, print_rows
    from reinforce.domain.sending.outlook import warning
    from reinforce.store.reporting.budgets import budget_lines

    house = open_house(ctx)
    with house.database.read() as connection:
        lines = budget_lines(connection, house.tariff, house.clock.now())
    if as_json:
        print_json(lines)
        return
    columns = ["of", "spent", "readings", "budget", "expected", "posts", "of_posts", "today", "given_up"]
    print_rows(
        [_row(line) for line in lines], columns, as_json=False, empty="No account yet: reinforce account connect"
    )
    for line in lines:
        for limit in line.limits:
            until = f"{limit.resets_at:%Y-%m-%d %H:%M} UTC"
            click.echo(f"{line.account}: {limit.name}: {limit.remaining} of {limit.limit} left until {until}")
        if line.breaker not in ("", "closed"):
            click.echo(f"{line.account}: X keeps failing, so it rests (its circuit is {line.breaker})")
        if line.given_up:
            ids = ", ".join(str(number) for number in line.given_up)
            click.echo(f"{line.name}: given up for the budget this month: posts {ids}")
        told = warning(line.name, line.bounds, line.outlook)
        if told:
            click.secho(told, fg="yellow")


def _row(line: Any) -> dict[str, Any]:
    from reinforce.domain.sending.budget import dollars

    bounds, spent = line.bounds, line.spent
    return {
        "of": line.name,
        "spent": dollars(spent.micros_month),
        "readings": dollars(line.read_micros),
        "budget": "" if bounds.micros_a_month is None else dollars(bounds.micros_a_month),
        "expected": dollars(line.outlook.expected_micros),
        "posts": spent.posts_month,
        "of_posts": "" if bounds.posts_a_month is None else bounds.posts_a_month,
        "today": "" if line.cohort else f"{spent.posts_today} of {line.posts_a_day}",
        "given_up": len(line.given_up),
    }


for _command in (budget_set, budget_show):
    budget.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, budget)]
