"""Lexicon files: what ships, what a team adds, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from reinforce.content.lexicon_file import read_lexicons
from reinforce.domain.errors import ContentRefused
from reinforce.domain.listening.intents import Asked, Context, Intent
from reinforce.domain.listening.lexicon import LISTS
from reinforce.domain.listening.reading import read
from reinforce.shipped import shipped

SHIPPED = shipped("templates") / "lexicon"


def _refused(folder: Path, text: str) -> list[str]:
    (folder / "own.yaml").write_text(text, "utf-8")
    with pytest.raises(ContentRefused) as refused:
        read_lexicons(folder)
    return [str(fault).removeprefix(f"{folder}/") for fault in refused.value.faults]


def test_four_languages_ship_and_each_has_every_list() -> None:
    assert set(read_lexicons(SHIPPED).languages) == {"en", "de", "fr", "es"}
    for path in SHIPPED.glob("*.yaml"):
        keys = {line.split(":")[0] for line in path.read_text("utf-8").splitlines() if line[:1].isalpha()}
        assert set(LISTS) <= keys, path


def test_a_team_adds_a_language_and_its_stop_words_are_obeyed(tmp_path: Path) -> None:
    (tmp_path / "nl.yaml").write_text(
        "language: nl\nstop:\n  - ophouden [alsjeblieft]\ngot_it:\n  - begrepen\n", "utf-8"
    )
    lexicon = read_lexicons(SHIPPED, tmp_path)
    nugget = Context(Asked.NUGGET)
    assert read("Ophouden alsjeblieft!", nugget, lexicon).intents == (Intent.STOP,)
    assert read("begrepen, bedankt", nugget, lexicon).first is Intent.GOT_IT
    assert read("stop", nugget, lexicon).intents == (Intent.STOP,)


def test_a_folder_that_is_not_there_adds_nothing(tmp_path: Path) -> None:
    assert len(read_lexicons(SHIPPED, tmp_path / "none")["stop"]) == len(read_lexicons(SHIPPED)["stop"])


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    faults = _refused(
        tmp_path,
        "language: dutch\nstopp:\n  - x\nstop: ophouden\n"
        "got_it:\n  - (begrepen\n  - '[ja]'\n  - a|b\nnumbers:\n  veel: [veel]\n",
    )
    assert [fault.split(": ")[0] for fault in faults] == [
        "own.yaml:1:11", "own.yaml:2:1", "own.yaml:4:7", "own.yaml:6:5", "own.yaml:7:5", "own.yaml:8:5",
        "own.yaml:10:3",
    ]  # fmt: skip
    assert 'Did you mean "stop"?' in faults[1]
    assert "never closed" in faults[3]


@pytest.mark.parametrize("form", ["[a|b] " * 20 + "x", "(" * 30 + "a" + ")" * 30, "x" * 5_000, "a)", "(a]"])
def test_a_form_that_stands_for_too_much_or_nothing_is_refused(tmp_path: Path, form: str) -> None:
    assert len(_refused(tmp_path, f'stop:\n  - "{form}"\n')) == 1
