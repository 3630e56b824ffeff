"""What a text is to X and to us: what it mentions, when two texts are the same one, and which wording is next.

Lengths are in `weighted_length`, addresses in `web_addresses`; both count the way X counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import regex

from reinforce.domain.nugget import Wording
from reinforce.domain.texts.canonical_text import nfc
from reinforce.domain.texts.web_addresses import LATIN_LETTERS, Address, find_addresses
from reinforce.domain.texts.weighted_length import LIMIT, weighted_length

__all__ = [
    "LIMIT",
    "MOST_CASHTAGS",
    "cashtags",
    "hashtags",
    "links",
    "mentions",
    "next_wordings",
    "normalise",
    "runs_out_on",
    "same_text",
    "text_hash",
    "weighted_length",
]

MOST_CASHTAGS = 1  # in one post, or X refuses it

_NO_LINKS: Mapping[str, str] = MappingProxyType({})

# What X escapes in the texts it returns, however often something on the way has escaped it again.
_ENTITY = regex.compile(r"&(?:amp;)*(amp|lt|gt|quot|apos|#39|#x27);", regex.IGNORECASE)
_MEANT = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "#39": "'", "#x27": "'"}
_SCHEME = regex.compile(r"https?://", regex.IGNORECASE)

_HANDLE = regex.compile(
    r"(?:(?<![A-Za-z0-9_!#$%&*@＠])|(?<=(?:\A|[^A-Za-z0-9_+~.\-])[Rr][Tt]))"
    rf"[@＠]([A-Za-z0-9_]{{1,20}}+)(?!://|[@＠{LATIN_LETTERS}])"
)
_TAG_CHARACTER = (
    r"\p{L}\p{M}\p{Nd}_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\xb7"
)
_HASHTAG = regex.compile(
    rf"(?:(?<=[\ufe0e\ufe0f])|(?<![&{_TAG_CHARACTER}]))"
    rf"[#＃](?![\ufe0f\u20e3])([{_TAG_CHARACTER}]++)(?!://|[#＃])"
)
_LETTER = regex.compile(r"[\p{L}\p{M}]")
_CASHTAG = regex.compile(
    r"(?<![^\s\u180e\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])"
    r"\$([A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?)(?=\Z|[\s!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_{|}~])"
)


def links(text: str) -> tuple[str, ...]:
    """The web addresses in `text`, as written. A post with one in it costs more (X.md: $0.20 for $0.015)."""
    return tuple(address.url for address in find_addresses(nfc(text)))


def mentions(text: str) -> tuple[str, ...]:
    """The handles that X would notify, without their @, in order and as written."""
    return tuple(found[1] for found in _outside_addresses(_HANDLE, nfc(text)))


def hashtags(text: str) -> tuple[str, ...]:
    """The hashtags in `text`, without their #, in order and as written."""
    found = (match[1] for match in _outside_addresses(_HASHTAG, nfc(text)))
    return tuple(tag for tag in found if _LETTER.search(tag))


def cashtags(text: str) -> tuple[str, ...]:
    """The cashtags in `text`, without their $; X allows `MOST_CASHTAGS` in a post."""
    return tuple(found[1] for found in _outside_addresses(_CASHTAG, nfc(text)))


def _outside_addresses(pattern: regex.Pattern[str], text: str) -> Iterator[regex.Match[str]]:
    addresses: Iterator[Address] = iter(find_addresses(text))
    address = next(addresses, None)
    for found in pattern.finditer(text):
        while address is not None and address.end <= found.start():
            address = next(addresses, None)
        if address is None or found.end() <= address.start:
            yield found


def normalise(text: str, links: Mapping[str, str] = _NO_LINKS) -> str:
    """`text` in the one form in which ours and X's copy of it are compared.

    NFC, HTML entities undone, X's short links replaced by what `links` says they stand for ("" drops one, such as
    the link X adds for media), the scheme of an address left out (X adds one), white space folded.
    """
    text = nfc(_ENTITY.sub(lambda entity: _MEANT[entity[1].lower()], text))
    parts, position = [], 0
    for address in find_addresses(text):
        target = nfc(links.get(address.url, address.url))
        parts += [text[position : address.start], _SCHEME.sub("", target, count=1)]
        position = address.end
    return " ".join(("".join(parts) + text[position:]).split())


def same_text(ours: str, theirs: str, links: Mapping[str, str] = _NO_LINKS) -> bool:
    """Whether X's copy `theirs`, whose short links stand for `links`, is our text."""
    return normalise(ours) == normalise(theirs, links)


def text_hash(text: str) -> str:
    """SHA-256 of the normalised text, in hexadecimal: equal for texts that X would take for duplicates."""
    return hashlib.sha256(normalise(text).encode("utf-8", "surrogatepass")).hexdigest()


def next_wordings(
    wordings: Mapping[int, Wording],
    used: Mapping[int, datetime],
    now: datetime,
    repeat_after: timedelta,
    language: str,
) -> tuple[int, ...]:
    """The ids of the wordings that may be posted at `now`: never posted first, then the longest unused.

    `wordings` are a nugget's, by id; `used` says when one was last posted on the account (absent: never);
    `language` is the cohort's. One that was posted less than `repeat_after` ago is left out. Ties go by id, so the
    order depends on nothing else. An empty answer means: out of wordings.
    """
    spoken = [key for key, wording in wordings.items() if speaks(wording, language)]
    fresh = sorted(key for key in spoken if key not in used)
    rested = sorted((used[key], key) for key in spoken if key in used and now - used[key] >= repeat_after)
    return (*fresh, *(key for _, key in rested))


def runs_out_on(
    wordings: Mapping[int, Wording],
    used: Mapping[int, datetime],
    planned: Iterable[datetime],
    repeat_after: timedelta,
    language: str,
) -> datetime | None:
    """The first of the `planned` instants at which no wording would be left, or None if there is always one.

    `planned` is when the nugget is to be posted, in order; each takes the wording `next_wordings` would give.
    """
    last_used = dict(used)
    for instant in planned:
        choice = next_wordings(wordings, last_used, instant, repeat_after, language)
        if not choice:
            return instant
        last_used[choice[0]] = instant
    return None


def speaks(wording: Wording, language: str) -> bool:
    """A wording in "en" serves a cohort in "en-GB", and the other way round."""
    return wording.language.lower().split("-")[0] == language.lower().split("-")[0]
