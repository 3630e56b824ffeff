"""A programme: phases before, during and after, each with its cadence and goal, and what has its place in them.

A programme knows no dates, only days of its phases; a run of it on a cohort (runs.py) has dates. It is kept as plain
JSON (`content/programme_file.py` writes it, `Programme.from_content` reads it back), with the whole content of its
cadences and quizzes, so that a cohort goes on with what it was started with even if the files change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Any

from reinforce.domain.cohort import Completes
from reinforce.domain.nugget import Confidentiality

LONGEST_DAYS = 730


class ItemKind(StrEnum):
    """What can have its place in a phase."""

    EVENT = "event"
    QUIZ = "quiz"
    POLL = "poll"
    INTRODUCTION = "introduction"


@dataclass(frozen=True, slots=True)
class Item:
    """One of them: on `day` of its phase (from 1), at a local time of day. `content` is what the file says of it
    (docs/reference/programme-file.md); `lead` is how many days before it has to be made known."""

    kind: ItemKind
    name: str
    day: int
    at: time
    content: Mapping[str, Any]
    lead: int = 0

    def as_content(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "kind": self.kind.value,
            "name": self.name,
            "day": self.day,
            "at": f"{self.at:%H:%M}",
            "content": dict(self.content),
            "lead": self.lead,
        }

    @staticmethod
    def from_content(content: Mapping[str, Any]) -> Item:
        """The item that plain JSON stands for."""
        at = time.fromisoformat(content["at"])
        kind = ItemKind(content["kind"])
        return Item(kind, content["name"], content["day"], at, content["content"], content["lead"])


@dataclass(frozen=True, slots=True)
class Phase:
    """`days` long (None: the last one, it goes on until somebody finishes it). `cadence` is a cadence's validated
    content. `goal` is said in words; `recall` is the mean recall, per cent, that is wanted of each nugget. `assessment`
    is a day of the phase."""

    name: str
    days: int | None
    cadence: Mapping[str, Any]
    goal: str = ""
    recall: int | None = None
    assessment: int | None = None
    items: tuple[Item, ...] = ()

    def as_content(self) -> dict[str, Any]:
        """Plain JSON."""
        plain = {name: getattr(self, name) for name in ("name", "days", "goal", "recall", "assessment")}
        return {**plain, "cadence": dict(self.cadence), "items": [one.as_content() for one in self.items]}

    @staticmethod
    def from_content(content: Mapping[str, Any]) -> Phase:
        """The phase that plain JSON stands for."""
        return Phase(**{**content, "items": tuple(Item.from_content(one) for one in content["items"])})


@dataclass(frozen=True, slots=True)
class Programme:
    """The whole of it. One can join during its first `join_days` days (None: at any time). `quizzes` are the texts of
    quiz files, by the names that items give."""

    slug: str
    title: str
    phases: tuple[Phase, ...]
    about: str = ""
    audience: Confidentiality = Confidentiality.INTERNAL
    completes: Completes = Completes.END
    join_days: int | None = None
    quizzes: Mapping[str, str] | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        """Of all phases."""
        return tuple(item for phase in self.phases for item in phase.items)

    def as_content(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "slug": self.slug,
            "title": self.title,
            "about": self.about,
            "audience": self.audience.value,
            "completes": self.completes.value,
            "join_days": self.join_days,
            "phases": [one.as_content() for one in self.phases],
            "quizzes": dict(self.quizzes or {}),
        }

    @staticmethod
    def from_content(content: Mapping[str, Any]) -> Programme:
        """The programme that plain JSON stands for."""
        return Programme(
            **{
                **content,
                "audience": Confidentiality(content["audience"]),
                "completes": Completes(content["completes"]),
                "phases": tuple(Phase.from_content(one) for one in content["phases"]),
            }
        )
