"""What kind of text a wording is: its author's word for it, else what can be told of any text in any language."""

from __future__ import annotations

import regex

from reinforce.domain.texts.weighted_length import weighted_length

# Half of what a post holds.
_LONG = 140
_ASKS = regex.compile(r"[?？؟]")
_NUMBER = regex.compile(r"\p{Nd}")


def style_of(text: str, given: str = "") -> str:
    """The author's style in lower case, else the first of "asks", "has a number", "long" and "short" that fits; these
    stand in parentheses, so that nobody takes them for an author's word."""
    if given.strip():
        return given.strip().casefold()
    if _ASKS.search(text):
        return "(asks)"
    if _NUMBER.search(text):
        return "(has a number)"
    return "(long)" if weighted_length(text) > _LONG else "(short)"
