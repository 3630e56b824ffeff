"""The question of a nugget: choices with one right among them, accepted short answers, or a number with a tolerance."""

from __future__ import annotations

from collections.abc import Sequence

from reinforce.content.fields import Fields
from reinforce.content.marks import FaultList, Marked, Scalar
from reinforce.content.scalars import as_number, checked_text
from reinforce.domain.authoring.post_rules import AROUND_A_HINT, explanation_room, objections, question_room
from reinforce.domain.nugget import Option, Question, QuestionKind
from reinforce.domain.texts.canonical_text import nfc
from reinforce.domain.texts.wording import LIMIT

MOST_CHOICES = 4
MOST_ACCEPTED = 20
MOST_HINTS = 5
_KEYS = ("kind", "ask", "choices", "answer", "tolerance", "hints", "explanation")
_CHOICE_KEYS = ("text", "correct")
_LONGEST = 1_000


def read_question(node: Marked, faults: FaultList) -> Question | None:
    """The question at `node`; None if it can't be told what kind it is (reported)."""
    fields = Fields(node, "a question", _KEYS, faults)
    if not fields.is_mapping:
        return None
    fields.need("ask", 'Write what is asked: "ask: Who removes a lock?".')
    kind = _kind(fields)
    if kind is None:
        return None
    question = Question(
        kind=kind,
        prompt=nfc(fields.text("ask", longest=_LONGEST)),
        options=_options(fields) if kind is QuestionKind.MULTIPLE_CHOICE else (),
        accepted=() if kind is QuestionKind.MULTIPLE_CHOICE else _accepted(fields, kind),
        tolerance=fields.number("tolerance", 0.0, least=0) if kind is QuestionKind.NUMBER else None,
        hints=tuple(nfc(hint) for hint in fields.texts("hints", longest=_LONGEST, most=MOST_HINTS)),
        explanation=nfc(fields.text("explanation", longest=_LONGEST)),
    )
    _check_lengths(fields, question)
    return question


def _kind(fields: Fields) -> QuestionKind | None:
    """The kind as named, else as the other keys tell: choices, a tolerance or a lone number, or else a short answer."""
    if "choices" in fields and ("answer" in fields or "tolerance" in fields):
        other = "answer" if "answer" in fields else "tolerance"
        advice = 'Mark the right choice with "correct: yes", or leave the choices out.'
        fields.faults.add(fields.where(other), f'a question has "choices" or "{other}", not both.', advice)
        return None
    if "choices" not in fields and "answer" not in fields:
        advice = 'Add "choices:" with one marked "correct: yes", or "answer:" with the accepted answers.'
        fields.faults.add(fields.node, "a question needs choices or an answer.", advice)
        return None
    inferred = _inferred(fields)
    kind = fields.choice("kind", inferred)
    if (kind is QuestionKind.MULTIPLE_CHOICE) != ("choices" in fields):
        advice = f'Leave "kind" out, or write "kind: {inferred}".'
        fields.faults.add(fields.where("kind"), f'"kind" says {kind}, the other keys say {inferred}.', advice)
        return None
    return kind


def _inferred(fields: Fields) -> QuestionKind:
    if "choices" in fields:
        return QuestionKind.MULTIPLE_CHOICE
    answer = fields.value("answer")
    lone_number = isinstance(answer, Scalar) and as_number(answer.text) is not None
    return QuestionKind.NUMBER if lone_number or "tolerance" in fields else QuestionKind.SHORT


def _options(fields: Fields) -> tuple[Option, ...]:
    nodes = fields.nodes("choices", most=50)
    where, faults = fields.where("choices"), fields.faults
    read = [_choice(node, faults) for node in nodes]
    if not 2 <= len(nodes) <= MOST_CHOICES:
        message = f"a question has two to {MOST_CHOICES} choices, not {len(nodes)}."
        faults.add(where, message, "Add some, or take some out.")
    right = sum(correct for _, correct in read)
    if right != 1 and nodes:
        advice = 'Mark the one right choice: "- text: …" and under it "correct: yes".'
        faults.add(where, f"{right or 'no'} choices are marked as correct.", advice)
    _check_distinct(nodes, [text for text, _ in read], faults)
    return tuple(Option("ABCD"[n], text, correct) for n, (text, correct) in enumerate(read[:MOST_CHOICES]))


def _choice(node: Marked, faults: FaultList) -> tuple[str, bool]:
    """A choice is a text, or a text with its mark."""
    if isinstance(node, Scalar):
        return nfc(checked_text(node, "choices", faults, _LONGEST)), False
    fields = Fields(node, "a choice", _CHOICE_KEYS, faults)
    fields.need("text", 'Write it as "text: …".')
    return nfc(fields.text("text", longest=_LONGEST)), fields.flag("correct")


def _check_distinct(nodes: Sequence[Marked], texts: Sequence[str], faults: FaultList) -> None:
    seen: set[str] = set()
    for node, text in zip(nodes, texts, strict=True):
        key = " ".join(text.casefold().split())
        if key and key in seen:
            faults.add(node, f'the choice "{text}" stands there twice.', "Replace one of the two.")
        seen.add(key)


def _accepted(fields: Fields, kind: QuestionKind) -> tuple[str, ...]:
    answers = fields.marked_texts("answer", longest=100, most=MOST_ACCEPTED)
    if not answers and "answer" in fields:
        fields.faults.add(fields.where("answer"), "there is no answer.", "Write at least one that is accepted.")
    if kind is QuestionKind.SHORT:
        return tuple(nfc(text) for _, text in answers)
    if len(answers) > 1:
        advice = 'Write one number, and how far off an answer may be as "tolerance".'
        fields.faults.add(fields.where("answer"), "a question for a number has one answer.", advice)
    for node, text in answers:
        if as_number(text) is None:
            advice = 'Write digits, as in 1.5; or "kind: short" if words are meant.'
            fields.faults.add(node, f'the answer "{text}" is no number.', advice)
    return tuple(text for _, text in answers)


def _check_lengths(fields: Fields, question: Question) -> None:
    """What could never be posted: the prompt with its choices, a hint, the reveal with its reason."""
    room = max(question_room(question), 0)
    for objection in objections(question.prompt, room=room):
        note = " Choices count too." if question.options else ""
        fields.faults.add(fields.where("ask"), objection.message, objection.advice + note)
    for option, node in zip(question.options, fields.nodes("choices", most=50), strict=False):
        for objection in objections(option.text):
            fields.faults.add(node, objection.message, objection.advice)
    for node, hint in fields.marked_texts("hints", longest=_LONGEST, most=MOST_HINTS):
        for objection in objections(hint, room=LIMIT - AROUND_A_HINT):
            fields.faults.add(node, objection.message, objection.advice)
    for objection in objections(question.explanation, room=max(explanation_room(question), 0)):
        advice = f"{objection.advice} The right answer stands before it."
        fields.faults.add(fields.where("explanation"), objection.message, advice)
