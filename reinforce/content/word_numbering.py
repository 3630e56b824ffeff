"""The numbers Word shows before its paragraphs, which no file holds: they are counted from its lists' definitions.

After ECMA-376 part 1, 17.9: a paragraph names a list (w:num) and a level; the list points at a definition
(w:abstractNum) whose lists count on together; a level begins again when one above it counts, unless w:lvlRestart says
otherwise; a list may begin anew (w:startOverride) or replace a level.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import regex

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_UNNUMBERED = frozenset({"bullet", "none"})
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts. `text` is its pattern ("%1.%2)"); `restart` the level (from 1) whose counting
    begins this one anew, None for any above, 0 for none; `style` the paragraph style that belongs to it."""

    start: int
    format: str
    text: str
    restart: int | None
    style: str
    legal: bool


@dataclass(frozen=True, slots=True)
class _List:
    """A w:num: which definition it follows, at which levels it begins anew, which levels it replaces."""

    definition: str
    starts: Mapping[int, int]
    levels: Mapping[int, Level]


class Numbering:
    """Counts through one document; asked for its paragraphs in order."""

    def __init__(self, element: Any, style_lists: Mapping[str, str]) -> None:
        """`element` is w:numbering, or None; `style_lists` says for a list style's id which list it stands for."""
        found = [] if element is None else list(element)
        definitions = {one.get(f"{W}abstractNumId", ""): one for one in found if one.tag == f"{W}abstractNum"}
        self._levels = {key: _levels(one) for key, one in definitions.items()}
        lists = [one for one in found if one.tag == f"{W}num"]
        self._lists = {one.get(f"{W}numId", ""): _list(one) for one in lists}
        self._links = {key: style_lists.get(_value(one, "numStyleLink") or "", "") for key, one in definitions.items()}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def level_of_style(self, list_id: str, style: str) -> int | None:
        """The level of a list that belongs to a paragraph style."""
        for number, level in self._of(list_id).items():
            if level.style == style:
                return number
        return None

    def is_bullet(self, list_id: str, level: int) -> bool:
        """Whether that level shows a point; False too for one that shows nothing, and for a list that is not there."""
        found = self._of(list_id).get(level)
        return found is not None and found.format == "bullet"

    def count(self, list_id: str, level: int) -> str | None:
        """Count one paragraph, and give the number it shows ("2.1"); None for a level that shows none."""
        levels = self._of(list_id)
        own = levels.get(level)
        if own is None:
            return None
        key, counts = self._counted(list_id), self._counts.setdefault(self._counted(list_id), {})
        anew = self._lists[list_id].starts.get(level)
        if anew is not None and (list_id, level) not in self._begun:
            counts[level] = anew
        else:
            counts[level] = counts.get(level, own.start - 1) + 1
        self._begun.add((list_id, level))
        for deeper in [one for one in counts if one > level]:
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or restart > level:
                del self._counts[key][deeper]
        return None if own.format in _UNNUMBERED else _shown(own, levels, counts)

    def _counted(self, list_id: str) -> str:
        """The definition whose counters a list shares; a link to a list style is followed once."""
        definition = self._lists[list_id].definition
        linked = self._lists.get(self._links.get(definition, ""))
        return linked.definition if linked is not None else definition

    def _of(self, list_id: str) -> dict[int, Level]:
        if list_id not in self._lists:
            return {}
        return {**self._levels.get(self._counted(list_id), {}), **self._lists[list_id].levels}


def _shown(own: Level, levels: Mapping[int, Level], counts: Mapping[int, int]) -> str:
    def number(found: regex.Match[str]) -> str:
        level = int(found[1]) - 1
        there = levels.get(level)
        if there is None:
            return ""
        return formatted(counts.get(level, there.start), "decimal" if own.legal else there.format)

    return regex.sub(r"%([1-9])", number, own.text).strip(" .:()\t")


def formatted(count: int, kind: str) -> str:
    """A count as a kind of number ("lowerLetter"); as digits for kinds that are not known."""
    match kind:
        case "lowerLetter" | "upperLetter" if count > 0:
            # a … z, then aa, bb, …
            letters = "abcdefghijklmnopqrstuvwxyz"[(count - 1) % 26] * min((count - 1) // 26 + 1, 10)
            return letters if kind == "lowerLetter" else letters.upper()
        case "lowerRoman" | "upperRoman" if 0 < count < 4000:
            return _roman(count) if kind == "lowerRoman" else _roman(count).upper()
        case "decimalZero":
            return f"{count:02d}"
        case "bullet" | "none":
            return ""
    return str(count)


def _roman(count: int) -> str:
    digits = ""
    for value, letters in _ROMAN:
        digits += letters * (count // value)
        count %= value
    return digits


def _levels(element: Any) -> dict[int, Level]:
    return {_whole(one.get(f"{W}ilvl"), 0): _level(one) for one in element.findall(f"{W}lvl")}


def _level(element: Any) -> Level:
    restart = _value(element, "lvlRestart")
    legal = element.find(f"{W}isLgl")
    return Level(
        start=_whole(_value(element, "start"), 0),
        format=_value(element, "numFmt") or "decimal",
        text=_value(element, "lvlText") or "",
        restart=None if restart is None else _whole(restart, 0),
        style=_value(element, "pStyle") or "",
        legal=legal is not None and legal.get(f"{W}val") not in {"0", "false", "off"},
    )


def _list(element: Any) -> _List:
    starts, levels = {}, {}
    for override in element.findall(f"{W}lvlOverride"):
        number = _whole(override.get(f"{W}ilvl"), 0)
        begins = _value(override, "startOverride")
        if begins is not None:
            starts[number] = _whole(begins, 1)
        level = override.find(f"{W}lvl")
        if level is not None:
            levels[number] = _level(level)
    return _List(_value(element, "abstractNumId") or "", starts, levels)


def _value(element: Any, name: str) -> str | None:
    found = element.find(f"{W}{name}")
    value: str | None = None if found is None else found.get(f"{W}val")
    return value


def _whole(text: str | None, default: int) -> int:
    return int(text) if text is not None and regex.fullmatch(r"[0-9]{1,6}", text) else default
