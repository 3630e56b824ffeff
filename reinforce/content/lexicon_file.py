"""Reads lexicons: those that ship (templates/lexicon/*.yaml), and a workspace's own, which add to them.

A workspace's file may hold any of the lists; what it says is added. Nothing can be taken away: a stop word stays one.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from reinforce.content.marks import FaultList, Listing, Mapping, Marked, Scalar, parse_yaml
from reinforce.content.plain_text import read_text
from reinforce.content.scalars import did_you_mean
from reinforce.domain.listening.lexicon import LISTS, TABLES, FormError, Lexicon, Phrase, build, spell_out

LONGEST_FORM = 4_000
_KEYS = ("language", *LISTS, *TABLES)
_HOW_TO = "docs/how-to/extend-the-lexicon.md says what each list is for."


def read_lexicons(*folders: Path) -> Lexicon:
    """One lexicon out of every .yaml file in `folders`; a folder that isn't there adds nothing.

    Raises ContentRefused with every fault of every file.
    """
    paths = [path for folder in folders if folder.is_dir() for path in sorted(folder.glob("*.yaml"))]
    return _lexicon(tuple((str(path), read_text(path)) for path in paths))


@dataclass(frozen=True, slots=True)
class LexiconForms:
    """The forms of one file as they are written, by their list's name. `language` is "" where the file says none."""

    name: str
    language: str
    lists: MappingOf[str, tuple[str, ...]]


def read_forms(folder: Path) -> tuple[LexiconForms, ...]:
    """The forms of every .yaml file in a folder, by name; tables of numbers are left out.

    What is no list of texts is passed over: `read_lexicons` refuses it, with its line."""
    paths = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    return tuple(_forms_of(path.name, read_text(path)) for path in paths)


@lru_cache(maxsize=16)
def _forms_of(name: str, text: str) -> LexiconForms:
    root = parse_yaml(text, name, FaultList())
    entries = root.entries if isinstance(root, Mapping) else ()
    said = [value.text.lower() for key, value in entries if key.text == "language" and isinstance(value, Scalar)]
    lists = {
        key.text: tuple(item.text for item in value.items if isinstance(item, Scalar))
        for key, value in entries
        if key.text in LISTS and isinstance(value, Listing)
    }
    return LexiconForms(name, said[-1] if said else "", lists)


# Half a second's work for those that ship; kept for the next workspace that is opened in this process.
@lru_cache(maxsize=4)
def _lexicon(files: tuple[tuple[str, str], ...]) -> Lexicon:
    reading = _Reading()
    for name, text in files:
        reading.take(name, text)
    return reading.lexicon()


class _Reading:
    """Gathers forms and faults over several files."""

    def __init__(self) -> None:
        self._languages: dict[str, None] = {}
        self._lists: dict[str, list[Phrase]] = {name: [] for name in LISTS}
        self._tables: dict[str, dict[Phrase, float]] = {name: {} for name in TABLES}
        self._faults = FaultList()

    def lexicon(self) -> Lexicon:
        """What was gathered. Raises ContentRefused."""
        self._faults.raise_if_any()
        return build(self._languages, self._lists, self._tables)

    def take(self, name: str, text: str) -> None:
        """Add one file's text."""
        root = parse_yaml(text, name, self._faults)
        if not isinstance(root, Mapping):
            self._faults.add(root, 'a lexicon is written as "name: list" lines.', _HOW_TO)
            return
        for key, value in root.entries:
            if key.text == "language":
                self._language(value)
            elif key.text in LISTS:
                self._lists[key.text].extend(self._forms(value, key.text))
            elif key.text in TABLES:
                self._table(value, key.text)
            else:
                self._faults.add(key, f'a lexicon has no list "{key.text}".', did_you_mean(key.text, _KEYS))

    def _language(self, value: Marked) -> None:
        if isinstance(value, Scalar) and len(value.text) == 2 and value.text.isalpha():
            self._languages[value.text.lower()] = None
        else:
            self._faults.add(value, "language must be a code of two letters.", 'Write such as "language: nl".')

    def _table(self, value: Marked, name: str) -> None:
        if not isinstance(value, Mapping):
            self._faults.add(value, f'{name} must be "number: list of forms" lines.', _HOW_TO)
            return
        for key, forms in value.entries:
            try:
                number = float(key.text)
            except ValueError:
                self._faults.add(key, f'"{key.text}" is not a number.', f"In {name} every key is a number. {_HOW_TO}")
                continue
            self._tables[name].update(dict.fromkeys(self._forms(forms, name), number))

    def _forms(self, value: Marked, name: str) -> list[Phrase]:
        """The phrases of a list of forms, spelled out."""
        if not isinstance(value, Listing):
            advice = 'Put each form on a line of its own after "- ".'
            self._faults.add(value, f"{name} must be a list of forms.", advice)
            return []
        return [phrase for item in value.items for phrase in self._form(item, name)]

    def _form(self, item: Marked, name: str) -> tuple[Phrase, ...]:
        if not isinstance(item, Scalar):
            self._faults.add(item, f"a form in {name} must be a text.", 'A form that begins with "[" needs quotes.')
            return ()
        if len(item.text) > LONGEST_FORM:
            self._faults.add(item, f"this form is longer than {LONGEST_FORM:,} characters.", "Split it up.")
            return ()
        try:
            phrases = spell_out(item.text)
        except FormError as error:
            advice = "Write (a|b) for one of several, [a] for perhaps."
            self._faults.add(item, f"this form can't be read: {error}.", advice)
            return ()
        if () in phrases:
            self._faults.add(item, "this form may stand for nothing at all.", "Leave a word outside of the brackets.")
        return phrases
