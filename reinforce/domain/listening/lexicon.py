"""What learners' words mean, in every shipped language at once: sets of phrases and how they are found in a reply.

A **form** is written as people write, with two signs: `(a|b)` stands for one of several, `[a|b]` for one of several or
nothing. It is spelled out into phrases (tuples of folded words) when the lexicon is built, so that finding one in a
reply costs a dictionary look-up a word, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, product

import regex
from rapidfuzz.distance import OSA

from reinforce.domain.listening.reply_text import fold_words

MOST_PHRASES = 3_000  # of one form; more is a slip of the author's
_DEEPEST = 8
_SIGNS = regex.compile(r"[()\[\]|]")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})

# Every list a lexicon may hold. docs/how-to/extend-the-lexicon.md says what each is for.
LISTS = (
    "stop", "stop_alone", "start", "snooze", "away", "until", "for_time", "join", "join_code", "join_links",
    "lookup", "lookup_how", "got_it", "got_it_alone", "got_it_blockers", "ironic", "not_sure", "not_sure_alone",
    "question_start", "question_words", "not_question", "rhetorical", "tags", "intensifiers", "openers",
    "politeness", "fillers", "praise", "sarcasm", "answer_lead", "reason", "negation", "alternatives", "but",
    "small_talk", "articles", "may_name", "not_name", "language_is", "zone_is", "catch_up",
    "vocatives", "wants", "stop_after", "grasps", "nots", "selves", "promises", "not_promised", "conditions",
    "pronouns", "seeks", "nots_behind", "grasp_links", "clears", "returned", "help", "complaints", "surfeit",
    "our_posts", "contacts", "auxiliaries", "dones", "plain_answers", "ands", "receives", "desires", "agains",
    "again_objects", "desk_ends", "upcoming", "defines", "of_the_asking",
)  # fmt: skip
# Every table of numbers: what stands for a number, a place in a row, hours, days of the week (1 is Monday).
TABLES = ("numbers", "ordinals", "durations", "moments", "weekdays")

Phrase = tuple[str, ...]


class FormError(ValueError):
    """A form that can't be spelled out; the message says why."""


def spell_out(form: str) -> tuple[Phrase, ...]:
    """Every phrase that `form` stands for, and the same with ae, oe, ue for umlauts. Raises FormError."""
    phrases: dict[Phrase, None] = {}
    for spelling in dict.fromkeys((form, form.translate(_UMLAUTS))):
        found = list(islice(_alternatives(_parse(spelling)), MOST_PHRASES + 1))
        if len(found) > MOST_PHRASES:
            raise FormError(f"it stands for more than {MOST_PHRASES:,} texts")
        phrases.update(dict.fromkeys(found))
    return tuple(phrases)


# A form as a tree: a sequence of phrases and choices; a choice is a list of sequences, one of them to be taken.
_Sequence = list["Phrase | list[_Sequence]"]


def _parse(form: str) -> _Sequence:
    """The tree of `form`; one pass with a stack."""
    stack: list[tuple[str, list[_Sequence]]] = [("", [[]])]
    position = 0
    for sign in _SIGNS.finditer(form):
        stack[-1][1][-1].append(fold_words(form[position : sign.start()]))
        position = sign.end()
        if sign[0] in "([":
            stack.append((sign[0], [[]]))
            if len(stack) > _DEEPEST:
                raise FormError("its brackets are nested too deep")
        elif sign[0] == "|":
            if len(stack) == 1:
                raise FormError('"|" stands outside of brackets')
            stack[-1][1].append([])
        else:
            opened, choices = stack.pop() if len(stack) > 1 else ("", [])
            if opened + sign[0] not in ("()", "[]"):
                raise FormError(f'"{sign[0]}" closes nothing that was opened')
            stack[-1][1][-1].append(choices if opened == "(" else [*choices, []])
    if len(stack) > 1:
        raise FormError(f'"{stack[-1][0]}" is never closed')
    stack[0][1][0].append(fold_words(form[position:]))
    return stack[0][1][0]


def _alternatives(sequence: _Sequence) -> Iterator[Phrase]:
    """Each way through the tree."""
    parts = [[part] if isinstance(part, tuple) else list(_each(part)) for part in sequence]
    for chosen in product(*parts):
        yield tuple(word for phrase in chosen for word in phrase)


def _each(choices: list[_Sequence]) -> Iterator[Phrase]:
    return islice((phrase for one in choices for phrase in _alternatives(one)), MOST_PHRASES + 1)


