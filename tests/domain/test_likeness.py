"""Texts that a reader would take for one they have seen."""

from __future__ import annotations

from reinforce.domain.authoring.likeness import Texts

KNOWN = Texts([("tell", "Before you lock a machine out, tell everyone who works on it."), ("empty", "  ")])


def test_a_text_that_differs_in_a_word_is_near_and_one_that_differs_in_signs_is_the_same() -> None:
    near = KNOWN.like("Before you lock a machine out, tell everybody who works on it!")
    assert near is not None
    assert (near.where, near.same) == ("tell", False)
    same = KNOWN.like("before you lock a machine out -- tell everyone who works on it")
    assert same is not None
    assert same.same


def test_another_text_and_none_at_all_are_like_nothing() -> None:
    for text in ("Bleed the air before you open the guard.", "", "!?", "🦊"):
        assert KNOWN.like(text) is None


def test_what_is_being_written_counts_from_then_on() -> None:
    texts = Texts([])
    assert texts.like("Press start.") is None
    texts.add("wording 1", "Press start.")
    texts.add("wording 2", "")
    found = texts.like("press start")
    assert found is not None
    assert found.where == "wording 1"
