"""A learner's reply, made ready for matching: the same words whatever keyboard, alphabet form or app they came from.

Folding undoes HTML entities and compatibility forms (ＳＴＯＰ, 𝗦𝗧𝗢𝗣), drops accents, invisible and direction marks, and
case; handles, addresses and ASCII smileys go, a hashtag becomes its words, an emoji a word of its own. Time is linear
in the text, which is cut at X's own longest post first.
"""

from __future__ import annotations

import html
import unicodedata
from dataclasses import dataclass
from functools import cached_property

import regex

LONGEST = 25_000  # the longest post X lets a premium account write

# Accents go before decomposition as well: thousands stacked on one letter would take it quadratic time to sort.
_MARKS = regex.compile(r"[\p{M}\p{Cf}\u115f\u1160\u3164\uffa0\U0001f3fb-\U0001f3ff♀♂]+")
_LETTER_SIGNS = str.maketrans({"🅰": " A ", "🅱": " B ", "❓": "?", "❔": "?", "❗": "!", "❕": "!", "🙏": " 🙏 "})
_REGIONAL = regex.compile(r"[\U0001f1e6-\U0001f1ff]+")
_APOSTROPHES = regex.compile("[’‘ʼ`´ʹ′＇]")
_HANDLE = regex.compile(r"@\w{1,50}")
_LONE_AT = regex.compile(r"(?<!\S)@(?!\S)")  # "don't @ me"
_PLUS_ONE = regex.compile(r"(?<!\S)\+1(?!\s*\d|\S)")
_ADDRESS = regex.compile(r"https?://\S+|\bwww\.\S+")
_SMILEY = regex.compile(r"(?<!\S)(?:[:;=8xX]['\-^]?[)(\]\[DdPpOo/\\|3*>]+|\^\^|<3+|[xX]D+)(?!\S)")
_DOTTED = regex.compile(r"(?<!\w)(?:\p{L}\.){2,}(?:\p{L}(?!\w))?")
_HASHTAG = regex.compile(r"#(\w+)")
_CAMEL = regex.compile(r"(?<=\p{Ll})(?=\p{Lu})")
_TOKEN = regex.compile(
    r"""(?P<sarcasm>(?<!\S)/s(?!\S))
      | (?P<code>\d+\p{L}+\d[\p{L}\p{N}]*)
      | (?P<number>(?:(?<![^\s(:])-)?\d+(?:[.,:]\d+)*(?:\s?%)?)
      | (?P<word>\p{L}(?:[\p{L}\p{N}]|(?<=\p{L})'(?=\p{L}))*)
      | (?P<emoji>[\p{Extended_Pictographic}--[©®™]])
      | (?P<break>[.!?,;:…\n()\[\]{}"“”«»„|。、؟؛؟‽\u2013\u2014/]|\s-+\s)""",
    regex.VERBOSE | regex.VERSION1,
)
# French elisions stand as words of their own, so that l'arrêt holds the word arrêt; don't and it's stay whole.
_ELISION = regex.compile(r"^(l|d|j|qu|n|s|m|t|c|jusqu|lorsqu|puisqu|quelqu|aujourd)'(?=[\p{L}])", regex.IGNORECASE)
_LONG_RUN = regex.compile(r"(\p{L})\1{2,}")
_LETTERS = regex.compile(r"[A-Za-zÀ-ÖØ-öø-ľŁ-ňŊ-ſ ]*")  # no sign that folds into more than letters
_FOLDED_ALREADY = regex.compile("[a-z ]*")
_QUESTION_MARKS = frozenset("?؟‽")


@dataclass(frozen=True, slots=True)
class Word:
    """One word, number or emoji: `folded` for matching, `written` with its capitals (and an elision's apostrophe)."""

    folded: str
    written: str
    emoji: bool = False


@dataclass(frozen=True)
class Clause:
    """Words up to a `mark` that ends them, "" at the end of the text."""

    words: tuple[Word, ...]
    mark: str = ""

    @property
    def asks(self) -> bool:
        """True if it ends with a question mark."""
        return self.mark == "?"

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """The folded words."""
        return tuple(word.folded for word in self.words)

    @cached_property
    def spoken(self) -> tuple[str, ...]:
        """The folded words without emoji."""
        return tuple(word.folded for word in self.words if not word.emoji)


