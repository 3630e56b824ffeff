"""How long a text is on X, and whether X would take it: the practice account's own count.

Nothing here is shared with the rest of the house: one mistake must not pass both sides. Rules are those of the
twitter-text configuration, version 3: a post holds at most 280; a character weighs 1 in four ranges and 2 elsewhere;
a link weighs 23; an emoji sequence weighs 2; the text is brought to NFC first. Time grows linearly with the text.
"""

from __future__ import annotations

import unicodedata

import regex

from reinforce.practice.entities import find_urls

MAX_WEIGHT = 280
URL_WEIGHT = 23
EMOJI_WEIGHT = 2

# No text of this many characters can weigh 280 or less: even twelve links of the longest kind (4,096) plus 4 more
# characters stop short of it. Longer texts are refused without being counted.
HOPELESS_LENGTH = 12 * 4096 + 5

# First and last code point of the ranges whose characters weigh 1.
_LIGHT_RANGES = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))

# Each combining mark weighs something, and composing swallows few of them: so many in a row can't fit, and bringing
# them into canonical order would take time that grows with their square.
_HOPELESS_MARKS = regex.compile(r"\p{M}{600}")

_INVALID = frozenset("\ufffe\ufeff\uffff")

# One emoji sequence as Unicode (UTS #51) builds it: keycap, flag, or pictographs joined by ZWJ, each with a skin tone,
# a presentation selector or tags. A character that is text by default and light (©, ®) counts as an emoji only
# when a selector says so.
_EMOJI = regex.compile(
    r"""
      [0-9\#*]\ufe0f?\u20e3
    | \p{Regional_Indicator}\p{Regional_Indicator}
    | (?P<part> [\p{Extended_Pictographic}--[\u0000-\u10ff]]
                (?: \p{Emoji_Modifier} | \ufe0f (?!\u20e3) )? [\U000e0020-\U000e007f]* )
      (?: \u200d (?P<next> [\p{Extended_Pictographic}--[\u0000-\u10ff]] (?: \p{Emoji_Modifier} | \ufe0f )? ) )*
    | [\u00a9\u00ae]\ufe0f
    | \p{Emoji_Modifier}
    """,
    regex.VERBOSE | regex.V1,
)


def normalised(text: str) -> str:
    """`text` in the form in which X counts and stores it (NFC)."""
    return unicodedata.normalize("NFC", text)


def weight(text: str) -> int:
    """Weighted length of `text` as X counts it; at most 280 fits into a post."""
    text = normalised(text)
    total = 0
    done = 0
    for url in find_urls(text):
        total += _weight_without_urls(text[done : url.start]) + URL_WEIGHT
        done = url.end
    return total + _weight_without_urls(text[done:])


def fault_of(text: str) -> str | None:
    """What X holds against `text` as a post: "empty", "invalid" or "too long"; None if it would take it."""
    if len(text) >= HOPELESS_LENGTH or _HOPELESS_MARKS.search(text):
        return "too long"
    if not text.strip():
        return "empty"
    if not _INVALID.isdisjoint(text):
        return "invalid"
    if weight(text) > MAX_WEIGHT:
        return "too long"
    return None


def _weight_without_urls(text: str) -> int:
    total = 0
    done = 0
    for match in _EMOJI.finditer(text):
        total += _weight_of_characters(text[done : match.start()]) + EMOJI_WEIGHT
        done = match.end()
    return total + _weight_of_characters(text[done:])


def _weight_of_characters(text: str) -> int:
    return sum(1 if _is_light(ord(character)) else 2 for character in text)


def _is_light(point: int) -> bool:
    return any(first <= point <= last for first, last in _LIGHT_RANGES)
