"""Refuses a public text that names a learner who has not said yes to it.

An index of everything that would name someone is built once (`NamingGuard`); a text is then read once, however many
people there are. Both sides are folded first, so that accents, case, full-width or mathematical letters, invisible
characters and the commonest look-alikes of other scripts make no difference.

What names a person:

* their full name, or their first name next to any other part of it, in either order ("Eva Maria Roth", "Eva Roth",
  "Roth, Eva"), possessives included. A first name alone does not: teams have several Evas;
* a name of one word, where the text writes it with a capital ("Will", not "will");
* their handle with @, or without it if it has four characters or more, a digit or a "_" ("joy" is a word), unless
  they joined an open cohort: then with @ only;
* their employee id as a whole token, if it has at least three characters and a digit, or four characters.

`ordinary` are words that are none of these by themselves, such as the subject of the procedure: a learner whose
handle is "lockout" must not silence every post about it. With its @ a handle always counts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain

import regex


class Mark(StrEnum):
    """What of a person a text gives away."""

    NAME = "name"
    HANDLE = "handle"
    EMPLOYEE_ID = "employee id"


@dataclass(frozen=True, slots=True)
class PersonMarks:
    """What would name one learner without a live opt-in. `handle` is with or without @; "" stands for none. With
    `only_at` the handle counts with its @ alone: anybody may join an open cohort, and nobody may choose a handle that
    silences every post with a common word in it."""

    learner_id: int
    name: str
    handle: str = ""
    employee_id: str = ""
    only_at: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something in a text that names somebody. `learner_id` may be logged; `excerpt` may not, nor be published."""

    learner_id: int
    mark: Mark
    excerpt: str


