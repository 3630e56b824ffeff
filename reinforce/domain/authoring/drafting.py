"""From a document to draft nuggets: which of its paragraphs are steps, and what each still lacks to be a nugget.

A draft says what is missing in texts that begin with MARK; whatever holds one is refused when it is loaded.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import regex

from reinforce.domain.authoring.post_rules import objections
from reinforce.domain.texts.wording import LIMIT

MARK = "TODO"
LONGEST_TITLE = 70
LONGEST_TOPIC = 60
LONGEST_SLUG = 50
LONGEST_QUOTED = 2_000
_LONGEST_HEADING = 110
_MARKED = regex.compile(r"\s*TODO\b")
# Where a reason begins, in the four languages of the templates.
_REASON = regex.compile(
    r"\b(?:because|so that|otherwise|the reason|weil|damit|denn|sonst|parce que|car|afin que|sinon|porque|para que)\b"
    r"|\bwhy\s*:|\bgrund\s*:",
    regex.IGNORECASE,
)
_SENTENCE = regex.compile(r"(?<=[.!?])\s+(?=\p{Lu}|\p{N})")


class Kind(StrEnum):
    """What a paragraph of a document is."""

    HEADING = "heading"
    STEP = "step"
    BULLET = "bullet"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph. `level` counts from 0 within its kind; `number` is as the document shows it ("2.1"), "" if it has
    none; `place` says where it is, in words ("paragraph 14", "slide 3", "line 8")."""

    kind: Kind
    text: str
    place: str
    level: int = 0
    number: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `text` is its own, `under` what stands beneath it without a number, `heading` the nearest above."""

    text: str
    place: str
    number: str = ""
    heading: str = ""
    under: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """A document cut into steps. `before` counts paragraphs that belong to no step, `leading` names steps that only
    lead in others ("Isolate the machine:")."""

    steps: tuple[Step, ...]
    before: int
    leading: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A nugget to be: what the document gives and, behind MARK, what it does not."""

    slug: str
    title: str
    topic: str
    source_step: str
    wordings: tuple[str, ...]
    ask: str
    answer: str
    explanation: str

    @property
    def open_marks(self) -> int:
        """How many of its texts are still to be written."""
        return sum(is_open(text) for text in (*self.wordings, self.ask, self.answer, self.explanation))


def is_open(text: str) -> bool:
    """Whether a text is still to be written or mended: it begins with the mark."""
    return _MARKED.match(text) is not None


def cut(paragraphs: Sequence[Paragraph], *, bullets: bool = False) -> Cut:
    """The steps of a document; with `bullets`, points of the outermost level count as steps too."""
    headings: dict[int, str] = {}
    steps: list[Step] = []
    leading: list[str] = []
    before = 0
    numbers: dict[int, str] = {}
    owner: Step | None = None
    for paragraph, following in itertools.zip_longest(paragraphs, paragraphs[1:]):
        if paragraph.kind is Kind.HEADING:
            headings = {level: text for level, text in headings.items() if level < paragraph.level}
            headings[paragraph.level] = f"{paragraph.number} {paragraph.text}".strip()
            numbers, owner = {}, None
        elif _is_step(paragraph, bullets=bullets):
            number = _full_number(paragraph, numbers)
            if _leads_in(paragraph, following):
                leading.append(number or paragraph.place)
                headings[100 + paragraph.level] = paragraph.text.rstrip(": ")
                owner = None
                continue
            headings = {level: text for level, text in headings.items() if level < 100 + paragraph.level}
            owner = Step(paragraph.text, paragraph.place, number, _nearest(headings))
            steps.append(owner)
        elif owner is None:
            before += 1
        else:
            owner = Step(owner.text, owner.place, owner.number, owner.heading, (*owner.under, paragraph.text))
            steps[-1] = owner
    return Cut(tuple(steps), before, tuple(leading))


def _is_step(paragraph: Paragraph, *, bullets: bool) -> bool:
    return paragraph.kind is Kind.STEP or (bullets and paragraph.kind is Kind.BULLET and paragraph.level == 0)


def _leads_in(paragraph: Paragraph, following: Paragraph | None) -> bool:
    return (
        paragraph.text.endswith(":")
        and following is not None
        and following.kind is Kind.STEP
        and following.level > paragraph.level
    )


