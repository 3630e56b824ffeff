"""Aiken question banks: a question, its lettered choices, and "ANSWER: B", with empty lines between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import regex

from reinforce.content.bank_question import Answer, BankQuestion, Unsupported

ANSWER = regex.compile(r"ANSWER:\s*([A-Z])\s*$")
_CHOICE = regex.compile(r"([A-Z])[.)]\s+(.*\S)\s*$")
_FEEDBACK = regex.compile(r"FEEDBACK:\s*(.*\S)\s*$", regex.IGNORECASE)


def aiken_questions(text: str) -> Iterator[BankQuestion | Unsupported]:
    """Every question in order, or why one can't be taken."""
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            reader.take(number, line.strip())
    reader.end("no ANSWER line follows it")
    yield from reader.found


class _Reader:
    """Gathers one question after another; what is open has no ANSWER line yet."""

    def __init__(self) -> None:
        self.found: list[BankQuestion | Unsupported] = []
        self._begin = 0
        self._prompt: list[str] = []
        self._choices: dict[str, str] = {}

    def take(self, number: int, words: str) -> None:
        """One line that is not empty."""
        answer, choice, feedback = ANSWER.match(words), _CHOICE.match(words), _FEEDBACK.match(words)
        last = self.found[-1] if self.found and not self._prompt else None
        if feedback and isinstance(last, BankQuestion):
            self.found[-1] = replace(last, explanation=feedback[1])
        elif answer:
            self.found.append(_question(self._begin or number, self._prompt, self._choices, answer[1]))
            self._begin, self._prompt, self._choices = 0, [], {}
        elif choice and self._prompt and (self._choices or choice[1] == "A"):
            self._choices[choice[1]] = choice[2]
        else:
            if self._choices:
                self.end("no ANSWER line follows its choices")
            self._begin = self._begin or number
            self._prompt.append(words)

    def end(self, why: str) -> None:
        """Give up what is open."""
        if self._prompt:
            self.found.append(Unsupported(self._begin, why))
        self._begin, self._prompt, self._choices = 0, [], {}


def _question(line: int, prompt: list[str], choices: dict[str, str], right: str) -> BankQuestion | Unsupported:
    if not prompt or not choices:
        return Unsupported(line, "the ANSWER line follows no question with choices")
    if right not in choices:
        return Unsupported(line, f"the answer {right} is none of its choices")
    answers = tuple(Answer(text, letter == right) for letter, text in choices.items())
    return BankQuestion(line, "", "", " ".join(prompt), answers)
