"""A nugget as the fields of a form: what somebody types, as a file would say it, and which field a fault belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Form

from reinforce.content.added_nugget import Written
from reinforce.content.nugget_entry import MOST_WORDINGS
from reinforce.content.pictures import as_named, kept_hash
from reinforce.content.question_entry import MOST_CHOICES, MOST_HINTS
from reinforce.domain.errors import Fault
from reinforce.domain.nugget import Nugget, Procedure, Question, QuestionKind

# Empty fields for further wordings; saving gives further ones.
SPARE_WORDINGS, FEWEST_WORDINGS = 2, 4
_NUMBERED = re.compile(r"(wording|choice|hint) (\d+)")
_BY_THEMSELVES = frozenset({
    "title", "slug", "topic", "tags", "importance", "requires", "audience", "source_step", "confidentiality",
    "wordings", "question", "kind", "ask", "choices", "answer", "tolerance", "hints", "explanation",
    "image", "alt",
})  # fmt: skip

_Item = TypeVar("_Item")
Typed = Annotated[str, Form()]
Several = Annotated[list[str] | None, Form()]


@dataclass(frozen=True, slots=True)
class WordingField:
    """One wording as typed; `language` and `style` may be empty."""

    text: str = ""
    language: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """The fields of the form, as they were typed; `image` names a picture that is kept. Those that may hold several
    values hold one a line; `correct` is the number of the right choice; `kind` is "" where nothing is asked."""

    slug: str = ""
    title: str = ""
    topic: str = ""
    tags: str = ""
    importance: str = ""
    requires: str = ""
    audience: str = ""
    source_step: str = ""
    confidentiality: str = ""
    image: str = ""
    alt: str = ""
    wordings: tuple[WordingField, ...] = ()
    kind: str = ""
    ask: str = ""
    choices: tuple[str, ...] = ()
    correct: str = ""
    answer: str = ""
    tolerance: str = ""
    hints: tuple[str, ...] = ()
    explanation: str = ""

    @property
    def picture(self) -> str:
        """The hash that its picture is kept under; "" where `image` names none."""
        return kept_hash(self.image)

    @property
    def wording_fields(self) -> tuple[WordingField, ...]:
        """Those that the form shows: some empty ones behind what there is."""
        many = max(FEWEST_WORDINGS, len(self._used) + SPARE_WORDINGS, len(self.wordings))
        return _filled(self.wordings, WordingField(), min(MOST_WORDINGS, many))

    @property
    def choice_fields(self) -> tuple[str, ...]:
        """A field for each choice that a question can have."""
        return _filled(self.choices, "", MOST_CHOICES)

    @property
    def hint_fields(self) -> tuple[str, ...]:
        """A field for each hint."""
        return _filled(self.hints, "", MOST_HINTS)

    @property
    def _used(self) -> list[int]:
        return [number for number, one in enumerate(self.wordings, 1) if one.text.strip()]

    def written(self) -> dict[str, Written]:
        """What a file would say of it. What was left empty is not in it, but for what a nugget can't be without."""
        values: dict[str, Written] = {
            "slug": self.slug,
            "title": self.title,
            "topic": self.topic,
            "tags": _lines(self.tags),
            "importance": self.importance,
            "requires": self.requires.replace(",", " ").split(),
            "audience": _lines(self.audience),
            "source_step": self.source_step,
            "confidentiality": self.confidentiality,
            "image": self.image,
            "alt": self.alt if self.image else "",
            "wordings": [_wording(one) for one in self.wordings if one.text.strip()],
            "question": self._question() if self.kind else {},
        }
        said = {key: value.strip() if isinstance(value, str) else value for key, value in values.items()}
        return {key: value for key, value in said.items() if value or key in {"title", "wordings"}}

    def _question(self) -> dict[str, Written]:
        choices: list[Written] = [
            {"text": text, "correct": "yes"} if self.correct == str(number) else text
            for number, text in enumerate(self.choices, 1)
            if text.strip()
        ]
        multiple = self.kind == QuestionKind.MULTIPLE_CHOICE
        values: dict[str, Written] = {
            "kind": self.kind,
            "ask": self.ask.strip(),
            "choices": choices if multiple else [],
            "answer": [] if multiple else _lines(self.answer),
            "tolerance": self.tolerance.strip() if self.kind == QuestionKind.NUMBER else "",
            "hints": [one for one in self.hints if one.strip()],
            "explanation": self.explanation.strip(),
        }
        return {
            key: value for key, value in values.items() if value or key in {"ask", "choices" if multiple else "answer"}
        }

    def beside(self, faults: Iterable[Fault]) -> tuple[dict[str, str], tuple[Fault, ...]]:
        """What is wrong, by the field that it belongs to; and what belongs to none of them."""
        fields: dict[str, str] = {}
        others = []
        for fault in faults:
            name = self._field(fault.cell)
            if name:
                said = f"{fault.message} {fault.advice}".strip()
                fields[name] = f"{fields[name]} {said}" if name in fields else said
            else:
                others.append(fault)
        return fields, tuple(others)

    def _field(self, cell: str) -> str:
        numbered = _NUMBERED.fullmatch(cell)
        if numbered is None:
            return cell if cell in _BY_THEMSELVES else ""
        item, number = numbered[1], int(numbered[2])
        typed: Sequence[str] = {
            "wording": [one.text for one in self.wordings], "choice": self.choices, "hint": self.hints,
        }[item]  # fmt: skip
        used = [place for place, text in enumerate(typed, 1) if text.strip()]
        return f"{item}-{used[number - 1]}" if number <= len(used) else f"{item}s"


