"""Verbs of whoever answers for safety: the key that tokens are encrypted with, and the log of who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house

if TYPE_CHECKING:
    from reinforce.store.operating.audit import Head

SECTION = "Operate"


@click.group(cls=SectionedGroup)
def secrets() -> None:
    """Look after the key that account tokens are encrypted with."""


@click.command(name="rotate")
@click.option("--no-new-key", is_flag=True, help="Make no key: encrypt anew with the one that was put on top already.")
@click.option("--keep-old", is_flag=True, help="Leave the old key in the file, for backups made before.")
@json_option
@click.pass_context
def secrets_rotate(ctx: click.Context, *, no_new_key: bool, keep_old: bool, as_json: bool) -> None:
    """Change the key: a new one, everything encrypted anew, the old one taken away.

    Daemons go on meanwhile and need no restart. Interrupted anywhere, everything can still be read; run it again then.

    \b
    Example:
      reinforce secrets rotate
    """
    from reinforce.cli.printing import print_json
    from reinforce.upkeep import rotate_keys

    house = open_house(ctx)
    done = rotate_keys(house, new_key=not no_new_key, keep_old=keep_old)
    if as_json:
        print_json(done)
        return
    click.echo(f"{done.resealed} stored credentials are encrypted with the first key of {house.keyring.source}.")
    if done.dropped:
        click.echo(
            "The old key is gone. Backups made before now need it: keep your own copy of it with them, or connect the "
            "accounts again after restoring one."
        )


secrets.add_to_section("Verbs", secrets_rotate)


@click.group(cls=SectionedGroup)
def audit() -> None:
    """Read the log of who did what, and see that nobody changed it."""


@click.command(name="list")
@click.option("--subject", help='Only what was done to this, such as "outbox/12".')
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@json_option
@click.pass_context
def audit_list(ctx: click.Context, subject: str | None, limit: int, *, as_json: bool) -> None:
    """List who did what to which id, the newest first. Names and texts are never in it.

    \b
    Example:
      reinforce audit list --subject outbox/12
    """
    from reinforce.cli.printing import plain, print_rows
    from reinforce.store.operating import audit as log

    house = open_house(ctx)
    with house.database.read() as connection:
        rows = [plain(entry) for entry in log.latest(connection, limit=limit, subject=subject)]
    shown = [{**row, "detail": _words(row["detail"])} for row in rows]
    print_rows(
        rows if as_json else shown,
        ["id", "at", "actor", "verb", "subject", "detail"],
        as_json=as_json,
        empty="Nothing was done to it yet." if subject else "Nothing was done yet.",
    )


@click.command(name="verify")
@click.option("--noted", metavar="HEAD", help="A head that was noted earlier: it must be in the log.")
@json_option
@click.pass_context
def audit_verify(ctx: click.Context, noted: str | None, *, as_json: bool) -> None:
    """Check that no row was changed, taken out, slipped in or cut off. Exit status 1 if one was.

    Prints the head, the length of the log and its last hash. Note it down where nobody can reach both: with --noted, a
    later run proves that nothing up to it was written anew.

    \b
    Example:
      reinforce audit verify
      reinforce audit verify --noted 41:9f2c… --json
    """
    from reinforce.cli.printing import print_json
    from reinforce.store.operating import audit as log

    expected = None if noted is None else _head(noted)
    house = open_house(ctx)
    with house.database.read() as connection:
        found = log.verify(connection, expected)
    if as_json:
        document = {"whole": found.whole, "rows": found.head.length, "head": str(found.head)}
        print_json({**document, "broken_at": found.broken_at, "fault": found.fault})
    elif found.whole:
        click.echo(f"{found.head.length} rows, none changed. Note down the head: {found.head}")
    else:
        place = "" if found.broken_at is None else f"row {found.broken_at} "
        click.secho(f"{place}{found.fault}", fg="red")
        click.echo(f"  The {found.head.length} rows before it fit. Compare them with a backup: reinforce audit list")
    if not found.whole:
        ctx.exit(1)


def _head(text: str) -> Head:
    from reinforce.store.operating.audit import Head

    length, _, digest = text.partition(":")
    if not (length.isascii() and length.isdigit() and len(digest) == 64):
        raise click.BadParameter("write it as it was printed: rows, a colon, 64 letters", param_hint="--noted")
    return Head(int(length), digest)


def _words(detail: dict[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in detail.items())


for _command in (audit_list, audit_verify):
    audit.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, command) for command in (secrets, audit)]
