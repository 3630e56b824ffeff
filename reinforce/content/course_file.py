"""Courses as YAML or Markdown files (docs/reference/course-file.md)."""

from __future__ import annotations

from pathlib import Path

import regex

from reinforce.content.course_markdown import read_markdown
from reinforce.content.fields import Fields
from reinforce.content.marks import FaultList, Listing, Marked, Scalar, read_yaml
from reinforce.content.pictures import read_picture
from reinforce.content.question_entry import read_question
from reinforce.content.scalars import short, slug_of
from reinforce.domain.authoring.post_rules import LONGEST_POLL_OPTION
from reinforce.domain.courses.course import (
    FEWEST_STEPS,
    LONGEST_TITLE,
    MOST_PICTURES,
    MOST_STEPS,
    CourseFile,
    Step,
    StepPoll,
)
from reinforce.domain.nugget import Confidentiality, Question
from reinforce.domain.picture import Picture
from reinforce.domain.polling.poll import FEWEST_OPTIONS, LONGEST, MOST_OPTIONS, SHORTEST
from reinforce.domain.texts.canonical_text import nfc

MARKDOWN = (".md", ".markdown")
YAML_ENDINGS = (".yaml", ".yml")
_KEYS = ("title", "slug", "language", "confidentiality", "author", "steps")
_STEP_KEYS = ("title", "text", "media", "poll", "question")
_PICTURE_KEYS = ("file", "alt")
_POLL_KEYS = ("options", "for")
_LENGTH = regex.compile(r"\s*(\d{1,5})\s*([mhd])\s*")
_UNIT = {"m": 1, "h": 60, "d": 1440}
_LONGEST_TEXT = 2_000


def read_course(path: Path) -> CourseFile:
    """The course in a YAML or Markdown file. Raises ContentRefused with every fault of the file."""
    faults = FaultList()
    node = read_markdown(path, faults) if path.suffix.lower() in MARKDOWN else read_yaml(path, faults)
    course = _course_from(node, path, faults)
    faults.raise_if_any()
    return course


def _course_from(node: Marked, path: Path, faults: FaultList) -> CourseFile:
    fields = Fields(node, "a course", _KEYS, faults)
    fields.need("title", 'Add a line such as "title: Lockout in twelve steps".')
    fields.need("steps", 'Add "steps:" and under it a list; in Markdown each heading "## …" begins one.')
    items = fields.nodes("steps", most=MOST_STEPS)
    listed = fields.value("steps")
    if isinstance(listed, Listing) and len(items) < FEWEST_STEPS:
        faults.add(listed, f"there are {len(items)} steps.", "A course leads from one step to the next: two at least.")
    slug = fields.slug("slug", slug_of(path.stem))
    if not slug:
        faults.add(node, "the file's name makes no slug.", 'Add one: "slug: lockout-course" (lower case, hyphens).')
    steps = [step for item in items if (step := _step(item, path.parent, faults)) is not None]
    return CourseFile(
        slug=slug,
        title=nfc(fields.text("title", longest=80)),
        steps=tuple(steps),
        language=fields.language("language", "en"),
        confidentiality=fields.choice("confidentiality", Confidentiality.INTERNAL),
        author=nfc(fields.text("author")),
        file=str(path),
    )


def _step(node: Marked, folder: Path, faults: FaultList) -> Step | None:
    fields = Fields(node, "a step", _STEP_KEYS, faults)
    if not fields.is_mapping:
        return None
    fields.need("title", "Name it: the step before says that it comes next.")
    if not any(key in fields for key in ("text", "question", "poll")):
        fields.need("text", "Say what is to be learnt in it.")
    kinds = [key for key in ("media", "poll", "question") if key in fields]
    if len(kinds) > 1:
        advice = "Make two steps of it: X takes a poll or pictures in a post, and a question stands for itself."
        faults.add(fields.where(kinds[1]), f"the step has {' and '.join(kinds)}.", advice)
    return Step(
        title=nfc(" ".join(fields.text("title", longest=LONGEST_TITLE).split())),
        text=nfc(fields.text("text", longest=_LONGEST_TEXT)),
        pictures=_pictures(fields, folder),
        poll=_poll(fields),
        question=_question(fields),
        line=node.place.line,
    )


def _question(fields: Fields) -> Question | None:
    node = fields.value("question")
    return None if node is None else read_question(node, fields.faults)


def _pictures(fields: Fields, folder: Path) -> tuple[Picture, ...]:
    found = []
    for node in fields.nodes("media", most=MOST_PICTURES, single=True):
        entry = Fields(node, "a picture", _PICTURE_KEYS, fields.faults)
        if not entry.is_mapping:
            continue
        entry.need("file", 'Write it as "file: lock.png".')
        file, alt = entry.value("file"), entry.value("alt")
        if isinstance(file, Scalar):
            picture = read_picture(file, alt if isinstance(alt, Scalar) else None, folder, fields.faults)
            found += [] if picture is None else [picture]
    return tuple(found)


def _poll(fields: Fields) -> StepPoll | None:
    node = fields.value("poll")
    if node is None:
        return None
    poll = Fields(node, "a poll", _POLL_KEYS, fields.faults)
    if not poll.is_mapping:
        return None
    options = poll.marked_texts("options", longest=_LONGEST_TEXT)
    if not FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS:
        advice = f"X takes {FEWEST_OPTIONS} to {MOST_OPTIONS}."
        fields.faults.add(poll.where("options"), f"the poll has {len(options)} options.", advice)
    for place, option in options:
        if len(option) > LONGEST_POLL_OPTION:
            message = f'the option "{short(option)}" has {len(option)} characters.'
            fields.faults.add(place, message, f"X takes {LONGEST_POLL_OPTION}: shorten it.")
    return StepPoll(tuple(nfc(option) for _, option in options), _minutes(poll))


def _minutes(poll: Fields) -> int:
    written = poll.text("for", "24h")
    found = _LENGTH.fullmatch(written)
    minutes = int(found[1]) * _UNIT[found[2]] if found else 0
    if not SHORTEST <= minutes <= LONGEST:
        advice = 'Write "30m", "24h" or "7d": five minutes to seven days.'
        poll.faults.add(poll.where("for"), f'"{short(written)}" is no time that X keeps a poll open for.', advice)
    return minutes
