"""Verbs about polls of where a cohort stands: ask, see what came back, hold two against one another."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.house import json_option, open_house

if TYPE_CHECKING:
    from reinforce.actions.polling.ask import Ready
    from reinforce.domain.polling.poll import Poll

SECTION = "Talk with learners"
_UNITS = {"m": 1, "h": 60, "d": 1440}


def _minutes(_ctx: click.Context, _option: click.Parameter, value: str) -> int:
    """A length such as "30m", "24h" or "7d", as minutes."""
    number, unit = value[:-1], value[-1:]
    if not (number.isdigit() and len(number) < 6 and unit in _UNITS):
        raise click.BadParameter(f'"{value}" is no length: write "30m", "24h" or "7d"')
    return int(number) * _UNITS[unit]


@click.group()
def poll() -> None:
    """Ask a cohort where it stands, by a native poll of X, and see what it said.

    Such a poll has no right answer: a question on a nugget goes out as a poll with `reinforce post --form poll`.
    """


@poll.command()
@click.argument("slug", metavar="COHORT")
@click.argument("question")
@click.option("--option", "options", multiple=True, required=True, help="A choice, at most 25 characters; 2 to 4.")
@click.option(
    "--topic",
    "topics",
    multiple=True,
    help='The topic of nuggets that a vote for the option in this place says is shaky; "-" for none.',
)
@click.option("--for", "minutes", default="24h", show_default=True, callback=_minutes, help="How long: 5m to 7d.")
@click.option("--label", default="", help='What it is compared by, such as "before".')
@click.option("--dry-run", is_flag=True, help="Show text, time and price; ask nobody.")
@json_option
@click.pass_context
def ask(
    ctx: click.Context,
    slug: str,
    question: str,
    options: tuple[str, ...],
    topics: tuple[str, ...],
    minutes: int,
    label: str,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Post a poll in the cohort's next open hour.

    With a topic for each option the plan listens: topics that got more votes count for more, for four weeks.

    \b
    Example:
      reinforce poll ask press-shop "What are you least sure of?" \\
        --option "Isolating" --topic isolation --option "Tagging" --topic tagging --label before
    """
    from reinforce.actions.polling.ask import ask_poll, prepare_poll
    from reinforce.cli.printing import print_json
    from reinforce.domain.polling.poll import NewPoll

    house = open_house(ctx)
    about = tuple("" if topic == "-" else topic for topic in topics)
    new = NewPoll(question, options, minutes, about, label)
    means = (house.renderer, house.tariff)
    if dry_run:
        ready = prepare_poll(house.database, slug, new, *means, now=house.clock.now())
        _print_ready("would go out", ready, options, as_json=as_json)
        return
    asked = ask_poll(house.database, slug, new, uuid.uuid4().hex, *means, now=house.clock.now(), actor=house.actor)
    if as_json:
        print_json({"poll": asked.poll_id, "outbox": asked.item.id, **_ready_row(asked.ready)})
        return
    _print_ready(f"poll {asked.poll_id}, outbox {asked.item.id}, goes out", asked.ready, options)


@poll.command()
@click.argument("slug", metavar="COHORT")
@click.argument("words")
@click.argument("url")
@click.option("--dry-run", is_flag=True, help="Show text, time and price; post nothing.")
@json_option
@click.pass_context
def link(ctx: click.Context, slug: str, words: str, url: str, *, dry_run: bool, as_json: bool) -> None:
    """Post a link to a poll elsewhere. It costs a link's price, and its answers stay there.

    \b
    Example:
      reinforce poll link press-shop "Ten questions on where you stand, five minutes:" https://forms.example.com/lockout
    """
    from reinforce.actions.polling.ask import ask_link, prepare_link
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    if dry_run:
        ready = prepare_link(house.database, slug, words, url, house.tariff, now=house.clock.now())
        _print_ready("would go out", ready, (), as_json=as_json)
        return
    asked = ask_link(
        house.database, slug, words, url, uuid.uuid4().hex, house.tariff, now=house.clock.now(), actor=house.actor
    )
    if as_json:
        print_json({"outbox": asked.item.id, **_ready_row(asked.ready)})
        return
    _print_ready(f"outbox {asked.item.id} goes out", asked.ready, ())


@poll.command("list")
@click.option("--cohort", "slug", help="Only this cohort's.")
@json_option
@click.pass_context
def list_polls(ctx: click.Context, slug: str | None, *, as_json: bool) -> None:
    """List polls, the newest first, and how they stand.

    \b
    Example:
      reinforce poll list --cohort press-shop
    """
    from reinforce.cli.printing import print_rows
    from reinforce.store.people.cohorts import cohort_by_slug
    from reinforce.store.polling import polls

    house = open_house(ctx)
    with house.database.read() as connection:
        cohort_id = None if slug is None else cohort_by_slug(connection, slug).id
        found = polls.polls(connection, cohort_id)
    columns = ["id", "cohort", "label", "question", "stands", "votes"]
    nothing = 'No poll was asked yet: reinforce poll ask COHORT "Where do you stand?" --option … --option …'
    print_rows([_row(one) for one in found], columns, as_json=as_json, empty=nothing)


