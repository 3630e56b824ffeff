"""Whether each step leads to the next: numbers that a text brings along, and whom it names as the next step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from reinforce.domain.texts.canonical_text import nfc
from reinforce.domain.texts.wording import normalise

NEXT = "{next}"
_OWN_NUMBER = regex.compile(
    r"\A\s*\(?(\d{1,3})\s*/\s*(\d{1,3})\)?(?=[\s.:)\-]|\Z)|\(?(?<![\d/])(\d{1,3})\s*/\s*(\d{1,3})\)?\s*\Z"
)
# What is more likely a fraction ("1/2 turn") than the number of a step.
_FRACTIONS = 4


@dataclass(frozen=True, slots=True)
class Misled:
    """What is wrong with the step at `index`, and what to do."""

    index: int
    message: str
    advice: str


def names(text: str, title: str) -> bool:
    """Whether `text` names the step called `title`: its words in their order, whatever their case."""
    return bool(title) and folded(title) in folded(text)


def folded(text: str) -> str:
    """A text as titles are compared: without case, blanks folded."""
    return normalise(nfc(text)).casefold()


def misled(titles: Sequence[str], texts: Sequence[str], lead: str) -> Iterator[Misled]:
    """Every step that leads nowhere, or somewhere else than to the step after it.

    `lead` is what stands before the next step's title ("Next: ").
    """
    first: dict[str, int] = {}
    total = len(titles)
    for index, (title, text) in enumerate(zip(titles, texts, strict=True)):
        key = folded(title)
        if key and key in first:
            advice = "Give each its own title: the step before is to name it."
            yield Misled(index, f'step {index + 1} has the title of step {first[key] + 1}, "{title}".', advice)
        first.setdefault(key, index)
        yield from _own_number(index, total, text)
        following = titles[index + 1] if index + 1 < total else ""
        yield from _leads_elsewhere(index, text, following, lead)


def _own_number(index: int, total: int, text: str) -> Iterator[Misled]:
    found = _OWN_NUMBER.search(text)
    said = [part for part in found.groups() if part] if found else []
    if said and (int(said[1]) == total or int(said[1]) > _FRACTIONS):
        written = "/".join(said)
        advice = "Take it out: each post gets its number by itself."
        yield Misled(index, f"the text brings its own number {written}; the step is {index + 1}/{total}.", advice)


def _leads_elsewhere(index: int, text: str, following: str, lead: str) -> Iterator[Misled]:
    if not following and NEXT in text:
        yield Misled(index, f"the last step says {NEXT}, and there is none after it.", "Take it out, or add a step.")
    start = folded(lead)
    for line in text.split("\n"):
        said = folded(line)
        if not start or not said.startswith(start) or NEXT in line:
            continue
        if not following:
            yield Misled(index, f'the last step leads on ("{line.strip()}").', "Take the line out, or add the step.")
        elif not names(line, following):
            advice = f"Write {NEXT} for the title, or leave the line out: it is added."
            yield Misled(index, f'it leads to "{line.strip()}"; the next step is "{following}".', advice)