@dataclass(frozen=True)
class ReplyText:
    """A whole reply: its clauses, and the cleaned text they were cut from (for codes, which have their own shape)."""

    clauses: tuple[Clause, ...]
    cleaned: str
    asks: bool = False

    @cached_property
    def folded(self) -> tuple[str, ...]:
        """All folded words in order."""
        return tuple(folded for clause in self.clauses for folded in clause.folded)

    @cached_property
    def spoken(self) -> tuple[str, ...]:
        """All folded words in order, without emoji."""
        return tuple(folded for clause in self.clauses for folded in clause.spoken)


def read_text(text: str) -> ReplyText:
    """Cut `text`, as it came from X, into clauses of folded words."""
    cleaned = _clean(text)
    clauses: list[Clause] = []
    words: list[Word] = []
    asks = False
    for found in _TOKEN.finditer(cleaned):
        if found.lastgroup != "break":
            if found.lastgroup != "emoji" and words and words[-1].emoji and not words[0].emoji:
                clauses.append(Clause(tuple(words), "."))  # "that's me told 😄 understood": it ends what stands before
                words = []
            words.extend(_words(found[0], found.lastgroup or ""))
            continue
        asked = found[0] in _QUESTION_MARKS
        asks = asks or asked
        if words:
            clauses.append(Clause(tuple(words), "?" if asked else found[0]))
            words = []
        elif asked and clauses:  # "really?!?", "so: ?"
            clauses[-1] = Clause(clauses[-1].words, "?")
    if words:
        clauses.append(Clause(tuple(words)))
    return ReplyText(tuple(clauses), cleaned, asks)


def fold_words(text: str) -> tuple[str, ...]:
    """The folded words of a form of the lexicon, or of any short text: the same folding that replies go through."""
    if _LONG_RUN.search(text):
        return read_text(text).folded
    if _FOLDED_ALREADY.fullmatch(text):
        return tuple(text.split())  # most forms: a lexicon has tens of thousands of words
    if _LETTERS.fullmatch(text):
        return tuple(_MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold().split())
    return read_text(text).folded


def fold(text: str) -> str:
    """`text` folded, as one string of words with single spaces."""
    return " ".join(fold_words(text))


def _clean(text: str) -> str:
    text = html.unescape(text[:LONGEST]).translate(_LETTER_SIGNS)
    text = _REGIONAL.sub(_regional, _MARKS.sub("", text))
    # Compatibility forms grow: a single sign may stand for a whole sentence.
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text))[:LONGEST]
    text = _APOSTROPHES.sub("'", text).replace("\u2212", "-")
    text = _PLUS_ONE.sub(" 👍 ", text)
    text = _LONE_AT.sub(" at ", text)
    for pattern in (_ADDRESS, _HANDLE, _SMILEY):
        text = pattern.sub(" ", text)
    text = _DOTTED.sub(lambda dotted: dotted[0].replace(".", "") + " ", text)  # s.v.p., K.A.
    return _HASHTAG.sub(lambda tag: " " + _CAMEL.sub(" ", tag[1]) + " ", text)


def _regional(found: regex.Match[str]) -> str:
    """A lone regional letter (🇧) stands for the letter; two or more are flags and say nothing."""
    signs = found[0]
    return f" {chr(ord(signs) - 0x1F1E6 + ord('A'))} " if len(signs) == 1 else " "


def _words(written: str, kind: str) -> list[Word]:
    if kind == "emoji":
        return [Word(written, written, emoji=True)]
    if kind != "word":
        return [Word(written.replace(" ", "").casefold(), written)]
    words = []
    while elision := _ELISION.match(written):
        words.append(Word(elision[1].casefold(), elision[0]))
        written = written[elision.end() :]
    if written.casefold() == "we'll":  # apart from "well"
        return [*words, Word("we", written[:2]), Word("will", "will")]
    bare = written.replace("'", "")
    return [*words, Word(_LONG_RUN.sub(r"\1", bare.casefold()), bare)]
