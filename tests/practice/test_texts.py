"""The practice account's own count of a text, and what its API makes of one."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.practice.entities import find_hashtags, find_mentions
from reinforce.practice.matching import says
from reinforce.practice.rendered import render
from reinforce.practice.texts import fault_of, weight


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("a", 1),
        ("ÿ\u10ff", 2),
        ("\u1100", 2),
        ("\u2000\u200d\u2010\u201f\u2032\u2037", 6),
        ("\u200e\u2020\u2031\u2038", 8),
        ("©®", 2),
        ("©\ufe0f", 2),
        ("™", 2),
        ("👍", 2),
        ("👍🏽", 2),
        ("🇩🇪🇫🇷", 4),
        ("1\ufe0f\u20e3", 2),
        ("☺\ufe0f", 2),
        ("❤\ufe0f\u200d🔥", 2),
        ("👩🏽\u200d🔧", 2),
        ("e\u0301", 1),
        ("https://example.com", 23),
        ("see example.com.", 4 + 23 + 1),
        ("step.lockout is not a link", 26),
        ("http://a.com,http://b.com", 23 + 1 + 23),
        ("me@example.com", 14),
        ("(see https://example.com/a_(b))", 5 + 23 + 1),
    ],
)
def test_a_text_weighs(text: str, expected: int) -> None:
    assert weight(text) == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a" * 280, None),
        ("a" * 281, "too long"),
        ("漢" * 140, None),
        ("漢" * 141, "too long"),
        ("  \n", "empty"),
        ("a\ufffe", "invalid"),
        ("a" * 1_000_000, "too long"),
        ("a" + "\u0301\u0327" * 300_000, "too long"),
    ],
)
def test_a_text_is_taken_or_not(text: str, fault: str | None) -> None:
    assert fault_of(text) == fault


@given(st.text(max_size=80), st.text(max_size=80))
def test_two_texts_together_weigh_hardly_more_than_apart(left: str, right: str) -> None:
    """A link may form where the texts meet, so it is not the plain sum."""
    assert weight(f"{left} {right}") <= weight(left) + 1 + weight(right) + 46
    assert weight(left) >= 0


@given(st.text(max_size=120))
def test_weight_does_not_depend_on_how_a_text_was_composed(text: str) -> None:
    assert weight(unicodedata.normalize("NFD", text)) == weight(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    "piece", ["a.", "(", "http://", "#", "@a", "#1", "👩\u200d", "http://a.co/(", "a.com/?", "1\u20e3", "漢"]
)
def test_counting_grows_no_faster_than_the_text(piece: str) -> None:
    def seconds(times: int) -> float:
        text = piece * times
        begin = time.process_time()
        weight(text)
        find_hashtags(text)
        find_mentions(text)
        return time.process_time() - begin

    seconds(100)
    # Quadratic growth would make this hundredfold. Processor time, as other programs share the machine.
    assert seconds(20_000) < 40 * max(seconds(2_000), 0.002)


def test_what_x_returns_has_short_links_entities_and_places_that_fit() -> None:
    text = "Lock & tag <it>: https://example.com/a?b=1 @kim_r @nobody #lockout $ACME"
    shown = render(text, display_start=0, user_id_of=lambda handle: 7 if handle == "kim_r" else None)
    assert shown.text.startswith("Lock &amp; tag &lt;it&gt;: https://t.co/")
    assert "example.com" not in shown.text
    (url,) = shown.entities["urls"]
    assert shown.text[url["start"] : url["end"]] == url["url"]
    assert len(url["url"]) == 23
    assert url["expanded_url"] == "https://example.com/a?b=1"
    (mention,) = shown.entities["mentions"]
    assert mention["id"] == "7"
    assert shown.text[mention["start"] : mention["end"]] == "@kim_r"
    (tag,) = shown.entities["hashtags"]
    assert shown.text[tag["start"] : tag["end"]] == "#lockout"
    assert shown.entities["cashtags"][0]["tag"] == "ACME"


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("Lock it, tag it", "tag it", True),
        ("Lock it, tag it", "LOCK", True),
        ("Lockout", "lock", False),
        ("see #Lockout2", "#lockout", False),
        ("see #Lockout.", "#lockout", True),
        ("ask @Kim_R", "@kim_r", True),
    ],
)
def test_search_looks_for_whole_words_and_tags(text: str, term: str, expected: bool) -> None:
    assert says(text, term) is expected
