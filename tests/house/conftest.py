"""What the tests of the house look at: this checkout, as git would give it to somebody else."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

import click
import pytest

from reinforce.cli.house import main_group

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@cache
def _tracked() -> tuple[Path, ...]:
    # Also what is not committed yet, so that a rule speaks up before the commit; a file removed but not staged is gone.
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True).stdout.decode()
    return tuple(
        sorted(REPOSITORY / name for name in set(listed.split("\0")) if name and (REPOSITORY / name).is_file())
    )


@pytest.fixture(scope="session")
def files() -> tuple[Path, ...]:
    """Every file of the checkout that git would keep."""
    return _tracked()


class Module:
    """One Python file: its place in the repository, its text and its syntax tree."""

    def __init__(self, path: Path) -> None:
        self.name = path.relative_to(REPOSITORY).as_posix()
        self.text = path.read_text("utf-8")
        self.tree = ast.parse(self.text, filename=self.name)


@cache
def _modules() -> tuple[Module, ...]:
    return tuple(Module(path) for path in _tracked() if path.suffix == ".py" and "tests/content/bad" not in str(path))


@pytest.fixture(scope="session")
def modules() -> tuple[Module, ...]:
    """Every Python file of the checkout."""
    return _modules()


@pytest.fixture(scope="session")
def package(modules: tuple[Module, ...]) -> tuple[Module, ...]:
    """The modules of `reinforce`."""
    return tuple(module for module in modules if module.name.startswith("reinforce/"))


def walk_verbs(group: click.Group, prefix: tuple[str, ...] = ()) -> dict[tuple[str, ...], click.Command]:
    """Every verb of the command line that does something itself, by the words one types."""
    verbs: dict[tuple[str, ...], click.Command] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            verbs.update(walk_verbs(command, (*prefix, name)))
        else:
            verbs[(*prefix, name)] = command
    return verbs


@pytest.fixture(scope="session")
def verbs() -> dict[tuple[str, ...], click.Command]:
    """Every verb, such as ("cohort", "create"), with its click command."""
    return walk_verbs(main_group)
