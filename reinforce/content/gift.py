"""Moodle's GIFT question banks: multiple choice, true or false, short answers, sentences with a gap, exact numbers.

Matching, essays, ranges of numbers, several right choices and partly right ones can't be asked in a post: they are
given as `Unsupported`, with their line. Feedback to the right answer and to the whole becomes the explanation.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape

import regex

from reinforce.content.bank_question import Answer, BankQuestion, Unsupported

_CATEGORY = regex.compile(r"\$CATEGORY:\s*(.+)")
_NAME = regex.compile(r"::((?:\\.|[^\\])*?)::", regex.DOTALL)
_FORMAT = regex.compile(r"\[(html|markdown|moodle|plain)\]", regex.IGNORECASE)
# A backslash makes the next character stand for itself; "\n" is a line end.
_PIECE = regex.compile(r"\\.|[~=#{}]|->", regex.DOTALL)
_WEIGHT = regex.compile(r"%(-?[0-9]+(?:\.[0-9]+)?)%")
_TAG = regex.compile(r"</?[a-zA-Z][^<>]*>")
_PICTURE = regex.compile(r"<\s*(?:img|video|audio|object|iframe)\b|@@PLUGINFILE@@", regex.IGNORECASE)
_NUMBER = regex.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def gift_questions(text: str) -> Iterator[BankQuestion | Unsupported]:
    """Every question in order, or why one can't be taken."""
    topic = ""
    for line, block in _blocks(text):
        category = _CATEGORY.match(block)
        if category:
            topic = unescape(category[1]).rpartition("/")[2].strip()
            continue
        try:
            yield _question(line, block, topic)
        except Unsupported as unsupported:
            yield unsupported


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """What stands between empty lines, comments aside; each with the line it begins on. An empty line inside braces
    ends nothing."""
    begin, lines, depth = 0, list[str](), 0
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("//"):
            continue
        if _CATEGORY.match(line.strip()) and not depth:
            if lines:
                yield begin, "\n".join(lines)
            yield number, line.strip()
            begin, lines = 0, []
        elif line.strip() or depth:
            begin = begin or number
            lines.append(line)
            bare = regex.sub(r"\\.", "", line)
            depth = max(depth + bare.count("{") - bare.count("}"), 0)
        elif lines:
            yield begin, "\n".join(lines)
            begin, lines = 0, []
    if lines:
        yield begin, "\n".join(lines)


def _question(line: int, block: str, topic: str) -> BankQuestion:
    block = block.strip()
    named = _NAME.match(block)
    name = _plain(named[1], line) if named else ""
    before, inside, after = _parts(line, block[named.end() :] if named else block)
    marked = _FORMAT.match(before.strip())
    prompt = _plain(before.strip()[marked.end() :] if marked else before, line)
    rest = _plain(after, line) or None
    inside, explanation = _general_feedback(inside, line)
    if not prompt:
        raise Unsupported(line, "it has no text before its answers")
    head = inside.split("#")[0].strip().upper()
    if not inside:
        raise Unsupported(line, "it is an essay, which nobody can grade in a reply")
    if head in {"T", "TRUE", "F", "FALSE"}:
        return _true_or_false(line, name, topic, prompt, inside, explanation)
    if inside.startswith("#"):
        return _number(line, name, topic, prompt, inside[1:].strip(), explanation)
    answers = tuple(_answers(line, inside))
    choices = any(sign == "~" for sign, _ in answers)
    found = tuple(answer for _, answer in answers)
    _require_askable(line, found, choices=choices)
    return BankQuestion(line, name, topic, prompt, found, not choices, rest, explanation=explanation)


def _parts(line: int, text: str) -> tuple[str, str, str]:
    """What stands before the braces, in them and after them."""
    opens = _find(text, "{", 0)
    closes = _find(text, "}", opens + 1) if opens >= 0 else -1
    if opens < 0:
        raise Unsupported(line, "it is a description without a question")
    if closes < 0:
        raise Unsupported(line, "its brace is never closed")
    return text[:opens], text[opens + 1 : closes].strip(), text[closes + 1 :]


def _find(text: str, sign: str, start: int) -> int:
    return next((found.start() for found in _PIECE.finditer(text, start) if found[0] == sign), -1)


def _general_feedback(inside: str, line: int) -> tuple[str, str]:
    place = regex.search(r"(?<!\\)####", inside)
    if place is None:
        return inside, ""
    return inside[: place.start()].strip(), _plain(inside[place.end() :], line)


def _true_or_false(line: int, name: str, topic: str, prompt: str, inside: str, explanation: str) -> BankQuestion:
    parts = [_plain(part, line) for part in regex.split(r"(?<!\\)#", inside)]
    # Feedback to a wrong answer comes first, then that to the right one.
    why = " ".join(dict.fromkeys(part for part in (*parts[2:3], explanation) if part))
    truth = parts[0].upper() in {"T", "TRUE"}
    return BankQuestion(line, name, topic, prompt, truth=truth, explanation=why)


def _number(line: int, name: str, topic: str, prompt: str, inside: str, explanation: str) -> BankQuestion:
    value, _, feedback = inside.partition("#")
    exact, _, tolerance = value.strip().removeprefix("=").partition(":")
    if not _NUMBER.fullmatch(exact.strip()) or (tolerance and not _NUMBER.fullmatch(tolerance.strip())):
        raise Unsupported(line, "it asks for a range of numbers, or for several")
    answer = Answer(exact.strip(), True, _plain(feedback, line))
    more = {"open": True, "tolerance": tolerance.strip() or "0", "explanation": explanation}
    return BankQuestion(line, name, topic, prompt, (answer,), **more)  # type: ignore[arg-type]


def _answers(line: int, inside: str) -> Iterator[tuple[str, Answer]]:
    """Each answer with the sign before it; its weight and its feedback are read, and a matching pair refused."""
    signs = [found for found in _PIECE.finditer(inside) if found[0] in {"~", "="}]
    if not signs or inside[: signs[0].start()].strip():
        raise Unsupported(line, "its answers don't begin with = or ~")
    ends = [found.start() for found in signs[1:]] + [len(inside)]
    for sign, end in zip(signs, ends, strict=True):
        words = inside[sign.end() : end].strip()
        if _find(words, "->", 0) >= 0:
            raise Unsupported(line, "it is a matching question")
        weight = _WEIGHT.match(words)
        text, _, feedback = _cut(words[weight.end() :] if weight else words)
        share = float(weight[1]) if weight else (100.0 if sign[0] == "=" else 0.0)
        if 0 < share < 100:
            raise Unsupported(line, "answers of it are partly right")
        yield sign[0], Answer(_plain(text, line), share >= 100, _plain(feedback, line))


def _cut(words: str) -> tuple[str, str, str]:
    place = _find(words, "#", 0)
    return (words, "", "") if place < 0 else (words[:place], "#", words[place + 1 :])


def _require_askable(line: int, answers: tuple[Answer, ...], *, choices: bool) -> None:
    right = sum(answer.correct for answer in answers)
    if choices and right != 1:
        raise Unsupported(line, f"{right or 'none'} of its choices are right")
    if not choices and not right:
        raise Unsupported(line, "none of its answers is right")
    if not choices and any("*" in answer.text for answer in answers):
        raise Unsupported(line, "its answer holds a * for any letters")


def _plain(text: str, line: int) -> str:
    """The text as people read it: signs that were escaped, entities undone, tags taken out."""
    if _PICTURE.search(text):
        raise Unsupported(line, "it shows a picture or a film")
    undone = regex.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text, flags=regex.DOTALL)
    return " ".join(unescape(_TAG.sub(" ", undone)).split())
