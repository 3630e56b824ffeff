"""Finds web addresses in a text the way X does, because each counts 23 and turns a $0.015 post into a $0.20 one.

The rules are those of X's published text library (configuration v3): an address has an optional "http(s)://", a
host that ends in a known top-level domain, and then a port, a path and a query. Without the scheme only the ASCII
(and accented Latin) part of a host counts, and nothing that follows one of "-_./".

X's own library states them as one regular expression that backtracks; this is a scanner that reads every
character a bounded number of times, so that a hostile text can't stop the daemon. It goes from one *run* of
characters that may stand in a host to the next, and settles from right to left how far a host reaches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from reinforce.domain.texts.top_level_domains import LONGEST, TOP_LEVEL_DOMAINS

_SPACES = r"\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_DIRECTION_MARKS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_NEVER_VALID = r"\ufffe\ufeff\uffff"
_PUNCTUATION = r"""!"'#%&()*+,\\\-./:;<=>?@\[\]\^_{|}~$"""
_NOT_IN_LABEL = _PUNCTUATION + _SPACES + _DIRECTION_MARKS + _NEVER_VALID
LATIN_LETTERS = (
    r"\xc0-\xd6\xd8-\xf6\xf8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b\u02bb"
    r"\u0300-\u036f\u1e00-\u1eff"
)
_LETTERS = "A-Za-z0-9\\u0400-\\u04ff" + LATIN_LETTERS
_PATH = rf"[{_LETTERS}!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_PATH_LAST = rf"[{_LETTERS}+\-=_#/]"
_PATH_INNER = r"[!*';:,.$%\[\]\u2013~@|&]"
_QUERY_LAST = r"[A-Za-z0-9\-_&=#/]"
_QUERY_INNER = r"[!?*'@();:+$%\[\].,~|]"
_BRACKETS = rf"\((?:{_PATH}++(?:\({_PATH}++\){_PATH}*+)?|\({_PATH}++\){_PATH}*+)\)"
_QUERY = rf"\?(?:{_QUERY_INNER}*+{_QUERY_LAST}++)++"

_HOST_RUN = regex.compile(rf"(?:[^{_NOT_IN_LABEL}]|[\-_.])++")
# Where a host may begin: at the start of the text, or after a character that belongs to no word, handle or tag.
_START = regex.compile(rf"(?:\A|(?<=[^A-Za-z0-9@＠$#＃{_NEVER_VALID}]))[^{_NOT_IN_LABEL}]")
_REST = regex.compile(rf"(?::[0-9]++)?(?P<path>/(?:{_PATH_INNER}*+(?:{_PATH_LAST}|{_BRACKETS}))*+)?(?:{_QUERY})?")
_PUNYCODE_TLD = regex.compile(r"xn--[-0-9a-z]++", regex.IGNORECASE)
_SHORT_LINK = regex.compile(rf"https?://t\.co/(?P<slug>[a-z0-9]++)(?:{_QUERY})?", regex.IGNORECASE)
_CARRIES_ON = regex.compile(r"[0-9A-Za-z@+\-]")
_PLAIN = regex.compile(rf"[\-A-Za-z0-9{LATIN_LETTERS}]++")
_PLAIN_TAIL = regex.compile(rf"(?<![\-A-Za-z0-9{LATIN_LETTERS}])[\-A-Za-z0-9{LATIN_LETTERS}]++\Z")
_FULL_STOPS = regex.compile(r"[.\u3002\uff0e\uff61]")

_LONGEST_LABEL = 63  # octets in the DNS
_LONGEST_ADDRESS = 4096
_LONGEST_SHORT_SLUG = 40


@dataclass(frozen=True, slots=True)
class Address:
    """A web address found in a text: `text[start:end]`, counted in code points."""

    start: int
    end: int
    url: str


@dataclass(frozen=True, slots=True)
class _Label:
    """One dot-separated part of a host run: `text[start:end]`."""

    start: int
    end: int
    subdomain: bool  # may stand in front of another label: neither empty nor closed in by "-" or "_"
    last_underscore: int  # its position in the text, or -1
    tld_end: int  # where a top-level domain that begins with the label ends, or -1


class _HostRun:
    """A longest stretch of characters that may stand in a host, cut into labels.

    `reach[i]` is where the longest host that begins with all of label i ends, or -1. It is settled from right to
    left, so that no label is looked at again for each place a host might begin.
    """

    def __init__(self, text: str, start: int, end: int) -> None:
        self.start, self.end = start, end
        self.labels = tuple(_labels(text, start, end))
        self.reach = [-1] * len(self.labels)
        for i in range(len(self.labels) - 2, -1, -1):
            label, right = self.labels[i], self.labels[i + 1]
            if label.subdomain:
                # An underscore is fine in a subdomain, but not in the name just before the top-level domain.
                self.reach[i] = max(self.reach[i + 1], right.tld_end if label.last_underscore < 0 else -1)


def _labels(text: str, start: int, end: int) -> Iterator[_Label]:
    for part in text[start:end].split("."):
        stop = start + len(part)
        yield _Label(
            start,
            stop,
            subdomain=bool(part) and part[0] not in "-_" and part[-1] not in "-_",
            last_underscore=text.rfind("_", start, stop),
            tld_end=_tld_end(text, start, stop),
        )
        start = stop + 1


def _tld_end(text: str, start: int, end: int) -> int:
    """Where the longest top-level domain at the beginning of `text[start:end]` ends, or -1.

    What follows it may not carry the word on: ".com" is none in ".community", but is one in ".comテスト".
    """
    prefix = text[start : min(end, start + LONGEST)].lower()
    for length in range(len(prefix), 1, -1):
        if prefix[:length] in TOP_LEVEL_DOMAINS and not _CARRIES_ON.match(text, start + length):
            return start + length
    punycode = _PUNYCODE_TLD.match(text, start, end)
    return punycode.end() if punycode else -1


def find_addresses(text: str) -> tuple[Address, ...]:
    """All addresses in `text`, which must be in NFC, from left to right; they don't overlap."""
    return tuple(_Scan(text).addresses()) if "." in text else ()


class _Scan:
    """One pass over a text. `consumed` is where the last match ended, whether or not it counted as an address."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._consumed = 0

    def addresses(self) -> Iterator[Address]:
        text, position, scheme = self._text, 0, -1
        while found := _HOST_RUN.search(text, position):
            run = _HostRun(text, *found.span())
            if scheme >= 0 and run.start == position and run.reach[0] >= 0:
                yield from self._with_scheme(scheme, run.start, run.reach[0])
            yield from self._without_scheme(run)
            position, scheme = max(run.end, self._consumed), -1
            if position == run.end and text.startswith("://", position):
                scheme = self._scheme_start(run.end)
                position += 3

    def _start(self, floor: int, end: int) -> int:
        """The leftmost place in `text[floor:end]` where an address may begin, or -1.

        The character in front of it must not belong to an earlier match.
        """
        floor = max(floor, self._consumed + 1 if self._consumed else 0)
        found = _START.search(self._text, floor, end) if floor < end else None
        return found.start() if found else -1

    def _scheme_start(self, colon: int) -> int:
        for scheme in ("https", "http"):
            start = colon - len(scheme)
            if start >= 0 and self._text[start:colon].lower() == scheme and self._start(start, start + 1) >= 0:
                return start
        return -1

    def _match(self, host_end: int) -> tuple[int, bool]:
        """Consume port, path and query after a host: the end of the match, and whether it has a path."""
        rest = _REST.match(self._text, host_end)
        assert rest is not None  # every part of it is optional
        self._consumed = rest.end()
        return rest.end(), rest["path"] is not None

    def _with_scheme(self, start: int, host_start: int, host_end: int) -> Iterator[Address]:
        end, _ = self._match(host_end)
        if not _fits(self._text[start:end], self._text[host_start:host_end]):
            return
        short = _SHORT_LINK.match(self._text, start, end)
        if short is None:
            yield Address(start, end, self._text[start:end])
        elif len(short["slug"]) <= _LONGEST_SHORT_SLUG:
            # Nothing but the slug and a query belongs to a link of X's own shortener.
            yield Address(start, short.end(), short[0])

    def _without_scheme(self, run: _HostRun) -> Iterator[Address]:
        for i, label in enumerate(run.labels[:-1]):
            if self._text[label.end - 1] in "-_":
                continue
            floor, host_end = label.start, run.reach[i + 1]
            if host_end < 0:
                floor, host_end = max(floor, label.last_underscore + 1), run.labels[i + 1].tld_end
            start = self._start(floor, label.end) if host_end >= 0 else -1
            if start >= 0:
                yield from self._plain_hosts(start, host_end)

    def _plain_hosts(self, start: int, host_end: int) -> Iterator[Address]:
        end, has_path = self._match(host_end)
        host = self._text[start:host_end]
        if not _fits("https://" + self._text[start:end], host) or self._text[start - 1 : start] in tuple("-_./"):
            return
        spans = [(start + first, start + last) for first, last in _plain_spans(host)]
        if spans and has_path:  # what follows the host belongs to the last address in it
            spans[-1] = (spans[-1][0], end)
        for first, last in spans:
            yield Address(first, last, self._text[first:last])


def _plain_spans(host: str) -> Iterator[tuple[int, int]]:
    """The ASCII or accented Latin hosts within a host, as (start, end)."""
    labels = tuple(_labels(host, 0, len(host)))
    i = consumed = 0
    while i < len(labels) - 1:
        tail = _PLAIN_TAIL.search(host, max(labels[i].start, consumed), labels[i].end)
        i += 1
        if tail is None:
            continue
        ends = [labels[i].tld_end]
        while i < len(labels) - 1 and _PLAIN.fullmatch(host, labels[i].start, labels[i].end):
            i += 1
            ends.append(labels[i].tld_end)
        if max(ends) >= 0:
            consumed = max(ends)
            yield tail.start(), consumed


def _fits(address: str, host: str) -> bool:
    """Whether the DNS could hold the host's labels, and X an address of this length."""
    grown = 0
    for label in _FULL_STOPS.split(host):
        if label.isascii():
            size = len(label)
        elif len(label) > _LONGEST_LABEL or label.lower().startswith("xn--"):
            return False  # longer still once encoded; or half encoded already
        else:
            size = len("xn--") + len(label.encode("punycode"))
        if size > _LONGEST_LABEL:
            return False
        grown += size - len(label)
    return len(address) + grown <= _LONGEST_ADDRESS
