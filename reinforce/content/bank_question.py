"""One question of a bank, whatever its format, as the nugget that a procedure's file would hold."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from reinforce.content.marks import Listing, Mapping, Marked, Place, Scalar
from reinforce.content.scalars import slug_of
from reinforce.domain.texts.weighted_length import weighted_length
from reinforce.domain.texts.wording import LIMIT

# A true-or-false question's choices, and how a false statement is said to be none, by language.
TRUE_FALSE = {
    "en": ("True", "False", "Not true: “{}”"),
    "de": ("Richtig", "Falsch", "Stimmt nicht: „{}“"),
    "fr": ("Vrai", "Faux", "Faux : « {} »"),
    "es": ("Verdadero", "Falso", "No es cierto: «{}»"),
}


@dataclass(frozen=True, slots=True)
class Unsupported(Exception):
    """A question that can't be asked in a post: why, and at which line."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as the bank has it: its text, whether it is fully right, and what its author says to it."""

    text: str
    correct: bool
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """A question with choices (`open` is False) or with accepted answers, which all stand in `answers`.

    `rest` is what follows the gap where the answer belongs inside a sentence. `truth` is set for a true-or-false
    question, which has no `answers`. `tolerance` is set for a number.
    """

    line: int
    name: str
    topic: str
    prompt: str
    answers: tuple[Answer, ...] = ()
    open: bool = False
    rest: str | None = None
    truth: bool | None = None
    tolerance: str | None = None
    explanation: str = ""

    def nugget(self, file: str, language: str) -> Marked:
        """The tree of the nugget, every part of it at the question's line."""
        place = Place(file, self.line)
        ask = self.prompt if self.rest is None else f"{self.prompt} … {self.rest}".strip()
        question = {"ask": Scalar(ask, place, plain=False), **self._answers(place, language)}
        if self.tolerance is not None:
            question["tolerance"] = Scalar(self.tolerance, place)
        if self._why():
            question["explanation"] = Scalar(self._why(), place, plain=False)
        wordings = [Scalar(text, place, plain=False) for text in self._wordings(language)]
        # A name in letters that no slug has gets one from its text, so that it stays the same when lines move.
        slug = slug_of(self.name or ask) or f"q-{hashlib.blake2b(ask.encode(), digest_size=5).hexdigest()}"
        fields: dict[str, Marked] = {
            "slug": Scalar(slug, place, plain=False),
            "title": Scalar((self.name or ask)[:120], place, plain=False),
            "source_step": Scalar(f"{file.rpartition('/')[2]}, line {self.line}"[:200], place, plain=False),
            "wordings": Listing(tuple(wordings), place),
            "question": _mapping(question, place),
        }
        if self.topic:
            fields["topic"] = Scalar(self.topic[:60], place, plain=False)
        return _mapping(fields, place)

    def _answers(self, place: Place, language: str) -> dict[str, Marked]:
        if self.open:
            accepted = dict.fromkeys(answer.text for answer in self.answers if answer.correct)
            return {"answer": Listing(tuple(Scalar(text, place, plain=False) for text in accepted), place)}
        choices = [(answer.text, answer.correct) for answer in self.answers]
        if self.truth is not None:
            yes, no, _ = TRUE_FALSE.get(language, TRUE_FALSE["en"])
            choices = [(yes, self.truth), (no, not self.truth)]
        return {"choices": Listing(tuple(_choice(text, place, correct=right) for text, right in choices), place)}

    def _why(self) -> str:
        """What the bank says to the right answer, then to the question as a whole."""
        said = [answer.feedback for answer in self.answers if answer.correct and answer.feedback][:1]
        return " ".join(dict.fromkeys([*said, *([self.explanation] if self.explanation else [])]))

    def _wordings(self, language: str) -> Sequence[str]:
        """What can be told without asking: the statement itself, the sentence with its gap filled, or the question with
        its answer; then the explanation."""
        said = self._said(language)
        why = self._why()
        whole = f"{said}\n{why}" if why and weighted_length(f"{said}\n{why}"[:2_000]) <= LIMIT else ""
        return list(dict.fromkeys(text for text in (said, whole) if text))

    def _said(self, language: str) -> str:
        if self.truth is not None:
            return self.prompt if self.truth else TRUE_FALSE.get(language, TRUE_FALSE["en"])[2].format(self.prompt)
        right = next((answer.text for answer in self.answers if answer.correct), "")
        if self.rest is not None:
            joint = "" if self.rest[:1] in {".", ",", ";", ":", "!", "?"} else " "
            return f"{self.prompt} {right}{joint}{self.rest}".strip()
        return f"{self.prompt}\n{right}"


def _choice(text: str, place: Place, *, correct: bool) -> Marked:
    written = Scalar(text, place, plain=False)
    return _mapping({"text": written, "correct": Scalar("yes", place)}, place) if correct else written


def _mapping(fields: dict[str, Marked], place: Place) -> Mapping:
    return Mapping(tuple((Scalar(key, place), value) for key, value in fields.items()), place)
