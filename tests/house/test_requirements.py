"""What gets installed is what was tested, wherever it comes from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

FILES = ("requirements/run.txt", "requirements/dev.txt")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,._-]+\])?==\S+", re.MULTILINE)
AGAIN = "run `make requirements` (and nothing by hand)"


def pins(text: str) -> set[str]:
    return {canonical(name) for name in PIN.findall(text)}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("file", FILES)
def test_every_requirement_is_pinned_and_hashed(repository: Path, file: str) -> None:
    text = (repository / file).read_text("utf-8")
    entries = [entry for entry in text.replace("\\\n", " ").splitlines() if entry.strip()]
    loose = [
        entry.split()[0]
        for entry in entries
        if not re.match(r"\S+==\S+( ; [^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+$", entry)
    ]
    assert loose == [], AGAIN
    assert len(entries) > 30


@pytest.mark.parametrize("file", FILES)
def test_requirement_files_name_no_index_and_no_address(repository: Path, file: str) -> None:
    text = (repository / file).read_text("utf-8")
    assert re.findall(r"https?://|file:|--(?:extra-)?index-url|--find-links|-i |-f |@ ", text) == [], AGAIN


@pytest.mark.parametrize(
    ("file", "groups"), [("requirements/run.txt", ["build"]), ("requirements/dev.txt", ["build", "dev"])]
)
def test_requirement_files_hold_everything_the_project_asks_for(repository: Path, file: str, groups: list[str]) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    wanted = list(project["project"]["dependencies"])
    for group in groups:
        wanted += [one for one in project["dependency-groups"][group] if isinstance(one, str)]
    names = {canonical(re.split(r"[\[<>=~!; ]", one)[0]) for one in wanted}
    assert names - pins((repository / file).read_text("utf-8")) == set(), AGAIN


def test_the_tests_run_what_ships(repository: Path) -> None:
    run, dev = ((repository / file).read_text("utf-8") for file in FILES)
    versions = [set(re.findall(r"^(\S+==\S+)", text, re.MULTILINE)) for text in (run, dev)]
    assert versions[0] <= versions[1], AGAIN


def test_every_dependency_has_a_decision_on_record(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    decided = " ".join(path.read_text("utf-8").lower() for path in (repository / "docs" / "decisions").glob("0*.md"))
    names = [re.split(r"[\[<>=~!; ]", one)[0].lower() for one in project["dependencies"]]
    undecided = [name for name in names if name not in decided]
    assert undecided == [], "say in docs/decisions/ what it is for, how it is kept, and its licence"


def test_no_lock_file_with_addresses_is_kept(files: tuple[Path, ...]) -> None:
    locks = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "package-lock.json", "yarn.lock"}
    assert [path.name for path in files if path.name in locks] == [], "remove it: requirements/ pins, without addresses"
