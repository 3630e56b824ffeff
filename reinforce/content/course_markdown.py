"""A course in Markdown as the same tree that YAML makes, each piece with its place.

Headings "## …" begin steps. Below one stand paragraphs, pictures `![alt](file)`, "Poll (24h):" with its list, or
"Question: …" with a list whose right choice is ticked `- [x]` (or "Answer: …"), and "Why: …". X shows no bold and no
named links, so a text that has them is refused rather than posted with its signs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import regex

from reinforce.content.marks import FaultList, Listing, Mapping, Marked, Place, Scalar, parse_yaml
from reinforce.content.plain_text import read_text
from reinforce.content.scalars import short

_PICTURE = regex.compile(r"!\[(.*?)\]\(\s*<?([^)>]*?)>?\s*\)")
_POLL = regex.compile(r"poll(?:\s*\(\s*(\w+)\s*\))?\s*:\s*", regex.IGNORECASE)
_QUESTION = regex.compile(r"question\s*:\s*(.+)", regex.IGNORECASE)
_ANSWER = regex.compile(r"answer\s*:\s*(.+)", regex.IGNORECASE)
_WHY = regex.compile(r"why\s*:\s*(.+)", regex.IGNORECASE)
_TICKED = regex.compile(r"[-*]\s+\[([ xX])\]\s+(.+)")
_ITEM = regex.compile(r"[-*]\s+(.+)")
_LISTED = regex.compile(r"(?:[-*•]|\d+[.)])\s")
_NOT_SHOWN = (
    (
        regex.compile(r"(?<!!)\[[^\]]+\]\([^)]+\)"),
        "a named link; X shows only the address",
        "Write the address itself.",
    ),
    (regex.compile(r"\*\*[^*]+\*\*|__[^_]+__"), "bold letters, which X does not show", "Take the signs out."),
    (regex.compile(r"`[^`]+`"), "code marks, which X does not show", "Take the signs out."),
)


@dataclass(slots=True)
class _Step:
    """A step that is being read."""

    title: Scalar
    lines: list[tuple[int, str]] = field(default_factory=list)


def read_markdown(path: Path, faults: FaultList) -> Marked:
    """The tree of the course in `path`. Raises ContentRefused where nothing can be read."""
    lines = read_text(path).replace("\r\n", "\n").split("\n")
    file = str(path)
    entries, begin = _front_matter(lines, file, faults)
    steps: list[_Step] = []
    for number, line in enumerate(lines[begin:], start=begin + 1):
        _take(line, Place(file, number), entries, steps, faults)
    listed = Listing(
        tuple(_step(one, file, faults) for one in steps), Place(file, steps[0].title.place.line if steps else 1)
    )
    if steps:
        entries["steps"] = (Scalar("steps", listed.place), listed)
    return Mapping(tuple(entries.values()), Place(file))


def _front_matter(lines: list[str], file: str, faults: FaultList) -> tuple[dict[str, tuple[Scalar, Marked]], int]:
    """What stands between two lines "---" at the top, and where the course begins."""
    if not lines or lines[0].strip() != "---":
        return {}, 0
    end = next((number for number, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if end is None:
        faults.add(Place(file), 'the lines at the top are not closed with "---".', "Add such a line below them.")
        return {}, 1
    # An empty first line keeps the line numbers right.
    written = "\n" + "\n".join(lines[1:end])
    if not written.strip():
        return {}, end + 1
    node = parse_yaml(written, file, faults)
    if not isinstance(node, Mapping):
        faults.add(node, 'the lines at the top must be "key: value" lines.', 'Such as "confidentiality: public".')
        return {}, end + 1
    return {key.text: (key, value) for key, value in node.entries}, end + 1


def _take(
    line: str, place: Place, entries: dict[str, tuple[Scalar, Marked]], steps: list[_Step], faults: FaultList
) -> None:
    if line.startswith("# "):
        if "title" in entries or steps:
            faults.add(place, "a second title.", 'A step begins with two signs: "## …".')
        else:
            entries["title"] = (Scalar("title", place), Scalar(line[2:].strip(), place, plain=False))
    elif line.startswith("## "):
        steps.append(_Step(Scalar(line[3:].strip(), place, plain=False)))
    elif line.startswith("#"):
        faults.add(place, "X shows no headings within a post.", 'Begin a step with "## ", or take the sign out.')
    elif steps:
        steps[-1].lines.append((place.line, line))
    elif line.strip():
        faults.add(place, "this stands before the first step, and would not be posted.", 'Put it below a "## …".')


def _step(step: _Step, file: str, faults: FaultList) -> Mapping:
    reader = _StepReader(step, file, faults)
    for number, line in step.lines:
        reader.take(line.strip(), Place(file, number))
    return reader.mapping()


class _StepReader:
    """Reads the lines of one step. `_list` takes the items of the poll or question that was begun last."""

    def __init__(self, step: _Step, file: str, faults: FaultList) -> None:
        self._title, self._file, self._faults = step.title, file, faults
        self._paragraphs: list[list[str]] = [[]]
        self._text_at: Place | None = None
        self._pictures: list[Marked] = []
        self._poll: tuple[Place, str | None, list[Marked]] | None = None
        self._question: tuple[Scalar, list[Marked], list[tuple[Scalar, Marked]]] | None = None
        self._list = ""

    def take(self, line: str, place: Place) -> None:
        if not line:
            self._paragraphs.append([])
            return
        if self._begins(line, place) or self._continues(line, place):
            return
        self._list = ""
        for pattern, what, advice in _NOT_SHOWN:
            if pattern.search(line):
                self._faults.add(place, f"there is {what}.", advice)
        self._text_at = self._text_at or place
        self._paragraphs[-1].append(line)

    def mapping(self) -> Mapping:
        place = self._title.place
        entries: list[tuple[str, Marked]] = [("title", self._title)]
        text = "\n\n".join("\n".join(_joined(lines)) for lines in self._paragraphs if lines)
        if text:
            entries.append(("text", Scalar(text, self._text_at or place, plain=False)))
        if self._pictures:
            entries.append(("media", Listing(tuple(self._pictures), self._pictures[0].place)))
        if self._poll is not None:
            at, length, options = self._poll
            poll: list[tuple[str, Marked]] = [("options", Listing(tuple(options), at))]
            poll += [("for", Scalar(length, at))] if length else []
            entries.append(("poll", _mapping(poll, at)))
        if self._question is not None:
            asked, choices, more = self._question
            question: list[tuple[str, Marked]] = [("ask", asked)]
            question += [("choices", Listing(tuple(choices), asked.place))] if choices else []
            question += [(key.text, value) for key, value in more]
            entries.append(("question", _mapping(question, asked.place)))
        return _mapping(entries, place)

    def _begins(self, line: str, place: Place) -> bool:
        """Whether the line is a picture, or begins a poll or a question."""
        if picture := _PICTURE.fullmatch(line):
            entry: list[tuple[str, Marked]] = [("file", Scalar(picture[2], place, plain=False))]
            entry.append(("alt", Scalar(picture[1], place, plain=False)))
            self._pictures.append(_mapping(entry, place))
            return True
        if poll := _POLL.fullmatch(line):
            self._once(self._poll is None, "poll", place)
            self._poll, self._list = (place, poll[1], []), "poll"
            return True
        if question := _QUESTION.fullmatch(line):
            self._once(self._question is None, "question", place)
            self._question, self._list = (Scalar(question[1].strip(), place, plain=False), [], []), "question"
            return True
        return False

    def _once(self, first: bool, what: str, place: Place) -> None:
        if not first:
            self._faults.add(place, f"the step has a second {what}.", "Make a step of its own of it.")

    def _continues(self, line: str, place: Place) -> bool:
        """Whether the line belongs to the poll or question above it."""
        if self._list == "poll" and self._poll is not None and (item := _ITEM.fullmatch(line)):
            self._poll[2].append(Scalar(item[1].strip(), place, plain=False))
            return True
        if self._list != "question" or self._question is None:
            return False
        if ticked := _TICKED.fullmatch(line):
            choice: list[tuple[str, Marked]] = [("text", Scalar(ticked[2].strip(), place, plain=False))]
            choice.append(("correct", Scalar("yes" if ticked[1] in "xX" else "no", place)))
            self._question[1].append(_mapping(choice, place))
            return True
        if _ITEM.fullmatch(line):
            self._faults.add(place, f'"{short(line)}" is not ticked and not unticked.', 'Write "- [x] …" or "- [ ] …".')
            return True
        for pattern, key in ((_ANSWER, "answer"), (_WHY, "explanation")):
            if found := pattern.fullmatch(line):
                self._question[2].append((Scalar(key, place), Scalar(found[1].strip(), place, plain=False)))
                return True
        return False


def _mapping(entries: list[tuple[str, Marked]], place: Place) -> Mapping:
    return Mapping(tuple((Scalar(key, value.place), value) for key, value in entries), place)


def _joined(lines: list[str]) -> list[str]:
    """Lines that an editor broke become one again; items of a list keep theirs."""
    found: list[str] = []
    for line in lines:
        if found and not _LISTED.match(line) and not _LISTED.match(found[-1]):
            found[-1] += f" {line}"
        else:
            found.append(line)
    return found
