"""The fixed phrases of posts, a file a language.

A phrase is one text or several to vary between; `{name}` in it is filled in. One that counts has `one` and `many`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import regex
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from reinforce.domain.errors import ReinforceError

_SLOT = regex.compile(r"\{(\w+)\}")
# In French nothing is singular too: "0 jour".
_SINGULAR_ZERO = frozenset({"fr"})


class Phrases:
    """The phrases of one language."""

    def __init__(self, language: str, phrases: Mapping[str, tuple[str, ...]]) -> None:
        self._language = language
        self._phrases = phrases

    def names(self) -> frozenset[str]:
        """The names of all phrases."""
        return frozenset(self._phrases)

    def all(self) -> tuple[str, ...]:
        """Every way to say every phrase."""
        return tuple(text for ways in self._phrases.values() for text in ways)

    def variants(self, key: str) -> int:
        """In how many ways `key` can be said."""
        return len(self._ways(key))

    def say(self, variant: int, key: str, **values: object) -> str:
        """The phrase `key`, in way `variant` (counted round), with its `{name}`s filled in."""
        ways = self._ways(key)
        # One pass: a value that holds braces is not filled in again.
        return str(_SLOT.sub(lambda slot: self._value(key, slot[1], values), ways[variant % len(ways)]))

    def count(self, variant: int, key: str, number: int, **values: object) -> str:
        """The phrase `key`.one or `key`.many, whichever the language wants for `number`, with {number}."""
        single = number == 1 or (number == 0 and self._language in _SINGULAR_ZERO)
        return self.say(variant, f"{key}.{'one' if single else 'many'}", number=number, **values)

    def _ways(self, key: str) -> tuple[str, ...]:
        if key not in self._phrases:
            raise ReinforceError(
                f'there is no phrase "{key}" in {self._language}.', f"Add it to phrases/{self._language}.yaml."
            )
        return self._phrases[key]

    def _value(self, key: str, name: str, values: Mapping[str, object]) -> str:
        if name not in values:
            raise ReinforceError(
                f'the phrase "{key}" in {self._language} wants {{{name}}}, which nothing gives.',
                f"Take {{{name}}} out of phrases/{self._language}.yaml; it may hold {', '.join(sorted(values))}.",
            )
        return str(values[name])


def read_phrases(folders: Iterable[Path]) -> dict[str, Phrases]:
    """The phrases of every `<language>.yaml` in `folders`, by language; what a later folder says wins."""
    merged: dict[str, dict[str, tuple[str, ...]]] = {}
    for folder in folders:
        for file in sorted(folder.glob("*.yaml")):
            merged.setdefault(file.stem, {}).update(_read(file))
    return {language: Phrases(language, phrases) for language, phrases in merged.items()}


def _read(file: Path) -> Mapping[str, tuple[str, ...]]:
    try:
        return _parsed(file, file.read_text("utf-8"))
    except (YAMLError, UnicodeDecodeError) as problem:
        raise ReinforceError(f"{file}: {problem}", "Mend the file: a name, a colon and a text on each line.") from None


# A tenth of a second's work a language; kept for the next workspace that is opened in this process.
@lru_cache(maxsize=16)
def _parsed(file: Path, text: str) -> Mapping[str, tuple[str, ...]]:
    loaded = YAML(typ="safe", pure=True).load(text)
    if not isinstance(loaded, dict):
        raise ReinforceError(f"{file} holds no phrases.", "Write a name, a colon and a text on each line.")
    return dict(_flat(file, loaded))


def _flat(file: Path, loaded: Mapping[object, object]) -> Iterable[tuple[str, tuple[str, ...]]]:
    for key, value in loaded.items():
        if isinstance(value, dict):
            for name, ways in _flat(file, value):
                yield f"{key}.{name}", ways
            continue
        ways = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else ()
        if not ways or not all(isinstance(way, str) for way in ways):
            raise ReinforceError(f'{file}: "{key}" is neither a text nor a list of texts.', "Put the text in quotes.")
        yield str(key), ways
