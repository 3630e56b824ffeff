"""Two texts beside each other with the words marked that differ, for a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from markupsafe import Markup, escape

_PIECES = re.compile(r"\s+|\w+|[^\w\s]")
# Longer texts are shown whole: to compare them word by word would take seconds, and nobody reads that.
_LONGEST = 4000


def marked(before: str, after: str) -> tuple[Markup, Markup]:
    """`before` with what is gone in `<del>`, `after` with what is new in `<ins>`. Both texts are escaped."""
    if not before or not after or max(len(before), len(after)) > _LONGEST:
        return _wrapped("del", before), _wrapped("ins", after)
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    gone = ((old[start:end], tag != "equal") for tag, start, end, _, _ in steps)
    come = ((new[start:end], tag != "equal") for tag, _, _, start, end in steps)
    return Markup("").join(_joined("del", gone)), Markup("").join(_joined("ins", come))


def _joined(name: str, parts: Iterator[tuple[list[str], bool]]) -> Iterator[Markup]:
    for pieces, differs in parts:
        text = "".join(pieces)
        yield _wrapped(name, text) if differs else escape(text)


def _wrapped(name: str, text: str) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(name, text) if text else Markup("")