def entry_of(nugget: Nugget, procedure: Procedure) -> Entry:
    """The form of a nugget that is there."""
    asked = nugget.question or Question(QuestionKind.SHORT, "")
    right = [number for number, one in enumerate(asked.options, 1) if one.correct]
    own = nugget.confidentiality is not procedure.confidentiality
    return Entry(
        slug=nugget.slug,
        title=nugget.title,
        topic=nugget.topic,
        tags="\n".join(nugget.tags),
        importance="" if nugget.importance == 1 else repr(nugget.importance),
        requires=", ".join(nugget.prerequisites),
        audience="\n".join(nugget.audience),
        source_step=nugget.source_step,
        confidentiality=nugget.confidentiality.value if own else "",
        image="" if nugget.picture is None else as_named(nugget.picture),
        alt="" if nugget.picture is None else nugget.picture.alt,
        wordings=tuple(
            WordingField(one.text, "" if one.language == procedure.language else one.language, one.style)
            for one in nugget.wordings
        ),
        kind="" if nugget.question is None else asked.kind.value,
        ask=asked.prompt,
        choices=tuple(one.text for one in asked.options),
        correct=str(right[0]) if right else "",
        answer="\n".join(asked.accepted),
        tolerance="" if not asked.tolerance else repr(asked.tolerance),
        hints=asked.hints,
        explanation=asked.explanation,
    )


def typed_entry(  # noqa: PLR0913, PLR0917 - the fields of a form, by their names
    slug: Typed = "",
    title: Typed = "",
    topic: Typed = "",
    tags: Typed = "",
    importance: Typed = "",
    requires: Typed = "",
    audience: Typed = "",
    source_step: Typed = "",
    confidentiality: Typed = "",
    image: Typed = "",
    alt: Typed = "",
    wording: Several = None,
    wording_language: Several = None,
    wording_style: Several = None,
    kind: Typed = "",
    ask: Typed = "",
    choice: Several = None,
    correct: Typed = "",
    answer: Typed = "",
    tolerance: Typed = "",
    hint: Several = None,
    explanation: Typed = "",
) -> Entry:
    """Dependency of the routes that take the form."""
    texts = [_plain(one) for one in wording or ()][:MOST_WORDINGS]
    languages, styles = (_filled(tuple(one or ()), "", len(texts)) for one in (wording_language, wording_style))
    return Entry(
        slug=slug,
        title=title,
        topic=topic,
        tags=_plain(tags),
        importance=importance,
        requires=requires,
        audience=_plain(audience),
        source_step=source_step,
        confidentiality=confidentiality,
        image=image,
        alt=_plain(alt),
        wordings=tuple(WordingField(*one) for one in zip(texts, languages, styles, strict=False)),
        kind=kind,
        ask=_plain(ask),
        choices=tuple(choice or ())[:MOST_CHOICES],
        correct=correct,
        answer=_plain(answer),
        tolerance=tolerance,
        hints=tuple(_plain(one) for one in hint or ())[:MOST_HINTS],
        explanation=_plain(explanation),
    )


def _wording(one: WordingField) -> Written:
    said = {"text": one.text.strip(), "style": one.style.strip(), "language": one.language.strip()}
    return {key: value for key, value in said.items() if value} if said["style"] or said["language"] else said["text"]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _plain(text: str) -> str:
    """Line ends as everywhere else: a browser sends two characters for one."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _filled(there: tuple[_Item, ...], empty: _Item, many: int) -> tuple[_Item, ...]:
    return (*there, *[empty] * (many - len(there)))
