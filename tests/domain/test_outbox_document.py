"""The page about the outbox's states says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from reinforce.domain.sending.outbox import MOVES, PROVING, State

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "outbox-states.md"
STATES = "|".join(state.value for state in State)


def test_the_page_lists_every_move_and_no_other() -> None:
    text = PAGE.read_text("utf-8")
    rows = re.findall(rf"^\| ({STATES}) \| ({STATES}) \|", text, re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert {(State(start), State(to)) for start, to in rows} == MOVES | PROVING


def test_the_page_explains_every_state() -> None:
    text = PAGE.read_text("utf-8").split("## Moves")[0]
    assert set(re.findall(rf"^\| ({STATES}) \| [^|]{{10,}} \| [^|]{{5,}} \|$", text, re.MULTILINE)) == set(State)