@poll.command()
@click.argument("poll_id", metavar="POLL", type=int)
@json_option
@click.pass_context
def show(ctx: click.Context, poll_id: int, *, as_json: bool) -> None:
    """Show a poll with its votes, and what they change in the plan.

    \b
    Example:
      reinforce poll show 3
    """
    from reinforce.cli.printing import print_json
    from reinforce.domain.polling.needs import weights
    from reinforce.store.polling import polls

    house = open_house(ctx)
    with house.database.read() as connection:
        found = polls.poll(connection, poll_id)
    counts = weights(found.topics, found.votes) if found.votes else {}
    shares = _shares(found)
    if as_json:
        print_json({**_row(found), "topics": found.topics, "shares": shares, "weights": counts})
        return
    click.echo(f"{found.question}  ({found.cohort}{', ' + found.label if found.label else ''}; {_stands(found)})")
    for option, topic, share in zip(found.options, found.topics, shares or [{}] * len(found.options), strict=True):
        said = f"  {_share_words(share)}" if share else ""
        weight = f"  {topic}: counts ×{counts[topic]:.2f} at first" if topic in counts else ""
        click.echo(f"  {option}{said}{weight}")


@poll.command()
@click.argument("first", type=int)
@click.argument("second", type=int)
@json_option
@click.pass_context
def compare(ctx: click.Context, first: int, second: int, *, as_json: bool) -> None:
    """Hold two polls of the same options against one another, such as before and after a programme.

    \b
    Example:
      reinforce poll compare 3 9
    """
    from reinforce.cli.printing import print_json
    from reinforce.domain.polling import comparing
    from reinforce.store.polling import polls

    house = open_house(ctx)
    with house.database.read() as connection:
        before, after = polls.poll(connection, first), polls.poll(connection, second)
    rows = comparing.compare(before, after)
    if as_json:
        print_json({"first": _row(before), "second": _row(after), "options": rows, "caveats": comparing.CAVEATS})
        return
    click.echo(f"{_named(before)}: {before.voted} votes.  {_named(after)}: {after.voted} votes.")
    for row in rows:
        low, high = row.interval
        click.echo(f"  {row.option}: {row.first.hits} of {row.first.of} → {row.second.hits} of {row.second.of}")
        told = "" if row.tells else "; no difference can be told"
        click.echo(f"    {row.difference:+.0%} (95 % interval {low:+.0%} to {high:+.0%}{told})")
    for caveat in comparing.CAVEATS:
        click.echo(caveat)


def _row(one: Poll) -> dict[str, Any]:
    return {
        "id": one.id,
        "cohort": one.cohort,
        "label": one.label,
        "question": one.question,
        "options": one.options,
        "minutes": one.minutes,
        "stands": _stands(one),
        "votes": dict(zip(one.options, one.votes, strict=True)) if one.closed_at else None,
        "closed_at": one.closed_at,
        "outbox": one.outbox_id,
    }


def _stands(one: Poll) -> str:
    if one.closed_at is not None:
        return f"closed, {one.voted} vote{'' if one.voted == 1 else 's'}"
    return f"no result: {one.lost}" if one.lost else ("open" if one.state == "posted" else one.state)


def _shares(one: Poll) -> list[dict[str, Any]]:
    from reinforce.domain.reporting.shares import Share

    found = [Share(votes, one.voted) for votes in one.votes] if one.voted else []
    return [{"votes": share.hits, "share": share.value, "interval": share.interval} for share in found]


def _share_words(share: dict[str, Any]) -> str:
    low, high = share["interval"]
    return f"{share['votes']} ({share['share']:.0%}; 95 % interval {low:.0%} to {high:.0%})"


def _named(one: Poll) -> str:
    return f"poll {one.id}" + (f" ({one.label})" if one.label else "")


def _ready_row(ready: Ready) -> dict[str, Any]:
    return {"text": ready.text, "due_at": ready.due_at, "price_micros": ready.price_micros, "link": ready.linked}


def _print_ready(what: str, ready: Ready, options: tuple[str, ...], *, as_json: bool = False) -> None:
    from reinforce.cli.printing import local, money, print_json

    if as_json:
        print_json(_ready_row(ready))
        return
    why = ", since it holds a link" if ready.linked else ""
    click.echo(f"{what} {local(ready.due_at, ready.zone)}, for {money(ready.price_micros)}{why}:")
    click.echo(ready.text)
    for option in options:
        click.echo(f"  ( ) {option}")


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, poll)]
