"""What X takes for a web address, and what it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinforce.domain.texts.canonical_text import nfc
from reinforce.domain.texts.web_addresses import find_addresses


def urls(text: str) -> list[str]:
    return [address.url for address in find_addresses(nfc(text))]


@pytest.mark.parametrize("url", [
    "http://example.com",
    "HTTPS://Example.COM",
    "https://sub_part.example.org",
    "http://a-b.c.example.net:8080/x",
    "http://xn--bcher-kva.example.xn--p1ai",
    "http://bücher.de/größe",
    "http://почта.рф/путь",
    "http://例え.みんな/",
    "https://example.com/a_(b)",
    "https://example.com/a_(b_(c)_d)/e",
    "https://example.com/a–b",
    "https://example.com/@team/x",
    "https://example.com/?q=(a)|b#c",
    "https://example.com?",
    "https://example.co.uk",
    "https://t.co/AbC123?amp=1",
    "https://old.xperia",
    "https://example.onion",
])  # fmt: skip
def test_an_address_is_found_whole(url: str) -> None:
    found = urls(f"See {url} today")
    assert found == ([url] if not url.endswith("?") else [url[:-1]])


@pytest.mark.parametrize(("text", "found"), [
    ("example.com/a, example.org.", ["example.com/a", "example.org"]),
    ("(https://example.com/a)", ["https://example.com/a"]),
    ("https://example.com/a_(b", ["https://example.com/a_"]),
    ("https://example.com/a...", ["https://example.com/a"]),
    ("“https://example.com”", ["https://example.com"]),
    ("https://t.co/AbC123-and-more", ["https://t.co/AbC123"]),
    ("施錠example.comと点検example.org/x札", ["example.com", "example.org/x"]),
    ("札https://例え.comを", ["https://例え.com"]),
    ("https://foo.example.com.invalidtld", ["https://foo.example.com"]),
    ("a.com:80/x b.com:80", ["a.com:80/x", "b.com"]),
    ("b.com?q=1", ["b.com"]),
    ("\u202ahttps://example.com\u202c", ["https://example.com"]),
    ("http:// example.com", ["example.com"]),
    ("a.b_c.example.com", ["c.example.com"]),
])  # fmt: skip
def test_an_address_ends_where_x_ends_it(text: str, found: list[str]) -> None:
    assert urls(text) == found


@pytest.mark.parametrize("text", [
    "", ".", "no address", "1.5 bar", "e.g. this", "http://localhost/x", "https://192.0.2.7/x", "ftp//x",
    "report.draft.pdf", "user@example.com", "first.last@example.com", "#example.com", "$example.com", "@example.com",
    "-example.com", "_example.com", "/example.com", ".example.com", "http://-a.com", "http://a-.com", "http://a_b.com",
    "http://example.c_o_m", "http://xn--施錠.com", "http://example.community1", "例え.com", "example。com",
    "http://" + "a" * 64 + ".com", "http://" + "例" * 60 + ".com", "https://t.co/" + "a" * 41,
    "http://a.com/" + "b" * 4096,
])  # fmt: skip
def test_what_x_takes_for_no_address_is_none(text: str) -> None:
    assert urls(text) == []


PIECES = [
    "http://", "https://", "example.com", "t.co/", ".", "-", "_", "/", "?", "(", ")", "@", "#", "$", ":", "80", " ",
    "\n", "com", "a", "é", "施", "рф", "みんな", "xn--p1ai", "\u200b", "\ufeff", "\u202a", "&", "=", ",", "!", "'",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_addresses_stand_in_the_text_in_order_and_apart(text: str) -> None:
    text = nfc(text)
    end = 0
    for address in find_addresses(text):
        assert end <= address.start < address.end
        assert text[address.start : address.end] == address.url
        assert "." in address.url
        assert " " not in address.url
        end = address.end


@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join))
def test_what_was_found_is_found_again_alone(text: str) -> None:
    for address in find_addresses(nfc(text)):
        assert find_addresses(address.url)[0].start == 0
