"""A procedure, cut into nuggets: the values that content files become and the store keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from reinforce.domain.picture import Picture, ShownPicture


class Confidentiality(StrEnum):
    """Where a nugget may be said. INTERNAL (the default) is refused for a public account, everywhere."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Form(StrEnum):
    """How a nugget is posted."""

    REMINDER = "reminder"
    QUESTION = "question"
    POLL = "poll"


# X shows a picture or a poll, never both.
WITH_PICTURE = frozenset({Form.REMINDER, Form.QUESTION})


class Origin(StrEnum):
    """Where a nugget came from: a procedure's file, a colleague's tip, or the answer to a colleague's question."""

    FILE = "file"
    TIP = "tip"
    ANSWER = "answer"


class QuestionKind(StrEnum):
    """How an answer is judged: a letter or its text, a short text, or a number with a tolerance."""

    MULTIPLE_CHOICE = "multiple_choice"
    SHORT = "short"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a multiple-choice question. `key` is "A" to "D"; as a poll option `text` has ≤ 25 characters."""

    key: str
    text: str
    correct: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A question on one nugget. `options` is empty unless it is multiple choice, `accepted` empty if it is."""

    kind: QuestionKind
    prompt: str
    options: tuple[Option, ...] = ()
    accepted: tuple[str, ...] = ()
    tolerance: float | None = None
    hints: tuple[str, ...] = ()
    explanation: str = ""

    @property
    def guess(self) -> float:
        """Chance of a right answer without knowing: 1/choices, and next to nothing for an open answer."""
        return 1.0 / len(self.options) if self.options else 0.02


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to say a nugget. `language` is an ISO 639-1 code; `style` a free word the report groups by."""

    text: str
    language: str = "en"
    style: str = ""


@dataclass(frozen=True, slots=True)
class Nugget:
    """One thing to remember. `slug` is unique in its procedure; `audience` holds roles, empty for everyone. `picture`
    goes out with its reminders and questions; polls can't show one."""

    slug: str
    title: str
    wordings: tuple[Wording, ...]
    question: Question | None = None
    importance: float = 1.0
    prerequisites: tuple[str, ...] = ()
    topic: str = ""
    tags: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    source_step: str = ""
    confidentiality: Confidentiality = Confidentiality.INTERNAL
    picture: ShownPicture | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """A process or procedure as loaded from one file. `assessment` is the local date its recall is wanted on.
    `pictures` are those that it brings with it; a nugget may also show one that is kept already."""

    slug: str
    title: str
    owner: str
    nuggets: tuple[Nugget, ...]
    language: str = "en"
    audience: tuple[str, ...] = ()
    importance: float = 1.0
    confidentiality: Confidentiality = Confidentiality.INTERNAL
    assessment: date | None = None
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredWording:
    """A wording with its row id."""

    id: int
    text: str
    language: str
    style: str


@dataclass(frozen=True, slots=True)
class StoredNugget:
    """A nugget as the plan, the grader and the console see it, with row ids.

    `importance` is the nugget's times its procedure's; `requires` holds ids of prerequisite nuggets; `audience` holds
    roles (the nugget's, else its procedure's), empty for everyone; `wordings` are the live ones in order.
    """

    id: int
    procedure_id: int
    procedure: str
    slug: str
    title: str
    topic: str
    tags: tuple[str, ...]
    audience: tuple[str, ...]
    importance: float
    confidentiality: Confidentiality
    source_step: str
    position: int
    revision: int
    retired: bool
    wordings: tuple[StoredWording, ...]
    question_id: int | None
    question: Question | None
    requires: tuple[int, ...]
    assessment: date | None
    picture: ShownPicture | None = None
