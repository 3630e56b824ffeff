"""What has its place in a programme's phases: events, quizzes, polls and introductions, as the file has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any

from reinforce.content.fields import Fields
from reinforce.content.marks import FaultList, Marked, Place, Scalar, parse_yaml
from reinforce.content.plain_text import beside, read_text
from reinforce.content.quiz_file import quiz_from
from reinforce.content.scalars import slug_of
from reinforce.domain.errors import ContentRefused, ReinforceError
from reinforce.domain.polling.poll import NewPoll, check
from reinforce.domain.programmes.programme import Item, ItemKind
from reinforce.domain.texts.canonical_text import nfc
from reinforce.domain.texts.web_addresses import find_addresses
from reinforce.domain.texts.wording import hashtags

MOST_ITEMS = 40
_PLACE = ("name", "day", "at")
_KEYS = {
    ItemKind.EVENT: (
        *("title", "hashtag", "minutes", "recording_days", "link", "announce_days", "remind_hours"),
        *("follow_up", "follow_up_procedures", "follow_up_after_hours"),
    ),
    ItemKind.QUIZ: ("file",),
    ItemKind.POLL: ("ask", "options", "topics", "label", "hours"),
    ItemKind.INTRODUCTION: ("ask",),
}
LISTS = {
    "events": ItemKind.EVENT,
    "quizzes": ItemKind.QUIZ,
    "polls": ItemKind.POLL,
    "introductions": ItemKind.INTRODUCTION,
}
_USUAL_AT = time(9, 30)
_LONGEST_TITLE = 100


@dataclass(slots=True)
class ItemReader:
    """Reads the items of a programme's phases. `quizzes` gathers the texts of the quiz files that are named."""

    folder: Path
    faults: FaultList
    quizzes: dict[str, str] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)

    def read(self, phase: Fields, phase_name: str, days: int | None) -> tuple[Item, ...]:
        """The items of one phase of `days` days (None: it has no end), by day and time."""
        found = [item for key, kind in LISTS.items() for item in self._of_kind(phase, phase_name, days, key, kind)]
        return tuple(sorted(found, key=lambda one: (one.day, one.at, one.name)))

    def _of_kind(self, phase: Fields, phase_name: str, days: int | None, key: str, kind: ItemKind) -> Iterator[Item]:
        for number, node in enumerate(phase.nodes(key, most=MOST_ITEMS), start=1):
            fields = Fields(node, f"{_an(kind)} {kind}", (*_PLACE, *_KEYS[kind]), self.faults)
            if not fields.is_mapping:
                continue
            fields.need("day", "Say on which day of the phase, from 1: day: 3")
            day = fields.whole("day", 1, least=1, most=days or 366)
            at = fields.clock_time("at", _USUAL_AT)
            content = self._content(kind, fields)
            name = fields.slug("name", self._usual_name(kind, phase_name, number, content))
            if name in self._names:
                self.faults.add(fields.where("name"), f'"{name}" stands here twice.', "Give each a name of its own.")
            self._names.add(name)
            yield Item(kind, name, day, at, content, _lead(kind, content, day))

    def _content(self, kind: ItemKind, fields: Fields) -> dict[str, Any]:
        match kind:
            case ItemKind.EVENT:
                return self._event(fields)
            case ItemKind.QUIZ:
                return self._quiz(fields)
            case ItemKind.POLL:
                return self._poll(fields)
            case ItemKind.INTRODUCTION:
                return {"ask": nfc(fields.text("ask", longest=280))}

    def _usual_name(self, kind: ItemKind, phase_name: str, number: int, content: dict[str, Any]) -> str:
        if kind is ItemKind.QUIZ and content["file"]:
            return slug_of(Path(content["file"]).stem)
        return slug_of(content.get("title", "")) or f"{phase_name}-{kind}-{number}"

    def _event(self, fields: Fields) -> dict[str, Any]:
        fields.need("title", 'Say what it is called in posts: title: "Lockout, live"')
        fields.need("hashtag", "Say what people write with it, without #: hashtag: lockoutlive")
        tag = fields.text("hashtag").removeprefix("#")
        if tag and hashtags(f"#{tag}") != (tag,):
            advice = "Use letters, digits and _, at least one letter."
            self.faults.add(fields.where("hashtag"), f'"{tag}" is no hashtag.', advice)
        if "minutes" in fields and "recording_days" in fields:
            advice = "Keep minutes for a live session, recording_days for what is watched over days."
            self.faults.add(fields.where("recording_days"), "it can't be live and a recording.", advice)
        link = fields.text("link", longest=500)
        if link and not any(one.url == link and link.startswith("http") for one in find_addresses(link)):
            self.faults.add(fields.where("link"), f'"{link}" is no web address.', "Write it whole: https://…")
        recording = "recording_days" in fields
        return {
            "title": nfc(fields.text("title", longest=_LONGEST_TITLE)),
            "hashtag": tag,
            "minutes": fields.whole("minutes", 60, least=5, most=2880),
            "recording_days": fields.whole("recording_days", 0, least=1, most=366),
            "link": link,
            "announce_days": fields.whole("announce_days", 7, least=0, most=60),
            "remind_hours": self._hours(fields, [72] if recording else [24, 1]),
            "follow_up": list(fields.texts("follow_up")),
            "follow_up_procedures": list(fields.texts("follow_up_procedures")),
            "follow_up_after_hours": fields.whole("follow_up_after_hours", 24, least=0, most=1440),
        }

    def _hours(self, fields: Fields, usual: list[int]) -> list[int]:
        if "remind_hours" not in fields:
            return usual
        found = []
        for node in fields.nodes("remind_hours", most=10):
            text = node.text if isinstance(node, Scalar) else ""
            if text.isdigit() and 1 <= int(text) <= 1440:
                found.append(int(text))
            else:
                advice = "Write hours before it, 1 to 1440, as in remind_hours: [24, 1]; [] for none."
                self.faults.add(node, '"remind_hours" must hold whole hours.', advice)
        return sorted(set(found), reverse=True)

    def _quiz(self, fields: Fields) -> dict[str, Any]:
        fields.need("file", "Name the quiz file, beside this one: file: lockout-quiz.yaml")
        name = fields.text("file")
        if name and name not in self.quizzes:
            self.quizzes[name] = self._quiz_text(fields.where("file"), name)
        return {"file": name}

    def _quiz_text(self, where: Marked, name: str) -> str:
        path = beside(self.folder, name)
        if path is None or not path.is_file():
            self.faults.add(where, f"there is no file {name} beside this one.", "Its path begins where this file is.")
            return ""
        try:
            text = read_text(path)
            quiz_from(parse_yaml(text, str(path), self.faults), slug_of(path.stem), str(path), self.faults)
        except ContentRefused as refused:
            adopt(refused, self.faults)
            return ""
        return text

    def _poll(self, fields: Fields) -> dict[str, Any]:
        fields.need("ask", 'Write the question: ask: "Which step are you least sure of?"')
        fields.need("options", "Give two to four, each of at most 25 characters.")
        content = {
            "ask": nfc(fields.text("ask", longest=280)),
            "options": [nfc(one) for one in fields.texts("options", most=4)],
            "topics": ["" if one == "-" else one for one in self._topics(fields)],
            "label": fields.text("label", longest=40),
            "minutes": round(60 * fields.number("hours", 24, least=1, most=168)),
        }
        if "ask" in fields and "options" in fields:
            try:
                check(new_poll(content))
            except ReinforceError as wrong:
                self.faults.add(fields.node, f"{wrong.message}.", wrong.advice)
        return content

    def _topics(self, fields: Fields) -> list[str]:
        # Two options may stand for the same topic, or for none.
        return [node.text.strip() for node in fields.nodes("topics", most=4) if isinstance(node, Scalar)]


def new_poll(content: Mapping[str, Any]) -> NewPoll:
    """The poll that an item's content stands for."""
    options, topics = tuple(content["options"]), tuple(content["topics"])
    return NewPoll(content["ask"], options, content["minutes"], topics, content["label"])


def adopt(refused: ContentRefused, faults: FaultList) -> None:
    """Add the faults of a file that this one names, each with its own place."""
    for one in refused.faults:
        faults.add(Place(one.file, one.line, one.column, one.cell), one.message, one.advice)


def _lead(kind: ItemKind, content: dict[str, Any], day: int) -> int:
    """How many days before its own a thing is made: an event when it is announced, or, if nuggets wait for it, when its
    phase begins, since none of them may go out before it."""
    if kind is not ItemKind.EVENT:
        return 0
    waits = content["follow_up"] or content["follow_up_procedures"]
    return max(int(content["announce_days"]), day - 1 if waits else 0)


def _an(kind: ItemKind) -> str:
    return "an" if kind.value[0] in "aeiou" else "a"
