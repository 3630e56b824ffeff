"""Verbs that take back what was posted and is wrong now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house

if TYPE_CHECKING:
    from reinforce.domain.revising.recalling import RecallPlan, RecallWish

SECTION = "Author"


@click.group(cls=SectionedGroup)
def recall() -> None:
    """Take back posts of a procedure that its new version makes wrong: delete, correct, learn anew."""


def _wishes(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what is to be recalled; the same for the preview and its confirmation."""
    options = (
        click.option("--nugget", "nuggets", multiple=True, help="Only this nugget; may be repeated."),
        click.option("--except", "leave_out", multiple=True, help="Not this nugget; may be repeated."),
        click.option("--retired", is_flag=True, help="Posts of nuggets that were taken out of the procedure, too."),
        click.option("--keep-posts", is_flag=True, help="Delete nothing on X."),
        click.option("--no-correction", is_flag=True, help="Post no corrections."),
        click.option("--keep-memory", is_flag=True, help="Go on from what was learnt."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _wish(
    procedure: str,
    nuggets: tuple[str, ...],
    leave_out: tuple[str, ...],
    *,
    retired: bool,
    keep_posts: bool,
    no_correction: bool,
    keep_memory: bool,
) -> RecallWish:
    from reinforce.domain.revising.recalling import RecallWish

    parts = {"delete": not keep_posts, "correct": not no_correction, "reset": not keep_memory}
    return RecallWish(procedure, nuggets, leave_out, retired, **parts)


@click.command(name="preview")
@click.argument("procedure")
@_wishes
@json_option
@click.pass_context
def recall_preview(ctx: click.Context, /, procedure: str, *, as_json: bool, **wishes: Any) -> None:
    """Show what a recall would do, post by post, and the code that confirms just that.

    Recalled are the nuggets whose meaning the last versions changed (reinforce load --diff), and of those the posts
    that say what the present version does not.

    \b
    Example:
      reinforce recall preview lockout
    """
    from reinforce.actions.revising.recall import preview
    from reinforce.cli.printing import plain, print_json

    house = open_house(ctx)
    wish = _wish(procedure, **wishes)
    plan = preview(house.database, wish, house.renderer, house.tariff, now=house.clock.now())
    if as_json:
        print_json({**plain(plan), "code": plan.code})
        return
    _show(plan)
    words = ["reinforce recall confirm", procedure, plan.code, *_again(wish)]
    click.echo(f"Nothing was done. To do all of it: {' '.join(words)}")


@click.command(name="confirm")
@click.argument("procedure")
@click.argument("code")
@_wishes
@json_option
@click.pass_context
def recall_confirm(ctx: click.Context, /, procedure: str, code: str, *, as_json: bool, **wishes: Any) -> None:
    """Do what a preview named: CODE is the one it gave. If anything else would happen, nothing does.

    \b
    Example:
      reinforce recall confirm lockout 3fa91c07
    """
    from reinforce.actions.revising.recall import recall as do_recall
    from reinforce.cli.printing import plain, print_json

    house = open_house(ctx)
    wish = _wish(procedure, **wishes)
    done = do_recall(
        house.database,
        wish,
        code,
        house.renderer,
        house.tariff,
        actor=house.actor,
        now=house.clock.now(),
        single_user=house.settings.single_user,
    )
    if as_json:
        print_json({"recall": done.id, **plain(done.plan)})
        return
    click.echo(_summary(done.plan))
    click.echo(
        f"Recall {done.id} is under way: reinforce recall show {done.id} (undo: reinforce recall undo {done.id})"
    )


@click.command(name="list")
@json_option
@click.pass_context
def recall_list(ctx: click.Context, *, as_json: bool) -> None:
    """List the recalls, the latest first.

    \b
    Example:
      reinforce recall list
    """
    from reinforce.cli.printing import print_rows
    from reinforce.store.revising import recalls

    house = open_house(ctx)
    with house.database.read() as connection:
        rows = [
            {
                "recall": one.id,
                "procedure": one.procedure,
                "at": one.at,
                "by": one.actor,
                "posts": ", ".join(f"{count} {state}" for state, count in sorted(one.posts.items())),
                "learnt anew": ", ".join(one.nuggets),
                "undone": one.undone_at,
            }
            for one in recalls.recalls(connection)
        ]
    columns = ["recall", "procedure", "at", "by", "posts", "learnt anew", "undone"]
    print_rows(rows, columns, as_json=as_json, empty="Nothing was recalled: reinforce recall preview PROCEDURE")


@click.command(name="show")
@click.argument("number", type=int)
@json_option
@click.pass_context
def recall_show(ctx: click.Context, number: int, *, as_json: bool) -> None:
    """Show what became of each post of a recall, and of its corrections.

    \b
    Example:
      reinforce recall show 1
    """
    from reinforce.cli.printing import print_json, print_rows
    from reinforce.store.revising import recalls

    house = open_house(ctx)
    with house.database.read() as connection:
        one = recalls.recall_by_id(connection, number)
        posts = recalls.posts_of(connection, number)
        corrections = [
            {"outbox": item.id, "state": item.state, "due": item.due_at, "posted": item.posted_at, "text": item.text}
            for item in recalls.corrections_of(connection, number)
        ]
    if as_json:
        print_json({"recall": one, "posts": posts, "corrections": corrections})
        return
    click.echo(f"Recall {one.id} of {one.procedure}" + (" (undone)" if one.undone_at else ""))
    columns = ["outbox", "form", "posted_at", "state", "outcome", "text"]
    print_rows(posts, columns, as_json=False, empty="No post was to be deleted.", title="Posts")
    columns = ["outbox", "state", "due", "text"]
    print_rows(corrections, columns, as_json=False, empty="No correction was planned.", title="Corrections")
    if one.nuggets:
        click.echo(f"Learnt anew: {', '.join(one.nuggets)}")
    refused = [row for row in posts if row["state"] == "refused"]
    if refused:
        click.echo(f"X refused to delete {len(refused)}: delete them by hand in X's app.")


@click.command(name="undo")
@click.argument("number", type=int)
@json_option
@click.pass_context
def recall_undo(ctx: click.Context, number: int, *, as_json: bool) -> None:
    """Take a recall back as far as it has not happened: what is off X stays off.

    \b
    Example:
      reinforce recall undo 1
    """
    from reinforce.actions.revising.undo import undo_recall
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    undone = undo_recall(house.database, number, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json(undone)
        return
    click.echo(f"{undone.kept} posts stay on X after all, {undone.gone} are off it for good.")
    click.echo(f"{undone.corrections} corrections are taken back, {undone.corrections_out} are out.")
    click.echo(f"The memory of {undone.nuggets} nuggets is what it was.")


def _show(plan: RecallPlan) -> None:
    from reinforce.cli.printing import money, print_rows

    rows: list[dict[str, Any]] = [{"nugget": one.slug, "because": one.why, "title": one.title} for one in plan.nuggets]
    print_rows(rows, ["nugget", "because", "title"], as_json=False, empty="", title="Wrong by the present version")
    rows = [
        {"post": one.outbox_id, "account": one.account, "form": one.form, "posted": one.posted_at, "text": one.text}
        for one in plan.posts
    ]
    columns = ["post", "account", "form", "posted", "text"]
    print_rows(rows, columns, as_json=False, empty="No post is deleted.", title="Deleted on X")
    rows = [
        {"account": one.account, "cohort": one.cohort, "at": one.at, "price": money(one.price_micros), "text": one.text}
        for one in plan.corrections
    ]
    columns = ["account", "cohort", "at", "price", "text"]
    print_rows(rows, columns, as_json=False, empty="No correction is posted.", title="Posted instead")
    for note in plan.notes:
        click.echo(f"note: {note}")
    click.echo(_summary(plan))


def _summary(plan: RecallPlan) -> str:
    from reinforce.cli.printing import money

    price = money(sum(one.price_micros for one in plan.corrections))
    deletions = f"{len(plan.posts)} posts deleted on X (at most {money(plan.deletion_micros)})"
    parts = [deletions, f"{len(plan.corrections)} corrections posted ({price})"]
    if plan.reset:
        learners = max((one.learners for one in plan.nuggets), default=0)
        parts.append(f"{len(plan.nuggets)} nuggets learnt anew by {learners} linked learners")
    return f"{plan.procedure}: {', '.join(parts)}."


def _again(wish: RecallWish) -> list[str]:
    """The options of a wish, as they are typed."""
    named = [f"--nugget {slug}" for slug in wish.nuggets] + [f"--except {slug}" for slug in wish.leave_out]
    flags = {
        "--retired": wish.retired,
        "--keep-posts": not wish.delete,
        "--no-correction": not wish.correct,
        "--keep-memory": not wish.reset,
    }
    return [*named, *(flag for flag, given in flags.items() if given)]


for _command in (recall_preview, recall_confirm, recall_list, recall_show, recall_undo):
    recall.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, recall)]
