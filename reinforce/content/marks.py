"""Content with its marks: what stands in a file, and where, so that every fault can name its place.

A file becomes a tree of `Scalar`, `Listing` and `Mapping`; each knows its `Place`. Nothing is interpreted here: a plain
`no` or `2026-12-01` stays the text it is, and `content.fields` reads it as what the key wants. YAML comes in through
`read_yaml`, a spreadsheet builds the same tree from its cells.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import regex
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from reinforce.content.plain_text import read_text
from reinforce.content.yaml_faults import in_words
from reinforce.domain.errors import ContentRefused, Fault

DEEPEST = 20
# Three times those of 500 nuggets with ten wordings each; to read as many takes three seconds.
MOST_NODES = 50_000

# What no text of ours may hold: control characters but tab and line feed, lone surrogates, noncharacters. An escape in
# a quoted YAML text can bring them in although the file itself has none; Postgres refuses the first of them.
_UNSTORABLE = regex.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands. Line and column count from 1; in a sheet `cell` names the place ("Nuggets!C7")."""

    file: str
    line: int = 1
    column: int = 1
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as written. `plain` is False if it was quoted or a block text, so that "" differs from nothing."""

    text: str
    place: Place
    plain: bool = True

    @property
    def missing(self) -> bool:
        """True for what YAML calls null: nothing at all, `~` or `null`."""
        return self.plain and self.text in {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, in order."""

    items: tuple[Marked, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in file order; a key stands once (a second one was reported and left out)."""

    entries: tuple[tuple[Scalar, Marked], ...]
    place: Place


Marked = Scalar | Listing | Mapping


class FaultList:
    """Gathers the faults of one file, so that a person sees all of them at once."""

    def __init__(self) -> None:
        self._faults: dict[Fault, None] = {}

    def add(self, where: Marked | Place, message: str, advice: str = "") -> None:
        """One fault at `where`; `advice` says what to do about it. The same fault twice counts once."""
        place = where if isinstance(where, Place) else where.place
        fault = Fault(place.file, place.line, place.column, message, advice, place.cell)
        self._faults[fault] = None

    def __len__(self) -> int:
        return len(self._faults)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was gathered, in the order of its finding."""
        return tuple(self._faults)

    def raise_if_any(self) -> None:
        """Raise ContentRefused with all of them."""
        if self._faults:
            raise ContentRefused(self._faults)


def read_yaml(path: Path, faults: FaultList) -> Marked:
    """The tree of the one YAML document in `path`.

    Faults that leave a readable tree (a key twice, an alias, a tag) go to `faults`, for the caller to raise with its
    own. Raises ContentRefused at once, with what was gathered so far, where nothing can be read: a missing or huge
    file, a wrong encoding, broken syntax, an empty file, nesting too deep.
    """
    return parse_yaml(read_text(path), str(path), faults)


def parse_yaml(text: str, file: str, faults: FaultList) -> Marked:
    """As `read_yaml`, for a text in hand; `file` is what faults call it."""
    builder = _Builder(file, faults)
    try:
        for event in YAML(typ="safe", pure=True).parse(io.StringIO(text)):
            builder.take(event)
    except (YAMLError, ValueError, OverflowError) as error:
        line, column, message, advice = in_words(error, text)
        _stop(faults, Place(file, line, column), message, advice)
    if builder.root is None or (isinstance(builder.root, Scalar) and builder.root.missing):
        _stop(faults, Place(file), "the file is empty.", "See docs/reference/ for what it should hold.")
        raise AssertionError  # _stop has raised
    return builder.root


def _stop(faults: FaultList, place: Place, message: str, advice: str) -> None:
    faults.add(place, message, advice)
    faults.raise_if_any()


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read. `key` is the key whose value comes next."""

    place: Place
    is_mapping: bool
    items: list[Marked] = field(default_factory=list)
    entries: dict[str, tuple[Scalar, Marked]] = field(default_factory=dict)
    key: Marked | None = None


class _Builder:
    """Builds the tree from the parser's events: it never recurses, and stops at the first event too deep or too many.

    Aliases are not followed at all, which is what keeps a file from growing without bound while it is read.
    """

    def __init__(self, file: str, faults: FaultList) -> None:
        self.root: Marked | None = None
        self._file = file
        self._faults = faults
        self._open: list[_Open] = []
        self._nodes = 0
        self._documents = 0
        self._aliases: set[str] = set()

    def take(self, event: Any) -> None:
        place = Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)
        match event:
            case DocumentStartEvent():
                self._start_document(place)
            case MappingStartEvent() | SequenceStartEvent():
                self._refuse_tag(event, place)
                self._start(place, is_mapping=isinstance(event, MappingStartEvent))
            case MappingEndEvent() | SequenceEndEvent():
                self._end()
            case ScalarEvent():
                self._refuse_tag(event, place)
                self._add(self._scalar(event, place))
            case AliasEvent():
                self._refuse_alias(event.anchor, place)
                self._add(Scalar("", place))
            case DocumentEndEvent() | _:
                pass

    def _start_document(self, place: Place) -> None:
        self._documents += 1
        if self._documents > 1:
            _stop(self._faults, place, 'a second document begins here ("---").', "Put it into a file of its own.")

    def _refuse_alias(self, name: str, place: Place) -> None:
        if name not in self._aliases:
            self._faults.add(place, f"aliases (*{name}) are not read.", "Write the value out, wherever it stands.")
            self._aliases.add(name)

    def _refuse_tag(self, event: Any, place: Place) -> None:
        if event.tag is not None and str(event.tag) != "!":
            self._faults.add(place, f"tags ({event.tag}) are not read.", "Take the tag out.")

    def _scalar(self, event: Any, place: Place) -> Scalar:
        text: str = event.value
        found = _UNSTORABLE.search(text)
        if found:
            advice = "Take the escape out; a tab or a line break may stay."
            self._faults.add(place, f"the text holds the control character U+{ord(found[0]):04X}.", advice)
            text = _UNSTORABLE.sub("", text)
        return Scalar(text, place, plain=event.style is None)

    def _start(self, place: Place, *, is_mapping: bool) -> None:
        if len(self._open) >= DEEPEST:
            _stop(self._faults, place, f"this is nested more than {DEEPEST} levels deep.", "Nothing here needs that.")
        self._open.append(_Open(place, is_mapping))

    def _end(self) -> None:
        done = self._open.pop()
        self._add(
            Mapping(tuple(done.entries.values()), done.place)
            if done.is_mapping
            else Listing(tuple(done.items), done.place)
        )

    def _add(self, node: Marked) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            _stop(self._faults, node.place, f"the file holds more than {MOST_NODES:,} values.", "Split it up.")
        if not self._open:
            self.root = node
        elif not self._open[-1].is_mapping:
            self._open[-1].items.append(node)
        elif self._open[-1].key is None:
            self._open[-1].key = node
        else:
            self._add_entry(self._open[-1], self._open[-1].key, node)
            self._open[-1].key = None

    def _add_entry(self, mapping: _Open, key: Marked, value: Marked) -> None:
        if not isinstance(key, Scalar):
            self._faults.add(key, "a key must be a word.", 'Write "key: value"; a text with braces needs quotes.')
            return
        first = mapping.entries.get(key.text)
        if first is not None:
            advice = "Keep one of the two."
            self._faults.add(key, f'"{key.text}" stands here again; it is on line {first[0].place.line}.', advice)
            return
        mapping.entries[key.text] = (key, value)
