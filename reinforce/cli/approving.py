"""Verbs of approval: see what waits, ask for a yes, say it; and the people of the team."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house

if TYPE_CHECKING:
    from reinforce.actions.approving.review import Decision
    from reinforce.bootstrap import House
    from reinforce.domain.approving.approval import Request

SECTION = "Plan"
_DAY = click.DateTime(["%Y-%m-%d"])
_days = click.option("--days", default=7, show_default=True, type=click.IntRange(1, 366), help="How many days ahead.")


@click.group(cls=SectionedGroup)
def approvals() -> None:
    """Have texts approved before they go out: reinforce cohort set COHORT --approval first, or everything."""


@click.command(name="list")
@click.argument("slug", metavar="COHORT")
@click.option("--state", type=click.Choice(["submitted", "approved", "rejected"]), help="Only those.")
@json_option
@click.pass_context
def approvals_list(ctx: click.Context, slug: str, state: str | None, *, as_json: bool) -> None:
    """List the texts that were submitted for a cohort, and what was said to them.

    \b
    Example:
      reinforce approvals list press-shop --state submitted
    """
    from reinforce.cli.printing import print_rows
    from reinforce.domain.approving.approval import RequestState
    from reinforce.store.approving import approvals as store
    from reinforce.store.approving import members
    from reinforce.store.people.cohorts import cohort_by_slug
    from reinforce.store.sending.unapproved import unapproved

    house = open_house(ctx)
    with house.database.read() as connection:
        cohort = cohort_by_slug(connection, slug)
        found = store.requests(connection, cohort.id, [RequestState(state)] if state else ())
        people = members.names(connection)
        waiting = unapproved(connection, cohort, house.clock.now())
    columns = ["id", "state", "form", "nugget", "days", "text", "submitted_by", "decided_by", "note"]
    empty = f"Nothing was submitted. Ask for a yes: reinforce approvals submit {slug}"
    print_rows([_row(one, people) for one in found], columns, as_json=as_json, empty=empty)
    if waiting and not as_json:
        click.echo(f"{len(waiting)} planned posts wait for a yes: reinforce approvals submit {slug}")


@click.command(name="preview")
@click.argument("slug", metavar="COHORT")
@_days
@json_option
@click.pass_context
def approvals_preview(ctx: click.Context, slug: str, days: int, *, as_json: bool) -> None:
    """Show what would go out on the next days if everything were approved, and where each text stands.

    \b
    Example:
      reinforce approvals preview press-shop --days 14
    """
    from reinforce.cli.printing import print_rows

    house = open_house(ctx)
    rows = _previewed(house, slug, days)
    columns = ["when", "approval", "request", "nugget", "form", "text"]
    print_rows(rows, columns, as_json=as_json, empty=f"Nothing is due within {days} days.")


@click.command(name="submit")
@click.argument("slug", metavar="COHORT")
@_days
@click.option("--all", "everything", is_flag=True, help="Every text of its nuggets, not only those of the next days.")
@click.option("--from", "first", type=_DAY, help="First local day it may go out [default: today].")
@click.option("--until", "last", type=_DAY, help="Last local day [default: in 90 days].")
@json_option
@click.pass_context
def approvals_submit(
    ctx: click.Context,
    slug: str,
    days: int,
    first: datetime | None,
    last: datetime | None,
    *,
    everything: bool,
    as_json: bool,
) -> None:
    """Ask for a yes to the texts of the next days, or to all; posts with a date of their own are asked for singly.

    \b
    Example:
      reinforce approvals submit press-shop --days 30
      reinforce approvals submit press-shop --all --until 2026-12-18
    """
    from reinforce.actions.approving.review import submit
    from reinforce.cli.printing import print_json
    from reinforce.domain.planning.slots import local_day
    from reinforce.store.people.cohorts import cohort_by_slug

    house = open_house(ctx)
    with house.database.read() as connection:
        today = local_day(house.clock.now(), cohort_by_slug(connection, slug).zone)
    span = (_date(first) or today, _date(last) or today + timedelta(days=90))
    texts = None if everything else {row["text_hash"] for row in _previewed(house, slug, days)}
    done = submit(
        house.database,
        slug,
        span,
        (house.renderer, house.tariff),
        texts=texts,
        actor=house.actor,
        now=house.clock.now(),
    )
    if as_json:
        print_json(done)
        return
    click.echo(f"{len(done.submitted)} texts submitted, {done.there} were already. Next, somebody else:")
    click.echo(f"  reinforce --as NAME approvals approve {slug}")


@click.command(name="approve")
@click.argument("slug", metavar="COHORT")
@click.argument("ids", metavar="[ID]...", type=int, nargs=-1)
@click.option("--days", type=click.IntRange(1, 366), help="Those of the next days' preview.")
@click.option("--all", "everything", is_flag=True, help="All that are submitted.")
@click.option("--note", default="", help="What to keep with it.")
@json_option
@click.pass_context
def approvals_approve(
    ctx: click.Context,
    slug: str,
    ids: tuple[int, ...],
    days: int | None,
    note: str,
    *,
    everything: bool,
    as_json: bool,
) -> None:
    """Say yes to texts: by their numbers, those of the next days, or all that are submitted.

    Who wrote or submitted a text can't, unless the workspace says that it has one user.

    \b
    Example:
      reinforce --as bea approvals approve press-shop --days 7
      reinforce --as bea approvals approve press-shop 12 13
    """
    from reinforce.actions.approving.review import Decision
    from reinforce.domain.approving.approval import RequestState

    if bool(ids) + bool(days) + everything != 1:
        raise click.UsageError("say which: numbers, --days N or --all")
    house = open_house(ctx)
    decision = Decision(RequestState.APPROVED, note, single_user=house.settings.single_user)
    wanted = list(ids)
    if days is not None:
        wanted = [row["request"] for row in _previewed(house, slug, days) if row["approval"] == "submitted"]
    if not wanted and not everything:
        click.echo(f"Nothing of the next {days} days is submitted: reinforce approvals preview {slug}")
        return
    _decide(house, slug, sorted(set(wanted)), decision, as_json=as_json)


@click.command(name="reject")
@click.argument("slug", metavar="COHORT")
@click.argument("ids", metavar="ID...", type=int, nargs=-1, required=True)
@click.option("--note", default="", help="What should be different.")
@json_option
@click.pass_context
def approvals_reject(ctx: click.Context, slug: str, ids: tuple[int, ...], note: str, *, as_json: bool) -> None:
    """Say no to texts, or take a yes back: what is planned of them is refused at the last look before sending.

    \b
    Example:
      reinforce --as bea approvals reject press-shop 12 --note "name the new form"
    """
    from reinforce.actions.approving.review import Decision
    from reinforce.domain.approving.approval import RequestState

    _decide(open_house(ctx), slug, list(ids), Decision(RequestState.REJECTED, note), as_json=as_json)


@click.group(cls=SectionedGroup)
def member() -> None:
    """Say who is on the team, so that it is known who submitted and who approved."""


@click.command(name="add")
@click.argument("name")
@click.pass_context
def member_add(ctx: click.Context, name: str) -> None:
    """Add somebody to the team; they act with: reinforce --as NAME.

    \b
    Example:
      reinforce member add bea
    """
    from reinforce.actions.approving.team import add_member

    house = open_house(ctx)
    done = add_member(house.database, name, actor=house.actor, now=house.clock.now())
    click.echo(f"{name} is {done}. They act with: reinforce --as {name}")


@click.command(name="rename")
@click.argument("name")
@click.argument("new", metavar="NEW-NAME")
@click.pass_context
def member_rename(ctx: click.Context, name: str, new: str) -> None:
    """Call somebody of the team something else; what they did stays theirs.

    \b
    Example:
      reinforce member rename bea beatrice
    """
    from reinforce.actions.approving.team import rename_member

    house = open_house(ctx)
    done = rename_member(house.database, name, new, actor=house.actor, now=house.clock.now())
    click.echo(f"{name}, {done}, is {new} now. They act with: reinforce --as {new}")


@click.command(name="remove")
@click.argument("name")
@click.option("--anyway", is_flag=True, help="Also if no operator who can sign in to the console is left.")
@click.pass_context
def member_remove(ctx: click.Context, name: str, *, anyway: bool) -> None:
    """Take somebody off the team. What they submitted and approved stays; add them again to take it back.

    \b
    Example:
      reinforce member remove bea
    """
    from reinforce.actions.approving.team import remove_member

    house = open_house(ctx)
    alone = house.settings.single_user
    now = house.clock.now()
    remove_member(house.database, name, single_user=alone, actor=house.actor, now=now, anyway=anyway)
    click.echo(f"{name} is not on the team any more. To take it back: reinforce member add {name}")


@click.command(name="list")
@json_option
@click.pass_context
def member_list(ctx: click.Context, *, as_json: bool) -> None:
    """List the team, each with the number that the audit log knows them by.

    \b
    Example:
      reinforce member list
    """
    from reinforce.cli.printing import print_rows
    from reinforce.store.approving import members

    house = open_house(ctx)
    with house.database.read() as connection:
        rows = [{"name": name, "actor": actor} for actor, name in members.team(connection).items()]
    print_rows(rows, ["name", "actor"], as_json=as_json, empty="Nobody yet: reinforce member add NAME")


def _previewed(house: House, slug: str, days: int) -> list[dict[str, Any]]:
    """The posts of the next days, each with where its text stands: draft, submitted, approved or scheduled."""
    from reinforce.actions.planning.preview import preview
    from reinforce.cli.printing import local
    from reinforce.domain.planning.slots import local_day
    from reinforce.domain.texts.wording import text_hash
    from reinforce.store.approving import approvals as store
    from reinforce.store.people.cohorts import cohort_by_slug

    now = house.clock.now()
    with house.database.read() as connection:
        cohort = cohort_by_slug(connection, slug)
        live = [one for one in store.requests(connection, cohort.id) if one.live]
    posts = preview(
        house.database, cohort.id, house.renderer, house.tariff, now=now, days=max(days, 1), as_if_approved=True
    )
    rows = []
    for post in posts:
        if not post.text:
            continue
        key, day = text_hash(post.text), local_day(post.due_at, cohort.zone)
        found = [one for one in live if one.text_hash == key and one.covers(day, day)]
        best = min(found, key=lambda one: (one.state.value != "approved", one.id), default=None)
        state = "draft" if best is None else best.state.value
        if state == "approved" and post.planned:
            state = "scheduled"
        rows.append(
            {
                "when": local(post.due_at, cohort.zone),
                "approval": state,
                "request": None if best is None else best.id,
                "nugget": post.nugget,
                "form": post.form,
                "text": post.text,
                "text_hash": key,
            }
        )
    return rows


def _decide(house: House, slug: str, ids: list[int], decision: Decision, *, as_json: bool) -> None:
    from reinforce.actions.approving.review import decide
    from reinforce.cli.printing import print_json

    done = decide(house.database, slug, ids, decision, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json(done)
        return
    alone = " (by their author: the workspace has one user)" if decision.single_user else ""
    click.echo(f"{len(done)} texts {decision.state.value}{alone}.")


def _row(one: Request, people: dict[str, str]) -> dict[str, Any]:
    from reinforce.cli.printing import plain

    by = {name: people.get(getattr(one, name), getattr(one, name)) for name in ("author", "submitted_by", "decided_by")}
    state = "void" if one.voided else one.state.value
    return {**plain(one), **by, "state": state, "days": f"{one.first_day} to {one.last_day}"}


def _date(value: datetime | None) -> date | None:
    return None if value is None else value.date()


for _command in (approvals_list, approvals_preview, approvals_submit, approvals_approve, approvals_reject):
    approvals.add_to_section("Verbs", _command)
for _command in (member_add, member_list, member_rename, member_remove):
    member.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, approvals), (SECTION, member)]
