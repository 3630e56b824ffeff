"""Whether a nugget that was changed still means the same: if it does not, what was posted of it before is wrong.

The rule is plain, so that an author can foresee it: the meaning changed if the right answer did, or if a figure was
replaced by another one. Everything else is wording. The author has the last word (`reinforce load --meaning NUGGET`,
`--wording-only NUGGET`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import regex

_FIGURE = regex.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True, slots=True)
class Difference:
    """One text that was taken out (`after` empty), put in (`before` empty) or replaced."""

    what: str
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What changed between two revisions of a nugget (as `revision.nugget_content` keeps them), for a person."""
    found = []
    if before["title"] != after["title"]:
        found.append(Difference("title", before["title"], after["title"]))
    old, new = (list(dict.fromkeys(one["text"] for one in side["wordings"])) for side in (before, after))
    gone, come = [text for text in old if text not in new], [text for text in new if text not in old]
    for place in range(max(len(gone), len(come))):
        pair = (gone[place] if place < len(gone) else "", come[place] if place < len(come) else "")
        found.append(Difference("wording", *pair))
    asked = [_asked(side.get("question")) for side in (before, after)]
    found += [
        Difference(what, asked[0].get(what, ""), asked[1].get(what, ""))
        for what in ("question", "right answer", "hints", "explanation")
        if asked[0].get(what, "") != asked[1].get(what, "")
    ]
    rest = [key for key in sorted(before) if key not in {"title", "wordings", "question", "slug"}]
    found += [Difference(key, _plain(before[key]), _plain(after[key])) for key in rest if before[key] != after[key]]
    return tuple(found)


def why_meaning_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Why the meaning is another one, in words; "" if only the wording is."""
    answers = [_right(side.get("question")) for side in (before, after)]
    if answers[0] and answers[1] and not answers[0] & answers[1]:
        return "the right answer is another one"
    figures = [set(_figures(side)) for side in (before, after)]
    gone, come = figures[0] - figures[1], figures[1] - figures[0]
    if gone and come:
        return f"a figure was replaced: {', '.join(sorted(gone))} by {', '.join(sorted(come))}"
    return ""


def same_answer(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    """Whether a question still asks the same and has the same answer; its hints and its explanation aside."""
    if before is None or after is None:
        return False
    return all(before.get(key) == after.get(key) for key in ("kind", "prompt", "options", "accepted", "tolerance"))


def _asked(question: Mapping[str, Any] | None) -> dict[str, str]:
    if not question:
        return {}
    choices = [f"{one['key']}. {one['text']}" for one in question["options"]]
    right = [one["text"] for one in question["options"] if one["correct"]] or list(question["accepted"])
    tolerance = question.get("tolerance")
    return {
        "question": "\n".join([question["prompt"], *choices]),
        "right answer": "; ".join(right) + (f" ± {tolerance:g}" if tolerance else ""),
        "hints": "\n".join(question["hints"]),
        "explanation": question["explanation"],
    }


def _right(question: Mapping[str, Any] | None) -> set[str]:
    """What is right, without regard to case and space."""
    if not question:
        return set()
    right = [one["text"] for one in question["options"] if one["correct"]] or question["accepted"]
    return {" ".join(text.casefold().split()) for text in right}


def _figures(content: Mapping[str, Any]) -> Iterator[str]:
    """Every figure that learners are told: in wordings, right answers and explanations."""
    told = [one["text"] for one in content["wordings"]]
    question = content.get("question")
    if question:
        told += [*_right(question), question["explanation"]]
    for text in told:
        yield from _FIGURE.findall(text)


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):  # a picture
        return f"{value['name']} ({value['hash'][:8]}): {value['alt']}"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return "" if value is None else str(value)
