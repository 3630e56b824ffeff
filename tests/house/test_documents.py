"""What is written matches what is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from reinforce import __version__
from reinforce.cli.house import main_group
from reinforce.settings import Settings

FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?<=\n\n)(?: {4}.*(?:\n|$))+")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
INLINE = re.compile(r"`((?:reinforce|make) [^`\n]+)`")


def documents(files: tuple[Path, ...]) -> list[Path]:
    return [path for path in files if path.suffix == ".md" and "tests" not in path.parts]


def commands(text: str) -> Iterator[str]:
    """The shell commands of a document: one a line in fences and in indented blocks, and those in backquotes."""
    for block in (*FENCE.findall(text), *INDENTED.findall(text)):
        for line in block.replace("\\\n", " ").splitlines():
            yield from (part.strip().removeprefix("$ ") for part in re.split(r"&&|;|\|", line.split("  #")[0]))
    yield from INLINE.findall(text)


def targets(repository: Path) -> set[str]:
    return set(re.findall(r"^([a-z]+):", (repository / "Makefile").read_text("utf-8"), re.MULTILINE))


def test_every_make_target_that_is_named_exists(files: tuple[Path, ...], repository: Path) -> None:
    known = targets(repository)
    missing = [
        f"{path.name}: {command}"
        for path in documents(files)
        for command in commands(path.read_text("utf-8"))
        if command.startswith("make ")
        for word in command.split()[1:]
        if word.isalpha() and word not in known
    ]
    assert missing == [], "correct the document, or add the target"


def test_every_verb_that_is_named_exists_with_its_options(files: tuple[Path, ...]) -> None:
    faults = [
        f"{path.name}: {command}: {fault}"
        for path in documents(files)
        for command in commands(path.read_text("utf-8"))
        if command.startswith("reinforce ")
        for fault in _faults(main_group, command)
    ]
    assert faults == [], "correct the document, or add the verb"


def _faults(group: click.Group, command: str) -> Iterator[str]:
    """What in a command line is no verb or option of ours. Words in capitals and "…" stand for a reader's own."""
    current: click.Command = group
    options = _options(group)
    words = iter(shlex.split(command.replace("…", "").replace("'", " "), comments=True)[1:])
    for word in words:
        if word.startswith("-"):
            name, _, value = word.partition("=")
            if name not in options:
                yield f"no option {word}"
            elif options[name] and not value:
                next(words, None)  # the option's value
        elif isinstance(current, click.Group) and not word.isupper():
            if word not in current.commands:
                yield f"no verb {word}"
                return
            current = current.commands[word]
            options |= _options(current)


def _options(command: click.Command) -> dict[str, bool]:
    """The options of a verb, each with whether it takes a value."""
    options = {"--help": False, "-h": False, "--version": False}
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            takes_value = not parameter.is_flag and not parameter.count
            options.update(dict.fromkeys((*parameter.opts, *parameter.secondary_opts), takes_value))
    return options


def test_every_verb_shows_an_example_of_itself(verbs: dict[tuple[str, ...], click.Command]) -> None:
    without = [
        " ".join(words)
        for words, command in verbs.items()
        if not re.search(rf"Examples?:\n\s+.*reinforce .*{re.escape(words[-1])}", command.help or "", re.DOTALL)
    ]
    assert without == [], 'end the docstring with "Example:" and a line that can be typed'


def test_every_example_of_the_help_can_be_typed(verbs: dict[tuple[str, ...], click.Command]) -> None:
    faults = [
        f"{' '.join(words)}: {fault}"
        for words, command in verbs.items()
        for line in re.sub(r"\\\s*\n\s*", " ", command.help or "").splitlines()
        if line.strip().startswith("reinforce ")
        for part in re.split(r"&&|[|>]", line)
        for fault in _faults(main_group, part.strip())
    ]
    assert faults == []


def test_every_option_says_what_it_does(verbs: dict[tuple[str, ...], click.Command]) -> None:
    silent = [
        f"{' '.join(words)} {parameter.opts[0]}"
        for words, command in verbs.items()
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.help
    ]
    assert silent == [], "give the option a help text"


def test_every_verb_is_in_the_reference(repository: Path, verbs: dict[tuple[str, ...], click.Command]) -> None:
    text = _read(repository / "docs" / "reference" / "command-line.md")
    missing = [" ".join(words) for words in verbs if f"reinforce {' '.join(words)}" not in text]
    assert missing == [], "describe it in docs/reference/command-line.md"


def test_every_setting_is_in_the_reference(repository: Path) -> None:
    text = _read(repository / "docs" / "reference" / "settings.md")
    missing = [name for name in Settings.model_fields if f"`{name}`" not in text]
    assert missing == [], "describe it in docs/reference/settings.md"


def test_the_reference_describes_no_setting_that_is_gone(repository: Path) -> None:
    text = _read(repository / "docs" / "reference" / "settings.md")
    described = re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)
    assert set(described) - set(Settings.model_fields) == set()


def test_every_link_between_documents_leads_somewhere(files: tuple[Path, ...], repository: Path) -> None:
    # What git keeps: an empty folder is here, and nowhere else.
    kept = {*files, *(parent for path in files for parent in path.parents)}
    broken = [
        f"{path.relative_to(repository)}: {target}"
        for path in documents(files)
        for target in LINK.findall(path.read_text("utf-8"))
        if not target.startswith(("http://", "https://", "mailto:", "#")) and not _leads(path, target, kept)
    ]
    assert broken == [], "correct the link, or write what it promises"


def _leads(path: Path, target: str, kept: set[Path]) -> bool:
    place, _, anchor = target.partition("#")
    goal = (path.parent / place).resolve()
    if not anchor or goal.suffix != ".md":
        return goal in kept
    return goal in kept and anchor in _anchors(goal.read_text("utf-8"))


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_changelog_has_a_place_for_this_version(repository: Path) -> None:
    text = (repository / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## \[(Unreleased|{re.escape(__version__)})\]", text, re.MULTILINE), (
        "add a section to CHANGELOG.md"
    )


def test_the_version_is_the_same_everywhere(repository: Path) -> None:
    assert f'version = "{__version__}"' in (repository / "pyproject.toml").read_text("utf-8")


@pytest.mark.parametrize("words", [r"(?<![\w.])/(?:home|root|work|Users)/\w+", r"--(?:extra-)?index-url \S+"])
def test_no_document_names_a_machine(files: tuple[Path, ...], words: str) -> None:
    found = [path.name for path in documents(files) if re.search(words, path.read_text("utf-8"))]
    assert found == []


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""
