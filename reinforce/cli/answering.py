"""Verbs about what learners ask: see it, take it, answer it, close it, learn from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house

if TYPE_CHECKING:
    from datetime import datetime

    from reinforce.bootstrap import House
    from reinforce.domain.answering.inquiry import Inquiry

SECTION = "Talk with learners"
_STATES = ("new", "open", "answered", "delivered", "closed")


@click.group(cls=SectionedGroup)
def questions() -> None:
    """See what learners ask, and answer it."""


@questions.command(name="list")
@click.option("--cohort", "slug", help="Only this cohort's.")
@click.option("--mine", "name", metavar="NAME", help="Only what this facilitator has to answer.")
@click.option("--state", "states", multiple=True, type=click.Choice(_STATES), help="Only these states.")
@click.option("--overdue", is_flag=True, help="Only what should have been answered by now.")
@click.option("--all", "everything", is_flag=True, help="Settled ones too.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="How many.")
@json_option
@click.pass_context
def questions_list(
    ctx: click.Context,
    slug: str | None,
    name: str | None,
    states: tuple[str, ...],
    limit: int,
    *,
    overdue: bool,
    everything: bool,
    as_json: bool,
) -> None:
    """List questions, the one to be answered first at the top.

    \b
    Example:
      reinforce questions list
      reinforce questions list --overdue --json
    """
    from reinforce.cli.printing import print_rows
    from reinforce.domain.access.rights import only
    from reinforce.domain.answering.inquiry import OWED, InquiryState
    from reinforce.store.answering import facilitators, inquiries
    from reinforce.store.people.cohorts import cohort_by_slug

    house = open_house(ctx)
    now = house.clock.now()
    wanted = tuple(InquiryState(one) for one in states) or (() if everything else tuple(sorted(OWED)))
    with house.database.read() as connection:
        scope = only(None if slug is None else cohort_by_slug(connection, slug).id)
        facilitator_id = None if name is None else facilitators.by_name(connection, name).id
        found = inquiries.listed(connection, states=wanted, scope=scope, facilitator_id=facilitator_id, limit=limit)
        names = _Names(connection)
        rows = [_row(one, names, now) for one in found if not overdue or one.overdue(now)]
        count = inquiries.counts(connection, now)["overdue"]
    columns = ["id", "state", "due", "cohort", "facilitator", "asks", "text", "alike", "outcome"]
    empty = "Nothing is overdue." if overdue else "No question waits. Every one that was asked: --all"
    print_rows(rows, columns, as_json=as_json, empty=empty)
    if count and not as_json:
        click.secho(f"{count} overdue.", fg="red")


@questions.command(name="show")
@click.argument("number", type=int)
@json_option
@click.pass_context
def questions_show(ctx: click.Context, number: int, *, as_json: bool) -> None:
    """Show one question, what asks the same, and what may answer it: nuggets and earlier answers.

    \b
    Example:
      reinforce questions show 7
    """
    from reinforce.cli.printing import plain, print_json
    from reinforce.domain.answering.inquiry import InquiryState
    from reinforce.store.answering import inquiries, suggestions

    house = open_house(ctx)
    now = house.clock.now()
    with house.database.read() as connection:
        one = inquiries.inquiry(connection, number)
        alike = inquiries.together(connection, one, *InquiryState)
        suggested = suggestions.suggestions(connection, one)
        row = _row(one, _Names(connection), now)
    if as_json:
        same = [other.id for other in alike if other.id != one.id]
        print_json({**row, "alike": same, "suggestions": [plain(each) for each in suggested]})
        return
    click.echo(f"{one.id} · {row['state']} · {row['cohort'] or 'no cohort'} · {row['facilitator'] or 'nobody'}")
    click.echo(f"  {one.text or '(the words are gone)'}")
    for label in ("due", "about", "answer", "outcome"):
        if row[label]:
            click.echo(f"  {label}: {row[label]}")
    others = [str(other.id) for other in alike if other.id != one.id]
    if others:
        click.echo(f"  asked alike: {', '.join(others)} (an answer goes to all that wait, unless --only)")
    for each in suggested:
        click.echo(f"  {each.score:.0%} {each.source}: {each.text}")
    if one.state in (InquiryState.NEW, InquiryState.OPEN):
        click.echo(f'Next: reinforce questions answer {one.id} "…"')


@questions.command(name="assign")
@click.argument("number", type=int)
@click.argument("name", required=False)
@click.option("--nobody", is_flag=True, help="Take it from whoever has it.")
@click.pass_context
def questions_assign(ctx: click.Context, number: int, name: str | None, *, nobody: bool) -> None:
    """Give a question to a facilitator, who is told of it.

    \b
    Example:
      reinforce questions assign 7 anna
    """
    from reinforce.actions.answering.respond import assign

    if (name is None) != nobody:
        raise click.UsageError("name a facilitator, or say --nobody")
    house = open_house(ctx)
    facilitator = assign(house.database, number, name, actor=house.actor, now=house.clock.now())
    click.echo(f"Question {number} is {facilitator.name if facilitator else 'nobody'}'s now.")


@questions.command(name="answer")
@click.argument("number", type=int)
@click.argument("text")
@click.option("--about", default="", help="The question in your words, for a post that has to stand alone.")
@click.option("--quote", is_flag=True, help="Else show the learner's words, if they opted in to being named.")
@click.option("--initials", default="", help="Whose answer it is [default: the facilitator's].")
@click.option("--only", is_flag=True, help="Only this one, not those that ask the same.")
@click.option("--dry-run", is_flag=True, help="Show how it would go out; keep nothing.")
@json_option
@click.pass_context
def questions_answer(
    ctx: click.Context,
    number: int,
    text: str,
    about: str,
    initials: str,
    *,
    quote: bool,
    only: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Answer a question, and those that ask the same. Until it has left, an answer can be given anew.

    It goes out as a reply where X allows one, else as a post that names nobody, with others as a round-up if three or
    more wait.

    \b
    Example:
      reinforce questions answer 7 "The shift lead signs the tag." --about "Who signs the tag?"
    """
    from reinforce.actions.answering.respond import Answer, answer
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    if dry_run:
        _tell_look(house, number, text, about, initials, as_json=as_json)
        return
    given = Answer(text, about, initials, quote, only)
    answered = answer(house.database, number, given, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json([{"id": one.id, "state": one.state, "way": one.way} for one in answered])
        return
    click.echo(f"Answered: {', '.join(str(one.id) for one in answered)}. The daemon brings it to them.")
    click.echo(f"Keep it as a nugget: reinforce questions to-nugget {number} --procedure PROCEDURE --title TITLE")


def _tell_look(house: House, number: int, text: str, about: str, initials: str, *, as_json: bool) -> None:
    from reinforce.actions.answering.look_at_answer import Composing, Said, look_at_answer
    from reinforce.cli.printing import money, plain, print_json
    from reinforce.store.sending.known_names import KnownNames

    composing = Composing(house.renderer, house.tariff, KnownNames())
    look = look_at_answer(house.database, composing, number, Said(text, about, initials), now=house.clock.now())
    if as_json:
        print_json(plain(look))
        return
    way = "as a reply" if look.way.value == "reply" else "as a post of its own, which names nobody"
    click.echo(f"It would go out {way}, {money(look.price_micros)}; {look.length} of {look.room} characters.")
    click.echo(f"It can't: {look.problem}" if look.problem else look.text)


@questions.command(name="close")
@click.argument("number", type=int)
@click.option("--reason", default="closed by hand", show_default=True, help="Why it gets no answer.")
@click.pass_context
def questions_close(ctx: click.Context, number: int, reason: str) -> None:
    """Settle a question without an answer: it was answered elsewhere, or is none.

    \b
    Example:
      reinforce questions close 7 --reason "answered on the shop floor"
    """
    from reinforce.actions.answering.respond import close

    house = open_house(ctx)
    close(house.database, number, reason, actor=house.actor, now=house.clock.now())
    click.echo(f"Closed. Take it back with: reinforce questions reopen {number}")


@questions.command(name="reopen")
@click.argument("number", type=int)
@click.pass_context
def questions_reopen(ctx: click.Context, number: int) -> None:
    """Let a closed question wait again, or take back an answer that has not left.

    \b
    Example:
      reinforce questions reopen 7
    """
    from reinforce.actions.answering.respond import reopen

    house = open_house(ctx)
    one = reopen(house.database, number, actor=house.actor, now=house.clock.now())
    click.echo(f"Question {one.id} is {one.state}.")


@questions.command(name="to-nugget")
@click.argument("number", type=int)
@click.option("--procedure", required=True, help="The loaded procedure it goes into.")
@click.option("--title", required=True, help="A few words for colleagues; learners don't see it.")
@click.option("--slug", default="", help="Its name [default: made of the title].")
@click.option("--wording", "wordings", multiple=True, help="A way to say it; repeat it [default: the answer].")
@click.option("--topic", default="", help="Its topic.")
@click.option("--public", is_flag=True, help="It may be said on a public account.")
@json_option
@click.pass_context
def questions_to_nugget(
    ctx: click.Context,
    number: int,
    procedure: str,
    title: str,
    slug: str,
    wordings: tuple[str, ...],
    topic: str,
    *,
    public: bool,
    as_json: bool,
) -> None:
    """Make a nugget of an answer: it is planned, repeated and found from now on.

    \b
    Example:
      reinforce questions to-nugget 7 --procedure lockout --title "Who signs the tag" \\
          --wording "The shift lead signs the tag." --wording "A tag counts once the shift lead has signed it."
    """
    from reinforce.actions.answering.respond import make_nugget
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    values: dict[str, Any] = {"title": title, "slug": slug, "topic": topic}
    values |= {"wordings": list(wordings)} if wordings else {}
    values |= {"confidentiality": "public"} if public else {}
    made = make_nugget(house.database, number, procedure, values, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json(made)
    else:
        click.echo(f"{made.procedure}/{made.slug} with {len(made.wordings)} wordings. Four or more wear better.")


@questions.command(name="gaps")
@click.option("--cohort", "slug", help="Only this cohort's.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="How many.")
@json_option
@click.pass_context
def questions_gaps(ctx: click.Context, slug: str | None, limit: int, *, as_json: bool) -> None:
    """List what learners looked up and no nugget says, the most wanted first: what the author could write.

    \b
    Example:
      reinforce questions gaps --cohort press-shop
    """
    from reinforce.cli.printing import print_rows
    from reinforce.store.answering import gaps
    from reinforce.store.people.cohorts import cohort_by_slug

    house = open_house(ctx)
    with house.database.read() as connection:
        cohort_id = None if slug is None else cohort_by_slug(connection, slug).id
        rows = gaps.gaps(connection, cohort_id=cohort_id, limit=limit)
    columns = ["topic", "times", "last", "cohort", "why", "questions"]
    print_rows(rows, columns, as_json=as_json, empty="Every look-up found its nugget, or there was none.")


class _Names:
    """What rows refer to by number, read once."""

    def __init__(self, connection: Any) -> None:
        from reinforce.store.answering import facilitators
        from reinforce.store.people import cohorts

        self.cohorts = {one.id: one for one in cohorts.cohorts(connection)}
        self.facilitators = {one.id: one.name for one in facilitators.facilitators(connection)}


def _row(one: Inquiry, names: _Names, now: datetime) -> dict[str, Any]:
    from reinforce.cli.printing import local, plain

    cohort = names.cohorts.get(one.cohort_id or 0)
    late = one.overdue(now)
    state = f"{one.state}, {one.way}" if one.state == "answered" and one.way else one.state.value
    return {
        **plain(one),
        "state": state,
        "cohort": cohort.slug if cohort else "",
        "facilitator": names.facilitators.get(one.facilitator_id or 0, ""),
        "asks": one.kind.value,
        "due": local(one.due_at, cohort.zone if cohort else "UTC") + (" OVERDUE" if late else ""),
        "overdue": late,
        "due_soon": one.due_soon(now),
        "alike": one.similar_to,
        "remote_id": str(one.remote_id),
        "author_remote_id": str(one.author_remote_id),
    }


for _command in list(questions.commands.values()):
    questions.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, questions)]
