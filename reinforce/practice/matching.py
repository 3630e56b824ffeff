"""Whether a text says something: what recent search asks of each post."""

from __future__ import annotations

import re
import unicodedata

from reinforce.practice.entities import find_hashtags, find_mentions

_WORDS = re.compile(r"\w+")


def says(text: str, term: str) -> bool:
    """Whether `text` holds `term`: "#tag", "@handle", or words that stand together, whatever their case."""
    if term.startswith("#"):
        return any(span.value.casefold() == term[1:].casefold() for span in find_hashtags(text))
    if term.startswith("@"):
        return any(span.value.casefold() == term[1:].casefold() for span in find_mentions(text))
    words, sought = _words(text), _words(term)
    return any(words[at : at + len(sought)] == sought for at in range(len(words) - len(sought) + 1))


def _words(text: str) -> list[str]:
    return _WORDS.findall(unicodedata.normalize("NFKC", text).casefold())
