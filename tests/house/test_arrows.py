"""Imports point down (docs/explanation/house.md)."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.house.conftest import Module

# In the wheel's own interpreter, so that an editable install elsewhere can't answer for this checkout.
LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]


def test_every_import_contract_is_kept(repository: Path) -> None:
    done = subprocess.run(LINT, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[done.stdout.find("Contracts:") :] + done.stderr


def test_the_floors_are_exhaustive(repository: Path) -> None:
    contracts = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    floors = next(contract for contract in contracts if contract["type"] == "layers")
    assert floors["exhaustive"] is True
    assert all(contract["broken_contract_guidance"] for contract in contracts), "say what to do when it is broken"


def test_nothing_is_imported_by_a_name_the_contracts_cannot_see(package: tuple[Module, ...]) -> None:
    hidden = [
        module.name for module in package if "importlib.import_module" in module.text or "__import__(" in module.text
    ]
    assert hidden == [], "import it by its name, so that import-linter sees the arrow"
