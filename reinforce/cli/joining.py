"""Verbs of open cohorts: who asked to join, what to tell people, and turning away a crowd."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house

if TYPE_CHECKING:
    from reinforce.domain.cohort import Cohort

SECTION = "Author"
_Command = TypeVar("_Command", bound=Callable[..., Any])
_FIELDS = ("hashtag", "most", "an_hour")


def opening_options(command: _Command) -> _Command:
    """The options that say how one joins an open cohort, the same where it is created and where it is changed."""
    hashtag = click.option("--hashtag", help="Of an open cohort: the hashtag with which one joins.")
    most = click.option("--most", type=int, help="Of an open cohort: how many may be in it at a time [default: 500].")
    an_hour = click.option("--an-hour", type=int, help="Of an open cohort: how many are let in an hour [default: 60].")
    return hashtag(most(an_hour(command)))


def opening_given(given: dict[str, Any]) -> dict[str, Any]:
    """What was given of these options, taken out of `given`."""
    found = {name: given.pop(name) for name in _FIELDS}
    return {name: value for name, value in found.items() if value is not None}


@click.group(cls=SectionedGroup)
def joining() -> None:
    """See who asks to join open cohorts, and what to tell people: reinforce cohort create NAME --open."""


@joining.command(name="show")
@click.argument("slug", metavar="COHORT")
@json_option
@click.pass_context
def joining_show(ctx: click.Context, slug: str, *, as_json: bool) -> None:
    """Show how many are in an open cohort, and what became of those who asked.

    \b
    Example:
      reinforce joining show newcomers
    """
    from reinforce.cli.printing import print_json
    from reinforce.domain.enrolling.joining import SAID, Outcome, window
    from reinforce.domain.planning.slots import local_day
    from reinforce.store.enrolling import joining as store
    from reinforce.store.people.cohorts import cohort_by_slug

    house = open_house(ctx)
    with house.database.read() as connection:
        cohort = cohort_by_slug(connection, slug)
        opening = _opening(cohort)
        counts, members = store.counts(connection, cohort.id), store.members(connection, cohort.id)
    why_not = window(cohort, local_day(house.clock.now(), cohort.zone))
    if as_json:
        can = why_not is None
        print_json({"cohort": slug, "can_be_joined": can, "members": members, "most": opening.most,
                    "hashtag": opening.hashtag, "asked": {one.value: counts[one] for one in Outcome}})  # fmt: skip
        return
    stand = {None: "can be joined", Outcome.EARLY: "can't be joined yet"}.get(why_not, "can't be joined any more")
    click.echo(f"{slug} {stand}: {members} of at most {opening.most} are in it, #{opening.hashtag}")
    for outcome, count in counts.items():
        if count:
            click.echo(f"  {count:>5}  {SAID[outcome]}")
    if not any(counts.values()):
        click.echo(f"Nobody has asked yet. What to tell people: reinforce joining words {slug}")


@joining.command(name="words")
@click.argument("slug", metavar="COHORT")
@json_option
@click.pass_context
def joining_words(ctx: click.Context, slug: str, *, as_json: bool) -> None:
    """Say what to put where people see it before they join: for joining is agreeing to what it says.

    \b
    Example:
      reinforce joining words newcomers
    """
    from reinforce.cli.printing import print_json
    from reinforce.domain.enrolling.joining import PLAIN_WORDS
    from reinforce.store.people.cohorts import cohort_by_slug

    house = open_house(ctx)
    with house.database.read() as connection:
        cohort = cohort_by_slug(connection, slug)
    profile = house.renderer.say("joining_profile", cohort.language, hashtag=_opening(cohort).hashtag)
    if as_json:
        print_json({"profile": profile, "plain_words": PLAIN_WORDS})
        return
    click.echo(f"In the account's profile ({len(profile)} characters; X takes 160):\n  {profile}\n")
    click.echo("On the page that the profile links to:")
    for words in PLAIN_WORDS:
        click.echo(f"  {words}")


@joining.command(name="refuse")
@click.argument("slug", metavar="COHORT")
@click.pass_context
def joining_refuse(ctx: click.Context, slug: str) -> None:
    """Refuse all who wait because too many asked at once. Who was meant may ask again.

    \b
    Example:
      reinforce joining refuse newcomers
    """
    from reinforce.actions.enrolling.turn_away import turn_away

    house = open_house(ctx)
    refused = turn_away(house.database, slug, actor=house.actor, now=house.clock.now())
    click.echo(
        f"{refused} who waited were refused; they may ask again. Close it: reinforce cohort set {slug} --closes DATE"
    )


def change_opening(house: Any, slug: str, changes: Mapping[str, Any]) -> None:
    """Change what is given; says nothing."""
    from reinforce.actions.authoring.cohorts import set_opening

    if changes:
        set_opening(house.database, slug, changes, actor=house.actor, now=house.clock.now())


def _opening(cohort: Cohort) -> Any:
    from reinforce.domain.errors import NotAllowed

    if cohort.opening is None:
        raise NotAllowed(f"{cohort.slug} has a roster, and is not open", "See: reinforce cohort create --help")
    return cohort.opening


for _command in list(joining.commands.values()):
    joining.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, joining)]
