"""A course: steps in an order, each of which names the next, as a file gives them and as they are posted."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from reinforce.domain.nugget import Confidentiality, Question
from reinforce.domain.picture import Picture, ShownPicture

FEWEST_STEPS, MOST_STEPS = 2, 50
LONGEST_TITLE = 60
# What X takes: pictures a post.
MOST_PICTURES = 4
# The outbox's word for a step.
FORM = "course_step"


@dataclass(frozen=True, slots=True)
class StepPoll:
    """A poll of a step, open for `minutes` once it is posted."""

    options: tuple[str, ...]
    minutes: int


@dataclass(frozen=True, slots=True)
class Step:
    """A step as its author wrote it; `line` is where it begins in the file. Of pictures, poll and question there is one
    at most."""

    title: str
    text: str
    pictures: tuple[Picture, ...] = ()
    poll: StepPoll | None = None
    question: Question | None = None
    line: int = 1


@dataclass(frozen=True, slots=True)
class CourseFile:
    """A course as a file gives it. `author` is who wrote it, "" if the file does not say; `file` is its name."""

    slug: str
    title: str
    steps: tuple[Step, ...]
    language: str = "en"
    confidentiality: Confidentiality = Confidentiality.INTERNAL
    author: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class PostedStep:
    """A step as it is posted: `text` is all of the post's. `answer` and `explanation` are of its question, for the
    course's page; `price_micros` is what posting it costs."""

    number: int
    title: str
    text: str
    pictures: tuple[ShownPicture, ...] = ()
    options: tuple[str, ...] = ()
    minutes: int = 0
    answer: str = ""
    explanation: str = ""
    price_micros: int = 0

    @property
    def poll(self) -> dict[str, Any] | None:
        """Its poll as the outbox takes it."""
        return {"options": list(self.options), "minutes": self.minutes} if self.options else None

    @property
    def media(self) -> list[dict[str, Any]] | None:
        """Its pictures as the outbox takes them."""
        return [one.media for one in self.pictures] or None


def content_hash(steps: tuple[PostedStep, ...]) -> str:
    """What people will see, as one SHA-256 in hexadecimal: texts, pictures with their words, polls, in their order."""
    seen = [[one.text, one.media, one.poll, one.answer, one.explanation] for one in steps]
    return hashlib.sha256(json.dumps(seen, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def as_content(steps: tuple[PostedStep, ...]) -> list[dict[str, Any]]:
    """The steps as plain JSON."""
    return [asdict(one) for one in steps]


def from_content(content: list[dict[str, Any]]) -> tuple[PostedStep, ...]:
    """The steps from their JSON."""
    return tuple(
        PostedStep(
            **{
                **one,
                "pictures": tuple(ShownPicture(**picture) for picture in one["pictures"]),
                "options": tuple(one["options"]),
            }
        )
        for one in content
    )


class ThreadState(StrEnum):
    """OPEN is being posted, or stands. WITHDRAWING is being taken off, WITHDRAWN is."""

    OPEN = "open"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"
