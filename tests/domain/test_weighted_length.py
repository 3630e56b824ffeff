"""A post is as long as X says it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.texts.canonical_text import nfc
from reinforce.domain.texts.weighted_length import LIMIT, weighted_length

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(("text", "length"), [
    ("", 0),
    ("Lock it, tag it, try it.", 24),
    ("line\nbreak", 10),
    ("Prüfen: é, ñ, ß", 15),
    ("проверить", 9),
    ("“quoted” – and … dots’", 23),
    ("‰ ′", 4),
    ("施錠する", 8),
    ("ab施錠", 6),
    ("→ next", 7),
    ("\u200b\u200d", 2),
    ("\ufffe", 2),
    ("\U0001d400", 2),
    ("\ud800", 2),
], ids=ascii)  # fmt: skip
def test_characters_weigh_one_or_two(text: str, length: int) -> None:
    assert weighted_length(text) == length


@pytest.mark.parametrize(("text", "length"), [
    ("cafe\u0301", 4),
    ("\u1112\u1161\u11ab", 2),
    ("\u212b", 1),
    ("a\u0301\u0327", 2),
], ids=ascii)  # fmt: skip
def test_a_text_is_composed_before_it_is_counted(text: str, length: int) -> None:
    assert weighted_length(text) == length


@pytest.mark.parametrize("emoji", [
    "🔒", "😷", "☎️", "☎", "⛔", "👍🏽", "🫱🏻‍🫲🏿", FAMILY, "👩🏽‍🔧", "🧑‍🚒", "🏴‍☠️", "❤️‍🔥", "🏳️‍🌈",
    "🇩🇪", "🇺🇳", "🇨🇶", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣", "#⃣", "*️⃣", "©️", "®️", "™", "™️", "🏿", "♂️",
    "🐦‍🔥", "🍋‍🟩", "⛓️‍💥", "🙂‍↔️", "🏃🏾‍♀️‍➡️", "🧑‍🧑‍🧒‍🧒", "🫩", "🫟", "🫆", "🪾", "🫈",
])  # fmt: skip
def test_an_emoji_weighs_two_however_it_is_put_together(emoji: str) -> None:
    assert weighted_length(emoji) == 2
    assert weighted_length(f"a{emoji}b{emoji}{emoji}") == 8


@pytest.mark.parametrize(("text", "length"), [
    ("©", 1),
    ("®", 1),
    ("© 2026 ®", 8),
    ("©©️®", 4),
    ("1", 1),
    ("12#*", 4),
    ("1\ufe0f", 3),
], ids=ascii)  # fmt: skip
def test_a_sign_that_shows_as_text_weighs_as_text(text: str, length: int) -> None:
    assert weighted_length(text) == length


@pytest.mark.parametrize(("text", "length"), [
    ("🇽🇽", 4),
    ("🇩", 2),
    ("🇩🇪🇫", 4),
    ("🔒🏽", 4),
    ("🔒\u200d", 3),
    ("\u200d🔒", 3),
    ("👨‍👩‍", 3),
    ("😷\ufe0e", 4),
], ids=ascii)  # fmt: skip
def test_parts_that_make_no_emoji_together_weigh_apart(text: str, length: int) -> None:
    assert weighted_length(text) == length


@pytest.mark.parametrize(("text", "length"), [
    ("https://example.com", 23),
    ("See https://example.com/a/very/long/path?with=a&query#and-more today", 33),
    ("example.com", 23),
    ("Ask example.com/help.", 28),
    ("http://a.co http://b.co", 47),
    ("http://localhost", 16),
    ("step 3.then", 11),
    ("v2.md ends", 28),
    ("lockout.pdf", 11),
    ("me@example.com", 14),
    ("@example.com", 12),
    ("例え.com", 8),
    ("https://例え.com", 23),
    ("施錠example.com施錠", 31),
])  # fmt: skip
def test_an_address_weighs_23_however_long_it_is(text: str, length: int) -> None:
    assert weighted_length(text) == length


def test_what_just_fits_and_what_does_not() -> None:
    assert weighted_length("a" * 280) == LIMIT
    assert weighted_length(FAMILY * 140) == LIMIT
    assert weighted_length("a" * 256 + " https://example.com/" + "b" * 900) == LIMIT
    assert weighted_length("施" * 141) == LIMIT + 2


@given(st.text(max_size=60))
def test_a_length_never_depends_on_how_accents_are_written(text: str) -> None:
    assert weighted_length(unicodedata.normalize("NFD", text)) == weighted_length(text)


@given(st.text(alphabet=st.characters(exclude_characters=".", exclude_categories=["Cs"]), max_size=60))
def test_without_a_full_stop_no_character_weighs_more_than_two(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    assert weighted_length(text) <= 2 * len(composed)


@given(st.text(max_size=30), st.text(max_size=30))
def test_lengths_of_lines_add_up(first: str, second: str) -> None:
    # A line break ends whatever address, emoji or accent stands before it.
    joined = weighted_length(f"{first}\n \n{second}")
    assert joined == weighted_length(first) + 3 + weighted_length(second)


MARKS = st.text(alphabet="\u0300\u0323\u0327\u0345\u05bc\u0f71\u3099\u034f", min_size=28, max_size=90)


@given(st.lists(st.one_of(MARKS, st.text(max_size=4)), max_size=5).map("".join))
def test_stacked_accents_come_out_as_the_standard_library_orders_them(text: str) -> None:
    assert nfc(text) == unicodedata.normalize("NFC", text)
