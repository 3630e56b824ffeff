"""What a document gives: its title, its paragraphs in order, and what in it was not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from reinforce.domain.authoring.drafting import Kind, Paragraph

MOST_PARAGRAPHS = 20_000
LONGEST_PARAGRAPH = 20_000
_UNSTORABLE = regex.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_WORD = r"(?i:step|schritt|étape|etape|paso)\s+"
# A number somebody typed: "3. ", "3) ", "(3) ", "2.1: ", "2.1 Close", "Step 3 ".
_TYPED = regex.compile(
    rf"\s*(?:{_WORD}(\d{{1,3}}(?:\.\d{{1,3}})*[a-z]?)\s*[.):–—-]?\s+"
    r"|\(?(\d{1,3}(?:\.\d{1,3})*)[.):]\)?\s+"
    r"|\((\d{1,3})\)\s+"
    r"|(\d{1,3}(?:\.\d{1,3})+)\s+(?=\p{Lu}))",
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read. `left_out` says in words what it holds that was not read, each with how often and where
    first: tables, deletions, pictures."""

    title: str
    paragraphs: tuple[Paragraph, ...]
    left_out: tuple[str, ...]


class LeftOut:
    """Counts what is not read, and remembers where each kind came first."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def add(self, what: str, place: str) -> None:
        """`what` is singular and with an article: "a table"."""
        self._counts[what] += 1
        self._first.setdefault(what, place)

    def in_words(self) -> tuple[str, ...]:
        """A sentence for each kind."""
        return tuple(
            f"{self._first[what]}: {what} is not read." + (f" So are {count - 1} more." if count > 1 else "")
            for what, count in self._counts.items()
        )


def folded(text: str) -> str:
    """`text` on one line, without what can't be stored."""
    return " ".join(_UNSTORABLE.sub("", text).split())[:LONGEST_PARAGRAPH]


def typed_step(text: str) -> tuple[str, str] | None:
    """A number that was typed before the text, and the rest; None where there is none."""
    found = _TYPED.match(text)
    if found is None or not text[found.end() :].strip():
        return None
    return next(group for group in found.groups() if group), text[found.end() :].strip()


def plain_paragraph(text: str, place: str, *, bullet_level: int | None = None) -> Paragraph:
    """A paragraph without a number of the program's own: a typed step, a bullet or plain text."""
    typed = typed_step(text)
    if typed is not None:
        number, rest = typed
        return Paragraph(Kind.STEP, rest, place, level=number.count("."), number=number)
    if bullet_level is not None:
        return Paragraph(Kind.BULLET, text, place, level=bullet_level)
    return Paragraph(Kind.TEXT, text, place)


# What programs write where nobody gave a title.
_UNTITLED = {"", "word document", "powerpoint presentation", "powerpoint-präsentation", "présentation powerpoint"}


def titled(given: str, paragraphs: Sequence[Paragraph], name: str) -> str:
    """The title a document gives itself, else its first heading, else the file's name."""
    first = next((one.text for one in paragraphs if one.kind is Kind.HEADING), "")
    return (first or name if given.casefold() in _UNTITLED else given)[:200]
