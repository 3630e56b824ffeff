"""A wheel holds everything the program needs, and it runs from there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(repository: Path, files: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of what git keeps, without a network."""
    copy = tmp_path_factory.mktemp("wheel")
    for path in files:
        target = copy / path.relative_to(repository)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(copy / "dist")]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next((copy / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("folder", ["templates", "schedules", "alembic", "examples"])
def test_the_wheel_carries_what_ships(names: set[str], files: tuple[Path, ...], repository: Path, folder: str) -> None:
    wanted = {
        f"reinforce/_shipped/{path.relative_to(repository).as_posix()}"
        for path in files
        if path.is_relative_to(repository / folder)
    }
    assert wanted
    assert wanted - names == set(), "add it under [tool.hatch.build.targets.wheel.force-include] in pyproject.toml"


def test_the_wheel_carries_every_module_and_the_licence(
    names: set[str], files: tuple[Path, ...], repository: Path
) -> None:
    modules = {
        path.relative_to(repository).as_posix() for path in files if path.is_relative_to(repository / "reinforce")
    }
    assert modules - names == set()
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_wheel_carries_nothing_else(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"reinforce"}
    assert [name for name in names if "/tests/" in name or name.endswith(".pyc")] == []


def test_what_ships_is_found_in_an_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    source = (
        "import reinforce; from reinforce.shipped import shipped;"
        "print(reinforce.__file__);"
        "[print(shipped(name)) for name in ('templates', 'schedules', 'alembic', 'examples')]"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    out = subprocess.run(
        [sys.executable, "-c", source], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert all(line.startswith(str(tmp_path)) for line in out.stdout.splitlines()), out.stdout
