"""Strike out of a text what names a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import regex

from reinforce.domain.texts.naming_guard import TITLES, NamingGuard, PersonMarks

ERASED = "[erased]"
_ALIKE = regex.compile("[a-z0-9_]+")
_SPELT_OUT = regex.compile("[aou]e")
_BREAK = regex.compile(r"[\s,;.()]+")


def strike(value: Any, guard: NamingGuard) -> Any:
    """`value` (a text, or plain JSON) with ERASED in the place of whatever names somebody; the same object if nothing
    does. A text in which it can't be found letter by letter (accents, look-alikes) goes whole."""
    if isinstance(value, str):
        return _strike_text(value, guard)
    if isinstance(value, list):
        struck = [strike(one, guard) for one in value]
        return struck if any(new is not old for new, old in zip(struck, value, strict=True)) else value
    if isinstance(value, dict):
        changed = {strike(key, guard): strike(one, guard) for key, one in value.items()}
        return changed if changed != value else value
    return value


def _strike_text(text: str, guard: NamingGuard) -> str:
    found = guard.find(text)
    if not found:
        return text
    struck = text
    for excerpt in sorted({one.excerpt for one in found}, key=len, reverse=True):
        struck = struck.replace(excerpt, ERASED)
    return ERASED if guard.find(struck) else struck


def hints(marks: Iterable[PersonMarks]) -> tuple[str, ...]:
    """Pieces of ASCII in lower case, of which any text that names one of these people holds at least one, however its
    accents are written; a database looks for them quickly. ("",), which every text holds, where a mark has none."""
    found = set()
    for person in marks:
        words = [word for word in _BREAK.split(person.name) if word and word.casefold() not in TITLES]
        # Whatever names somebody by name holds the first word of it.
        found |= {_run(mark) for mark in (*words[:1], person.handle, person.employee_id) if mark}
    return ("",) if "" in found else tuple(sorted(found))


def _run(word: str) -> str:
    """The longest stretch that is written alike with umlauts and without."""
    return max(_ALIKE.findall(_SPELT_OUT.sub(" ", word.lower())), key=len, default="")
