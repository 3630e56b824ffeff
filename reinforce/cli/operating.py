"""Verbs of the operator: accounts, halt, database, check-ups."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house
from reinforce.domain.finding import Finding

SECTION = "Operate"
_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.group(cls=SectionedGroup)
def account() -> None:
    """Connect and check the accounts that posts go out on."""


@click.command(name="connect")
@click.argument("name")
@click.option(
    "--credentials",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file of mode 600 with the account's keys and tokens [default: from the environment].",
)
@click.option("--base-url", default="", help="Another service than X's own, on this machine: the practice account.")
@click.option(
    "--confidentiality",
    type=click.Choice(["public", "protected"]),
    help="What the account is; internal nuggets need a protected one [default: as it says itself].",
)
@json_option
@click.pass_context
def account_connect(
    ctx: click.Context,
    name: str,
    credentials: Path | None,
    base_url: str,
    confidentiality: str | None,
    *,
    as_json: bool,
) -> None:
    """Connect an account, or renew its keys. Who it is is asked before anything is stored.

    \b
    Example:
      reinforce account connect practice --credentials workspace/practice/credentials.json
      reinforce account connect acme --credentials ~/acme-x.json --confidentiality protected
    """
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    record = house.connect_account(name, credentials, base_url or None, confidentiality, click.echo)
    if as_json:
        print_json(record)
    else:
        click.echo(f"account {record.name} is @{record.handle}. Next: reinforce account check {record.name}")


@click.command(name="check")
@click.argument("name")
@json_option
@click.pass_context
def account_check(ctx: click.Context, name: str, *, as_json: bool) -> None:
    """Check an account: credentials, permissions, label, limits, clock. Exit status 1 if something must be done.

    \b
    Example:
      reinforce account check acme
    """
    house = open_house(ctx)
    findings = house.check_account(name)
    _report(findings, as_json=as_json)
    if any(finding.level == "fail" for finding in findings):
        ctx.exit(1)


@click.command(name="list")
@json_option
@click.pass_context
def account_list(ctx: click.Context, *, as_json: bool) -> None:
    """List the accounts and whether they may send.

    \b
    Example:
      reinforce account list
    """
    from reinforce.cli.printing import plain, print_rows
    from reinforce.store.accounts import accounts

    house = open_house(ctx)
    with house.database.read() as connection:
        rows = [plain(record) for record in accounts.accounts(connection)]
    columns = ["name", "handle", "confidentiality", "state", "paused_reason", "halted_at", "base_url"]
    print_rows(rows, columns, as_json=as_json, empty="No account yet: reinforce account connect --help")


@click.command(name="set")
@click.argument("name")
@click.option("--posts-a-day", type=click.IntRange(1, 500), help="Posts on a local day, all cohorts together.")
@click.option("--posts-a-week", type=click.IntRange(1, 2000), help="Posts in any seven days, all cohorts together.")
@click.option("--gap", type=click.IntRange(0, 720), metavar="MINUTES", help="Between posts of two cohorts, at least.")
@json_option
@click.pass_context
def account_set(
    ctx: click.Context,
    name: str,
    posts_a_day: int | None,
    posts_a_week: int | None,
    gap: int | None,
    *,
    as_json: bool,
) -> None:
    """Bound what a follower of an account gets, whichever cohorts post on it. Without an option it shows the bounds.

    Where there is no room for all, it is shared by the cohorts' priorities: reinforce cohort set COHORT --priority N.

    \b
    Example:
      reinforce account set acme --posts-a-day 4 --posts-a-week 15 --gap 30
    """
    from reinforce.actions.operating.set_caps import set_caps
    from reinforce.cli.printing import print_json

    house = open_house(ctx)
    there = set_caps(house.database, name, posts_a_day, posts_a_week, gap, actor=house.actor, now=house.clock.now())
    if as_json:
        print_json(there)
        return
    click.echo(
        f"{there.name}: at most {there.posts_a_day} posts a day and {there.posts_a_week} in seven days, "
        f"two cohorts' posts {there.gap_minutes} minutes apart."
    )


for _command in (account_connect, account_check, account_list, account_set):
    account.add_to_section("Verbs", _command)


@click.command()
@click.option("--account", "name", help="Only this account [default: all].")
@click.pass_context
def halt(ctx: click.Context, name: str | None) -> None:
    """Send nothing any more, from this moment, until `reinforce resume`. Listening goes on.

    \b
    Example:
      reinforce halt
      reinforce halt --account acme
    """
    from reinforce.actions.sending.halt import halt as halt_sending

    house = open_house(ctx)
    outcome = halt_sending(house.database, name, actor=house.actor, now=house.clock.now())
    click.echo("Halted: nothing is sent. Go on with: reinforce resume")
    if outcome.under_way:
        click.echo(f"{outcome.under_way} post was under way already; reinforce outbox shows what becomes of it.")


@click.command()
@click.option("--account", "name", help="Only this account [default: all].")
@click.pass_context
def resume(ctx: click.Context, name: str | None) -> None:
    """Take back a halt, and the pause of an account that has been mended.

    \b
    Example:
      reinforce resume --account acme
    """
    from reinforce.actions.sending.halt import resume as resume_sending

    house = open_house(ctx)
    outcome = resume_sending(house.database, name, actor=house.actor, now=house.clock.now())
    click.echo("Sending goes on.")
    for waiting in outcome.unproven:
        click.echo(f"{waiting} still waits until the daemon has read its timeline, as after every restore.")


@click.command()
@click.argument("post_id", metavar="POST", type=int)
@click.option("--posted", metavar="ID", type=int, help="It is on the timeline: its id there.")
@click.option("--resend", is_flag=True, help="It is not there: send it again.")
@click.option("--skip", is_flag=True, help="Let it go.")
@click.pass_context
def settle(ctx: click.Context, post_id: int, posted: int | None, *, resend: bool, skip: bool) -> None:
    """Decide a held post, whose fate the timeline could not tell.

    \b
    Example:
      reinforce settle 12 --posted 1900000000000000001
    """
    from reinforce.actions.sending.settle import settle as settle_held
    from reinforce.domain.sending.outbox import State

    if sum((posted is not None, resend, skip)) != 1:
        raise click.UsageError("say exactly one of --posted ID, --resend, --skip")
    house = open_house(ctx)
    to = State.POSTED if posted is not None else State.PLANNED if resend else State.SKIPPED
    settle_held(house.database, post_id, to, remote_id=posted, actor=house.actor, now=house.clock.now())
    click.echo(f"outbox {post_id} is {to.value}.")


@click.group(cls=SectionedGroup)
def db() -> None:
    """Upgrade, back up and restore the database."""


@click.command(name="upgrade")
@click.pass_context
def db_upgrade(ctx: click.Context) -> None:
    """Bring the database to this version's tables. Safe to run twice.

    \b
    Example:
      reinforce db backup before-upgrade.db && reinforce db upgrade
    """
    from reinforce.bootstrap import House
    from reinforce.settings import read_settings
    from reinforce.store.operating import migrations

    house = House(read_settings(ctx.obj))
    ctx.call_on_close(house.close)
    migrations.upgrade(house.database)
    click.echo("the database is at this version's tables.")


@click.command(name="backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_context
def db_backup(ctx: click.Context, file: Path, *, force: bool) -> None:
    """Write a backup while everything runs. It holds no key: keep secret.key elsewhere.

    \b
    Example:
      reinforce db backup monday.db
    """
    from reinforce.cli.printing import growing
    from reinforce.store.operating.copies import partial_of
    from reinforce.upkeep import backup

    house = open_house(ctx)
    with growing("Writing the backup …", partial_of(file)):
        size = backup(house, file, force=force)
    click.echo(
        f"{file} written and read back, {size / 1_048_576:.1f} MiB. The key is not in it: keep "
        f"{house.settings.key_file} safe."
    )


@click.command(name="restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def db_restore(ctx: click.Context, file: Path, *, yes: bool) -> None:
    """Put a backup back. Stop the daemon first. A damaged database may be replaced as well.

    Accounts become unproven: nothing is sent until the timeline since the backup has been read and matched, so that
    nothing goes out twice. The database that was there is kept beside it.

    \b
    Example:
      reinforce db restore monday.db
    """
    from reinforce.bootstrap import House
    from reinforce.cli.printing import working
    from reinforce.settings import read_settings
    from reinforce.upkeep import restore

    # Not `open_house`: a database that is too damaged to be opened is what a restore is for.
    house = House(read_settings(ctx.obj))
    ctx.call_on_close(house.close)
    house.require_folder()
    if not yes:
        click.confirm(f"Replace the database of {house.settings.workspace} by {file}?", abort=True)
    with working("Restoring …"):
        kept = restore(house, file)
    click.echo(
        f"{file} restored; what was there is kept in {kept}. Accounts are unproven until their timeline is read."
    )


for _command in (db_upgrade, db_backup, db_restore):
    db.add_to_section("Verbs", _command)


@click.command()
@click.option("--strict", is_flag=True, help="Exit status 1 also for what should be looked at.")
@click.option("--offline", is_flag=True, help="Ask no service: no account's for its time, nor the company's sign-in.")
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, strict: bool, offline: bool, as_json: bool) -> None:
    """Check the workspace and say what to do. Exit status 1 if something must be done.

    \b
    Example:
      reinforce doctor
      reinforce doctor --strict --json
    """
    from reinforce.bootstrap import House
    from reinforce.settings import read_settings
    from reinforce.upkeep import diagnose

    house = House(read_settings(ctx.obj))
    ctx.call_on_close(house.close)
    findings = diagnose(house, offline=offline)
    _report(findings, as_json=as_json)
    bad = {"fail", "warn"} if strict else {"fail"}
    if any(finding.level in bad for finding in findings):
        ctx.exit(1)


def _report(findings: Sequence[Finding], *, as_json: bool) -> None:
    from reinforce.cli.printing import print_json

    if as_json:
        print_json(findings)
        return
    for finding in findings:
        click.secho(f"{finding.level:>4}  ", fg=_COLOURS[finding.level], nl=False)
        click.echo(finding.what)
        if finding.advice and finding.level != "ok":
            click.echo(f"      {finding.advice}")


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, c) for c in (account, halt, resume, settle, db, doctor)]