class Phrases:
    """A set of phrases that knows how to find its members in a row of words."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._phrases = frozenset(phrase for phrase in phrases if phrase)
        lengths: dict[str, set[int]] = {}
        for phrase in self._phrases:
            lengths.setdefault(phrase[0], set()).add(len(phrase))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def __contains__(self, words: Phrase) -> bool:
        return words in self._phrases

    def __iter__(self) -> Iterator[Phrase]:
        return iter(self._phrases)

    def __len__(self) -> int:
        return len(self._phrases)

    def at(self, words: Sequence[str], start: int) -> int:
        """How many words the longest phrase that begins at `start` takes; 0 if none does."""
        if start < len(words):
            for length in self._lengths.get(words[start], ()):
                if start + length <= len(words) and tuple(words[start : start + length]) in self._phrases:
                    return length
        return 0

    def find(self, words: Sequence[str]) -> Phrase | None:
        """The first phrase in `words`, None if there is none."""
        for start in range(len(words)):
            length = self.at(words, start)
            if length:
                return tuple(words[start : start + length])
        return None

    def without(self, words: Sequence[str]) -> tuple[str, ...]:
        """`words` less every phrase of this set, the longest first."""
        kept: list[str] = []
        position = 0
        while position < len(words):
            length = self.at(words, position)
            if not length:
                kept.append(words[position])
            position += max(length, 1)
        return tuple(kept)

    @cached_property
    def _near(self) -> Mapping[tuple[str, int], Sequence[str]]:
        """Texts by first letter and length; of few lists anybody asks for them."""
        near: dict[tuple[str, int], list[str]] = {}
        for phrase in self._phrases:
            text = " ".join(phrase)
            if len(text) >= _SHORTEST_MISSPELT:
                near.setdefault((text[0], len(text)), []).append(text)
        return near

    def nearly(self, words: Phrase) -> bool:
        """Whether `words` are a phrase misspelt: one slip of the finger (a letter more, less, other, or two swapped),
        two in a long one. Short words are left alone, where one letter makes another word, and so is the first
        letter, which people seldom mistype (Kukich 1992)."""
        text = " ".join(words)
        if len(text) < _SHORTEST_MISSPELT:
            return False
        allowed = 1 if len(text) < _LONG_PHRASE else 2
        return any(
            OSA.distance(text, near, score_cutoff=allowed) <= allowed
            for length in range(len(text) - allowed, len(text) + allowed + 1)
            for near in self._near.get((text[0], length), ())
        )


_SHORTEST_MISSPELT = 6
_LONG_PHRASE = 12


@dataclass(frozen=True)
class Lexicon:
    """All languages together. `lists` and `tables` have a key for each name in LISTS and TABLES.

    A table maps a phrase to its number: `numbers` what it counts, `ordinals` the place it names, `durations` and
    `moments` hours, `weekdays` 1 (Monday) to 7.
    """

    languages: tuple[str, ...]
    lists: Mapping[str, Phrases]
    tables: Mapping[str, Mapping[Phrase, float]]
    keys: Mapping[str, Phrases] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Phrases:
        return self.lists[name]

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of every list."""
        return frozenset(word for phrases in self.lists.values() for phrase in phrases for word in phrase)

    def nearly(self, name: str, words: Phrase) -> bool:
        """Whether `words` are a phrase of the list `name`, misspelt. Where we know each of them, none is: "just
        one" is no slip for "just done"."""
        return not self.vocabulary.issuperset(words) and self.lists[name].nearly(words)

    def without_courtesy(self, words: Phrase) -> Phrase:
        """`words` less courtesy, and less whom they address at their end ("yes, boss"); "the boss" is no address."""
        left = self.lists["politeness"].without(words)
        while left and left[-1:] in self.lists["vocatives"] and left[-2:-1] not in self.lists["articles"]:
            left = left[:-1]
        return left

    def without_openers(self, words: Phrase) -> Phrase:
        """`words` less those that may open any sentence ("so, and, ok, wait")."""
        start = 0
        while (length := self.lists["openers"].at(words, start)) and start + length < len(words):
            start += length
        return words[start:]

    def number_at(self, table: str, words: Sequence[str], start: int) -> tuple[float, int] | None:
        """The number that the longest entry of `table` beginning at `start` stands for, and how many words it takes."""
        length = self.keys[table].at(words, start)
        return (self.tables[table][tuple(words[start : start + length])], length) if length else None


def build(
    languages: Iterable[str],
    lists: Mapping[str, Iterable[Phrase]],
    tables: Mapping[str, Mapping[Phrase, float]],
) -> Lexicon:
    """A lexicon from what forms were spelled out to: `lists` by list name, `tables` phrase → number by table name."""
    phrases = {name: Phrases(lists.get(name, ())) for name in LISTS}
    numbers = {name: tables.get(name, {}) for name in TABLES}
    return Lexicon(tuple(languages), phrases, numbers, {name: Phrases(table) for name, table in numbers.items()})
