"""Typed readers for the keys of a mapping, so that a file's reader says what it wants and nothing else.

Every reader gives a usable value back even where it reported a fault: the rest of the file is read on, and all its
faults are told at once. The caller ends with `faults.raise_if_any()`, so a stand-in never leaves the room.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import date, time
from enum import StrEnum
from typing import TypeVar

from reinforce.content.marks import FaultList, Listing, Mapping, Marked, Scalar
from reinforce.content.scalars import (
    LANGUAGES,
    LONGEST_SLUG,
    SLUG,
    as_clock_time,
    as_day,
    as_flag,
    as_number,
    check_zone,
    checked_text,
    did_you_mean,
    short,
    slug_of,
)

_Choice = TypeVar("_Choice", bound=StrEnum)


class Fields:
    """One mapping of a file, its keys read one at a time.

    `what` names it in messages ("a nugget"). Keys that are not `known` are reported with the nearest one that is.
    """

    def __init__(self, node: Marked, what: str, known: Collection[str], faults: FaultList) -> None:
        self.node = node
        self.what = what
        self.faults = faults
        self._values: dict[str, Marked] = {}
        if not isinstance(node, Mapping):
            faults.add(node, f'{what} must be written as "key: value" lines.', f"Known keys: {', '.join(known)}.")
            return
        for key, value in node.entries:
            if key.text not in known:
                faults.add(key, f'{what} has no key "{key.text}".', did_you_mean(key.text, known))
            elif not (isinstance(value, Scalar) and value.missing):
                self._values[key.text] = value

    def __contains__(self, key: str) -> bool:
        return key in self._values

    @property
    def is_mapping(self) -> bool:
        """False if there is nothing in it to read (already reported)."""
        return isinstance(self.node, Mapping)

    def value(self, key: str) -> Marked | None:
        """What stands under `key`, as it stands; None if nothing does."""
        return self._values.get(key)

    def where(self, key: str) -> Marked:
        """The value under `key` if there is one, else the mapping: where to report a fault."""
        return self._values.get(key, self.node)

    def need(self, key: str, advice: str) -> None:
        """Report `key` if it is missing."""
        if key not in self._values and self.is_mapping:
            self.faults.add(self.node, f'{self.what} needs "{key}".', advice)

    def _scalar(self, key: str, kind: str) -> Scalar | None:
        node = self._values.get(key)
        if node is None or isinstance(node, Scalar):
            return node
        self.faults.add(node, f'"{key}" must be {kind}, not a {_kind(node)}.', "Write it on one line after the colon.")
        return None

    def text(self, key: str, default: str = "", *, longest: int = 200) -> str:
        """A text, white space folded at its ends; at most `longest` characters."""
        node = self._scalar(key, "a text")
        return default if node is None else checked_text(node, key, self.faults, longest)

    def texts(self, key: str, *, longest: int = 200, most: int = 50) -> tuple[str, ...]:
        """A list of texts; one text alone is a list of one. Empty and repeated ones are reported."""
        return tuple(text for _, text in self.marked_texts(key, longest=longest, most=most))

    def marked_texts(self, key: str, *, longest: int = 200, most: int = 50) -> tuple[tuple[Scalar, str], ...]:
        """As `texts`, each with its place."""
        found: dict[str, tuple[Scalar, str]] = {}
        for node in self.nodes(key, most=most, single=True):
            if not isinstance(node, Scalar):
                self.faults.add(node, f'"{key}" must hold texts, not a {_kind(node)}.', "Put it into quotes.")
                continue
            text = checked_text(node, key, self.faults, longest)
            if text in found:
                self.faults.add(node, f'"{text}" stands twice in "{key}".', "Take one of them out.")
            elif text:
                found[text] = (node, text)
        return tuple(found.values())

    def nodes(self, key: str, *, most: int, single: bool = False) -> tuple[Marked, ...]:
        """The items of a list, unread; with `single`, anything else is a list of one. More than `most` are reported."""
        node = self._values.get(key)
        if node is None:
            return ()
        if not isinstance(node, Listing):
            if single:
                return (node,)
            self.faults.add(node, f'"{key}" must be a list, not a {_kind(node)}.', 'Begin each item with "- ".')
            return ()
        if len(node.items) > most:
            self.faults.add(node, f'"{key}" holds {len(node.items)} items; at most {most} are read.', "Split it up.")
        return node.items[:most]

    def number(self, key: str, default: float, *, least: float = -math.inf, most: float = math.inf) -> float:
        """A number within bounds."""
        node = self._scalar(key, "a number")
        if node is None:
            return default
        value = as_number(node.text)
        if value is None:
            self.faults.add(node, f'"{key}" must be a number, not "{short(node.text)}".', "Write digits, as in 1.5.")
            return default
        if not least <= value <= most:
            self.faults.add(node, f'"{key}" is {value:g}.', f"It must be {_range(least, most)}.")
            return default
        return value

    def whole(self, key: str, default: int, *, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self.number(key, default, least=least, most=most)
        if value != int(value):
            self.faults.add(self.where(key), f'"{key}" must be a whole number, not {value:g}.', "Leave the point out.")
            return default
        return int(value)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Yes or no."""
        node = self._scalar(key, "yes or no")
        if node is None:
            return default
        value = as_flag(node.text)
        if value is None:
            self.faults.add(node, f'"{key}" must be yes or no, not "{short(node.text)}".', "Write yes or no.")
        return default if value is None else value

    def choice(self, key: str, default: _Choice) -> _Choice:
        """One of the words of the enum that `default` belongs to."""
        words = [str(member) for member in type(default)]
        node = self._scalar(key, f"one of {', '.join(words)}")
        if node is None:
            return default
        word = node.text.strip().lower()
        if word not in words:
            self.faults.add(node, f'"{key}" can\'t be "{short(node.text)}".', did_you_mean(word, words))
            return default
        return type(default)(word)

    def day(self, key: str) -> date | None:
        """A date, 2026-12-01."""
        node = self._scalar(key, "a date")
        if node is None:
            return None
        day = as_day(node.text)
        if day is None:
            advice = "Write year-month-day: 2026-12-01."
            self.faults.add(node, f'"{key}" must be a date, not "{short(node.text)}".', advice)
        return day

    def clock_time(self, key: str, default: time) -> time:
        """A local wall-clock time, 09:30."""
        node = self._scalar(key, "a time of day")
        return default if node is None else (as_clock_time(node, key, self.faults) or default)

    def zone(self, key: str, default: str = "") -> str:
        """A time zone of the IANA database."""
        node = self._scalar(key, "a time zone")
        if node is None:
            return default
        name = node.text.strip()
        return name if check_zone(name, node, self.faults) else default

    def language(self, key: str, default: str) -> str:
        """A language as its ISO 639-1 code."""
        node = self._scalar(key, "a language")
        if node is None:
            return default
        code = node.text.strip().lower()
        if code in LANGUAGES:
            return code
        advice = "Write the two letters of ISO 639-1: en, de, fr, es, …"
        self.faults.add(node, f'"{short(node.text)}" is no language code.', advice)
        return default

    def slug(self, key: str, default: str) -> str:
        """A short name for use in commands and addresses: lower case letters, digits, hyphens."""
        node = self._scalar(key, "a short name")
        if node is None:
            return default
        if SLUG.fullmatch(node.text) and len(node.text) <= LONGEST_SLUG:
            return node.text
        better = slug_of(node.text)
        rule = f"Use at most {LONGEST_SLUG} lower case letters, digits and hyphens"
        advice = f'{rule}, such as "{better}".' if better else f"{rule}."
        self.faults.add(node, f'"{short(node.text)}" can\'t be a "{key}".', advice)
        return default


def _kind(node: Marked) -> str:
    return {Scalar: "text", Listing: "list", Mapping: "group of keys"}[type(node)]


def _range(least: float, most: float) -> str:
    if math.isinf(most):
        return f"{least:g} or more"
    return f"{most:g} or less" if math.isinf(least) else f"from {least:g} to {most:g}"
