"""Verbs that start things: a workspace, a whole rehearsal, the daemon, the console, the practice account."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import click

from reinforce.cli.house import open_house

SECTION = "Start"

with_parent = click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input closes.")


def end_with_parent() -> None:
    """End this process when its standard input closes: whoever started it holds the other end of that pipe."""

    def wait() -> None:
        # Not sys.stdin: a thread that is inside its buffer when the interpreter ends aborts the process.
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()


@click.command()
@click.option("--rehearsal", is_flag=True, help="Mark the workspace as a rehearsal: it can never be connected to X.")
@click.pass_context
def init(ctx: click.Context, *, rehearsal: bool) -> None:
    """Make a workspace: folder, settings, key, database.

    Running it again changes nothing that is there.

    \b
    Example:
      reinforce init
      reinforce --workspace /srv/reinforce init
    """
    from reinforce.bootstrap import House
    from reinforce.settings import read_settings

    house = House(read_settings(ctx.obj))
    ctx.call_on_close(house.close)
    made = house.make(rehearsal=rehearsal)
    kind = "rehearsal workspace" if made.rehearsal else "workspace"
    click.echo(f"{kind} ready in {house.settings.workspace}")
    click.echo("Next: reinforce account connect NAME, then reinforce load FILE")


@click.command()
@click.option(
    "--speed", type=click.FloatRange(1, 100_000), help="Programme days a day [default: 1440, a day a minute]."
)
@click.option("--procedure", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Your own procedure.")
@click.option("--roster", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Your own roster.")
@click.pass_context
def up(ctx: click.Context, speed: float | None, procedure: Path | None, roster: Path | None) -> None:
    """See everything at once: practice account, daemon and console on this machine.

    Loads an example procedure and cohort, lets scripted learners answer, and prints one line for each post with its
    reason. Nothing leaves this machine. Ctrl-C stops; the next `reinforce up` goes on where it stood.

    \b
    Example:
      reinforce up
      reinforce up --speed 288                     a day in five minutes
      reinforce up --procedure my.yaml --roster my.csv
    """
    from reinforce.bootstrap import House
    from reinforce.rehearsal.course import rehearse
    from reinforce.settings import read_settings

    house = House(read_settings(ctx.obj))
    ctx.call_on_close(house.close)
    rehearse(house, speed=speed, procedure=procedure, roster=roster, tell=click.echo)


@click.command()
@with_parent
@click.pass_context
def daemon(ctx: click.Context, *, with_parent: bool) -> None:
    """Run the daemon: plan, post, listen, until Ctrl-C or SIGTERM.

    \b
    Example:
      reinforce daemon
      REINFORCE_LOG_FORMAT=json reinforce daemon
    """
    from reinforce.daemon import Daemon
    from reinforce.telemetry import configure_logging
    from reinforce.upkeep import monitored

    house = open_house(ctx)
    configure_logging(house.settings.log_level, house.settings.log_format)
    if with_parent:
        end_with_parent()
    running = Daemon(house)
    with monitored(house, running.owner):
        status = running.run()
    ctx.exit(status)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Its port [default: 8400].")
@click.option("--host", metavar="ADDRESS", help="Address to listen on; beyond 127.0.0.1 only with TLS or a proxy.")
@click.option("--behind-proxy", metavar="ADDRESS", help="A proxy that connects from here ends TLS before the console.")
@click.option("--public-host", metavar="NAME", help="Name under which others reach the console.")
@with_parent
@click.pass_context
def console(
    ctx: click.Context,
    port: int | None,
    host: str | None,
    behind_proxy: str | None,
    public_host: str | None,
    *,
    with_parent: bool,
) -> None:
    """Serve the console's pages: on this machine, and beyond it to those who sign in.

    \b
    Example:
      reinforce console --port 8400
      reinforce console --behind-proxy 127.0.0.1 --public-host reinforce.example.org
    """
    from reinforce.telemetry import configure_logging
    from reinforce.web.app import serve

    house = open_house(
        ctx,
        console_port=port,
        console_host=host,
        console_behind_proxy=behind_proxy,
        console_public_host=public_host,
    )
    configure_logging(house.settings.log_level, house.settings.log_format)
    if with_parent:
        end_with_parent()
    serve(house)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port on 127.0.0.1 [default: 8401].")
@click.option("--learners/--no-learners", default=True, help="Whether scripted learners answer [default: they do].")
@with_parent
@click.pass_context
def practice(ctx: click.Context, port: int | None, *, learners: bool, with_parent: bool) -> None:
    """Serve the practice account: X's API and a timeline, on this machine.

    Its tokens are written to practice/credentials.json in the workspace; connect an account with them.

    \b
    Example:
      reinforce practice --port 8401 &
      reinforce account connect practice --credentials workspace/practice/credentials.json
    """
    from reinforce.clock import Clock
    from reinforce.practice.config import Config
    from reinforce.practice.server import serve
    from reinforce.settings import read_settings

    given: dict[str, Any] = {"practice_port": port}
    settings = read_settings(ctx.obj, **given)
    if with_parent:
        end_with_parent()
    serve(
        settings.practice_folder,
        settings.practice_host,
        settings.practice_port,
        Clock(settings.clock_file),
        config=Config(learners=learners),
        ready=lambda bound: click.echo(f"practice account on http://{settings.practice_host}:{bound}"),
    )


COMMANDS: list[tuple[str, click.Command]] = [(SECTION, c) for c in (init, up, daemon, console, practice)]