# Letters of other scripts (and joined Latin ones) that pass for these.
_LOOK_ALIKES = str.maketrans(
    {
        **dict(zip("авекмнорстухіјѕԁһԛԝӏ", "abekmhopctyxijsdhqwl", strict=True)),
        **dict(zip("αεικνορτυχγ", "aeikvoptuxy", strict=True)),
        **dict(zip("ɡɑıłøđð", "gailodd", strict=True)),
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_SPELT_OUT_UMLAUT = regex.compile("[aou]e")
# Marks go, and what shows as nothing; a soft hyphen or a zero-width space must not cut a name in two.
_UNSEEN = regex.compile(r"[\p{M}\p{Default_Ignorable_Code_Point}]+")
# Scripts that put no space between words are taken letter by letter, so that a name is found inside a run.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_TOKEN = regex.compile(rf"(?V1:[{_UNSPACED}]|[[\p{{L}}\p{{N}}_]--[{_UNSPACED}]]+)")
_ASCII_TOKEN = regex.compile("[a-z0-9_]+")
_NAME_BREAK = regex.compile(r"[\s,;.()]+")
TITLES = frozenset(
    ["dipl", "dr", "frau", "herr", "ing", "mlle", "mme", "mr", "mrs", "ms", "mx", "phd", "prof", "sr", "sra"]
)
_PARTICLES = frozenset(
    ["al", "ben", "bin", "da", "de", "del", "der", "di", "do", "dos", "du", "el", "la", "le", "van", "von"]
)
_LONGEST_MARK = 64  # tokens; a name in a script that is taken letter by letter


@dataclass(slots=True)
class _Node:
    """One token deep in the index; `ends` are the marks complete here."""

    ends: list[_End] = field(default_factory=list)
    next: dict[str, _Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _End:
    learner_id: int
    mark: Mark
    after_at: bool = False  # counts only where an @ stands before it
    capital: bool = False  # counts only where the text writes it with a capital


class NamingGuard:
    """An index of what would name any of `people`; `find` reads a text once."""

    def __init__(self, people: Iterable[PersonMarks], ordinary: Iterable[str] = ()) -> None:
        self._ordinary = frozenset(_key(word) for word in ordinary)
        self._root = _Node()
        for person in people:
            self._add_name(person)
            self._add_handle(person)
            self._add_employee_id(person)

    def find(self, text: str) -> tuple[Finding, ...]:
        """Everything in `text` that names somebody, each once; empty means that it may go out."""
        seen = _seen(text)
        tokens = [(found.start(), found.end(), _key(found[0])) for found in _TOKEN.finditer(seen)]
        findings = set()
        for i, (start, _, _) in enumerate(tokens):
            for last, end in self._walk(tokens, i):
                if end.after_at and seen[start - 1 : start] != "@":
                    continue
                if end.capital and not seen[start].isupper():
                    continue
                findings.add(Finding(end.learner_id, end.mark, seen[start:last]))
        return tuple(sorted(findings))

    def _walk(self, tokens: list[tuple[int, int, str]], first: int) -> Iterator[tuple[int, _End]]:
        """The marks that begin with token `first`, with the place in the text where each ends."""
        node: _Node | None = self._root
        for _, end, key in tokens[first : first + _LONGEST_MARK]:
            node = node.next.get(key) if node else None
            if node is None:
                return
            for complete in node.ends:
                yield end, complete

    def _add(self, tokens: Iterable[str], end: _End) -> None:
        node = self._root
        for token in tokens:
            node = node.next.setdefault(token, _Node())
        if end not in node.ends:
            node.ends.append(end)

    def _add_name(self, person: PersonMarks) -> None:
        end = _End(person.learner_id, Mark.NAME)
        for name in _spellings(person.name):
            words = _name_words(name)
            if len(words) == 1:
                self._add_single_name(words[0], end)
            for tokens in _name_forms(words):
                self._add(tokens, end)
                self._add((*tokens[:-1], tokens[-1] + "s"), end)  # "Eva Roths Tipp"

    def _add_single_name(self, tokens: tuple[str, ...], end: _End) -> None:
        if len(tokens) > 1:  # "Al-Amin", and any name in a script that is taken letter by letter
            self._add(tokens, end)
        elif tokens[0] not in self._ordinary:
            has_case = tokens[0] != tokens[0].upper()
            self._add(tokens, replace(end, capital=has_case))

    def _add_handle(self, person: PersonMarks) -> None:
        tokens = _tokens(person.handle)
        if not tokens:
            return
        bare = "".join(tokens)
        counts_bare = not person.only_at and (len(bare) >= 4 or not bare.isalpha()) and bare not in self._ordinary
        self._add(tokens, _End(person.learner_id, Mark.HANDLE, after_at=not counts_bare))

    def _add_employee_id(self, person: PersonMarks) -> None:
        tokens = _tokens(person.employee_id)
        bare = "".join(tokens)
        if bare in self._ordinary:
            return
        if len(bare) >= 4 or (len(bare) == 3 and not bare.isalpha() and not bare.isdigit()):
            self._add(tokens, _End(person.learner_id, Mark.EMPLOYEE_ID))


def find_names(text: str, people: Iterable[PersonMarks], ordinary: Iterable[str] = ()) -> tuple[Finding, ...]:
    """What in `text` names any of `people`. For more than a few texts build a `NamingGuard` once."""
    words = set(_tokens(text))
    words |= {word[:-1] for word in words if word.endswith("s")}
    # Every mark has a word in common with a text that gives it away, and hardly anybody has one with a given text.
    return NamingGuard((person for person in people if not words.isdisjoint(_words_of(person))), ordinary).find(text)


def _words_of(person: PersonMarks) -> Iterator[str]:
    for spelling in _spellings(f"{person.name} {person.handle} {person.employee_id}"):
        yield from _tokens(spelling)


def _seen(text: str) -> str:
    """What a reader sees of `text`, case kept: letters in their plain form, nothing invisible."""
    if text.isascii():
        return text
    # Marks go before the decomposition too: the standard library is quadratic in stacked ones.
    plain = unicodedata.normalize("NFKD", _UNSEEN.sub("", text))
    return unicodedata.normalize("NFC", _UNSEEN.sub("", plain))


def _key(word: str) -> str:
    """The form in which the words of names and texts are compared."""
    return word.lower() if word.isascii() else word.casefold().translate(_LOOK_ALIKES)


def _tokens(text: str) -> tuple[str, ...]:
    if text.isascii():  # most names of most rosters, and several times as quick
        return tuple(_ASCII_TOKEN.findall(text.lower()))
    return tuple(_key(word) for word in _TOKEN.findall(_seen(text)))


def _spellings(name: str) -> tuple[str, ...]:
    """A name as written, and with its umlauts spelt out ("Müller", "Mueller") or drawn together."""
    composed = name.lower() if name.isascii() else unicodedata.normalize("NFC", name).lower()
    spelt_out = composed.translate(_UMLAUTS)
    drawn_together = _SPELT_OUT_UMLAUT.sub(lambda pair: pair[0][0], composed)
    return tuple(dict.fromkeys((composed, spelt_out, drawn_together)))


def _name_words(name: str) -> list[tuple[str, ...]]:
    """The words of a name, each as its tokens ("Anne-Marie" has two), without titles."""
    words = (_tokens(word) for word in _NAME_BREAK.split(name))
    return [word for word in words if word and word != ("",) and not TITLES.issuperset(word)]


def _name_forms(words: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The token sequences that give away a name of two words or more."""
    if len(words) < 2:
        return
    first, *others = words
    yield tuple(chain(*words))
    yield (*others[-1], *chain(first, *others[:-1]))
    if len(first) == 1 and len(first[0]) == 1 and first[0].isascii():
        return  # "E. Roth": an initial beside one part of a longer name would be found in half of all texts
    for word in others:
        if _PARTICLES.issuperset(word) or (len(word) == 1 and len(word[0]) == 1 and word[0].isascii()):
            continue
        for part in {word, *((token,) for token in word if len(token) > 1)}:
            yield (*first, *part)
            yield (*part, *first)
