"""Verbs about who signs in to the console, and tokens for scripts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from reinforce.cli.house import SectionedGroup, json_option, open_house

if TYPE_CHECKING:
    from reinforce.bootstrap import House
    from reinforce.domain.access.rights import Grant
    from reinforce.store.access.users import User

SECTION = "Let people in"
_ROLES = click.Choice(["author", "approver", "facilitator", "viewer", "operator"])
_cohorts = click.option(
    "--cohort", "slugs", multiple=True, metavar="COHORT", help="Only in this one; may be given again [default: in all]."
)
_anyway = click.option("--anyway", is_flag=True, help="Also if no operator who can sign in is left.")
_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input, one line.")


@click.group(cls=SectionedGroup)
def user() -> None:
    """Say who signs in to the console, and in which role."""


@user.command(name="add")
@click.argument("name")
@click.option("--role", type=_ROLES, required=True, help="What they are there for.")
@_cohorts
@click.option("--password", "ask", is_flag=True, help="Ask for their password here, instead of making a link.")
@_stdin
@click.option("--oidc", "identity", default="", metavar="NAME", help="Whom the company's sign-in knows them as.")
@click.pass_context
def user_add(
    ctx: click.Context, name: str, role: str, slugs: tuple[str, ...], *, ask: bool, password_stdin: bool, identity: str
) -> None:
    """Let a member of the team sign in; who is not on the team yet is added to it.

    Prints a link with which they choose their password, once, within a day: hand it over, it opens the door to whoever
    has it. From the first user on the console asks everybody to sign in. With --oidc no password is needed: they come
    through the company's sign-in, under the e-mail address or user name given here.

    \b
    Example:
      reinforce user add anna --role operator
      reinforce user add ben --role facilitator --cohort press-shop
      reinforce user add dora --role approver --oidc dora@example.org
      pass show console/cleo | reinforce user add cleo --role viewer --password-stdin
    """
    from reinforce.actions.access.users import add_user
    from reinforce.domain.access.rights import Role

    house = open_house(ctx)
    password = _password(ask=ask, from_stdin=password_stdin)
    way = {"password": password, "identity": identity}
    made = add_user(house.database, name, Role(role), slugs, **way, actor=house.actor, now=house.clock.wall())
    click.echo(f"{name} signs in as {role}{' of ' + ', '.join(slugs) if slugs else ''}.")
    if made.user.identity:
        _say_identity(house, made.user)
    if made.code:
        _show_link(house, made.code)


@user.command(name="list")
@json_option
@click.pass_context
def user_list(ctx: click.Context, *, as_json: bool) -> None:
    """List who may sign in, each with roles.

    \b
    Example:
      reinforce user list
    """
    from reinforce.cli.printing import print_rows
    from reinforce.domain.access.sessions import lifetimes
    from reinforce.store.access import sessions, users

    house = open_house(ctx)
    held = lifetimes(house.settings.session_idle_minutes, house.settings.session_days)
    with house.database.read() as connection:
        rows = [
            {
                "name": one.name,
                "roles": _roles(house, one.grants),
                "state": _state(one),
                "company_account": one.identity,
                "signed_in": sessions.number_of(connection, one.id, house.clock.wall(), held),
                "actor": one.actor,
            }
            for one in users.users(connection)
        ]
    columns = ["name", "roles", "state", "company_account", "signed_in", "actor"]
    print_rows(rows, columns, as_json=as_json, empty="Nobody yet: reinforce user add NAME --role operator")


@user.command(name="role")
@click.argument("name")
@click.argument("role", type=_ROLES)
@_cohorts
@click.option("--take", is_flag=True, help="Take the role away instead of giving it.")
@_anyway
@click.pass_context
def user_role(ctx: click.Context, name: str, role: str, slugs: tuple[str, ...], *, take: bool, anyway: bool) -> None:
    """Give somebody a role beside those they have, or take it; it counts from their next page on.

    \b
    Example:
      reinforce user role ben approver
      reinforce user role ben facilitator --cohort press-shop --take
    """
    from reinforce.actions.access.users import give_role, take_role
    from reinforce.domain.access.rights import Role

    house = open_house(ctx)
    wanted = (name, Role(role), slugs)
    acting: dict[str, Any] = {"actor": house.actor, "now": house.clock.wall()}
    if take:
        changed = take_role(house.database, *wanted, **acting, anyway=anyway)
    else:
        changed = give_role(house.database, *wanted, **acting)
    click.echo(f"{name}: {_roles(house, changed.grants) or 'no role, so nothing is shown to them'}.")


@user.command(name="set-password")
@click.argument("name")
@click.option("--link", is_flag=True, help="Print a link with which they choose it themselves.")
@_stdin
@click.pass_context
def user_set_password(ctx: click.Context, name: str, *, link: bool, password_stdin: bool) -> None:
    """Give somebody another password, asked for here; they are signed out everywhere.

    \b
    Example:
      reinforce user set-password ben --link
    """
    from reinforce.actions.access.users import make_link, set_password

    house = open_house(ctx)
    if link:
        _show_link(house, make_link(house.database, name, actor=house.actor, now=house.clock.wall()))
        return
    password = _password(ask=True, from_stdin=password_stdin)
    set_password(house.database, name, password, actor=house.actor, now=house.clock.wall())
    click.echo(f"{name} has a new password and was signed out everywhere.")


@user.command(name="set-identity")
@click.argument("name")
@click.argument("identity", metavar="COMPANY_NAME", default="")
@click.option("--none", "nobody", is_flag=True, help="Let them come through the company's sign-in no more.")
@_anyway
@click.pass_context
def user_set_identity(ctx: click.Context, name: str, identity: str, *, nobody: bool, anyway: bool) -> None:
    """Say whom the company's sign-in knows somebody as: an e-mail address, or a user name, as it is set.

    Whoever comes from there as that next is them from then on, whatever they are called later. Said again, it counts
    anew: for a person whose account there was made anew. They are signed out where they were.

    \b
    Example:
      reinforce user set-identity dora dora@example.org
      reinforce user set-identity dora --none
    """
    from reinforce.actions.access.users import set_identity

    if nobody == bool(identity):
        raise click.UsageError("give the name at the company's sign-in, or --none")
    house = open_house(ctx)
    acting: dict[str, Any] = {"actor": house.actor, "now": house.clock.wall()}
    changed = set_identity(house.database, name, identity, **acting, anyway=anyway)
    if changed.identity:
        _say_identity(house, changed)
    else:
        click.echo(f"{name} can't come through the company's sign-in any more.")


@user.command(name="disable")
@click.argument("name")
@_anyway
@click.pass_context
def user_disable(ctx: click.Context, name: str, *, anyway: bool) -> None:
    """Keep somebody out: signed out at once, and their tokens open nothing.

    \b
    Example:
      reinforce user disable ben
    """
    from reinforce.actions.access.users import disable_user

    house = open_house(ctx)
    ended = disable_user(house.database, name, actor=house.actor, now=house.clock.wall(), anyway=anyway)
    click.echo(f"{name} is kept out ({ended} browsers signed out). To take it back: reinforce user enable {name}")


@user.command(name="enable")
@click.argument("name")
@click.pass_context
def user_enable(ctx: click.Context, name: str) -> None:
    """Let somebody who was disabled sign in again, with the roles and the password they had.

    \b
    Example:
      reinforce user enable ben
    """
    from reinforce.actions.access.users import enable_user

    house = open_house(ctx)
    enable_user(house.database, name, actor=house.actor, now=house.clock.wall())
    click.echo(f"{name} may sign in again.")


@click.group(cls=SectionedGroup)
def token() -> None:
    """Make tokens with which scripts call the API, and take them back."""


@token.command(name="create")
@click.argument("label")
@click.option("--user", "member", required=True, metavar="NAME", help="Whose it is: it may no more than they may.")
@click.option("--role", type=_ROLES, required=True, help="In which of their roles it acts.")
@_cohorts
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="For how long it holds.")
@click.pass_context
def token_create(ctx: click.Context, label: str, member: str, role: str, slugs: tuple[str, ...], days: int) -> None:
    """Make a token. It is shown this once, on standard output and alone there; nobody can be shown it again.

    \b
    Example:
      reinforce token create wallboard --user anna --role viewer --days 30
    """
    from reinforce.actions.access.tokens import NewToken, create_token
    from reinforce.domain.access.rights import Role

    house = open_house(ctx)
    new = NewToken(member, label, Role(role), slugs, days)
    number, secret = create_token(house.database, new, actor=house.actor, now=house.clock.wall())
    click.echo(secret)
    click.echo(f"Token {number} holds for {days} days. To take it back: reinforce token revoke {number}", err=True)


@token.command(name="list")
@json_option
@click.pass_context
def token_list(ctx: click.Context, *, as_json: bool) -> None:
    """List the tokens there are, and were.

    \b
    Example:
      reinforce token list
    """
    from reinforce.cli.printing import print_rows
    from reinforce.store.access import tokens

    house = open_house(ctx)
    now = house.clock.wall()
    with house.database.read() as connection:
        found = tokens.tokens(connection)
    rows = [
        {
            "id": one.id,
            "label": one.label,
            "user": one.member,
            "roles": _roles(house, one.grants),
            "state": "revoked" if one.revoked_at else ("expired" if one.expires_at <= now else "holds"),
            "expires": f"{one.expires_at:%Y-%m-%d}",
            "last_used": f"{one.used_at:%Y-%m-%d %H:%M} UTC" if one.used_at else "never",
        }
        for one in found
    ]
    columns = ["id", "label", "user", "roles", "state", "expires", "last_used"]
    empty = "None yet: reinforce token create LABEL --user NAME --role viewer"
    print_rows(rows, columns, as_json=as_json, empty=empty)


@token.command(name="revoke")
@click.argument("number", metavar="ID", type=int)
@click.pass_context
def token_revoke(ctx: click.Context, number: int) -> None:
    """Take a token back, from the next call on.

    \b
    Example:
      reinforce token revoke 3
    """
    from reinforce.actions.access.tokens import revoke_token

    house = open_house(ctx)
    revoke_token(house.database, number, actor=house.actor, now=house.clock.wall())
    click.echo(f"Token {number} opens nothing any more.")


def _password(*, ask: bool, from_stdin: bool) -> str:
    """A password from standard input or from the terminal, where it is not shown; "" if neither is asked."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n") or _none_given()
    return click.prompt("Password", hide_input=True, confirmation_prompt=True) if ask else ""


def _none_given() -> Any:
    raise click.UsageError("there is no password on standard input")


def _state(one: User) -> str:
    if one.disabled_at:
        return "disabled"
    if one.password_hash or one.recognised:
        return "active"
    return "has not come yet" if one.identity else "no password yet"


def _say_identity(house: House, one: User) -> None:
    click.echo(f"Whoever comes through the company's sign-in as {one.identity} next is {one.name}, and stays so.")
    if not house.settings.oidc_issuer:
        click.echo("None is set yet: REINFORCE_OIDC_ISSUER, docs/how-to/let-people-in.md.", err=True)


def _show_link(house: House, code: str) -> None:
    click.echo("They choose their password here, once, within a day (it opens the door to whoever has it):")
    click.echo(f"  {house.settings.console_url}/welcome?code={code}")


def _roles(house: House, grants: frozenset[Grant]) -> str:
    from reinforce.store.access.users import in_words

    with house.database.read() as connection:
        return in_words(connection, grants)


for _command in list(user.commands.values()):
    user.add_to_section("Verbs", _command)
for _command in list(token.commands.values()):
    token.add_to_section("Verbs", _command)

COMMANDS: list[tuple[str, click.Command]] = [(SECTION, user), (SECTION, token)]