def _full_number(paragraph: Paragraph, numbers: dict[int, str]) -> str:
    """The number with those above it, where the document shows only its last part: "2.a" for an "a)" under "2."."""
    above = [text for level, text in numbers.items() if level < paragraph.level]
    parent = above[-1] if above else ""
    number = paragraph.number
    if parent and number and not _holds(number, parent):
        number = f"{parent}.{number}"
    for level in [level for level in numbers if level >= paragraph.level]:
        del numbers[level]
    if number:
        numbers[paragraph.level] = number
    return number


def _holds(number: str, parent: str) -> bool:
    """Whether a number begins with its parent's: "2.1" and "2a" with "2", but neither "2" nor "21"."""
    rest = number.removeprefix(parent)
    if not rest or rest == number:
        return False
    return not (rest[0].isdigit() if parent[-1].isdigit() else rest[0].isalnum())


def _nearest(headings: dict[int, str]) -> str:
    return headings[max(headings)] if headings else ""


def drafts(steps: Iterable[Step], document: str) -> tuple[Draft, ...]:
    """A draft for each step, in order, each with a slug of its own; `document` is the name of the file."""
    taken: set[str] = set()
    made = []
    for step in steps:
        title = _title(step.text)
        slug = _free_slug(_slug(title) or "step", taken)
        taken.add(slug)
        made.append(_draft(step, slug, title, document))
    return tuple(made)


def _draft(step: Step, slug: str, title: str, document: str) -> Draft:
    reason = _reason(step)
    return Draft(
        slug=slug,
        title=title,
        topic=_clip(step.heading, LONGEST_TOPIC),
        source_step=_source(step, document),
        wordings=_wordings(step),
        ask=f"{MARK}: ask about this step, or take the question out",
        answer=f"{MARK}: the answer, or choices with the right one marked",
        explanation=reason or f"{MARK}: why is it so? The document gives no reason",
    )


def _wordings(step: Step) -> tuple[str, ...]:
    """The step in the document's own words, then what a second wording should do."""
    whole = "\n".join((step.text, *step.under))
    if step.under and not _against(whole):
        found = [whole]
    else:
        found = [_fitting(step.text)]
        if step.under:
            beneath = _clip(" / ".join(step.under), LONGEST_QUOTED)
            found.append(f"{MARK}: a wording or a nugget of its own for what stands under it: {beneath}")
    return (*found, f"{MARK}: say it again in other words: the reason, what happens otherwise, a small story")


def _fitting(text: str) -> str:
    """`text`, or what speaks against posting it before the text itself."""
    against = _against(text)
    return f"{MARK}: {against} {_clip(text, LONGEST_QUOTED)}" if against else text


def _against(text: str) -> str:
    if len(text) > LONGEST_QUOTED:  # far beyond a post, and weighing it letter by letter would take its time
        return f"the text has {len(text):,} characters; {LIMIT} fit. Cut it into several nuggets."
    return " ".join(f"{one.message} {one.advice}" for one in objections(text))


def _reason(step: Step) -> str:
    """The sentence that gives a reason and fits a reveal, "" if there is none."""
    for sentence in _SENTENCE.split(" ".join((step.text, *step.under))):
        if len(sentence) <= 200 and _REASON.search(sentence) and not objections(sentence, room=200):
            return sentence
    return ""


def _source(step: Step, document: str) -> str:
    parts = [_clip(document, 60), _clip(step.heading, _LONGEST_HEADING)]
    return ", ".join([part for part in parts if part] + [f"step {step.number}" if step.number else step.place])[:200]


def _title(text: str) -> str:
    first = _SENTENCE.split(text)[0]
    return _clip(first.rstrip(" .:;,"), LONGEST_TITLE)


def _clip(text: str, longest: int) -> str:
    """`text`, cut at a word if it is longer."""
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(" .:;,") + "…"


def _slug(words: str) -> str:
    plain = regex.sub(r"\p{M}", "", unicodedata.normalize("NFKD", words)).lower().replace("ß", "ss")
    slug = regex.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return slug if len(slug) <= LONGEST_SLUG else slug[: LONGEST_SLUG + 1].rpartition("-")[0] or slug[:LONGEST_SLUG]


def _free_slug(slug: str, taken: set[str]) -> str:
    return next(one for n in itertools.count(1) if (one := slug if n == 1 else f"{slug}-{n}") not in taken)
