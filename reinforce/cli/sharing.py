"""The verb that writes wordings for others to post themselves."""

from __future__ import annotations

from pathlib import Path

import click

from reinforce.cli.house import json_option, open_house

SECTION = "Talk with learners"


@click.command()
@click.argument("slug", metavar="EVENT")
@click.option(
    "--for", "role", type=click.Choice(["guest", "participant"]), default="guest", help="Who posts [default: guest]."
)
@click.option("--text", "own", multiple=True, help="A wording of yours, in place of those that ship.")
@click.option("--public", is_flag=True, help="Of an event on a protected account: everybody may read it.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder [default: here].")
@json_option
@click.pass_context
def sharekit(
    ctx: click.Context, slug: str, role: str, own: tuple[str, ...], out: Path, *, public: bool, as_json: bool
) -> None:
    """Write wordings that a guest or a participant of an event may post themselves. They are never posted for them.

    \b
    Example:
      reinforce sharekit lockout-live --for participant --out kit
    """
    from reinforce.cli.printing import print_json
    from reinforce.domain.errors import NotAllowed, ReinforceError
    from reinforce.domain.nugget import Confidentiality
    from reinforce.domain.texts.naming_guard import NamingGuard
    from reinforce.rendering.share_kit import kit_markdown, kit_page, share_texts
    from reinforce.shipped import shipped
    from reinforce.store.accounts import accounts
    from reinforce.store.gathering.events import event_by_slug
    from reinforce.store.people import cohorts, people

    house = open_house(ctx)
    with house.database.read() as connection:
        event = event_by_slug(connection, slug)
        cohort = cohorts.cohort_by_id(connection, event.cohort_id)
        account = accounts.account_by_id(connection, cohort.account_id)
        guard = NamingGuard(people.people_marks(connection, account.id))
    if account.confidentiality is Confidentiality.INTERNAL and not public:
        raise NotAllowed(
            f"the event {slug} is on a protected account, and a kit is for everybody to read",
            "If its title, time and link may be public, say so with --public.",
        )
    texts = share_texts(event, role, own, house.renderer, cohort.language, guard)
    page, text = out / f"{slug}-{role}.html", out / f"{slug}-{role}.md"
    try:
        out.mkdir(parents=True, exist_ok=True)
        page.write_text(kit_page(event, role, texts, cohort.language, shipped("templates") / "print"), "utf-8")
        text.write_text(kit_markdown(event, role, texts), "utf-8")
    except OSError as error:
        raise ReinforceError(f"{out} can't be written to: {error.strerror}", "Give another folder: --out") from error
    if as_json:
        print_json({"page": str(page), "markdown": str(text), "texts": texts})
        return
    click.echo(f"{len(texts)} wordings in {page} and {text}: hand them over, they are posted by nobody else.")


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, sharekit)]
