"""Texts that say the same as another: X refuses a duplicate, and a reader who has seen a text skips its twin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import regex
from rapidfuzz import fuzz, process

# Of 100: with ten words, one may differ.
_NEAR = 88
_WORD = regex.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Alike:
    """The text that another is like, and where it stands; `same`: nothing but punctuation and capitals differs."""

    where: str
    text: str
    same: bool


class Texts:
    """Texts that there are already, each with the words for where it stands."""

    def __init__(self, known: Iterable[tuple[str, str]]) -> None:
        self._known = [(where, text) for where, text in known if text.strip()]
        self._keys = [_key(text) for _, text in self._known]

    def like(self, text: str) -> Alike | None:
        """The text that is most like `text`, if one is near enough to be taken for it."""
        key = _key(text)
        found = process.extractOne(key, self._keys, scorer=fuzz.ratio, score_cutoff=_NEAR) if key else None
        if found is None:
            return None
        where, there = self._known[found[2]]
        return Alike(where, there, same=found[1] == 100)

    def add(self, where: str, text: str) -> None:
        """One more text that is there from now on."""
        if text.strip():
            self._known.append((where, text))
            self._keys.append(_key(text))


def _key(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
