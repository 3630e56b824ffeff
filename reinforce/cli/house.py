"""What all verbs share: the group with its sections, where the workspace is, and how an error is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reinforce import __version__
from reinforce.domain.errors import ContentRefused, ReinforceError

if TYPE_CHECKING:
    from reinforce.bootstrap import House

_ACTING_AS = "reinforce.acting_as"
_Command = TypeVar("_Command", bound=Callable[..., Any])


def tell(error: ReinforceError) -> None:
    """Print an error and what to do next, every fault of a file on a line of its own, to standard error."""
    if isinstance(error, ContentRefused):
        for fault in error.faults:
            click.echo(str(fault), err=True)
    click.secho(f"error: {error.message}", fg="red", err=True)
    if error.advice:
        click.echo(f"  {error.advice}", err=True)


class SectionedGroup(click.Group):
    """A group whose help lists its verbs by what people use them for, in the order of a day's work."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._sections: dict[str, list[str]] = {}

    def add_to_section(self, section: str, command: click.Command) -> None:
        """Add a verb under a heading; headings come in the order in which they are first named."""
        assert command.name is not None
        self.add_command(command)
        self._sections.setdefault(section, []).append(command.name)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Verbs in the order of the sections."""
        return [name for names in self._sections.values() for name in names]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """One definition list for each section."""
        for section, names in self._sections.items():
            rows = [(name, self.commands[name].get_short_help_str(limit=90)) for name in names]
            with formatter.section(section):
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb; errors a person can act on are told in words, with exit status 1."""
        try:
            return super().invoke(ctx)
        except ReinforceError as error:
            tell(error)
            ctx.exit(1)
        except Exception as error:
            translated = _translate(error)
            if translated is None:
                raise
            tell(translated)
            ctx.exit(1)


def _translate(error: Exception) -> ReinforceError | None:
    """Errors of the database and of the settings in words; anything else is a bug and keeps its traceback."""
    from pydantic import ValidationError

    from reinforce.store.database_faults import database_fault

    if isinstance(error, ValidationError) and error.title == "Settings":
        lines = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        return ReinforceError(
            "a setting can't be used: " + "; ".join(lines),
            "Mend it in reinforce.toml or in the environment (docs/reference/settings.md lists every setting).",
        )
    fault = database_fault(error)
    if fault is not None:
        return ReinforceError(fault.message, fault.advice)
    return None


@click.group(
    cls=SectionedGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every verb has its own help with an example: reinforce VERB --help",
)
@click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="REINFORCE_WORKSPACE",
    help="Folder of the workspace (default: ./workspace).",
)
@click.option(
    "--as", "acting_as", metavar="NAME", default="", help="Member of the team who does it (default: this user)."
)
@click.version_option(__version__, prog_name="reinforce")
@click.pass_context
def main_group(ctx: click.Context, workspace: Path | None, acting_as: str) -> None:
    """Make a new process or procedure stick: short nuggets, posted to a cohort on X when memory needs them.

    Load a procedure, create a cohort, enroll its learners, and let the daemon post. `reinforce up` shows all of it at
    once on this machine, with a practice account instead of X.
    """
    ctx.obj = workspace
    ctx.meta[_ACTING_AS] = acting_as


def open_house(ctx: click.Context, **overrides: Any) -> House:
    """The house of the workspace that the command line names, its database migrated to this version.

    Raises ReinforceError where there is no workspace yet.
    """
    from reinforce.bootstrap import House
    from reinforce.settings import read_settings

    house = House(read_settings(ctx.obj, **overrides))
    house.require_workspace()
    house.acting_as = ctx.meta.get(_ACTING_AS, "")
    ctx.call_on_close(house.close)
    return house


def json_option(command: _Command) -> _Command:
    """`--json`: the result as one JSON document on standard output, for scripts."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")(command)
